/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A remainder is exact, so it takes no rounding but one long division of
 * integers.  When the exponents differ by 64 or more, the instruction does a
 * part of it and says so in C2, and the program comes again; how much it
 * does is the processor's choice.
 *
 * An 80-bit number: sign 1, exponent 15, then 64 bits with the leading 1
 * explicit: mant * 2^(exp - 63).
 */
#include "emu/x87_rem.h"

#include <stddef.h>

#define IMAGE_FCW 0
#define IMAGE_FSW 2
#define IMAGE_FTW 4
#define IMAGE_ST  32 /* ST(0), then ST(1) 16 bytes on */

#define FSW_INVALID  0x0001u
#define FSW_DENORMAL 0x0002u
#define FSW_SUMMARY  0x0080u
#define FSW_C0       0x0100u
#define FSW_C1       0x0200u
#define FSW_C2       0x0400u
#define FSW_C3       0x4000u
#define FSW_CODES    (FSW_C0 | FSW_C1 | FSW_C2 | FSW_C3)

#define EXP_BIAS 16383
#define EXP_MAX  0x7fff
#define TOP_BIT  (UINT64_C(1) << 63)

struct number {
	bool sign, denormal;
	int exp;       /* without bias */
	uint64_t mant; /* TOP_BIT is set */
};

static uint16_t
get16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static void
put16(uint8_t *bytes, unsigned value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

static uint64_t
mant_get(const uint8_t *bytes)
{
	uint64_t mant = 0;

	for (int i = 7; i >= 0; i--)
		mant = mant << 8 | bytes[i];
	return mant;
}

static bool
is_zero(const uint8_t *bytes)
{
	return (get16(bytes + 8) & EXP_MAX) == 0 && mant_get(bytes) == 0;
}

static bool
is_infinite(const uint8_t *bytes)
{
	return (get16(bytes + 8) & EXP_MAX) == EXP_MAX &&
	       mant_get(bytes) == TOP_BIT;
}

/* False: zero, infinite, not a number, or no valid encoding. */
static bool
number_get(const uint8_t *bytes, struct number *number)
{
	unsigned field = get16(bytes + 8);
	int exp = (int)(field & EXP_MAX);
	uint64_t mant = mant_get(bytes);

	if (mant == 0 || exp == EXP_MAX || (exp != 0 && !(mant & TOP_BIT)))
		return false;
	number->sign = field >> 15;
	number->denormal = exp == 0;
	number->exp = (exp == 0 ? 1 : exp) - EXP_BIAS;
	for (; !(mant & TOP_BIT); mant <<= 1)
		number->exp--;
	number->mant = mant;
	return true;
}

/* mant may lack its leading bit, and be zero.  A result too small for its
 * leading bit has zeros where it is shifted out, as the operands had. */
static void
number_put(uint8_t *bytes, struct number number)
{
	uint64_t mant = number.mant;
	int field = number.exp + EXP_BIAS;

	for (; mant != 0 && !(mant & TOP_BIT); mant <<= 1)
		field--;
	if (mant == 0) {
		field = 0;
	} else if (field <= 0) {
		mant >>= 1 - field;
		field = 0;
	}
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(mant >> (8 * i));
	put16(bytes + 8, (unsigned)field | (number.sign ? 0x8000u : 0));
}

/* Divides mant * 2^shift by divisor; both have their leading bit.  Returns
 * the remainder and the low bits of the quotient. */
static uint64_t
divide(uint64_t mant, int shift, uint64_t divisor, unsigned *quotient)
{
	bool carry = false;

	for (*quotient = 0;; shift--) {
		*quotient <<= 1;
		if (carry || mant >= divisor) {
			mant -= divisor;
			*quotient |= 1;
		}
		if (shift == 0)
			return mant;
		carry = mant & TOP_BIT;
		mant <<= 1;
	}
}

/* a: 0 <= a < b in units of b's last bit; takes the multiple of b that is
 * nearest to it, the even one of two. */
static void
round_nearest(struct number *a, uint64_t divisor, unsigned *quotient)
{
	uint64_t other = divisor - a->mant;

	if (a->mant < other || (a->mant == other && !(*quotient & 1)))
		return;
	a->mant = other;
	a->sign = !a->sign;
	++*quotient;
}

/* |a| is between a half and one of b's power of two. */
static void
round_below(struct number *a, const struct number *b, unsigned *quotient)
{
	if (a->mant <= b->mant)
		return;
	a->mant = b->mant - (a->mant - b->mant);
	a->sign = !a->sign;
	*quotient = 1;
}

/* Returns the condition codes. */
static unsigned
reduce(struct number *a, const struct number *b, bool nearest)
{
	int distance = a->exp - b->exp;
	unsigned quotient = 0;

	if (distance >= 64) {
		int part = 32 + distance % 32;

		a->mant = divide(a->mant, part, b->mant, &quotient);
		a->exp = b->exp + distance - part;
		return FSW_C2;
	}
	if (distance >= 0) {
		a->mant = divide(a->mant, distance, b->mant, &quotient);
		a->exp = b->exp;
		if (nearest)
			round_nearest(a, b->mant, &quotient);
	} else if (distance == -1 && nearest) {
		round_below(a, b, &quotient);
	}
	return (quotient & 4 ? FSW_C0 : 0) | (quotient & 2 ? FSW_C3 : 0) |
	       (quotient & 1 ? FSW_C1 : 0);
}

/* The abridged tag word goes by register, not by place on the stack. */
static bool
in_use(const uint8_t *fxsave, unsigned place)
{
	unsigned top = get16(fxsave + IMAGE_FSW) >> 11;

	return fxsave[IMAGE_FTW] >> ((top + place) & 7) & 1;
}

static bool
is_valued(const uint8_t *bytes)
{
	struct number number;

	return is_zero(bytes) || is_infinite(bytes) ||
	       number_get(bytes, &number);
}

/* Of an infinite number or by zero: the indefinite number; the sign that the
 * engine gives it depends on how the engine was built. */
static bool
invalid(uint8_t *fxsave)
{
	uint8_t *a = fxsave + IMAGE_ST, *b = a + 16;
	unsigned fsw = get16(fxsave + IMAGE_FSW);

	if (!(get16(fxsave + IMAGE_FCW) & FSW_INVALID) || !is_valued(a) ||
	    !is_valued(b) || (!is_infinite(a) && !is_zero(b)))
		return false;
	for (int i = 0; i < 7; i++)
		a[i] = 0;
	a[7] = 0xc0;
	put16(a + 8, 0xffff);
	put16(fxsave + IMAGE_FSW, (fsw & ~(FSW_C1 | FSW_C2)) | FSW_INVALID);
	return true;
}

bool
x87_remainder(uint8_t *fxsave, bool nearest)
{
	unsigned fsw = get16(fxsave + IMAGE_FSW);
	struct number a, b;

	if ((fsw & FSW_SUMMARY) || !in_use(fxsave, 0) || !in_use(fxsave, 1))
		return false;
	if (!number_get(fxsave + IMAGE_ST, &a) ||
	    !number_get(fxsave + IMAGE_ST + 16, &b))
		return invalid(fxsave);
	if (a.denormal || b.denormal) {
		if (!(get16(fxsave + IMAGE_FCW) & FSW_DENORMAL))
			return false;
		fsw |= FSW_DENORMAL;
	}
	fsw = (fsw & ~FSW_CODES) | reduce(&a, &b, nearest);
	number_put(fxsave + IMAGE_ST, a);
	put16(fxsave + IMAGE_FSW, fsw);
	return true;
}
