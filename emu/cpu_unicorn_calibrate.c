/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds, by experiment, where a context blob keeps the registers and three
 * values that the engine has no names for: the error code, the exception it
 * remembers, and whether the last exception was an int instruction.  Each must
 * be found at exactly one place, or this engine is not to be trusted.
 */
#include "emu/cpu_unicorn.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "emu/arena.h"
#include "emu/pte.h"

#define CODE_VA   UINT64_C(0x400000) /* snippets; read-only */
#define DATA_VA   UINT64_C(0x401000) /* read-only, not executable */
#define ABSENT_VA UINT64_C(0x402000)
#define SNIPPET   32 /* bytes for each sample */
#define SENTINEL  UINT64_C(0x5EED0CA15EED0000)
#define NOWHERE   SIZE_MAX

static const struct sample {
	const char *bytes;
	size_t len;
	uint32_t vector;     /* UINT32_MAX: syscall */
	uint32_t error_code; /* valid for page faults */
	uint32_t old_exception;
	uint32_t is_int;
} samples[] = {
	{ "\x0f\x05", 2, UINT32_MAX, UINT32_MAX, UINT32_MAX, 2 },
	{ "\x8b\x04\x25\x00\x20\x40\x00", 7, 14, 4, 14, 0 },
	{ "\xcd\x80", 2, 0x80, UINT32_MAX, UINT32_MAX, 1 },
	{ "\x89\x04\x25\x00\x20\x40\x00", 7, 14, 6, 14, 0 },
	{ "\x89\x04\x25\x00\x10\x40\x00", 7, 14, 7, 14, 0 },
	{ "\xcd\x21", 2, 0x21, UINT32_MAX, UINT32_MAX, 1 },
	{ "\xfa", 1, 13, 0, 13, 0 },
	{ "\xb8\x00\x10\x40\x00\xff\xe0", 7, 14, 0x15, 14, 0 },
	{ "\xb8\x00\x20\x40\x00\xff\xe0", 7, 14, 0x14, 14, 0 },
	{ "\x48\xc7\xc0\x00\x00\x00\x80\x8b\x00", 9, 14, 5, 14, 0 },
	{ "\xcd\x90", 2, 0x90, UINT32_MAX, UINT32_MAX, 1 },
	{ "\x0f\x05", 2, UINT32_MAX, UINT32_MAX, UINT32_MAX, 2 },
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* Pages that exist during calibration only. */
struct user {
	uint64_t tables[3], code, data;
};

static int user_map(struct cpu_unicorn *cu, struct user *user);
static void user_unmap(struct cpu_unicorn *cu, struct user *user);
static int calibrate(struct cpu_unicorn *cu, char *problem, size_t bytes);
static bool registers_find(struct cpu_unicorn *cu);
static size_t sentinel_find(struct cpu_unicorn *cu, int reg, uint64_t value);
static bool sample_take(struct cpu_unicorn *cu, size_t i, uc_context *blob);
static size_t offset_find(const struct cpu_unicorn *cu,
    uc_context *const *blobs, size_t field, uint32_t ignore);

int
unicorn_calibrate(struct cpu_unicorn *cu, char *problem, size_t bytes)
{
	struct user user = { { 0 }, 0, 0 };
	int error;

	snprintf(problem, bytes, "no memory");
	if ((error = user_map(cu, &user)) == 0)
		error = calibrate(cu, problem, bytes);
	user_unmap(cu, &user);
	return error;
}

static int
calibrate_blobs(
    struct cpu_unicorn *cu, uc_context **blobs, char *problem, size_t bytes)
{
	struct blob_map *at = &cu->at;

	if (!registers_find(cu)) {
		snprintf(problem, bytes, "registers not found in the context");
		return ENOTSUP;
	}
	for (size_t i = 0; i < SAMPLES; i++) {
		if (uc_context_alloc(cu->uc, &blobs[i]) != UC_ERR_OK)
			return ENOMEM;
		if (!sample_take(cu, i, blobs[i])) {
			snprintf(problem, bytes,
			    "instruction %u of the calibration trapped wrongly",
			    (unsigned)i);
			return ENOTSUP;
		}
	}
	at->error_code = offset_find(
	    cu, blobs, offsetof(struct sample, error_code), UINT32_MAX);
	at->old_exception = offset_find(
	    cu, blobs, offsetof(struct sample, old_exception), 0xffff);
	at->is_int = offset_find(cu, blobs, offsetof(struct sample, is_int), 2);
	if (at->error_code != NOWHERE && at->old_exception != NOWHERE &&
	    at->is_int != NOWHERE)
		return 0;
	snprintf(problem, bytes, "%s not found in the context",
	    at->error_code == NOWHERE      ? "the error code"
	    : at->old_exception == NOWHERE ? "the remembered exception"
					   : "the mark of int instructions");
	return ENOTSUP;
}

static int
calibrate(struct cpu_unicorn *cu, char *problem, size_t bytes)
{
	uc_context *blobs[SAMPLES] = { NULL };
	int error = unicorn_ring3_enter(cu, CODE_VA);

	if (error != 0)
		snprintf(problem, bytes, "ring 3 could not be entered");
	else
		error = calibrate_blobs(cu, blobs, problem, bytes);
	for (size_t i = 0; i < SAMPLES; i++)
		if (blobs[i] != NULL)
			uc_context_free(blobs[i]);
	return error;
}

static uint64_t *
table(const struct cpu_unicorn *cu, uint64_t pa)
{
	return (uint64_t *)(void *)arena_host(cu->arena, pa);
}

static int
user_map(struct cpu_unicorn *cu, struct user *user)
{
	uint64_t *made[] = { &user->tables[0], &user->tables[1],
		&user->tables[2], &user->code, &user->data };
	const uint64_t bits = PTE_P | PTE_W | PTE_U;
	uint64_t at = cu->own_root;
	int error;

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if ((error = arena_page_alloc(cu->arena, made[i])) != 0)
			return error;
	for (int level = 3; level > 0; level--) {
		uint64_t next = user->tables[3 - level];
		table(cu, at)[pte_index(CODE_VA, level)] = next | bits;
		at = next;
	}
	table(cu, at)[pte_index(CODE_VA, 0)] = user->code | PTE_P | PTE_U;
	table(cu, at)[pte_index(DATA_VA, 0)] =
	    user->data | PTE_P | PTE_U | PTE_NX;
	for (size_t i = 0; i < SAMPLES; i++)
		memcpy(arena_host(cu->arena, user->code) + i * SNIPPET,
		    samples[i].bytes, samples[i].len);
	return 0;
}

static void
user_unmap(struct cpu_unicorn *cu, struct user *user)
{
	uint64_t pages[] = { user->tables[0], user->tables[1], user->tables[2],
		user->code, user->data };

	table(cu, cu->own_root)[pte_index(CODE_VA, 3)] = 0;
	uc_reg_write(cu->uc, UC_X86_REG_CR3, &cu->own_root);
	if (cu->at.cr3 != 0 && user->code != 0)
		unicorn_code_drop(&cu->cpu, user->code);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (pages[i] != 0)
			arena_page_free(cu->arena, pages[i]);
}

static bool
registers_find(struct cpu_unicorn *cu)
{
	static const int regs[BLOB_REGS] = { UC_X86_REG_RAX, UC_X86_REG_RBX,
		UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RSI, UC_X86_REG_RDI,
		UC_X86_REG_RBP, UC_X86_REG_RSP, UC_X86_REG_R8, UC_X86_REG_R9,
		UC_X86_REG_R10, UC_X86_REG_R11, UC_X86_REG_R12, UC_X86_REG_R13,
		UC_X86_REG_R14, UC_X86_REG_R15, UC_X86_REG_RIP,
		UC_X86_REG_FS_BASE, UC_X86_REG_GS_BASE };
	bool found = true;

	for (size_t i = 0; i < BLOB_REGS && found; i++) {
		cu->at.regs[i] = sentinel_find(cu, regs[i], SENTINEL + i);
		found = cu->at.regs[i] != NOWHERE;
	}
	if (found) {
		cu->at.cr2 = sentinel_find(cu, UC_X86_REG_CR2, SENTINEL + 100);
		cu->at.cr3 =
		    sentinel_find(cu, UC_X86_REG_CR3, SENTINEL << 12 >> 12);
		found = cu->at.cr2 != NOWHERE && cu->at.cr3 != NOWHERE;
	}
	if (!found)
		cu->at.cr3 = 0;
	uc_context_restore(cu->uc, cu->pristine);
	uc_reg_write(cu->uc, UC_X86_REG_CR3, &cu->own_root);
	return found;
}

/* Where value appears in the blob when it is written to reg. */
static size_t
sentinel_find(struct cpu_unicorn *cu, int reg, uint64_t value)
{
	size_t found = NOWHERE;

	if (uc_context_restore(cu->uc, cu->pristine) != UC_ERR_OK ||
	    uc_reg_write(cu->uc, reg, &value) != UC_ERR_OK ||
	    uc_context_save(cu->uc, cu->scratch) != UC_ERR_OK)
		return NOWHERE;
	for (size_t at = 0; at + 8 <= cu->at.bytes; at += 4) {
		if (blob_get64(cu->scratch, at) != value)
			continue;
		if (found != NOWHERE)
			return NOWHERE;
		found = at;
	}
	return found;
}

static bool
sample_take(struct cpu_unicorn *cu, size_t i, uc_context *blob)
{
	bool syscall = samples[i].vector == UINT32_MAX;

	if (uc_context_restore(cu->uc, cu->pristine) != UC_ERR_OK)
		return false;
	cu->event = (struct event){ 0 };
	uc_emu_start(cu->uc, CODE_VA + i * SNIPPET, 0, 0, 0);
	if (syscall ? cu->event.kind != EVENT_SYSCALL
		    : cu->event.kind != EVENT_VECTOR ||
			  cu->event.vector != samples[i].vector)
		return false;
	return uc_context_save(cu->uc, blob) == UC_ERR_OK;
}

/* The only aligned place that holds, in every blob, what the sample says. */
static size_t
offset_find(const struct cpu_unicorn *cu, uc_context *const *blobs,
    size_t field, uint32_t ignore)
{
	size_t found = NOWHERE;
	uint32_t expected;

	for (size_t at = 0; at + 4 <= cu->at.bytes; at += 4) {
		size_t i;
		for (i = 0; i < SAMPLES; i++) {
			memcpy(&expected, (const char *)&samples[i] + field,
			    sizeof(expected));
			if (expected != ignore &&
			    blob_get32(blobs[i], at) != expected)
				break;
		}
		if (i < SAMPLES)
			continue;
		if (found != NOWHERE)
			return NOWHERE;
		found = at;
	}
	return found;
}
