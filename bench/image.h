/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A memory image: a file that a virtual kernel and its guests share, with
 * software page tables in it, as MAP_VPAGETABLE reads them.
 */
#ifndef VMS_BENCH_IMAGE_H
#define VMS_BENCH_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct figure;

struct image {
	int fd;
	volatile uint8_t *base;
	size_t bytes;
	uint64_t next; /* first free page; page 0 stays unused */
};

/* An unlinked shared-memory file of bytes bytes, mapped. */
bool image_open(struct image *image, size_t bytes, struct figure *out);

/* Promises the host that the file will never be shorter, where hosts can be
 * told (F_SEAL_SHRINK); false where not. */
bool image_seal(const struct image *image);

/* Hands out pages pages in a row; exits the process when there are none. */
uint64_t image_pages(struct image *image, size_t pages);

void image_store(
    struct image *image, uint64_t off, const void *bytes, size_t len);

/* The entry for va in the tables under the table at top; tables that are
 * missing on the way are made. */
volatile uint64_t *image_entry(struct image *image, uint64_t top, uint64_t va);

/* Maps pages pages at va to those at frame, readable and writable. */
void image_map(struct image *image, uint64_t top, uint64_t va, uint64_t frame,
    size_t pages);

#endif
