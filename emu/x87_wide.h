/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of 160 bits, made of integers: the same on every host. */
#ifndef VMS_EMU_X87_WIDE_H
#define VMS_EMU_X87_WIDE_H

#include <stdbool.h>
#include <stdint.h>

#define WIDE_LIMBS 5
#define WIDE_BITS  160

/* 0.limb[4]limb[3]... * 2^exp; the top bit is set, or all limbs are zero. */
struct wide {
	bool neg;
	int exp;
	uint32_t limb[WIDE_LIMBS];
};

/* mant * 2^exp. */
struct wide wide_from(uint64_t mant, int exp);
bool wide_is_zero(struct wide a);

/* These cut off what does not fit.  The divisor must not be zero. */
struct wide wide_add(struct wide a, struct wide b);
struct wide wide_mul(struct wide a, struct wide b);
struct wide wide_div(struct wide a, struct wide b);
struct wide wide_div_small(struct wide a, uint32_t divisor);

/* The nearest whole number; |a| must be below 2^63. */
uint64_t wide_whole(struct wide a);

#endif
