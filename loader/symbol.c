/* SPDX-License-Identifier: BSD-2-Clause */
/* The file is hostile here too: nothing is taken from it but through libelf,
 * which checks offsets, and a name is cleaned. */
#include "loader/symbol.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <gelf.h>
#include <libelf.h>

#include "loader/message.h"

static bool
symbol_covers(const GElf_Sym *sym, uint64_t va)
{
	return GELF_ST_TYPE(sym->st_info) == STT_FUNC && sym->st_value <= va &&
	       (va - sym->st_value < sym->st_size ||
		   (sym->st_size == 0 && sym->st_value == va));
}

static bool
symbol_in_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
    uint64_t va, char *text, size_t room)
{
	const char *name;
	Elf_Data *data;
	GElf_Sym sym;
	int i;

	data = elf_getdata(section, NULL);
	if (data == NULL)
		return false;
	for (i = 0; gelf_getsym(data, i, &sym) != NULL; i++) {
		if (!symbol_covers(&sym, va))
			continue;
		name = elf_strptr(elf, header->sh_link, sym.st_name);
		if (name == NULL)
			return false;
		snprintf(text, room, "%s+0x%" PRIx64, name, va - sym.st_value);
		message_clean(text);
		return true;
	}
	return false;
}

static bool
symbol_in_elf(Elf *elf, uint64_t va, char *text, size_t room)
{
	Elf_Scn *section;
	GElf_Shdr header;

	for (section = NULL; (section = elf_nextscn(elf, section)) != NULL;)
		if (gelf_getshdr(section, &header) != NULL &&
		    header.sh_type == SHT_SYMTAB &&
		    symbol_in_section(elf, section, &header, va, text, room))
			return true;
	return false;
}

bool
symbol_find(const char *path, uint64_t va, char *text, size_t room)
{
	bool found;
	Elf *elf;
	int fd;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	found = elf != NULL && symbol_in_elf(elf, va, text, room);
	if (elf != NULL)
		elf_end(elf);
	close(fd);
	return found;
}
