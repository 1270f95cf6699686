/* SPDX-License-Identifier: BSD-2-Clause */
/* An FXSAVE image with two 80-bit numbers, for the tests of x87 functions. */
#ifndef VMS_TESTS_UNIT_X87_FIXTURE_H
#define VMS_TESTS_UNIT_X87_FIXTURE_H

#include <stdint.h>
#include <string.h>

struct f80 {
	uint16_t se; /* sign and exponent */
	uint64_t mant;
};

static uint8_t image[512];

static inline void
f80_put(uint8_t *bytes, struct f80 number)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(number.mant >> (8 * i));
	bytes[8] = (uint8_t)number.se;
	bytes[9] = (uint8_t)(number.se >> 8);
}

static inline struct f80
f80_get(const uint8_t *bytes)
{
	struct f80 number = { (uint16_t)(bytes[8] | bytes[9] << 8), 0 };

	for (int i = 7; i >= 0; i--)
		number.mant = number.mant << 8 | bytes[i];
	return number;
}

/* Two registers in use, all exceptions masked, top at 6. */
static inline void
image_fill(struct f80 a, struct f80 b)
{
	memset(image, 0, sizeof(image));
	image[0] = 0x7f;
	image[1] = 0x03;
	image[3] = 0x30;
	image[4] = 0xc0;
	f80_put(image + 32, a);
	f80_put(image + 48, b);
}

static inline unsigned
fsw(void)
{
	return image[2] | (unsigned)image[3] << 8;
}

#endif
