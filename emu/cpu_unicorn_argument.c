/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the argument of a hook stands in the engine's struct hook.
 *
 * While an engine has one block hook, it puts the hook's argument into each
 * block that it translates, as it is at that time.  So changing it between two
 * translations gives each block its own.  That has no public name; the place
 * is found by looking for the pointer that was given, and tried before it is
 * trusted.
 */
#include "emu/cpu_unicorn.h"

#include <string.h>

#include "base/page.h"

#define CODE_VA     0x10000
#define BLOCK_BYTES 64
/* Not more than the struct has in any version. */
#define HOOK_BYTES 64

static void
on_block(uc_engine *uc, uint64_t va, uint32_t size, void *arg)
{
	int *runs = arg;

	(void)uc;
	(void)va;
	(void)size;
	(*runs)++;
}

/* The only place that holds the pointer; 0: none or several. */
static size_t
place_find(uc_hook hook, const void *arg)
{
	const char *bytes = (const char *)hook;
	size_t found = 0;
	const void *value;

	for (size_t at = 0; at < HOOK_BYTES; at += sizeof(value)) {
		memcpy(&value, bytes + at, sizeof(value));
		if (value != arg)
			continue;
		if (found != 0)
			return 0;
		found = at;
	}
	return found;
}

/* Runs block number n, a hlt. */
static bool
run(uc_engine *uc, uint64_t n)
{
	uint64_t va = CODE_VA + n * BLOCK_BYTES;

	return uc_mem_write(uc, va, "\xf4", 1) == UC_ERR_OK &&
	       uc_emu_start(uc, va, 0, 0, 0) == UC_ERR_OK;
}

/* Two blocks, made under one argument each, keep it. */
static size_t
place_tried(uc_engine *uc, uc_hook hook, int runs[2])
{
	const int *second = &runs[1];
	size_t at = place_find(hook, &runs[0]);

	if (at == 0 || !run(uc, 0) || runs[0] != 1 || runs[1] != 0)
		return 0;
	memcpy((char *)hook + at, &second, sizeof(second));
	if (!run(uc, 1) || runs[0] != 1 || runs[1] != 1 ||
	    uc_emu_start(uc, CODE_VA, 0, 0, 0) != UC_ERR_OK)
		return 0;
	return runs[0] == 2 && runs[1] == 1 ? at : 0;
}

size_t
unicorn_argument_find(uc_engine *uc)
{
	int runs[2] = { 0, 0 };
	void (*fn)(uc_engine *, uint64_t, uint32_t, void *) = on_block;
	void *fn_pointer;
	uc_hook hook;
	size_t at = 0;

	memcpy(&fn_pointer, &fn, sizeof(fn_pointer));
	if (uc_mem_map(uc, CODE_VA, PAGE_BYTES, UC_PROT_ALL) != UC_ERR_OK)
		return 0;
	if (uc_hook_add(uc, &hook, UC_HOOK_BLOCK, fn_pointer, &runs[0], 1, 0) ==
	    UC_ERR_OK) {
		at = place_tried(uc, hook, runs);
		uc_hook_del(uc, hook);
	}
	return uc_mem_unmap(uc, CODE_VA, PAGE_BYTES) == UC_ERR_OK ? at : 0;
}
