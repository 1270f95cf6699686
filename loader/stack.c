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
	AUX_HWCAP2 = 26,
	AUX_EXECFN = 31,
	AUX_MINSIGSTKSZ = 51
};

#define AUX_PAIRS 20

static const char platform[] = "x86_64";

struct builder {
	unsigned char *bytes;
	uint64_t sp;
	uint64_t at; /* guest address of the next byte to write */
};

struct vector {
	const char *const *strings;
	size_t count;
	uint64_t bytes;   /* of the strings, with their ends */
	uint64_t longest; /* of them */
};

static struct vector
vector_measure(const char *const *strings)
{
	struct vector v = { strings, 0, 0, 0 };

	for (; strings[v.count] != NULL; v.count++) {
		uint64_t bytes = strlen(strings[v.count]) + 1;

		v.bytes += bytes;
		if (bytes > v.longest)
			v.longest = bytes;
	}
	return v;
}

/* As execve() since Linux 5.18: programs rely on an argv[0]. */
static struct vector
argv_measure(const char *const *argv)
{
	static const char *const one_empty[] = { "", NULL };

	return vector_measure(argv[0] == NULL ? one_empty : argv);
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
strings_put(struct builder *b, const struct vector *v)
{
	for (size_t i = 0; i < v->count; i++)
		bytes_put(b, v->strings[i], strlen(v->strings[i]) + 1);
}

/* The strings lie one after the other from va. */
static void
pointers_put(struct builder *b, const struct vector *v, uint64_t va)
{
	for (size_t i = 0; i < v->count; i++) {
		word_put(b, va);
		va += strlen(v->strings[i]) + 1;
	}
	word_put(b, 0);
}

struct places {
	uint64_t execfn, envp, argv, platform, random, auxv, sp;
};

/* The order is that of create_elf_tables(). */
static void
aux_put(struct builder *b, const struct load_info *info,
    const struct stack_image_info *image, const struct places *at)
{
	const uint64_t secure =
	    info->uid != info->euid || info->gid != info->egid;
	const struct {
		uint64_t tag, value;
	} rows[AUX_PAIRS] = {
		{ AUX_MINSIGSTKSZ, info->minsigstksz },
		{ AUX_HWCAP, info->hwcap },
		{ AUX_PAGESZ, PAGE_BYTES },
		{ AUX_CLKTCK, info->clktck },
		{ AUX_PHDR, image->phdr_va },
		{ AUX_PHENT, image->phentsize },
		{ AUX_PHNUM, image->phnum },
		{ AUX_BASE, image->base },
		{ AUX_FLAGS, 0 },
		{ AUX_ENTRY, image->entry },
		{ AUX_UID, info->uid },
		{ AUX_EUID, info->euid },
		{ AUX_GID, info->gid },
		{ AUX_EGID, info->egid },
		{ AUX_SECURE, secure },
		{ AUX_RANDOM, at->random },
		{ AUX_HWCAP2, info->hwcap2 },
		{ AUX_EXECFN, at->execfn },
		{ AUX_PLATFORM, at->platform },
		{ AUX_NULL, 0 },
	};

	for (size_t i = info->minsigstksz == 0; i < AUX_PAIRS; i++) {
		word_put(b, rows[i].tag);
		word_put(b, rows[i].value);
	}
}

uint64_t
stack_room(const struct load_info *info)
{
	uint64_t room = info->stack_bytes / 4;

	if (room > LOAD_STRINGS_MAX)
		return LOAD_STRINGS_MAX;
	return room < LOAD_STRINGS_MIN ? LOAD_STRINGS_MIN : room;
}

/* As bprm_stack_limits() and copy_strings(). */
static bool
vectors_fit(const struct load_info *info, const struct vector *argv,
    const struct vector *envp, uint64_t execfn_bytes)
{
	uint64_t pointers = 8 * (uint64_t)(argv->count + envp->count);
	uint64_t room = stack_room(info);

	return pointers < room && argv->longest <= LOAD_STRING_MAX &&
	       envp->longest <= LOAD_STRING_MAX &&
	       execfn_bytes + argv->bytes + envp->bytes <= room - pointers;
}

static struct places
places_find(const struct load_info *info, const struct vector *argv,
    const struct vector *envp, uint64_t execfn_bytes)
{
	uint64_t pairs = AUX_PAIRS - (info->minsigstksz == 0);
	uint64_t pointers = 8 * (uint64_t)(argv->count + 1 + envp->count + 1);
	struct places at;

	at.execfn = info->bases.stack_end - 8 - execfn_bytes;
	at.envp = at.execfn - envp->bytes;
	at.argv = at.envp - argv->bytes;
	at.platform = (at.argv & ~UINT64_C(15)) - sizeof(platform);
	at.random = at.platform - sizeof(info->random);
	at.sp = (at.random - 8 - pointers - 16 * pairs) & ~UINT64_C(15);
	at.auxv = at.sp + 8 + pointers;
	return at;
}

int
stack_build(const struct load_info *info, const struct stack_image_info *image,
    struct stack_image *stack)
{
	struct vector argv = argv_measure(info->argv);
	struct vector envp = vector_measure(info->envp);
	size_t execfn_bytes = strlen(info->execfn) + 1;
	struct places at;
	struct builder b;

	if (!vectors_fit(info, &argv, &envp, execfn_bytes))
		return E2BIG;
	at = places_find(info, &argv, &envp, execfn_bytes);
	stack->len = (size_t)(info->bases.stack_end - at.sp);
	b.sp = b.at = at.sp;
	b.bytes = stack->bytes = calloc(1, stack->len);
	if (b.bytes == NULL)
		return ENOMEM;
	word_put(&b, argv.count);
	pointers_put(&b, &argv, at.argv);
	pointers_put(&b, &envp, at.envp);
	aux_put(&b, info, image, &at);
	stack->auxv_start = at.auxv;
	stack->auxv_end = b.at;
	b.at = at.random;
	bytes_put(&b, info->random, sizeof(info->random));
	bytes_put(&b, platform, sizeof(platform));
	b.at = at.argv;
	strings_put(&b, &argv);
	strings_put(&b, &envp);
	bytes_put(&b, info->execfn, execfn_bytes);
	stack->sp = at.sp;
	stack->arg_start = at.argv;
	stack->env_start = at.envp;
	stack->env_end = at.execfn;
	return 0;
}
