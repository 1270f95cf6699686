/* SPDX-License-Identifier: BSD-2-Clause */
/* C109-C122, C128-C134: kern_mmap's checks and placement (vm_mmap.c). */
#include <errno.h>
#include <time.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

#define ANON (VMS_MAP_ANON | VMS_MAP_PRIVATE)

/* The answer of an mmap whose address does not matter. */
static int
try(struct guest *g, uint64_t addr, uint64_t len, int prot, int flags, int fd,
    int64_t offset)
{
	uint64_t out;

	return F->mmap(g->id, addr, len, prot, flags, fd, offset, &out);
}

static void
c109_registry_and_id(void)
{
	struct guest g = { .id = id_of(1) };

	EXPECT_EQ(try(&g, 0, 0, RW, ANON, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, 0, PAGE, RW, ANON, -1, 0), EINVAL);
	EXPECT_EQ(F->create(id_of(2), 0, NULL), 0);
	EXPECT_EQ(try(&g, 0, 0, RW, ANON, 5, 1), ENOENT);
	EXPECT_EQ(try(&g, 0, PAGE, RW, ANON, -1, 0), ENOENT);
}

static void
c110_len_0(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(try(&g, 0, 0, RW, ANON, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, 0, 0, RW, VMS_MAP_SHARED, g.fd, 0), EINVAL);
	EXPECT_EQ(try(&g, HOLE, 0, RW, ANON | VMS_MAP_FIXED, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, 0, 0, RW, VMS_MAP_SHARED, -1, 0), EINVAL);
}

static void
c111_anon_arguments(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(try(&g, 0, PAGE, RW, ANON, 0, 0), EINVAL);
	EXPECT_EQ(try(&g, 0, PAGE, RW, ANON, g.fd, 0), EINVAL);
	EXPECT_EQ(try(&g, 0, PAGE, RW, ANON, -1, 4096), EINVAL);
	EXPECT_EQ(try(&g, 0, PAGE, RW, ANON, -1, 1), EINVAL);
	EXPECT_EQ(try(&g, 0, PAGE, RW, ANON, -2, 0), EINVAL);
}

static void
c112_stack_arguments(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(try(&g, 0, PAGE, RW, VMS_MAP_STACK, 0, 0), EINVAL);
	EXPECT_EQ(
	    try(&g, 0, PAGE, VMS_PROT_READ, VMS_MAP_STACK, -1, 0), EINVAL);
	EXPECT_EQ(
	    try(&g, 0, PAGE, VMS_PROT_WRITE, VMS_MAP_STACK, -1, 0), EINVAL);
	/* The offset is forced to 0. */
	EXPECT_EQ(try(&g, 0, PAGE, RW, VMS_MAP_STACK, -1, 4096), 0);
}

/* 5.6: only the top 128 KB is mapped, and it never grows. */
static void
c112_stack_does_not_grow(void)
{
	struct guest g;
	uint64_t value, top = HOLE + 256 * 1024;

	guest_open(&g, id_of(1));
	map_at(&g, HOLE, 256 * 1024, RW, VMS_MAP_STACK | VMS_MAP_FIXED, -1, 0);
	EXPECT_EQ(poke(&g, top - 8, 1), 0);
	EXPECT_EQ(poke(&g, top - 128 * 1024, 1), 0);
	EXPECT_EQ(poke(&g, top - 128 * 1024 - 8, 1), T_PAGEFLT);
	EXPECT_EQ(peek(&g, HOLE, &value), T_PAGEFLT);
	EXPECT_EQ(F->munmap(g.id, HOLE, 256 * 1024), EINVAL);
	EXPECT_EQ(F->munmap(g.id, HOLE + 128 * 1024, 128 * 1024), 0);
	map_at(&g, HOLE, 64 * 1024, RW, VMS_MAP_STACK | VMS_MAP_FIXED, -1, 0);
	EXPECT_EQ(peek_ok(&g, HOLE), 0);
}

static void
c113_vpagetable_disabled(void)
{
	struct guest g;
	int flags = VMS_MAP_SHARED | VMS_MAP_VPAGETABLE;

	guest_open(&g, id_of(1));
	F->enable(0);
	EXPECT_EQ(try(&g, 0, PAGE, RW, flags, g.fd, 0), EOPNOTSUPP);
	EXPECT_EQ(try(&g, 0, PAGE, VMS_PROT_READ, flags, g.fd, 0), EOPNOTSUPP);
	EXPECT_EQ(
	    try(&g, 0, PAGE, RW, flags | VMS_MAP_STACK, -1, 0), EOPNOTSUPP);
	/* The checks before it come first. */
	EXPECT_EQ(try(&g, 0, 0, RW, flags, g.fd, 0), EINVAL);
	F->enable(1);
	EXPECT_EQ(try(&g, 0, PAGE, RW, flags, g.fd, 0), 0);
}

static void
c114_vpagetable_stack(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(
	    try(&g, 0, PAGE, RW, VMS_MAP_VPAGETABLE | VMS_MAP_STACK, -1, 0),
	    EINVAL);
}

static void
c115_vpagetable_prot(void)
{
	static const struct {
		int prot, error;
	} rows_[] = { { 0, EINVAL }, { VMS_PROT_READ, EINVAL },
		{ VMS_PROT_WRITE, EINVAL }, { VMS_PROT_EXEC, EINVAL },
		{ RX, EINVAL }, { RW, 0 }, { RWX, 0 } };
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 7; i++) {
		EXPECT_EQ(try(&g, 0, PAGE, rows_[i].prot,
			      VMS_MAP_SHARED | VMS_MAP_VPAGETABLE, g.fd, 0),
		    rows_[i].error);
		EXPECT_EQ(try(&g, 0, PAGE, rows_[i].prot,
			      ANON | VMS_MAP_VPAGETABLE, -1, 0),
		    rows_[i].error);
	}
}

static void
c116_len_wraps(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(try(&g, 0, UINT64_MAX, RW, ANON, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, 0, UINT64_MAX - 4094, RW, ANON, -1, 0), EINVAL);
	EXPECT_EQ(
	    try(&g, HOLE, UINT64_MAX, RW, ANON | VMS_MAP_FIXED, -1, 0), EINVAL);
	EXPECT_EQ(
	    try(&g, 0, UINT64_MAX - 4095 - 16, RW, VMS_MAP_SHARED, g.fd, 4095),
	    EINVAL);
}

/* A length that does not wrap but finds no room is ENOMEM. */
static void
c116_len_too_big(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(try(&g, 0, VMS_VA_END, RW, ANON, -1, 0), ENOMEM);
	EXPECT_EQ(try(&g, 0, UINT64_MAX - 4095, RW, ANON, -1, 0), ENOMEM);
}

static void
c117_fixed_unaligned(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(
	    try(&g, HOLE + 1, PAGE, RW, ANON | VMS_MAP_FIXED, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, HOLE + 8, PAGE, RW, ANON | VMS_MAP_TRYFIXED, -1, 0),
	    EINVAL);
	EXPECT_EQ(try(&g, HOLE + 0x123, PAGE, RW,
		      VMS_MAP_SHARED | VMS_MAP_FIXED, g.fd, 0),
	    EINVAL);
	EXPECT_EQ(try(&g, HOLE, PAGE, RW, VMS_MAP_SHARED | VMS_MAP_FIXED, g.fd,
		      0x123),
	    EINVAL);
}

static void
c118_fixed_with_remainder(void)
{
	struct guest g;
	int64_t off = (int64_t)FRAME(0);

	guest_open(&g, id_of(1));
	*word_at(&g, FRAME(0) + 0x128) = 4711;
	map_at(&g, HOLE + 0x123, PAGE, RW, VMS_MAP_SHARED | VMS_MAP_FIXED, g.fd,
	    off + 0x123);
	EXPECT_EQ(peek_ok(&g, HOLE + 0x128), 4711);
	/* size = round(len + 0x123): two pages */
	EXPECT_EQ(peek_ok(&g, HOLE + PAGE), 0);
	EXPECT_EQ(peek(&g, HOLE + 2 * PAGE, &(uint64_t){ 0 }), T_PAGEFLT);
}

static void
c119_remainder(void)
{
	struct guest g;
	uint64_t va;

	guest_open(&g, id_of(1));
	*word_at(&g, FRAME(1) + 0x20) = 4711;
	va = map_at(
	    &g, 0, 100, RW, VMS_MAP_SHARED, g.fd, (int64_t)FRAME(1) + 0x20);
	EXPECT_EQ(va % PAGE, 0x20);
	EXPECT_EQ(peek_ok(&g, va), 4711);
}

static void
c120_end_of_user_space(void)
{
	struct guest g;
	int fixed = ANON | VMS_MAP_FIXED;

	guest_open(&g, id_of(1));
	map_anon(&g, VMS_VA_END - PAGE, PAGE, RW);
	EXPECT_EQ(poke(&g, VMS_VA_END - 8, 1), 0);
	EXPECT_EQ(
	    try(&g, VMS_VA_END - PAGE, 2 * PAGE, RW, fixed, -1, 0), EINVAL);
	EXPECT_EQ(
	    try(&g, VMS_VA_END - PAGE, PAGE + 1, RW, fixed, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, VMS_VA_END, PAGE, RW, fixed, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, UINT64_C(0xffff800000000000), PAGE, RW, fixed, -1, 0),
	    EINVAL);
	EXPECT_EQ(try(&g, UINT64_MAX - 4095, PAGE, RW, fixed, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, VMS_VA_END, PAGE, RW, ANON | VMS_MAP_TRYFIXED, -1, 0),
	    EINVAL);
}

static void
c121_address_0(void)
{
	struct guest g;
	uint64_t out = 1;

	guest_open(&g, id_of(1));
	EXPECT_EQ(
	    F->mmap(g.id, 0, PAGE, RW, ANON | VMS_MAP_FIXED, -1, 0, &out), 0);
	EXPECT_EQ(out, 0);
	EXPECT_EQ(poke(&g, 0, 4711), 0);
	EXPECT_EQ(peek_ok(&g, 0), 4711);
}

static void
c122_whole_user_space(void)
{
	struct guest g;
	struct timespec before, after;
	long ms;

	guest_open(&g, id_of(1));
	clock_gettime(CLOCK_MONOTONIC, &before);
	map_at(&g, 0, VMS_VA_END, RW,
	    VMS_MAP_SHARED | VMS_MAP_FIXED | VMS_MAP_VPAGETABLE, g.fd, 0);
	EXPECT_EQ(F->mcontrol(g.id, 0, VMS_VA_END, VMS_MADV_NOSYNC, 0), 0);
	EXPECT_EQ(
	    F->mcontrol(g.id, 0, VMS_VA_END, VMS_MADV_SETMAP, TABLE_OFF | VRW),
	    0);
	EXPECT_EQ(F->mcontrol(g.id, 0, VMS_VA_END, VMS_MADV_INVAL, 0), 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	ms = (long)(after.tv_sec - before.tv_sec) * 1000 +
	     (after.tv_nsec - before.tv_nsec) / 1000000;
	EXPECT(ms < 1000);
	guest_frame(&g);
	EXPECT_EQ(guest_run(&g), T_PAGEFLT);
	EXPECT_EQ(F->destroy(g.id), 0);
}

static void
c128_prot_bits(void)
{
	struct guest g;
	uint64_t va;

	guest_open(&g, id_of(1));
	va = map_at(&g, 0, PAGE, 0x7ffffff8 | RW, ANON, -1, 0);
	EXPECT_EQ(poke(&g, va, 1), 0);
	va = map_at(&g, 0, PAGE, ~7, ANON, -1, 0);
	EXPECT_EQ(poke(&g, va, 1), T_PAGEFLT);
	va = map_at(&g, 0, PAGE, 0x100 | VMS_PROT_READ, ANON, -1, 0);
	EXPECT_EQ(peek_ok(&g, va), 0);
	EXPECT_EQ(poke(&g, va, 1), T_PAGEFLT);
}

static void
c129_fixed_replaces_overlap(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, 5 * PAGE, RW);
	for (uint64_t i = 0; i < 5; i++)
		EXPECT_EQ(poke(&g, HOLE + i * PAGE, 10 + i), 0);
	map_anon(&g, HOLE + PAGE, 2 * PAGE, RW);
	EXPECT_EQ(peek_ok(&g, HOLE), 10);
	EXPECT_EQ(peek_ok(&g, HOLE + PAGE), 0);
	EXPECT_EQ(peek_ok(&g, HOLE + 2 * PAGE), 0);
	EXPECT_EQ(peek_ok(&g, HOLE + 3 * PAGE), 13);
	EXPECT_EQ(peek_ok(&g, HOLE + 4 * PAGE), 14);
	/* The overlay may be of another kind and reach beyond. */
	*frame_word(&g, 1) = 21;
	map_at(&g, HOLE + 4 * PAGE, 2 * PAGE, VMS_PROT_READ,
	    VMS_MAP_SHARED | VMS_MAP_FIXED, g.fd, (int64_t)FRAME(0));
	EXPECT_EQ(peek_ok(&g, HOLE + 3 * PAGE), 13);
	EXPECT_EQ(peek_ok(&g, HOLE + 5 * PAGE), 21);
	EXPECT_EQ(poke(&g, HOLE + 4 * PAGE, 1), T_PAGEFLT);
	EXPECT_EQ(poke(&g, HOLE + 3 * PAGE, 1), 0);
}

static void
c130_tryfixed(void)
{
	static const int flags[] = { ANON | VMS_MAP_TRYFIXED,
		ANON | VMS_MAP_TRYFIXED | VMS_MAP_FIXED };
	struct guest g;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE + PAGE, PAGE, RW);
	EXPECT_EQ(poke(&g, HOLE + PAGE, 5), 0);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(try(&g, HOLE, 3 * PAGE, RW, flags[i], -1, 0), ENOMEM);
		EXPECT_EQ(
		    try(&g, HOLE + PAGE, PAGE, RW, flags[i], -1, 0), ENOMEM);
		EXPECT_EQ(peek_ok(&g, HOLE + PAGE), 5);
		EXPECT_EQ(peek(&g, HOLE, &(uint64_t){ 0 }), T_PAGEFLT);
	}
	map_at(&g, HOLE, PAGE, RW, flags[0], -1, 0);
	map_at(&g, HOLE + 2 * PAGE, PAGE, RW, flags[1], -1, 0);
	EXPECT_EQ(peek_ok(&g, HOLE), 0);
	EXPECT_EQ(peek_ok(&g, HOLE + 2 * PAGE), 0);
	EXPECT_EQ(peek_ok(&g, HOLE + PAGE), 5);
}

static void
c131_errors_leave_mappings(void)
{
	struct guest g;
	int fixed = VMS_MAP_FIXED;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, PAGE, RW);
	EXPECT_EQ(poke(&g, HOLE, 5), 0);
	EXPECT_EQ(try(&g, HOLE, PAGE, RW, ANON | fixed, 7, 0), EINVAL);
	EXPECT_EQ(try(&g, HOLE, 0, RW, ANON | fixed, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, HOLE, PAGE, VMS_PROT_READ,
		      VMS_MAP_VPAGETABLE | VMS_MAP_SHARED | fixed, g.fd, 0),
	    EINVAL);
	EXPECT_EQ(try(&g, HOLE, VMS_VA_END, RW, ANON | fixed, -1, 0), EINVAL);
	EXPECT_EQ(
	    try(&g, HOLE, PAGE, RW, VMS_MAP_SHARED | fixed, -1, 0), EBADF);
	EXPECT_EQ(try(&g, HOLE, 3 * PAGE, RW, ANON | fixed | VMS_MAP_SIZEALIGN,
		      -1, 0),
	    EINVAL);
	EXPECT_EQ(peek_ok(&g, HOLE), 5);
}

static void
c132_two_addresses(void)
{
	struct guest g;
	uint64_t a, b;

	guest_open(&g, id_of(1));
	a = map_at(&g, 0, 3 * PAGE, RW, ANON, -1, 0);
	b = map_at(&g, 0, 3 * PAGE, RW, ANON, -1, 0);
	EXPECT_EQ(a % PAGE, 0);
	EXPECT_EQ(b % PAGE, 0);
	EXPECT(a + 3 * PAGE <= b || b + 3 * PAGE <= a);
	EXPECT(a < b); /* 5.4: ascending */
	EXPECT(a >= PAGE);
	EXPECT_EQ(poke(&g, a, 1), 0);
	EXPECT_EQ(poke(&g, b + 2 * PAGE, 2), 0);
	EXPECT_EQ(peek_ok(&g, a), 1);
}

static void
c133_hint(void)
{
	uint64_t hint = UINT64_C(0x600000000000);
	struct guest g;
	uint64_t va;

	guest_open(&g, id_of(1));
	va = map_at(&g, hint, PAGE, RW, ANON, -1, 0);
	EXPECT_EQ(va, hint);
	va = map_at(&g, hint + PAGE + 1, PAGE, RW, ANON, -1, 0);
	EXPECT_EQ(va, hint + 2 * PAGE);
	/* Taken: the next gap that is big enough. */
	va = map_at(&g, hint, 2 * PAGE, RW, ANON, -1, 0);
	EXPECT_EQ(va, hint + 3 * PAGE);
	va = map_at(&g, hint, PAGE, RW, ANON, -1, 0);
	EXPECT_EQ(va, hint + PAGE);
}

static void
c134_sizealign(void)
{
	struct guest g;
	int flags = ANON | VMS_MAP_SIZEALIGN;

	guest_open(&g, id_of(1));
	EXPECT_EQ(try(&g, 0, 3 * PAGE, RW, flags, -1, 0), EINVAL);
	EXPECT_EQ(try(&g, 0, 12 * PAGE, RW, flags, -1, 0), EINVAL);
	map_at(&g, 0, PAGE, RW, ANON, -1, 0);
	for (uint64_t size = PAGE; size <= UINT64_C(1) << 40; size *= 4)
		EXPECT_EQ(map_at(&g, 0, size, RW, flags, -1, 0) % size, 0);
	/* The size that counts is the rounded one. */
	EXPECT_EQ(
	    map_at(&g, 0, 4 * PAGE - 1, RW, flags, -1, 0) % (4 * PAGE), 0);
}

static const struct row rows[] = {
	{ "C109", "no registry EINVAL, unknown id ENOENT", c109_registry_and_id,
	    0 },
	{ "C110", "len 0: EINVAL", c110_len_0, 0 },
	{ "C111", "MAP_ANON with fd or offset: EINVAL", c111_anon_arguments,
	    0 },
	{ "C112", "MAP_STACK with fd, or without RW: EINVAL",
	    c112_stack_arguments, 0 },
	{ "C112", "MAP_STACK never grows", c112_stack_does_not_grow, 0 },
	{ "C113", "MAP_VPAGETABLE disabled: EOPNOTSUPP",
	    c113_vpagetable_disabled, 0 },
	{ "C114", "MAP_VPAGETABLE|MAP_STACK: EINVAL", c114_vpagetable_stack,
	    0 },
	{ "C115", "MAP_VPAGETABLE needs RW", c115_vpagetable_prot, 0 },
	{ "C116", "len wraps: EINVAL", c116_len_wraps, 0 },
	{ "C116", "len too big: ENOMEM", c116_len_too_big, 0 },
	{ "C117", "fixed unaligned: EINVAL", c117_fixed_unaligned, 0 },
	{ "C118", "fixed with the offset's remainder",
	    c118_fixed_with_remainder, 0 },
	{ "C119", "the result has the offset's remainder", c119_remainder, 0 },
	{ "C120", "up to the end of user space", c120_end_of_user_space, 0 },
	{ "C121", "address 0 is an address", c121_address_0, 0 },
	{ "C122", "128 TB in one mapping, quickly", c122_whole_user_space, 0 },
	{ "C128", "prot bits above 7 are ignored", c128_prot_bits, 0 },
	{ "C129", "MAP_FIXED replaces exactly the overlap",
	    c129_fixed_replaces_overlap, 0 },
	{ "C130", "MAP_TRYFIXED never replaces: ENOMEM", c130_tryfixed, 0 },
	{ "C131", "an error leaves old mappings", c131_errors_leave_mappings,
	    0 },
	{ "C132", "two non-fixed mappings", c132_two_addresses, 0 },
	{ "C133", "a free hint is used", c133_hint, 0 },
	{ "C134", "MAP_SIZEALIGN", c134_sizealign, 0 },
};
ROW_GROUP(mmap, rows);
