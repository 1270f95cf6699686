/* SPDX-License-Identifier: BSD-2-Clause */
/* Files, limits, names and lists in guest memory. */
#include <inttypes.h>
#include <string.h>

#include "vkernel/linux_abi.h"
#include "vkernel/strace_args.h"

#define POLL_SHOWN 32

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
	if (arg_only_address(arg) ||
	    !arg_get(arg, arg_value(arg), &st, sizeof(st)))
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
	if (arg_only_address(arg) ||
	    !arg_get(arg, arg_value(arg), &st, sizeof(st)))
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
	if (arg_only_address(arg) ||
	    !arg_get(arg, arg_value(arg), &st, sizeof(st)))
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
	if (!arg_only_address(arg))
		format_limit(arg);
	return ARG_DONE;
}

static enum arg_done
format_uname(struct arg *arg)
{
	struct lx_utsname name;

	if (arg->before)
		return ARG_LATER;
	if (!arg_only_address(arg) &&
	    arg_get(arg, arg_value(arg), &name, sizeof(name)))
		text_add(arg->text,
		    "{sysname=\"%.64s\", nodename=\"%.64s\", ...}",
		    name.sysname, name.nodename);
	return ARG_DONE;
}

static enum arg_done
format_pair(struct arg *arg)
{
	int32_t fds[2];

	if (arg->before)
		return ARG_LATER;
	if (!arg_only_address(arg) &&
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
	if (!arg_only_address(arg) &&
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
	if (arg_only_address(arg))
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
	if (!arg_only_address(arg))
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
	if (arg_only_address(arg))
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
	{ "E", format_stat },
	{ "statx", format_statx },
	{ "statx_flags", format_statx_flags },
	{ "statfs", format_statfs },
	{ "limit", format_limit },
	{ "R", format_limit_out },
	{ "U", format_uname },
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
