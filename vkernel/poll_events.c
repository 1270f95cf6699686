/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/poll_events.h"

#include <poll.h>
#include <stddef.h>

#define LX_POLLRDNORM 0x040
#define LX_POLLRDBAND 0x080
#define LX_POLLWRNORM 0x100
#define LX_POLLWRBAND 0x200
#define LX_POLLRDHUP  0x2000

struct poll_row {
	short guest;
	short host;
};

static const struct poll_row poll_rows[] = {
	{ 0x001, POLLIN },
	{ 0x002, POLLPRI },
	{ 0x004, POLLOUT },
	{ 0x008, POLLERR },
	{ 0x010, POLLHUP },
	{ 0x020, POLLNVAL },
	{ LX_POLLRDNORM, POLLRDNORM },
	{ LX_POLLRDBAND, POLLRDBAND },
	{ LX_POLLWRNORM, POLLWRNORM },
	{ LX_POLLWRBAND, POLLWRBAND },
#ifdef POLLRDHUP
	{ LX_POLLRDHUP, POLLRDHUP },
#endif
};

#define POLL_ROWS (sizeof(poll_rows) / sizeof(poll_rows[0]))

short
events_to_host(int16_t guest)
{
	short host;
	size_t i;

	for (host = 0, i = 0; i < POLL_ROWS; i++)
		if ((guest & poll_rows[i].guest) != 0)
			host = (short)(host | poll_rows[i].host);
	return host;
}

int16_t
events_to_guest(short host, int16_t asked)
{
	int16_t guest;
	size_t i;

	for (guest = 0, i = 0; i < POLL_ROWS; i++)
		if ((host & poll_rows[i].host) != 0)
			guest = (int16_t)(guest | poll_rows[i].guest);
	return (int16_t)(guest & (asked | 0x008 | 0x010 | 0x020));
}
