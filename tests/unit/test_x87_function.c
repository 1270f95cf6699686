/* SPDX-License-Identifier: BSD-2-Clause */
/* Transcendental functions of 80-bit numbers: fixed rows everywhere, and on an
 * x86-64 host the processor's own instructions on many numbers. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "emu/x87_function.h"
#include "tests/unit/x87_fixture.h"

#define IE         0x01u
#define DE         0x02u
#define ZE         0x04u
#define PE         0x20u
#define UE         0x10u
#define SF         0x40u
#define EXCEPTIONS 0x7fu
#define C1         0x200u
#define C2         0x400u

#define F2XM1   0xf0
#define FYL2X   0xf1
#define FPTAN   0xf2
#define FPATAN  0xf3
#define FPREM1  0xf5
#define FPREM   0xf8
#define FYL2XP1 0xf9
#define FSINCOS 0xfb
#define FSIN    0xfe
#define FCOS    0xff

#define TOP UINT64_C(0x8000000000000000)
#define ZERO                                                                   \
	{                                                                      \
		0, 0                                                           \
	}
#define MINUS                                                                  \
	{                                                                      \
		0x8000, 0                                                      \
	}
#define ONE                                                                    \
	{                                                                      \
		0x3fff, TOP                                                    \
	}
#define MINUS_ONE                                                              \
	{                                                                      \
		0xbfff, TOP                                                    \
	}
#define TWO                                                                    \
	{                                                                      \
		0x4000, TOP                                                    \
	}
#define HALF                                                                   \
	{                                                                      \
		0x3ffe, TOP                                                    \
	}
#define INF                                                                    \
	{                                                                      \
		0x7fff, TOP                                                    \
	}
#define MINUS_INF                                                              \
	{                                                                      \
		0xffff, TOP                                                    \
	}
#define NOTHING                                                                \
	{                                                                      \
		0xffff, UINT64_C(0xc000000000000000)                           \
	}
#define PI                                                                     \
	{                                                                      \
		0x4000, UINT64_C(0xc90fdaa22168c235)                           \
	}

/* Digits by a series of 90 decimal places, rounded to 64 bits.  Rows are read
 * in this order. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
static const struct {
	const char *name;
	uint8_t modrm;
	struct f80 a, b, result;
	unsigned flags;
} rows[] = {
	{ "sin 1", FSIN, ONE, ZERO, { 0x3ffe, UINT64_C(0xd76aa47848677021) },
	    PE },
	{ "cos 1", FCOS, ONE, ZERO, { 0x3ffe, UINT64_C(0x8a51407da8345c92) },
	    PE },
	{ "sin 2", FSIN, TWO, ZERO, { 0x3ffe, UINT64_C(0xe8c7b7568da22efd) },
	    PE },
	{ "cos -2", FCOS, { 0xc000, TOP }, ZERO,
	    { 0xbffd, UINT64_C(0xd51132ba9b902522) }, PE },
	{ "atan 1/2", FPATAN, TWO, ONE,
	    { 0x3ffd, UINT64_C(0xed63382b0dda7b45) }, PE },
	{ "atan 2/-1", FPATAN, MINUS_ONE, TWO,
	    { 0x4000, UINT64_C(0x82345456726fb083) }, PE },
	{ "2^half - 1", F2XM1, HALF, ZERO,
	    { 0x3ffd, UINT64_C(0xd413cccfe7799211) }, PE },
	{ "2 log 3", FYL2X, { 0x4000, TOP | TOP >> 1 }, TWO,
	    { 0x4000, UINT64_C(0xcae00d1cfdeb43d0) }, PE },
	{ "log1p quarter", FYL2XP1, { 0x3ffd, TOP }, ONE,
	    { 0x3ffd, UINT64_C(0xa4d3c25e68dc57f2) }, PE },
	{ "log1p tiny", FYL2XP1, { 0x3fd7, TOP }, ONE,
	    { 0x3fd7, UINT64_C(0xb8aa3b295bbb9b9e) }, PE },
	{ "sin 0", FSIN, MINUS, ZERO, MINUS, 0 },
	{ "cos 0", FCOS, ZERO, ZERO, ONE, 0 },
	{ "sin inf", FSIN, INF, ZERO, NOTHING, IE },
	{ "2^1 - 1", F2XM1, ONE, ZERO, ONE, PE },
	{ "2^-1 - 1", F2XM1, MINUS_ONE, ZERO, { 0xbffe, TOP }, PE },
	{ "2^-inf - 1", F2XM1, MINUS_INF, ZERO, MINUS_ONE, 0 },
	{ "2 log 2", FYL2X, TWO, TWO, TWO, PE },
	{ "2 log 1", FYL2X, ONE, TWO, ZERO, 0 },
	{ "2 log 0", FYL2X, ZERO, TWO, MINUS_INF, ZE },
	{ "2 log -1", FYL2X, MINUS_ONE, TWO, NOTHING, IE },
	{ "0 log inf", FYL2X, INF, ZERO, NOTHING, IE },
	{ "inf log 1", FYL2X, ONE, INF, NOTHING, IE },
	{ "inf log half", FYL2X, HALF, INF, MINUS_INF, 0 },
	{ "inf log1p 0", FYL2XP1, ZERO, INF, NOTHING, IE },
	{ "1 log1p 1", FYL2XP1, ONE, ONE, ONE, PE },
	{ "atan 0/0", FPATAN, ZERO, ZERO, ZERO, 0 },
	{ "atan 0/-0", FPATAN, MINUS, ZERO, PI, PE },
	{ "atan -inf/inf", FPATAN, INF, MINUS_INF,
	    { 0xbffe, UINT64_C(0xc90fdaa22168c235) }, PE },
	{ "atan of a quiet NaN", FPATAN, { 0x7fff, TOP | 9 },
	    { 0xffff, TOP | TOP >> 1 | 5 }, { 0xffff, TOP | TOP >> 1 | 5 },
	    IE },
	{ "a quiet NaN rem 1", FPREM, { 0x7fff, TOP | TOP >> 1 | 5 }, ONE,
	    { 0x7fff, TOP | TOP >> 1 | 5 }, 0 },
	{ "1 rem1 a NaN", FPREM1, ONE, { 0xffff, TOP | 5 },
	    { 0xffff, TOP | TOP >> 1 | 5 }, IE },
	{ "1 rem 0", FPREM, ONE, ZERO, NOTHING, IE },
	{ "-0 rem 1", FPREM, MINUS, ONE, MINUS, 0 },
	{ "1 rem inf", FPREM, ONE, INF, ONE, 0 },
	{ "2 rem 2", FPREM, TWO, TWO, ZERO, 0 },
	{ "sin of no number", FSIN, { 0x3fff, 1 }, ZERO, NOTHING, IE },
	{ "sin of a denormal", FSIN, { 0, 0x77 }, ZERO, { 0, 0x77 },
	    DE | UE | PE },
};

static bool
takes_two(uint8_t modrm)
{
	return modrm == FYL2X || modrm == FPATAN || modrm == FYL2XP1;
}

START_TEST(test_row)
{
	struct f80 result;

	image_fill(rows[_i].a, rows[_i].b);
	x87_function(image, rows[_i].modrm);
	result = f80_get(image + 32);
	ck_assert_msg(result.se == rows[_i].result.se &&
			  result.mant == rows[_i].result.mant &&
			  (fsw() & EXCEPTIONS) == rows[_i].flags,
	    "%s: %04x %016llx flags %x", rows[_i].name, result.se,
	    (unsigned long long)result.mant, fsw());
	ck_assert_uint_eq(fsw() >> 11 & 7, takes_two(rows[_i].modrm) ? 7 : 6);
	ck_assert_uint_eq(image[4], takes_two(rows[_i].modrm) ? 0x80 : 0xc0);
}
END_TEST

START_TEST(test_two_results)
{
	const struct f80 zero = ZERO, one = ONE;

	image_fill(zero, one);
	x87_function(image, FSINCOS);
	ck_assert_uint_eq(f80_get(image + 32).se, one.se);
	ck_assert_uint_eq(f80_get(image + 48).se, zero.se);
	ck_assert_uint_eq(f80_get(image + 64).se, one.se);
	ck_assert_uint_eq(fsw() >> 11 & 7, 5);
	ck_assert_uint_eq(image[4], 0xe0);
}
END_TEST

START_TEST(test_angle_that_is_too_large)
{
	const struct f80 large = { 0x403e, TOP }, zero = ZERO;

	image_fill(large, zero);
	x87_function(image, FSINCOS);
	ck_assert_uint_eq(fsw(), 0x3000 | C2);
	ck_assert_uint_eq(f80_get(image + 32).se, large.se);
	ck_assert_uint_eq(image[4], 0xc0);
}
END_TEST

START_TEST(test_stack_faults)
{
	const struct f80 one = ONE;

	image_fill(one, one);
	image[4] = 0x40;
	x87_function(image, FYL2X);
	ck_assert_uint_eq(fsw(), 0x3800 | IE | SF);
	ck_assert_uint_eq(f80_get(image + 32).se, 0xffff);
	image_fill(one, one);
	image[4] = 0xff;
	x87_function(image, FPTAN);
	ck_assert_uint_eq(fsw(), 0x2800 | IE | SF | C1);
	ck_assert_uint_eq(f80_get(image + 32).se, 0xffff);
	ck_assert_uint_eq(f80_get(image + 48).se, 0xffff);
}
END_TEST

START_TEST(test_unmasked_exception_keeps_operands)
{
	const struct f80 minus_one = MINUS_ONE, one = ONE;

	image_fill(minus_one, one);
	image[0] = 0x7e;
	x87_function(image, FYL2X);
	ck_assert_uint_eq(fsw(), 0xb080 | IE);
	ck_assert_uint_eq(f80_get(image + 32).se, minus_one.se);
	ck_assert_uint_eq(image[4], 0xc0);
}
END_TEST

/* Of a third, down and up: neighbours. */
START_TEST(test_rounding)
{
	const struct f80 third = { 0x3ffd, UINT64_C(0xaaaaaaaaaaaaaaab) };
	uint64_t mant[4];

	for (unsigned control = 0; control < 4; control++) {
		image_fill(third, third);
		image[1] = (uint8_t)(0x03 | control << 2);
		x87_function(image, FSIN);
		mant[control] = f80_get(image + 32).mant;
	}
	ck_assert_uint_eq(mant[1] + 1, mant[2]);
	ck_assert_uint_eq(mant[3], mant[1]);
	ck_assert(mant[0] == mant[1] || mant[0] == mant[2]);
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

static struct f80
random_number(unsigned below, unsigned exponents, bool negative)
{
	struct f80 number = { (uint16_t)(below - random_next() % exponents),
		random_next() | TOP };

	if (negative && random_next() % 2)
		number.se |= 0x8000;
	return number;
}

#define HOST(code, name)                                                       \
	case code:                                                             \
		__asm__ volatile("fldt %1; fldt %0; " name                     \
				 "; fstpt %0; fninit"                          \
				 : "+m"(x)                                     \
				 : "m"(y)                                      \
				 : "st", "st(1)");                             \
		break

static struct f80
host_function(uint8_t modrm, struct f80 a, struct f80 b)
{
	uint8_t x[16] = { 0 }, y[16] = { 0 };

	f80_put(x, a);
	f80_put(y, b);
	switch (modrm) {
		HOST(F2XM1, "f2xm1");
		HOST(FYL2X, "fyl2x");
		HOST(FPTAN, "fptan; fstp %%st(0)");
		HOST(FPATAN, "fpatan");
		HOST(FYL2XP1, "fyl2xp1");
		HOST(FSINCOS, "fsincos");
		HOST(FSIN, "fsin");
		HOST(FCOS, "fcos");
	}
	return f80_get(x);
}

static const struct {
	uint8_t modrm;
	unsigned below; /* exponents */
} hosts[] = { { F2XM1, 0x3ffe }, { FYL2X, 0x401f }, { FPTAN, 0x401f },
	{ FPATAN, 0x401f }, { FYL2XP1, 0x3ffc }, { FSINCOS, 0x401f },
	{ FSIN, 0x401f }, { FCOS, 0x401f } };

/* Processors promise an error below 1 in the last place. */
START_TEST(test_host_processor_agrees)
{
	uint8_t modrm = hosts[_i].modrm;
	unsigned place = modrm == FPTAN;

	for (int i = 0; i < 20000; i++) {
		struct f80 a =
		    random_number(hosts[_i].below, 64, modrm != FYL2X);
		struct f80 b = random_number(0x401f, 64, true);
		struct f80 host = host_function(modrm, a, b), ours;

		image_fill(a, b);
		x87_function(image, modrm);
		ours = f80_get(image + 32 + 16 * place);
		ck_assert_msg(
		    ours.se == host.se && ours.mant - host.mant + 2 <= 4,
		    "%02x of %04x %016llx, %04x %016llx: %04x %016llx, "
		    "host %04x %016llx",
		    modrm, a.se, (unsigned long long)a.mant, b.se,
		    (unsigned long long)b.mant, ours.se,
		    (unsigned long long)ours.mant, host.se,
		    (unsigned long long)host.mant);
	}
}
END_TEST
#endif

int
main(void)
{
	Suite *suite = suite_create("x87_function");
	TCase *tc = tcase_create("function");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(
	    tc, test_row, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, test_two_results);
	tcase_add_test(tc, test_angle_that_is_too_large);
	tcase_add_test(tc, test_stack_faults);
	tcase_add_test(tc, test_unmasked_exception_keeps_operands);
	tcase_add_test(tc, test_rounding);
#if defined(__x86_64__)
	tcase_add_loop_test(tc, test_host_processor_agrees, 0,
	    (int)(sizeof(hosts) / sizeof(hosts[0])));
#endif
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
