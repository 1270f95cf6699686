/* SPDX-License-Identifier: BSD-2-Clause */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "emu/cpu.h"

static void
add_one(void *arg, struct cpu_regs *regs)
{
	(void)arg;
	regs->rax++;
}

static const struct cpu_script_step steps[] = {
	{ { .kind = CPU_EXIT_SYSCALL }, add_one, NULL },
	{ { .kind = CPU_EXIT_FAULT, .addr = 0x1234 }, NULL, NULL },
};

static const struct cpu_limits limits = { UINT64_MAX };
static struct cpu *cpu;
static struct cpu_state *state;
static struct cpu_exit result;

static void
setup(void)
{
	const struct cpu_regs regs = { .rax = 41 };

	ck_assert_int_eq(cpu_script_create(steps, 2, &cpu), 0);
	ck_assert_int_eq(cpu->ops->state_create(cpu, &state), 0);
	cpu->ops->enter(cpu, state, &regs, false);
}

static void
teardown(void)
{
	cpu->ops->state_destroy(cpu, state);
	cpu->ops->destroy(cpu);
}

START_TEST(test_steps_come_in_order)
{
	struct cpu_regs regs;

	cpu->ops->run(cpu, &limits, &result);
	ck_assert_int_eq(result.kind, CPU_EXIT_SYSCALL);
	cpu->ops->get_regs(cpu, &regs);
	ck_assert_uint_eq(regs.rax, 42);
	ck_assert_uint_eq(cpu_script_position(cpu), 1);
	cpu->ops->run(cpu, &limits, &result);
	ck_assert_int_eq(result.kind, CPU_EXIT_FAULT);
	ck_assert_uint_eq(result.addr, 0x1234);
}
END_TEST

START_TEST(test_end_of_list_is_engine_failure)
{
	for (int i = 0; i < 3; i++)
		cpu->ops->run(cpu, &limits, &result);
	ck_assert_int_eq(result.kind, CPU_EXIT_ENGINE);
	ck_assert_ptr_nonnull(result.why);
	ck_assert_uint_eq(cpu_script_position(cpu), 2);
}
END_TEST

START_TEST(test_stop_uses_no_step)
{
	cpu->ops->stop(cpu);
	cpu->ops->run(cpu, &limits, &result);
	ck_assert_int_eq(result.kind, CPU_EXIT_STOPPED);
	ck_assert_uint_eq(cpu_script_position(cpu), 0);
	cpu->ops->run(cpu, &limits, &result);
	ck_assert_int_eq(result.kind, CPU_EXIT_SYSCALL);
}
END_TEST

START_TEST(test_fp_image_is_kept)
{
	uint8_t image[512], back[512];

	memset(image, 0xa5, sizeof(image));
	cpu->ops->state_setfp(cpu, state, image);
	cpu->ops->state_getfp(cpu, state, back);
	ck_assert_mem_eq(image, back, sizeof(image));
}
END_TEST

/* The clock is nothing to a script; the operations are there. */
START_TEST(test_clock_uses_no_step)
{
	cpu->ops->set_clock(cpu, true);
	cpu->ops->tick(cpu);
	ck_assert_uint_eq(cpu_script_position(cpu), 0);
	cpu->ops->run(cpu, &limits, &result);
	ck_assert_int_eq(result.kind, CPU_EXIT_SYSCALL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cpu_script");
	TCase *tc = tcase_create("script");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_steps_come_in_order);
	tcase_add_test(tc, test_end_of_list_is_engine_failure);
	tcase_add_test(tc, test_stop_uses_no_step);
	tcase_add_test(tc, test_fp_image_is_kept);
	tcase_add_test(tc, test_clock_uses_no_step);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
