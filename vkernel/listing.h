/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What getdents gives: a directory's names as they were when it was read from
 * its start, so that positions stay good whatever is made and removed
 * meanwhile.  Under the virtual clock they are sorted.
 */
#ifndef VMS_VKERNEL_LISTING_H
#define VMS_VKERNEL_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vk_open;
struct vk_thread;

struct listing_row {
	uint64_t ino;
	uint8_t type; /* DT_ of Linux */
	char *name;
};

struct vk_listing {
	struct listing_row *rows;
	size_t count, next;
	bool read; /* since the last lseek() to the start */
	bool failed;
};

void listing_drop(struct vk_listing *listing);
/* True for directories. */
bool listing_is_of(const struct vk_open *open);
/* Host whence.  The new position or a negative LX_ error. */
int64_t listing_seek(struct vk_open *open, int64_t off, int whence);
/* Reads the directory if that was not done.  LX_ errors. */
int listing_read(struct vk_thread *thread, struct vk_open *open);

#endif
