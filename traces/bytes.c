/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/bytes.h"

#include <stdlib.h>
#include <string.h>

#define VARINT_MAX 10

void
bytes_finish(struct bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct bytes){ 0 };
}

void
bytes_clear(struct bytes *bytes)
{
	bytes->len = 0;
	bytes->failed = false;
}

uint8_t *
bytes_grow(struct bytes *bytes, size_t len)
{
	size_t need = bytes->len + len, capacity = bytes->capacity;

	if (bytes->failed)
		return NULL;
	if (need > capacity || bytes->at == NULL) {
		capacity = need < 256 ? 256 : need + need / 2;
		uint8_t *at = realloc(bytes->at, capacity);
		if (at == NULL) {
			bytes->failed = true;
			return NULL;
		}
		bytes->at = at;
		bytes->capacity = capacity;
	}
	uint8_t *room = bytes->at + bytes->len;
	bytes->len = need;
	return room;
}

void
bytes_add(struct bytes *bytes, const void *from, size_t len)
{
	if (len == 0)
		return;
	uint8_t *room = bytes_grow(bytes, len);

	if (room != NULL)
		memcpy(room, from, len);
}

void
bytes_u8(struct bytes *bytes, uint8_t value)
{
	bytes_add(bytes, &value, 1);
}

static inline uint8_t *
varint_put(uint8_t *at, uint64_t value)
{
	while (value >= 0x80) {
		*at++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*at++ = (uint8_t)value;
	return at;
}

void
bytes_varint(struct bytes *bytes, uint64_t value)
{
	bytes_varints(bytes, &value, 1);
}

void
bytes_varints(struct bytes *bytes, const uint64_t *values, size_t count)
{
	uint8_t *at = bytes_grow(bytes, VARINT_MAX * count);

	if (at == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		at = varint_put(at, values[i]);
	bytes->len = (size_t)(at - bytes->at);
}

void
bytes_string(struct bytes *bytes, const char *text)
{
	size_t len = strlen(text);

	bytes_varint(bytes, len);
	bytes_add(bytes, text, len);
}

struct cursor
cursor_over(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	return (struct cursor){ at, len == 0 ? at : at + len, false };
}

size_t
cursor_left(const struct cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

static void
cursor_spoil(struct cursor *cursor)
{
	cursor->bad = true;
	cursor->at = cursor->end;
}

const uint8_t *
cursor_take(struct cursor *cursor, uint64_t len)
{
	const uint8_t *at = cursor->at;

	if (len > cursor_left(cursor)) {
		cursor_spoil(cursor);
		return NULL;
	}
	cursor->at += len;
	return at;
}

uint8_t
cursor_u8(struct cursor *cursor)
{
	const uint8_t *at = cursor_take(cursor, 1);

	return at == NULL ? 0 : *at;
}

uint64_t
cursor_varint(struct cursor *cursor)
{
	const uint8_t *at = cursor->at;
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && at != cursor->end; shift += 7) {
		uint8_t byte = *at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (shift == 63 && byte > 1)
			break;
		if (byte < 0x80) {
			cursor->at = at;
			return value;
		}
	}
	cursor_spoil(cursor);
	return 0;
}

const uint8_t *
cursor_string(struct cursor *cursor, size_t *len)
{
	uint64_t wanted = cursor_varint(cursor);
	const uint8_t *at = cursor_take(cursor, wanted);

	*len = cursor->bad ? 0 : (size_t)wanted;
	return at;
}

static void
put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t
get(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

void
put_u16(uint8_t *at, uint16_t value)
{
	put(at, value, 2);
}

void
put_u32(uint8_t *at, uint32_t value)
{
	put(at, value, 4);
}

void
put_u64(uint8_t *at, uint64_t value)
{
	put(at, value, 8);
}

uint16_t
get_u16(const uint8_t *at)
{
	return (uint16_t)get(at, 2);
}

uint32_t
get_u32(const uint8_t *at)
{
	return (uint32_t)get(at, 4);
}

uint64_t
get_u64(const uint8_t *at)
{
	return get(at, 8);
}
