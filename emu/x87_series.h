/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of the x87, to some 128 bits. */
#ifndef VMS_EMU_X87_SERIES_H
#define VMS_EMU_X87_SERIES_H

#include "emu/x87_wide.h"

extern const struct wide wide_pi;

/* Of |a| < 2^63; pi is taken with 66 bits, as processors do. */
void wide_sin_cos(struct wide a, struct wide *sin, struct wide *cos);

/* 2^a - 1, |a| <= 1. */
struct wide wide_exp2m1(struct wide a);

/* a > 0; and of 1 + a, a > -1. */
struct wide wide_log2(struct wide a);
struct wide wide_log2p1(struct wide a);

/* The angle of the point (x, y), neither of them zero. */
struct wide wide_atan2(struct wide y, struct wide x);

#endif
