/* SPDX-License-Identifier: BSD-2-Clause */
/* Remainders of 80-bit numbers: fixed rows everywhere, and on an x86-64 host
 * the processor's own instructions on many numbers. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "emu/x87_rem.h"
#include "tests/unit/x87_fixture.h"

#define FSW_CODES 0x4700u

#define ONE                                                                    \
	{                                                                      \
		0x3fff, UINT64_C(0x8000000000000000)                           \
	}
#define C0 0x100u
#define C1 0x200u
#define C2 0x400u
#define C3 0x4000u

static const struct {
	const char *name;
	struct f80 a, b, result;
	unsigned codes;
	bool nearest;
} rows[] = {
	{ "7 rem 2 = 1, Q 3", { 0x4001, UINT64_C(0xe000000000000000) },
	    { 0x4000, UINT64_C(0x8000000000000000) }, ONE, C1 | C3, false },
	{ "7 rem1 2 = -1, Q 4", { 0x4001, UINT64_C(0xe000000000000000) },
	    { 0x4000, UINT64_C(0x8000000000000000) },
	    { 0xbfff, UINT64_C(0x8000000000000000) }, C0, true },
	{ "-7 rem 2 = -1", { 0xc001, UINT64_C(0xe000000000000000) },
	    { 0x4000, UINT64_C(0x8000000000000000) },
	    { 0xbfff, UINT64_C(0x8000000000000000) }, C1 | C3, false },
	{ "6 rem 2 = 0", { 0x4001, UINT64_C(0xc000000000000000) },
	    { 0x4000, UINT64_C(0x8000000000000000) }, { 0, 0 }, C1 | C3,
	    false },
	{ "-6 rem 2 = -0", { 0xc001, UINT64_C(0xc000000000000000) },
	    { 0x4000, UINT64_C(0x8000000000000000) }, { 0x8000, 0 }, C1 | C3,
	    false },
	{ "1 rem 2 = 1", ONE, { 0x4000, UINT64_C(0x8000000000000000) }, ONE, 0,
	    false },
	{ "1 rem1 2 = 1, tie to even", ONE,
	    { 0x4000, UINT64_C(0x8000000000000000) }, ONE, 0, true },
	{ "3 rem1 2 = -1, tie to even",
	    { 0x4000, UINT64_C(0xc000000000000000) },
	    { 0x4000, UINT64_C(0x8000000000000000) },
	    { 0xbfff, UINT64_C(0x8000000000000000) }, C3, true },
	{ "1.5 rem1 2 = -0.5", { 0x3fff, UINT64_C(0xc000000000000000) },
	    { 0x4000, UINT64_C(0x8000000000000000) },
	    { 0xbffe, UINT64_C(0x8000000000000000) }, C1, true },
	{ "all 64 bits count", { 0x403e, UINT64_C(0xffffffffffffffff) },
	    { 0x3fff, UINT64_C(0xc000000000000000) }, { 0, 0 }, C3, false },
	{ "2^64 rem 1.5 in parts", { 0x403f, UINT64_C(0x8000000000000000) },
	    { 0x3fff, UINT64_C(0xc000000000000000) },
	    { 0x401f, UINT64_C(0x8000000000000000) }, C2, false },
	{ "smallest denormals", { 0, 7 }, { 0, 4 }, { 0, 3 }, C1, false },
};

START_TEST(test_row_is_exact)
{
	struct f80 got;

	image_fill(rows[_i].a, rows[_i].b);
	ck_assert_msg(x87_remainder(image, rows[_i].nearest), "%s: refused",
	    rows[_i].name);
	got = f80_get(image + 32);
	ck_assert_msg(
	    got.se == rows[_i].result.se && got.mant == rows[_i].result.mant,
	    "%s: %04x %016llx", rows[_i].name, got.se,
	    (unsigned long long)got.mant);
	ck_assert_msg((fsw() & FSW_CODES) == rows[_i].codes, "%s: codes %x",
	    rows[_i].name, fsw() & FSW_CODES);
}
END_TEST

#define INFINITE                                                               \
	{                                                                      \
		0x7fff, UINT64_C(0x8000000000000000)                           \
	}

static const struct {
	const char *name;
	struct f80 a, b;
} refused[] = {
	{ "zero", { 0, 0 }, ONE },
	{ "infinite divisor", ONE, INFINITE },
	{ "not a number by zero", { 0x7fff, UINT64_C(0xc000000000000001) },
	    { 0, 0 } },
	{ "unnormal by zero", { 0x4000, 1 }, { 0, 0 } },
	{ "not a number", ONE, { 0x7fff, UINT64_C(0xc000000000000001) } },
	{ "unnormal", { 0x4000, 1 }, ONE },
};

START_TEST(test_special_operand_is_refused)
{
	uint8_t before[512];

	image_fill(refused[_i].a, refused[_i].b);
	memcpy(before, image, sizeof(image));
	ck_assert_msg(!x87_remainder(image, false), "%s", refused[_i].name);
	ck_assert_int_eq(memcmp(before, image, sizeof(image)), 0);
}
END_TEST

static const struct {
	const char *name;
	struct f80 a, b;
} invalid[] = {
	{ "by zero", ONE, { 0x8000, 0 } },
	{ "zero by zero", { 0, 0 }, { 0, 0 } },
	{ "denormal by zero", { 0, 1 }, { 0, 0 } },
	{ "infinite", INFINITE, ONE },
	{ "infinite by infinite", INFINITE, INFINITE },
};

/* The indefinite number; C1 and C2 are cleared, C0 and C3 stay. */
START_TEST(test_invalid_operation)
{
	struct f80 got;

	image_fill(invalid[_i].a, invalid[_i].b);
	image[3] |= 0x47;
	ck_assert_msg(x87_remainder(image, _i & 1), "%s", invalid[_i].name);
	got = f80_get(image + 32);
	ck_assert_uint_eq(got.se, 0xffff);
	ck_assert_uint_eq(got.mant, UINT64_C(0xc000000000000000));
	ck_assert_uint_eq(fsw() & (FSW_CODES | 0x3f), C0 | C3 | 1);
	image_fill(invalid[_i].a, invalid[_i].b);
	image[0] = 0x7e;
	ck_assert(!x87_remainder(image, false));
}
END_TEST

START_TEST(test_empty_register_and_open_exception_are_refused)
{
	const struct f80 one = ONE, denormal = { 0, 1 };

	image_fill(one, one);
	image[4] = 0x40;
	ck_assert(!x87_remainder(image, false));
	image_fill(one, one);
	image[2] = 0x80;
	ck_assert(!x87_remainder(image, false));
	image_fill(one, denormal);
	image[0] = 0x7d;
	ck_assert(!x87_remainder(image, false));
	image_fill(denormal, one);
	ck_assert(x87_remainder(image, false));
	ck_assert_uint_eq(fsw() & 2, 2);
}
END_TEST

#if defined(__x86_64__)
static uint64_t state = 88172645463325252u;

static uint64_t
random_next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Few or many bits, an exponent near or far. */
static struct f80
random_number(unsigned exponents)
{
	struct f80 number = { (uint16_t)(0x3fff + random_next() % exponents),
		random_next() };

	if (random_next() % 4 == 0)
		number.mant = random_next() % 16 << 60;
	number.mant |= UINT64_C(1) << 63;
	if (random_next() % 8 == 0)
		number = (struct f80){ 0,
			random_next() >> (random_next() % 63 + 1) | 1 };
	if (random_next() % 2)
		number.se |= 0x8000;
	return number;
}

static unsigned
host_remainder(struct f80 a, struct f80 b, bool nearest, struct f80 *result)
{
	uint8_t x[16] = { 0 }, y[16] = { 0 };
	uint16_t status;

	f80_put(x, a);
	f80_put(y, b);
	if (nearest)
		__asm__ volatile("fldt %2; fldt %0; fprem1; fnstsw %1;"
				 "fstpt %0; fstp %%st"
				 : "+m"(x), "=m"(status)
				 : "m"(y));
	else
		__asm__ volatile("fldt %2; fldt %0; fprem; fnstsw %1;"
				 "fstpt %0; fstp %%st"
				 : "+m"(x), "=m"(status)
				 : "m"(y));
	*result = f80_get(x);
	return status & FSW_CODES;
}

/* How much a partial reduction does is the processor's choice: then only
 * that it is partial is compared. */
START_TEST(test_host_processor_agrees)
{
	for (int i = 0; i < 400000; i++) {
		struct f80 a = random_number(100), b = random_number(100);
		bool nearest = i & 1;
		struct f80 host, ours;
		unsigned codes = host_remainder(a, b, nearest, &host);

		image_fill(a, b);
		ck_assert(x87_remainder(image, nearest));
		ours = f80_get(image + 32);
		ck_assert_uint_eq(fsw() & C2, codes & C2);
		if (codes & C2)
			continue;
		ck_assert_msg(ours.se == host.se && ours.mant == host.mant &&
				  (fsw() & FSW_CODES) == codes,
		    "%04x %016llx rem%s %04x %016llx: %04x %016llx codes %x, "
		    "host %04x %016llx codes %x",
		    a.se, (unsigned long long)a.mant, nearest ? "1" : "", b.se,
		    (unsigned long long)b.mant, ours.se,
		    (unsigned long long)ours.mant, fsw() & FSW_CODES, host.se,
		    (unsigned long long)host.mant, codes);
	}
}
END_TEST
#endif

int
main(void)
{
	Suite *suite = suite_create("x87_rem");
	TCase *tc = tcase_create("remainder");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(
	    tc, test_row_is_exact, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(tc, test_special_operand_is_refused, 0,
	    (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_loop_test(tc, test_invalid_operation, 0,
	    (int)(sizeof(invalid) / sizeof(invalid[0])));
	tcase_add_test(tc, test_empty_register_and_open_exception_are_refused);
#if defined(__x86_64__)
	tcase_add_test(tc, test_host_processor_agrees);
#endif
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
