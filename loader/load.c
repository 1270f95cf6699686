/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Follows load_elf_binary() of Linux: file pages as they are, the rest of the
 * last one zeroed when the segment goes on in memory, zero pages after it; all
 * that can be refused is refused before anything is mapped.
 */
#include "loader/load.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vmspace/vmspace.h>

#include "base/page.h"
#include "loader/message.h"
#include "loader/stack.h"

#define USER_END (VMS_VA_END - PAGE_BYTES)
#define USER_MIN UINT64_C(0x10000) /* vm.mmap_min_addr */

/* Linux gives a stack so much below what it holds at first. */
#define STACK_SPARE (UINT64_C(128) << 10)

#define HEX "0x%" PRIx64

#define ELF_HEADER_BYTES 64

/* An image at its place. */
struct placed {
	const struct elf_image *image;
	int fd; /* -1: there is none */
	uint64_t bias;
	const char *what; /* begins sentences about its segments */
};

struct loader {
	const struct load_target *target;
	const struct load_info *info;
	struct message message;
	struct placed program, interp;
	struct elf_image interp_image;
	struct stack_image stack;
};

static int interp_open(struct loader *l);
static int program_place(struct loader *l);
static int interp_place(struct loader *l);
static int entry_check(const struct loader *l);
static int stack_make(struct loader *l);
static int stack_check(const struct loader *l);
static int segments_map(const struct loader *l, const struct placed *p);
static int stack_put(const struct loader *l);
static void result_fill(const struct loader *l, struct load_result *result);

int
load_program(const struct load_target *target, int fd,
    const struct elf_image *image, const struct load_info *info,
    struct load_result *result, char *message, size_t message_bytes)
{
	struct loader l = { .target = target,
		.info = info,
		.message = { info->execfn, message, message_bytes },
		.program = { image, fd, 0, "" },
		.interp = { &l.interp_image, -1, 0, "interpreter's " } };
	int error;

	error = interp_open(&l);
	if (error == 0)
		error = program_place(&l);
	if (error == 0)
		error = interp_place(&l);
	if (error == 0)
		error = entry_check(&l);
	if (error == 0)
		error = stack_make(&l);
	if (error == 0)
		error = stack_check(&l);
	if (error == 0)
		error = segments_map(&l, &l.program);
	if (error == 0)
		error = segments_map(&l, &l.interp);
	if (error == 0)
		error = stack_put(&l);
	if (error == 0)
		result_fill(&l, result);
	free(l.stack.bytes);
	if (l.interp.fd >= 0)
		close(l.interp.fd);
	return error;
}

/* What execve() says of a file that is no program. */
static int
interp_error(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size < ELF_HEADER_BYTES)
		return EIO;
	return LOAD_ELIBBAD;
}

/* elf_read() of the interpreter; its sentences name the program too. */
static int
interp_read(struct loader *l)
{
	const char *path = l->program.image->interp;
	char name[512];
	int error;

	(void)snprintf(name, sizeof(name), "%.200s: its interpreter %.200s",
	    l->message.name, path);
	error = elf_read(l->interp.fd, name, &l->interp_image, l->message.text,
	    l->message.bytes);
	return error == ENOEXEC ? interp_error(l->interp.fd) : error;
}

static int
interp_open(struct loader *l)
{
	const char *path = l->program.image->interp;
	int error = ENOENT;

	if (path[0] == '\0')
		return 0;
	if (l->target->open_interp != NULL)
		error =
		    l->target->open_interp(l->target->arg, path, &l->interp.fd);
	if (error == 0)
		return interp_read(l);
	l->interp.fd = -1;
	return message_fail(&l->message, error,
	    "its interpreter %s cannot be opened: %s", path, strerror(error));
}

/* The highest bias, a multiple of the image's alignment, that puts it at or
 * below start. */
static uint64_t
bias_for(const struct elf_image *image, uint64_t start)
{
	return (start - image->va_start) & ~(image->align - 1);
}

static bool
placed_fits(const struct placed *p)
{
	uint64_t start = p->bias + p->image->va_start;
	uint64_t end = p->bias + p->image->va_end;

	return start >= USER_MIN && start < end && end <= USER_END;
}

static int
program_place(struct loader *l)
{
	const struct elf_image *image = l->program.image;
	uint64_t base = l->info->bases.pie_base;

	if (!image->pie)
		return 0;
	l->program.bias = bias_for(image, base);
	if (!placed_fits(&l->program) ||
	    l->program.bias + image->va_start > base)
		return message_fail(&l->message, ENOEXEC,
		    "does not fit at " HEX ": " HEX " bytes aligned to " HEX
		    " go beyond user space, which ends at " HEX,
		    base, image->va_end - image->va_start, image->align,
		    USER_END);
	return 0;
}

static bool
placed_meets(const struct placed *p, uint64_t start, uint64_t end)
{
	return p->bias + p->image->va_start < end &&
	       p->bias + p->image->va_end > start;
}

static bool
images_meet(const struct loader *l)
{
	const struct placed *p = &l->interp;

	return placed_meets(&l->program, p->bias + p->image->va_start,
	    p->bias + p->image->va_end);
}

/* The highest place whose end is at or below end. */
static void
interp_lower(struct loader *l, uint64_t end)
{
	const struct elf_image *image = &l->interp_image;

	l->interp.bias =
	    bias_for(image, end - (image->va_end - image->va_start));
}

/* Where the first mapping of an empty area goes. */
static int
interp_place(struct loader *l)
{
	const struct placed *program = &l->program;

	if (l->interp.fd < 0)
		return 0;
	if (l->interp_image.pie) {
		interp_lower(l, l->info->bases.mmap_base);
		if (images_meet(l))
			interp_lower(
			    l, program->bias + program->image->va_start);
	}
	if (placed_fits(&l->interp) && !images_meet(l))
		return 0;
	return message_fail(&l->message, ENOMEM,
	    "its interpreter %s with " HEX
	    " bytes finds no place beside the program",
	    program->image->interp,
	    l->interp_image.va_end - l->interp_image.va_start);
}

/* The image that gets control. */
static const struct placed *
placed_first(const struct loader *l)
{
	return l->interp.fd >= 0 ? &l->interp : &l->program;
}

/* A bias may be negative, and an entry in no segment then be anywhere. */
static int
entry_check(const struct loader *l)
{
	const struct placed *p = placed_first(l);

	if (p->bias + p->image->entry < USER_END)
		return 0;
	return message_fail(&l->message,
	    p == &l->program ? ENOEXEC : LOAD_ELIBBAD,
	    "its %sentry " HEX
	    " lies outside user space when it is moved by " HEX,
	    p->what, p->image->entry, p->bias);
}

static int
stack_make(struct loader *l)
{
	const struct elf_image *image = l->program.image;
	uint64_t bias = l->program.bias;
	const struct stack_image_info info = { .entry = bias + image->entry,
		.base = l->interp.bias,
		.phdr_va = image->phdr_va == 0 ? 0 : bias + image->phdr_va,
		.phnum = image->phnum,
		.phentsize = image->phentsize };
	int error = stack_build(l->info, &info, &l->stack);

	if (error == E2BIG)
		return message_fail(&l->message, error,
		    "has too long a list of arguments and environment: with "
		    "its pointers it must fit " HEX " bytes, each string " HEX,
		    stack_room(l->info), LOAD_STRING_MAX);
	if (error != 0)
		return message_fail(&l->message, error,
		    "has no memory for its first stack: %s", strerror(error));
	return 0;
}

static int
stack_check(const struct loader *l)
{
	uint64_t start = page_trunc(l->stack.sp) - STACK_SPARE;
	uint64_t end = l->info->bases.stack_end;

	if (placed_meets(&l->program, start, end) ||
	    (l->interp.fd >= 0 && placed_meets(&l->interp, start, end)))
		return message_fail(&l->message, ENOEXEC,
		    "has segments where its stack must be: [" HEX ", " HEX ")",
		    start, end);
	return 0;
}

/* Bytes after the segment's end in its last file page: the file's until now,
 * and .bss to the program. */
static int
tail_zero(const struct loader *l, uint64_t va, uint64_t va_end)
{
	static const unsigned char zeros[PAGE_BYTES];

	if (va == va_end)
		return 0;
	return l->target->write(
	    l->target->arg, va, zeros, (size_t)(va_end - va));
}

static int
file_part_map(
    const struct loader *l, const struct placed *p, const struct elf_segment *s)
{
	uint64_t va = p->bias + s->va;
	uint64_t va_end = va + s->file_bytes;
	uint64_t start = page_trunc(va);
	int error;

	if (s->file_bytes == 0)
		return 0;
	error =
	    l->target->map(l->target->arg, start, page_round(va_end) - start,
		s->prot, p->fd, page_trunc(s->file_off));
	if (error != 0 || s->mem_bytes == s->file_bytes)
		return error;
	return tail_zero(l, va_end, page_round(va_end));
}

static int
zero_part_map(
    const struct loader *l, const struct placed *p, const struct elf_segment *s)
{
	uint64_t va = p->bias + s->va;
	uint64_t end = page_round(va + s->mem_bytes);
	uint64_t start;

	if (s->file_bytes == 0)
		start = page_trunc(va);
	else
		start = page_round(va + s->file_bytes);
	if (start >= end)
		return 0;
	return l->target->map(
	    l->target->arg, start, end - start, s->prot, -1, 0);
}

static int
segments_map(const struct loader *l, const struct placed *p)
{
	for (size_t i = 0; p->fd >= 0 && i < p->image->count; i++) {
		const struct elf_segment *s = &p->image->segments[i];
		int error = file_part_map(l, p, s);

		if (error == 0)
			error = zero_part_map(l, p, s);
		if (error != 0)
			return message_fail(&l->message, error,
			    "its %ssegment %u with " HEX
			    " bytes cannot be placed at " HEX ": %s",
			    p->what, s->index, s->mem_bytes, p->bias + s->va,
			    strerror(error));
	}
	return 0;
}

static int
stack_put(const struct loader *l)
{
	int error = l->target->write(
	    l->target->arg, l->stack.sp, l->stack.bytes, l->stack.len);

	if (error != 0)
		return message_fail(&l->message, error,
		    "its first stack cannot be placed below " HEX ": %s",
		    l->info->bases.stack_end, strerror(error));
	return 0;
}

static void
result_fill(const struct loader *l, struct load_result *result)
{
	const struct placed *start = placed_first(l);

	*result =
	    (struct load_result){ .entry = start->bias + start->image->entry,
		    .sp = l->stack.sp,
		    .brk = l->program.bias + l->program.image->va_end +
			   l->info->bases.brk_offset,
		    .bias = l->program.bias,
		    .interp_bias = l->interp.bias,
		    .arg_start = l->stack.arg_start,
		    .arg_end = l->stack.env_start,
		    .env_start = l->stack.env_start,
		    .env_end = l->stack.env_end,
		    .auxv_start = l->stack.auxv_start,
		    .auxv_end = l->stack.auxv_end };
}
