/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of the calling thread, as far as the host shows them. */
#ifndef TESTS_CONFORM_HOSTREGS_H
#define TESTS_CONFORM_HOSTREGS_H

#include <stdbool.h>
#include <stdint.h>

/* Segment bases; 0 where the host has no way to ask. */
uint64_t host_fs_base(void);
uint64_t host_gs_base(void);

/* Are the callee-saved registers and the stack as before after fn()? True
 * where this cannot be looked at (not x86-64). */
bool host_saved_registers_survive(void (*fn)(void));

/* Can this host share FP registers with a guest (C63)? */
bool host_has_guest_fp(void);

/* Calls fn with these in MXCSR, the x87 control word and %xmm15, and stores
 * back what they are afterwards; the thread's own are put back. */
struct host_fp {
	uint32_t mxcsr;
	uint16_t fpcw;
	uint8_t xmm15[16];
};
void host_fp_call(struct host_fp *fp, void (*fn)(void));

#endif
