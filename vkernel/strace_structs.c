/* SPDX-License-Identifier: BSD-2-Clause */
/* Structures in guest memory: times, signals, files, limits. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "vkernel/linux_abi.h"
#include "vkernel/strace_args.h"

#define POLL_SHOWN 32

/* Has an output not been written, so that only its address is shown? */
static bool
only_address(struct arg *arg)
{
	if (!arg_failed(arg))
		return false;
	arg_pointer(arg->text, arg_value(arg));
	return true;
}

void
arg_timespec(const struct arg *arg, uint64_t va)
{
	struct lx_timespec ts;

	if (arg_get(arg, va, &ts, sizeof(ts)))
		text_add(arg->text, "{tv_sec=%" PRId64 ", tv_nsec=%" PRId64 "}",
		    ts.tv_sec, ts.tv_nsec);
}

static void
timeval_text(struct text *text, const struct lx_timeval *tv)
{
	text_add(text, "{tv_sec=%" PRId64 ", tv_usec=%" PRId64 "}", tv->tv_sec,
	    tv->tv_usec);
}

void
arg_timeval(const struct arg *arg, uint64_t va)
{
	struct lx_timeval tv;

	if (arg_get(arg, va, &tv, sizeof(tv)))
		timeval_text(arg->text, &tv);
}

static enum arg_done
format_timespec(struct arg *arg)
{
	arg_timespec(arg, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_timespec_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg))
		arg_timespec(arg, arg_value(arg));
	return ARG_DONE;
}

/* What is left of a sleep: written when it was interrupted. */
static enum arg_done
format_remain(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (arg->result == -LX_EINTR || arg->result <= -512)
		arg_timespec(arg, arg_value(arg));
	else
		arg_pointer(arg->text, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_timeval_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg))
		arg_timeval(arg, arg_value(arg));
	return ARG_DONE;
}

static void
interval(struct arg *arg, const char *fraction)
{
	struct lx_itimerval value;

	if (!arg_get(arg, arg_value(arg), &value, sizeof(value)))
		return;
	text_add(arg->text,
	    "{it_interval={tv_sec=%" PRId64 ", %s=%" PRId64
	    "}, it_value={tv_sec=%" PRId64 ", %s=%" PRId64 "}}",
	    value.it_interval.tv_sec, fraction, value.it_interval.tv_usec,
	    value.it_value.tv_sec, fraction, value.it_value.tv_usec);
}

static enum arg_done
format_itimerval(struct arg *arg)
{
	interval(arg, "tv_usec");
	return ARG_DONE;
}

static enum arg_done
format_itimerval_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg))
		interval(arg, "tv_usec");
	return ARG_DONE;
}

static enum arg_done
format_itimerspec(struct arg *arg)
{
	interval(arg, "tv_nsec");
	return ARG_DONE;
}

static enum arg_done
format_itimerspec_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg))
		interval(arg, "tv_nsec");
	return ARG_DONE;
}

#define UTIME_NOW  ((INT64_C(1) << 30) - 1)
#define UTIME_OMIT ((INT64_C(1) << 30) - 2)

/* As strace: with the date, unless it is a special value. */
static void
file_time(struct text *text, const struct lx_timespec *ts, const char *fraction,
    int digits)
{
	char date[64];
	struct tm tm;
	time_t seconds;

	if (digits == 9 && ts->tv_nsec == UTIME_NOW) {
		text_add(text, "UTIME_NOW");
		return;
	}
	if (digits == 9 && ts->tv_nsec == UTIME_OMIT) {
		text_add(text, "UTIME_OMIT");
		return;
	}
	text_add(text, "{tv_sec=%" PRId64 ", %s=%" PRId64 "}", ts->tv_sec,
	    fraction, ts->tv_nsec);
	seconds = (time_t)ts->tv_sec;
	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	text_add(text, " /* %s", date);
	if (ts->tv_nsec != 0)
		text_add(text, ".%0*" PRId64, digits, ts->tv_nsec);
	text_add(text, "+0000 */");
}

static void
file_times(struct arg *arg, const char *fraction, int digits)
{
	struct lx_timespec pair[2];

	if (!arg_get(arg, arg_value(arg), pair, sizeof(pair)))
		return;
	text_add(arg->text, "[");
	file_time(arg->text, &pair[0], fraction, digits);
	text_add(arg->text, ", ");
	file_time(arg->text, &pair[1], fraction, digits);
	text_add(arg->text, "]");
}

static enum arg_done
format_utimens(struct arg *arg)
{
	file_times(arg, "tv_nsec", 9);
	return ARG_DONE;
}

static enum arg_done
format_utimes(struct arg *arg)
{
	file_times(arg, "tv_usec", 6);
	return ARG_DONE;
}

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
	if (!only_address(arg))
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
	if (!only_address(arg))
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
	if (!only_address(arg))
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
	if (!only_address(arg))
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

static unsigned
dev_major(uint64_t dev)
{
	return (unsigned)((dev >> 8 & 0xfff) | (dev >> 32 & ~UINT64_C(0xfff)));
}

static unsigned
dev_minor(uint64_t dev)
{
	return (unsigned)((dev & 0xff) | (dev >> 12 & 0xfff00));
}

static bool
is_device(uint64_t mode)
{
	return (mode & 0170000) == 0020000 || (mode & 0170000) == 0060000;
}

static enum arg_done
format_stat(struct arg *arg)
{
	struct lx_stat st;

	if (arg->before)
		return ARG_LATER;
	if (only_address(arg) || !arg_get(arg, arg_value(arg), &st, sizeof(st)))
		return ARG_DONE;
	text_add(arg->text, "{st_mode=");
	text_mode(arg->text, st.st_mode);
	if (is_device(st.st_mode))
		text_add(arg->text, ", st_rdev=makedev(%#x, %#x), ...}",
		    dev_major(st.st_rdev), dev_minor(st.st_rdev));
	else
		text_add(arg->text, ", st_size=%" PRId64 ", ...}", st.st_size);
	return ARG_DONE;
}

static enum arg_done
format_statx(struct arg *arg)
{
	struct lx_statx st;

	if (arg->before)
		return ARG_LATER;
	if (only_address(arg) || !arg_get(arg, arg_value(arg), &st, sizeof(st)))
		return ARG_DONE;
	text_add(arg->text, "{stx_mask=");
	text_name(arg->text, "statx_mask", st.stx_mask);
	text_add(arg->text, ", stx_attributes=");
	text_name(arg->text, "statx_attr", st.stx_attributes);
	text_add(arg->text, ", stx_mode=");
	text_mode(arg->text, st.stx_mode);
	text_add(arg->text, ", stx_size=%" PRIu64 ", ...}", st.stx_size);
	return ARG_DONE;
}

static enum arg_done
format_statx_flags(struct arg *arg)
{
	static const char *const syncs[] = { "AT_STATX_SYNC_AS_STAT",
		"AT_STATX_FORCE_SYNC", "AT_STATX_DONT_SYNC",
		"AT_STATX_SYNC_TYPE" };
	uint64_t flags;

	flags = (uint32_t)arg_value(arg);
	text_add(arg->text, "%s", syncs[flags >> 13 & 3]);
	flags &= ~UINT64_C(0x6000);
	if (flags != 0) {
		text_add(arg->text, "|");
		text_name(arg->text, "at_statx", flags);
	}
	return ARG_DONE;
}

static enum arg_done
format_statfs(struct arg *arg)
{
	struct lx_statfs st;

	if (arg->before)
		return ARG_LATER;
	if (only_address(arg) || !arg_get(arg, arg_value(arg), &st, sizeof(st)))
		return ARG_DONE;
	text_add(arg->text, "{f_type=");
	text_name(arg->text, "fs", (uint64_t)st.f_type);
	text_add(arg->text,
	    ", f_bsize=%" PRId64 ", f_blocks=%" PRIu64 ", f_bfree=%" PRIu64
	    ", f_bavail=%" PRIu64 ", f_files=%" PRIu64 ", f_ffree=%" PRIu64,
	    st.f_bsize, st.f_blocks, st.f_bfree, st.f_bavail, st.f_files,
	    st.f_ffree);
	text_add(arg->text,
	    ", f_fsid={val=[%#x, %#x]}, f_namelen=%" PRId64
	    ", f_frsize=%" PRId64 ", f_flags=",
	    (unsigned)st.f_fsid[0], (unsigned)st.f_fsid[1], st.f_namelen,
	    st.f_frsize);
	text_name(arg->text, "st", (uint64_t)st.f_flags);
	text_add(arg->text, "}");
	return ARG_DONE;
}

static void
limit_value(struct text *text, uint64_t value)
{
	if (value == LX_RLIM_INFINITY)
		text_add(text, "RLIM64_INFINITY");
	else if (value > 1024 && value % 1024 == 0)
		text_add(text, "%" PRIu64 "*1024", value / 1024);
	else
		text_add(text, "%" PRIu64, value);
}

static enum arg_done
format_limit(struct arg *arg)
{
	struct lx_rlimit limit;

	if (!arg_get(arg, arg_value(arg), &limit, sizeof(limit)))
		return ARG_DONE;
	text_add(arg->text, "{rlim_cur=");
	limit_value(arg->text, limit.rlim_cur);
	text_add(arg->text, ", rlim_max=");
	limit_value(arg->text, limit.rlim_max);
	text_add(arg->text, "}");
	return ARG_DONE;
}

static enum arg_done
format_limit_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg))
		format_limit(arg);
	return ARG_DONE;
}

void
arg_rusage(const struct arg *arg, uint64_t va)
{
	struct lx_rusage usage;

	if (!arg_get(arg, va, &usage, sizeof(usage)))
		return;
	text_add(arg->text, "{ru_utime=");
	timeval_text(arg->text, &usage.ru_utime);
	text_add(arg->text, ", ru_stime=");
	timeval_text(arg->text, &usage.ru_stime);
	text_add(arg->text, ", ...}");
}

static enum arg_done
format_rusage(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg))
		arg_rusage(arg, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_uname(struct arg *arg)
{
	struct lx_utsname name;

	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg) &&
	    arg_get(arg, arg_value(arg), &name, sizeof(name)))
		text_add(arg->text,
		    "{sysname=\"%.64s\", nodename=\"%.64s\", ...}",
		    name.sysname, name.nodename);
	return ARG_DONE;
}

static enum arg_done
format_sysinfo(struct arg *arg)
{
	struct lx_sysinfo info;

	if (arg->before)
		return ARG_LATER;
	if (only_address(arg) ||
	    !arg_get(arg, arg_value(arg), &info, sizeof(info)))
		return ARG_DONE;
	text_add(arg->text,
	    "{uptime=%" PRId64 ", loads=[%" PRIu64 ", %" PRIu64 ", %" PRIu64
	    "], totalram=%" PRIu64 ", freeram=%" PRIu64 ", sharedram=%" PRIu64,
	    info.uptime, info.loads[0], info.loads[1], info.loads[2],
	    info.totalram, info.freeram, info.sharedram);
	text_add(arg->text,
	    ", bufferram=%" PRIu64 ", totalswap=%" PRIu64 ", freeswap=%" PRIu64
	    ", procs=%u, totalhigh=%" PRIu64 ", freehigh=%" PRIu64
	    ", mem_unit=%u}",
	    info.bufferram, info.totalswap, info.freeswap, info.procs,
	    info.totalhigh, info.freehigh, info.mem_unit);
	return ARG_DONE;
}

static enum arg_done
format_times(struct arg *arg)
{
	struct lx_tms tms;

	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg) &&
	    arg_get(arg, arg_value(arg), &tms, sizeof(tms)))
		text_add(arg->text,
		    "{tms_utime=%" PRId64 ", tms_stime=%" PRId64
		    ", tms_cutime=%" PRId64 ", tms_cstime=%" PRId64 "}",
		    tms.tms_utime, tms.tms_stime, tms.tms_cutime,
		    tms.tms_cstime);
	return ARG_DONE;
}

static enum arg_done
format_pair(struct arg *arg)
{
	int32_t fds[2];

	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg) &&
	    arg_get(arg, arg_value(arg), fds, sizeof(fds)))
		text_add(arg->text, "[%d, %d]", fds[0], fds[1]);
	return ARG_DONE;
}

static enum arg_done
format_int_out(struct arg *arg)
{
	int32_t value;

	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg) &&
	    arg_get(arg, arg_value(arg), &value, sizeof(value)))
		text_add(arg->text, "[%d]", value);
	return ARG_DONE;
}

static enum arg_done
format_int_in(struct arg *arg)
{
	int32_t value;

	if (arg_get(arg, arg_value(arg), &value, sizeof(value)))
		text_add(arg->text, "[%d]", value);
	return ARG_DONE;
}

/* A position that the call moves. */
static enum arg_done
format_offset(struct arg *arg)
{
	int64_t value;

	if (!arg->begun) {
		if (!arg_get(arg, arg_value(arg), &value, sizeof(value)))
			return ARG_DONE;
		text_add(arg->text, "[%" PRId64 "]", value);
		*arg->saved = (uint64_t)value;
		if (arg->before)
			return ARG_LATER;
	}
	if (arg->result > 0 &&
	    arg_read(arg, arg_value(arg), &value, sizeof(value)) &&
	    (uint64_t)value != *arg->saved)
		text_add(arg->text, " => [%" PRId64 "]", value);
	return ARG_DONE;
}

#define IDS_SHOWN 32

static void
ids(struct arg *arg, uint64_t count)
{
	uint32_t id;
	uint64_t i;

	text_add(arg->text, "[");
	for (i = 0; i < count && i < IDS_SHOWN; i++)
		if (arg_read(arg, arg_value(arg) + 4 * i, &id, sizeof(id)))
			text_add(arg->text, i == 0 ? "%u" : ", %u", id);
	text_add(arg->text, i < count ? ", ...]" : "]");
}

static enum arg_done
format_groups_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (only_address(arg))
		return ARG_DONE;
	if (arg_value(arg) == 0)
		arg_pointer(arg->text, 0);
	else
		ids(arg, arg->args[0] == 0 ? 0 : (uint64_t)arg->result);
	return ARG_DONE;
}

static enum arg_done
format_groups(struct arg *arg)
{
	if (arg_value(arg) == 0)
		arg_pointer(arg->text, 0);
	else
		ids(arg, arg->args[0]);
	return ARG_DONE;
}

static void
cpus(struct arg *arg, uint64_t bytes)
{
	uint64_t i;
	uint8_t byte;
	bool first;

	text_add(arg->text, "[");
	for (first = true, byte = 0, i = 0; i < bytes * 8 && i < 8192; i++) {
		if (i % 8 == 0 &&
		    !arg_read(arg, arg_value(arg) + i / 8, &byte, 1))
			break;
		if ((byte >> (i % 8) & 1) == 0)
			continue;
		text_add(arg->text, first ? "%" PRIu64 : " %" PRIu64, i);
		first = false;
	}
	text_add(arg->text, "]");
}

static enum arg_done
format_cpus(struct arg *arg)
{
	cpus(arg, arg->args[1]);
	return ARG_DONE;
}

static enum arg_done
format_cpus_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (!only_address(arg))
		cpus(arg, (uint64_t)arg->result);
	return ARG_DONE;
}

static enum arg_done
format_dents(struct arg *arg)
{
	uint64_t at, count;
	uint16_t len;

	if (arg->before)
		return ARG_LATER;
	if (only_address(arg))
		return ARG_DONE;
	count = 0;
	for (at = 0; at < (uint64_t)arg->result; at += len, count++)
		if (!arg_read(
			arg, arg_value(arg) + at + 16, &len, sizeof(len)) ||
		    len == 0)
			break;
	arg_pointer(arg->text, arg_value(arg));
	text_add(arg->text, " /* %" PRIu64 " entries */", count);
	return ARG_DONE;
}

static void
poll_rows(struct arg *arg, struct text *text, bool results)
{
	struct lx_pollfd row;
	uint64_t i, count;
	bool first;

	count = arg->args[1];
	text_add(text, "[");
	for (first = true, i = 0; i < count && i < POLL_SHOWN; i++) {
		if (!arg_read(arg, arg_value(arg) + i * sizeof(row), &row,
			sizeof(row)))
			break;
		if (results && row.revents == 0)
			continue;
		text_add(text, first ? "{fd=%d" : ", {fd=%d", row.fd);
		if (results || row.fd >= 0) {
			text_add(text, results ? ", revents=" : ", events=");
			text_name(text, "poll",
			    (uint16_t)(results ? row.revents : row.events));
		}
		text_add(text, "}");
		first = false;
	}
	text_add(text, i < count ? ", ...]" : "]");
}

/* The rows before the call; what it found goes behind its result. */
static enum arg_done
format_poll(struct arg *arg)
{
	struct lx_pollfd row;

	if (!arg->begun) {
		if (arg->args[1] == 0 || arg_value(arg) == 0 ||
		    !arg_read(arg, arg_value(arg), &row, sizeof(row)))
			arg_pointer(arg->text, arg_value(arg));
		else
			poll_rows(arg, arg->text, false);
	}
	return ARG_DONE;
}

/* Prints nothing: for poll and ppoll, last. */
static enum arg_done
format_poll_note(struct arg *arg)
{
	struct arg first;

	if (arg->before)
		return ARG_NOTE;
	first = *arg;
	first.i = 0;
	if (arg->result == 0)
		text_add(arg->note, "Timeout");
	else if (arg->result > 0)
		poll_rows(&first, arg->note, true);
	return ARG_LEFT_OUT;
}

const struct arg_row strace_memory_formats[] = {
	{ "T", format_timespec },
	{ "t", format_timespec_out },
	{ "remain", format_remain },
	{ "j", format_timeval_out },
	{ "itimerval", format_itimerval },
	{ "itimerval_out", format_itimerval_out },
	{ "itimerspec", format_itimerspec },
	{ "itimerspec_out", format_itimerspec_out },
	{ "utimens", format_utimens },
	{ "utimes", format_utimes },
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
	{ "E", format_stat },
	{ "statx", format_statx },
	{ "statx_flags", format_statx_flags },
	{ "statfs", format_statfs },
	{ "limit", format_limit },
	{ "R", format_limit_out },
	{ "rusage_out", format_rusage },
	{ "U", format_uname },
	{ "sysinfo", format_sysinfo },
	{ "times", format_times },
	{ "I", format_pair },
	{ "int", format_int_in },
	{ "int_out", format_int_out },
	{ "offset", format_offset },
	{ "groups", format_groups },
	{ "groups_out", format_groups_out },
	{ "cpus", format_cpus },
	{ "cpus_out", format_cpus_out },
	{ "dents", format_dents },
	{ "n", format_poll },
	{ "poll_note", format_poll_note },
	{ NULL, NULL },
};
