/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace/trap: what each exit becomes in the frame; specification 4.3-4.7. */
#include "vmspace/trap.h"

#include <check.h>
#include <stdlib.h>

#define STALE 0x5a5a

/* A frame as it was copied in, with the guest's registers stored. */
static struct trapframe
frame(void)
{
	return (struct trapframe){ .tf_rax = 1,
		.tf_rcx = 0xcc,
		.tf_r10 = 0x10,
		.tf_r11 = 0x11,
		.tf_rip = 0x4000,
		.tf_rflags = 0x346,
		.tf_rsp = 0x8000,
		.tf_xflags = PGEX_FPFAULT,
		.tf_trapno = STALE,
		.tf_addr = STALE,
		.tf_flags = STALE,
		.tf_err = STALE };
}

static const struct {
	uint8_t vector;
	uint32_t error;
	int64_t trapno, err, rflags;
} traps[] = {
	{ 0, 7, T_DIVIDE, 0, 0x346 },
	{ 1, 7, T_TRCTRAP, 0, 0x246 },
	{ 2, 7, T_NMI, 0, 0x346 },
	{ 3, 7, T_BPTFLT, 0, 0x246 },
	{ 4, 7, T_OFLOW, 0, 0x346 },
	{ 5, 7, T_BOUND, 0, 0x346 },
	{ 6, 7, T_PRIVINFLT, 0, 0x346 },
	{ 7, 7, T_DNA, 0, 0x346 },
	{ 8, 0, T_DOUBLEFLT, 0, 0x346 },
	{ 9, 7, T_FPOPFLT, 0, 0x346 },
	{ 10, 0x28, T_TSSFLT, 0x28, 0x346 },
	{ 11, 0x28, T_SEGNPFLT, 0x28, 0x346 },
	{ 12, 0, T_STKFLT, 0, 0x346 },
	{ 13, 0x28, T_PROTFLT, 0x28, 0x346 },
	{ 15, 7, T_RESERVED, 0, 0x346 },
	{ 16, 7, T_ARITHTRAP, 0, 0x346 },
	{ 17, 0, T_ALIGNFLT, 0, 0x346 },
	{ 18, 7, T_MCHK, 0, 0x346 },
	{ 19, 7, T_XMMFLT, 0, 0x346 },
	{ 20, 7, T_RESERVED, 0, 0x346 },
	{ 31, 7, T_RESERVED, 0, 0x346 },
};

START_TEST(test_exception_has_its_number)
{
	struct run_exit exit = { .cpu = { .kind = CPU_EXIT_TRAP,
				     .vector = traps[_i].vector,
				     .error = traps[_i].error,
				     .addr = 0x999 },
		.started = true };
	struct trapframe tf = frame();

	trap_fill(&exit, &tf);
	ck_assert_int_eq(tf.tf_trapno, traps[_i].trapno);
	ck_assert_int_eq(tf.tf_err, traps[_i].err);
	ck_assert_int_eq(tf.tf_rflags, traps[_i].rflags);
	ck_assert_int_eq(tf.tf_addr, 0);
	ck_assert_int_eq(tf.tf_xflags, 0);
	ck_assert_int_eq(tf.tf_flags, STALE);
	ck_assert_int_eq(tf.tf_rip, 0x4000);
	ck_assert_int_eq(tf.tf_rcx, 0xcc);
}
END_TEST

static const struct {
	enum cpu_access access;
	bool present;
	int64_t err;
} faults[] = { { CPU_READ, false, 4 }, { CPU_WRITE, false, 6 },
	{ CPU_FETCH, false, 4 }, { CPU_READ, true, 5 }, { CPU_WRITE, true, 7 },
	{ CPU_FETCH, true, 5 } };

START_TEST(test_fault_has_the_logical_translations_error)
{
	struct run_exit exit = { .cpu = { .kind = CPU_EXIT_FAULT,
				     .access = faults[_i].access,
				     .error = 0x1f,
				     .addr = 0xffff800012345678 },
		.was_present = faults[_i].present,
		.started = true };
	struct trapframe tf = frame();

	trap_fill(&exit, &tf);
	ck_assert_int_eq(tf.tf_trapno, T_PAGEFLT);
	ck_assert_int_eq(tf.tf_err, faults[_i].err);
	ck_assert_int_eq(tf.tf_addr, (int64_t)0xffff800012345678);
	ck_assert_int_eq(tf.tf_xflags, 0);
	ck_assert_int_eq(tf.tf_flags, STALE);
	ck_assert_int_eq(tf.tf_rflags, 0x346);
}
END_TEST

START_TEST(test_int_n_is_a_protection_fault)
{
	static const struct {
		uint8_t n;
		int64_t err;
	} rows[] = { { 0x80, 0x402 }, { 0, 2 }, { 14, 0x72 }, { 255, 0x7fa } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct run_exit exit = { .cpu = { .kind = CPU_EXIT_INT,
					     .vector = rows[i].n },
			.started = true };
		struct trapframe tf = frame();
		trap_fill(&exit, &tf);
		ck_assert_int_eq(tf.tf_trapno, T_PROTFLT);
		ck_assert_int_eq(tf.tf_err, rows[i].err);
		ck_assert_int_eq(tf.tf_addr, 0);
		ck_assert_int_eq(tf.tf_rip, 0x4000);
	}
}
END_TEST

START_TEST(test_syscall_moves_the_fourth_argument)
{
	struct run_exit exit = { .cpu = { .kind = CPU_EXIT_SYSCALL },
		.started = true };
	struct trapframe tf = frame();

	trap_fill(&exit, &tf);
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	ck_assert_int_eq(tf.tf_err, 2);
	ck_assert_int_eq(tf.tf_rcx, 0x10);
	ck_assert_int_eq(tf.tf_r10, 0x10);
	ck_assert_int_eq(tf.tf_r11, 0x346);
	ck_assert_int_eq(tf.tf_rflags, 0x346);
	ck_assert_int_eq(tf.tf_xflags, 0);
	ck_assert_int_eq(tf.tf_addr, STALE);
	ck_assert_int_eq(tf.tf_flags, STALE);
}
END_TEST

START_TEST(test_interruption_has_no_trap)
{
	static const enum cpu_exit_kind kinds[] = { CPU_EXIT_STOPPED,
		CPU_EXIT_BUDGET };
	struct run_exit exit = { .cpu = { .kind = kinds[_i] },
		.started = true };
	struct trapframe tf = frame();

	trap_fill(&exit, &tf);
	ck_assert_int_eq(tf.tf_trapno, 0);
	ck_assert_int_eq(tf.tf_err, 0);
	ck_assert_int_eq(tf.tf_addr, 0);
	ck_assert_int_eq(tf.tf_xflags, 0);
	ck_assert_int_eq(tf.tf_rflags, 0x346);
}
END_TEST

START_TEST(test_interruption_before_the_start_changes_trapno_only)
{
	struct run_exit exit = { .cpu = { .kind = CPU_EXIT_STOPPED } };
	struct trapframe tf = frame();

	trap_fill(&exit, &tf);
	ck_assert_int_eq(tf.tf_trapno, 0);
	ck_assert_int_eq(tf.tf_err, STALE);
	ck_assert_int_eq(tf.tf_addr, STALE);
	ck_assert_int_eq(tf.tf_xflags, PGEX_FPFAULT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("trap");
	TCase *tc = tcase_create("trap");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, test_exception_has_its_number, 0,
	    sizeof(traps) / sizeof(traps[0]));
	tcase_add_loop_test(tc, test_fault_has_the_logical_translations_error,
	    0, sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tc, test_int_n_is_a_protection_fault);
	tcase_add_test(tc, test_syscall_moves_the_fourth_argument);
	tcase_add_loop_test(tc, test_interruption_has_no_trap, 0, 2);
	tcase_add_test(
	    tc, test_interruption_before_the_start_changes_trapno_only);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
