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

/* File systems stamp by a clock that ticks, or a finer one. */
#if defined(CLOCK_REALTIME_COARSE)
#define STAMP_CLOCK CLOCK_REALTIME_COARSE
#else
#define STAMP_CLOCK CLOCK_REALTIME
#endif

static uint64_t
mix(uint64_t dev, uint64_t ino)
{
	uint64_t key;

	key = (ino + dev * UINT64_C(0x9e3779b97f4a7c15)) *
	      UINT64_C(0xbf58476d1ce4e5b9);
	return key >> 1;
}

/* NULL: not there; *key is where it belongs. */
static struct stranger *
stranger_find(const struct vk_strangers *strangers, uint64_t dev, uint64_t ino,
    uint64_t *key)
{
	uint64_t at;

	for (*key = mix(dev, ino); u64map_get(&strangers->places, *key, &at);
	     ++*key)
		if (strangers->rows[at].dev == dev &&
		    strangers->rows[at].ino == ino)
			return &strangers->rows[at];
	return NULL;
}

/* NULL: no memory. */
static struct stranger *
stranger_get(struct vk_strangers *strangers, uint64_t dev, uint64_t ino)
{
	struct stranger *row, *rows;
	uint64_t key;
	size_t count;

	row = stranger_find(strangers, dev, ino, &key);
	if (row != NULL)
		return row;
	count = strangers->count;
	if ((count & (count - 1)) == 0) {
		rows = realloc(strangers->rows,
		    (count == 0 ? 1 : 2 * count) * sizeof(*rows));
		if (rows == NULL)
			return NULL;
		strangers->rows = rows;
	}
	if (u64map_put(&strangers->places, key, count) != 0)
		return NULL;
	row = &strangers->rows[strangers->count++];
	*row = (struct stranger){ dev, ino, 0, false };
	return row;
}

uint64_t
stat_number(struct vk_strangers *strangers, uint64_t dev, uint64_t ino)
{
	struct stranger *row;

	row = stranger_get(strangers, dev, ino);
	if (row == NULL)
		return strangers->last + 1;
	if (row->number == 0)
		row->number = ++strangers->last;
	return row->number;
}

void
stat_forget(struct vk_strangers *strangers, uint64_t dev, uint64_t ino)
{
	struct stranger *row;
	uint64_t key;

	row = stranger_find(strangers, dev, ino, &key);
	if (row != NULL)
		row->number = 0;
}

static void
stranger_hide(struct vk_strangers *strangers, uint64_t dev, uint64_t ino)
{
	struct stranger *row;

	row = stranger_get(strangers, dev, ino);
	if (row != NULL)
		row->foreign = true;
}

static bool
is_output_file(int fd, struct stat *st)
{
	int flags;

	flags = fcntl(fd, F_GETFL);
	return flags != -1 && (flags & O_ACCMODE) != O_RDONLY &&
	       fstat(fd, st) == 0 && S_ISREG(st->st_mode);
}

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

void
strangers_init(struct vk_strangers *strangers)
{
	struct stat st;
	int fd;

	memset(strangers, 0, sizeof(*strangers));
	strangers->started_ns = clock_ns(CLOCK_REALTIME);
	for (fd = 0; fd <= 2; fd++)
		if (is_output_file(fd, &st))
			stranger_hide(strangers, os_linux_dev(st.st_dev),
			    (uint64_t)st.st_ino);
}

void
strangers_begin(const struct vk_strangers *strangers)
{
	const struct timespec pause = { 0, 200000 };
	int left;

	for (left = 100; left > 0; left--) { /* it may be set back */
		if (clock_ns(STAMP_CLOCK) >= strangers->started_ns)
			return;
		nanosleep(&pause, NULL);
	}
}

void
strangers_finish(struct vk_strangers *strangers)
{
	free(strangers->rows);
	u64map_finish(&strangers->places);
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
		st->st_atim = st->st_ctim = st->st_mtim;
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
	struct stranger *row;
	bool foreign;

	row = stranger_get(strangers, st->st_dev, st->st_ino);
	foreign = !has_a_place(st->st_mode) || (row != NULL && row->foreign);
	st->st_ino = stat_number(strangers, st->st_dev, st->st_ino);
	if (!foreign) {
		times_settle(strangers, st);
		return;
	}
	st->st_dev = 0;
	st->st_blocks = (st->st_size + 511) / 512;
	st->st_atim = st->st_mtim = st->st_ctim =
	    timespec_of_ns(CLOCK_EPOCH_NS);
}
