/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/strace_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "vkernel/linux_abi.h"
#include "vkernel/signal.h"
#include "vkernel/strace.h"

void
text_add(struct text *text, const char *format, ...)
{
	va_list ap;
	size_t room;
	int len;

	room = sizeof(text->bytes) - text->len;
	va_start(ap, format);
	len = vsnprintf(text->bytes + text->len, room, format, ap);
	va_end(ap);
	if (len > 0)
		text->len += (size_t)len < room ? (size_t)len : room - 1;
}

static void
text_byte(struct text *text, uint8_t byte, int digit_follows)
{
	static const char plain[] = "abtnvfr";

	if (byte == '"' || byte == '\\')
		text_add(text, "\\%c", byte);
	else if (byte >= 7 && byte <= 13)
		text_add(text, "\\%c", plain[byte - 7]);
	else if (byte >= 32 && byte < 127)
		text_add(text, "%c", byte);
	else
		text_add(text, digit_follows ? "\\%03o" : "\\%o", byte);
}

void
text_quote(struct text *text, const uint8_t *bytes, size_t len, int cut)
{
	size_t i;

	text_add(text, "\"");
	for (i = 0; i < len; i++)
		text_byte(text, bytes[i],
		    i + 1 < len && bytes[i + 1] >= '0' && bytes[i + 1] <= '9');
	text_add(text, cut ? "\"..." : "\"");
}

#define ROWS(table) table, sizeof(table) / sizeof((table)[0])

static void
text_value(struct text *text, const struct name_row *rows, size_t count,
    uint64_t value)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (rows[i].value == value) {
			text_add(text, "%s", rows[i].name);
			return;
		}
	text_add(text, "%#" PRIx64, value);
}

/* Names of the bits of value, the rest in hex; empty: what "none" says. */
static void
text_bits(struct text *text, const struct name_row *rows, size_t count,
    uint64_t value, const char *none)
{
	size_t i, start;

	start = text->len;
	for (i = 0; i < count; i++)
		if ((value & rows[i].value) == rows[i].value) {
			text_add(text, text->len == start ? "%s" : "|%s",
			    rows[i].name);
			value &= ~rows[i].value;
		}
	if (value != 0)
		text_add(text, text->len == start ? "%#" PRIx64 : "|%#" PRIx64,
		    value);
	else if (text->len == start)
		text_add(text, "%s", none);
}

static const struct name_row open_rows[] = { { LX_O_CREAT, "O_CREAT" },
	{ LX_O_EXCL, "O_EXCL" }, { LX_O_NOCTTY, "O_NOCTTY" },
	{ LX_O_TRUNC, "O_TRUNC" }, { LX_O_APPEND, "O_APPEND" },
	{ LX_O_NONBLOCK, "O_NONBLOCK" }, { LX_O_SYNC, "O_SYNC" },
	{ LX_O_DSYNC, "O_DSYNC" }, { LX_O_ASYNC, "O_ASYNC" },
	{ LX_O_DIRECT, "O_DIRECT" }, { LX_O_LARGEFILE, "O_LARGEFILE" },
	{ LX_O_NOFOLLOW, "O_NOFOLLOW" }, { LX_O_NOATIME, "O_NOATIME" },
	{ LX_O_CLOEXEC, "O_CLOEXEC" }, { LX_O_PATH, "O_PATH" },
	{ LX_O_TMPFILE, "O_TMPFILE" }, { LX_O_DIRECTORY, "O_DIRECTORY" } };

void
text_open_flags(struct text *text, uint64_t flags)
{
	static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR",
		"O_ACCMODE" };

	text_add(text, "%s", modes[flags & 3]);
	flags &= ~UINT64_C(3) & UINT32_MAX;
	if (flags == 0)
		return;
	text_add(text, "|");
	text_bits(text, ROWS(open_rows), flags, "");
}

void
text_prot(struct text *text, uint64_t prot)
{
	static const struct name_row rows[] = { { 1, "PROT_READ" },
		{ 2, "PROT_WRITE" }, { 4, "PROT_EXEC" } };

	text_bits(text, ROWS(rows), prot, "PROT_NONE");
}

void
text_map_flags(struct text *text, uint64_t flags)
{
	static const struct name_row rows[] = { { 3, "MAP_SHARED_VALIDATE" },
		{ 1, "MAP_SHARED" }, { 2, "MAP_PRIVATE" },
		{ 0x10, "MAP_FIXED" }, { 0x20, "MAP_ANONYMOUS" },
		{ 0x100, "MAP_GROWSDOWN" }, { 0x800, "MAP_DENYWRITE" },
		{ 0x1000, "MAP_EXECUTABLE" }, { 0x2000, "MAP_LOCKED" },
		{ 0x4000, "MAP_NORESERVE" }, { 0x8000, "MAP_POPULATE" },
		{ 0x10000, "MAP_NONBLOCK" }, { 0x20000, "MAP_STACK" },
		{ 0x40000, "MAP_HUGETLB" },
		{ 0x100000, "MAP_FIXED_NOREPLACE" } };

	text_bits(text, ROWS(rows), flags, "0");
}

void
text_at_flags(struct text *text, uint64_t flags)
{
	static const struct name_row rows[] = { { 0x100,
						    "AT_SYMLINK_NOFOLLOW" },
		{ 0x200, "AT_REMOVEDIR" }, { 0x400, "AT_SYMLINK_FOLLOW" },
		{ 0x800, "AT_NO_AUTOMOUNT" }, { 0x1000, "AT_EMPTY_PATH" } };

	text_bits(text, ROWS(rows), flags, "0");
}

void
text_access(struct text *text, uint64_t mode)
{
	static const struct name_row rows[] = { { 4, "R_OK" }, { 2, "W_OK" },
		{ 1, "X_OK" } };

	text_bits(text, ROWS(rows), mode, "F_OK");
}

void
text_mode(struct text *text, uint64_t mode)
{
	static const struct name_row rows[] = { { 0010000, "S_IFIFO" },
		{ 0020000, "S_IFCHR" }, { 0040000, "S_IFDIR" },
		{ 0060000, "S_IFBLK" }, { 0100000, "S_IFREG" },
		{ 0120000, "S_IFLNK" }, { 0140000, "S_IFSOCK" } };

	if ((mode & 0170000) != 0) {
		text_value(text, ROWS(rows), mode & 0170000);
		text_add(text, "|");
	}
	text_add(text, "%#03" PRIo64, mode & 07777);
}

void
text_whence(struct text *text, uint64_t whence)
{
	static const struct name_row rows[] = { { 0, "SEEK_SET" },
		{ 1, "SEEK_CUR" }, { 2, "SEEK_END" }, { 3, "SEEK_DATA" },
		{ 4, "SEEK_HOLE" } };

	text_value(text, ROWS(rows), whence);
}

void
text_clock(struct text *text, uint64_t id)
{
	static const struct name_row rows[] = { { 0, "CLOCK_REALTIME" },
		{ 1, "CLOCK_MONOTONIC" }, { 2, "CLOCK_PROCESS_CPUTIME_ID" },
		{ 3, "CLOCK_THREAD_CPUTIME_ID" }, { 4, "CLOCK_MONOTONIC_RAW" },
		{ 5, "CLOCK_REALTIME_COARSE" }, { 6, "CLOCK_MONOTONIC_COARSE" },
		{ 7, "CLOCK_BOOTTIME" }, { 11, "CLOCK_TAI" } };

	text_value(text, ROWS(rows), id);
}

void
text_how(struct text *text, uint64_t how)
{
	static const struct name_row rows[] = { { 0, "SIG_BLOCK" },
		{ 1, "SIG_UNBLOCK" }, { 2, "SIG_SETMASK" } };

	text_value(text, ROWS(rows), how);
}

void
text_ioctl(struct text *text, uint64_t request)
{
	static const struct name_row rows[] = { { 0x5401, "TCGETS" },
		{ 0x5402, "TCSETS" }, { 0x5403, "TCSETSW" },
		{ 0x5404, "TCSETSF" }, { 0x540f, "TIOCGPGRP" },
		{ 0x5410, "TIOCSPGRP" }, { 0x5413, "TIOCGWINSZ" },
		{ 0x5414, "TIOCSWINSZ" }, { 0x541b, "FIONREAD" },
		{ 0x5421, "FIONBIO" }, { 0x5450, "FIONCLEX" },
		{ 0x5451, "FIOCLEX" }, { 0x40049409, "FICLONE" } };

	text_value(text, ROWS(rows), (uint32_t)request);
}

void
text_fcntl(struct text *text, uint64_t command)
{
	static const struct name_row rows[] = { { 0, "F_DUPFD" },
		{ 1, "F_GETFD" }, { 2, "F_SETFD" }, { 3, "F_GETFL" },
		{ 4, "F_SETFL" }, { 5, "F_GETLK" }, { 6, "F_SETLK" },
		{ 7, "F_SETLKW" }, { 8, "F_SETOWN" }, { 9, "F_GETOWN" },
		{ 36, "F_OFD_GETLK" }, { 37, "F_OFD_SETLK" },
		{ 38, "F_OFD_SETLKW" }, { 1030, "F_DUPFD_CLOEXEC" },
		{ 1031, "F_SETPIPE_SZ" }, { 1032, "F_GETPIPE_SZ" } };

	text_value(text, ROWS(rows), command);
}

void
text_limit(struct text *text, uint64_t which)
{
	static const struct name_row rows[] = { { 0, "RLIMIT_CPU" },
		{ 1, "RLIMIT_FSIZE" }, { 2, "RLIMIT_DATA" },
		{ 3, "RLIMIT_STACK" }, { 4, "RLIMIT_CORE" },
		{ 5, "RLIMIT_RSS" }, { 6, "RLIMIT_NPROC" },
		{ 7, "RLIMIT_NOFILE" }, { 8, "RLIMIT_MEMLOCK" },
		{ 9, "RLIMIT_AS" } };

	text_value(text, ROWS(rows), which);
}

void
text_arch(struct text *text, uint64_t op)
{
	static const struct name_row rows[] = { { 0x1001, "ARCH_SET_GS" },
		{ 0x1002, "ARCH_SET_FS" }, { 0x1003, "ARCH_GET_FS" },
		{ 0x1004, "ARCH_GET_GS" }, { 0x3001, "ARCH_CET_STATUS" } };

	text_value(text, ROWS(rows), op);
}

void
text_advice(struct text *text, uint64_t advice)
{
	static const struct name_row rows[] = { { 0, "MADV_NORMAL" },
		{ 1, "MADV_RANDOM" }, { 2, "MADV_SEQUENTIAL" },
		{ 3, "MADV_WILLNEED" }, { 4, "MADV_DONTNEED" },
		{ 8, "MADV_FREE" }, { 14, "MADV_HUGEPAGE" },
		{ 15, "MADV_NOHUGEPAGE" } };

	text_value(text, ROWS(rows), advice);
}

void
text_futex(struct text *text, uint64_t op)
{
	static const struct name_row rows[] = { { 0, "FUTEX_WAIT" },
		{ 1, "FUTEX_WAKE" }, { 3, "FUTEX_REQUEUE" },
		{ 4, "FUTEX_CMP_REQUEUE" }, { 9, "FUTEX_WAIT_BITSET" },
		{ 10, "FUTEX_WAKE_BITSET" } };

	text_value(text, ROWS(rows), op & 0x7f);
	if ((op & 0x80) != 0)
		text_add(text, "_PRIVATE");
	if ((op & 0x100) != 0)
		text_add(text, "|FUTEX_CLOCK_REALTIME");
}

const char *
signal_name(int signal)
{
	static const char *const names[] = { NULL, "SIGHUP", "SIGINT",
		"SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE",
		"SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE",
		"SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT",
		"SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
		"SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",
		"SIGPWR", "SIGSYS" };

	if (signal < 0 || signal > 31)
		return NULL;
	return names[signal];
}

void
text_signal(struct text *text, int signal)
{
	const char *name;

	name = signal_name(signal);
	if (name != NULL)
		text_add(text, "%s", name);
	else if (signal >= 32 && signal <= LX_NSIG)
		text_add(text, "SIGRT_%d", signal - 32);
	else
		text_add(text, "%d", signal);
}

/* "[HUP INT]", or "~[...]" when that is shorter. */
void
text_sigset(struct text *text, uint64_t set)
{
	const char *name;
	int first, signal;

	if (set == UINT64_MAX) {
		text_add(text, "~[]");
		return;
	}
	if ((set >> 32) == UINT32_MAX) {
		text_add(text, "~");
		set = ~set;
	}
	text_add(text, "[");
	for (first = 1, signal = 1; signal <= LX_NSIG; signal++) {
		if ((set & signal_bit(signal)) == 0)
			continue;
		name = signal_name(signal);
		if (name != NULL)
			text_add(text, first ? "%s" : " %s", name + 3);
		else
			text_add(text, first ? "RT_%d" : " RT_%d", signal - 32);
		first = 0;
	}
	text_add(text, "]");
}

struct code_row {
	int signal; /* 0: any */
	int code;
	const char *name;
};

static const struct code_row code_rows[] = { { LX_SIGSEGV, LX_SEGV_MAPERR,
						 "SEGV_MAPERR" },
	{ LX_SIGSEGV, LX_SEGV_ACCERR, "SEGV_ACCERR" },
	{ LX_SIGBUS, LX_BUS_ADRALN, "BUS_ADRALN" },
	{ LX_SIGBUS, LX_BUS_ADRERR, "BUS_ADRERR" },
	{ LX_SIGILL, LX_ILL_ILLOPN, "ILL_ILLOPN" },
	{ LX_SIGTRAP, LX_TRAP_TRACE, "TRAP_TRACE" },
	{ LX_SIGFPE, LX_FPE_INTDIV, "FPE_INTDIV" },
	{ LX_SIGFPE, LX_FPE_FLTDIV, "FPE_FLTDIV" },
	{ LX_SIGFPE, LX_FPE_FLTOVF, "FPE_FLTOVF" },
	{ LX_SIGFPE, LX_FPE_FLTUND, "FPE_FLTUND" },
	{ LX_SIGFPE, LX_FPE_FLTRES, "FPE_FLTRES" },
	{ LX_SIGFPE, LX_FPE_FLTINV, "FPE_FLTINV" },
	{ 0, LX_SI_KERNEL, "SI_KERNEL" }, { 0, LX_SI_USER, "SI_USER" },
	{ 0, LX_SI_TKILL, "SI_TKILL" } };

void
text_sigcode(struct text *text, int signal, int code)
{
	size_t i;

	for (i = 0; i < sizeof(code_rows) / sizeof(code_rows[0]); i++)
		if (code_rows[i].code == code &&
		    (code_rows[i].signal == 0 ||
			code_rows[i].signal == signal)) {
			text_add(text, "%s", code_rows[i].name);
			return;
		}
	text_add(text, "%d", code);
}
