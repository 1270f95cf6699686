/* SPDX-License-Identifier: BSD-2-Clause */
/* FPREM and FPREM1 of plain numbers. */
#ifndef VMS_EMU_X87_REM_H
#define VMS_EMU_X87_REM_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Does the instruction (nearest: FPREM1) on the registers of fxsave, a
 * 512-byte FXSAVE image, to the last bit.  False, and nothing is changed,
 * when an operand is empty or no number, for a remainder of zero or by an
 * infinite number, or when it would raise an exception that is not masked:
 * x87_function() answers those.
 */
bool x87_remainder(uint8_t *fxsave, bool nearest);

#endif
