/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/stat_virtual.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"

/* File systems stamp by a clock that ticks. */
#define TICK_NS UINT64_C(10000000)

#define LX_S_IFMT  0170000u
#define LX_S_IFDIR 0040000u
#define LX_S_IFBLK 0060000u
#define LX_S_IFREG 0100000u
#define LX_S_IFLNK 0120000u

static size_t
stranger_find(const struct vk_strangers *strangers, uint64_t dev, uint64_t ino)
{
	size_t i;

	for (i = 0; i < strangers->count; i++)
		if (strangers->rows[i].dev == dev &&
		    strangers->rows[i].ino == ino)
			break;
	return i;
}

/* Without memory for it, number is that of the next one too. */
static size_t
stranger_number(struct vk_strangers *strangers, uint64_t dev, uint64_t ino)
{
	struct stranger *rows;
	size_t i;

	i = stranger_find(strangers, dev, ino);
	if (i < strangers->count)
		return i;
	rows = realloc(strangers->rows, (i + 1) * sizeof(*rows));
	if (rows == NULL)
		return i;
	rows[i] = (struct stranger){ dev, ino };
	strangers->rows = rows;
	strangers->count++;
	return i;
}

static bool
is_output_file(int fd, struct stat *st)
{
	int flags;

	flags = fcntl(fd, F_GETFL);
	return flags != -1 && (flags & O_ACCMODE) != O_RDONLY &&
	       fstat(fd, st) == 0 && S_ISREG(st->st_mode);
}

void
strangers_init(struct vk_strangers *strangers)
{
	struct timespec now;
	struct stat st;
	int fd;

	memset(strangers, 0, sizeof(*strangers));
	clock_gettime(CLOCK_REALTIME, &now);
	strangers->started_ns =
	    (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec - TICK_NS;
	for (fd = 0; fd <= 2; fd++)
		if (is_output_file(fd, &st))
			stranger_number(strangers, os_linux_dev(st.st_dev),
			    (uint64_t)st.st_ino);
}

void
strangers_finish(struct vk_strangers *strangers)
{
	free(strangers->rows);
	strangers->rows = NULL;
	strangers->count = 0;
}

static bool
is_new(const struct vk_strangers *strangers, struct lx_timespec time)
{
	return time.tv_sec >= 0 &&
	       (uint64_t)time.tv_sec * NS_PER_SEC + (uint64_t)time.tv_nsec >=
		   strangers->started_ns;
}

static void
times_settle(const struct vk_strangers *strangers, struct lx_stat *st)
{
	const struct lx_timespec start = timespec_of_ns(CLOCK_EPOCH_NS);

	if (!is_new(strangers, st->st_ctim))
		st->st_atim = st->st_mtim;
	else
		st->st_ctim = start;
	if (is_new(strangers, st->st_atim))
		st->st_atim = start;
	if (is_new(strangers, st->st_mtim))
		st->st_mtim = start;
}

static bool
has_a_place(uint32_t mode)
{
	mode &= LX_S_IFMT;
	return mode == LX_S_IFREG || mode == LX_S_IFDIR || mode == LX_S_IFLNK ||
	       mode == LX_S_IFBLK;
}

void
stat_settle(struct vk_strangers *strangers, struct lx_stat *st)
{
	size_t number;

	number = stranger_find(strangers, st->st_dev, st->st_ino);
	if (number == strangers->count && has_a_place(st->st_mode)) {
		times_settle(strangers, st);
		return;
	}
	number = stranger_number(strangers, st->st_dev, st->st_ino);
	st->st_dev = 0;
	st->st_ino = number + 1;
	st->st_blocks = (st->st_size + 511) / 512;
	st->st_atim = st->st_mtim = st->st_ctim =
	    timespec_of_ns(CLOCK_EPOCH_NS);
}
