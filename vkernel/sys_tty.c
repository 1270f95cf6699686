/* SPDX-License-Identifier: BSD-2-Clause */
/* ioctl: terminals and the few requests that other files know. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/errno_map.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define LX_TCGETS     0x5401
#define LX_TCSETS     0x5402
#define LX_TCSETSW    0x5403
#define LX_TCSETSF    0x5404
#define LX_TCSBRK     0x5409
#define LX_TCXONC     0x540a
#define LX_TCFLSH     0x540b
#define LX_TIOCGPGRP  0x540f
#define LX_TIOCSPGRP  0x5410
#define LX_TIOCGWINSZ 0x5413
#define LX_TIOCSWINSZ 0x5414
#define LX_FIONREAD   0x541b
#define LX_TIOCGSID   0x5429
#define LX_TCSBRKP    0x5425
#define LX_FIONCLEX   0x5450
#define LX_FIOCLEX    0x5451

#define LX_CBAUD 0010017
#define LX_CSIZE 0000060
#define LX_VTIME 5
#define LX_VMIN  6

struct bit_row {
	uint32_t guest;
	tcflag_t host;
};

static const struct bit_row iflags[] = { { 0001, IGNBRK }, { 0002, BRKINT },
	{ 0004, IGNPAR }, { 0010, PARMRK }, { 0020, INPCK }, { 0040, ISTRIP },
	{ 0100, INLCR }, { 0200, IGNCR }, { 0400, ICRNL }, { 02000, IXON },
	{ 04000, IXANY }, { 010000, IXOFF },
#ifdef IUCLC
	{ 01000, IUCLC },
#endif
	{ 020000, IMAXBEL },
#ifdef IUTF8
	{ 040000, IUTF8 },
#endif
	{ 0, 0 } };

static const struct bit_row oflags[] = { { 0001, OPOST }, { 0004, ONLCR },
	{ 0010, OCRNL }, { 0020, ONOCR }, { 0040, ONLRET },
#ifdef OLCUC
	{ 0002, OLCUC },
#endif
	{ 0100, OFILL }, { 014000, TAB3 }, { 0, 0 } };

static const struct bit_row cflags[] = { { 0100, CSTOPB }, { 0200, CREAD },
	{ 0400, PARENB }, { 01000, PARODD }, { 02000, HUPCL },
	{ 04000, CLOCAL }, { 020000000000, CRTSCTS }, { 0, 0 } };

static const struct bit_row lflags[] = { { 0001, ISIG }, { 0002, ICANON },
	{ 0010, ECHO }, { 0020, ECHOE }, { 0040, ECHOK }, { 0100, ECHONL },
	{ 0200, NOFLSH }, { 0400, TOSTOP }, { 01000, ECHOCTL },
	{ 02000, ECHOPRT }, { 04000, ECHOKE }, { 010000, FLUSHO },
	{ 040000, PENDIN }, { 0100000, IEXTEN }, { 0, 0 } };

static const struct bit_row sizes[] = { { 0, CS5 }, { 020, CS6 }, { 040, CS7 },
	{ 060, CS8 } };

/* Host index of each control character of Linux; -1: none there. */
static const int characters[17] = { VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME,
	VMIN, -1, VSTART, VSTOP, VSUSP, VEOL, VREPRINT, VDISCARD, VWERASE,
	VLNEXT, VEOL2 };

static uint32_t
bits_to_guest(const struct bit_row *row, tcflag_t host)
{
	uint32_t guest;

	for (guest = 0; row->guest != 0; row++)
		if ((host & row->host) == row->host)
			guest |= row->guest;
	return guest;
}

static tcflag_t
bits_to_host(const struct bit_row *row, uint32_t guest, tcflag_t old)
{
	for (; row->guest != 0; row++) {
		old &= ~row->host;
		if ((guest & row->guest) == row->guest)
			old |= row->host;
	}
	return old;
}

static uint32_t
size_to_guest(tcflag_t host)
{
	size_t i;

	for (i = 0; i < 4; i++)
		if ((host & CSIZE) == sizes[i].host)
			return sizes[i].guest;
	return LX_CSIZE;
}

static void
termios_to_guest(const struct termios *host, struct lx_termios *guest)
{
	size_t i;

	memset(guest, 0, sizeof(*guest));
	guest->c_iflag = bits_to_guest(iflags, host->c_iflag);
	guest->c_oflag = bits_to_guest(oflags, host->c_oflag);
	guest->c_lflag = bits_to_guest(lflags, host->c_lflag);
	guest->c_cflag = bits_to_guest(cflags, host->c_cflag) |
			 size_to_guest(host->c_cflag) |
			 os_linux_speed(cfgetospeed(host));
	for (i = 0; i < 17; i++)
		if (characters[i] >= 0)
			guest->c_cc[i] = host->c_cc[characters[i]];
}

/* host holds the old settings, so that what Linux cannot say stays. */
static void
termios_to_host(const struct lx_termios *guest, struct termios *host)
{
	speed_t speed;
	size_t i;

	host->c_iflag = bits_to_host(iflags, guest->c_iflag, host->c_iflag);
	host->c_oflag = bits_to_host(oflags, guest->c_oflag, host->c_oflag);
	host->c_lflag = bits_to_host(lflags, guest->c_lflag, host->c_lflag);
	host->c_cflag = bits_to_host(cflags, guest->c_cflag, host->c_cflag);
	host->c_cflag &= ~(tcflag_t)CSIZE;
	host->c_cflag |= sizes[(guest->c_cflag & LX_CSIZE) >> 4].host;
	speed = os_speed_of_linux(guest->c_cflag & LX_CBAUD);
	cfsetospeed(host, speed);
	cfsetispeed(host, speed);
	for (i = 0; i < 17; i++)
		if (characters[i] >= 0)
			host->c_cc[characters[i]] = guest->c_cc[i];
}

static int64_t
tty_get(struct vk_thread *thread, int fd, uint64_t va)
{
	struct lx_termios guest;
	struct termios host;

	if (tcgetattr(fd, &host) != 0)
		return host_error();
	termios_to_guest(&host, &guest);
	return -copyout(thread->process->mm, va, &guest, sizeof(guest));
}

static int64_t
tty_set(struct vk_thread *thread, int fd, uint64_t va, int when)
{
	struct lx_termios guest;
	struct termios host;

	if (tcgetattr(fd, &host) != 0)
		return host_error();
	if (copyin(thread->process->mm, &guest, va, sizeof(guest)) != 0)
		return -LX_EFAULT;
	termios_to_host(&guest, &host);
	return host_result(tcsetattr(fd, when, &host));
}

static int64_t
window_get(struct vk_thread *thread, int fd, uint64_t va)
{
	struct lx_winsize guest;
	struct winsize host;

	if (ioctl(fd, TIOCGWINSZ, &host) != 0)
		return host_error();
	guest = (struct lx_winsize){ host.ws_row, host.ws_col, host.ws_xpixel,
		host.ws_ypixel };
	return -copyout(thread->process->mm, va, &guest, sizeof(guest));
}

static int64_t
window_set(struct vk_thread *thread, int fd, uint64_t va)
{
	struct lx_winsize guest;
	struct winsize host;

	if (copyin(thread->process->mm, &guest, va, sizeof(guest)) != 0)
		return -LX_EFAULT;
	host.ws_row = guest.ws_row;
	host.ws_col = guest.ws_col;
	host.ws_xpixel = guest.ws_xpixel;
	host.ws_ypixel = guest.ws_ypixel;
	return host_result(ioctl(fd, TIOCSWINSZ, &host));
}

static int64_t
int_out(struct vk_thread *thread, uint64_t va, int value)
{
	return -copyout(thread->process->mm, va, &value, sizeof(value));
}

/* The guest's group has its own number under virtual time. */
static int64_t
group_get(struct vk_thread *thread, int fd, uint64_t va)
{
	pid_t group;

	group = tcgetpgrp(fd);
	if (group < 0)
		return host_error();
	if (group == getpgrp())
		group = thread->process->pgid;
	return int_out(thread, va, (int)group);
}

static int64_t
group_set(struct vk_thread *thread, int fd, uint64_t va)
{
	int group;

	if (copyin(thread->process->mm, &group, va, sizeof(group)) != 0)
		return -LX_EFAULT;
	if (group == thread->process->pgid)
		group = (int)getpgrp();
	return host_result(tcsetpgrp(fd, group));
}

static int64_t
bytes_readable(struct vk_thread *thread, int fd, uint64_t va)
{
	int count;

	if (ioctl(fd, FIONREAD, &count) != 0)
		return host_error();
	return int_out(thread, va, count);
}

static int64_t
tty_flow(int fd, uint64_t what)
{
	static const int host[4] = { TCOOFF, TCOON, TCIOFF, TCION };

	return what > 3 ? -LX_EINVAL : host_result(tcflow(fd, host[what]));
}

static int64_t
tty_flush(int fd, uint64_t what)
{
	static const int host[3] = { TCIFLUSH, TCOFLUSH, TCIOFLUSH };

	return what > 2 ? -LX_EINVAL : host_result(tcflush(fd, host[what]));
}

static int64_t
tty_break(int fd, uint64_t duration)
{
	return host_result(duration != 0 ? tcdrain(fd) : tcsendbreak(fd, 0));
}

static int64_t
session_get(struct vk_thread *thread, int fd, uint64_t va)
{
	if (tcgetpgrp(fd) < 0)
		return host_error();
	return int_out(thread, va, thread->process->sid);
}

static int64_t
tty_ioctl(struct vk_thread *thread, int fd, const uint64_t *args)
{
	switch ((uint32_t)args[1]) {
	case LX_TCGETS:
		return tty_get(thread, fd, args[2]);
	case LX_TCSETS:
		return tty_set(thread, fd, args[2], TCSANOW);
	case LX_TCSETSW:
		return tty_set(thread, fd, args[2], TCSADRAIN);
	case LX_TCSETSF:
		return tty_set(thread, fd, args[2], TCSAFLUSH);
	case LX_TCSBRK:
	case LX_TCSBRKP:
		return tty_break(fd, args[2]);
	case LX_TCXONC:
		return tty_flow(fd, args[2]);
	case LX_TCFLSH:
		return tty_flush(fd, args[2]);
	case LX_TIOCGPGRP:
		return group_get(thread, fd, args[2]);
	case LX_TIOCSPGRP:
		return group_set(thread, fd, args[2]);
	case LX_TIOCGSID:
		return session_get(thread, fd, args[2]);
	case LX_TIOCGWINSZ:
		return window_get(thread, fd, args[2]);
	case LX_TIOCSWINSZ:
		return window_set(thread, fd, args[2]);
	case LX_FIONREAD:
		return bytes_readable(thread, fd, args[2]);
	default:
		return -LX_ENOTTY;
	}
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
					 : tty_ioctl(thread, open->fd, args);
	}
}
