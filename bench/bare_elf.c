/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs one of bench/guest on the bare engine.  Everything is mapped before
 * the start, data without execute permission and code without write
 * permission, so that the engine is at its best.
 */
#include "bench/bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE        UINT64_C(4096)
#define RAM_BYTES   ((size_t)64 << 20)
#define FILE_MAX    (1u << 20)
#define STACK_TOP   UINT64_C(0x7ffffffff000)
#define STACK_PAGES 64

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

/* The part of the file that belongs to the page at va. */
static void
page_fill(uint8_t *page, uint64_t va, const uint8_t *file,
    const struct elf_segment *seg)
{
	uint64_t start = va > seg->vaddr ? va : seg->vaddr;
	uint64_t end = seg->vaddr + seg->filesz;

	if (end > va + PAGE)
		end = va + PAGE;
	if (start < end)
		memcpy(page + (start - va),
		    file + seg->offset + (start - seg->vaddr), end - start);
}

static bool
segment_load(struct bare *bare, uint64_t cr3, const uint8_t *file,
    const struct elf_segment *seg)
{
	unsigned how = 0;

	if ((seg->flags & 1) != 0)
		how |= BARE_EXEC;
	if ((seg->flags & 2) != 0)
		how |= BARE_WRITE;
	for (uint64_t va = seg->vaddr & ~(PAGE - 1);
	     va < seg->vaddr + seg->memsz; va += PAGE) {
		uint64_t pa = bare_page(bare);

		if (pa == 0 || !bare_map(bare, cr3, va, pa, how))
			return false;
		page_fill(bare_host(bare, pa), va, file, seg);
	}
	return true;
}

static bool
segments_load(struct bare *bare, uint64_t cr3, const uint8_t *file, size_t len,
    uint64_t *entry)
{
	struct elf_header header;
	struct elf_segment seg;

	if (len < sizeof(header))
		return false;
	memcpy(&header, file, sizeof(header));
	*entry = header.entry;
	if (header.phoff + header.phnum * sizeof(seg) > len)
		return false;
	for (unsigned i = 0; i < header.phnum; i++) {
		memcpy(
		    &seg, file + header.phoff + i * sizeof(seg), sizeof(seg));
		if (seg.type == 1 && (seg.offset + seg.filesz > len ||
					 !segment_load(bare, cr3, file, &seg)))
			return false;
	}
	return true;
}

/* argc, argv, and empty envp and auxv in the topmost page. */
static uint64_t
stack_build(struct bare *bare, uint64_t cr3, char *const argv[])
{
	uint64_t words[16] = { 0 }, pa = 0, used = PAGE;
	uint64_t low = STACK_TOP - STACK_PAGES * PAGE;
	unsigned argc = 0;

	for (uint64_t va = low; va < STACK_TOP; va += PAGE) {
		pa = bare_page(bare);
		if (pa == 0 || !bare_map(bare, cr3, va, pa, BARE_WRITE))
			return 0;
	}
	for (; argc < 8 && argv[argc] != NULL; argc++) {
		size_t len = strlen(argv[argc]) + 1;

		used -= len;
		memcpy(bare_host(bare, pa) + used, argv[argc], len);
		words[1 + argc] = STACK_TOP - PAGE + used;
	}
	words[0] = argc;
	used = (used - sizeof(words)) & ~UINT64_C(15);
	memcpy(bare_host(bare, pa) + used, words, sizeof(words));
	return STACK_TOP - PAGE + used;
}

static uint64_t
guest_byte(struct bare *bare, uint64_t cr3, uint64_t va, uint8_t *out)
{
	uint64_t table = cr3;

	for (int shift = 39; shift >= 12; shift -= 9) {
		uint64_t entry;

		memcpy(&entry,
		    bare_host(bare, table) + ((va >> shift) & 511) * 8, 8);
		if ((entry & 1) == 0)
			return 0;
		table = entry & UINT64_C(0x000ffffffffff000);
	}
	*out = *(bare_host(bare, table) + (va & (PAGE - 1)));
	return 1;
}

static uint64_t
guest_write(struct bare *bare, uint64_t cr3, uint64_t va, uint64_t len)
{
	uint64_t done = 0;
	uint8_t byte;

	while (done < len && guest_byte(bare, cr3, va + done, &byte)) {
		putchar(byte);
		done++;
	}
	return done;
}

static int
serve(struct bare *bare, uint64_t cr3)
{
	uint64_t *regs = bare_regs(bare);
	int event;

	while ((event = bare_run(bare)) == BARE_SYSCALL) {
		if (regs[BARE_RAX] == 60 || regs[BARE_RAX] == 231)
			return (int)(regs[BARE_RDI] & 0xff);
		if (regs[BARE_RAX] == 1)
			regs[BARE_RAX] = guest_write(
			    bare, cr3, regs[BARE_RSI], regs[BARE_RDX]);
		else
			regs[BARE_RAX] = (uint64_t)-38; /* ENOSYS */
	}
	fprintf(stderr, "bare Unicorn: event %d at %#llx\n", event,
	    (unsigned long long)regs[BARE_RIP]);
	return -1;
}

static bool
program_load(
    struct bare *bare, uint64_t cr3, const char *path, char *const argv[])
{
	uint64_t *regs = bare_regs(bare);
	uint8_t *file = malloc(FILE_MAX);
	bool ok = file != NULL &&
		  segments_load(bare, cr3, file,
		      file_read(path, file, FILE_MAX), &regs[BARE_RIP]);

	free(file);
	regs[BARE_RSP] = stack_build(bare, cr3, argv);
	return ok && regs[BARE_RSP] != 0;
}

int
bare_exec(const char *path, char *const argv[])
{
	struct bare *bare = bare_open(RAM_BYTES);
	uint64_t cr3 = bare == NULL ? 0 : bare_space(bare);
	int status = -1;

	if (cr3 != 0 && program_load(bare, cr3, path, argv)) {
		bare_set_cr3(bare, cr3);
		status = serve(bare, cr3);
	} else {
		fprintf(stderr, "bare Unicorn: cannot load %s\n", path);
	}
	if (bare != NULL)
		bare_close(bare);
	return status;
}
