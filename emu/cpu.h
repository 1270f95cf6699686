/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring-3 x86-64 CPU that runs until it cannot.  It knows page tables in the
 * arena, but no spaces, objects or callers: it returns, it never calls up.
 *
 * One struct cpu is one engine.  The state of a guest thread that is not in
 * the registers of struct cpu_regs (FP, SSE) is a struct cpu_state; one state
 * at a time is entered.
 *
 * Contract of every exit that is returned by cpu_run() and then passed through
 * cpu_settle(): the registers are what the hardware would have at that event.
 *
 * Threads: the caller holds the run lock for every call except cpu_stop(),
 * which is async-signal-safe and may come at any time from any thread.
 */
#ifndef VMS_EMU_CPU_H
#define VMS_EMU_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Integer registers of the guest; rflags without sanitising. */
struct cpu_regs {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip, rflags;
	uint64_t fs_base, gs_base;
};

enum cpu_access { CPU_READ, CPU_WRITE, CPU_FETCH };

enum cpu_exit_kind {
	CPU_EXIT_FAULT, /* page fault; rip at the instruction */
	CPU_EXIT_TRAP,  /* another exception; rip as the hardware leaves it */
	CPU_EXIT_INT, /* int n, n != 3: rip AT the instruction, nothing done */
	CPU_EXIT_SYSCALL, /* syscall; rip past it; rcx and r11 NOT changed */
	CPU_EXIT_BUDGET,  /* exactly limits->budget_insns have been retired */
	CPU_EXIT_STOPPED, /* cpu_stop(); at an instruction boundary */
	CPU_EXIT_ENGINE   /* the engine failed: why says how; state undefined */
};

struct cpu_exit {
	enum cpu_exit_kind kind;
	uint8_t vector;         /* TRAP: exception number 0..31; INT: n */
	enum cpu_access access; /* FAULT; a read-modify-write is a write */
	uint32_t
	    error; /* TRAP, FAULT: hardware error code (the engine's P bit) */
	uint64_t addr;   /* FAULT: linear address, exact */
	uint64_t insns;  /* retired in this cpu_run(); 0 unless counting */
	const char *why; /* ENGINE: static text */
};

struct cpu_limits {
	uint64_t budget_insns; /* UINT64_MAX: none; needs counting */
};

struct cpu_state; /* FP and SSE registers of one guest thread */

/* A state by value. */
struct cpu_saved {
	uint8_t fxsave[512];
	uint64_t clock; /* what RDTSC reads */
};

struct cpu {
	const struct cpu_ops *ops;
};

struct cpu_ops {
	void (*destroy)(struct cpu *cpu);

	/* A state as after reset: FPCW 0x37f, MXCSR 0x1f80, registers 0. */
	int (*state_create)(struct cpu *cpu, struct cpu_state **out);
	void (*state_destroy)(struct cpu *cpu, struct cpu_state *state);
	/* 512 bytes, FXSAVE layout (64-bit form); also while entered. */
	void (*state_getfp)(
	    struct cpu *cpu, struct cpu_state *state, uint8_t *fxsave);
	void (*state_setfp)(
	    struct cpu *cpu, struct cpu_state *state, const uint8_t *fxsave);
	/* All of a state that has been created but not entered since, or whose
	 * run has ended.  ENOTSUP: its guest has loaded segment selectors,
	 * which cannot be saved. */
	int (*state_save)(
	    struct cpu *cpu, struct cpu_state *state, struct cpu_saved *saved);
	void (*state_load)(struct cpu *cpu, struct cpu_state *state,
	    const struct cpu_saved *saved);

	/* Makes state and regs the engine's; the previous state is kept in its
	 * own struct.  fp_off: the first FP or SSE instruction traps (#NM). */
	void (*enter)(struct cpu *cpu, struct cpu_state *state,
	    const struct cpu_regs *regs, bool fp_off);
	/* Registers as they are now; the state stays entered. */
	void (*get_regs)(struct cpu *cpu, struct cpu_regs *regs);

	/* Runs from where the registers stand until an exit. */
	void (*run)(struct cpu *cpu, const struct cpu_limits *limits,
	    struct cpu_exit *exit);
	/*
	 * Before an exit of run() is reported to a caller: makes rip, registers
	 * and counts exact.  A fetch fault whose rip lies before the faulting
	 * page is re-run instruction by instruction, which can turn *exit into
	 * another one; exit->insns then includes these instructions.
	 */
	void (*settle)(struct cpu *cpu, const struct cpu_limits *limits,
	    struct cpu_exit *exit);
	void (*stop)(struct cpu *cpu);

	/* Copies the supervisor entries of the root table into the zeroed page
	 * at root_pa. */
	void (*root_init)(struct cpu *cpu, uint64_t root_pa);
	/* Loads CR3, also with the same value: no translation survives. */
	void (*set_root)(struct cpu *cpu, uint64_t root_pa);
	/* Drops the translation of one page of the current root. */
	void (*flush_page)(struct cpu *cpu, uint64_t va);

	/* Called before a page-table entry that makes page pa executable at va
	 * is used for the first time, and again when its bytes changed and
	 * code_drop() was told: prepares what must be known before its code is
	 * translated. */
	void (*code_enter)(struct cpu *cpu, uint64_t va, uint64_t pa);
	/* Drops every piece of translated code made from page pa. */
	void (*code_drop)(struct cpu *cpu, uint64_t pa);
	/*
	 * For an instruction that stores into the page it lies in.  The page's
	 * entry (current root) is present, writable and NX, and stays so: the
	 * next run() executes the first instruction that has a byte in the
	 * page of va by itself, after looking at it; the one after it faults
	 * again.
	 */
	void (*code_step)(struct cpu *cpu, uint64_t va);

	/* Counting on or off, from the next run on; states survive. */
	int (*set_counting)(struct cpu *cpu, bool on);
	/* What RDTSC reads: retired instructions (needs counting), or, not
	 * counts, a clock of each state that moves with each RDTSC and each
	 * tick() only. */
	void (*set_clock)(struct cpu *cpu, bool counts);
	/* A RUN of the entered state has ended. */
	void (*tick)(struct cpu *cpu);
};

/* The Unicorn engine over arena.  ENOTSUP: too old or not to be calibrated
 * (cpu_unicorn_probe says why).  code_bytes 0: 64 MiB. */
int cpu_unicorn_create(
    struct arena *arena, uint64_t code_bytes, struct cpu **out);

/* Of the loaded library, "2.1.4". */
void cpu_unicorn_version(char version[16]);

struct cpu_probe {
	char version[16];
	char problem[160];        /* empty: usable */
	int error_code_offset;    /* -1: not found */
	int old_exception_offset; /* -1: not found */
	bool precise_stops;       /* false: a block hook looks for stops */
};
/* Opens a small engine, calibrates, closes it. */
void cpu_unicorn_probe(struct cpu_probe *probe);

/*
 * A CPU whose program is a list of steps, for testing the rooms above.  Each
 * run() checks and applies the next step; running off the list is
 * CPU_EXIT_ENGINE.
 */
struct cpu_script_step {
	struct cpu_exit exit;
	/* NULL, or called in run() with the registers, which it may change. */
	void (*action)(void *arg, struct cpu_regs *regs);
	void *arg;
};
int cpu_script_create(
    const struct cpu_script_step *steps, size_t count, struct cpu **out);
/* Steps used so far. */
size_t cpu_script_position(const struct cpu *cpu);

#endif
