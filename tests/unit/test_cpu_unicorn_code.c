/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that the engine must not be let do are met every time: cached
 * or not, jumped at or into, in this space or in another. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/cpu_guest.h"

#define PAGE_END (CODE + 4096)

static void
run_from(uint64_t rip)
{
	g.regs.rip = rip;
	guest_run();
}

static void
expect_trap(uint64_t rip, uint8_t vector)
{
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_TRAP);
	ck_assert_uint_eq(g.exit.vector, vector);
	ck_assert_uint_eq(g.regs.rip, rip);
}

/* One at the end of a block, reached from three places, many times. */
START_TEST(test_port_is_met_every_time)
{
	guest_code(CODE, "\xff\xc0\xff\xc0\xec\x90", 6);
	guest_code(CODE + 64, "\xeb\xc0", 2); /* jmp CODE + 2 */
	for (uint64_t i = 0; i < 20; i++) {
		g.regs.rax = 0;
		run_from(CODE);
		expect_trap(CODE + 4, 13);
		ck_assert_uint_eq(g.regs.rax, 2);
		run_from(CODE + 2);
		expect_trap(CODE + 4, 13);
		run_from(CODE + 64);
		expect_trap(CODE + 4, 13);
		run_from(CODE + 4);
		expect_trap(CODE + 4, 13);
		ck_assert_uint_eq(g.regs.rax, 4);
	}
}
END_TEST

START_TEST(test_port_under_the_guest_trap_flag)
{
	guest_code(CODE, "\xec", 1);
	for (int i = 0; i < 3; i++) {
		g.regs.rflags = FIXED_FLAGS | 0x100;
		run_from(CODE);
		expect_trap(CODE, 13);
	}
}
END_TEST

/* Right behind mov ss, whose shadow covers it. */
START_TEST(test_port_in_the_shadow_of_mov_ss)
{
	guest_code(CODE, "\x8c\xd0\x8e\xd0\xec", 5);
	for (int i = 0; i < 3; i++) {
		run_from(CODE);
		expect_trap(CODE + 4, 13);
	}
}
END_TEST

START_TEST(test_port_in_another_space)
{
	uint64_t other = guest_page(), pa = guest_page();

	guest_code(CODE, "\x90\x90\x0f\x05", 4);
	g.cpu->ops->root_init(g.cpu, other);
	guest_map_in(other, CODE, pa, 0);
	memcpy(arena_host(g.arena, pa), "\x90\xec\x0f\x05", 4);
	g.cpu->ops->code_enter(g.cpu, CODE, pa);
	for (int i = 0; i < 10; i++) {
		g.cpu->ops->set_root(g.cpu, i & 1 ? other : g.root);
		run_from(CODE);
		if (i & 1)
			expect_trap(CODE + 1, 13);
		else
			ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
	}
}
END_TEST

/* The guest writes the instruction into its own page, which stays writable. */
START_TEST(test_port_written_by_the_guest)
{
	*guest_leaf(CODE) |= PTE_W;
	g.cpu->ops->flush_page(g.cpu, CODE);
	/* mov byte [rip+1],0xec; nop; nop; syscall */
	guest_code(CODE, "\xc6\x05\x01\x00\x00\x00\xec\x90\x90\x0f\x05", 11);
	run_from(CODE + 7);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
	run_from(CODE);
	expect_trap(CODE + 8, 13);
}
END_TEST

static void
frame_put(uint32_t rip, uint32_t flags)
{
	const uint32_t frame[5] = { rip, 0x2b, flags, (uint32_t)STACK + 64,
		0x23 };

	memcpy(guest_host(STACK), frame, sizeof(frame));
	g.regs.rsp = STACK;
}

START_TEST(test_iretd_returns_but_not_to_vm86)
{
	guest_code(CODE, "\x90\xcf", 2);
	guest_code(CODE + 32, "\x0f\x05", 2);
	for (int i = 0; i < 6; i++) {
		frame_put((uint32_t)CODE + 32, i & 1 ? 0x20202 : 0x242);
		run_from(CODE);
		if (i & 1) {
			expect_trap(CODE + 1, 13);
			ck_assert_uint_eq(g.regs.rsp, STACK);
			continue;
		}
		ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rip, CODE + 34);
		ck_assert_uint_eq(g.regs.rsp, STACK + 64);
		ck_assert_uint_eq(g.regs.rflags, 0x242);
	}
}
END_TEST

START_TEST(test_iretd_under_trap_flag_cannot_enter_vm86)
{
	guest_code(CODE, "\xcf", 1);
	guest_code(CODE + 32, "\x0f\x05", 2);
	for (int i = 0; i < 4; i++) {
		frame_put((uint32_t)CODE + 32, i & 1 ? 0x20202 : 0x202);
		g.regs.rflags = FIXED_FLAGS | 0x100;
		run_from(CODE);
		if (i & 1)
			expect_trap(CODE, 13);
		else
			expect_trap(CODE + 32, 1);
	}
}
END_TEST

/* Every form that kills the engine when it translates it. */
static const struct killer {
	const char *bytes;
	size_t len;
} killers[] = {
	{ "\xf0\x0f\xa3\xc0", 4 },         /* lock bt eax,eax */
	{ "\xf0\x0f\xab\xc8", 4 },         /* lock bts */
	{ "\xf0\x0f\xb3\xff", 4 },         /* lock btr */
	{ "\xf0\x0f\xbb\xd3", 4 },         /* lock btc */
	{ "\xf0\x0f\xba\xe0\x01", 5 },     /* lock bt eax,1 */
	{ "\xf0\x0f\xba\xff\x01", 5 },     /* lock btc edi,1 */
	{ "\xf0\x48\x0f\xab\xc0", 5 },     /* with REX */
	{ "\x48\xf0\x0f\xab\xc0", 5 },     /* with REX that does not count */
	{ "\x66\xf0\x0f\xab\xc0", 5 },     /* with 66 before */
	{ "\xf0\x66\x41\x0f\xab\xc0", 6 }, /* and after */
	{ "\xf0\xf0\x0f\xab\xc0", 5 },     /* twice */
	{ "\xf2\xf0\xf3\x2e\x65\x67\x0f\xab\xc0", 9 },
};

#define KILLERS (int)(sizeof(killers) / sizeof(killers[0]))

/* In the middle of a block, jumped at, and as its own block. */
START_TEST(test_killers_are_undefined)
{
	const struct killer *k = &killers[_i];

	guest_code(CODE, "\xff\xc0\xff\xc0", 4);
	guest_code(CODE + 4, k->bytes, k->len);
	for (uint64_t i = 1; i <= 3; i++) {
		run_from(CODE);
		expect_trap(CODE + 4, 6);
		ck_assert_uint_eq(g.regs.rax, 2 * i);
	}
	run_from(CODE + 4);
	expect_trap(CODE + 4, 6);
}
END_TEST

/* From any prefix of it on. */
START_TEST(test_killers_after_their_first_prefix)
{
	const struct killer *k = &killers[_i];

	guest_code(CODE, k->bytes, k->len);
	for (uint64_t at = 1; (uint8_t)k->bytes[at] != 0x0f; at++) {
		run_from(CODE + at);
		if (g.exit.kind == CPU_EXIT_TRAP)
			expect_trap(CODE + at, 6);
	}
}
END_TEST

/* Across the end of a page, at every split, whichever page comes first. */
START_TEST(test_killers_across_pages)
{
	const struct killer *k = &killers[_i / 2];
	uint64_t first, second;

	for (uint64_t cut = 1; cut < k->len; cut++) {
		first = guest_map(PAGE_END - 4096, 0);
		second = guest_map(PAGE_END, 0);
		memset(arena_host(g.arena, first), 0x90, 4096);
		memset(arena_host(g.arena, second), 0x90, 4096);
		memcpy(arena_host(g.arena, first) + 4096 - cut, k->bytes, cut);
		memcpy(
		    arena_host(g.arena, second), k->bytes + cut, k->len - cut);
		g.cpu->ops->set_root(g.cpu, g.root);
		if (_i & 1)
			guest_code_enter(PAGE_END);
		guest_code_enter(CODE);
		guest_code_enter(PAGE_END);
		run_from(PAGE_END - cut - 2);
		expect_trap(PAGE_END - cut, 6);
	}
}
END_TEST

/* The bytes of one inside another instruction do not matter. */
START_TEST(test_killer_bytes_inside_an_instruction)
{
	/* mov eax,0xc0ab0ff0; inc ebx; syscall */
	guest_code(CODE, "\xb8\xf0\x0f\xab\xc0\xff\xc3\x0f\x05", 9);
	for (uint64_t i = 1; i <= 3; i++) {
		run_from(CODE);
		ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rax, 0xc0ab0ff0);
		ck_assert_uint_eq(g.regs.rbx, i);
	}
	run_from(CODE + 1);
	expect_trap(CODE + 1, 6);
}
END_TEST

/* Another space has harmless code at the same address: it is passed. */
START_TEST(test_guarded_address_in_another_space)
{
	uint64_t other = guest_page(), pa = guest_page();

	guest_code(CODE, "\x90\xf0\x0f\xab\xc0", 5);
	g.cpu->ops->root_init(g.cpu, other);
	guest_map_in(other, CODE, pa, 0);
	guest_map_in(other, STACK, guest_page(), PTE_W | PTE_NX);
	memcpy(arena_host(g.arena, pa), "\x90\xff\xc3\x90\x0f\x05", 6);
	g.cpu->ops->code_enter(g.cpu, CODE, pa);
	for (uint64_t i = 1; i <= 5; i++) {
		g.cpu->ops->set_root(g.cpu, other);
		run_from(CODE);
		ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rbx, i);
		g.cpu->ops->set_root(g.cpu, g.root);
		run_from(CODE);
		expect_trap(CODE + 1, 6);
	}
}
END_TEST

/* A guard is off while its page cannot be executed, and on again after. */
START_TEST(test_guard_of_a_page_that_comes_and_goes)
{
	guest_code(CODE + 4096, "\x90\xf0\x0f\xab\xc0", 5);
	guest_code(CODE, "\xff\xc3\x0f\x05", 4);
	for (uint64_t i = 1; i <= 3; i++) {
		*guest_leaf(CODE + 4096) |= PTE_NX;
		g.cpu->ops->flush_page(g.cpu, CODE + 4096);
		g.regs.rbx = 0;
		run_from(CODE);
		ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rbx, 1);
		run_from(CODE + 4096);
		ck_assert_int_eq(g.exit.kind, CPU_EXIT_FAULT);
		*guest_leaf(CODE + 4096) &= ~PTE_NX;
		g.cpu->ops->flush_page(g.cpu, CODE + 4096);
		run_from(CODE + 4096);
		expect_trap(CODE + 4097, 6);
	}
}
END_TEST

/* A fault while exit addresses exist keeps its address and error code. */
START_TEST(test_fault_beside_guards_is_exact)
{
	guest_code(CODE + 4096, "\xf0\x0f\xab\xc0", 4);
	guest_code(CODE, "\x89\x00", 2);
	for (int i = 0; i < 5; i++) {
		g.regs.rax = HOLE + 8;
		run_from(CODE);
		ck_assert_int_eq(g.exit.kind, CPU_EXIT_FAULT);
		ck_assert_uint_eq(g.exit.addr, HOLE + 8);
		ck_assert_uint_eq(g.exit.error, 6);
		/* ... also when the guarded page is gone. */
		*guest_leaf(CODE + 4096) = 0;
		g.cpu->ops->flush_page(g.cpu, CODE + 4096);
	}
}
END_TEST

/* A page full of them, and harmless code after it is run step by step; when
 * the page is dropped the engine is free again. */
START_TEST(test_page_full_of_killers)
{
	uint8_t *page = guest_host(CODE + 4096);

	for (int i = 0; i < 4096; i += 4)
		memcpy(page + i, killers[1].bytes, 4);
	g.cpu->ops->code_drop(g.cpu, *guest_leaf(CODE + 4096) & PTE_FRAME);
	guest_code_enter(CODE + 4096);
	for (uint64_t at = 0; at < 4096; at += 36) {
		run_from(CODE + 4096 + at);
		expect_trap(CODE + 4096 + at, 6);
	}
	guest_code(CODE, "\xff\xc3\x8c\xd0\x8e\xd0\x0f\x05", 8);
	g.regs.rbx = 0;
	run_from(CODE);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.regs.rbx, 1);
	/* mov ss; killer: only one of the two may be translated. */
	guest_code(CODE, "\x8c\xd0\x8e\xd0\xf0\x0f\xab\xc0", 8);
	run_from(CODE);
	expect_trap(CODE + 4, 6);
	ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, true), 0);
	run_from(CODE);
	expect_trap(CODE + 4, 6);
	ck_assert_uint_eq(g.exit.insns, 2);
	memset(page, 0x90, 4096);
	g.cpu->ops->code_drop(g.cpu, *guest_leaf(CODE + 4096) & PTE_FRAME);
	guest_code_enter(CODE + 4096);
	run_from(CODE);
	expect_trap(CODE + 4, 6);
}
END_TEST

/* Only bytes on the way: prefixes without the end of a killer on the other
 * page must cost nothing and do no harm. */
START_TEST(test_harmless_seams)
{
	/* lock inc [rcx] across pages */
	guest_code(PAGE_END - 1, "\xf0\xff\x01\x0f\x05", 5);
	g.regs.rcx = DATA;
	for (uint64_t i = 1; i <= 3; i++) {
		run_from(PAGE_END - 1);
		ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(*guest_host(DATA), i);
	}
}
END_TEST

/* Runs as vmspace/ does with a page that is writable and holds code. */
static void
run_mixed(uint64_t rip)
{
	g.regs.rip = rip;
	for (int i = 0; i < 100; i++) {
		const struct cpu_limits limits = { g.budget };
		g.cpu->ops->enter(g.cpu, g.state, &g.regs, false);
		g.cpu->ops->run(g.cpu, &limits, &g.exit);
		g.cpu->ops->get_regs(g.cpu, &g.regs);
		if (g.exit.kind != CPU_EXIT_FAULT ||
		    g.exit.access != CPU_FETCH || g.exit.addr < CODE ||
		    g.exit.addr >= CODE + 8192)
			return;
		g.cpu->ops->code_step(g.cpu, g.exit.addr);
	}
	ck_abort_msg("no progress");
}

static void
mixed_make(uint64_t va)
{
	*guest_leaf(va) |= PTE_W | PTE_NX;
	g.cpu->ops->flush_page(g.cpu, va);
}

/* A store into its own page makes progress, and is seen by what follows. */
START_TEST(test_mixed_page_stores_into_itself)
{
	/* inc byte [rip+1]; mov al,imm (changed); syscall */
	guest_code(CODE, "\xfe\x05\x01\x00\x00\x00\xb0\x10\x0f\x05", 10);
	mixed_make(CODE);
	for (unsigned i = 1; i <= 20; i++) {
		run_mixed(CODE);
		ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rax & 0xff, 0x10 + i);
		ck_assert(*guest_leaf(CODE) & PTE_NX);
	}
}
END_TEST

/* The guest writes a killer and runs into it, from this page and another. */
START_TEST(test_killer_written_by_the_guest)
{
	/* mov dword [rip+0],0xc0ab0ff0: the next instruction */
	guest_code(CODE, "\xc7\x05\x00\x00\x00\x00\xf0\x0f\xab\xc0", 10);
	mixed_make(CODE);
	for (int i = 0; i < 3; i++) {
		memset(guest_host(CODE + 10), 0x90, 4);
		g.cpu->ops->code_drop(g.cpu, *guest_leaf(CODE) & PTE_FRAME);
		run_mixed(CODE);
		expect_trap(CODE + 10, 6);
	}
	/* jmp rax; with the killer there already */
	guest_code(CODE + 4096, "\x90\xff\xe0", 3);
	g.regs.rax = CODE + 10;
	run_mixed(CODE + 4096);
	expect_trap(CODE + 10, 6);
}
END_TEST

/* A call from plain code into the page and back, and a block that runs into
 * it from the page before. */
START_TEST(test_mixed_page_is_entered_and_left)
{
	guest_code(CODE, "\xff\xd0\xff\xc3\x0f\x05", 6); /* call rax */
	guest_code(CODE + 4096, "\xff\xc1\xc3", 3);      /* inc ecx; ret */
	mixed_make(CODE + 4096);
	for (uint64_t i = 1; i <= 10; i++) {
		g.regs.rax = CODE + 4096;
		run_mixed(CODE);
		ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rcx, i);
		ck_assert_uint_eq(g.regs.rbx, i);
	}
	/* inc edx; inc edx; mov eax,imm across; syscall */
	guest_code(PAGE_END - 6, "\xff\xc2\xff\xc2\xb8\x01", 6);
	memcpy(guest_host(PAGE_END), "\x02\x03\x04\x0f\x05", 5);
	run_mixed(PAGE_END - 6);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.regs.rdx, 2);
	ck_assert_uint_eq(g.regs.rax, 0x04030201);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cpu_unicorn_code");
	TCase *tc = tcase_create("code");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, guest_open, guest_close);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_port_is_met_every_time);
	tcase_add_test(tc, test_port_under_the_guest_trap_flag);
	tcase_add_test(tc, test_port_in_the_shadow_of_mov_ss);
	tcase_add_test(tc, test_port_in_another_space);
	tcase_add_test(tc, test_port_written_by_the_guest);
	tcase_add_test(tc, test_iretd_returns_but_not_to_vm86);
	tcase_add_test(tc, test_iretd_under_trap_flag_cannot_enter_vm86);
	tcase_add_loop_test(tc, test_killers_are_undefined, 0, KILLERS);
	tcase_add_loop_test(
	    tc, test_killers_after_their_first_prefix, 0, KILLERS);
	tcase_add_loop_test(tc, test_killers_across_pages, 0, 2 * KILLERS);
	tcase_add_test(tc, test_killer_bytes_inside_an_instruction);
	tcase_add_test(tc, test_guarded_address_in_another_space);
	tcase_add_test(tc, test_guard_of_a_page_that_comes_and_goes);
	tcase_add_test(tc, test_fault_beside_guards_is_exact);
	tcase_add_test(tc, test_page_full_of_killers);
	tcase_add_test(tc, test_harmless_seams);
	tcase_add_test(tc, test_mixed_page_stores_into_itself);
	tcase_add_test(tc, test_killer_written_by_the_guest);
	tcase_add_test(tc, test_mixed_page_is_entered_and_left);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
