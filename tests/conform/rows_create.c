/* SPDX-License-Identifier: BSD-2-Clause */
/* C14-C36: sys_vmspace_create and sys_vmspace_destroy (vm_vmspace.c). */
#include <errno.h>
#include <stdlib.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

static const uint8_t int3_code[] = {
	0xcc, /* int3 */
};

static void
c14_disabled(void)
{
	EXPECT_EQ(F->create(id_of(1), 0, NULL), EOPNOTSUPP);
	F->enable(1);
	EXPECT_EQ(F->create(id_of(1), 0, NULL), 0);
	F->enable(0);
	EXPECT_EQ(F->create(id_of(2), 0, NULL), EOPNOTSUPP);
	EXPECT_EQ(F->create(id_of(1), 0, NULL), EOPNOTSUPP);
}

static void
c15_disabled_makes_no_registry(void)
{
	EXPECT_EQ(F->create(id_of(1), 0, NULL), EOPNOTSUPP);
	EXPECT_EQ(F->destroy(id_of(1)), EINVAL);
}

static void
c16_first_create(void)
{
	EXPECT_EQ(F->create(id_of(0x1000), 0, NULL), 0);
}

static void
c17_twice(void)
{
	EXPECT_EQ(F->create(id_of(0x1000), 0, NULL), 0);
	EXPECT_EQ(F->create(id_of(0x1000), 0, NULL), EEXIST);
}

static void
c18_first_still_works(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(poke(&g, DATA, 4711), 0);
	EXPECT_EQ(F->create(g.id, 0, NULL), EEXIST);
	EXPECT_EQ(peek_ok(&g, DATA), 4711);
	EXPECT_EQ(F->create(g.id, 1, &g), EEXIST);
	EXPECT_EQ(poke(&g, DATA, 4712), 0);
	EXPECT_EQ(*word_at(&g, DATA_OFF), 4712);
}

static void
c19_null_id(void)
{
	struct guest g;

	EXPECT_EQ(F->create(NULL, 0, NULL), 0);
	EXPECT_EQ(F->create(NULL, 0, NULL), EEXIST);
	EXPECT_EQ(F->destroy(NULL), 0);
	guest_open(&g, NULL);
	EXPECT_EQ(GUEST_EXEC(&g, int3_code), T_BPTFLT);
}

static void
c20_id_minus_1(void)
{
	struct guest g;

	guest_open(&g, id_of(UINTPTR_MAX));
	EXPECT_EQ(GUEST_EXEC(&g, int3_code), T_BPTFLT);
}

static void
c21_type_and_data_ignored(void)
{
	static const int types[] = { 1, -1, 2, 0x7fffffff, -0x7fffffff - 1 };

	for (uintptr_t i = 0; i < 5; i++)
		EXPECT_EQ(F->create(id_of(i), types[i], id_of(i * 8 + 8)), 0);
	EXPECT_EQ(F->create(id_of(9), 0, id_of(UINTPTR_MAX)), 0);
}

static void
c22_one_bit(void)
{
	EXPECT_EQ(F->create(id_of(0x5000), 0, NULL), 0);
	for (int bit = 0; bit < 64; bit++)
		EXPECT_EQ(
		    F->create(id_of(0x5000 ^ (uintptr_t)1 << bit), 0, NULL), 0);
	for (int bit = 0; bit < 64; bit++)
		EXPECT_EQ(F->destroy(id_of(0x5000 ^ (uintptr_t)1 << bit)), 0);
	EXPECT_EQ(F->destroy(id_of(0x5000)), 0);
	EXPECT_EQ(F->destroy(id_of(0x5000)), ENOENT);
}

/* Each keeps its own value at the same address. */
static void
c23_thousand(void)
{
	enum { N = 1000 };
	struct guest first, g;

	guest_open(&first, id_of(1));
	g = first;
	map_anon(&first, HOLE, PAGE, RW);
	EXPECT_EQ(poke(&first, HOLE, 1), 0);
	for (uintptr_t i = 2; i <= N; i++) {
		g.id = id_of(i);
		EXPECT_EQ(F->create(g.id, 0, NULL), 0);
		guest_map(&g);
		map_anon(&g, HOLE, PAGE, RW);
		EXPECT_EQ(poke(&g, HOLE, i), 0);
	}
	for (uintptr_t i = N; i >= 1; i--) {
		g.id = id_of(i);
		EXPECT_EQ(peek_ok(&g, HOLE), i);
	}
	for (uintptr_t i = 1; i <= N; i++)
		EXPECT_EQ(F->destroy(id_of(i)), 0);
}

static void
c24_empty_space_faults(void)
{
	static const uint64_t rips[] = { 0, 0x1000, 0x1234567,
		UINT64_C(0x7fffffffffff) };
	struct guest g;

	guest_memory(&g);
	EXPECT_EQ(F->create(NULL, 0, NULL), 0);
	for (size_t i = 0; i < 4; i++) {
		guest_frame(&g);
		g.tf.tf_rip = (int64_t)rips[i];
		EXPECT_EQ(guest_run(&g), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_addr, rips[i]);
		EXPECT_EQ(g.tf.tf_rip, rips[i]);
	}
}

static void
c25_disabled_later(void)
{
	struct guest g;
	uint64_t va;

	guest_open(&g, id_of(1));
	F->enable(0);
	EXPECT_EQ(GUEST_EXEC(&g, int3_code), T_BPTFLT);
	va = map_at(&g, 0, PAGE, RW, VMS_MAP_ANON | VMS_MAP_PRIVATE, -1, 0);
	EXPECT_EQ(poke(&g, va, 1), 0);
	EXPECT_EQ(F->mcontrol(g.id, va, PAGE, VMS_MADV_INVAL, 0), 0);
	EXPECT_EQ(F->munmap(g.id, va, PAGE), 0);
	EXPECT_EQ(F->destroy(g.id), 0);
}

static void
c26_create_again_is_empty(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, PAGE, RW);
	EXPECT_EQ(poke(&g, HOLE, 7), 0);
	EXPECT_EQ(F->destroy(g.id), 0);
	EXPECT_EQ(F->create(g.id, 0, NULL), 0);
	guest_frame(&g);
	EXPECT_EQ(guest_run(&g), T_PAGEFLT);
	guest_map(&g);
	EXPECT_EQ(peek(&g, HOLE, &(uint64_t){ 0 }), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_addr, HOLE);
	EXPECT_EQ(err_of(&g), 4);
}

static void
c27_no_registry(void)
{
	EXPECT_EQ(F->destroy(id_of(1)), EINVAL);
	EXPECT_EQ(F->destroy(NULL), EINVAL);
}

static void
c28_unknown_id(void)
{
	EXPECT_EQ(F->create(id_of(1), 0, NULL), 0);
	EXPECT_EQ(F->destroy(id_of(2)), ENOENT);
	EXPECT_EQ(F->destroy(NULL), ENOENT);
}

static void
c29_idle(void)
{
	EXPECT_EQ(F->create(id_of(1), 0, NULL), 0);
	EXPECT_EQ(F->destroy(id_of(1)), 0);
	EXPECT_EQ(F->destroy(id_of(1)), ENOENT);
}

static void
c33_live_mappings(void)
{
	struct guest g;
	uint64_t va;

	guest_open(&g, id_of(1));
	EXPECT_EQ(poke(&g, DATA + 64, 0x1122334455667788), 0);
	va =
	    map_at(&g, 0, 64 * PAGE, RW, VMS_MAP_ANON | VMS_MAP_PRIVATE, -1, 0);
	EXPECT_EQ(poke(&g, va, 1), 0);
	vp_open(&g, 4);
	EXPECT_EQ(poke(&g, VP, 2), 0);
	EXPECT_EQ(F->destroy(g.id), 0);
	EXPECT_EQ(*word_at(&g, DATA_OFF + 64), 0x1122334455667788);
	EXPECT_EQ(*frame_word(&g, 0), 2);
}

static void
c34_others_intact(void)
{
	struct guest a, b;

	guest_open(&a, id_of(1));
	guest_open_over(&b, id_of(2), &a);
	map_anon(&a, HOLE, PAGE, RW);
	map_anon(&b, HOLE, PAGE, RW);
	EXPECT_EQ(poke(&a, HOLE, 1), 0);
	EXPECT_EQ(poke(&b, HOLE, 2), 0);
	EXPECT_EQ(F->destroy(a.id), 0);
	EXPECT_EQ(peek_ok(&b, HOLE), 2);
	EXPECT_EQ(poke(&b, DATA, 3), 0);
}

static void
c35_registry_stays(void)
{
	EXPECT_EQ(F->create(id_of(1), 0, NULL), 0);
	EXPECT_EQ(F->destroy(id_of(1)), 0);
	EXPECT_EQ(F->destroy(id_of(1)), ENOENT);
	EXPECT_EQ(F->munmap(id_of(1), 0, 0), ENOENT);
}

static void
c36_after_efault(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, NULL, &g.vf), EFAULT);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, NULL), EFAULT);
	EXPECT_EQ(F->destroy(g.id), 0);
}

static const struct row rows[] = {
	{ "C14", "vkernel_enable 0: EOPNOTSUPP", c14_disabled, ROW_RAW },
	{ "C15", "vkernel_enable 0 makes no registry",
	    c15_disabled_makes_no_registry, ROW_RAW },
	{ "C16", "first create", c16_first_create, 0 },
	{ "C17", "same id twice: EEXIST", c17_twice, 0 },
	{ "C18", "after EEXIST the first still works", c18_first_still_works,
	    0 },
	{ "C19", "id NULL is an id", c19_null_id, 0 },
	{ "C20", "id -1 is an id", c20_id_minus_1, 0 },
	{ "C21", "type and data are not looked at", c21_type_and_data_ignored,
	    0 },
	{ "C22", "ids differing in one bit", c22_one_bit, 0 },
	{ "C23", "1,000 vmspaces coexist", c23_thousand, 0 },
	{ "C24", "an empty vmspace faults at any rip", c24_empty_space_faults,
	    0 },
	{ "C25", "vkernel_enable 0 later leaves the other calls",
	    c25_disabled_later, 0 },
	{ "C26", "create after destroy is an empty space",
	    c26_create_again_is_empty, 0 },
	{ "C27", "destroy without registry: EINVAL", c27_no_registry, 0 },
	{ "C28", "destroy of an unknown id: ENOENT", c28_unknown_id, 0 },
	{ "C29", "destroy twice: 0, ENOENT", c29_idle, 0 },
	{ "C33", "destroy with live mappings keeps file data",
	    c33_live_mappings, 0 },
	{ "C34", "destroy leaves other ids intact", c34_others_intact, 0 },
	{ "C35", "the registry stays after the last destroy",
	    c35_registry_stays, 0 },
	{ "C36", "destroy after EFAULT", c36_after_efault, 0 },
};
ROW_GROUP(create, rows);
