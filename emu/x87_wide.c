/* SPDX-License-Identifier: BSD-2-Clause */
#include "emu/x87_wide.h"

#include <stddef.h>
#include <string.h>

#define LIMB_BITS 32

static int compare(struct wide a, struct wide b);
static struct wide normal(bool neg, int exp, const uint32_t *limb, int count);
static void shift_right(const uint32_t *from, int bits, uint32_t *to);
static void add_to(uint32_t *a, const uint32_t *b);
static void subtract_from(uint32_t *a, const uint32_t *b);
static bool is_below(const uint32_t *a, const uint32_t *b);

struct wide
wide_from(uint64_t mant, int exp)
{
	const uint32_t limb[] = { (uint32_t)mant,
		(uint32_t)(mant >> LIMB_BITS) };

	return normal(false, exp + 64, limb, 2);
}

bool
wide_is_zero(struct wide a)
{
	return a.limb[WIDE_LIMBS - 1] == 0;
}

struct wide
wide_add(struct wide a, struct wide b)
{
	uint32_t sum[WIDE_LIMBS + 1] = { 0 }, other[WIDE_LIMBS + 1];

	if (wide_is_zero(a) || wide_is_zero(b))
		return wide_is_zero(a) ? b : a;
	if (compare(a, b) < 0)
		return wide_add(b, a);
	memcpy(sum, a.limb, sizeof(a.limb));
	shift_right(b.limb, a.exp - b.exp, other);
	if (a.neg == b.neg)
		add_to(sum, other);
	else
		subtract_from(sum, other);
	return normal(a.neg, a.exp + LIMB_BITS, sum, WIDE_LIMBS + 1);
}

struct wide
wide_mul(struct wide a, struct wide b)
{
	uint32_t product[2 * WIDE_LIMBS] = { 0 };

	for (int i = 0; i < WIDE_LIMBS; i++) {
		uint64_t carry = 0;
		for (int j = 0; j < WIDE_LIMBS; j++) {
			carry +=
			    (uint64_t)a.limb[i] * b.limb[j] + product[i + j];
			product[i + j] = (uint32_t)carry;
			carry >>= LIMB_BITS;
		}
		product[i + WIDE_LIMBS] = (uint32_t)carry;
	}
	return normal(a.neg != b.neg, a.exp + b.exp, product, 2 * WIDE_LIMBS);
}

/* A bit of the quotient at a time; the first is before the point. */
struct wide
wide_div(struct wide a, struct wide b)
{
	uint32_t quotient[WIDE_LIMBS + 1] = { 0 };
	uint32_t rest[WIDE_LIMBS + 1] = { 0 }, divisor[WIDE_LIMBS + 1] = { 0 };

	memcpy(rest, a.limb, sizeof(a.limb));
	memcpy(divisor, b.limb, sizeof(b.limb));
	for (int i = WIDE_BITS; i >= 0; i--) {
		if (!is_below(rest, divisor)) {
			subtract_from(rest, divisor);
			quotient[i / LIMB_BITS] |= UINT32_C(1) << i % LIMB_BITS;
		}
		add_to(rest, rest);
	}
	return normal(a.neg != b.neg, a.exp - b.exp + LIMB_BITS, quotient,
	    WIDE_LIMBS + 1);
}

struct wide
wide_div_small(struct wide a, uint32_t divisor)
{
	uint32_t quotient[WIDE_LIMBS + 1];
	uint64_t rest = 0;

	for (int i = WIDE_LIMBS; i >= 0; i--) {
		rest = rest << LIMB_BITS | (i > 0 ? a.limb[i - 1] : 0);
		quotient[i] = (uint32_t)(rest / divisor);
		rest %= divisor;
	}
	return normal(a.neg, a.exp, quotient, WIDE_LIMBS + 1);
}

uint64_t
wide_whole(struct wide a)
{
	uint64_t top = (uint64_t)a.limb[WIDE_LIMBS - 1] << LIMB_BITS |
		       a.limb[WIDE_LIMBS - 2];

	if (a.exp < 0 || wide_is_zero(a))
		return 0;
	return ((top >> (63 - a.exp)) + 1) >> 1;
}

/* Of the absolute values, neither of them zero. */
static int
compare(struct wide a, struct wide b)
{
	if (a.exp != b.exp)
		return a.exp < b.exp ? -1 : 1;
	for (int i = WIDE_LIMBS - 1; i >= 0; i--)
		if (a.limb[i] != b.limb[i])
			return a.limb[i] < b.limb[i] ? -1 : 1;
	return 0;
}

/* 0.limb[count - 1]... * 2^exp, cut off. */
static struct wide
normal(bool neg, int exp, const uint32_t *limb, int count)
{
	struct wide result = { neg, exp, { 0 } };
	int top = count - 1, shift = 0;

	while (top >= 0 && limb[top] == 0)
		top--;
	if (top < 0)
		return (struct wide){ 0 };
	while (!(limb[top] << shift >> (LIMB_BITS - 1)))
		shift++;
	for (int i = 0; i < WIDE_LIMBS; i++) {
		int from = top - i;
		uint64_t pair = (uint64_t)(from >= 0 ? limb[from] : 0)
				    << LIMB_BITS |
				(from >= 1 ? limb[from - 1] : 0);
		result.limb[WIDE_LIMBS - 1 - i] =
		    (uint32_t)(pair << shift >> LIMB_BITS);
	}
	result.exp -= LIMB_BITS * (count - 1 - top) + shift;
	return result;
}

/* Of WIDE_LIMBS limbs to one more. */
static void
shift_right(const uint32_t *from, int bits, uint32_t *to)
{
	int limbs = bits / LIMB_BITS;

	memset(to, 0, (WIDE_LIMBS + 1) * sizeof(*to));
	for (int i = 0; limbs < WIDE_LIMBS && i < WIDE_LIMBS - limbs; i++) {
		int at = i + limbs;
		uint64_t pair = from[at];
		if (at + 1 < WIDE_LIMBS)
			pair |= (uint64_t)from[at + 1] << LIMB_BITS;
		to[i] = (uint32_t)(pair >> bits % LIMB_BITS);
	}
}

static void
add_to(uint32_t *a, const uint32_t *b)
{
	uint64_t carry = 0;

	for (int i = 0; i <= WIDE_LIMBS; i++) {
		carry += (uint64_t)a[i] + b[i];
		a[i] = (uint32_t)carry;
		carry >>= LIMB_BITS;
	}
}

static void
subtract_from(uint32_t *a, const uint32_t *b)
{
	uint64_t borrow = 0;

	for (int i = 0; i <= WIDE_LIMBS; i++) {
		uint64_t difference = (uint64_t)a[i] - b[i] - borrow;
		a[i] = (uint32_t)difference;
		borrow = difference >> 63;
	}
}

static bool
is_below(const uint32_t *a, const uint32_t *b)
{
	for (int i = WIDE_LIMBS; i >= 0; i--)
		if (a[i] != b[i])
			return a[i] < b[i];
	return false;
}
