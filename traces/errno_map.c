/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/errno_map.h"

#include <errno.h>
#include <stddef.h>

/* Numbers of sys/sys/errno.h; from 1001 on, our own for what it does not have.
 * Where two rows share a number (DragonFly's ENOTSUP is EOPNOTSUPP) the first
 * is what a trace is read as. */
static const struct {
	int host, dragonfly;
} rows[] = {
	{ 0, 0 },
	{ EPERM, 1 },
	{ ENOENT, 2 },
	{ ESRCH, 3 },
	{ EINTR, 4 },
	{ EIO, 5 },
	{ ENXIO, 6 },
	{ E2BIG, 7 },
	{ ENOEXEC, 8 },
	{ EBADF, 9 },
	{ ECHILD, 10 },
	{ EDEADLK, 11 },
	{ ENOMEM, 12 },
	{ EACCES, 13 },
	{ EFAULT, 14 },
	{ EBUSY, 16 },
	{ EEXIST, 17 },
	{ EXDEV, 18 },
	{ ENODEV, 19 },
	{ ENOTDIR, 20 },
	{ EISDIR, 21 },
	{ EINVAL, 22 },
	{ ENFILE, 23 },
	{ EMFILE, 24 },
	{ ENOTTY, 25 },
	{ ETXTBSY, 26 },
	{ EFBIG, 27 },
	{ ENOSPC, 28 },
	{ ESPIPE, 29 },
	{ EROFS, 30 },
	{ EMLINK, 31 },
	{ EPIPE, 32 },
	{ EDOM, 33 },
	{ ERANGE, 34 },
	{ EAGAIN, 35 },
	{ EOPNOTSUPP, 45 },
	{ ENOTSUP, 45 },
	{ ENOBUFS, 55 },
	{ ETIMEDOUT, 60 },
	{ ELOOP, 62 },
	{ ENAMETOOLONG, 63 },
	{ ENOTEMPTY, 66 },
	{ EDQUOT, 69 },
	{ ESTALE, 70 },
	{ ENOLCK, 77 },
	{ ENOSYS, 78 },
	{ EOVERFLOW, 84 },
	{ ECANCELED, 85 },
	{ EILSEQ, 86 },
	{ ENOTRECOVERABLE, 1001 },
	{ EOWNERDEAD, 1002 },
	{ EBADMSG, 1003 },
	{ EPROTO, 1004 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

int32_t
errno_to_dragonfly(int error)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].host == error)
			return rows[i].dragonfly;
	if (error >= ERRNO_OF_TRACE)
		return error - ERRNO_OF_TRACE;
	return ERRNO_OF_HOST + error;
}

int
errno_from_dragonfly(int32_t number)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].dragonfly == number)
			return rows[i].host;
	if (number > ERRNO_OF_HOST && number < ERRNO_OF_TRACE)
		return number - ERRNO_OF_HOST;
	/* A number that no recorder writes must not overflow the sum. */
	return ERRNO_OF_TRACE + (number & 0xffff);
}
