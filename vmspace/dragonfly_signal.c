/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The signal hand-off of the drop-in face: sigaction() and signal() of a
 * vkernel's program.
 *
 * A handler must not run in the middle of a call: it may leave by a jump, or
 * make calls itself.  So the host's handler for every wrapped signal is
 * on_signal().  Inside a call it only records the signal and kicks the guest
 * out; when the call is over the thread sends the signal to itself, and the
 * host delivers it as it always does: mask, alternate stack and all.
 */
#include "vmspace/dragonfly.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define VMSPACE_HOST_SIGACTION
#include <dragonfly/signal.h>

#include "vmspace/lwp.h"

/* Passed to the host as they are.  SA_RESETHAND is done here: the host would
 * do it when the signal is recorded. */
#define HOST_FLAGS                                                             \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_ONSTACK | SA_RESTART | SA_NODEFER)

/* What the program installed; read by on_signal() at any time. */
static struct action {
	atomic_bool ours;
	atomic_int flags;
	_Atomic(uintptr_t) handler; /* u_handler, u_sigaction or u_mailbox */
	sigset_t mask;              /* guarded by actions_lock */
} actions[DRAGONFLY_SIGNALS];
static pthread_mutex_t actions_lock = PTHREAD_MUTEX_INITIALIZER;

static void action_get(int sig, struct vmspace_sigaction *out);
static int action_set(int sig, const struct vmspace_sigaction *act);
static int host_install(int sig, const struct vmspace_sigaction *act);
static bool stays_default(int sig, const struct vmspace_sigaction *act);
static void on_signal(int sig, siginfo_t *info, void *context);
static bool is_fault(int sig, const siginfo_t *info);
static void mailbox_deliver(int sig, const struct action *action);
static void signal_record(
    struct dragonfly_thread *thread, int sig, const siginfo_t *info);
static void handler_call(int sig, siginfo_t *info, void *context);
static void default_action(int sig, const siginfo_t *info);

int
vmspace_sigaction(int sig, const struct vmspace_sigaction *act,
    struct vmspace_sigaction *oact)
{
	struct vmspace_sigaction wanted, old;
	sigset_t all, mask;
	int error = 0;

	if (sig < 1 || sig >= DRAGONFLY_SIGNALS)
		return dragonfly_result(EINVAL);
	if (act != NULL)
		wanted = *act;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	pthread_mutex_lock(&actions_lock);
	action_get(sig, &old);
	if (act != NULL)
		error = action_set(sig, &wanted);
	pthread_mutex_unlock(&actions_lock);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (error == 0 && oact != NULL)
		*oact = old;
	return dragonfly_result(error);
}

void (*vmspace_signal(int sig, void (*handler)(int)))(int)
{
	struct vmspace_sigaction act, old = { .sa_flags = 0 };

	act.sa_action.u_handler = handler;
	act.sa_flags = SA_RESTART;
	sigemptyset(&act.sa_mask);
	if (vmspace_sigaction(sig, &act, &old) != 0)
		return SIG_ERR;
	return old.sa_action.u_handler;
}

/* Function pointers and integers of one size: POSIX requires it of dlsym(). */
static uintptr_t
handler_word(const struct vmspace_sigaction *act)
{
	if ((act->sa_flags & SA_MAILBOX) != 0)
		return (uintptr_t)act->sa_action.u_mailbox;
	if ((act->sa_flags & SA_SIGINFO) != 0)
		return (uintptr_t)act->sa_action.u_sigaction;
	return (uintptr_t)act->sa_action.u_handler;
}

static void
action_get(int sig, struct vmspace_sigaction *out)
{
	struct action *action = &actions[sig];
	uintptr_t handler = atomic_load(&action->handler);
	struct sigaction host;

	if (!atomic_load(&action->ours)) {
		sigaction(sig, NULL, &host);
		out->sa_flags = host.sa_flags;
		out->sa_mask = host.sa_mask;
		if ((host.sa_flags & SA_SIGINFO) != 0)
			out->sa_action.u_sigaction = host.sa_sigaction;
		else
			out->sa_action.u_handler = host.sa_handler;
		return;
	}
	out->sa_flags = atomic_load(&action->flags);
	out->sa_mask = action->mask;
	if ((out->sa_flags & SA_MAILBOX) != 0)
		out->sa_action.u_mailbox = (int *)handler;
	else if ((out->sa_flags & SA_SIGINFO) != 0)
		out->sa_action.u_sigaction =
		    (void (*)(int, siginfo_t *, void *))handler;
	else
		out->sa_action.u_handler = (void (*)(int))handler;
}

/* The row is complete before the host can deliver by it. */
static int
action_set(int sig, const struct vmspace_sigaction *act)
{
	struct action *action = &actions[sig];
	bool was_ours = atomic_load(&action->ours);
	int was_flags = atomic_load(&action->flags);
	uintptr_t was_handler = atomic_load(&action->handler);
	int error;

	atomic_store(&action->flags, act->sa_flags);
	atomic_store(&action->handler, handler_word(act));
	atomic_store(&action->ours, true);
	if ((error = host_install(sig, act)) == 0) {
		action->mask = act->sa_mask;
		return 0;
	}
	atomic_store(&action->flags, was_flags);
	atomic_store(&action->handler, was_handler);
	atomic_store(&action->ours, was_ours);
	return error;
}

static int
host_install(int sig, const struct vmspace_sigaction *act)
{
	struct sigaction host = { .sa_mask = act->sa_mask,
		.sa_flags = act->sa_flags & HOST_FLAGS };

	if (stays_default(sig, act)) {
		host.sa_handler = act->sa_action.u_handler;
	} else {
		host.sa_flags |= SA_SIGINFO;
		host.sa_sigaction = on_signal;
	}
	if ((act->sa_flags & SA_MAILBOX) != 0)
		host.sa_flags &= ~SA_RESTART;
	return sigaction(sig, &host, NULL) == 0 ? 0 : errno;
}

/* SIGBUS may be the library's own, whatever the program wants of it. */
static bool
stays_default(int sig, const struct vmspace_sigaction *act)
{
	if (sig == SIGBUS || (act->sa_flags & SA_MAILBOX) != 0)
		return false;
	return act->sa_action.u_handler == SIG_DFL ||
	       act->sa_action.u_handler == SIG_IGN;
}

static void
on_signal(int sig, siginfo_t *info, void *context)
{
	struct dragonfly_thread *thread = dragonfly_thread();
	const struct action *action = &actions[sig];
	int saved = errno;

	if (sig == SIGBUS && is_fault(sig, info) &&
	    vms_handle_sigbus(info->si_addr))
		;
	else if ((atomic_load(&action->flags) & SA_MAILBOX) != 0)
		mailbox_deliver(sig, action);
	else if (thread != NULL && thread->depth > 0 && !is_fault(sig, info))
		signal_record(thread, sig, info);
	else
		handler_call(sig, info, context);
	errno = saved;
}

/* Raised by what this thread just did, so it cannot wait. */
static bool
is_fault(int sig, const siginfo_t *info)
{
	if (info->si_code <= 0 || info->si_code == SI_USER)
		return false;
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE ||
	       sig == SIGILL || sig == SIGTRAP;
}

/* postsig of sys/kern/kern_sig.c: the number is stored, the process flagged,
 * and only the thread that takes the signal leaves its guest. */
static void
mailbox_deliver(int sig, const struct action *action)
{
	struct dragonfly_thread *thread = dragonfly_thread();
	struct vms_proc *proc = dragonfly_proc();
	volatile int *mailbox = (int *)atomic_load(&action->handler);

	*mailbox = sig;
	if (proc != NULL)
		atomic_store(&proc->mailbox, true);
	if (thread != NULL && thread->depth > 0 && thread->lwp != NULL)
		vms_lwp_interrupt(thread->lwp);
}

static void
signal_record(struct dragonfly_thread *thread, int sig, const siginfo_t *info)
{
	struct dragonfly_signal *signal_row = &thread->signals[sig];

	if (signal_row->count++ == 0) {
		signal_row->info = *info;
		signal_row->has_info = true;
	}
	thread->pending = 1;
	if (thread->lwp != NULL)
		vms_lwp_interrupt(thread->lwp);
}

void
dragonfly_signals_deliver(struct dragonfly_thread *thread)
{
	sigset_t all, mask;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	thread->pending = 0;
	for (int sig = 1; sig < DRAGONFLY_SIGNALS; sig++) {
		for (; thread->signals[sig].count > 0;
		     thread->signals[sig].count--)
			pthread_kill(pthread_self(), sig);
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void
handler_call(int sig, siginfo_t *info, void *context)
{
	struct dragonfly_thread *thread = dragonfly_thread();
	struct action *action = &actions[sig];
	uintptr_t handler = atomic_load(&action->handler);
	int flags = atomic_load(&action->flags);

	if (thread != NULL && thread->signals[sig].has_info) {
		*info = thread->signals[sig].info;
		thread->signals[sig].has_info = false;
	}
	if ((flags & SA_SIGINFO) == 0 &&
	    ((void (*)(int))handler == SIG_DFL ||
		(void (*)(int))handler == SIG_IGN)) {
		default_action(sig, info);
		return;
	}
	if ((flags & (int)SA_RESETHAND) != 0) {
		atomic_store(&action->flags, 0);
		atomic_store(&action->handler, (uintptr_t)SIG_DFL);
		if (sig != SIGBUS)
			(signal)(sig, SIG_DFL);
	}
	if ((flags & SA_SIGINFO) != 0)
		((void (*)(int, siginfo_t *, void *))handler)(
		    sig, info, context);
	else
		((void (*)(int))handler)(sig);
}

/* Only SIGBUS comes here.  A fault happens again when the handler returns. */
static void
default_action(int sig, const siginfo_t *info)
{
	bool fault = is_fault(sig, info);

	if (!fault &&
	    (void (*)(int))atomic_load(&actions[sig].handler) == SIG_IGN)
		return;
	(signal)(sig, SIG_DFL);
	if (!fault)
		raise(sig);
}
