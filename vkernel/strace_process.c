/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments of processes and threads: words, clones, ends, futexes. */
#include <inttypes.h>

#include "vkernel/linux_abi.h"
#include "vkernel/strace_args.h"

#define WORDS_SHOWN 32

static enum arg_done
format_argv(struct arg *arg)
{
	uint64_t at, i;

	if (!arg_get(arg, arg_value(arg), &at, sizeof(at)))
		return ARG_DONE;
	text_add(arg->text, "[");
	for (i = 0; i < WORDS_SHOWN && at != 0; i++) {
		text_add(arg->text, i == 0 ? "" : ", ");
		arg_string(arg, at);
		if (!arg_read(
			arg, arg_value(arg) + 8 * (i + 1), &at, sizeof(at)))
			at = 0;
	}
	text_add(arg->text, at == 0 ? "]" : ", ...]");
	return ARG_DONE;
}

static enum arg_done
format_envp(struct arg *arg)
{
	uint64_t at, count;

	arg_pointer(arg->text, arg_value(arg));
	if (arg_value(arg) == 0)
		return ARG_DONE;
	for (count = 0;; count++)
		if (!arg_read(
			arg, arg_value(arg) + 8 * count, &at, sizeof(at)) ||
		    at == 0)
			break;
	text_add(arg->text,
	    count == 1 ? " /* %" PRIu64 " var */" : " /* %" PRIu64 " vars */",
	    count);
	return ARG_DONE;
}

static void
wait_status(struct text *text, uint32_t status)
{
	unsigned signal;

	signal = status & 0x7f;
	text_add(text, "[{");
	if (status == 0xffff) {
		text_add(text, "WIFCONTINUED(s)");
	} else if ((status & 0xff) == 0x7f) {
		text_add(text, "WIFSTOPPED(s) && WSTOPSIG(s) == ");
		text_signal(text, (int)(status >> 8 & 0xff));
	} else if (signal != 0) {
		text_add(text, "WIFSIGNALED(s) && WTERMSIG(s) == ");
		text_signal(text, (int)signal);
		if ((status & 0x80) != 0)
			text_add(text, " && WCOREDUMP(s)");
	} else {
		text_add(text, "WIFEXITED(s) && WEXITSTATUS(s) == %u",
		    status >> 8 & 0xff);
	}
	text_add(text, "}]");
}

static enum arg_done
format_wait_status(struct arg *arg)
{
	uint32_t status;

	if (arg->before)
		return ARG_LATER;
	if (arg->result <= 0)
		arg_pointer(arg->text, arg_value(arg));
	else if (arg_get(arg, arg_value(arg), &status, sizeof(status)))
		wait_status(arg->text, status);
	return ARG_DONE;
}

static enum arg_done
format_wait_rusage(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (arg->result > 0)
		arg_rusage(arg, arg_value(arg));
	else
		arg_pointer(arg->text, arg_value(arg));
	return ARG_DONE;
}

static void
clone_flags(struct text *text, uint64_t flags, uint64_t signal)
{
	if (flags != 0)
		text_name(text, "clone", flags);
	if (signal == 0) {
		text_add(text, flags == 0 ? "0" : "");
		return;
	}
	text_add(text, flags == 0 ? "" : "|");
	text_signal(text, (int)signal);
}

static void
tid_written(const struct arg *arg, const char *name, uint64_t va)
{
	int32_t tid;

	if (!arg_failed(arg) && arg_read(arg, va, &tid, sizeof(tid)))
		text_add(arg->text, "%s=[%d]", name, tid);
	else
		text_add(arg->text, "%s=%#" PRIx64, name, va);
}

static void
clone_rest(const struct arg *arg)
{
	uint64_t flags;

	flags = arg->args[0];
	if ((flags & LX_CLONE_PARENT_SETTID) != 0)
		tid_written(arg, ", parent_tid", arg->args[2]);
	if ((flags & LX_CLONE_SETTLS) != 0)
		text_add(arg->text, ", tls=%#" PRIx64, arg->args[4]);
	if ((flags & (LX_CLONE_CHILD_SETTID | LX_CLONE_CHILD_CLEARTID)) != 0)
		text_add(arg->text, ", child_tidptr=%#" PRIx64, arg->args[3]);
}

/* All arguments of clone. */
static enum arg_done
format_clone(struct arg *arg)
{
	if (!arg->begun) {
		text_add(arg->text, "child_stack=");
		arg_pointer(arg->text, arg->args[1]);
		text_add(arg->text, ", flags=");
		clone_flags(arg->text, (uint32_t)arg->args[0] & ~LX_CSIGNAL,
		    arg->args[0] & LX_CSIGNAL);
	}
	if (arg->before && (arg->args[0] & LX_CLONE_PARENT_SETTID) != 0)
		return ARG_LATER;
	clone_rest(arg);
	return ARG_DONE;
}

static void
clone3_args(const struct arg *arg, const struct lx_clone_args *clone)
{
	struct text *text;

	text = arg->text;
	text_add(text, "{flags=");
	text_name(text, "clone", clone->flags);
	if ((clone->flags &
		(LX_CLONE_CHILD_SETTID | LX_CLONE_CHILD_CLEARTID)) != 0)
		text_add(text, ", child_tid=%#" PRIx64, clone->child_tid);
	if ((clone->flags & LX_CLONE_PARENT_SETTID) != 0)
		text_add(text, ", parent_tid=%#" PRIx64, clone->parent_tid);
	text_add(text, ", exit_signal=");
	text_signal(text, (int)clone->exit_signal);
	text_add(text, ", stack=");
	arg_pointer(text, clone->stack);
	text_add(text,
	    clone->stack_size == 0 ? ", stack_size=0"
				   : ", stack_size=%#" PRIx64,
	    clone->stack_size);
	if ((clone->flags & LX_CLONE_SETTLS) != 0)
		text_add(text, ", tls=%#" PRIx64, clone->tls);
	text_add(text, "}");
}

static enum arg_done
format_clone3(struct arg *arg)
{
	struct lx_clone_args clone;
	int32_t tid;

	if (!arg->begun) {
		if (!arg_get(arg, arg_value(arg), &clone, 64))
			return ARG_DONE;
		clone3_args(arg, &clone);
		*arg->saved = (clone.flags & LX_CLONE_PARENT_SETTID) != 0
				  ? clone.parent_tid
				  : 0;
		if (arg->before && *arg->saved != 0)
			return ARG_LATER;
	}
	if (*arg->saved != 0 && !arg_failed(arg) &&
	    arg_read(arg, *arg->saved, &tid, sizeof(tid)))
		text_add(arg->text, " => {parent_tid=[%d]}", tid);
	return ARG_DONE;
}

static void
futex_op(struct text *text, uint64_t op)
{
	text_name(text, "futex", op & 0x7f);
	if ((op & 0x80) != 0)
		text_add(text, "_PRIVATE");
	if ((op & 0x100) != 0)
		text_add(text, "|FUTEX_CLOCK_REALTIME");
}

static void
futex_bits(struct text *text, uint64_t bits)
{
	if ((uint32_t)bits == UINT32_MAX)
		text_add(text, "FUTEX_BITSET_MATCH_ANY");
	else
		text_add(text, "%#x", (unsigned)bits);
}

/* What follows the operation: d number, T time, 2 the second word, n another
 * number, b bits, o the operation on the second word. */
static const char *
futex_shape(unsigned op)
{
	static const char *const shapes[] = { "dT", "d", "d", "dn2", "dn2d",
		"dn2x", "T", "", "", "dTb", "db", "dT2", "dn2d", "T" };

	return op < sizeof(shapes) / sizeof(shapes[0]) ? shapes[op] : "dT2d";
}

static void
futex_argument(const struct arg *arg, char shape)
{
	const uint64_t *args;

	args = arg->args;
	text_add(arg->text, ", ");
	switch (shape) {
	case 'd':
		text_add(arg->text, "%u", (unsigned)args[2]);
		break;
	case 'n':
		text_add(arg->text, "%u", (unsigned)args[3]);
		break;
	case 'T':
		arg_timespec(arg, args[3]);
		break;
	case '2':
		arg_pointer(arg->text, args[4]);
		break;
	case 'b':
		futex_bits(arg->text, args[5]);
		break;
	default:
		text_add(arg->text, "%#x", (unsigned)args[5]);
	}
}

/* All arguments of futex. */
static enum arg_done
format_futex(struct arg *arg)
{
	const char *shape;
	bool again;

	arg_pointer(arg->text, arg->args[0]);
	text_add(arg->text, ", ");
	futex_op(arg->text, arg->args[1]);
	shape = futex_shape((unsigned)arg->args[1] & 0x7f);
	for (again = false; *shape != '\0'; shape++) {
		if (*shape == 'd' && again)
			text_add(arg->text, ", %u", (unsigned)arg->args[5]);
		else
			futex_argument(arg, *shape);
		again = again || *shape == 'd';
	}
	return ARG_DONE;
}

/* Arguments after the option: - none, n a number, x hex of all four. */
static char
prctl_shape(uint64_t option)
{
	switch (option) {
	case 3: /* of the process */
	case 7:
	case 13:
	case 21:
	case 27:
	case 30:
		return '-';
	case 8:
	case 24:
	case 23:
	case 28:
	case 29:
	case 36:
		return 'n';
	case 2:
	case 25:
	case 37:
		return 'i';
	default:
		return 'x';
	}
}

static void
prctl_all(const struct arg *arg, const char *format)
{
	size_t i;

	for (i = 1; i < 5; i++) {
		text_add(arg->text, ", ");
		if (arg->args[i] == 0)
			text_add(arg->text, "0");
		else
			text_add(arg->text, format, arg->args[i]);
	}
}

static enum arg_done
prctl_other(struct arg *arg)
{
	uint64_t option;

	option = (uint32_t)arg->args[0];
	switch (prctl_shape(option)) {
	case '-':
		if (arg->before)
			return ARG_LATER;
		if (option == 3 && arg->result >= 0)
			text_name(arg->note, "dumpable", (uint64_t)arg->result);
		break;
	case 'n':
		text_add(arg->text, ", %" PRIu64, arg->args[1]);
		break;
	case 'i':
		if (arg->before)
			return ARG_LATER;
		text_add(arg->text, ", ");
		if (arg_failed(arg))
			arg_pointer(arg->text, arg->args[1]);
		else
			arg_int(arg, arg->args[1]);
		break;
	default:
		prctl_all(arg,
		    option >= 38 && option <= 42 ? "%" PRIu64 : "%#" PRIx64);
	}
	return ARG_DONE;
}

/* All arguments of prctl. */
static enum arg_done
format_prctl(struct arg *arg)
{
	if (!arg->begun)
		text_name(arg->text, "prctl", (uint32_t)arg->args[0]);
	switch (arg->args[0]) {
	case 1:
		text_add(arg->text, ", ");
		text_signal(arg->text, (int)arg->args[1]);
		return ARG_DONE;
	case 4:
		text_add(arg->text, ", ");
		text_name(arg->text, "dumpable", arg->args[1]);
		return ARG_DONE;
	case 15:
		text_add(arg->text, ", ");
		arg_string(arg, arg->args[1]);
		return ARG_DONE;
	case 16:
		if (arg->before)
			return ARG_LATER;
		text_add(arg->text, ", ");
		arg_string(arg, arg->args[1]);
		return ARG_DONE;
	default:
		return prctl_other(arg);
	}
}

static enum arg_done
format_arch_prctl(struct arg *arg)
{
	uint64_t value;

	if (arg->args[0] != LX_ARCH_GET_FS && arg->args[0] != LX_ARCH_GET_GS) {
		text_add(arg->text, arg_value(arg) == 0 ? "0" : "%#" PRIx64,
		    arg_value(arg));
		return ARG_DONE;
	}
	if (arg->before)
		return ARG_LATER;
	if (!arg_failed(arg) &&
	    arg_read(arg, arg_value(arg), &value, sizeof(value)))
		text_add(arg->text, "[%#" PRIx64 "]", value);
	else
		arg_pointer(arg->text, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_mremap_to(struct arg *arg)
{
	if ((arg->args[3] & (LX_MREMAP_FIXED | LX_MREMAP_DONTUNMAP)) == 0)
		return ARG_LEFT_OUT;
	arg_pointer(arg->text, arg_value(arg));
	return ARG_DONE;
}

/* Nothing: behind sched_getscheduler's result stands its name. */
static enum arg_done
format_sched_note(struct arg *arg)
{
	if (arg->before)
		return ARG_NOTE;
	if (arg->result >= 0)
		text_name(arg->note, "sched", (uint64_t)arg->result);
	return ARG_LEFT_OUT;
}

const struct arg_row strace_process_formats[] = {
	{ "argv", format_argv },
	{ "envp", format_envp },
	{ "wait_status", format_wait_status },
	{ "wait_rusage", format_wait_rusage },
	{ "clone_all", format_clone },
	{ "clone3_all", format_clone3 },
	{ "futex_all", format_futex },
	{ "prctl_all", format_prctl },
	{ "arch_arg", format_arch_prctl },
	{ "mremap_to", format_mremap_to },
	{ "sched_note", format_sched_note },
	{ NULL, NULL },
};
