/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared by the parts of the Unicorn CPU; nobody else includes it.
 *
 *   cpu_unicorn.c            create, destroy, the table of operations
 *   cpu_unicorn_setup.c      paging, descriptors, the way into ring 3
 *   cpu_unicorn_precise.c    stops are seen between blocks only
 *   cpu_unicorn_calibrate.c  where the context blob keeps what
 *   cpu_unicorn_state.c      registers in and out, FP images
 *   cpu_unicorn_run.c        run, step, settle
 *   cpu_unicorn_event.c      what stopped the engine -> struct cpu_exit
 *   cpu_unicorn_code.c       translated code: hazards, dropping
 *   cpu_unicorn_count.c      retired instructions, budgets
 *   cpu_unicorn_argument.c   each block its own argument for a hook
 *   cpu_unicorn_guard.c      instructions that must not be translated
 *   cpu_unicorn_mixed.c      instructions that store into their own page
 *   cpu_unicorn_stop.c       stops from other threads
 *
 * A *blob* is a uc_context: a copy of the engine's register file, from whose
 * calibrated offsets registers are taken and put faster than one by one.
 * Invariant: after each start of the engine the blob of the entered state
 * equals the engine's registers; cu->have says what both hold, cu->regs what
 * they shall hold at the next start.
 */
#ifndef VMS_EMU_CPU_UNICORN_H
#define VMS_EMU_CPU_UNICORN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unicorn/unicorn.h>

#include "base/u64map.h"
#include "emu/cpu.h"
#include "emu/insn.h"

#define FLAG_TF UINT64_C(0x100)
#define FLAG_VM UINT64_C(0x20000)

/* The supervisor's half of every address space. */
#define SUPER_VA   UINT64_C(0xFFFFFFFF80000000)
#define SUPER_GDT  SUPER_VA
#define SUPER_CODE (SUPER_VA + 0x1000)
#define SUPER_TOP  (SUPER_VA + 0x3000) /* top of the stack page */
#define WINDOW_VA                                                              \
	UINT64_C(0xFFFFFF0000000000) /* executable view of the arena */

/* Integer registers in a blob, in the order of struct cpu_regs; rflags is
 * kept lazily there and therefore is not one of them. */
#define BLOB_REGS 19 /* 16 general ones, rip, fs_base, gs_base */

struct blob_map {
	size_t bytes;
	size_t regs[BLOB_REGS];
	size_t cr2, cr3;
	size_t error_code, old_exception, is_int;
};

struct cpu_state {
	uc_context *blob;
	uint64_t rflags; /* what the blob holds */
	bool fp_off;     /* what the blob's CR0 says */
	uint64_t clock;  /* what RDTSC reads, from run to run */
};

enum event_kind {
	EVENT_NONE,
	EVENT_VECTOR, /* an exception or int n */
	EVENT_SYSCALL,
	EVENT_INVALID, /* an instruction the engine does not know */
	EVENT_HAZARD,  /* a block with a hazard was translated, not run */
	EVENT_SHORT,   /* the next block would pass the budget */
	EVENT_STEPPED, /* the next instruction is the second of a step */
	EVENT_FULL     /* all code must be dropped before more is made */
};

struct event {
	enum event_kind kind;
	uint32_t vector;
	bool captured; /* is_int, error and addr were saved in the hook */
	bool is_int;
	uint32_t error;
	uint64_t addr; /* VECTOR 14: CR2; HAZARD: start of the block */
	uint64_t size; /* HAZARD: of the block */
};

/* A translated block, for counting. */
struct block {
	struct cpu_unicorn *cu;
	uint64_t insns, addr;
	uint32_t size, run; /* run: cu->seen_run when it was looked at */
};

#define SEEN_BLOCKS 4096 /* power of two */
#define EXIT_MAX    64   /* more of them: every instruction is stepped */

/* A virtual address where an instruction may start that must not be
 * translated, with the page its bytes are in. */
struct guard {
	uint64_t va; /* GUARD_WHOLE_PAGE: too many on that page */
	uint64_t pa;
};
#define GUARD_WHOLE_PAGE UINT64_MAX

/* A page that has been searched; all is known about it until it is dropped. */
struct searched {
	uint64_t va, pa; /* pa 0: none */
};
#define SEARCHED_PAGES 1024 /* power of two */

#define MIXED_NONE UINT64_MAX

struct cpu_unicorn {
	struct cpu cpu;
	struct arena *arena;
	uc_engine *uc;
	struct blob_map at;
	uc_context *pristine; /* ring 3, all registers clean */
	uc_context *ring0;
	uc_context *scratch;
	uint64_t super_pages[8]; /* of the arena */
	unsigned super_count;
	uint64_t own_root, super_pml4, window_pml4, stack_pa;
	uint64_t root_pa; /* what CR3 holds ... */
	bool root_due;    /* ... from the next start on */

	struct cpu_state *entered;
	struct cpu_state *live; /* whose registers are in the engine */
	bool latched;           /* the engine remembers an exception */
	bool fp_off;
	struct cpu_regs regs, have;

	/* The run in progress. */
	bool in_guest;
	struct event event;
	uint64_t limit;                  /* budget of instructions */
	uint64_t hazard_va, hazard_size; /* block to be stepped through */
	bool short_left;                 /* step until the budget is used up */
	bool stepping; /* the engine does one instruction ... */
	bool stepped;  /* ... and has begun it */
	uint64_t step_va;

	/* The page of code_step(), executable only while it is stepped. */
	uint64_t mixed_va; /* MIXED_NONE */
	uint64_t mixed_root;
	int mixed_entering; /* steps that may come before it is reached */
	bool mixed_stepped; /* the one instruction has its turn */
	bool mixed_open;

	/* Translated code. */
	uint64_t code_bytes;
	bool precise; /* an outside stop is seen between blocks only */
	bool counting;
	bool clock_counts; /* of set_clock() */
	struct guard *guards;
	size_t guard_count, guard_capacity;
	size_t whole_pages;   /* guards that are GUARD_WHOLE_PAGE */
	bool guards_overflow; /* no memory to note one */
	uint64_t armed;       /* bits of the guards the engine stops at */
	size_t exit_count;    /* how many that are */
	bool capture;         /* take the event in the hook; see there */
	struct u64map seams;  /* page number -> what crosses its start */
	struct searched searched[SEARCHED_PAGES]; /* by page of pa */

	/* Counting. */
	uint64_t retired;
	const struct block *last;    /* that ran last; NULL: not known */
	atomic_uint_least64_t fence; /* a count past it is looked at ... */
	uc_cb_hookcode_t on_fence;   /* ... here */
	uc_hook block_hook;
	size_t argument; /* where the hook has it; 0: not known */
	uint32_t record_next, record_max;
	struct block *records; /* one for each block */
	struct block *seen;    /* without records: a cache by address ... */
	uint32_t seen_run;     /* ... that ends with each start */
	struct block odd;      /* for cu->last: has no record */

	/* Stopping. */
	atomic_bool stop, running, plain;
	atomic_uint stoppers;
	atomic_ulong poked, poke_seen;
	atomic_bool quit;
	int pipe[2];
	pthread_t helper;
	bool helper_up;
};

static inline struct cpu_unicorn *
cpu_unicorn(struct cpu *cpu)
{
	return (struct cpu_unicorn *)(void *)cpu;
}

/* setup */
int unicorn_engine_open(
    struct arena *arena, uint64_t code_bytes, struct cpu_unicorn *cu);
void unicorn_engine_close(struct cpu_unicorn *cu);
/* Enters ring 3 at rip, where a syscall is, and saves cu->pristine. */
int unicorn_ring3_enter(struct cpu_unicorn *cu, uint64_t rip);
/* The entry of va's page in the current tables; NULL when va is not mapped
 * for the user. */
uint64_t *unicorn_leaf(const struct cpu_unicorn *cu, uint64_t va);
/* Copies up to len bytes at va, as far as they are mapped. */
size_t unicorn_peek(
    const struct cpu_unicorn *cu, uint64_t va, void *buf, size_t len);
bool unicorn_poke(struct cpu_unicorn *cu, uint64_t va, uint8_t byte);
/* Runs the supervisor code at va, up to its hlt. */
bool unicorn_super_run(struct cpu_unicorn *cu, uint64_t va, uint64_t rax);
void unicorn_super_enter(struct cpu_unicorn *cu);

/* precise */
/* Where every engine of this library has the switch; SIZE_MAX: not known.
 * Then *argument is 0, else as unicorn_argument_find() says.  Tries it on uc,
 * whose memory is empty; translated code, hooks and registers stay behind. */
size_t unicorn_precise_find(uc_engine *uc, size_t *argument);
/* Before any code is translated.  false: at does not fit this engine. */
bool unicorn_precise_set(uc_engine *uc, size_t at);

/* calibrate */
int unicorn_calibrate(struct cpu_unicorn *cu, char *problem, size_t bytes);

/* state */
uint64_t blob_get64(const uc_context *blob, size_t offset);
uint32_t blob_get32(const uc_context *blob, size_t offset);
void blob_put64(uc_context *blob, size_t offset, uint64_t value);
void blob_put32(uc_context *blob, size_t offset, uint32_t value);
int unicorn_state_create(struct cpu *cpu, struct cpu_state **out);
void unicorn_state_destroy(struct cpu *cpu, struct cpu_state *state);
void unicorn_state_getfp(
    struct cpu *cpu, struct cpu_state *state, uint8_t *fxsave);
void unicorn_state_setfp(
    struct cpu *cpu, struct cpu_state *state, const uint8_t *fxsave);
int unicorn_state_save(
    struct cpu *cpu, struct cpu_state *state, struct cpu_saved *saved);
void unicorn_state_load(
    struct cpu *cpu, struct cpu_state *state, const struct cpu_saved *saved);
void unicorn_enter(struct cpu *cpu, struct cpu_state *state,
    const struct cpu_regs *regs, bool fp_off);
void unicorn_get_regs(struct cpu *cpu, struct cpu_regs *regs);
void unicorn_regs_load(struct cpu_unicorn *cu);
void unicorn_regs_save(struct cpu_unicorn *cu);
/* Completes cu->event from the blob. */
void unicorn_event_take(struct cpu_unicorn *cu, const uc_context *blob);

/* run */
void unicorn_run(
    struct cpu *cpu, const struct cpu_limits *limits, struct cpu_exit *exit);
void unicorn_settle(
    struct cpu *cpu, const struct cpu_limits *limits, struct cpu_exit *exit);

void unicorn_code_step(struct cpu *cpu, uint64_t va);

/* clock of RDTSC */
void unicorn_set_clock(struct cpu *cpu, bool counts);
void unicorn_tick(struct cpu *cpu);
/* Retired instructions are what RDTSC reads. */
static inline bool
unicorn_clock_counts(const struct cpu_unicorn *cu)
{
	return cu->counting && cu->clock_counts;
}

/* event */
/* Translates cu->event; true: *exit is to be reported. */
bool unicorn_event_exit(
    struct cpu_unicorn *cu, uc_err err, struct cpu_exit *exit);
bool unicorn_hazard_exit(
    struct cpu_unicorn *cu, const struct insn *insn, struct cpu_exit *exit);
/* Decodes the instruction at rip. */
bool unicorn_insn(const struct cpu_unicorn *cu, struct insn *insn);

/* code */
void unicorn_code_drop(struct cpu *cpu, uint64_t pa);
void unicorn_flush_page(struct cpu *cpu, uint64_t va);
void unicorn_on_edge(uc_engine *uc, uc_tb *made, uc_tb *before, void *arg);
/* Instructions that begin in the size bytes at va. */
uint32_t unicorn_block_insns(
    const struct cpu_unicorn *cu, uint64_t va, size_t size);

/* argument */
/* Where a hook of this library has its argument; 0: not known.  Tries it on
 * uc, as unicorn_precise_find() does. */
size_t unicorn_argument_find(uc_engine *uc);

/* count */
int unicorn_set_counting(struct cpu *cpu, bool on);
/* Without cu->precise: the hook that looks for stops. */
int unicorn_stop_hook_add(struct cpu_unicorn *cu);
/* Around each start of the engine for the guest. */
void unicorn_count_begin(struct cpu_unicorn *cu);
void unicorn_count_end(struct cpu_unicorn *cu);
/* A block has been translated; insns 0: not looked at. */
void unicorn_count_made(
    struct cpu_unicorn *cu, const uc_tb *made, uint32_t insns);
/* In a hook: ends the run before the block that would come next. */
void unicorn_stop_before(struct cpu_unicorn *cu, enum event_kind kind);
/* Takes back what the last block counted from rip on. */
void unicorn_uncount(struct cpu_unicorn *cu, uint64_t rip);

/* mixed */
/* Whether the page of code_step() is why the next instruction is stepped;
 * opens and closes that page. */
bool unicorn_mixed_wants(struct cpu_unicorn *cu);
void unicorn_mixed_end(struct cpu_unicorn *cu);

/* guard */
void unicorn_code_enter(struct cpu *cpu, uint64_t va, uint64_t pa);
void unicorn_guards_drop(struct cpu_unicorn *cu, uint64_t pa);
/* Before the engine runs freely: it stops at guards that can be reached. */
void unicorn_guards_arm(struct cpu_unicorn *cu);
bool unicorn_guarded(const struct cpu_unicorn *cu, uint64_t va);
/* Every instruction has to be looked at before it runs. */
bool unicorn_must_step(const struct cpu_unicorn *cu);

/* stop */
int unicorn_stop_init(struct cpu_unicorn *cu);
void unicorn_stop_finish(struct cpu_unicorn *cu);
void unicorn_stop(struct cpu *cpu);
void unicorn_run_begin(struct cpu_unicorn *cu);
void unicorn_run_end(struct cpu_unicorn *cu);
/* True once for each stop. */
bool unicorn_stop_taken(struct cpu_unicorn *cu);
/* Waits until no stop of the plain kind is under way. */
void unicorn_stop_drain(struct cpu_unicorn *cu);

#endif
