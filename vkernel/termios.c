/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/termios.h"

#include <string.h>

#include "base/os_guest.h"

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

void
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

void
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
