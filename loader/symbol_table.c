/* SPDX-License-Identifier: BSD-2-Clause */
/* The file is hostile: nothing is taken from it but through libelf, which
 * checks offsets, and names are cleaned when they are used. */
#include "loader/symbol_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gelf.h>
#include <libelf.h>

#include "base/page.h"
#include "loader/message.h"

struct symbol {
	uint64_t start, end;
	const char *name; /* in the file */
};

struct symbol_table {
	Elf *elf;
	const uint8_t *file;
	size_t file_bytes;
	uint64_t entry;
	struct symbol *symbols; /* ascending by start */
	size_t count, capacity;
};

static int
symbol_add(
    struct symbol_table *table, uint64_t start, uint64_t end, const char *name)
{
	struct symbol *symbols;

	if (table->count == table->capacity) {
		size_t capacity = table->capacity * 2 + 64;

		symbols = realloc(table->symbols, capacity * sizeof(*symbols));
		if (symbols == NULL)
			return ENOMEM;
		table->symbols = symbols;
		table->capacity = capacity;
	}
	table->symbols[table->count++] = (struct symbol){ start, end, name };
	return 0;
}

/* The end of the code that the symbol's section has; 0: it is no code. */
static uint64_t
section_end(Elf *elf, const GElf_Sym *sym)
{
	Elf_Scn *section = elf_getscn(elf, sym->st_shndx);
	GElf_Shdr header;
	uint64_t end;

	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= SHN_LORESERVE ||
	    section == NULL || gelf_getshdr(section, &header) == NULL ||
	    (header.sh_flags & SHF_EXECINSTR) == 0 ||
	    add_wraps(header.sh_addr, header.sh_size, &end))
		return 0;
	return end;
}

static int
symbol_take(struct symbol_table *table, const GElf_Sym *sym, const char *name)
{
	unsigned type = GELF_ST_TYPE(sym->st_info);
	uint64_t end;

	if ((type != STT_FUNC && type != STT_NOTYPE) || name == NULL ||
	    *name == '\0')
		return 0;
	if (sym->st_size == 0)
		end = section_end(table->elf, sym);
	else if (type == STT_NOTYPE ||
		 add_wraps(sym->st_value, sym->st_size, &end))
		return 0;
	if (end <= sym->st_value)
		return 0;
	return symbol_add(table, sym->st_value, end, name);
}

static int
section_take(
    struct symbol_table *table, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym sym;
	int error = 0;

	for (int i = 0;
	     data != NULL && error == 0 && gelf_getsym(data, i, &sym) != NULL;
	     i++)
		error = symbol_take(table, &sym,
		    elf_strptr(table->elf, header->sh_link, sym.st_name));
	return error;
}

static int
by_start(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

static int
table_fill(struct symbol_table *table)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	GElf_Ehdr ehdr;
	int error = 0;

	if (elf_kind(table->elf) != ELF_K_ELF ||
	    gelf_getehdr(table->elf, &ehdr) == NULL ||
	    ehdr.e_machine != EM_X86_64)
		return ENOEXEC;
	table->entry = ehdr.e_entry;
	while (
	    error == 0 && (section = elf_nextscn(table->elf, section)) != NULL)
		if (gelf_getshdr(section, &header) != NULL &&
		    header.sh_type == SHT_SYMTAB)
			error = section_take(table, section, &header);
	if (table->count != 0)
		qsort(table->symbols, table->count, sizeof(*table->symbols),
		    by_start);
	return error;
}

int
symbol_table_create(const void *bytes, size_t len, struct symbol_table **out)
{
	struct symbol_table *table;
	int error;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return ENOEXEC;
	table = calloc(1, sizeof(*table));
	if (table == NULL)
		return ENOMEM;
	table->file = bytes;
	table->file_bytes = len;
	/* libelf only reads it. */
	table->elf = elf_memory((char *)(uintptr_t)bytes, len);
	error = table->elf == NULL ? ENOEXEC : table_fill(table);
	if (error == 0)
		*out = table;
	else
		symbol_table_destroy(table);
	return error;
}

void
symbol_table_destroy(struct symbol_table *table)
{
	if (table == NULL)
		return;
	if (table->elf != NULL)
		elf_end(table->elf);
	free(table->symbols);
	free(table);
}

uint64_t
symbol_table_entry(const struct symbol_table *table)
{
	return table->entry;
}

/* How many symbols start at or before va. */
static size_t
symbols_before(const struct symbol_table *table, uint64_t va)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->symbols[middle].start <= va)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
symbol_table_text(
    const struct symbol_table *table, uint64_t va, char *text, size_t room)
{
	size_t at = symbols_before(table, va);
	const struct symbol *symbol;

	text[0] = '\0';
	if (at == 0 || table->symbols[at - 1].end <= va)
		return false;
	symbol = &table->symbols[at - 1];
	if (symbol->start == va)
		snprintf(text, room, "%s", symbol->name);
	else
		snprintf(text, room, "%s+0x%" PRIx64, symbol->name,
		    va - symbol->start);
	message_clean(text);
	return true;
}

/* How many bytes of the segment's file part follow va in the file. */
static uint64_t
segment_covers(const struct symbol_table *table, const GElf_Phdr *segment,
    uint64_t va, uint64_t *off)
{
	uint64_t into = va - segment->p_vaddr;

	if (segment->p_type != PT_LOAD || va < segment->p_vaddr ||
	    into >= segment->p_filesz ||
	    add_wraps(segment->p_offset, into, off) ||
	    *off >= table->file_bytes)
		return 0;
	if (segment->p_filesz - into < table->file_bytes - *off)
		return segment->p_filesz - into;
	return table->file_bytes - *off;
}

size_t
symbol_table_bytes(
    const struct symbol_table *table, uint64_t va, void *buf, size_t len)
{
	uint64_t off, covers;
	GElf_Phdr segment;

	for (int i = 0; gelf_getphdr(table->elf, i, &segment) != NULL; i++) {
		covers = segment_covers(table, &segment, va, &off);
		if (covers == 0)
			continue;
		len = covers < len ? (size_t)covers : len;
		memcpy(buf, table->file + off, len);
		return len;
	}
	return 0;
}
