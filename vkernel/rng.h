/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's randomness: splitmix64 from --seed, the same in every run; or
 * the host's. */
#ifndef VMS_VKERNEL_RNG_H
#define VMS_VKERNEL_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vk_rng {
	uint64_t state;
	bool host; /* the bytes are the host's */
};

void rng_init(struct vk_rng *rng, uint64_t seed);
uint64_t rng_next(struct vk_rng *rng);
void rng_fill(struct vk_rng *rng, void *buf, size_t len);

#endif
