/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/trace_symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "loader/symbol_table.h"

#define FILE_MAX_BYTES (256L << 20)

struct trace_symbols {
	struct symbol_table *table;
	uint8_t *bytes; /* of a file that is not the trace's */
	uint64_t bias;
};

/* Does the program begin at start, as linked or moved by whole pages? */
static bool
table_fits(struct trace_symbols *symbols, vms_va_t start)
{
	symbols->bias = start - symbol_table_entry(symbols->table);
	if (page_aligned(symbols->bias))
		return true;
	symbol_table_destroy(symbols->table);
	symbols->table = NULL;
	return false;
}

static bool
bytes_try(struct trace_symbols *symbols, const uint8_t *bytes, size_t len,
    vms_va_t start)
{
	return symbol_table_create(bytes, len, &symbols->table) == 0 &&
	       table_fits(symbols, start);
}

static uint8_t *
file_read(FILE *file, size_t *len)
{
	uint8_t *bytes;
	long end;

	if (fseek(file, 0, SEEK_END) != 0 || (end = ftell(file)) <= 0 ||
	    end > FILE_MAX_BYTES || fseek(file, 0, SEEK_SET) != 0)
		return NULL;
	bytes = malloc((size_t)end);
	if (bytes != NULL)
		*len = fread(bytes, 1, (size_t)end, file);
	return bytes;
}

static bool
path_try(struct trace_symbols *symbols, const char *path, vms_va_t start)
{
	FILE *file = fopen(path, "re");
	size_t len = 0;

	if (file == NULL)
		return false;
	symbols->bytes = file_read(file, &len);
	fclose(file);
	if (symbols->bytes != NULL &&
	    bytes_try(symbols, symbols->bytes, len, start))
		return true;
	free(symbols->bytes);
	symbols->bytes = NULL;
	return false;
}

static bool
embedded_try(
    struct trace_symbols *symbols, struct trace_reader *reader, vms_va_t start)
{
	const uint8_t *bytes;
	const char *name;
	size_t len;

	for (size_t i = 0; (name = trace_reader_file_name(reader, i)) != NULL;
	     i++)
		if (trace_reader_file(reader, name, &bytes, &len) == 0 &&
		    bytes_try(symbols, bytes, len, start))
			return true;
	return false;
}

static bool
notes_try(struct trace_symbols *symbols, const struct trace_header *header,
    vms_va_t start)
{
	for (size_t i = 0; header->notes != NULL && header->notes[i] != NULL;
	     i++)
		if (strncmp(header->notes[i], "file=", 5) == 0 &&
		    path_try(symbols, header->notes[i] + 5, start))
			return true;
	return false;
}

struct trace_symbols *
trace_symbols_open(struct trace_reader *reader, vms_va_t start)
{
	struct trace_symbols *symbols = calloc(1, sizeof(*symbols));

	if (symbols == NULL)
		return NULL;
	if (embedded_try(symbols, reader, start) ||
	    notes_try(symbols, trace_reader_header(reader), start))
		return symbols;
	free(symbols);
	return NULL;
}

void
trace_symbols_close(struct trace_symbols *symbols)
{
	if (symbols == NULL)
		return;
	symbol_table_destroy(symbols->table);
	free(symbols->bytes);
	free(symbols);
}

bool
trace_symbols_text(
    const struct trace_symbols *symbols, vms_va_t va, char *text, size_t room)
{
	text[0] = '\0';
	return symbols != NULL && symbol_table_text(symbols->table,
				      va - symbols->bias, text, room);
}

size_t
trace_symbols_bytes(
    const struct trace_symbols *symbols, vms_va_t va, void *buf, size_t len)
{
	return symbols == NULL ? 0
			       : symbol_table_bytes(symbols->table,
				     va - symbols->bias, buf, len);
}
