/* SPDX-License-Identifier: BSD-2-Clause */
/* Times in guest memory, and what was used of them. */
#include <inttypes.h>
#include <time.h>

#include "vkernel/linux_abi.h"
#include "vkernel/strace_args.h"

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
	if (!arg_only_address(arg))
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
	if (!arg_only_address(arg))
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
	if (!arg_only_address(arg))
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
	if (!arg_only_address(arg))
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
	if (!arg_only_address(arg))
		arg_rusage(arg, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_sysinfo(struct arg *arg)
{
	struct lx_sysinfo info;

	if (arg->before)
		return ARG_LATER;
	if (arg_only_address(arg) ||
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
	if (!arg_only_address(arg) &&
	    arg_get(arg, arg_value(arg), &tms, sizeof(tms)))
		text_add(arg->text,
		    "{tms_utime=%" PRId64 ", tms_stime=%" PRId64
		    ", tms_cutime=%" PRId64 ", tms_cstime=%" PRId64 "}",
		    tms.tms_utime, tms.tms_stime, tms.tms_cutime,
		    tms.tms_cstime);
	return ARG_DONE;
}

const struct arg_row strace_time_formats[] = {
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
	{ "rusage_out", format_rusage },
	{ "sysinfo", format_sysinfo },
	{ "times", format_times },
	{ NULL, NULL },
};
