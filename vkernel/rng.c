/* SPDX-License-Identifier: BSD-2-Clause */
/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", 2014. */
#include "vkernel/rng.h"

#include "base/os.h"

void
rng_init(struct vk_rng *rng, uint64_t seed)
{
	rng->state = seed;
	rng->host = false;
}

uint64_t
rng_next(struct vk_rng *rng)
{
	uint64_t x;

	rng->state += UINT64_C(0x9e3779b97f4a7c15);
	x = rng->state;
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

void
rng_fill(struct vk_rng *rng, void *buf, size_t len)
{
	uint8_t *to;
	uint64_t word;
	size_t i;

	to = buf;
	if (rng->host && os_random_bytes(buf, len) == 0)
		return;
	word = 0;
	for (i = 0; i < len; i++) {
		if (i % 8 == 0)
			word = rng_next(rng);
		to[i] = (uint8_t)(word >> (8 * (i % 8)));
	}
}
