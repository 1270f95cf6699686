/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Byte strings of a trace: a buffer that grows, and a cursor over bytes that
 * nobody vouches for.  Both remember their first failure, so that a caller may
 * look once at the end.
 */
#ifndef VMS_TRACES_BYTES_H
#define VMS_TRACES_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty buffer. */
struct bytes {
	uint8_t *at;
	size_t len, capacity;
	bool failed; /* no memory: what was added since is missing */
};

void bytes_finish(struct bytes *bytes);
void bytes_clear(struct bytes *bytes);
void bytes_add(struct bytes *bytes, const void *from, size_t len);
/* Room for len more bytes, which the caller fills; NULL: no memory. */
uint8_t *bytes_grow(struct bytes *bytes, size_t len);
void bytes_u8(struct bytes *bytes, uint8_t value);
/* LEB128: seven bits a byte, the lowest first. */
void bytes_varint(struct bytes *bytes, uint64_t value);
void bytes_varints(struct bytes *bytes, const uint64_t *values, size_t count);
void bytes_string(struct bytes *bytes, const char *text); /* length, bytes */

static inline uint64_t
zigzag(uint64_t value)
{
	return (value << 1) ^ (0 - (value >> 63));
}

static inline uint64_t
unzigzag(uint64_t value)
{
	return (value >> 1) ^ (0 - (value & 1));
}

struct cursor {
	const uint8_t *at, *end;
	bool bad; /* the bytes ended too early, or a number is too long */
};

struct cursor cursor_over(const void *bytes, size_t len);
size_t cursor_left(const struct cursor *cursor);
/* 0 and NULL when it is bad. */
uint8_t cursor_u8(struct cursor *cursor);
uint64_t cursor_varint(struct cursor *cursor);
const uint8_t *cursor_take(struct cursor *cursor, uint64_t len);
/* A length and that many bytes; *len is 0 when it is bad. */
const uint8_t *cursor_string(struct cursor *cursor, size_t *len);

void put_u16(uint8_t *at, uint16_t value);
void put_u32(uint8_t *at, uint32_t value);
void put_u64(uint8_t *at, uint64_t value);
uint16_t get_u16(const uint8_t *at);
uint32_t get_u32(const uint8_t *at);
uint64_t get_u64(const uint8_t *at);

#endif
