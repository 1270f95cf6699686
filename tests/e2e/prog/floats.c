/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Floating point.  What IEEE fixes is printed to the last bit; functions of
 * libm, whose last bit may depend on the instructions of the CPU that libm
 * chooses, to fewer digits.
 */
#include <complex.h>
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const double values[] = { 0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0,
	3.141592653589793, 10.0, 100.5, 1e-8, 12345.678, -0.25, -1.0, -7.5 };

#define VALUES (sizeof(values) / sizeof(values[0]))

static void
exact(void)
{
	for (size_t i = 0; i < VALUES; i++)
		for (size_t j = 0; j < VALUES; j += 3) {
			double a = values[i], b = values[j];
			float f = (float)a, g = (float)b;
			long double l = (long double)a, m = (long double)b;

			printf("%a %a %a %a %a %a\n", a + b, a - b, a * b,
			    a / b, sqrt(fabs(a)), fmod(a, b + 0.3));
			printf("%a %a %a %La %La %La\n", (double)(f + g),
			    (double)(f * g), (double)(f / g), l / m, l * m,
			    sqrtl(fabsl(l)));
		}
	for (size_t i = 0; i < VALUES; i++) {
		double a = values[i];
		int exponent;

		printf("%a %a %a %a %ld %a %a", floor(a), ceil(a), trunc(a),
		    rint(a), lround(a), nextafter(a, 100), frexp(a, &exponent));
		printf(" %d %d %a %d\n", exponent, (int)a, (double)(float)a,
		    signbit(a) != 0);
	}
}

static void
functions(void)
{
	static const struct {
		const char *name;
		double (*call)(double);
	} rows[] = { { "sin", sin }, { "cos", cos }, { "tan", tan },
		{ "atan", atan }, { "exp", exp }, { "log1p", log1p },
		{ "cbrt", cbrt }, { "sinh", sinh }, { "tanh", tanh },
		{ "erf", erf }, { "tgamma", tgamma }, { "exp2", exp2 },
		{ "expm1", expm1 }, { "asinh", asinh } };

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
		for (size_t i = 0; i < VALUES; i++)
			printf("%s(%g) %.12g\n", rows[r].name, values[i],
			    rows[r].call(values[i]));
	for (size_t i = 1; i < 12; i++)
		printf("%.12g %.12g %.12g %.12g %.12g\n", log(values[i]),
		    log10(values[i]), pow(values[i], 2.7), hypot(values[i], 3),
		    atan2(values[i], -2));
	printf("%.12Lg %.12Lg %.12Lg %.12Lg\n", sinl(1.25L), expl(0.75L),
	    logl(7.0L), powl(1.1L, 100.0L));
	printf("%.10g %.10g\n", creal(csqrt(-3.0 + 4.0 * I)),
	    cimag(cexp(1.0 * I)));
}

static void
rounding(void)
{
	static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD,
		FE_TOWARDZERO };
	volatile double one = 1.0, three = 3.0, half = 2.5;
	volatile long double lone = 1.0L;

	for (int i = 0; i < 4; i++) {
		fesetround(modes[i]);
		printf("%a %a %La %ld %d\n", one / three, -one / three,
		    lone / 3, lrint(half), fegetround() == modes[i]);
	}
	fesetround(FE_TONEAREST);
}

static void
specials(void)
{
	volatile double zero = 0.0, huge = DBL_MAX, tiny = DBL_MIN;
	volatile double nan = zero / zero;

	printf(
	    "%d %d %d %d\n", isnan(nan), isinf(1 / zero), nan == nan, nan < 1);
	printf("%f %f %a %a\n", huge * 2, -huge * 2, tiny / 2, tiny / 4e15);
	printf("%d %d %d\n", fpclassify(tiny / 2) == FP_SUBNORMAL,
	    isgreater(nan, 1.0), isunordered(nan, 1.0));
	printf("%a %a %a\n", fmax(nan, 1), copysign(1, -zero), fma(3, 4, 5));
	printf("%d %d\n", (int)sizeof(long double), LDBL_MANT_DIG);
}

/* The orbit of a pendulum: every step depends on the bits of the last. */
static void
chain(void)
{
	double x = 1.0, v = 0.0;
	float f = 1.0f;
	uint64_t bits;

	for (int i = 0; i < 200000; i++) {
		v -= x * 0.001;
		x += v * 0.001;
		f = f * 1.0001f - (float)x * 0.0001f;
	}
	bits = (uint64_t)(x * 1e15);
	printf("%a %a %a %llx\n", x, v, (double)f, (unsigned long long)bits);
}

int
main(void)
{
	exact();
	functions();
	rounding();
	specials();
	chain();
	return 0;
}
