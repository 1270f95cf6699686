/* SPDX-License-Identifier: BSD-2-Clause */
/* The x87 registers in an FXSAVE image of 512 bytes. */
#ifndef VMS_EMU_X87_IMAGE_H
#define VMS_EMU_X87_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "emu/x87_series.h"

#define X87_REGS 8

#define F80_SIGN    0x8000u
#define F80_EXP_MAX 0x7fff
#define F80_BIAS    16382 /* of 0.mant * 2^exp */
#define F80_TOP     (UINT64_C(1) << 63)
#define F80_QUIET   (UINT64_C(1) << 62)

struct f80 {
	unsigned se; /* sign and exponent */
	uint64_t mant;
};

enum kind { ZERO, FINITE, INFINITE, QUIET_NAN, SIGNALLING_NAN, UNKNOWN };

struct operand {
	enum kind kind;
	bool neg, denormal;
	struct f80 raw;
	struct wide wide; /* of a finite one */
};

unsigned x87_fcw(const uint8_t *fxsave);
unsigned x87_fsw(const uint8_t *fxsave);
void x87_fsw_put(uint8_t *fxsave, unsigned fsw);

/* Of ST(place). */
bool x87_in_use(const uint8_t *fxsave, int place);
struct operand x87_get(const uint8_t *fxsave, int place);

void x87_pop(uint8_t *fxsave);
void x87_push(uint8_t *fxsave);

/* To ST(0), which is in use then. */
void x87_put(uint8_t *fxsave, struct f80 value);

#endif
