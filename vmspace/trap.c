/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/trap.h"

#include <stdbool.h>

#include "base/assert.h"

/* A row for each exception of the processor; the vectors above are T_RESERVED.
 */
static const struct vector_row {
	uint8_t trapno;
	bool has_error;   /* the processor pushes an error code */
	bool clears_step; /* the host clears T in the reported flags */
} vectors[] = {
	[0] = { T_DIVIDE, false, false },
	[1] = { T_TRCTRAP, false, true },
	[2] = { T_NMI, false, false },
	[3] = { T_BPTFLT, false, true },
	[4] = { T_OFLOW, false, false },
	[5] = { T_BOUND, false, false },
	[6] = { T_PRIVINFLT, false, false },
	[7] = { T_DNA, false, false },
	[8] = { T_DOUBLEFLT, true, false },
	[9] = { T_FPOPFLT, false, false },
	[10] = { T_TSSFLT, true, false },
	[11] = { T_SEGNPFLT, true, false },
	[12] = { T_STKFLT, true, false },
	[13] = { T_PROTFLT, true, false },
	[14] = { T_PAGEFLT, true, false },
	[15] = { T_RESERVED, false, false },
	[16] = { T_ARITHTRAP, false, false },
	[17] = { T_ALIGNFLT, true, false },
	[18] = { T_MCHK, false, false },
	[19] = { T_XMMFLT, false, false },
};

static void fill(
    struct trapframe *tf, int64_t trapno, int64_t err, int64_t addr);
static void fill_fault(const struct run_exit *exit, struct trapframe *tf);
static void fill_vector(const struct cpu_exit *cpu, struct trapframe *tf);
static void fill_syscall(struct trapframe *tf);
static void fill_interrupted(const struct run_exit *exit, struct trapframe *tf);

void
trap_fill(const struct run_exit *exit, struct trapframe *tf)
{
	switch (exit->cpu.kind) {
	case CPU_EXIT_FAULT:
		fill_fault(exit, tf);
		break;
	case CPU_EXIT_TRAP:
		fill_vector(&exit->cpu, tf);
		break;
	case CPU_EXIT_INT:
		/* No gate but that of int3 is open to users: #GP whose error
		 * code names an entry of the interrupt table (bit 1). */
		fill(tf, T_PROTFLT, exit->cpu.vector * 8 + 2, 0);
		break;
	case CPU_EXIT_SYSCALL:
		fill_syscall(tf);
		break;
	case CPU_EXIT_BUDGET:
	case CPU_EXIT_STOPPED:
		fill_interrupted(exit, tf);
		break;
	case CPU_EXIT_ENGINE:
		VMS_ASSERT("engine-exit-is-an-error", false);
	}
}

static void
fill(struct trapframe *tf, int64_t trapno, int64_t err, int64_t addr)
{
	tf->tf_xflags = 0;
	tf->tf_trapno = trapno;
	tf->tf_err = err;
	tf->tf_addr = addr;
}

/* The error code describes the logical translation, whatever the engine's own
 * tables hold: a guest must not see when those were weaker. */
static void
fill_fault(const struct run_exit *exit, struct trapframe *tf)
{
	int64_t err = PGEX_U;

	if (exit->was_present)
		err |= PGEX_P;
	if (exit->cpu.access == CPU_WRITE)
		err |= PGEX_W;
	fill(tf, T_PAGEFLT, err, (int64_t)exit->cpu.addr);
}

static void
fill_vector(const struct cpu_exit *cpu, struct trapframe *tf)
{
	static const struct vector_row reserved = { T_RESERVED, false, false };
	const struct vector_row *row = &reserved;

	if (cpu->vector < sizeof(vectors) / sizeof(vectors[0]))
		row = &vectors[cpu->vector];
	fill(tf, row->trapno, row->has_error ? (int64_t)cpu->error : 0, 0);
	if (row->clears_step)
		tf->tf_rflags &= ~(int64_t)PSL_T;
}

/* As the entry code of sys/platform/pc64/x86_64/exception.S leaves it: the
 * fourth argument, which the guest passes in r10, takes the place of rcx, and
 * err is the length of the instruction.  The host does not write r10 and r11;
 * here r11 holds what the instruction leaves in it. */
static void
fill_syscall(struct trapframe *tf)
{
	tf->tf_rcx = tf->tf_r10;
	tf->tf_r11 = tf->tf_rflags;
	tf->tf_xflags = 0;
	tf->tf_trapno = T_FAST_SYSCALL;
	tf->tf_err = 2;
}

/* Before the first instruction the frame goes back as it came. */
static void
fill_interrupted(const struct run_exit *exit, struct trapframe *tf)
{
	if (exit->started)
		fill(tf, 0, 0, 0);
	else
		tf->tf_trapno = 0;
}
