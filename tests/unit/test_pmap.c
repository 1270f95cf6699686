/* SPDX-License-Identifier: BSD-2-Clause */
/* Translations and code states, over a CPU that only takes notes. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "emu/arena.h"
#include "emu/cpu.h"
#include "emu/pte.h"
#include "vmspace/pv.h"
#include "vmspace/vms.h"

#define VA_A UINT64_C(0x400000)
#define VA_B UINT64_C(0x7fff12345000)

struct notes_cpu {
	struct cpu cpu;
	unsigned roots, page_flushes, enters, drops, steps;
	uint64_t root;
};

static struct notes_cpu *
notes(struct cpu *cpu)
{
	return (struct notes_cpu *)(void *)cpu;
}

static void
note_root_init(struct cpu *cpu, uint64_t root_pa)
{
	(void)cpu;
	(void)root_pa;
}

static void
note_set_root(struct cpu *cpu, uint64_t root_pa)
{
	notes(cpu)->roots++;
	notes(cpu)->root = root_pa;
}

static void
note_flush_page(struct cpu *cpu, uint64_t va)
{
	(void)va;
	notes(cpu)->page_flushes++;
}

static void
note_code_enter(struct cpu *cpu, uint64_t va, uint64_t pa)
{
	(void)va;
	(void)pa;
	notes(cpu)->enters++;
}

static void
note_code_drop(struct cpu *cpu, uint64_t pa)
{
	(void)pa;
	notes(cpu)->drops++;
}

static void
note_code_step(struct cpu *cpu, uint64_t va)
{
	(void)va;
	notes(cpu)->steps++;
}

static int
note_set_counting(struct cpu *cpu, bool on)
{
	(void)cpu;
	(void)on;
	return 0;
}

static void
note_set_clock(struct cpu *cpu_, bool counts)
{
	(void)cpu_;
	(void)counts;
}

static const struct cpu_ops note_ops = { .root_init = note_root_init,
	.set_root = note_set_root,
	.flush_page = note_flush_page,
	.code_enter = note_code_enter,
	.code_drop = note_code_drop,
	.code_step = note_code_step,
	.set_counting = note_set_counting,
	.set_clock = note_set_clock };

static struct notes_cpu cpu;
static struct vms vms;
static struct pmap one, two;
static uint64_t page_pa, other_pa;

static void
setup(void)
{
	cpu = (struct notes_cpu){ .cpu = { &note_ops } };
	memset(&vms, 0, sizeof(vms));
	vms.cpu = &cpu.cpu;
	ck_assert_int_eq(arena_create(ARENA_MIN_BYTES, &vms.arena), 0);
	ck_assert_int_eq(arena_page_alloc(vms.arena, &vms.empty_root), 0);
	ck_assert_int_eq(pv_init(&vms), 0);
	ck_assert_int_eq(arena_page_alloc(vms.arena, &page_pa), 0);
	ck_assert_int_eq(arena_page_alloc(vms.arena, &other_pa), 0);
	pmap_init(&vms, &one);
	pmap_init(&vms, &two);
}

static void
teardown(void)
{
	pmap_finish(&one);
	pmap_finish(&two);
	pv_finish(&vms);
	arena_destroy(vms.arena);
}

static uint64_t
leaf(const struct pmap *pmap, vms_va_t va)
{
	return *pmap_leaf(pmap, va);
}

START_TEST(test_enter_then_lookup)
{
	uint64_t pa;
	bool writable;

	ck_assert(!pmap_lookup(&one, VA_A, NULL, NULL));
	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, false), 0);
	ck_assert(pmap_lookup(&one, VA_A + 0x123, &pa, &writable));
	ck_assert_uint_eq(pa, page_pa);
	ck_assert(!writable);
	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	ck_assert(pmap_lookup(&one, VA_A, &pa, &writable));
	ck_assert(writable);
	ck_assert(!pmap_lookup(&two, VA_A, NULL, NULL));
}
END_TEST

START_TEST(test_enter_replaces_page_and_its_pv)
{
	uint64_t pa;

	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	ck_assert_int_eq(pmap_enter(&one, VA_A, other_pa, true), 0);
	ck_assert(pmap_lookup(&one, VA_A, &pa, NULL));
	ck_assert_uint_eq(pa, other_pa);
	ck_assert_ptr_null(pv_page_find(&vms, page_pa)->first);
}
END_TEST

START_TEST(test_remove_only_the_range)
{
	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	ck_assert_int_eq(pmap_enter(&one, VA_A + 0x1000, page_pa, true), 0);
	ck_assert_int_eq(pmap_enter(&one, VA_B, page_pa, true), 0);
	pmap_remove(&one, VA_A + 0x1000, VA_B);
	ck_assert(pmap_lookup(&one, VA_A, NULL, NULL));
	ck_assert(!pmap_lookup(&one, VA_A + 0x1000, NULL, NULL));
	ck_assert(pmap_lookup(&one, VA_B, NULL, NULL));
	pmap_remove(&one, 0, VMS_VA_END);
	ck_assert(!pmap_lookup(&one, VA_A, NULL, NULL));
	ck_assert(!pmap_lookup(&one, VA_B, NULL, NULL));
}
END_TEST

START_TEST(test_pv_remove_page_reaches_every_space)
{
	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	ck_assert_int_eq(pmap_enter(&two, VA_B, page_pa, false), 0);
	pv_remove_page(&vms, page_pa);
	ck_assert(!pmap_lookup(&one, VA_A, NULL, NULL));
	ck_assert(!pmap_lookup(&two, VA_B, NULL, NULL));
}
END_TEST

START_TEST(test_repair_refuses_what_is_not_promised)
{
	ck_assert(!pmap_repair(&one, VA_A, CPU_READ, 0));
	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, false), 0);
	ck_assert(!pmap_repair(&one, VA_A, CPU_WRITE, 0));
	ck_assert(pmap_repair(&one, VA_A, CPU_READ, 0));
	ck_assert(leaf(&one, VA_A) & PTE_P);
	ck_assert(!(leaf(&one, VA_A) & PTE_W));
	ck_assert(leaf(&one, VA_A) & PTE_NX);
	ck_assert(
	    !pmap_repair(&one, UINT64_C(0xffff800000000000), CPU_READ, 0));
}
END_TEST

/* Every alias loses W when one of them is executed, and X when one is stored
 * to: at no time is a page both. */
START_TEST(test_page_is_writable_or_executable)
{
	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	ck_assert_int_eq(pmap_enter(&two, VA_B, page_pa, true), 0);
	ck_assert(pmap_repair(&two, VA_B, CPU_WRITE, VA_A));
	ck_assert(leaf(&two, VA_B) & PTE_W);
	ck_assert(pmap_repair(&one, VA_A, CPU_FETCH, VA_A));
	ck_assert(!(leaf(&one, VA_A) & PTE_NX));
	ck_assert(!(leaf(&one, VA_A) & PTE_W));
	ck_assert(!(leaf(&two, VA_B) & PTE_W));
	ck_assert(leaf(&two, VA_B) & PTE_NX);
	ck_assert(pmap_repair(&two, VA_B, CPU_WRITE, 0x1000));
	ck_assert(leaf(&one, VA_A) & PTE_NX);
	ck_assert(leaf(&two, VA_B) & PTE_W);
}
END_TEST

START_TEST(test_changed_code_is_dropped_unchanged_is_kept)
{
	unsigned drops;

	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	pmap_repair(&one, VA_A, CPU_FETCH, VA_A);
	drops = cpu.drops;
	pmap_repair(&one, VA_A, CPU_WRITE, 0x1000);
	pmap_repair(&one, VA_A, CPU_FETCH, VA_A);
	ck_assert_uint_eq(cpu.drops, drops);
	pmap_repair(&one, VA_A, CPU_WRITE, 0x1000);
	arena_host(vms.arena, page_pa)[77] ^= 1;
	pmap_repair(&one, VA_A, CPU_FETCH, VA_A);
	ck_assert_uint_eq(cpu.drops, drops + 1);
}
END_TEST

START_TEST(test_note_write_drops_only_when_bytes_differ)
{
	unsigned drops, enters;

	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	pmap_repair(&one, VA_A, CPU_FETCH, VA_A);
	drops = cpu.drops;
	enters = cpu.enters;
	pv_note_write(&vms, page_pa);
	ck_assert_uint_eq(cpu.drops, drops);
	arena_host(vms.arena, page_pa)[0] ^= 1;
	pv_note_write(&vms, page_pa);
	ck_assert_uint_eq(cpu.drops, drops + 1);
	ck_assert_uint_eq(cpu.enters, enters + 1);
}
END_TEST

/* The first fetch through another address finds new bytes: what was known of
 * the page is gone for the address that could execute it before, too. */
START_TEST(test_fetch_of_changed_code_is_told_to_every_alias)
{
	unsigned drops, enters;

	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	ck_assert_int_eq(pmap_enter(&two, VA_B, page_pa, true), 0);
	pmap_repair(&one, VA_A, CPU_FETCH, VA_A);
	drops = cpu.drops;
	enters = cpu.enters;
	arena_host(vms.arena, page_pa)[0] ^= 1;
	pmap_repair(&two, VA_B, CPU_FETCH, VA_B);
	ck_assert_uint_eq(cpu.drops, drops + 1);
	ck_assert_uint_eq(cpu.enters, enters + 2);
}
END_TEST

/* _i: 0 the store goes through the address that is executed, 1 through
 * another one of the same page.  The page is never both, and the instruction
 * is stepped once; after that the page is code again. */
START_TEST(test_store_into_own_page_is_stepped)
{
	vms_va_t store = _i ? VA_B : VA_A;

	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	ck_assert_int_eq(pmap_enter(&one, VA_B, page_pa, true), 0);
	pmap_repair(&one, VA_A, CPU_FETCH, VA_A + 8);
	pmap_repair(&one, store, CPU_WRITE, VA_A + 8);
	ck_assert(leaf(&one, store) & PTE_W);
	ck_assert(leaf(&one, VA_A) & PTE_NX);
	ck_assert(pmap_repair(&one, VA_A, CPU_FETCH, VA_A + 8));
	ck_assert_uint_eq(cpu.steps, 1);
	ck_assert(leaf(&one, VA_A) & PTE_NX);
	ck_assert(leaf(&one, store) & PTE_W);
	ck_assert(pmap_repair(&one, VA_A, CPU_FETCH, VA_A + 16));
	ck_assert_uint_eq(cpu.steps, 1);
	ck_assert(!(leaf(&one, VA_A) & PTE_NX));
	ck_assert(!(leaf(&one, store) & PTE_W));
}
END_TEST

START_TEST(test_store_by_code_elsewhere_is_not_stepped)
{
	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	ck_assert_int_eq(pmap_enter(&one, VA_B, other_pa, true), 0);
	pmap_repair(&one, VA_A, CPU_FETCH, VA_A);
	pmap_repair(&one, VA_A, CPU_WRITE, VA_B);
	pmap_repair(&one, VA_A, CPU_FETCH, VA_A);
	ck_assert_uint_eq(cpu.steps, 0);
	ck_assert(!(leaf(&one, VA_A) & PTE_NX));
}
END_TEST

START_TEST(test_activate_flushes_only_what_was_weakened)
{
	ck_assert_int_eq(pmap_enter(&one, VA_A, page_pa, true), 0);
	pmap_repair(&one, VA_A, CPU_WRITE, 0);
	ck_assert_int_eq(pmap_activate(&one), 0);
	ck_assert_uint_eq(cpu.roots, 1);
	ck_assert_uint_eq(cpu.root, one.root_pa);
	ck_assert_int_eq(pmap_activate(&one), 0);
	ck_assert_uint_eq(cpu.roots, 1);
	pmap_remove(&one, VA_A, VA_A + 0x1000);
	ck_assert_int_eq(pmap_activate(&one), 0);
	ck_assert_uint_eq(cpu.page_flushes, 1);
	ck_assert_uint_eq(cpu.roots, 1);
	ck_assert_int_eq(pmap_activate(&two), 0);
	ck_assert_uint_eq(cpu.roots, 2);
}
END_TEST

START_TEST(test_many_weakened_pages_reload_the_root)
{
	for (uint64_t i = 0; i < 16; i++) {
		ck_assert_int_eq(
		    pmap_enter(&one, VA_A + i * 0x1000, page_pa, true), 0);
		pmap_repair(&one, VA_A + i * 0x1000, CPU_READ, 0);
	}
	ck_assert_int_eq(pmap_activate(&one), 0);
	pmap_remove_all(&one);
	ck_assert_int_eq(pmap_activate(&one), 0);
	ck_assert_uint_eq(cpu.page_flushes, 0);
	ck_assert_uint_eq(cpu.roots, 2);
}
END_TEST

START_TEST(test_finish_of_the_current_space_leaves_its_root)
{
	ck_assert_int_eq(pmap_activate(&one), 0);
	pmap_finish(&one);
	ck_assert_ptr_null(vms.current);
	ck_assert_uint_eq(cpu.root, vms.empty_root);
}
END_TEST

/* The engine uses its root whenever code is dropped, in no space's turn. */
START_TEST(test_engine_has_no_root_of_a_space_that_is_gone)
{
	vms.host_pid_generation = os_fork_generation();
	ck_assert_int_eq(runlock_init(&vms.lock, &cpu.cpu), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(pmap_activate(&one), 0);
		ck_assert_int_eq(vms_set_counting(&vms, true), 0);
		pmap_finish(&one);
		ck_assert_uint_eq(cpu.root, vms.empty_root);
	}
	runlock_finish(&vms.lock);
}
END_TEST

START_TEST(test_finish_gives_every_page_back)
{
	uint64_t before;

	before = arena_used(vms.arena);
	for (uint64_t i = 0; i < 100; i++)
		ck_assert_int_eq(pmap_enter(&one, i << 30, page_pa, true), 0);
	ck_assert_uint_gt(arena_used(vms.arena), before);
	pmap_finish(&one);
	ck_assert_uint_eq(arena_used(vms.arena), before);
}
END_TEST

START_TEST(test_exact_code_sees_a_store_without_note)
{
	unsigned drops;

	vms.config.flags = VMS_CONFIG_EXACT_CODE;
	for (uint64_t i = 0; i < 40; i++) {
		ck_assert_int_eq(
		    pmap_enter(&one, VA_A + i * 0x1000, page_pa, true), 0);
		pmap_repair(&one, VA_A + i * 0x1000, CPU_FETCH, 0);
	}
	drops = cpu.drops;
	arena_host(vms.arena, page_pa)[5] ^= 1;
	pmap_note_all(&one);
	ck_assert_uint_eq(cpu.drops, drops + 1);
	ck_assert(!(leaf(&one, VA_A) & PTE_NX));
	ck_assert(leaf(&one, VA_A + 39 * 0x1000) & PTE_NX);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pmap");
	TCase *tc = tcase_create("pmap");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_enter_then_lookup);
	tcase_add_test(tc, test_enter_replaces_page_and_its_pv);
	tcase_add_test(tc, test_remove_only_the_range);
	tcase_add_test(tc, test_pv_remove_page_reaches_every_space);
	tcase_add_test(tc, test_repair_refuses_what_is_not_promised);
	tcase_add_test(tc, test_page_is_writable_or_executable);
	tcase_add_test(tc, test_changed_code_is_dropped_unchanged_is_kept);
	tcase_add_test(tc, test_note_write_drops_only_when_bytes_differ);
	tcase_add_test(tc, test_fetch_of_changed_code_is_told_to_every_alias);
	tcase_add_loop_test(tc, test_store_into_own_page_is_stepped, 0, 2);
	tcase_add_test(tc, test_store_by_code_elsewhere_is_not_stepped);
	tcase_add_test(tc, test_activate_flushes_only_what_was_weakened);
	tcase_add_test(tc, test_many_weakened_pages_reload_the_root);
	tcase_add_test(tc, test_finish_of_the_current_space_leaves_its_root);
	tcase_add_test(tc, test_engine_has_no_root_of_a_space_that_is_gone);
	tcase_add_test(tc, test_finish_gives_every_page_back);
	tcase_add_test(tc, test_exact_code_sees_a_store_without_note);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
