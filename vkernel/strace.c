/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Letters of an argument's format.  Small ones are known before the call,
 * those in out_letters after it:
 *
 *	d signed  u unsigned  x hex  p pointer  l offset  o octal mode
 *	f descriptor  a directory descriptor  s string  b bytes (next: length)
 *	B bytes written (result: length)  v V the same for iovec arrays
 *	G string written  O P M L k w c h i F r g q y names (strace_text.h)
 *	S signal  m signal set  Y signal set written  A C sigaction in, out
 *	T t timespec in, out  j timeval out  E stat out  R rlimit out
 *	I two descriptors out  U uname out  n poll rows
 */
#include "vkernel/strace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/errno_map.h"
#include "vkernel/strace_text.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define STRING_MAX    32
#define PATH_SHOWN    4095
#define RESULT_COLUMN 40
#define VEC_SHOWN     4

static const char out_letters[] = "BVGYCtjERIUn";

struct vk_strace {
	FILE *file;
	struct text text;
	size_t args_done; /* formatted before the call */
};

/* One argument being formatted. */
struct arg {
	struct text *text;
	struct vk_thread *thread;
	const uint64_t *args;
	size_t i;
	int64_t result; /* of the call, once it is known */
};

struct vk_strace *
strace_create(FILE *file)
{
	struct vk_strace *strace;

	strace = calloc(1, sizeof(*strace));
	if (strace != NULL)
		strace->file = file;
	return strace;
}

void
strace_destroy(struct vk_strace *strace)
{
	if (strace != NULL)
		fflush(strace->file);
	free(strace);
}

static struct vk_mm *
arg_mm(const struct arg *arg)
{
	return arg->thread->process->mm;
}

static void
arg_pointer(struct text *text, uint64_t va)
{
	if (va == 0)
		text_add(text, "NULL");
	else
		text_add(text, "%#" PRIx64, va);
}

static void
arg_bytes(const struct arg *arg, uint64_t va, uint64_t len)
{
	uint8_t bytes[STRING_MAX];
	size_t shown;

	shown = len < sizeof(bytes) ? (size_t)len : sizeof(bytes);
	if (copyin(arg_mm(arg), bytes, va, shown) != 0)
		arg_pointer(arg->text, va);
	else
		text_quote(arg->text, bytes, shown, len > shown);
}

static void
arg_string(const struct arg *arg, uint64_t va)
{
	char string[PATH_SHOWN + 1];
	size_t len;

	if (copyin_string(arg_mm(arg), string, va, sizeof(string)) != 0) {
		arg_pointer(arg->text, va);
		return;
	}
	len = strlen(string);
	text_quote(arg->text, (const uint8_t *)string, len, 0);
}

static void
arg_vector(const struct arg *arg, uint64_t va, uint64_t count, uint64_t len)
{
	struct lx_iovec row;
	uint64_t i, part;

	text_add(arg->text, "[");
	for (i = 0; i < count && i < VEC_SHOWN; i++) {
		if (copyin(arg_mm(arg), &row, va + i * sizeof(row),
			sizeof(row)) != 0)
			break;
		part = row.iov_len < len ? row.iov_len : len;
		text_add(arg->text, i == 0 ? "{iov_base=" : ", {iov_base=");
		arg_bytes(arg, row.iov_base, part);
		text_add(arg->text, ", iov_len=%" PRIu64 "}", row.iov_len);
		len -= part;
	}
	text_add(arg->text, count > VEC_SHOWN ? ", ...]" : "]");
}

static void
arg_timespec(const struct arg *arg, uint64_t va, const char *fraction)
{
	struct lx_timespec ts;

	if (va == 0 || copyin(arg_mm(arg), &ts, va, sizeof(ts)) != 0)
		arg_pointer(arg->text, va);
	else
		text_add(arg->text, "{tv_sec=%" PRId64 ", %s=%" PRId64 "}",
		    ts.tv_sec, fraction, ts.tv_nsec);
}

static void
arg_sigset(const struct arg *arg, uint64_t va)
{
	uint64_t set;

	if (va == 0 || copyin(arg_mm(arg), &set, va, sizeof(set)) != 0)
		arg_pointer(arg->text, va);
	else
		text_sigset(arg->text, set);
}

static void
sigaction_flags(struct text *text, uint64_t flags)
{
	static const struct name_row rows[] = { { LX_SA_RESTORER,
						    "SA_RESTORER" },
		{ LX_SA_ONSTACK, "SA_ONSTACK" },
		{ LX_SA_RESTART, "SA_RESTART" },
		{ LX_SA_NODEFER, "SA_NODEFER" },
		{ LX_SA_RESETHAND, "SA_RESETHAND" },
		{ LX_SA_SIGINFO, "SA_SIGINFO" } };
	size_t i, start;

	start = text->len;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((flags & rows[i].value) != 0)
			text_add(text, text->len == start ? "%s" : "|%s",
			    rows[i].name);
	if (text->len == start)
		text_add(text, "0");
}

static void
arg_sigaction(const struct arg *arg, uint64_t va)
{
	struct lx_sigaction action;

	if (va == 0 || copyin(arg_mm(arg), &action, va, sizeof(action)) != 0) {
		arg_pointer(arg->text, va);
		return;
	}
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
	sigaction_flags(arg->text, action.flags);
	if ((action.flags & LX_SA_RESTORER) != 0)
		text_add(arg->text, ", sa_restorer=%#" PRIx64, action.restorer);
	text_add(arg->text, "}");
}

static void
arg_stat(const struct arg *arg, uint64_t va)
{
	struct lx_stat st;

	if (copyin(arg_mm(arg), &st, va, sizeof(st)) != 0) {
		arg_pointer(arg->text, va);
		return;
	}
	text_add(arg->text, "{st_mode=");
	text_mode(arg->text, st.st_mode);
	if ((st.st_mode & 0170000) == 0020000 ||
	    (st.st_mode & 0170000) == 0060000)
		text_add(arg->text, ", st_rdev=%#" PRIx64 ", ...}", st.st_rdev);
	else
		text_add(arg->text, ", st_size=%" PRId64 ", ...}", st.st_size);
}

static void
limit_value(struct text *text, uint64_t value)
{
	if (value == LX_RLIM_INFINITY)
		text_add(text, "RLIM64_INFINITY");
	else if (value != 0 && value % 1024 == 0)
		text_add(text, "%" PRIu64 "*1024", value / 1024);
	else
		text_add(text, "%" PRIu64, value);
}

static void
arg_limit(const struct arg *arg, uint64_t va)
{
	struct lx_rlimit limit;

	if (va == 0 || copyin(arg_mm(arg), &limit, va, sizeof(limit)) != 0) {
		arg_pointer(arg->text, va);
		return;
	}
	text_add(arg->text, "{rlim_cur=");
	limit_value(arg->text, limit.rlim_cur);
	text_add(arg->text, ", rlim_max=");
	limit_value(arg->text, limit.rlim_max);
	text_add(arg->text, "}");
}

static void
arg_uname(const struct arg *arg, uint64_t va)
{
	struct lx_utsname name;

	if (copyin(arg_mm(arg), &name, va, sizeof(name)) != 0)
		arg_pointer(arg->text, va);
	else
		text_add(arg->text, "{sysname=\"%s\", nodename=\"%s\", ...}",
		    name.sysname, name.nodename);
}

static void
arg_pair(const struct arg *arg, uint64_t va)
{
	int32_t fds[2];

	if (copyin(arg_mm(arg), fds, va, sizeof(fds)) != 0)
		arg_pointer(arg->text, va);
	else
		text_add(arg->text, "[%d, %d]", fds[0], fds[1]);
}

static void
poll_events(struct text *text, int events)
{
	static const char *const names[] = { "POLLIN", "POLLPRI", "POLLOUT",
		"POLLERR", "POLLHUP", "POLLNVAL" };
	size_t i, start;

	start = text->len;
	for (i = 0; i < 6; i++)
		if ((events & 1 << i) != 0)
			text_add(
			    text, text->len == start ? "%s" : "|%s", names[i]);
	if (text->len == start)
		text_add(text, "%#x", (unsigned)events);
}

static void
arg_poll(const struct arg *arg, uint64_t va, uint64_t count)
{
	struct lx_pollfd row;
	uint64_t i;

	text_add(arg->text, "[");
	for (i = 0; i < count && i < VEC_SHOWN; i++) {
		if (copyin(arg_mm(arg), &row, va + i * sizeof(row),
			sizeof(row)) != 0)
			break;
		text_add(arg->text,
		    i == 0 ? "{fd=%d, events=" : ", {fd=%d, events=", row.fd);
		poll_events(arg->text, row.events);
		if (row.revents != 0) {
			text_add(arg->text, ", revents=");
			poll_events(arg->text, row.revents);
		}
		text_add(arg->text, "}");
	}
	text_add(arg->text, count > VEC_SHOWN ? ", ...]" : "]");
}

static void
arg_dirfd(struct text *text, uint64_t fd)
{
	if ((int)fd == LX_AT_FDCWD)
		text_add(text, "AT_FDCWD");
	else
		text_add(text, "%d", (int)fd);
}

/* Values that need no guest memory; false: not one of these letters. */
static bool
format_value(struct text *text, char letter, uint64_t value)
{
	switch (letter) {
	case 'd':
	case 'f':
		text_add(text, "%d", (int)value);
		return true;
	case 'u':
		text_add(text, "%" PRIu64, value);
		return true;
	case 'l':
		text_add(text, "%" PRId64, (int64_t)value);
		return true;
	case 'x':
		text_add(text, value == 0 ? "0" : "%#" PRIx64, value);
		return true;
	case 'p':
		arg_pointer(text, value);
		return true;
	case 'o':
		text_mode(text, (uint32_t)value);
		return true;
	case 'a':
		arg_dirfd(text, value);
		return true;
	case 'S':
		text_signal(text, (int)value);
		return true;
	default:
		return false;
	}
}

static bool
format_name(struct text *text, char letter, uint64_t value)
{
	static const struct {
		char letter;
		void (*format)(struct text *text, uint64_t value);
	} rows[] = { { 'O', text_open_flags }, { 'P', text_prot },
		{ 'M', text_map_flags }, { 'L', text_at_flags },
		{ 'k', text_access }, { 'w', text_whence }, { 'c', text_clock },
		{ 'h', text_how }, { 'i', text_ioctl }, { 'F', text_fcntl },
		{ 'r', text_limit }, { 'g', text_arch }, { 'q', text_advice },
		{ 'y', text_futex } };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].letter == letter) {
			rows[i].format(text, value);
			return true;
		}
	return false;
}

static void
format_memory(const struct arg *arg, char letter)
{
	uint64_t next, value;

	value = arg->args[arg->i];
	next = arg->i < 5 ? arg->args[arg->i + 1] : 0;
	switch (letter) {
	case 's':
	case 'G':
		arg_string(arg, value);
		break;
	case 'b':
		arg_bytes(arg, value, next);
		break;
	case 'B':
		arg_bytes(arg, value, (uint64_t)arg->result);
		break;
	case 'v':
		arg_vector(arg, value, next, UINT64_MAX);
		break;
	case 'V':
		arg_vector(arg, value, next, (uint64_t)arg->result);
		break;
	case 'm':
	case 'Y':
		arg_sigset(arg, value);
		break;
	case 'A':
	case 'C':
		arg_sigaction(arg, value);
		break;
	case 'T':
	case 't':
		arg_timespec(arg, value, "tv_nsec");
		break;
	case 'j':
		arg_timespec(arg, value, "tv_usec");
		break;
	case 'E':
		arg_stat(arg, value);
		break;
	case 'R':
		arg_limit(arg, value);
		break;
	case 'I':
		arg_pair(arg, value);
		break;
	case 'U':
		arg_uname(arg, value);
		break;
	case 'n':
		arg_poll(arg, value, next);
		break;
	default:
		arg_pointer(arg->text, value);
	}
}

/* What a failed call would have written is only an address. */
static void
format_arg(const struct arg *arg, char letter)
{
	uint64_t value;

	value = arg->args[arg->i];
	if (format_value(arg->text, letter, value) ||
	    format_name(arg->text, letter, value))
		return;
	if (strchr(out_letters, letter) != NULL && arg->result < 0 &&
	    letter != 'n')
		arg_pointer(arg->text, value);
	else
		format_memory(arg, letter);
}

static const char *
row_formats(const struct syscall_row *row)
{
	return row == NULL || row->name == NULL ? "xxxxxx" : row->args;
}

/* Formats arguments from the last one done; stops at one that is written by
 * the call, unless the call is over. */
static void
strace_args(struct vk_strace *strace, struct vk_thread *thread,
    const struct syscall_row *row, const int64_t *result)
{
	const char *formats;
	struct arg arg;

	formats = row_formats(row);
	arg = (struct arg){ &strace->text, thread, thread->args, 0,
		result == NULL ? 0 : *result };
	for (; formats[strace->args_done] != '\0'; strace->args_done++) {
		arg.i = strace->args_done;
		if (result == NULL &&
		    strchr(out_letters, formats[arg.i]) != NULL)
			break;
		if (arg.i != 0)
			text_add(&strace->text, ", ");
		format_arg(&arg, formats[arg.i]);
	}
}

void
strace_enter(struct vk_strace *strace, struct vk_thread *thread,
    const struct syscall_row *row)
{
	strace->text.len = 0;
	strace->args_done = 0;
	if (row == NULL || row->name == NULL)
		text_add(&strace->text, "syscall_%#" PRIx64 "(", thread->nr);
	else
		text_add(&strace->text, "%s(", row->name);
	strace_args(strace, thread, row, NULL);
}

static bool
returns_address(const struct syscall_row *row)
{
	return row != NULL && row->name != NULL &&
	       (strcmp(row->name, "mmap") == 0 ||
		   strcmp(row->name, "brk") == 0 ||
		   strcmp(row->name, "mremap") == 0);
}

static void
strace_result(struct text *text, const struct vk_thread *thread,
    const struct syscall_row *row, int64_t result)
{
	if (thread->process->exited)
		text_add(text, "?");
	else if (result == -LX_ERESTART)
		text_add(text, "? ERESTARTSYS (To be restarted if SA_RESTART "
			       "is set)");
	else if (result == -LX_ERESTARTNOHAND)
		text_add(
		    text, "? ERESTARTNOHAND (To be restarted if no handler)");
	else if (result < 0 && errno_name((int)-result) != NULL)
		text_add(text, "-1 %s (%s)", errno_name((int)-result),
		    errno_text((int)-result));
	else if (returns_address(row))
		text_add(text, "%#" PRIx64, (uint64_t)result);
	else
		text_add(text, "%" PRId64, result);
}

void
strace_leave(struct vk_strace *strace, struct vk_thread *thread,
    const struct syscall_row *row, int64_t result)
{
	struct text *text;
	int pad;

	text = &strace->text;
	strace_args(strace, thread, row, &result);
	text_add(text, ")");
	pad = text->len < RESULT_COLUMN - 1
		  ? (int)(RESULT_COLUMN - 1 - text->len)
		  : 0;
	text_add(text, "%*s = ", pad, "");
	strace_result(text, thread, row, result);
	fprintf(strace->file, "%s\n", text->bytes);
}

void
strace_signal(struct vk_strace *strace, const struct lx_siginfo *info)
{
	struct text *text;

	text = &strace->text;
	text->len = 0;
	text_add(text, "--- ");
	text_signal(text, info->si_signo);
	text_add(text, " {si_signo=");
	text_signal(text, info->si_signo);
	text_add(text, ", si_code=");
	text_sigcode(text, info->si_signo, info->si_code);
	if (info->si_code == LX_SI_USER || info->si_code == LX_SI_TKILL)
		text_add(text, ", si_pid=%d, si_uid=%u", info->u.rt.pid,
		    info->u.rt.uid);
	else if (info->u.addr != 0 || info->si_signo == LX_SIGSEGV) {
		text_add(text, ", si_addr=");
		arg_pointer(text, info->u.addr);
	}
	text_add(text, "} ---");
	fprintf(strace->file, "%s\n", text->bytes);
}

void
strace_end(struct vk_strace *strace, const struct vk_thread *thread)
{
	const struct vk_process *process;
	struct text *text;

	process = thread->process;
	if (!process->exited)
		return;
	text = &strace->text;
	text->len = 0;
	if (process->exit_signal == 0) {
		text_add(text, "+++ exited with %d +++", process->exit_status);
	} else {
		text_add(text, "+++ killed by ");
		text_signal(text, process->exit_signal);
		text_add(text, signal_dumps(process->exit_signal)
				   ? " (core dumped) +++"
				   : " +++");
	}
	fprintf(strace->file, "%s\n", text->bytes);
}
