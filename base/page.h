/* SPDX-License-Identifier: BSD-2-Clause */
/* Page arithmetic on 64-bit addresses and lengths; every addition that can
 * wrap reports it. */
#ifndef VMS_BASE_PAGE_H
#define VMS_BASE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_BYTES UINT64_C(4096)
#define PAGE_MASK  (PAGE_BYTES - 1)

static inline uint64_t
page_trunc(uint64_t x)
{
	return x & ~PAGE_MASK;
}

/* Rounds up; wraps to 0 near 2^64, as the kernel's round_page does. */
static inline uint64_t
page_round(uint64_t x)
{
	return (x + PAGE_MASK) & ~PAGE_MASK;
}

static inline bool
page_aligned(uint64_t x)
{
	return (x & PAGE_MASK) == 0;
}

/* *sum = a + b modulo 2^64; true when it wrapped. */
static inline bool
add_wraps(uint64_t a, uint64_t b, uint64_t *sum)
{
	*sum = a + b;
	return *sum < a;
}

#endif
