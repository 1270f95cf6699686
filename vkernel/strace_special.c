/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments whose meaning another argument decides: fcntl, ioctl, select,
 * epoll. */
#include <inttypes.h>

#include "vkernel/linux_abi.h"
#include "vkernel/strace_args.h"

#define EVENTS_SHOWN 32

static void
lock_text(const struct arg *arg, bool with_pid)
{
	struct lx_flock lock;

	if (!arg_get(arg, arg->args[2], &lock, sizeof(lock)))
		return;
	text_add(arg->text, "{l_type=");
	text_name(arg->text, "lock_type", (uint16_t)lock.l_type);
	text_add(arg->text, ", l_whence=");
	text_name(arg->text, "whence", (uint16_t)lock.l_whence);
	text_add(arg->text, ", l_start=%" PRId64 ", l_len=%" PRId64,
	    lock.l_start, lock.l_len);
	if (with_pid)
		text_add(arg->text, ", l_pid=%d", lock.l_pid);
	text_add(arg->text, "}");
}

static void
fcntl_note(const struct arg *arg)
{
	switch (arg->args[1]) {
	case LX_F_GETFL:
		text_add(arg->note, "flags ");
		text_open_flags(arg->note, (uint64_t)arg->result);
		break;
	case LX_F_GETFD:
		if (arg->result == 0)
			return;
		text_add(arg->note, "flags ");
		text_name(arg->note, "fd_flags", (uint64_t)arg->result);
		break;
	case 1034:
		text_add(arg->note, "seals ");
		text_name(arg->note, "seals", (uint64_t)arg->result);
		break;
	default:
		break;
	}
}

/* The third argument of fcntl. */
static enum arg_done
format_fcntl(struct arg *arg)
{
	switch (arg->args[1]) {
	case LX_F_GETFL:
	case LX_F_GETFD:
	case LX_F_GETOWN:
	case LX_F_GETPIPE_SZ:
	case 11:   /* F_GETSIG */
	case 1025: /* F_GETLEASE */
	case 1034: /* F_GET_SEALS */
		if (arg->before)
			return ARG_NOTE;
		if (arg->result >= 0)
			fcntl_note(arg);
		return ARG_LEFT_OUT;
	case LX_F_GETLK:
	case LX_F_OFD_GETLK:
		if (arg->before)
			return ARG_LATER;
		if (arg_failed(arg))
			arg_pointer(arg->text, arg_value(arg));
		else
			lock_text(arg, true);
		return ARG_DONE;
	case LX_F_SETLK:
	case LX_F_SETLKW:
	case LX_F_OFD_SETLK:
	case LX_F_OFD_SETLKW:
		lock_text(arg, false);
		return ARG_DONE;
	case LX_F_SETFD:
		text_name(arg->text, "fd_flags", arg_value(arg));
		return ARG_DONE;
	case LX_F_SETFL:
		text_open_flags(arg->text, arg_value(arg));
		return ARG_DONE;
	case 1033: /* F_ADD_SEALS */
		text_name(arg->text, "seals", arg_value(arg));
		return ARG_DONE;
	default:
		text_add(arg->text, "%d", (int)arg_value(arg));
		return ARG_DONE;
	}
}

static const struct name_row baud_rows[] = { { 0, "B0" }, { 013, "B2400" },
	{ 014, "B4800" }, { 015, "B9600" }, { 016, "B19200" },
	{ 017, "B38400" }, { 010001, "B57600" }, { 010002, "B115200" } };

static const char *
baud_name(uint32_t cflag)
{
	size_t i;

	for (i = 0; i < sizeof(baud_rows) / sizeof(baud_rows[0]); i++)
		if (baud_rows[i].value == (cflag & 010017))
			return baud_rows[i].name;
	return "B???";
}

static void
termios_text(const struct arg *arg)
{
	struct lx_termios t;

	if (!arg_get(arg, arg_value(arg), &t, sizeof(t)))
		return;
	text_add(arg->text, "{%s %sopost %sisig %sicanon %secho ...}",
	    baud_name(t.c_cflag), (t.c_oflag & 1) != 0 ? "" : "-",
	    (t.c_lflag & 1) != 0 ? "" : "-", (t.c_lflag & 2) != 0 ? "" : "-",
	    (t.c_lflag & 010) != 0 ? "" : "-");
}

static void
winsize_text(const struct arg *arg)
{
	struct lx_winsize w;

	if (arg_get(arg, arg_value(arg), &w, sizeof(w)))
		text_add(arg->text,
		    "{ws_row=%u, ws_col=%u, ws_xpixel=%u, ws_ypixel=%u}",
		    w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
}

static void
int_text(const struct arg *arg)
{
	arg_int(arg, arg_value(arg));
}

static void
number_text(const struct arg *arg)
{
	text_add(
	    arg->text, arg_value(arg) == 0 ? "0" : "%#" PRIx64, arg_value(arg));
}

struct ioctl_row {
	uint32_t request;
	bool written;
	void (*format)(const struct arg *arg); /* NULL: no argument */
};

static const struct ioctl_row ioctl_rows[] = { { 0x5401, true, termios_text },
	{ 0x5402, false, termios_text }, { 0x5403, false, termios_text },
	{ 0x5404, false, termios_text }, { 0x5409, false, number_text },
	{ 0x540f, true, int_text }, { 0x5410, false, int_text },
	{ 0x5411, true, int_text }, { 0x5413, true, winsize_text },
	{ 0x5414, false, winsize_text }, { 0x541b, true, int_text },
	{ 0x5421, false, int_text }, { 0x5429, true, int_text },
	{ 0x5450, false, NULL }, { 0x5451, false, NULL },
	{ 0x80045430, true, int_text }, { 0x40045431, false, int_text } };

static enum arg_done
format_ioctl(struct arg *arg)
{
	size_t i;

	for (i = 0; i < sizeof(ioctl_rows) / sizeof(ioctl_rows[0]); i++) {
		const struct ioctl_row *row = &ioctl_rows[i];

		if (row->request != (uint32_t)arg->args[1])
			continue;
		if (row->format == NULL)
			return ARG_LEFT_OUT;
		if (row->written && arg->before)
			return ARG_LATER;
		if (row->written && arg_failed(arg))
			arg_pointer(arg->text, arg_value(arg));
		else
			row->format(arg);
		return ARG_DONE;
	}
	arg_pointer(arg->text, arg_value(arg));
	return ARG_DONE;
}

/* A request without a name, as its parts. */
static enum arg_done
format_ioctl_request(struct arg *arg)
{
	static const char *const directions[] = { "_IOC_NONE", "_IOC_WRITE",
		"_IOC_READ", "_IOC_READ|_IOC_WRITE" };
	uint32_t request;
	const char *name;

	request = (uint32_t)arg_value(arg);
	name = name_of("ioctl", request);
	if (name != NULL)
		text_add(arg->text, "%s", name);
	else
		text_add(arg->text, "_IOC(%s, %#x, %#x, %#x)",
		    directions[request >> 30], request >> 8 & 0xff,
		    request & 0xff, request >> 16 & 0x3fff);
	return ARG_DONE;
}

#define FDS_SHOWN 1024

static void
fdset_text(const struct arg *arg, struct text *text, uint64_t va)
{
	uint64_t fd, most;
	uint8_t byte;
	bool first;

	most = (uint64_t)(int)arg->args[0];
	text_add(text, "[");
	for (first = true, byte = 0, fd = 0; fd < most && fd < FDS_SHOWN;
	     fd++) {
		if (fd % 8 == 0 && !arg_read(arg, va + fd / 8, &byte, 1))
			break;
		if ((byte >> (fd % 8) & 1) == 0)
			continue;
		text_add(text, first ? "%" PRIu64 : " %" PRIu64, fd);
		first = false;
	}
	text_add(text, "]");
}

static enum arg_done
format_fdset(struct arg *arg)
{
	uint8_t byte;

	if (arg_value(arg) == 0 || !arg_read(arg, arg_value(arg), &byte, 1))
		arg_pointer(arg->text, arg_value(arg));
	else
		fdset_text(arg, arg->text, arg_value(arg));
	return ARG_DONE;
}

static bool
fdset_is_empty(const struct arg *arg, uint64_t va)
{
	uint64_t fd;
	uint8_t byte;

	for (fd = 0; fd < (uint64_t)(int)arg->args[0] && fd < FDS_SHOWN;
	     fd += 8)
		if (arg_read(arg, va + fd / 8, &byte, 1) && byte != 0)
			return false;
	return true;
}

static void
select_left(const struct arg *arg, const char *before)
{
	struct arg left;

	left = *arg;
	left.text = arg->note;
	text_add(arg->note, "%sleft ", before);
	if (*arg->saved == 1)
		arg_timeval(&left, arg->args[4]);
	else
		arg_timespec(&left, arg->args[4]);
}

static void
select_note(const struct arg *arg)
{
	static const char *const names[] = { "in", "out", "except" };
	size_t i;

	if (arg->result == 0) {
		text_add(arg->note, "Timeout");
		return;
	}
	for (i = 0; i < 3; i++) {
		if (arg->args[i + 1] == 0 ||
		    fdset_is_empty(arg, arg->args[i + 1]))
			continue;
		text_add(
		    arg->note, arg->note->len == 0 ? "%s " : ", %s ", names[i]);
		fdset_text(arg, arg->note, arg->args[i + 1]);
	}
	if (arg->args[4] != 0)
		select_left(arg, arg->note->len == 0 ? "" : ", ");
}

/* The timeout of select, and what select found. */
static enum arg_done
format_select(struct arg *arg)
{
	if (!arg->begun) {
		*arg->saved = 1;
		arg_timeval(arg, arg_value(arg));
		if (arg->before)
			return ARG_LATER;
	}
	if (arg->result >= 0)
		select_note(arg);
	return ARG_DONE;
}

struct sigset_argument {
	uint64_t mask, size;
};

/* The mask of pselect6, and what it found. */
static enum arg_done
format_pselect(struct arg *arg)
{
	struct sigset_argument set;

	if (!arg->begun) {
		*arg->saved = 2;
		if (arg_get(arg, arg_value(arg), &set, sizeof(set))) {
			text_add(arg->text, "{sigmask=");
			arg_sigset(arg, set.mask);
			text_add(
			    arg->text, ", sigsetsize=%" PRIu64 "}", set.size);
		}
		if (arg->before)
			return ARG_LATER;
	}
	if (arg->result >= 0)
		select_note(arg);
	return ARG_DONE;
}

struct epoll_row { /* packed: 12 bytes */
	uint32_t events, low, high;
};

static void
epoll_text(const struct arg *arg, const struct epoll_row *row)
{
	text_add(arg->text, "{events=");
	text_name(arg->text, "epoll", row->events);
	text_add(arg->text, ", data={u32=%u, u64=%" PRIu64 "}}", row->low,
	    (uint64_t)row->high << 32 | row->low);
}

static enum arg_done
format_epoll_event(struct arg *arg)
{
	struct epoll_row row;

	if (arg->args[1] == 2) /* EPOLL_CTL_DEL ignores it */
		arg_pointer(arg->text, arg_value(arg));
	else if (arg_get(arg, arg_value(arg), &row, sizeof(row)))
		epoll_text(arg, &row);
	return ARG_DONE;
}

static enum arg_done
format_epoll_events(struct arg *arg)
{
	struct epoll_row row;
	int64_t i;

	if (arg->before)
		return ARG_LATER;
	if (arg_failed(arg)) {
		arg_pointer(arg->text, arg_value(arg));
		return ARG_DONE;
	}
	text_add(arg->text, "[");
	for (i = 0; i < arg->result && i < EVENTS_SHOWN; i++) {
		if (!arg_read(arg, arg_value(arg) + (uint64_t)i * sizeof(row),
			&row, sizeof(row)))
			break;
		text_add(arg->text, i == 0 ? "" : ", ");
		epoll_text(arg, &row);
	}
	text_add(arg->text, i < arg->result ? ", ...]" : "]");
	return ARG_DONE;
}

const struct arg_row strace_call_formats[] = {
	{ "fcntl_arg", format_fcntl },
	{ "ioctl_request", format_ioctl_request },
	{ "ioctl_arg", format_ioctl },
	{ "fdset", format_fdset },
	{ "select", format_select },
	{ "pselect", format_pselect },
	{ "epoll_event", format_epoll_event },
	{ "epoll_events", format_epoll_events },
	{ NULL, NULL },
};
