/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmspace/vmspace.h>

#include "bench/bench.h"

#define ENTRY_RW (VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W)

#ifdef MFD_ALLOW_SEALING
static int
unlinked_file(void)
{
	return memfd_create("vmspace-bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

bool
image_seal(const struct image *image)
{
	return fcntl(image->fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0;
}
#else
static int
unlinked_file(void)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "/vmspace-bench-%ld", (long)getpid());
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd >= 0)
		shm_unlink(name);
	return fd;
}

bool
image_seal(const struct image *image)
{
	(void)image;
	return false;
}
#endif

bool
image_open(struct image *image, size_t bytes, struct figure *out)
{
	void *base;

	image->fd = unlinked_file();
	if (image->fd < 0 || ftruncate(image->fd, (off_t)bytes) != 0) {
		figure_fail(out, "memory image: %s", strerror(errno));
		return false;
	}
	base =
	    mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, image->fd, 0);
	if (base == MAP_FAILED) {
		figure_fail(out, "memory image: %s", strerror(errno));
		return false;
	}
	image->base = base;
	image->bytes = bytes;
	image->next = VMS_PAGE_SIZE;
	return true;
}

uint64_t
image_pages(struct image *image, size_t pages)
{
	uint64_t off = image->next;

	image->next += pages * VMS_PAGE_SIZE;
	if (image->next > image->bytes) {
		fputs("bench: the memory image is too small\n", stderr);
		_exit(1);
	}
	return off;
}

void
image_store(struct image *image, uint64_t off, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < len; i++)
		image->base[off + i] = from[i];
}

static volatile uint64_t *
table_word(struct image *image, uint64_t table, uint64_t va, int shift)
{
	volatile void *page = image->base + table;

	return (volatile uint64_t *)page + ((va >> shift) & 511);
}

volatile uint64_t *
image_entry(struct image *image, uint64_t top, uint64_t va)
{
	uint64_t table = top;

	for (int shift = 39; shift > 12; shift -= 9) {
		volatile uint64_t *word = table_word(image, table, va, shift);

		if ((*word & VMS_VPTE_V) == 0)
			*word = image_pages(image, 1) | ENTRY_RW;
		table = *word & VMS_VPTE_FRAME;
	}
	return table_word(image, table, va, 12);
}

void
image_map(struct image *image, uint64_t top, uint64_t va, uint64_t frame,
    size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		*image_entry(image, top, va + i * VMS_PAGE_SIZE) =
		    (frame + i * VMS_PAGE_SIZE) | ENTRY_RW;
}
