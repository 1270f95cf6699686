/* SPDX-License-Identifier: BSD-2-Clause */
/* What signals have in guest memory. */
#include <inttypes.h>

#include "vkernel/linux_abi.h"
#include "vkernel/strace_args.h"

void
arg_sigset(const struct arg *arg, uint64_t va)
{
	uint64_t set;

	if (arg_get(arg, va, &set, sizeof(set)))
		text_sigset(arg->text, set);
}

static enum arg_done
format_sigset(struct arg *arg)
{
	arg_sigset(arg, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_sigset_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!arg_only_address(arg))
		arg_sigset(arg, arg_value(arg));
	return ARG_DONE;
}

static void
sigaction(const struct arg *arg)
{
	struct lx_sigaction action;

	if (!arg_get(arg, arg_value(arg), &action, sizeof(action)))
		return;
	text_add(arg->text, "{sa_handler=");
	if (action.handler == LX_SIG_DFL)
		text_add(arg->text, "SIG_DFL");
	else if (action.handler == LX_SIG_IGN)
		text_add(arg->text, "SIG_IGN");
	else
		arg_pointer(arg->text, action.handler);
	text_add(arg->text, ", sa_mask=");
	text_sigset(arg->text, action.mask);
	text_add(arg->text, ", sa_flags=");
	text_name(arg->text, "sa", action.flags);
	if ((action.flags & LX_SA_RESTORER) != 0)
		text_add(arg->text, ", sa_restorer=%#" PRIx64, action.restorer);
	text_add(arg->text, "}");
}

static enum arg_done
format_sigaction(struct arg *arg)
{
	sigaction(arg);
	return ARG_DONE;
}

static enum arg_done
format_sigaction_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!arg_only_address(arg))
		sigaction(arg);
	return ARG_DONE;
}

static void
altstack(const struct arg *arg)
{
	struct lx_stack stack;

	if (!arg_get(arg, arg_value(arg), &stack, sizeof(stack)))
		return;
	text_add(arg->text, "{ss_sp=");
	arg_pointer(arg->text, stack.ss_sp);
	text_add(arg->text, ", ss_flags=");
	text_name(arg->text, "ss", (uint32_t)stack.ss_flags);
	text_add(arg->text, ", ss_size=%" PRIu64 "}", stack.ss_size);
}

static enum arg_done
format_altstack(struct arg *arg)
{
	altstack(arg);
	return ARG_DONE;
}

static enum arg_done
format_altstack_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!arg_only_address(arg))
		altstack(arg);
	return ARG_DONE;
}

static bool
is_fault(int signal)
{
	return signal == LX_SIGSEGV || signal == LX_SIGBUS ||
	       signal == LX_SIGILL || signal == LX_SIGFPE ||
	       signal == LX_SIGTRAP;
}

static void
siginfo_child(struct text *text, const struct lx_siginfo *info)
{
	text_add(text, ", si_pid=%d, si_uid=%u, si_status=", info->u.chld.pid,
	    info->u.chld.uid);
	if (info->si_code == LX_CLD_EXITED)
		text_add(text, "%d", info->u.chld.status);
	else
		text_signal(text, info->u.chld.status);
	text_add(text, ", si_utime=%" PRId64 ", si_stime=%" PRId64,
	    info->u.chld.utime, info->u.chld.stime);
}

static void
siginfo_more(struct text *text, const struct lx_siginfo *info)
{
	int code;

	code = info->si_code;
	if (code == LX_SI_USER || code == LX_SI_TKILL) {
		text_add(text, ", si_pid=%d, si_uid=%u", info->u.rt.pid,
		    info->u.rt.uid);
	} else if (code == -2) {
		text_add(text, ", si_timerid=%#x, si_overrun=%d",
		    (unsigned)info->u.rt.pid, (int)info->u.rt.uid);
		text_add(
		    text, ", si_value={int=%d, ptr=", (int)info->u.rt.value);
		arg_pointer(text, info->u.rt.value);
		text_add(text, "}");
	} else if (code < 0) {
		text_add(text, ", si_pid=%d, si_uid=%u, si_value={int=%d, ptr=",
		    info->u.rt.pid, info->u.rt.uid, (int)info->u.rt.value);
		arg_pointer(text, info->u.rt.value);
		text_add(text, "}");
	} else if (info->si_signo == LX_SIGCHLD && code != LX_SI_KERNEL) {
		siginfo_child(text, info);
	} else if (is_fault(info->si_signo)) {
		text_add(text, ", si_addr=");
		arg_pointer(text, info->u.addr);
	}
}

void
arg_siginfo(struct text *text, const void *siginfo)
{
	const struct lx_siginfo *info;

	info = siginfo;
	text_add(text, "{si_signo=");
	text_signal(text, info->si_signo);
	text_add(text, ", si_code=");
	text_sigcode(text, info->si_signo, info->si_code);
	siginfo_more(text, info);
	text_add(text, "}");
}

static void
siginfo(const struct arg *arg)
{
	struct lx_siginfo info;

	if (!arg_get(arg, arg_value(arg), &info, sizeof(info)))
		return;
	if (info.si_signo == 0)
		text_add(arg->text, "{}");
	else
		arg_siginfo(arg->text, &info);
}

static enum arg_done
format_siginfo(struct arg *arg)
{
	siginfo(arg);
	return ARG_DONE;
}

static enum arg_done
format_siginfo_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!arg_only_address(arg))
		siginfo(arg);
	return ARG_DONE;
}

struct sigevent { /* 64 bytes */
	uint64_t value;
	int32_t signo, notify, tid;
};

static enum arg_done
format_sigevent(struct arg *arg)
{
	struct sigevent event;

	if (!arg_get(arg, arg_value(arg), &event, sizeof(event)))
		return ARG_DONE;
	text_add(arg->text, "{");
	if (event.value != 0)
		text_add(arg->text, "sigev_value={int=%d, ptr=%#" PRIx64 "}, ",
		    (int)event.value, event.value);
	text_add(arg->text, "sigev_signo=");
	text_signal(arg->text, event.signo);
	text_add(arg->text, ", sigev_notify=");
	text_name(arg->text, "sigev", (uint32_t)event.notify);
	if (event.notify == 4)
		text_add(arg->text, ", sigev_notify_thread_id=%d", event.tid);
	text_add(arg->text, "}");
	return ARG_DONE;
}

#define UCONTEXT_SIGMASK 296

static enum arg_done
format_sigreturn(struct arg *arg)
{
	uint64_t mask;

	if (arg->memory->sp == 0 ||
	    !arg_read(
		arg, arg->memory->sp + UCONTEXT_SIGMASK, &mask, sizeof(mask)))
		return ARG_LEFT_OUT;
	text_add(arg->text, "{mask=");
	text_sigset(arg->text, mask);
	text_add(arg->text, "}");
	return ARG_DONE;
}

const struct arg_row strace_signal_formats[] = {
	{ "m", format_sigset },
	{ "Y", format_sigset_out },
	{ "A", format_sigaction },
	{ "C", format_sigaction_out },
	{ "altstack", format_altstack },
	{ "altstack_out", format_altstack_out },
	{ "siginfo", format_siginfo },
	{ "siginfo_out", format_siginfo_out },
	{ "sigevent", format_sigevent },
	{ "sigreturn", format_sigreturn },
	{ NULL, NULL },
};
