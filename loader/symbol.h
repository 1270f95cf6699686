/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of addresses, from a program's symbol table: for reports. */
#ifndef VMS_LOADER_SYMBOL_H
#define VMS_LOADER_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "main+0x16" for the address va as linked; false: no table, no function. */
bool symbol_find(const char *path, uint64_t va, char *text, size_t room);

#endif
