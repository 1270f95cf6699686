/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's randomness: splitmix64 from --seed, the same in every run. */
#ifndef VMS_VKERNEL_RNG_H
#define VMS_VKERNEL_RNG_H

#include <stddef.h>
#include <stdint.h>

struct vk_rng {
	uint64_t state;
};

void rng_init(struct vk_rng *rng, uint64_t seed);
uint64_t rng_next(struct vk_rng *rng);
void rng_fill(struct vk_rng *rng, void *buf, size_t len);

#endif
