/* SPDX-License-Identifier: BSD-2-Clause */
#include "emu/x87_series.h"

#include <stddef.h>

/* A term this far below the sum changes nothing that is used. */
#define ENOUGH_BITS 140

const struct wide wide_pi = { false, 2,
	{ 0x29024e08, 0x80dc1cd1, 0xc4c6628b, 0x2168c234, 0xc90fdaa2 } };
static const struct wide half_pi_66 = { false, 1,
	{ 0, 0, 0xc0000000, 0x2168c234, 0xc90fdaa2 } };
static const struct wide two_over_pi = { false, 0,
	{ 0xdb629599, 0xf534ddc0, 0xfc2757d1, 0x4e441529, 0xa2f9836e } };
static const struct wide ln_2 = { false, 0,
	{ 0x40f34326, 0x03f2f6af, 0xc9e3b398, 0xd1cf79ab, 0xb17217f7 } };

#define EIGHTHS 8
/* Of k / 8. */
static const struct wide atan_eighths[EIGHTHS + 1] = {
	{ false, 0, { 0 } },
	{ false, -3,
	    { 0x8b3957d9, 0x3e888ef7, 0xc897989f, 0x617b6e32, 0xfeadd4d5 } },
	{ false, -2,
	    { 0xaa7fa903, 0xf7a217e5, 0x6dc79ef5, 0x6406eb15, 0xfadbafc9 } },
	{ false, -1,
	    { 0x3d843977, 0xdcfe4483, 0x8aa32122, 0x26f78473, 0xb7b0ca0f } },
	{ false, -1,
	    { 0x6e141587, 0xbc3a8d03, 0x6fe445ec, 0x0dda7b45, 0xed63382b } },
	{ false, 0,
	    { 0x918a67e0, 0x65c43747, 0x5c835e16, 0xf7f59f9b, 0x8f005d5e } },
	{ false, 0,
	    { 0xe3f08689, 0x457dac9e, 0x19a87f2a, 0x34f70924, 0xa4bc7d19 } },
	{ false, 0,
	    { 0x3d7aecc1, 0x10a4443d, 0xcb2da552, 0xc2319e73, 0xb8053e2b } },
	{ false, 0,
	    { 0x29024e08, 0x80dc1cd1, 0xc4c6628b, 0x2168c234, 0xc90fdaa2 } },
};

static struct wide
negated(struct wide a)
{
	a.neg = !a.neg;
	return a;
}

static struct wide
doubled(struct wide a)
{
	a.exp++;
	return a;
}

static bool
is_enough(struct wide sum, struct wide term)
{
	return wide_is_zero(term) || term.exp < sum.exp - ENOUGH_BITS;
}

/* first - first a^2 / (k (k+1)) + first a^4 / (k (k+1) (k+2) (k+3)) ... */
static struct wide
alternating(struct wide first, struct wide a, uint32_t k)
{
	struct wide square = negated(wide_mul(a, a)), sum = first;

	for (struct wide term = first;; k += 2) {
		term = wide_div_small(wide_mul(term, square), k * (k + 1));
		if (is_enough(sum, term))
			return sum;
		sum = wide_add(sum, term);
	}
}

/* a + a^3 / 3 + a^5 / 5 ...: artanh a; with a - before each other term:
 * arctan a. */
static struct wide
odd_powers(struct wide a, bool alternate)
{
	struct wide square = wide_mul(a, a), power = a, sum = a, term;

	square.neg = alternate;
	for (uint32_t k = 3;; k += 2) {
		power = wide_mul(power, square);
		term = wide_div_small(power, k);
		if (is_enough(sum, term))
			return sum;
		sum = wide_add(sum, term);
	}
}

void
wide_sin_cos(struct wide a, struct wide *sin, struct wide *cos)
{
	bool neg = a.neg;
	struct wide s, c, rest;
	uint64_t quarters;

	a.neg = false;
	quarters = wide_whole(wide_mul(a, two_over_pi));
	rest =
	    wide_add(a, negated(wide_mul(wide_from(quarters, 0), half_pi_66)));
	s = alternating(rest, rest, 2);
	c = alternating(wide_from(1, 0), rest, 1);
	*sin = quarters & 1 ? c : s;
	*cos = quarters & 1 ? s : c;
	sin->neg ^= (quarters >> 1 & 1) != neg;
	cos->neg ^= (quarters + 1) >> 1 & 1;
}

struct wide
wide_exp2m1(struct wide a)
{
	struct wide power = wide_mul(a, ln_2), term = power, sum = power;

	for (uint32_t k = 2;; k++) {
		term = wide_div_small(wide_mul(term, power), k);
		if (is_enough(sum, term))
			return sum;
		sum = wide_add(sum, term);
	}
}

/* ln(1 + a) = 2 artanh(a / (2 + a)), |a| < 1/2. */
static struct wide
log2p1_near(struct wide a)
{
	struct wide z;

	if (wide_is_zero(a))
		return a;
	z = wide_div(a, wide_add(wide_from(2, 0), a));
	return wide_div(doubled(odd_powers(z, false)), ln_2);
}

struct wide
wide_log2(struct wide a)
{
	const struct wide minus_one = negated(wide_from(1, 0));
	int exp = a.exp;
	struct wide whole;

	a.exp = 0;
	if (a.limb[WIDE_LIMBS - 1] < 0xb504f334) { /* 1 over the root of 2 */
		a.exp = 1;
		exp--;
	}
	whole = wide_from((uint64_t)(exp < 0 ? -exp : exp), 0);
	whole.neg = exp < 0;
	return wide_add(whole, log2p1_near(wide_add(a, minus_one)));
}

struct wide
wide_log2p1(struct wide a)
{
	return a.exp < 0 ? log2p1_near(a)
			 : wide_log2(wide_add(wide_from(1, 0), a));
}

/* 0 < a <= 1: atan a = atan(k/8) + atan((a - k/8) / (1 + a k/8)). */
static struct wide
atan_near(struct wide a)
{
	struct wide eighths = a, k, rest;
	uint64_t whole;

	eighths.exp += 3;
	if ((whole = wide_whole(eighths)) == 0)
		return odd_powers(a, true);
	k = wide_from(whole, -3);
	rest = wide_add(a, negated(k));
	if (wide_is_zero(rest))
		return atan_eighths[whole];
	rest = wide_div(rest, wide_add(wide_from(1, 0), wide_mul(a, k)));
	return wide_add(atan_eighths[whole], odd_powers(rest, true));
}

struct wide
wide_atan2(struct wide y, struct wide x)
{
	bool neg = y.neg, left = x.neg;
	struct wide ratio, angle;

	y.neg = x.neg = false;
	ratio = wide_div(y, x);
	if (ratio.exp > 0) {
		angle = wide_pi;
		angle.exp--;
		angle = wide_add(angle, negated(atan_near(wide_div(x, y))));
	} else {
		angle = atan_near(ratio);
	}
	if (left)
		angle = wide_add(wide_pi, negated(angle));
	angle.neg = neg;
	return angle;
}
