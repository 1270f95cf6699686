/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/json.h"

#include <inttypes.h>

static void
member(struct json *json, const char *name)
{
	if (json->comma)
		fputc(',', json->out);
	json->comma = true;
	if (name != NULL)
		fprintf(json->out, "\"%s\":", name);
}

void
json_open(struct json *json, FILE *out)
{
	*json = (struct json){ out, false };
	fputc('{', out);
}

void
json_close(struct json *json)
{
	fputs("}\n", json->out);
}

/* A byte beyond ASCII becomes the character of that number (Latin-1): names of
 * files need not be UTF-8, and a line of JSON must be. */
void
json_string(struct json *json, const char *name, const char *text)
{
	member(json, name);
	fputc('"', json->out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(json->out, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(json->out, "\\u%04x", c);
		else
			fputc(c, json->out);
	}
	fputc('"', json->out);
}

void
json_number(struct json *json, const char *name, uint64_t number)
{
	member(json, name);
	fprintf(json->out, "%" PRIu64, number);
}

void
json_hex(struct json *json, const char *name, uint64_t value)
{
	member(json, name);
	fprintf(json->out, "\"0x%" PRIx64 "\"", value);
}

void
json_flag(struct json *json, const char *name, bool value)
{
	member(json, name);
	fputs(value ? "true" : "false", json->out);
}

void
json_bytes(
    struct json *json, const char *name, const uint8_t *bytes, size_t len)
{
	member(json, name);
	fputc('"', json->out);
	for (size_t i = 0; i < len; i++)
		fprintf(json->out, "%02x", bytes[i]);
	fputc('"', json->out);
}

void
json_begin(struct json *json, const char *name, char bracket)
{
	member(json, name);
	fputc(bracket, json->out);
	json->comma = false;
}

void
json_end(struct json *json, char bracket)
{
	fputc(bracket == '{' ? '}' : ']', json->out);
	json->comma = true;
}
