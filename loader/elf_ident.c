/* SPDX-License-Identifier: BSD-2-Clause */
/* Every byte of the file is hostile. */
#include "loader/elf_ident.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <gelf.h>

#define HEX "0x%" PRIx64

/* The one note type of all systems that says for whom a program is. */
#define NOTE_ABI 1

static int
abi_check(const struct message *message, unsigned char abi)
{
	const char *system = NULL;

	/* DragonFly's programs say FreeBSD or none. */
	if (abi == ELFOSABI_NETBSD)
		system = "NetBSD";
	else if (abi == ELFOSABI_FREEBSD)
		system = "FreeBSD or DragonFly";
	else if (abi == ELFOSABI_OPENBSD)
		system = "OpenBSD";
	else if (abi == ELFOSABI_SOLARIS)
		system = "Solaris";
	if (system != NULL)
		return message_fail(message, ENOEXEC,
		    "is a program for %s (OS ABI %u), not for Linux", system,
		    abi);
	if (abi != ELFOSABI_NONE && abi != ELFOSABI_LINUX)
		return message_fail(message, ENOEXEC,
		    "has the unknown OS ABI %u; a Linux program has 0 or 3",
		    abi);
	return 0;
}

static int
is_text(const unsigned char *ident)
{
	int i;

	for (i = 0; i < SELFMAG; i++)
		if (ident[i] != '\t' && ident[i] != '\n' &&
		    (ident[i] < 32 || ident[i] == 127))
			return 0;
	return 1;
}

int
elf_ident_check(const struct message *message, const unsigned char *ident,
    uint64_t file_bytes)
{
	if (ident[0] == '#' && ident[1] == '!')
		return message_fail(
		    message, ENOEXEC, "is a script (#!), not an ELF program");
	if (memcmp(ident, ELFMAG, SELFMAG) != 0 && is_text(ident))
		return message_fail(message, ENOEXEC,
		    "is not an ELF file but text without #!, which only a "
		    "shell runs: name the shell before it");
	if (memcmp(ident, ELFMAG, SELFMAG) != 0)
		return message_fail(message, ENOEXEC,
		    "is not an ELF file (its first bytes are "
		    "%02x %02x %02x %02x)",
		    ident[0], ident[1], ident[2], ident[3]);
	if (file_bytes < sizeof(Elf64_Ehdr))
		return message_fail(message, ENOEXEC,
		    "is too short for an ELF header: it has " HEX
		    " bytes, the header needs " HEX,
		    file_bytes, (uint64_t)sizeof(Elf64_Ehdr));
	if (ident[EI_CLASS] == ELFCLASS32)
		return message_fail(message, ENOEXEC,
		    "is a 32-bit program; only 64-bit programs can run");
	if (ident[EI_CLASS] != ELFCLASS64)
		return message_fail(message, ENOEXEC,
		    "has the unknown ELF class %u", ident[EI_CLASS]);
	if (ident[EI_DATA] == ELFDATA2MSB)
		return message_fail(message, ENOEXEC,
		    "is big-endian; x86-64 programs are little-endian");
	if (ident[EI_DATA] != ELFDATA2LSB)
		return message_fail(message, ENOEXEC,
		    "has the unknown byte order %u", ident[EI_DATA]);
	if (ident[EI_VERSION] != EV_CURRENT)
		return message_fail(message, ENOEXEC,
		    "has the unknown ELF version %u", ident[EI_VERSION]);
	return abi_check(message, ident[EI_OSABI]);
}

static const char *
machine_name(unsigned machine)
{
	static const struct {
		unsigned machine;
		const char *name;
	} rows[] = {
		{ EM_386, "x86 (32-bit)" },
		{ EM_AARCH64, "AArch64" },
		{ EM_ARM, "ARM (32-bit)" },
		{ EM_IA_64, "Itanium" },
		{ EM_MIPS, "MIPS" },
		{ EM_PPC, "PowerPC (32-bit)" },
		{ EM_PPC64, "PowerPC64" },
		{ 243, "RISC-V" },
		{ EM_S390, "S/390" },
		{ EM_SPARCV9, "SPARC64" },
		{ 258, "LoongArch" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].machine == machine)
			return rows[i].name;
	return "an unknown machine";
}

int
elf_machine_check(const struct message *message, unsigned machine)
{
	if (machine == EM_X86_64)
		return 0;
	return message_fail(message, ENOEXEC,
	    "is a program for %s (ELF machine %u), not for x86-64",
	    machine_name(machine), machine);
}

int
elf_type_check(const struct message *message, unsigned type)
{
	switch (type) {
	case ET_EXEC:
	case ET_DYN:
		return 0;
	case ET_REL:
		return message_fail(message, ENOEXEC,
		    "is a relocatable object, not a linked program");
	case ET_CORE:
		return message_fail(
		    message, ENOEXEC, "is a core dump, not a program");
	default:
		return message_fail(message, ENOEXEC,
		    "has the ELF type 0x%x; a program has 2 or 3", type);
	}
}

static uint32_t
word_get(const unsigned char *le)
{
	return (uint32_t)le[0] | (uint32_t)le[1] << 8 | (uint32_t)le[2] << 16 |
	       (uint32_t)le[3] << 24;
}

/* GNU's note says in its first word which kernel it means. */
static const char *
gnu_system(const unsigned char *desc, size_t len)
{
	static const char *const names[] = { NULL, "GNU Hurd", "Solaris",
		"kFreeBSD", "NetBSD", "Syllable", "Native Client" };
	uint32_t system = len < 4 ? 0 : word_get(desc);

	if (system >= sizeof(names) / sizeof(names[0]))
		return NULL;
	return names[system];
}

/* The system that owner's ABI note names; NULL: Linux, or no system. */
static const char *
note_system(const unsigned char *owner, size_t owner_len,
    const unsigned char *desc, size_t desc_len)
{
	static const char *const systems[] = { "DragonFly", "FreeBSD", "NetBSD",
		"OpenBSD" };

	if (owner_len == 4 && memcmp(owner, "GNU", 4) == 0)
		return gnu_system(desc, desc_len);
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		if (owner_len == strlen(systems[i]) + 1 &&
		    memcmp(owner, systems[i], owner_len) == 0)
			return systems[i];
	return NULL;
}

/*
 * A note: bytes of the owner's name, bytes of the description, type (words);
 * both, each filled up to a multiple of 4.  Those that fill up to 8 are
 * properties, which name nobody.
 */
int
elf_note_check(
    const struct message *message, const unsigned char *notes, size_t len)
{
	const char *system;
	size_t at = 0;

	while (len - at >= 12) {
		uint64_t owner_len = word_get(notes + at);
		uint64_t desc_len = word_get(notes + at + 4);
		uint64_t desc_at = at + 12 + ((owner_len + 3) & ~UINT64_C(3));
		uint64_t next = desc_at + ((desc_len + 3) & ~UINT64_C(3));

		if (next > len)
			break;
		system = word_get(notes + at + 8) != NOTE_ABI
			     ? NULL
			     : note_system(notes + at + 12, (size_t)owner_len,
				   notes + desc_at, (size_t)desc_len);
		if (system != NULL)
			return message_fail(message, ENOEXEC,
			    "is a program for %s (a note says so), not for "
			    "Linux",
			    system);
		at = (size_t)next;
	}
	return 0;
}
