/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes the engine look for stops at the start of a block only.
 *
 * Unicorn 2.1.4 also looks after every memory access, in the middle of an
 * instruction.  A stop from another thread that is seen there leaves rip at
 * an instruction whose store has been done, and `inc [m]` is then done twice.
 * The engine has a switch for that look (for Thumb's IT blocks) without a
 * public name.  It is found by experiment and tried before it is trusted:
 *
 *   context_content  int; follows uc_ctl_context_mode(), so it shows itself
 *   an int, next_pc (8 bytes), hook_insert, first_tb (1 byte each)
 *   no_exit_request  the switch
 *   init_done        1
 *
 * Where the trial fails, or VMS_STOP_HOOK is set for a test, a block hook looks
 * for stops instead, and nobody stops the engine from outside.
 */
#include "emu/cpu_unicorn.h"

#include <stdlib.h>
#include <string.h>

#define SCAN_BYTES                                                             \
	8192 /* the engine's struct is larger: 12 KiB of jmp_bufs              \
	      */
#define CODE_VA       0x1000
#define DATA_VA       0x2000
#define MEM_BYTES     0x2000
#define BYTES_PER_TRY 64
#define NOWHERE       SIZE_MAX

static size_t switch_find(uc_engine *uc);
static bool switch_tried(uc_engine *uc, size_t at);

static void
switch_set(uc_engine *uc, size_t at, uint8_t value)
{
	memcpy((char *)uc + at, &value, sizeof(value));
}

size_t
unicorn_precise_find(uc_engine *uc, size_t *argument)
{
	size_t at;

	*argument = 0;
	if (getenv("VMS_STOP_HOOK") != NULL)
		return NOWHERE;
	at = switch_find(uc);
	if (at != NOWHERE && !switch_tried(uc, at))
		at = NOWHERE;
	if (at != NOWHERE)
		*argument = unicorn_argument_find(uc);
	return at;
}

bool
unicorn_precise_set(uc_engine *uc, size_t at)
{
	const char *bytes = (const char *)uc;

	if (at == NOWHERE || bytes[at] != 0 || bytes[at + 1] != 1)
		return false;
	switch_set(uc, at, 1);
	return true;
}

/* The one int that is 3, 2 and 1 when the context mode is. */
static size_t
content_find(uc_engine *uc)
{
	static const int modes[] = { UC_CTL_CONTEXT_CPU | UC_CTL_CONTEXT_MEMORY,
		UC_CTL_CONTEXT_MEMORY, UC_CTL_CONTEXT_CPU };
	const size_t count = SCAN_BYTES / sizeof(int);
	unsigned char follows[SCAN_BYTES / sizeof(int)];
	size_t found = NOWHERE;
	int value;

	memset(follows, 1, sizeof(follows));
	for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
		if (uc_ctl_context_mode(uc, modes[m]) != UC_ERR_OK)
			return NOWHERE;
		for (size_t i = 0; i < count; i++) {
			memcpy(
			    &value, (const int *)(void *)uc + i, sizeof(value));
			follows[i] &= value == modes[m];
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (!follows[i])
			continue;
		if (found != NOWHERE)
			return NOWHERE;
		found = i * sizeof(int);
	}
	return found;
}

static size_t
switch_find(uc_engine *uc)
{
	size_t content = content_find(uc), next_pc;
	const char *bytes = (const char *)uc;

	if (content == NOWHERE)
		return NOWHERE;
	next_pc = (content + 2 * sizeof(int) + 7) & ~(size_t)7;
	if (bytes[next_pc + 8] != 0 || bytes[next_pc + 10] != 0 ||
	    bytes[next_pc + 11] != 1)
		return NOWHERE;
	return next_pc + 10;
}

static void
on_store(uc_engine *uc, uc_mem_type type, uint64_t va, int size, int64_t value,
    void *arg)
{
	(void)type;
	(void)va;
	(void)size;
	(void)value;
	(void)arg;
	uc_emu_stop(uc);
}

/*
 * mov [0x2000],eax; inc ecx; jmp to the next block: inc edx; hlt.  The store
 * asks for a stop: ecx tells whether the block was left at once, edx whether
 * the next one was run.
 */
static bool
try(uc_engine *uc, unsigned number, int32_t ecx_wanted)
{
	static const char code[] = "\x89\x04\x25\x00\x20\x00\x00\xff\xc1"
				   "\xeb\x00\xff\xc2\xf4";
	uint64_t va = CODE_VA + number * BYTES_PER_TRY;
	int32_t ecx = 0, edx = 0;

	if (uc_mem_write(uc, va, code, sizeof(code)) != UC_ERR_OK ||
	    uc_reg_write(uc, UC_X86_REG_ECX, &ecx) != UC_ERR_OK ||
	    uc_reg_write(uc, UC_X86_REG_EDX, &edx) != UC_ERR_OK ||
	    uc_emu_start(uc, va, 0, 0, 0) != UC_ERR_OK ||
	    uc_reg_read(uc, UC_X86_REG_ECX, &ecx) != UC_ERR_OK ||
	    uc_reg_read(uc, UC_X86_REG_EDX, &edx) != UC_ERR_OK)
		return false;
	return ecx == ecx_wanted && edx == 0;
}

static bool
switch_works(uc_engine *uc, size_t at)
{
	bool works;

	if (!try(uc, 0, 0))
		return false;
	switch_set(uc, at, 1);
	works = try(uc, 1, 1);
	switch_set(uc, at, 0);
	return works && try(uc, 2, 0);
}

static bool
switch_tried(uc_engine *uc, size_t at)
{
	void (*hook_fn)(uc_engine *, uc_mem_type, uint64_t, int, int64_t,
	    void *) = on_store;
	void *hook_pointer;
	uc_hook hook;
	bool works;

	memcpy(&hook_pointer, &hook_fn, sizeof(hook_pointer));
	if (uc_mem_map(uc, CODE_VA, MEM_BYTES, UC_PROT_ALL) != UC_ERR_OK)
		return false;
	works = uc_hook_add(uc, &hook, UC_HOOK_MEM_WRITE, hook_pointer, NULL, 1,
		    0) == UC_ERR_OK;
	if (works) {
		works = switch_works(uc, at);
		uc_hook_del(uc, hook);
	}
	return uc_mem_unmap(uc, CODE_VA, MEM_BYTES) == UC_ERR_OK && works;
}
