/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/hostsig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <vmspace/vmspace.h>

#include "base/os.h"
#include "base/os_guest.h"

static const int caught[] = { SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2,
	SIGALRM, SIGTERM, SIGURG, SIGWINCH, SIGVTALRM, SIGPROF, SIGIO, SIGTSTP,
	SIGCONT };

#define CAUGHT   (sizeof(caught) / sizeof(caught[0]))
#define QUITS    3
#define QUITS_NS UINT64_C(1000000000)

struct vk_hostsig {
	atomic_ullong terminal, others;
	atomic_uint quits;
	_Atomic uint64_t quit_ns[QUITS]; /* when the last ones came */
	_Atomic(struct vms_lwp *) lwp;
	int pipe_fds[2];
	struct sigaction old[CAUGHT];
	struct sigaction old_pipe;
};

static _Atomic(struct vk_hostsig *) current;

static void
note(struct vk_hostsig *hostsig, int signal, bool terminal)
{
	unsigned quits;
	uint64_t bit;

	bit = UINT64_C(1) << (os_signal_to_linux(signal) - 1);
	atomic_fetch_or(terminal ? &hostsig->terminal : &hostsig->others, bit);
	if (signal != SIGQUIT)
		return;
	quits = atomic_fetch_add(&hostsig->quits, 1);
	atomic_store(&hostsig->quit_ns[quits % QUITS], os_monotonic_ns());
}

/* What no process has sent comes from the terminal. */
static void
hostsig_handler(int signal, siginfo_t *info, void *context)
{
	struct vk_hostsig *hostsig;
	struct vms_lwp *lwp;
	int saved;

	(void)context;
	saved = errno;
	hostsig = atomic_load(&current);
	if (hostsig != NULL) {
		note(hostsig, signal, info->si_pid == 0);
		lwp = atomic_load(&hostsig->lwp);
		if (lwp != NULL)
			vms_lwp_interrupt(lwp);
		if (write(hostsig->pipe_fds[1], "", 1) < 0)
			errno = 0; /* a full pipe wakes as well */
	}
	errno = saved;
}

static struct sigaction
hostsig_action(void)
{
	struct sigaction action;

	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_SIGINFO;
	action.sa_sigaction = hostsig_handler;
	return action;
}

/* A signal that was ignored stays so: the host is not asked to send it. */
static uint64_t
hostsig_install(struct vk_hostsig *hostsig)
{
	struct sigaction action;
	uint64_t ignored;
	size_t i;

	ignored = 0;
	action = hostsig_action();
	for (i = 0; i < CAUGHT; i++) {
		sigaction(caught[i], NULL, &hostsig->old[i]);
		if (hostsig->old[i].sa_handler == SIG_IGN)
			ignored |= UINT64_C(1)
				   << (os_signal_to_linux(caught[i]) - 1);
		sigaction(caught[i], &action, NULL);
	}
	sigaction(SIGPIPE, NULL, &hostsig->old_pipe);
	if (hostsig->old_pipe.sa_handler == SIG_IGN)
		ignored |= UINT64_C(1) << (os_signal_to_linux(SIGPIPE) - 1);
	action.sa_flags = 0;
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	return ignored;
}

int
hostsig_open(struct vk_hostsig **out, uint64_t *ignored)
{
	struct vk_hostsig *hostsig, *none;
	int error;

	hostsig = calloc(1, sizeof(*hostsig));
	if (hostsig == NULL)
		return ENOMEM;
	if (os_pipe(hostsig->pipe_fds, 04000) != 0) {
		error = errno;
		free(hostsig);
		return error;
	}
	*ignored = 0;
	none = NULL;
	if (atomic_compare_exchange_strong(&current, &none, hostsig))
		*ignored = hostsig_install(hostsig);
	*out = hostsig;
	return 0;
}

void
hostsig_close(struct vk_hostsig *hostsig)
{
	size_t i;

	if (hostsig == NULL)
		return;
	if (atomic_load(&current) == hostsig) {
		for (i = 0; i < CAUGHT; i++)
			sigaction(caught[i], &hostsig->old[i], NULL);
		sigaction(SIGPIPE, &hostsig->old_pipe, NULL);
		atomic_store(&current, NULL);
	}
	close(hostsig->pipe_fds[0]);
	close(hostsig->pipe_fds[1]);
	free(hostsig);
}

void
hostsig_set_lwp(struct vk_hostsig *hostsig, struct vms_lwp *lwp)
{
	atomic_store(&hostsig->lwp, lwp);
}

int
hostsig_fd(const struct vk_hostsig *hostsig)
{
	return hostsig->pipe_fds[0];
}

static bool
has_any(const struct vk_hostsig *hostsig)
{
	return (atomic_load_explicit(&hostsig->terminal, memory_order_relaxed) |
		   atomic_load_explicit(
		       &hostsig->others, memory_order_relaxed)) != 0;
}

bool
hostsig_take(struct vk_hostsig *hostsig, struct vk_hostsig_bits *bits)
{
	char buf[64];

	if (!has_any(hostsig))
		return false;
	while (read(hostsig->pipe_fds[0], buf, sizeof(buf)) > 0)
		continue;
	bits->terminal = atomic_exchange(&hostsig->terminal, 0);
	bits->others = atomic_exchange(&hostsig->others, 0);
	return true;
}

bool
hostsig_is_insistent(const struct vk_hostsig *hostsig)
{
	uint64_t first, now;
	unsigned quits;

	quits = atomic_load(&hostsig->quits);
	if (quits < QUITS)
		return false;
	first = atomic_load(&hostsig->quit_ns[quits % QUITS]);
	now = os_monotonic_ns();
	return now - first < QUITS_NS;
}

bool
hostsig_stop_self(struct vk_hostsig *hostsig, int host_signal)
{
	struct sigaction action, old;
	uint64_t bits;

	sigemptyset(&action.sa_mask);
	action.sa_flags = 0;
	action.sa_handler = SIG_DFL;
	sigaction(host_signal, &action, &old);
	raise(host_signal);
	sigaction(host_signal, &old, NULL);
	bits = atomic_load(&hostsig->others) | atomic_load(&hostsig->terminal);
	return (bits & UINT64_C(1) << (os_signal_to_linux(SIGCONT) - 1)) != 0;
}
