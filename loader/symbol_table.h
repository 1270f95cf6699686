/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of many addresses, from the symbol table of one program: for tools
 * that look up each instruction. */
#ifndef VMS_LOADER_SYMBOL_TABLE_H
#define VMS_LOADER_SYMBOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol_table;

/* bytes: the ELF file, kept by the caller until the table is gone.  ENOEXEC:
 * it is none for x86-64; ENOMEM.  A file without symbols has an empty table.
 */
int symbol_table_create(
    const void *bytes, size_t len, struct symbol_table **out);
void symbol_table_destroy(struct symbol_table *table); /* NULL is accepted */

/* As linked. */
uint64_t symbol_table_entry(const struct symbol_table *table);

/*
 * "main+0x16", or "main" for its start, for the address va as linked.  A label
 * without a size reaches to the next symbol of its section.  False: va has no
 * name, and text is "".
 */
bool symbol_table_text(
    const struct symbol_table *table, uint64_t va, char *text, size_t room);

/* The bytes that the file has for [va, va + len) as linked, as far as one
 * segment goes: how many were copied. */
size_t symbol_table_bytes(
    const struct symbol_table *table, uint64_t va, void *buf, size_t len);

#endif
