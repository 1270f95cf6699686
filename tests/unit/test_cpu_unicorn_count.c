/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting and budgets: exact at every exit, the same however it is cut. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/cpu_guest.h"

static void
setup(void)
{
	guest_open();
	ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, true), 0);
}

/* The bytes run at CODE, with rax = HOLE, rcx = 5, rsi and rdi = DATA. */
static const struct row {
	const char *name, *bytes;
	size_t len;
	enum cpu_exit_kind kind;
	uint64_t insns;
} rows[] = {
	{ "syscall counts", "\x90\x90\x0f\x05", 4, CPU_EXIT_SYSCALL, 3 },
	{ "int n does not", "\x90\x90\xcd\x80", 4, CPU_EXIT_INT, 2 },
	{ "int3 counts", "\x90\xcc", 2, CPU_EXIT_TRAP, 2 },
	{ "ud2 does not", "\x90\x0f\x0b", 3, CPU_EXIT_TRAP, 1 },
	{ "fault in the middle", "\x90\x90\x8b\x00\x90\x90\x0f\x05", 8,
	    CPU_EXIT_FAULT, 2 },
	{ "fault at the start", "\x8b\x00\x90\x0f\x05", 5, CPU_EXIT_FAULT, 0 },
	{ "loop", "\x90\xe2\xfd\x0f\x05", 5, CPU_EXIT_SYSCALL, 11 },
	{ "rep movsb counts iterations and one", "\xf3\xa4\x0f\x05", 4,
	    CPU_EXIT_SYSCALL, 7 },
	{ "rep movsb of nothing", "\x31\xc9\xf3\xa4\x0f\x05", 6,
	    CPU_EXIT_SYSCALL, 3 },
	{ "repne scasb ends by ZF", "\x31\xc0\xf2\xae\x0f\x05", 6,
	    CPU_EXIT_SYSCALL, 3 },
	{ "rdtsc counts", "\x90\x0f\x31\x90\x0f\x05", 6, CPU_EXIT_SYSCALL, 4 },
	{ "rdtscp counts", "\x0f\x01\xf9\x90\x0f\x05", 6, CPU_EXIT_SYSCALL, 3 },
	{ "port does not", "\x90\xec", 2, CPU_EXIT_TRAP, 1 },
	{ "lock bts reg does not", "\x90\xf0\x0f\xab\xc0", 5, CPU_EXIT_TRAP,
	    1 },
	{ "jump to a hole counts", "\x90\xff\xe0", 3, CPU_EXIT_FAULT, 2 },
	{ "mov ss", "\x8c\xd2\x8e\xd2\x90\x90\x0f\x05", 8, CPU_EXIT_SYSCALL,
	    5 },
	{ "pushf and popf", "\x9c\x9d\x9c\x5b\x0f\x05", 6, CPU_EXIT_SYSCALL,
	    5 },
	{ "jump into a loop's middle", "\xeb\x01\x90\x90\xe2\xfc\x0f\x05", 8,
	    CPU_EXIT_SYSCALL, 16 },
	{ "iretd in the block", "\x90\x31\xc9\xe3\x01\xcf\x0f\x05", 8,
	    CPU_EXIT_SYSCALL, 4 },
};

static void
start(const struct row *row)
{
	g.cpu->ops->state_destroy(g.cpu, g.state);
	ck_assert_int_eq(g.cpu->ops->state_create(g.cpu, &g.state), 0);
	memset(guest_host(DATA), 0, 4096);
	memset(guest_host(STACK), 0, 4096);
	g.regs = (struct cpu_regs){ .rip = CODE,
		.rsp = STACK + 4096,
		.rflags = FIXED_FLAGS,
		.rax = HOLE,
		.rcx = 5,
		.rsi = DATA,
		.rdi = DATA };
	guest_code(CODE, row->bytes, row->len);
}

START_TEST(test_count_at_the_exit)
{
	const struct row *row = &rows[_i];

	for (int i = 0; i < 2; i++) {
		start(row);
		ck_assert_msg(guest_run() == row->kind, "%s: kind %d",
		    row->name, (int)g.exit.kind);
		ck_assert_msg(g.exit.insns == row->insns, "%s: %llu insns",
		    row->name, (unsigned long long)g.exit.insns);
	}
}
END_TEST

/* The same run in pieces of n instructions ends with the same registers,
 * memory and total. */
static void
run_cut(const struct row *row, uint64_t piece, const struct cpu_regs *whole,
    const uint8_t *stack)
{
	uint64_t total = 0;

	start(row);
	g.budget = piece;
	while (guest_run() == CPU_EXIT_BUDGET) {
		ck_assert_msg(g.exit.insns == piece, "%s: %llu of %llu",
		    row->name, (unsigned long long)g.exit.insns,
		    (unsigned long long)piece);
		ck_assert_uint_eq(g.regs.rflags & 0x100, 0);
		total += piece;
		ck_assert_uint_le(total, row->insns);
	}
	g.budget = UINT64_MAX;
	ck_assert_msg(total + g.exit.insns == row->insns,
	    "%s cut by %llu: %llu", row->name, (unsigned long long)piece,
	    (unsigned long long)(total + g.exit.insns));
	ck_assert_int_eq(g.exit.kind, row->kind);
	ck_assert_mem_eq(&g.regs, whole, sizeof(*whole));
	ck_assert_mem_eq(guest_host(STACK), stack, 4096);
}

START_TEST(test_budget_changes_nothing)
{
	const struct row *row = &rows[_i];
	struct cpu_regs whole;
	uint8_t stack[4096];

	start(row);
	guest_run();
	whole = g.regs;
	memcpy(stack, guest_host(STACK), sizeof(stack));
	for (uint64_t piece = 1; piece <= row->insns + 1; piece++)
		run_cut(row, piece, &whole, stack);
}
END_TEST

START_TEST(test_budget_of_zero_runs_nothing)
{
	guest_code(CODE, "\xff\xc0\x0f\x05", 4);
	g.budget = 0;
	ck_assert_int_eq(guest_run(), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(g.exit.insns, 0);
	ck_assert_uint_eq(g.regs.rip, CODE);
}
END_TEST

/* A guest that traces itself meets its own #DB, also under a budget. */
START_TEST(test_trap_flag_of_the_guest_under_a_budget)
{
	guest_code(CODE, "\xff\xc0\xff\xc0\x0f\x05", 6);
	g.regs.rflags |= 0x100;
	g.budget = 1;
	ck_assert_int_eq(guest_run(), CPU_EXIT_TRAP);
	ck_assert_uint_eq(g.exit.vector, 1);
	ck_assert_uint_eq(g.exit.insns, 1);
	ck_assert_uint_eq(g.regs.rflags & 0x100, 0x100);
}
END_TEST

/* popf that sets TF: no trap after popf, one after the next instruction. */
START_TEST(test_popf_sets_the_trap_flag_under_a_budget)
{
	guest_code(CODE, "\x9d\x90\x90\x0f\x05", 5);
	*(uint64_t *)(void *)guest_host(STACK + 4096) = 0x302;
	g.budget = 1;
	ck_assert_int_eq(guest_run(), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(g.regs.rip, CODE + 1);
	ck_assert_uint_eq(g.regs.rflags & 0x100, 0x100);
	ck_assert_int_eq(guest_run(), CPU_EXIT_TRAP);
	ck_assert_uint_eq(g.exit.vector, 1);
	ck_assert_uint_eq(g.regs.rip, CODE + 2);
}
END_TEST

START_TEST(test_rdtsc_counts_instructions)
{
	guest_code(CODE, "\x90\x90\x90\x0f\x31\x0f\x05", 7);
	g.cpu->ops->set_clock(g.cpu, true);
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.regs.rax, 3);
	g.regs.rip = CODE;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	g.cpu->ops->tick(g.cpu); /* of the other clock */
	g.regs.rip = CODE;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.regs.rax, 13);
}
END_TEST

/* What a state that is new reads in RUNs of several pieces each. */
static void
clock_readings(uint64_t *readings, size_t count, int pieces)
{
	g.cpu->ops->state_destroy(g.cpu, g.state);
	ck_assert_int_eq(g.cpu->ops->state_create(g.cpu, &g.state), 0);
	for (size_t i = 0; i < count; i++) {
		for (int piece = 1; piece < pieces; piece++) {
			g.cpu->ops->stop(g.cpu);
			ck_assert_int_eq(guest_run(), CPU_EXIT_STOPPED);
		}
		g.regs.rip = CODE;
		ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
		readings[i] = g.regs.rdx << 32 | g.regs.rax;
		g.cpu->ops->tick(g.cpu);
	}
}

/* Unless it is told to count, the clock is the same with counting and without,
 * however a RUN is cut. */
START_TEST(test_rdtsc_without_counts)
{
	uint64_t plain[4], counted[4], cut[4];

	guest_code(CODE, "\x90\x90\x0f\x31\x90\x0f\x31\x0f\x05", 9);
	clock_readings(counted, 4, 1);
	ck_assert_uint_eq(g.exit.insns, 6);
	clock_readings(cut, 4, 3);
	ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, false), 0);
	clock_readings(plain, 4, 1);
	ck_assert_mem_eq(counted, plain, sizeof(plain));
	ck_assert_mem_eq(cut, plain, sizeof(plain));
	g.cpu->ops->set_clock(g.cpu, true); /* needs counting */
	clock_readings(cut, 4, 2);
	ck_assert_mem_eq(cut, plain, sizeof(plain));
}
END_TEST

START_TEST(test_tick_moves_the_clock)
{
	uint64_t first;

	guest_code(CODE, "\x0f\x31\x0f\x05", 4);
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	first = g.regs.rax;
	g.regs.rip = CODE;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.regs.rax, 2 * first);
	g.cpu->ops->tick(g.cpu);
	g.regs.rip = CODE;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_gt(g.regs.rax, 3 * first);
}
END_TEST

START_TEST(test_counting_can_be_switched_and_states_survive)
{
	guest_code(CODE, "\x0f\x57\xc0\xff\xc3\x0f\x05", 7);
	for (uint64_t i = 0; i < 20; i++) {
		bool on = i & 1;
		ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, on), 0);
		g.regs.rip = CODE;
		ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rbx, i + 1);
		ck_assert_uint_eq(g.exit.insns, on ? 3 : 0);
	}
}
END_TEST

/* The same addresses with other instructions in another space. */
START_TEST(test_count_is_by_space)
{
	uint64_t other = guest_page(), pa = guest_page();

	guest_code(CODE, "\x66\x90\x66\x90\x0f\x05", 6);
	g.cpu->ops->root_init(g.cpu, other);
	guest_map_in(other, CODE, pa, 0);
	memcpy(arena_host(g.arena, pa), "\x90\x90\x90\x90\x0f\x05", 6);
	g.cpu->ops->code_enter(g.cpu, CODE, pa);
	for (int i = 0; i < 10; i++) {
		g.cpu->ops->set_root(g.cpu, i & 1 ? other : g.root);
		g.regs.rip = CODE;
		ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.exit.insns, i & 1 ? 5 : 3);
	}
}
END_TEST

/* A block that was stepped through up to a fetch fault counts only what ran. */
START_TEST(test_settled_fault_counts)
{
	*guest_leaf(CODE + 4096) = 0;
	g.cpu->ops->flush_page(g.cpu, CODE + 4096);
	guest_code(CODE, "\xe9\xf5\x0f\x00\x00", 5); /* jmp to the next line */
	guest_code(CODE + 4096 - 6, "\xff\xc0\xff\xc0\xb9\x01", 6);
	ck_assert_int_eq(guest_run(), CPU_EXIT_FAULT);
	ck_assert_uint_eq(g.exit.insns, 3);
	g.regs.rip = CODE;
	g.budget = 2;
	ck_assert_int_eq(guest_run(), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(g.exit.insns, 2);
	ck_assert_uint_eq(g.regs.rip, CODE + 4096 - 4);
}
END_TEST

/* 3 million instructions of loops and calls, stopped at many places: each
 * stop must be where a run of single steps would be. */
START_TEST(test_budget_in_a_long_run)
{
	/* xor eax,eax; l: add eax,3; test al,1; jz +2; inc ebx;
	 * inc edx; cmp eax,[rip]..; jmp l (never ends) */
	static const uint8_t code[] = { 0x31, 0xc0, 0x83, 0xc0, 0x03, 0xa8,
		0x01, 0x74, 0x02, 0xff, 0xc3, 0xff, 0xc2, 0xeb, 0xf3 };
	uint64_t rax = 0, rbx = 0, rdx = 0, n = 0, rip = 0;

	guest_code(CODE, code, sizeof(code));
	g.budget = 9973;
	for (int cut = 0; cut < 300; cut++) {
		ck_assert_int_eq(guest_run(), CPU_EXIT_BUDGET);
		ck_assert_uint_eq(g.exit.insns, g.budget);
		for (uint64_t i = 0; i < g.budget; i++, n++)
			switch (rip) {
			case 0:
				rax = 0;
				rip = 2;
				break;
			case 2:
				rax += 3;
				rip = 5;
				break;
			case 5:
				rip = 7;
				break;
			case 7:
				rip = rax & 1 ? 9 : 11;
				break;
			case 9:
				rbx++;
				rip = 11;
				break;
			case 11:
				rdx++;
				rip = 13;
				break;
			default:
				rip = 2;
			}
		ck_assert_uint_eq(g.regs.rip, CODE + rip);
		ck_assert_uint_eq(g.regs.rax, rax);
		ck_assert_uint_eq(g.regs.rbx, rbx);
		ck_assert_uint_eq(g.regs.rdx, rdx);
	}
}
END_TEST

/* So little memory for code that the CPU's records of blocks run out soon. */
static void
open_small(void)
{
	guest_open_with(UINT64_C(1) << 20);
	ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, true), 0);
}

/* Jumps to the next instruction: a block each. */
START_TEST(test_more_blocks_than_records_in_one_run)
{
	static const uint8_t jump[] = { 0xeb, 0x00 }, call[] = { 0x0f, 0x05 };
	const uint64_t pages = 8, blocks = pages * 2048 - 1;
	uint8_t code[4096];

	for (size_t i = 0; i < sizeof(code); i += 2)
		memcpy(code + i, jump, sizeof(jump));
	for (uint64_t page = 0; page < pages; page++) {
		if (page >= 2) {
			guest_map(CODE + page * 4096, 0);
			guest_code_enter(CODE + page * 4096);
		}
		if (page == pages - 1)
			memcpy(code + sizeof(code) - 2, call, sizeof(call));
		guest_code(CODE + page * 4096, code, sizeof(code));
	}
	for (int i = 0; i < 3; i++) {
		g.regs.rip = CODE;
		ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.exit.insns, blocks + 1);
	}
	g.regs.rip = CODE;
	g.budget = 5000;
	ck_assert_int_eq(guest_run(), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(g.regs.rip, CODE + 2 * 5000);
}
END_TEST

/* fprem; dec ecx; jnz: the block is translated each time. */
START_TEST(test_more_translations_than_records)
{
	guest_code(CODE, "\xd9\xf8\xff\xc9\x75\xfa\x0f\x05", 8);
	g.regs.rcx = 12000;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.exit.insns, 3 * 12000 + 1);
}
END_TEST

int
main(void)
{
	const int count = (int)(sizeof(rows) / sizeof(rows[0]));
	Suite *suite = suite_create("cpu_unicorn_count");
	TCase *tc = tcase_create("count");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, guest_close);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_count_at_the_exit, 0, count);
	tcase_add_loop_test(tc, test_budget_changes_nothing, 0, count);
	tcase_add_test(tc, test_budget_of_zero_runs_nothing);
	tcase_add_test(tc, test_trap_flag_of_the_guest_under_a_budget);
	tcase_add_test(tc, test_popf_sets_the_trap_flag_under_a_budget);
	tcase_add_test(tc, test_rdtsc_counts_instructions);
	tcase_add_test(tc, test_rdtsc_without_counts);
	tcase_add_test(tc, test_tick_moves_the_clock);
	tcase_add_test(tc, test_counting_can_be_switched_and_states_survive);
	tcase_add_test(tc, test_count_is_by_space);
	tcase_add_test(tc, test_settled_fault_counts);
	tcase_add_test(tc, test_budget_in_a_long_run);
	suite_add_tcase(suite, tc);
	tc = tcase_create("small");
	tcase_add_checked_fixture(tc, open_small, guest_close);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_more_blocks_than_records_in_one_run);
	tcase_add_test(tc, test_more_translations_than_records);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
