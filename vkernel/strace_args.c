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
#include "vkernel/strace_args.h"

#include <inttypes.h>
#include <string.h>

#include "vkernel/linux_abi.h"

#define STRING_MAX  32
#define STRING_PART 256
#define PATH_SHOWN  4095
#define VEC_SHOWN   4

static const char out_letters[] = "BVGYCtjERIUn";

bool
arg_is_written(char letter)
{
	return strchr(out_letters, letter) != NULL;
}

static bool
arg_read(const struct arg *arg, uint64_t va, void *buf, size_t len)
{
	return arg->memory->read(arg->memory->arg, va, buf, len);
}

/* Never reads from a page beyond the one that holds the end. */
static bool
arg_read_string(const struct arg *arg, uint64_t va, char *string, size_t room)
{
	size_t part;

	for (; room > 0; string += part, va += part, room -= part) {
		part = STRING_PART - (size_t)(va % STRING_PART);
		if (part > room)
			part = room;
		if (!arg_read(arg, va, string, part))
			return false;
		if (memchr(string, 0, part) != NULL)
			return true;
	}
	return false;
}

void
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
	if (!arg_read(arg, va, bytes, shown))
		arg_pointer(arg->text, va);
	else
		text_quote(arg->text, bytes, shown, len > shown);
}

static void
arg_string(const struct arg *arg, uint64_t va)
{
	char string[PATH_SHOWN + 1];
	size_t len;

	if (!arg_read_string(arg, va, string, sizeof(string))) {
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
		if (!arg_read(arg, va + i * sizeof(row), &row, sizeof(row)))
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

	if (va == 0 || !arg_read(arg, va, &ts, sizeof(ts)))
		arg_pointer(arg->text, va);
	else
		text_add(arg->text, "{tv_sec=%" PRId64 ", %s=%" PRId64 "}",
		    ts.tv_sec, fraction, ts.tv_nsec);
}

static void
arg_sigset(const struct arg *arg, uint64_t va)
{
	uint64_t set;

	if (va == 0 || !arg_read(arg, va, &set, sizeof(set)))
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

	if (va == 0 || !arg_read(arg, va, &action, sizeof(action))) {
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

	if (!arg_read(arg, va, &st, sizeof(st))) {
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

	if (va == 0 || !arg_read(arg, va, &limit, sizeof(limit))) {
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

	if (!arg_read(arg, va, &name, sizeof(name)))
		arg_pointer(arg->text, va);
	else
		text_add(arg->text, "{sysname=\"%s\", nodename=\"%s\", ...}",
		    name.sysname, name.nodename);
}

static void
arg_pair(const struct arg *arg, uint64_t va)
{
	int32_t fds[2];

	if (!arg_read(arg, va, fds, sizeof(fds)))
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
		if (!arg_read(arg, va + i * sizeof(row), &row, sizeof(row)))
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

void
arg_format(const struct arg *arg, char letter)
{
	uint64_t value;

	value = arg->args[arg->i];
	if (format_value(arg->text, letter, value) ||
	    format_name(arg->text, letter, value))
		return;
	if (arg_is_written(letter) && arg->result < 0 && letter != 'n')
		arg_pointer(arg->text, value);
	else
		format_memory(arg, letter);
}
