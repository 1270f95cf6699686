/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/dragonfly_fp.h"

#include <string.h>

/*
 *   0..23  control, status, tag, opcode, instruction and data pointers
 *  24..27  MXCSR
 *  28..31  MXCSR_MASK, of the processor and not of the thread
 *  32..415 eight 80-bit registers, sixteen 128-bit registers
 * 416..511 not stored
 */
#define FP_MXCSR      24
#define FP_MXCSR_MASK 28
#define FP_STORED     416
#define MXCSR_DEFINED UINT32_C(0xFFFF)

void
fp_image_clean(struct fp_image *fp)
{
	uint32_t mxcsr;

	memcpy(&mxcsr, fp->bytes + FP_MXCSR, sizeof(mxcsr));
	mxcsr &= MXCSR_DEFINED;
	memcpy(fp->bytes + FP_MXCSR, &mxcsr, sizeof(mxcsr));
	memset(fp->bytes + FP_MXCSR_MASK, 0, 4);
	memset(fp->bytes + FP_STORED, 0, sizeof(fp->bytes) - FP_STORED);
}

bool
fp_image_equal(const struct fp_image *a, const struct fp_image *b)
{
	return memcmp(a->bytes, b->bytes, FP_STORED) == 0;
}
