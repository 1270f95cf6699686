/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What docs/limits.md says of instructions: each test shows what the engine
 * does where a processor does something else.  One that fails with a newer
 * engine is good news: the line in docs/limits.md can go.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/cpu_guest.h"

static void
run(const char *bytes, size_t len)
{
	guest_code(CODE, bytes, len);
	g.regs.rip = CODE;
	guest_run();
}

static uint32_t
mxcsr(void)
{
	uint8_t image[512];
	uint32_t value;

	g.cpu->ops->state_getfp(g.cpu, g.state, image);
	memcpy(&value, image + 24, sizeof(value));
	return value;
}

/* Processor: #GP. */
START_TEST(test_misaligned_sse_operand_is_accepted)
{
	g.regs.rax = DATA + 1;
	run("\x0f\x28\x00\x0f\x05", 5); /* movaps xmm0,[rax] */
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
}
END_TEST

/* Processor: #AC where the kernel has set CR0.AM. */
START_TEST(test_alignment_is_not_checked)
{
	g.regs.rax = DATA + 1;
	g.regs.rflags |= 0x40000;
	run("\x8b\x00\x0f\x05", 4); /* mov eax,[rax] */
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
}
END_TEST

/* Processor: #XM. */
START_TEST(test_sse_exceptions_are_not_raised)
{
	*(uint32_t *)(void *)guest_host(DATA) = 0x1d80; /* ZE unmasked */
	g.regs.rax = DATA;
	g.regs.rbx = 0x3f800000;
	/* ldmxcsr [rax]; movd xmm0,ebx; xorps xmm1,xmm1; divss xmm0,xmm1 */
	run("\x0f\xae\x10\x66\x0f\x6e\xc3\x0f\x57\xc9\xf3\x0f\x5e\xc1\x0f\x05",
	    16);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(mxcsr(), 0x1d80);
}
END_TEST

/* Processor: #GP. */
START_TEST(test_reserved_bits_of_mxcsr_are_accepted)
{
	*(uint32_t *)(void *)guest_host(DATA) = 0x80001f80;
	g.regs.rax = DATA;
	run("\x0f\xae\x10\x0f\x05", 5);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
}
END_TEST

/* Processor: #PF. */
START_TEST(test_clflush_of_nothing_does_not_fault)
{
	g.regs.rax = HOLE;
	run("\x0f\xae\x38\x0f\x05", 5);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
}
END_TEST

/* Processor: nothing is stored. */
START_TEST(test_sse_store_across_pages_is_half_done)
{
	const uint64_t ones = UINT64_MAX;

	g.regs.rax = ones;
	g.regs.rbx = STACK + 8192 - 8; /* the page behind it is not there */
	/* movq xmm0,rax; movups [rbx],xmm0 */
	run("\x66\x48\x0f\x6e\xc0\x0f\x11\x03\x0f\x05", 10);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_FAULT);
	ck_assert_uint_eq(g.exit.addr, STACK + 8192);
	ck_assert_mem_eq(guest_host(STACK + 8192 - 8), &ones, 8);
}
END_TEST

/* Processor: #GP, at the jump. */
START_TEST(test_jump_out_of_canonical_space_is_done)
{
	const uint64_t target = UINT64_C(0x0000800000000000);

	g.regs.rax = target;
	g.regs.rsp = STACK + 64;
	run("\xff\xd0", 2); /* call rax */
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_TRAP);
	ck_assert_uint_eq(g.exit.vector, 13);
	ck_assert_uint_eq(g.regs.rip, target);
	ck_assert_uint_eq(g.regs.rsp, STACK + 56);
}
END_TEST

/* Processor: #GP. */
START_TEST(test_load_across_the_end_of_user_space_is_a_page_fault)
{
	g.regs.rax = UINT64_C(0x00007ffffffffffc);
	run("\x48\x8b\x00", 3);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_FAULT);
}
END_TEST

/* Processor: raised by the next x87 instruction, the second fld1. */
START_TEST(test_x87_exceptions_wait_for_fwait)
{
	*(uint16_t *)(void *)guest_host(DATA) = 0x37b; /* ZM unmasked */
	g.regs.rax = DATA;
	/* fldcw [rax]; fld1; fldz; fdivp; fld1; syscall */
	run("\xd9\x28\xd9\xe8\xd9\xee\xde\xf9\xd9\xe8\x0f\x05", 12);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_SYSCALL);
}
END_TEST

/* Processor: the flags of entry. */
START_TEST(test_repe_cmpsb_that_faults_has_changed_flags)
{
	g.regs.rsi = STACK + 8192 - 2;
	g.regs.rdi = DATA;
	g.regs.rcx = 4;
	g.regs.rflags = FIXED_FLAGS;
	run("\xf3\xa6\x0f\x05", 4);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_FAULT);
	ck_assert_uint_eq(g.regs.rcx, 2);
	ck_assert_uint_eq(g.regs.rflags, FIXED_FLAGS | 0x44);
}
END_TEST

/* As AMD's processors; Intel's ignore the prefix. */
START_TEST(test_near_branch_with_66_has_16_bits)
{
	run("\x66\xe9\x00\x10", 4);
	ck_assert_int_eq(g.exit.kind, CPU_EXIT_FAULT);
	ck_assert_uint_eq(g.exit.addr, 0x1004);
}
END_TEST

/* Processors leave OF, SF, AF and PF undefined after bts; the engine's
 * choice depends on the instruction before being in the same block. */
START_TEST(test_undefined_flags_depend_on_the_block)
{
	uint64_t whole;

	/* sub dh,al; bts rsp,rbp; syscall */
	guest_code(CODE, "\x2a\xf0\x48\x0f\xab\xec\x0f\x05", 8);
	g.regs.rdx = 0x8000;
	g.regs.rax = 1;
	g.regs.rip = CODE;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	whole = g.regs.rflags;
	ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, true), 0);
	g.regs.rdx = 0x8000;
	g.regs.rsp = STACK + 4096;
	g.regs.rip = CODE;
	g.budget = 1;
	ck_assert_int_eq(guest_run(), CPU_EXIT_BUDGET);
	g.budget = UINT64_MAX;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_ne(g.regs.rflags, whole);
	ck_assert_uint_eq((g.regs.rflags ^ whole) & ~UINT64_C(0x894), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cpu_unicorn_limits");
	TCase *tc = tcase_create("limits");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, guest_open, guest_close);
	tcase_add_test(tc, test_misaligned_sse_operand_is_accepted);
	tcase_add_test(tc, test_alignment_is_not_checked);
	tcase_add_test(tc, test_sse_exceptions_are_not_raised);
	tcase_add_test(tc, test_reserved_bits_of_mxcsr_are_accepted);
	tcase_add_test(tc, test_clflush_of_nothing_does_not_fault);
	tcase_add_test(tc, test_sse_store_across_pages_is_half_done);
	tcase_add_test(tc, test_jump_out_of_canonical_space_is_done);
	tcase_add_test(
	    tc, test_load_across_the_end_of_user_space_is_a_page_fault);
	tcase_add_test(tc, test_x87_exceptions_wait_for_fwait);
	tcase_add_test(tc, test_repe_cmpsb_that_faults_has_changed_flags);
	tcase_add_test(tc, test_near_branch_with_66_has_16_bits);
	tcase_add_test(tc, test_undefined_flags_depend_on_the_block);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
