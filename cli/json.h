/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes JSON objects, one a line.  Names are ours and are not quoted;
 * numbers of 64 bits that are addresses or values go as "0x..." strings,
 * because readers of JSON round large numbers. */
#ifndef VMS_CLI_JSON_H
#define VMS_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool comma; /* before the next member */
};

/* The outermost object; json_close() ends the line. */
void json_open(struct json *json, FILE *out);
void json_close(struct json *json);

/* name NULL: an element of a list. */
void json_string(struct json *json, const char *name, const char *text);
void json_number(struct json *json, const char *name, uint64_t number);
void json_hex(struct json *json, const char *name, uint64_t value);
void json_flag(struct json *json, const char *name, bool value);
void json_bytes(
    struct json *json, const char *name, const uint8_t *bytes, size_t len);

/* An object or list within: bracket is '{' or '['. */
void json_begin(struct json *json, const char *name, char bracket);
void json_end(struct json *json, char bracket);

#endif
