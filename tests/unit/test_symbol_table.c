/* SPDX-License-Identifier: BSD-2-Clause */
/* An ELF file of one code section, one segment and a few symbols, made here so
 * that its bytes can be spoilt. */
#include <check.h>
#include <errno.h>
#include <gelf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader/symbol_table.h"

#define TEXT_VA 0x401000

struct file {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	uint8_t text[64];
	Elf64_Sym symbols[6];
	char strings[64];
	Elf64_Shdr sections[4]; /* null, .text, .symtab, its strings */
};

static const char names[] = "\0first\0second\0label\0data\0bad\x1b";
enum { FIRST = 1, SECOND = 7, LABEL = 14, DATA = 20, BAD = 25 };

static Elf64_Sym
symbol(unsigned name, unsigned type, unsigned section, uint64_t value,
    uint64_t size)
{
	return (Elf64_Sym){ .st_name = name,
		.st_info = (unsigned char)ELF64_ST_INFO(STB_GLOBAL, type),
		.st_shndx = (Elf64_Half)section,
		.st_value = value,
		.st_size = size };
}

static struct file *
file_make(void)
{
	struct file *f = calloc(1, sizeof(*f));

	ck_assert_ptr_nonnull(f);
	f->ehdr = (Elf64_Ehdr){ .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				    ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = TEXT_VA,
		.e_phoff = offsetof(struct file, phdr),
		.e_shoff = offsetof(struct file, sections),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 4,
		.e_shstrndx = 3 };
	f->phdr = (Elf64_Phdr){ .p_type = PT_LOAD,
		.p_offset = offsetof(struct file, text),
		.p_vaddr = TEXT_VA,
		.p_filesz = sizeof(f->text),
		.p_memsz = 4096 };
	for (size_t i = 0; i < sizeof(f->text); i++)
		f->text[i] = (uint8_t)i;
	f->symbols[1] = symbol(SECOND, STT_FUNC, 1, TEXT_VA + 16, 8);
	f->symbols[2] = symbol(FIRST, STT_FUNC, 1, TEXT_VA, 16);
	f->symbols[3] = symbol(LABEL, STT_NOTYPE, 1, TEXT_VA + 32, 0);
	f->symbols[4] = symbol(DATA, STT_OBJECT, 1, TEXT_VA + 40, 8);
	f->symbols[5] = symbol(BAD, STT_FUNC, 1, TEXT_VA + 56, 4);
	memcpy(f->strings, names, sizeof(names));
	f->sections[1] = (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
		.sh_flags = SHF_ALLOC | SHF_EXECINSTR,
		.sh_addr = TEXT_VA,
		.sh_offset = offsetof(struct file, text),
		.sh_size = sizeof(f->text) };
	f->sections[2] = (Elf64_Shdr){ .sh_type = SHT_SYMTAB,
		.sh_offset = offsetof(struct file, symbols),
		.sh_size = sizeof(f->symbols),
		.sh_link = 3,
		.sh_entsize = sizeof(Elf64_Sym) };
	f->sections[3] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
		.sh_offset = offsetof(struct file, strings),
		.sh_size = sizeof(f->strings) };
	return f;
}

static const struct {
	uint64_t va;
	const char *text; /* "": no name */
} rows[] = {
	{ TEXT_VA - 1, "" },
	{ TEXT_VA, "first" },
	{ TEXT_VA + 15, "first+0xf" },
	{ TEXT_VA + 16, "second" },
	{ TEXT_VA + 23, "second+0x7" },
	{ TEXT_VA + 24, "" },
	{ TEXT_VA + 32, "label" },
	{ TEXT_VA + 41, "label+0x9" },
	{ TEXT_VA + 57, "bad?+0x1" },
	{ TEXT_VA + 60, "" },
	{ UINT64_MAX, "" },
};

START_TEST(test_addresses_have_names)
{
	struct file *f = file_make();
	struct symbol_table *table;
	char text[64];
	bool found;

	ck_assert_int_eq(symbol_table_create(f, sizeof(*f), &table), 0);
	ck_assert_uint_eq(symbol_table_entry(table), TEXT_VA);
	found = symbol_table_text(table, rows[_i].va, text, sizeof(text));
	ck_assert_str_eq(text, rows[_i].text);
	ck_assert_int_eq(found, rows[_i].text[0] != '\0');
	symbol_table_destroy(table);
	free(f);
}
END_TEST

START_TEST(test_bytes_are_those_of_the_segment)
{
	struct file *f = file_make();
	struct symbol_table *table;
	uint8_t bytes[100];

	ck_assert_int_eq(symbol_table_create(f, sizeof(*f), &table), 0);
	ck_assert_uint_eq(
	    symbol_table_bytes(table, TEXT_VA + 60, bytes, sizeof(bytes)), 4);
	ck_assert_uint_eq(bytes[0], 60);
	ck_assert_uint_eq(symbol_table_bytes(table, TEXT_VA + 64, bytes, 1), 0);
	ck_assert_uint_eq(symbol_table_bytes(table, TEXT_VA - 1, bytes, 1), 0);
	symbol_table_destroy(table);
	free(f);
}
END_TEST

START_TEST(test_other_files_are_enoexec)
{
	struct file *f = file_make();
	struct symbol_table *table = NULL;

	f->ehdr.e_machine = EM_AARCH64;
	ck_assert_int_eq(symbol_table_create(f, sizeof(*f), &table), ENOEXEC);
	ck_assert_int_eq(
	    symbol_table_create("#!/bin/sh\n", 10, &table), ENOEXEC);
	ck_assert_ptr_null(table);
	free(f);
}
END_TEST

/* Whatever is spoilt: no crash, and every answer stays within the bytes. */
START_TEST(test_spoilt_files_are_survived)
{
	for (size_t at = 0; at < sizeof(struct file); at++) {
		struct file *f = file_make();
		struct symbol_table *table;
		size_t len = _i == 0 ? sizeof(*f) : at;
		uint8_t bytes[16], *copy;
		char text[64];

		((uint8_t *)f)[at] ^= (uint8_t)(_i == 0 ? 0xff : 0);
		copy = malloc(len + 1);
		memcpy(copy, f, len);
		if (symbol_table_create(copy, len, &table) == 0) {
			for (uint64_t va = 0; va < 64; va++)
				(void)symbol_table_text(
				    table, TEXT_VA + va, text, sizeof(text));
			(void)symbol_table_bytes(
			    table, TEXT_VA, bytes, sizeof(bytes));
			symbol_table_destroy(table);
		}
		free(copy);
		free(f);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("symbol_table");
	TCase *tc = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, test_addresses_have_names, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, test_bytes_are_those_of_the_segment);
	tcase_add_test(tc, test_other_files_are_enoexec);
	tcase_add_loop_test(tc, test_spoilt_files_are_survived, 0, 2);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
