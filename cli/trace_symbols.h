/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of a traced guest's code: from the ELF files that the trace holds, or
 * that its notes name and that are at hand. */
#ifndef VMS_CLI_TRACE_SYMBOLS_H
#define VMS_CLI_TRACE_SYMBOLS_H

#include <stdbool.h>

#include "traces/file.h"

struct trace_symbols;

/* start: where the first guest began to run; the file that begins there gives
 * the names.  reader must live longer.  NULL: there is none, or no memory. */
struct trace_symbols *trace_symbols_open(
    struct trace_reader *reader, vms_va_t start);
void trace_symbols_close(struct trace_symbols *symbols); /* NULL accepted */

/* "main+0x16"; false: no name, and text is "".  symbols may be NULL. */
bool trace_symbols_text(
    const struct trace_symbols *symbols, vms_va_t va, char *text, size_t room);

/* What the program's file has for guest memory at va: how many bytes. */
size_t trace_symbols_bytes(
    const struct trace_symbols *symbols, vms_va_t va, void *buf, size_t len);

#endif
