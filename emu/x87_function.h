/* SPDX-License-Identifier: BSD-2-Clause */
/* The transcendental instructions of the x87, and remainders, for which the
 * engine uses the double of the host and its mathematics library. */
#ifndef VMS_EMU_X87_FUNCTION_H
#define VMS_EMU_X87_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

/* D9 modrm is fsin, fcos, fsincos, fptan, fpatan, f2xm1, fyl2x, fyl2xp1, fprem
 * or fprem1. */
bool x87_is_function(uint8_t modrm);

/*
 * Does it on the registers of fxsave, a 512-byte FXSAVE image.  The result is
 * that of infinite precision, rounded as the control word says, but for a few
 * cases in a billion where it is the number beside.  An exception that is not
 * masked is noted in the status word.
 */
void x87_function(uint8_t *fxsave, uint8_t modrm);

#endif
