/* SPDX-License-Identifier: BSD-2-Clause */
/* ioctl: terminals and the few requests that other files know. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/os_tty.h"
#include "vkernel/errno_map.h"
#include "vkernel/syscall.h"
#include "vkernel/termios.h"
#include "vkernel/usercopy.h"

#define LX_TCGETS      0x5401
#define LX_TCSETS      0x5402
#define LX_TCSETSW     0x5403
#define LX_TCSETSF     0x5404
#define LX_TCSBRK      0x5409
#define LX_TCXONC      0x540a
#define LX_TCFLSH      0x540b
#define LX_TIOCSCTTY   0x540e
#define LX_TIOCGPGRP   0x540f
#define LX_TIOCSPGRP   0x5410
#define LX_TIOCOUTQ    0x5411
#define LX_TIOCSTI     0x5412
#define LX_TIOCGWINSZ  0x5413
#define LX_TIOCSWINSZ  0x5414
#define LX_FIONREAD    0x541b
#define LX_FIGETBSZ    2
#define LX_GETFLAGS    0x80086601
#define LX_TIOCPKT     0x5420
#define LX_TIOCNOTTY   0x5422
#define LX_TIOCGETD    0x5424
#define LX_TCSBRKP     0x5425
#define LX_TIOCGSID    0x5429
#define LX_TCGETS2     0x802c542a
#define LX_TCSETS2     0x402c542b
#define LX_TCSETSW2    0x402c542c
#define LX_TCSETSF2    0x402c542d
#define LX_TIOCGPTN    0x80045430
#define LX_TIOCSPTLCK  0x40045431
#define LX_TIOCGPTPEER 0x5441
#define LX_FIONCLEX    0x5450
#define LX_FIOCLEX     0x5451

struct request {
	struct vk_thread *thread;
	struct vk_open *open;
	int fd;       /* the host's */
	uint64_t arg; /* of the guest */
};

struct lx_termios2 {
	struct lx_termios termios;
	uint32_t ispeed, ospeed;
};

static int64_t
out(const struct request *request, const void *bytes, size_t len)
{
	return -copyout(request->thread->process->mm, request->arg, bytes, len);
}

static int64_t
in(const struct request *request, void *bytes, size_t len)
{
	return -copyin(request->thread->process->mm, bytes, request->arg, len);
}

static int64_t
int_out(const struct request *request, int value)
{
	return out(request, &value, sizeof(value));
}

static int64_t
settings_get(const struct request *request)
{
	struct lx_termios guest;
	struct termios host;

	if (tcgetattr(request->fd, &host) != 0)
		return host_error();
	termios_to_guest(&host, &guest);
	return out(request, &guest, sizeof(guest));
}

/* Baud rates as numbers. */
static const struct {
	uint32_t code, rate;
} rates[] = { { 0, 0 }, { 1, 50 }, { 2, 75 }, { 3, 110 }, { 4, 134 },
	{ 5, 150 }, { 6, 200 }, { 7, 300 }, { 8, 600 }, { 9, 1200 },
	{ 10, 1800 }, { 11, 2400 }, { 12, 4800 }, { 13, 9600 }, { 14, 19200 },
	{ 15, 38400 }, { 010001, 57600 }, { 010002, 115200 },
	{ 010003, 230400 } };

static uint32_t
rate_of(uint32_t code)
{
	size_t i;

	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (rates[i].code == (code & 010017))
			return rates[i].rate;
	return 38400;
}

static int64_t
settings_get2(const struct request *request)
{
	struct lx_termios2 guest;
	struct termios host;

	if (tcgetattr(request->fd, &host) != 0)
		return host_error();
	termios_to_guest(&host, &guest.termios);
	guest.ispeed = guest.ospeed = rate_of(guest.termios.c_cflag);
	return out(request, &guest, sizeof(guest));
}

/* What may be left out of a terminal2 is its speeds. */
static int64_t
settings_set(const struct request *request, int when)
{
	struct lx_termios guest;
	struct termios host;
	int error;

	if (tcgetattr(request->fd, &host) != 0)
		return host_error();
	error = tty_check_change(request->thread, request->open);
	if (error != 0)
		return -error;
	if (in(request, &guest, sizeof(guest)) != 0)
		return -LX_EFAULT;
	termios_to_host(&guest, &host);
	return host_result(tcsetattr(request->fd, when, &host));
}

static int64_t
settings_now(const struct request *request)
{
	return settings_set(request, TCSANOW);
}

static int64_t
settings_drain(const struct request *request)
{
	return settings_set(request, TCSADRAIN);
}

static int64_t
settings_flush(const struct request *request)
{
	return settings_set(request, TCSAFLUSH);
}

static int64_t
window_get(const struct request *request)
{
	struct lx_winsize guest;
	struct winsize host;

	if (ioctl(request->fd, TIOCGWINSZ, &host) != 0)
		return host_error();
	guest = (struct lx_winsize){ host.ws_row, host.ws_col, host.ws_xpixel,
		host.ws_ypixel };
	return out(request, &guest, sizeof(guest));
}

static int64_t
window_set(const struct request *request)
{
	struct lx_winsize guest;
	struct winsize host, old;

	if (ioctl(request->fd, TIOCGWINSZ, &old) != 0)
		return host_error();
	if (in(request, &guest, sizeof(guest)) != 0)
		return -LX_EFAULT;
	host.ws_row = guest.ws_row;
	host.ws_col = guest.ws_col;
	host.ws_xpixel = guest.ws_xpixel;
	host.ws_ypixel = guest.ws_ypixel;
	if (ioctl(request->fd, TIOCSWINSZ, &host) != 0)
		return host_error();
	if (memcmp(&host, &old, sizeof(host)) != 0)
		tty_resized(request->thread, request->open);
	return 0;
}

static int64_t
group_get(const struct request *request)
{
	const struct vk_tty *tty;

	if (!isatty(request->fd))
		return -LX_ENOTTY;
	tty = tty_of_open(request->thread, request->open);
	return tty == NULL ? -LX_ENOTTY : int_out(request, tty->foreground);
}

static int64_t
group_set(const struct request *request)
{
	int error, group;

	if (!isatty(request->fd))
		return -LX_ENOTTY;
	error = tty_check_change(request->thread, request->open);
	if (error != 0)
		return error == LX_EIO ? -LX_ENOTTY : -error;
	if (tty_of_open(request->thread, request->open) == NULL)
		return -LX_ENOTTY;
	if (in(request, &group, sizeof(group)) != 0)
		return -LX_EFAULT;
	return -tty_set_foreground(request->thread, request->open, group);
}

static int64_t
session_get(const struct request *request)
{
	const struct vk_tty *tty;

	if (!isatty(request->fd))
		return -LX_ENOTTY;
	tty = tty_of_open(request->thread, request->open);
	return tty == NULL ? -LX_ENOTTY : int_out(request, tty->sid);
}

static int64_t
controlling_set(const struct request *request)
{
	if (!isatty(request->fd))
		return -LX_ENOTTY;
	return -tty_take(request->thread, request->open, (int)request->arg);
}

static int64_t
controlling_drop(const struct request *request)
{
	return -tty_leave(request->thread, request->open);
}

static int64_t
host_count(const struct request *request, unsigned long host_request)
{
	int count;

	if (ioctl(request->fd, host_request, &count) != 0)
		return host_error();
	return int_out(request, count);
}

static int64_t
bytes_readable(const struct request *request)
{
	return host_count(request, FIONREAD);
}

static int64_t
block_size(const struct request *request)
{
	struct stat st;

	if (fstat(request->fd, &st) != 0)
		return host_error();
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)
		   ? int_out(request, (int)st.st_blksize)
		   : -LX_ENOTTY;
}

static int64_t
attributes(const struct request *request)
{
	int error, flags;

	flags = 0;
	error = os_file_flags(request->fd, &flags);
	return error == 0 ? int_out(request, flags) : -errno_to_linux(error);
}

static int64_t
bytes_queued(const struct request *request)
{
	return host_count(request, TIOCOUTQ);
}

/* A choice of the host's constants, for those in the foreground. */
static int64_t
choose(const struct request *request, int (*call)(int, int), const int *host,
    uint64_t count)
{
	int error;

	if (!isatty(request->fd))
		return -LX_ENOTTY;
	error = tty_check_change(request->thread, request->open);
	if (error != 0)
		return -error;
	if (request->arg >= count)
		return -LX_EINVAL;
	return host_result(call(request->fd, host[request->arg]));
}

static int64_t
flow(const struct request *request)
{
	static const int host[] = { TCOOFF, TCOON, TCIOFF, TCION };

	return choose(request, tcflow, host, 4);
}

static int64_t
flush(const struct request *request)
{
	static const int host[] = { TCIFLUSH, TCOFLUSH, TCIOFLUSH };

	return choose(request, tcflush, host, 3);
}

static int64_t
send_break(const struct request *request)
{
	int error;

	if (!isatty(request->fd))
		return -LX_ENOTTY;
	error = tty_check_change(request->thread, request->open);
	if (error != 0)
		return -error;
	return host_result(request->arg != 0 ? tcdrain(request->fd)
					     : tcsendbreak(request->fd, 0));
}

/* Nobody types for somebody else. */
static int64_t
refuse(const struct request *request)
{
	return isatty(request->fd) ? -LX_EPERM : -LX_ENOTTY;
}

static int64_t
discipline_get(const struct request *request)
{
	return isatty(request->fd) ? int_out(request, 0) : -LX_ENOTTY;
}

static int64_t
pty_number(const struct request *request)
{
	unsigned number;
	int error;

	error = os_pty_number(request->fd, &number);
	return error != 0 ? -errno_to_linux(error)
			  : int_out(request, (int)number);
}

static int64_t
pty_switch(const struct request *request, int (*call)(int, bool))
{
	int on;

	if (in(request, &on, sizeof(on)) != 0)
		return -LX_EFAULT;
	return -errno_to_linux(call(request->fd, on != 0));
}

static int64_t
pty_lock(const struct request *request)
{
	return pty_switch(request, os_pty_lock);
}

static int64_t
pty_packet(const struct request *request)
{
	return pty_switch(request, os_pty_packet);
}

static int64_t
pty_peer(const struct request *request)
{
	struct vk_open *open;
	int error, fd;

	error = os_pty_peer(request->fd, (int)request->arg, &fd);
	if (error != 0)
		return -errno_to_linux(error);
	error = open_create(fd, &open);
	return error != 0
		   ? -error
		   : open_install(request->thread, open, (int)request->arg);
}

static const struct {
	uint32_t number;
	int64_t (*call)(const struct request *request);
} requests[] = { { LX_TCGETS, settings_get }, { LX_TCSETS, settings_now },
	{ LX_TCSETSW, settings_drain }, { LX_TCSETSF, settings_flush },
	{ LX_TCGETS2, settings_get2 }, { LX_TCSETS2, settings_now },
	{ LX_TCSETSW2, settings_drain }, { LX_TCSETSF2, settings_flush },
	{ LX_TCSBRK, send_break }, { LX_TCSBRKP, send_break },
	{ LX_TCXONC, flow }, { LX_TCFLSH, flush }, { LX_TIOCGPGRP, group_get },
	{ LX_TIOCSPGRP, group_set }, { LX_TIOCGSID, session_get },
	{ LX_TIOCSCTTY, controlling_set }, { LX_TIOCNOTTY, controlling_drop },
	{ LX_TIOCGWINSZ, window_get }, { LX_TIOCSWINSZ, window_set },
	{ LX_FIGETBSZ, block_size }, { LX_GETFLAGS, attributes },
	{ LX_FIONREAD, bytes_readable }, { LX_TIOCOUTQ, bytes_queued },
	{ LX_TIOCSTI, refuse }, { LX_TIOCGETD, discipline_get },
	{ LX_TIOCGPTN, pty_number }, { LX_TIOCSPTLCK, pty_lock },
	{ LX_TIOCPKT, pty_packet }, { LX_TIOCGPTPEER, pty_peer } };

static int64_t
tty_ioctl(struct vk_thread *thread, struct vk_open *open, const uint64_t *args)
{
	struct request request = { thread, open, open->fd, args[2] };
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].number == (uint32_t)args[1])
			return requests[i].call(&request);
	return -LX_ENOTTY;
}

int64_t
sys_ioctl(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_open *open;
	int64_t result;

	open = fds_lookup(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	result = open_ioctl(thread, open, args[1], args[2]);
	if (result != -LX_ENOTTY)
		return result;
	switch ((uint32_t)args[1]) {
	case LX_FIOCLEX:
	case LX_FIONCLEX:
		thread->process->fds->rows[(int)args[0]].cloexec =
		    args[1] == LX_FIOCLEX;
		return 0;
	default:
		return open_is_own(open) ? -LX_ENOTTY
					 : tty_ioctl(thread, open, args);
	}
}
