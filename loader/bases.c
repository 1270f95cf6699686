/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows mmap_base() and randomize_stack_top() in arch/x86 of Linux, and
 * ELF_ET_DYN_BASE and arch_randomize_brk(). */
#include "loader/bases.h"

#include <vmspace/vmspace.h>

#include "base/page.h"

#define USER_END (VMS_VA_END - PAGE_BYTES)

#define MMAP_BITS  28
#define STACK_BITS 22
#define BRK_BITS   13

#define STACK_GUARD (UINT64_C(256) << PAGE_SHIFT)
#define GAP_MIN     (UINT64_C(128) << 20)
#define GAP_MAX     (USER_END / 6 * 5)

/* The next number of splitmix64, of which one seed makes many. */
static uint64_t
number_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* So many random pages, in bytes; 0 without a state. */
static uint64_t
pages_draw(uint64_t *state, unsigned bits)
{
	if (state == NULL)
		return 0;
	return number_next(state) >> (64 - bits) << PAGE_SHIFT;
}

static uint64_t
stack_gap(uint64_t stack_limit, uint64_t pad)
{
	uint64_t gap;

	if (add_wraps(stack_limit, pad, &gap))
		gap = stack_limit;
	if (gap < GAP_MIN)
		return GAP_MIN;
	return gap > GAP_MAX ? GAP_MAX : gap;
}

void
load_bases_choose(
    const uint64_t *random, uint64_t stack_limit, struct load_bases *bases)
{
	uint64_t number = random == NULL ? 0 : *random;
	uint64_t *state = random == NULL ? NULL : &number;
	uint64_t pad = STACK_GUARD;

	if (random != NULL)
		pad += ((UINT64_C(1) << STACK_BITS) - 1) << PAGE_SHIFT;
	bases->pie_base =
	    page_trunc(USER_END / 3 * 2) + pages_draw(state, MMAP_BITS);
	bases->mmap_base = page_round(USER_END - stack_gap(stack_limit, pad) -
				      pages_draw(state, MMAP_BITS));
	bases->stack_end = USER_END - pages_draw(state, STACK_BITS);
	bases->brk_offset = pages_draw(state, BRK_BITS);
}
