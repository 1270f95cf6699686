/* SPDX-License-Identifier: BSD-2-Clause */
#include "emu/x87_image.h"

#include <string.h>

#define FCW       0
#define FSW       2
#define FTW       4
#define ST        32 /* ST(0), then the next REG_BYTES on */
#define REG_BYTES 16
#define ST_BYTES  (X87_REGS * REG_BYTES)
#define FSW_TOP   0x3800u

static unsigned
get16(const uint8_t *bytes)
{
	return bytes[0] | (unsigned)bytes[1] << 8;
}

static void
put16(uint8_t *bytes, unsigned value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

unsigned
x87_fcw(const uint8_t *fxsave)
{
	return get16(fxsave + FCW);
}

unsigned
x87_fsw(const uint8_t *fxsave)
{
	return get16(fxsave + FSW);
}

void
x87_fsw_put(uint8_t *fxsave, unsigned fsw)
{
	put16(fxsave + FSW, fsw);
}

/* The abridged tag word goes by register, not by place on the stack. */
static unsigned
tag_of(const uint8_t *fxsave, int place)
{
	return 1u << (((x87_fsw(fxsave) >> 11) + (unsigned)place) & 7);
}

bool
x87_in_use(const uint8_t *fxsave, int place)
{
	return fxsave[FTW] & tag_of(fxsave, place);
}

static enum kind
kind_of(struct f80 raw)
{
	unsigned exp = raw.se & F80_EXP_MAX;

	if (exp == 0)
		return raw.mant == 0 ? ZERO : FINITE;
	if (!(raw.mant & F80_TOP))
		return UNKNOWN;
	if (exp != F80_EXP_MAX)
		return FINITE;
	if (raw.mant == F80_TOP)
		return INFINITE;
	return raw.mant & F80_QUIET ? QUIET_NAN : SIGNALLING_NAN;
}

struct operand
x87_get(const uint8_t *fxsave, int place)
{
	const uint8_t *bytes = fxsave + ST + place * REG_BYTES;
	struct operand operand = { .raw = { get16(bytes + 8), 0 } };
	int exp = (int)(operand.raw.se & F80_EXP_MAX);

	for (int i = 7; i >= 0; i--)
		operand.raw.mant = operand.raw.mant << 8 | bytes[i];
	operand.kind = kind_of(operand.raw);
	operand.neg = operand.raw.se & F80_SIGN;
	operand.denormal = exp == 0 && operand.kind == FINITE;
	if (operand.kind == FINITE)
		operand.wide = wide_from(
		    operand.raw.mant, (exp == 0 ? 1 : exp) - F80_BIAS - 64);
	operand.wide.neg = operand.neg;
	return operand;
}

/* What was ST(by) becomes ST(0). */
static void
rotate(uint8_t *fxsave, unsigned by)
{
	uint8_t old[ST_BYTES];
	unsigned fsw = x87_fsw(fxsave);
	unsigned top = (fsw >> 11) + by;

	memcpy(old, fxsave + ST, sizeof(old));
	for (unsigned i = 0; i < ST_BYTES; i++)
		fxsave[ST + i] = old[(i + by * REG_BYTES) % ST_BYTES];
	x87_fsw_put(fxsave, (fsw & ~FSW_TOP) | (top << 11 & FSW_TOP));
}

void
x87_pop(uint8_t *fxsave)
{
	fxsave[FTW] &= (uint8_t)~tag_of(fxsave, 0);
	rotate(fxsave, 1);
}

void
x87_push(uint8_t *fxsave)
{
	rotate(fxsave, X87_REGS - 1);
}

void
x87_put(uint8_t *fxsave, struct f80 value)
{
	for (int i = 0; i < 8; i++)
		fxsave[ST + i] = (uint8_t)(value.mant >> (8 * i));
	put16(fxsave + ST + 8, value.se);
	fxsave[FTW] |= (uint8_t)tag_of(fxsave, 0);
}
