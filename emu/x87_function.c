/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operands that are no plain numbers are answered from rules; for the others
 * x87_series has a result of many more bits, which is rounded here.
 */
#include "emu/x87_function.h"

#include <stddef.h>

#include "emu/x87_image.h"
#include "emu/x87_rem.h"

#define FSW_INVALID   0x0001u
#define FSW_DENORMAL  0x0002u
#define FSW_ZERO      0x0004u
#define FSW_OVERFLOW  0x0008u
#define FSW_UNDERFLOW 0x0010u
#define FSW_INEXACT   0x0020u
#define FSW_STACK     0x0040u
#define FSW_SUMMARY   0x8080u
#define FSW_C1        0x0200u
#define FSW_C2        0x0400u
#define FSW_C0_C3     0x4100u
#define EXCEPTIONS    0x003fu
/* Those that leave the operands as they are when they are not masked. */
#define BEFORE (FSW_INVALID | FSW_DENORMAL | FSW_ZERO)

#define FPREM  0xf8
#define FPREM1 0xf5

enum rounding { ROUND_NEAREST, ROUND_DOWN, ROUND_UP, ROUND_ZERO };

struct x87 {
	uint8_t *image;
	enum rounding rounding;
	unsigned raised; /* exceptions, C1 and C2 */
	unsigned cleared;
	struct operand st[2];
	struct f80 result[2]; /* the second is pushed */
};

static const struct f80 indefinite = { 0xffff, F80_TOP | F80_QUIET };
static const struct f80 one = { 0x3fff, F80_TOP };

static void do_sin(struct x87 *x87);
static void do_cos(struct x87 *x87);
static void do_sincos(struct x87 *x87);
static void do_tan(struct x87 *x87);
static void do_atan(struct x87 *x87);
static void do_exp(struct x87 *x87);
static void do_log(struct x87 *x87);
static void do_log_plus(struct x87 *x87);
static void do_remainder(struct x87 *x87);

static const struct function {
	uint8_t modrm;
	int operands;
	int moves; /* -1: the first operand goes; 1: a result is pushed */
	void (*run)(struct x87 *x87);
} functions[] = {
	{ 0xf0, 1, 0, do_exp },
	{ 0xf1, 2, -1, do_log },
	{ 0xf2, 1, 1, do_tan },
	{ 0xf3, 2, -1, do_atan },
	{ FPREM1, 2, 0, do_remainder },
	{ FPREM, 2, 0, do_remainder },
	{ 0xf9, 2, -1, do_log_plus },
	{ 0xfb, 1, 1, do_sincos },
	{ 0xfe, 1, 0, do_sin },
	{ 0xff, 1, 0, do_cos },
};

static bool stack_faults(struct x87 *x87, const struct function *function);
static bool operands_take(struct x87 *x87, int count);
static void results_put(struct x87 *x87, const struct function *function);

static const struct function *
function_of(uint8_t modrm)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (functions[i].modrm == modrm)
			return &functions[i];
	return NULL;
}

bool
x87_is_function(uint8_t modrm)
{
	return function_of(modrm) != NULL;
}

/* That of plain numbers, also while an exception waits. */
static bool
remainder_done(uint8_t *fxsave, bool nearest)
{
	unsigned waiting = x87_fsw(fxsave) & FSW_SUMMARY;
	bool done;

	x87_fsw_put(fxsave, x87_fsw(fxsave) & ~FSW_SUMMARY);
	done = x87_remainder(fxsave, nearest);
	x87_fsw_put(fxsave, x87_fsw(fxsave) | waiting);
	return done;
}

void
x87_function(uint8_t *fxsave, uint8_t modrm)
{
	const struct function *function = function_of(modrm);
	unsigned fcw = x87_fcw(fxsave);
	unsigned fsw = x87_fsw(fxsave);
	struct x87 x87 = { .image = fxsave,
		.rounding = (enum rounding)(fcw >> 10 & 3),
		.cleared = FSW_C1 | FSW_C2,
		.result = { indefinite, indefinite } };

	if ((modrm == FPREM || modrm == FPREM1) &&
	    remainder_done(fxsave, modrm == FPREM1))
		return;
	if (!stack_faults(&x87, function) &&
	    operands_take(&x87, function->operands)) {
		function->run(&x87);
		if (!(x87.raised & (FSW_INVALID | FSW_ZERO)) &&
		    (x87.st[0].denormal || x87.st[1].denormal))
			x87.raised |= FSW_DENORMAL;
	}
	fsw = (fsw & ~x87.cleared) | x87.raised;
	if (fsw & ~fcw & EXCEPTIONS)
		fsw |= FSW_SUMMARY;
	x87_fsw_put(fxsave, fsw);
	if (!(x87.raised & ~fcw & BEFORE) && !(x87.raised & FSW_C2))
		results_put(&x87, function);
}

static bool
stack_faults(struct x87 *x87, const struct function *function)
{
	for (int i = 0; i < function->operands; i++)
		if (!x87_in_use(x87->image, i))
			x87->raised = FSW_INVALID | FSW_STACK;
	if (x87->raised == 0 && function->moves > 0 &&
	    x87_in_use(x87->image, X87_REGS - 1))
		x87->raised = FSW_INVALID | FSW_STACK | FSW_C1;
	return x87->raised != 0;
}

static void
results_put(struct x87 *x87, const struct function *function)
{
	if (function->moves < 0)
		x87_pop(x87->image);
	x87_put(x87->image, x87->result[0]);
	if (function->moves > 0) {
		x87_push(x87->image);
		x87_put(x87->image, x87->result[1]);
	}
}

/* --- Numbers. */

static bool
is_nan(const struct operand *operand)
{
	return operand->kind == QUIET_NAN || operand->kind == SIGNALLING_NAN;
}

/* A quiet one before a signalling one, then the larger one. */
static bool
nan_goes_first(const struct operand *a, const struct operand *b)
{
	if (!is_nan(a) || !is_nan(b))
		return is_nan(a);
	if (a->kind != b->kind)
		return a->kind == QUIET_NAN;
	if (a->raw.mant != b->raw.mant)
		return a->raw.mant > b->raw.mant;
	return !a->neg;
}

/* False: one is not a number, and the results say so. */
static bool
operands_take(struct x87 *x87, int count)
{
	const struct operand *nan = &x87->st[0];
	bool unknown = false;

	for (int i = 0; i < count; i++) {
		x87->st[i] = x87_get(x87->image, i);
		unknown = unknown || x87->st[i].kind == UNKNOWN;
		if (x87->st[i].kind == SIGNALLING_NAN || unknown)
			x87->raised |= FSW_INVALID;
		if (nan_goes_first(&x87->st[i], nan))
			nan = &x87->st[i];
	}
	if (unknown || is_nan(nan)) {
		if (!unknown)
			x87->result[0] = x87->result[1] =
			    (struct f80){ nan->raw.se,
				    nan->raw.mant | F80_QUIET };
		return false;
	}
	return true;
}

static struct f80
zero(bool neg)
{
	return (struct f80){ neg ? F80_SIGN : 0, 0 };
}

static struct f80
infinite(bool neg)
{
	return (struct f80){ F80_EXP_MAX | (neg ? F80_SIGN : 0), F80_TOP };
}

static bool
rounds_up(const struct x87 *x87, bool neg, uint64_t mant, uint64_t rest)
{
	switch (x87->rounding) {
	case ROUND_NEAREST:
		return rest > F80_TOP || (rest == F80_TOP && (mant & 1));
	case ROUND_DOWN:
		return neg && rest != 0;
	case ROUND_UP:
		return !neg && rest != 0;
	case ROUND_ZERO:
		break;
	}
	return false;
}

static struct f80
overflow(struct x87 *x87, bool neg)
{
	x87->raised |= FSW_OVERFLOW | FSW_INEXACT;
	if (x87->rounding == ROUND_ZERO ||
	    x87->rounding == (neg ? ROUND_UP : ROUND_DOWN))
		return (struct f80){ (F80_EXP_MAX - 1) | (neg ? F80_SIGN : 0),
			UINT64_MAX };
	x87->raised |= FSW_C1;
	return infinite(neg);
}

/* Moves mant and rest to the right; what falls out sticks to rest. */
static void
denormalize(uint64_t *mant, uint64_t *rest, int by)
{
	for (; by > 0 && (*mant | *rest) > 1; by--) {
		*rest = *rest >> 1 | (*rest & 1) | *mant << 63;
		*mant >>= 1;
	}
	if (by > 0)
		*rest = (*mant | *rest) != 0;
	if (by > 0)
		*mant = 0;
}

static struct f80
rounded(struct x87 *x87, struct wide a)
{
	uint64_t mant = (uint64_t)a.limb[4] << 32 | a.limb[3];
	uint64_t rest =
	    (uint64_t)a.limb[2] << 32 | a.limb[1] | (a.limb[0] != 0);
	int exp = a.exp + F80_BIAS;

	if (wide_is_zero(a))
		return zero(a.neg);
	if (exp < 1) {
		denormalize(&mant, &rest, 1 - exp);
		exp = 0;
		x87->raised |= FSW_UNDERFLOW;
	}
	x87->raised |= FSW_INEXACT;
	if (rounds_up(x87, a.neg, mant, rest)) {
		x87->raised |= FSW_C1;
		if (++mant == 0) {
			mant = F80_TOP;
			exp++;
		}
	}
	if (exp == 0 && (mant & F80_TOP))
		exp = 1;
	if (exp >= F80_EXP_MAX)
		return overflow(x87, a.neg);
	return (struct f80){ (unsigned)exp | (a.neg ? F80_SIGN : 0), mant };
}

/* --- Sine and its kin. */

/* True: there is a sine; false: the result is there, or C2 says that the
 * operand is too large. */
static bool
has_angle(struct x87 *x87)
{
	const struct operand *a = &x87->st[0];

	if (a->kind == INFINITE)
		x87->raised |= FSW_INVALID;
	else if (a->kind == FINITE && a->wide.exp > 63)
		x87->raised |= FSW_C2;
	else
		return true;
	return false;
}

static struct f80
sine(struct x87 *x87)
{
	struct wide s, c;

	if (x87->st[0].kind == ZERO)
		return x87->st[0].raw;
	wide_sin_cos(x87->st[0].wide, &s, &c);
	return rounded(x87, s);
}

static struct f80
cosine(struct x87 *x87)
{
	struct wide s, c;

	if (x87->st[0].kind == ZERO)
		return one;
	wide_sin_cos(x87->st[0].wide, &s, &c);
	return rounded(x87, c);
}

static void
do_sin(struct x87 *x87)
{
	if (has_angle(x87))
		x87->result[0] = sine(x87);
}

static void
do_cos(struct x87 *x87)
{
	if (has_angle(x87))
		x87->result[0] = cosine(x87);
}

static void
do_sincos(struct x87 *x87)
{
	if (!has_angle(x87))
		return;
	x87->result[0] = sine(x87);
	x87->raised &= ~FSW_C1;
	x87->result[1] = cosine(x87);
}

static void
do_tan(struct x87 *x87)
{
	struct wide s, c;

	if (!has_angle(x87))
		return;
	x87->result[1] = one;
	if (x87->st[0].kind == ZERO) {
		x87->result[0] = x87->st[0].raw;
		return;
	}
	wide_sin_cos(x87->st[0].wide, &s, &c);
	x87->result[0] = rounded(x87, wide_div(s, c));
}

/* In quarters of pi, for points on the axes, the diagonals and far away. */
static unsigned
special_angle(const struct operand *y, const struct operand *x)
{
	if (y->kind == ZERO || (x->kind == INFINITE && y->kind != INFINITE))
		return x->neg ? 4 : 0;
	if (x->kind == INFINITE)
		return x->neg ? 3 : 1;
	return 2;
}

static void
do_atan(struct x87 *x87)
{
	const struct operand *x = &x87->st[0], *y = &x87->st[1];
	struct wide angle;

	if (x->kind == FINITE && y->kind == FINITE) {
		angle = wide_atan2(y->wide, x->wide);
	} else {
		angle = wide_mul(wide_pi, wide_from(special_angle(y, x), -2));
		angle.neg = y->neg;
	}
	x87->result[0] = rounded(x87, angle);
}

/* --- Powers of two and logarithms. */

/* Beyond 1 the result is undefined: the operand. */
static void
do_exp(struct x87 *x87)
{
	const struct operand *a = &x87->st[0];
	const struct f80 minus_half = { 0x3ffe | F80_SIGN, F80_TOP };

	if (a->kind == FINITE)
		x87->raised |= FSW_INEXACT;
	if (a->kind == FINITE && a->wide.exp <= 0)
		x87->result[0] = rounded(x87, wide_exp2m1(a->wide));
	else if (a->neg && a->raw.mant == F80_TOP && a->wide.exp == 1)
		x87->result[0] = minus_half;
	else if (a->neg && a->kind == INFINITE)
		x87->result[0] = (struct f80){ one.se | F80_SIGN, one.mant };
	else
		x87->result[0] = a->raw;
}

/* factor times a logarithm that is infinite, or zero, with this sign. */
static void
times_special(struct x87 *x87, enum kind log, bool neg)
{
	const struct operand *factor = &x87->st[1];
	enum kind other = factor->kind;

	neg = neg != factor->neg;
	if ((log == ZERO && other == INFINITE) ||
	    (log == INFINITE && other == ZERO))
		x87->raised |= FSW_INVALID;
	else if (log == ZERO || other == ZERO)
		x87->result[0] = zero(neg);
	else
		x87->result[0] = infinite(neg);
}

/* factor times log. */
static void
times(struct x87 *x87, struct wide log)
{
	const struct operand *factor = &x87->st[1];

	if (wide_is_zero(log) || factor->kind != FINITE)
		times_special(x87, wide_is_zero(log) ? ZERO : FINITE, log.neg);
	else
		x87->result[0] = rounded(x87, wide_mul(factor->wide, log));
}

static void
do_log(struct x87 *x87)
{
	const struct operand *a = &x87->st[0];

	if (a->kind == ZERO) {
		if (x87->st[1].kind == FINITE)
			x87->raised |= FSW_ZERO;
		times_special(x87, INFINITE, true);
	} else if (a->neg) {
		x87->raised |= FSW_INVALID;
	} else if (a->kind == INFINITE) {
		times_special(x87, INFINITE, false);
	} else {
		times(x87, wide_log2(a->wide));
	}
}

/* From -1 down the result is undefined: as of fyl2x. */
static void
do_log_plus(struct x87 *x87)
{
	const struct operand *a = &x87->st[0];

	if (a->kind == ZERO)
		times_special(x87, ZERO, a->neg);
	else if (a->neg && (a->kind == INFINITE || a->wide.exp > 0))
		x87->raised |= FSW_INVALID;
	else if (a->kind == INFINITE)
		times_special(x87, INFINITE, false);
	else
		times(x87, wide_log2p1(a->wide));
}

/* What remainder_done() leaves: of zero, by infinity, and exceptions that are
 * not masked. */
static void
do_remainder(struct x87 *x87)
{
	x87->cleared |= FSW_C0_C3;
	x87->result[0] = x87->st[0].raw;
	if (x87->st[0].kind == INFINITE || x87->st[1].kind == ZERO)
		x87->raised |= FSW_INVALID;
}
