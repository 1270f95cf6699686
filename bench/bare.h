/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The least that runs ring-3 code on Unicorn: one engine, page tables that
 * are filled in beforehand, no spaces, no faults.  What the library is
 * measured against; it shares no code with it.
 */
#ifndef VMS_BENCH_BARE_H
#define VMS_BENCH_BARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bare_reg {
	BARE_RAX,
	BARE_RBX,
	BARE_RCX,
	BARE_RDX,
	BARE_RSI,
	BARE_RDI,
	BARE_RBP,
	BARE_RSP,
	BARE_R8,
	BARE_R9,
	BARE_R10,
	BARE_R11,
	BARE_R12,
	BARE_R13,
	BARE_R14,
	BARE_R15,
	BARE_RIP,
	BARE_RFLAGS,
	BARE_REGS
};

/* What ended a run; 0..255 is an exception. */
#define BARE_SYSCALL   1000
#define BARE_UNDEFINED 1001
#define BARE_FAILED    1002

#define BARE_WRITE 1u
#define BARE_EXEC  2u

struct bare;

/* NULL when the engine refuses or memory ends.  Freed by bare_close(). */
struct bare *bare_open(size_t ram_bytes);
void bare_close(struct bare *bare);

/* A new address space: the value for CR3; 0 when memory ends. */
uint64_t bare_space(struct bare *bare);
/* A new zeroed page of guest-physical memory; 0 when memory ends. */
uint64_t bare_page(struct bare *bare);
uint8_t *bare_host(struct bare *bare, uint64_t pa);
bool bare_map(
    struct bare *bare, uint64_t cr3, uint64_t va, uint64_t pa, unsigned how);

/* Where va is in guest-physical memory; 0: nowhere. */
uint64_t bare_lookup(struct bare *bare, uint64_t cr3, uint64_t va);

/* Drops what the engine remembers of page tables, too. */
void bare_set_cr3(struct bare *bare, uint64_t cr3);
void bare_set_fs(struct bare *bare, uint64_t base);
/* The registers that every run writes and reads back. */
uint64_t *bare_regs(struct bare *bare);
/* Writes 18 registers, runs to the next trap, reads 18 registers. */
int bare_run(struct bare *bare);

/* Runs an ELF executable with its interpreter, as far as bare_linux.h serves
 * it; its status, or -1 after a message on stderr. */
int bare_exec(const char *path, char *const argv[]);

#endif
