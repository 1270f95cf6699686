/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program on the bare engine.  Everything is mapped before it is used,
 * data without execute permission and code without write permission, so that
 * the engine is at its best.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bare_linux.h"

#define RAM_BYTES   ((size_t)2 << 30)
#define FILE_MAX    ((size_t)64 << 20)
#define STACK_TOP   UINT64_C(0x7ffffffff000)
#define STACK_BYTES UINT64_C(0x800000)
#define PIE_BASE    UINT64_C(0x555555554000)
#define INTERP_BASE UINT64_C(0x7ffff0000000)
#define MAP_TOP     UINT64_C(0x7fff00000000)

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct image {
	struct elf_header header;
	uint64_t base;
	uint64_t end;     /* of the last segment */
	uint64_t headers; /* address of the program headers */
	char interp[256];
};

static size_t
file_read(const char *path, uint8_t *buf, size_t size)
{
	FILE *file = fopen(path, "rb");
	size_t len;

	if (file == NULL)
		return 0;
	len = fread(buf, 1, size, file);
	fclose(file);
	return len;
}

static bool
segment_load(struct bare_guest *guest, struct image *image, const uint8_t *file,
    const struct elf_segment *seg)
{
	uint64_t va = image->base + seg->vaddr;
	uint64_t start = va & ~(BARE_PAGE - 1);
	uint64_t end = (va + seg->memsz + BARE_PAGE - 1) & ~(BARE_PAGE - 1);
	unsigned how = 0;

	if ((seg->flags & 1) != 0)
		how |= BARE_EXEC;
	if ((seg->flags & 2) != 0)
		how |= BARE_WRITE;
	if (seg->offset == 0)
		image->headers = va + image->header.phoff;
	if (end > image->end)
		image->end = end;
	return guest_map(guest, start, end - start, how) &&
	       guest_copy_out(guest, va, file + seg->offset, seg->filesz);
}

static bool
segment_use(struct bare_guest *guest, struct image *image, const uint8_t *file,
    size_t len, const struct elf_segment *seg)
{
	if (seg->offset + seg->filesz > len)
		return false;
	if (seg->type == 3 && seg->filesz < sizeof(image->interp))
		memcpy(image->interp, file + seg->offset, seg->filesz);
	return seg->type != 1 || segment_load(guest, image, file, seg);
}

static bool
segments_load(struct bare_guest *guest, struct image *image, uint64_t pie_base,
    const uint8_t *file, size_t len)
{
	struct elf_header *header = &image->header;
	struct elf_segment seg;

	memset(image, 0, sizeof(*image));
	if (len < sizeof(*header))
		return false;
	memcpy(header, file, sizeof(*header));
	if (header->type == 3)
		image->base = pie_base;
	if (header->phoff + header->phnum * sizeof(seg) > len)
		return false;
	for (unsigned i = 0; i < header->phnum; i++) {
		memcpy(
		    &seg, file + header->phoff + i * sizeof(seg), sizeof(seg));
		if (!segment_use(guest, image, file, len, &seg))
			return false;
	}
	return true;
}

static bool
image_load(struct bare_guest *guest, const char *path, uint64_t pie_base,
    struct image *image)
{
	uint8_t *file = malloc(FILE_MAX);
	bool ok = file != NULL && segments_load(guest, image, pie_base, file,
				      file_read(path, file, FILE_MAX));

	free(file);
	return ok;
}

/* Pushes len bytes: their address. */
static uint64_t
push(struct bare_guest *guest, uint64_t *sp, const void *bytes, size_t len)
{
	*sp -= len;
	guest_copy_out(guest, *sp, bytes, len);
	return *sp;
}

#define WORDS_MAX 80

/* argc, argv, an environment of one string, auxv. */
static uint64_t
stack_build(struct bare_guest *guest, const struct image *image,
    uint64_t interp_base, char *const argv[])
{
	static const char random[16] = "not very random", env[] = "LC_ALL=C";
	uint64_t words[WORDS_MAX] = { 0 }, sp = STACK_TOP, count = 1;

	for (; argv[count - 1] != NULL && count < 40; count++)
		words[count] = push(
		    guest, &sp, argv[count - 1], strlen(argv[count - 1]) + 1);
	words[0] = count - 1;
	words[count + 1] = push(guest, &sp, env, sizeof(env));
	count += 3;
	const uint64_t auxv[] = { 3, image->headers, 4, 56, 5,
		image->header.phnum, 6, BARE_PAGE, 7, interp_base, 9,
		image->base + image->header.entry, 11, 0, 12, 0, 13, 0, 14, 0,
		23, 0, 25, push(guest, &sp, random, sizeof(random)), 0, 0 };

	memcpy(words + count, auxv, sizeof(auxv));
	sp &= ~UINT64_C(15);
	return push(guest, &sp, words, sizeof(words));
}

static int
run(struct bare_guest *guest)
{
	int event = BARE_SYSCALL;

	while (!guest->ended && (event = bare_run(guest->bare)) == BARE_SYSCALL)
		guest_serve(guest);
	if (guest->ended)
		return guest->status;
	fprintf(stderr, "bare Unicorn: event %d at %#llx\n", event,
	    (unsigned long long)bare_regs(guest->bare)[BARE_RIP]);
	return -1;
}

static bool
program_load(struct bare_guest *guest, const char *path, char *const argv[])
{
	uint64_t *regs = bare_regs(guest->bare),
		 stack = STACK_TOP - STACK_BYTES;
	struct image program, interp = { .base = 0 };

	if (!image_load(guest, path, PIE_BASE, &program) ||
	    !guest_map(guest, stack, STACK_BYTES, BARE_WRITE))
		return false;
	regs[BARE_RIP] = program.base + program.header.entry;
	if (program.interp[0] != '\0') {
		if (!image_load(guest, program.interp, INTERP_BASE, &interp))
			return false;
		regs[BARE_RIP] = interp.base + interp.header.entry;
	}
	guest->brk_start = guest->brk = program.end;
	guest->map_top = MAP_TOP;
	regs[BARE_RSP] = stack_build(guest, &program, interp.base, argv);
	return true;
}

int
bare_exec(const char *path, char *const argv[])
{
	struct bare_guest guest = { .bare = bare_open(RAM_BYTES) };
	int status = -1;

	if (guest.bare != NULL)
		guest.cr3 = bare_space(guest.bare);
	if (guest.cr3 != 0 && program_load(&guest, path, argv)) {
		bare_set_cr3(guest.bare, guest.cr3);
		status = run(&guest);
	} else {
		fprintf(stderr, "bare Unicorn: cannot load %s\n", path);
	}
	if (guest.bare != NULL)
		bare_close(guest.bare);
	return status;
}
