/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose program a file is: refuses all but those of Linux on x86-64. */
#ifndef VMS_LOADER_ELF_IDENT_H
#define VMS_LOADER_ELF_IDENT_H

#include <stddef.h>
#include <stdint.h>

#include "loader/message.h"

/* 0 or ENOEXEC with a sentence.  ident has EI_NIDENT bytes, zeros after the
 * file's end. */
int elf_ident_check(const struct message *message, const unsigned char *ident,
    uint64_t file_bytes);
int elf_machine_check(const struct message *message, unsigned machine);
int elf_type_check(const struct message *message, unsigned type);

/*
 * The bytes of a PT_NOTE segment, or their beginning, little-endian.  ENOEXEC
 * when one of them names another system; what is malformed names none.
 */
int elf_note_check(
    const struct message *message, const unsigned char *notes, size_t len);

#endif
