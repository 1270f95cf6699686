/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes as guest code, on pages of every kind, for a few seconds: the
 * host survives, every exit is a defined one, and the same seed gives the same
 * exits when instructions are counted.
 *
 * VMS_FUZZ_SEED and VMS_FUZZ_SECONDS change the defaults; the seed is printed.
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/cpu_guest.h"

#define MIXED (CODE + 8192)
#define LINE  64 /* bytes of code that are made anew each time */

static uint64_t seed;

static uint32_t
random_next(void)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33);
}

/* Openings that lead to trouble more often than random bytes do. */
static const char *const openings[] = { "\xf0", "\xf0\x0f", "\x0f", "\x48",
	"\x0f\xba", "\xf0\x0f\xba", "\xf0\x48\x0f\xab", "\x66\xf0\x0f\xb3",
	"\xf3", "\xf2", "\x66", "\x0f\x38", "\x0f\x3a", "\xcf", "\x48\xcf",
	"\xcd", "\xec", "\x6c", "\xe4", "\x8e\xd0", "\x9c", "\x9d", "\x0f\x01",
	"\x0f\xae", "\x0f\xc7", "\xd9", "\xdf", "\xc5", "\xc4", "\xff", "\xc3",
	"\xc2", "\xcb", "\xe2", "\xeb", "\xe8", "\xf3\xa4", "\x0f\x05" };

#define OPENINGS (sizeof(openings) / sizeof(openings[0]))

static void
line_make(uint8_t *to)
{
	size_t at = 0;

	while (at < LINE) {
		const char *opening = openings[random_next() % OPENINGS];
		uint32_t kind = random_next() % 4;
		if (kind == 0)
			for (; *opening != '\0' && at < LINE; opening++)
				to[at++] = (uint8_t)*opening;
		else if (at < LINE)
			to[at++] = (uint8_t)random_next();
	}
}

static uint64_t
address_any(void)
{
	static const uint64_t places[] = { CODE, RO, DATA, STACK, HOLE, MIXED,
		UINT64_C(0xffffffff80000000), UINT64_C(0x7ffffffff000),
		UINT64_C(0xffffff0000000000), 0 };

	return places[random_next() % 10] + random_next() % 4100;
}

static void
registers_make(uint64_t rip)
{
	uint64_t *reg = &g.regs.rax;

	for (int i = 0; i < 16; i++)
		reg[i] = random_next() & 1 ? address_any() : random_next();
	if (random_next() % 4)
		g.regs.rsp = STACK + 4096 - random_next() % 256;
	g.regs.rcx = random_next() % 3 ? random_next() % 64 : g.regs.rcx;
	g.regs.fs_base = address_any();
	g.regs.gs_base = address_any();
	g.regs.rflags = random_next();
	if (random_next() % 8)
		g.regs.rflags &= ~UINT64_C(0x100);
	g.regs.rip = rip;
	g.fp_off = random_next() % 16 == 0;
}

/* bt and its kin leave OF, SF, AF and PF undefined, and the engine's choice
 * depends on what else is in the block (docs/limits.md). */
static bool
has_bit_tests(const uint8_t *line)
{
	for (int i = 0; i + 1 < LINE; i++)
		if (line[i] == 0x0f &&
		    (line[i + 1] == 0xba || (line[i + 1] & 0xe7) == 0xa3))
			return true;
	return false;
}

/* As vmspace/ does: code pages are read-only, the mixed one is stepped.  True:
 * the code has bit tests. */
static bool
case_make(void)
{
	uint64_t at = CODE + (random_next() & 1 ? 4096 - LINE / 2 : 0);
	uint8_t line[LINE];

	line_make(guest_host(MIXED));
	line_make(line);
	guest_code(at, line, LINE);
	g.cpu->ops->code_drop(g.cpu, *guest_leaf(MIXED) & PTE_FRAME);
	registers_make(random_next() % 4 ? at : MIXED);
	return has_bit_tests(line);
}

static void
exit_check(void)
{
	ck_assert_msg(g.exit.kind != CPU_EXIT_ENGINE, "engine: %s", g.exit.why);
	ck_assert_msg((g.regs.rflags & 0x23202) == 0x202, "rflags %llx",
	    (unsigned long long)g.regs.rflags);
	if (g.exit.kind == CPU_EXIT_TRAP)
		ck_assert_uint_lt(g.exit.vector, 32);
	ck_assert_uint_le(g.exit.insns, g.budget);
}

/* Goes on after faults that can be mended and after system calls. */
static void
case_run(void)
{
	for (int i = 0; i < 6; i++) {
		guest_run();
		exit_check();
		if (i == 5)
			break;
		if (g.exit.kind == CPU_EXIT_FAULT &&
		    g.exit.access == CPU_FETCH && g.exit.addr >= MIXED &&
		    g.exit.addr < MIXED + 4096)
			g.cpu->ops->code_step(g.cpu, g.exit.addr);
		else if (g.exit.kind != CPU_EXIT_SYSCALL)
			break;
	}
}

static void
mixed_map(void)
{
	guest_map(MIXED, PTE_W | PTE_NX);
	memset(guest_host(MIXED), 0x90, 4096);
}

static uint64_t
seed_take(void)
{
	const char *text = getenv("VMS_FUZZ_SEED");
	uint64_t value = text ? strtoull(text, NULL, 0) : 1;

	printf("fuzz: VMS_FUZZ_SEED=%llu\n", (unsigned long long)value);
	fflush(stdout);
	return value;
}

static bool
time_is_up(time_t start)
{
	const char *text = getenv("VMS_FUZZ_SECONDS");

	return time(NULL) - start > (text ? atol(text) : 2);
}

/* What a case led to, so that two runs of it can be compared. */
static uint64_t
case_digest(void)
{
	const uint8_t *bytes = (const uint8_t *)&g.regs;
	uint64_t digest = (uint64_t)g.exit.kind << 32 | g.exit.vector;

	digest = digest * 31 + g.exit.insns;
	digest = digest * 31 + g.exit.addr;
	for (size_t i = 0; i < sizeof(g.regs); i++)
		digest = digest * 31 + bytes[i];
	return digest;
}

static void
state_renew(void)
{
	g.cpu->ops->state_destroy(g.cpu, g.state);
	ck_assert_int_eq(g.cpu->ops->state_create(g.cpu, &g.state), 0);
	for (uint64_t page = 0; page < 8192; page += 4096) {
		memset(guest_host(CODE + page), 0x90, 4096);
		memset(guest_host(DATA + page), 0, 4096);
		memset(guest_host(STACK + page), 0, 4096);
		g.cpu->ops->code_drop(
		    g.cpu, *guest_leaf(CODE + page) & PTE_FRAME);
	}
	memset(guest_host(MIXED), 0x90, 4096);
}

static uint64_t
case_whole(uint64_t case_seed)
{
	seed = case_seed;
	state_renew();
	case_make();
	case_run();
	return case_digest();
}

START_TEST(test_counting_survives_and_repeats)
{
	time_t start = time(NULL);
	uint64_t next = seed_take(), first, cases = 0;

	mixed_map();
	ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, true), 0);
	g.budget = 300;
	while (!time_is_up(start)) {
		next = next * 31 + 7;
		first = case_whole(next);
		ck_assert_msg(case_whole(next) == first,
		    "case %#llx differs the second time",
		    (unsigned long long)next);
		cases++;
	}
	printf("fuzz: %llu counted cases\n", (unsigned long long)cases);
}
END_TEST

#define WHOLE 200 /* instructions */

/* Runs WHOLE instructions in pieces of at most max; how many were done. */
static uint64_t
pieces_run(uint64_t max)
{
	uint64_t insns = 0;

	do {
		g.budget = 1 + random_next() % max;
		if (g.budget > WHOLE - insns)
			g.budget = WHOLE - insns;
		guest_run();
		exit_check();
		insns += g.exit.insns;
	} while (g.exit.kind == CPU_EXIT_BUDGET && insns < WHOLE);
	g.exit.insns = 0;
	return insns;
}

/* What a guest that traces itself sees depends on where it is cut, so those
 * are left out. */
static bool
pieces_compare(uint64_t case_seed)
{
	uint64_t insns, digest;
	struct cpu_regs begin;
	uint8_t mixed[LINE], code[8192];

	seed = case_seed;
	state_renew();
	if (case_make() || g.regs.rip >= MIXED)
		return false;
	memcpy(mixed, guest_host(MIXED), LINE);
	g.regs.rflags &= ~UINT64_C(0x100);
	begin = g.regs;
	g.budget = WHOLE;
	guest_run();
	insns = g.exit.insns;
	g.exit.insns = 0;
	digest = case_digest();
	if (g.regs.rflags & 0x100)
		return false;
	memcpy(code, guest_host(CODE), 4096);
	memcpy(code + 4096, guest_host(CODE + 4096), 4096);
	state_renew();
	guest_code(CODE, code, sizeof(code));
	memcpy(guest_host(MIXED), mixed, LINE);
	g.regs = begin;
	ck_assert_msg(pieces_run(20) == insns && case_digest() == digest,
	    "case %#llx differs in pieces", (unsigned long long)case_seed);
	return true;
}

START_TEST(test_pieces_make_the_whole)
{
	time_t start = time(NULL);
	uint64_t next = seed_take() + 1, cases = 0;

	mixed_map();
	ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, true), 0);
	while (!time_is_up(start)) {
		next = next * 31 + 7;
		cases += pieces_compare(next);
	}
	printf("fuzz: %llu cut cases\n", (unsigned long long)cases);
}
END_TEST

static atomic_bool over;

static void *
stopper(void *arg)
{
	const struct timespec pause = { 0, 300000 };

	(void)arg;
	while (!atomic_load(&over)) {
		nanosleep(&pause, NULL);
		g.cpu->ops->stop(g.cpu);
	}
	return NULL;
}

START_TEST(test_plain_engine_survives)
{
	time_t start = time(NULL);
	uint64_t cases = 0;
	pthread_t thread;

	seed = seed_take() + 2;
	mixed_map();
	ck_assert_int_eq(pthread_create(&thread, NULL, stopper, NULL), 0);
	while (!time_is_up(start)) {
		case_make();
		case_run();
		cases++;
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	printf("fuzz: %llu plain cases\n", (unsigned long long)cases);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cpu_unicorn_fuzz");
	TCase *tc = tcase_create("fuzz");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, guest_open, guest_close);
	tcase_set_timeout(tc, 100000);
	tcase_add_test(tc, test_counting_survives_and_repeats);
	tcase_add_test(tc, test_pieces_make_the_whole);
	tcase_add_test(tc, test_plain_engine_survives);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
