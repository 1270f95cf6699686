/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The FP and SSE registers of the calling thread, which a guest of the
 * drop-in face shares with it (specification 3.4).  Only on x86-64 hosts.
 */
#ifndef VMS_VMSPACE_DRAGONFLY_FP_H
#define VMS_VMSPACE_DRAGONFLY_FP_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

/* FXSAVE's layout, 64-bit form. */
struct fp_image {
	alignas(16) uint8_t bytes[512];
};

#if defined(__x86_64__) && defined(__GNUC__)
#define FP_MIRROR 1

/* Takes the registers and gives the library the modes it is compiled for. */
static inline void
fp_save(struct fp_image *fp)
{
	static const uint32_t mxcsr = 0x1f80;

	__asm__ volatile("fxsave64 %0\n\tfninit\n\tldmxcsr %1"
			 : "=m"(*fp)
			 : "m"(mxcsr)
			 : "memory");
}

/* fp must have passed fp_image_clean(). */
static inline void
fp_load(const struct fp_image *fp)
{
	__asm__ volatile("fxrstor64 %0" : : "m"(*fp) : "memory");
}
#else
#define FP_MIRROR 0

static inline void
fp_save(struct fp_image *fp)
{
	(void)fp;
}

static inline void
fp_load(const struct fp_image *fp)
{
	(void)fp;
}
#endif

/* Makes images comparable and safe to load: no reserved MXCSR bits, nothing
 * where the processor stores nothing. */
void fp_image_clean(struct fp_image *fp);
bool fp_image_equal(const struct fp_image *a, const struct fp_image *b);

#endif
