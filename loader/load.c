/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Follows load_elf_binary() of Linux: file pages as they are, the rest of the
 * last one zeroed when the segment goes on in memory, zero pages after it.
 */
#include "loader/load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <vmspace/vmspace.h>

#include "base/page.h"
#include "loader/message.h"
#include "loader/stack.h"

#define USER_END (VMS_VA_END - PAGE_BYTES)

#define HEX "0x%" PRIx64

struct loader {
	const struct load_target *target;
	int fd;
	const struct elf_image *image;
	const struct load_info *info;
	struct message message;
	uint64_t bias;
};

static int
interp_refuse(const struct loader *l)
{
	if (l->image->interp[0] == '\0')
		return 0;
	return message_fail(&l->message, ENOEXEC,
	    "is dynamically linked (it asks for %s): dynamically linked "
	    "programs are not supported yet",
	    l->image->interp);
}

/* The first multiple of the image's alignment that puts it at or above
 * pie_base. */
static int
bias_choose(struct loader *l)
{
	const struct elf_image *image = l->image;
	uint64_t base = l->info->pie_base;
	uint64_t bias, end;

	l->bias = 0;
	if (!image->pie)
		return 0;
	bias = base > image->va_start ? base - image->va_start : 0;
	if (add_wraps(bias, image->align - 1, &bias))
		bias = UINT64_MAX;
	bias &= ~(image->align - 1);
	if (add_wraps(bias, image->va_end, &end) || end > USER_END)
		return message_fail(&l->message, ENOEXEC,
		    "does not fit at " HEX ": " HEX " bytes aligned to " HEX
		    " go beyond user space, which ends at " HEX,
		    base, image->va_end - image->va_start, image->align,
		    USER_END);
	l->bias = bias;
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
file_part_map(const struct loader *l, const struct elf_segment *s)
{
	uint64_t va = l->bias + s->va;
	uint64_t va_end = va + s->file_bytes;
	uint64_t start = page_trunc(va);
	int error;

	if (s->file_bytes == 0)
		return 0;
	error =
	    l->target->map(l->target->arg, start, page_round(va_end) - start,
		s->prot, l->fd, page_trunc(s->file_off));
	if (error != 0 || s->mem_bytes == s->file_bytes)
		return error;
	return tail_zero(l, va_end, page_round(va_end));
}

static int
zero_part_map(const struct loader *l, const struct elf_segment *s)
{
	uint64_t va = l->bias + s->va;
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
segments_map(const struct loader *l)
{
	for (size_t i = 0; i < l->image->count; i++) {
		const struct elf_segment *s = &l->image->segments[i];
		int error = file_part_map(l, s);

		if (error == 0)
			error = zero_part_map(l, s);
		if (error != 0)
			return message_fail(&l->message, error,
			    "segment %u with " HEX
			    " bytes cannot be placed at " HEX ": %s",
			    s->index, s->mem_bytes, l->bias + s->va,
			    strerror(error));
	}
	return 0;
}

static uint64_t
phdr_place(const struct loader *l)
{
	return l->image->phdr_va == 0 ? 0 : l->bias + l->image->phdr_va;
}

static int
stack_place(const struct loader *l, uint64_t *sp)
{
	struct stack_image stack;
	int error;

	error = stack_build(l->info, l->image, l->bias + l->image->entry,
	    phdr_place(l), &stack);
	if (error == E2BIG)
		return message_fail(&l->message, error,
		    "has too long a list of arguments and environment: it "
		    "must fit " HEX " bytes",
		    l->info->stack_bytes / 4);
	if (error == 0) {
		error = l->target->write(
		    l->target->arg, stack.sp, stack.bytes, stack.len);
		free(stack.bytes);
	}
	if (error != 0)
		return message_fail(&l->message, error,
		    "its first stack cannot be placed below " HEX ": %s",
		    l->info->stack_end, strerror(error));
	*sp = stack.sp;
	return 0;
}

int
load_program(const struct load_target *target, int fd,
    const struct elf_image *image, const struct load_info *info,
    struct load_result *result, char *message, size_t message_bytes)
{
	struct loader l = { .target = target,
		.fd = fd,
		.image = image,
		.info = info,
		.message = { info->execfn, message, message_bytes } };
	uint64_t sp = 0;
	int error;

	error = interp_refuse(&l);
	if (error == 0)
		error = bias_choose(&l);
	if (error == 0)
		error = segments_map(&l);
	if (error == 0)
		error = stack_place(&l, &sp);
	if (error != 0)
		return error;
	result->entry = l.bias + image->entry;
	result->sp = sp;
	result->brk = l.bias + image->va_end;
	result->bias = l.bias;
	return 0;
}
