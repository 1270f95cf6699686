/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the top down, as create_elf_tables() and copy_strings() of Linux:
 *
 *	stack_end  0 (8 bytes)
 *	           execfn, environment, arguments: strings, each in order
 *	           "x86_64", 16 random bytes
 *	           auxv, 0, envp, 0, argv, argc
 *	sp         multiple of 16
 */
#include "loader/stack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"

/* Tags of the auxiliary vector; <elf.h> is not on every host. */
enum {
	AUX_NULL = 0,
	AUX_PHDR = 3,
	AUX_PHENT = 4,
	AUX_PHNUM = 5,
	AUX_PAGESZ = 6,
	AUX_BASE = 7,
	AUX_FLAGS = 8,
	AUX_ENTRY = 9,
	AUX_UID = 11,
	AUX_EUID = 12,
	AUX_GID = 13,
	AUX_EGID = 14,
	AUX_PLATFORM = 15,
	AUX_HWCAP = 16,
	AUX_CLKTCK = 17,
	AUX_SECURE = 23,
	AUX_RANDOM = 25,
	AUX_EXECFN = 31
};

#define AUX_PAIRS 18

static const char platform[] = "x86_64";

struct builder {
	unsigned char *bytes;
	uint64_t sp;
	uint64_t at; /* guest address of the next byte to write */
};

struct vector {
	size_t count;
	uint64_t bytes; /* of the strings, with their ends */
};

static struct vector
vector_measure(const char *const *strings)
{
	struct vector v = { 0, 0 };

	for (; strings[v.count] != NULL; v.count++)
		v.bytes += strlen(strings[v.count]) + 1;
	return v;
}

static void
bytes_put(struct builder *b, const void *bytes, size_t len)
{
	memcpy(b->bytes + (b->at - b->sp), bytes, len);
	b->at += len;
}

/* Guests are little-endian on every host. */
static void
word_put(struct builder *b, uint64_t word)
{
	unsigned char le[8];

	for (unsigned i = 0; i < 8; i++)
		le[i] = (unsigned char)(word >> (8 * i));
	bytes_put(b, le, sizeof(le));
}

static void
strings_put(struct builder *b, const char *const *strings)
{
	for (; *strings != NULL; strings++)
		bytes_put(b, *strings, strlen(*strings) + 1);
}

/* The strings lie one after the other from va. */
static void
pointers_put(struct builder *b, const char *const *strings, uint64_t va)
{
	for (; *strings != NULL; strings++) {
		word_put(b, va);
		va += strlen(*strings) + 1;
	}
	word_put(b, 0);
}

struct places {
	uint64_t execfn, envp, argv, platform, random;
};

static void
aux_put(struct builder *b, const struct load_info *info,
    const struct elf_image *image, uint64_t entry, uint64_t phdr_va,
    const struct places *at)
{
	const struct {
		uint64_t tag, value;
	} rows[AUX_PAIRS] = {
		{ AUX_HWCAP, info->hwcap },
		{ AUX_PAGESZ, PAGE_BYTES },
		{ AUX_CLKTCK, info->clktck },
		{ AUX_PHDR, phdr_va },
		{ AUX_PHENT, image->phentsize },
		{ AUX_PHNUM, image->phnum },
		{ AUX_BASE, 0 },
		{ AUX_FLAGS, 0 },
		{ AUX_ENTRY, entry },
		{ AUX_UID, info->uid },
		{ AUX_EUID, info->euid },
		{ AUX_GID, info->gid },
		{ AUX_EGID, info->egid },
		{ AUX_SECURE, 0 },
		{ AUX_RANDOM, at->random },
		{ AUX_EXECFN, at->execfn },
		{ AUX_PLATFORM, at->platform },
		{ AUX_NULL, 0 },
	};

	for (size_t i = 0; i < AUX_PAIRS; i++) {
		word_put(b, rows[i].tag);
		word_put(b, rows[i].value);
	}
}

/* A quarter of the stack, as MAX_ARG of execve() with its pointers counted. */
static bool
vectors_fit(const struct load_info *info, uint64_t strings, uint64_t words)
{
	uint64_t room = info->stack_bytes / 4;

	return strings <= room && words <= (room - strings) / 8;
}

int
stack_build(const struct load_info *info, const struct elf_image *image,
    uint64_t entry, uint64_t phdr_va, struct stack_image *stack)
{
	struct vector argv = vector_measure(info->argv);
	struct vector envp = vector_measure(info->envp);
	size_t execfn_bytes = strlen(info->execfn) + 1;
	uint64_t words = 1 + argv.count + 1 + envp.count + 1 + 2 * AUX_PAIRS;
	struct places at;
	struct builder b;

	if (!vectors_fit(
		info, argv.bytes + envp.bytes + execfn_bytes + 64, words))
		return E2BIG;
	at.execfn = info->stack_end - 8 - execfn_bytes;
	at.envp = at.execfn - envp.bytes;
	at.argv = at.envp - argv.bytes;
	at.platform = (at.argv & ~UINT64_C(15)) - sizeof(platform);
	at.random = at.platform - sizeof(info->random);
	b.sp = (at.random - 8 * words) & ~UINT64_C(15);
	b.at = b.sp;
	b.bytes = calloc(1, (size_t)(info->stack_end - b.sp));
	if (b.bytes == NULL)
		return ENOMEM;
	word_put(&b, argv.count);
	pointers_put(&b, info->argv, at.argv);
	pointers_put(&b, info->envp, at.envp);
	aux_put(&b, info, image, entry, phdr_va, &at);
	b.at = at.random;
	bytes_put(&b, info->random, sizeof(info->random));
	bytes_put(&b, platform, sizeof(platform));
	b.at = at.argv;
	strings_put(&b, info->argv);
	strings_put(&b, info->envp);
	bytes_put(&b, info->execfn, execfn_bytes);
	stack->bytes = b.bytes;
	stack->len = (size_t)(info->stack_end - b.sp);
	stack->sp = b.sp;
	return 0;
}
