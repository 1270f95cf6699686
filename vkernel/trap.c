/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults go to mm_fault(); everything else is a signal, with the numbers
 * of arch/x86/kernel/traps.c. */
#include "vkernel/trap.h"

#include <errno.h>
#include <string.h>

#include "vkernel/kernel.h"
#include "vkernel/report.h"

#define SPURIOUS_MAX 16

struct trap_row {
	int trapno; /* DragonFly's */
	int x86;    /* the processor's vector */
	int signal;
	int code;
	int addr_is_rip; /* si_addr is rip, else 0 */
};

static const struct trap_row trap_rows[] = { { T_PRIVINFLT, 6, LX_SIGILL,
						 LX_ILL_ILLOPN, 1 },
	{ T_BPTFLT, 3, LX_SIGTRAP, LX_SI_KERNEL, 0 },
	{ T_ARITHTRAP, 16, LX_SIGFPE, LX_FPE_FLTINV, 1 },
	{ T_PROTFLT, 13, LX_SIGSEGV, LX_SI_KERNEL, 0 },
	{ T_TRCTRAP, 1, LX_SIGTRAP, LX_TRAP_TRACE, 1 },
	{ T_ALIGNFLT, 17, LX_SIGBUS, LX_BUS_ADRALN, 0 },
	{ T_DIVIDE, 0, LX_SIGFPE, LX_FPE_INTDIV, 1 },
	{ T_OFLOW, 4, LX_SIGSEGV, LX_SI_KERNEL, 0 },
	{ T_BOUND, 5, LX_SIGSEGV, LX_SI_KERNEL, 0 },
	{ T_TSSFLT, 10, LX_SIGSEGV, LX_SI_KERNEL, 0 },
	{ T_SEGNPFLT, 11, LX_SIGBUS, LX_SI_KERNEL, 0 },
	{ T_STKFLT, 12, LX_SIGBUS, LX_SI_KERNEL, 0 },
	{ T_XMMFLT, 19, LX_SIGFPE, LX_FPE_FLTINV, 1 } };

static const struct trap_row *
trap_row(int64_t trapno)
{
	size_t i;

	for (i = 0; i < sizeof(trap_rows) / sizeof(trap_rows[0]); i++)
		if (trap_rows[i].trapno == trapno)
			return &trap_rows[i];
	return NULL;
}

static void
trap_signal(struct vk_thread *thread, int signal, int code, uint64_t addr)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal;
	info.si_code = code;
	info.u.addr = addr;
	thread->trap.rip = (uint64_t)thread->tf.tf_rip;
	if (report_is_due(thread, signal))
		report_fault(thread, &info);
	signal_force(thread, &info);
}

static enum mm_access
fault_access(const struct trapframe *tf)
{
	if ((tf->tf_err & PGEX_W) != 0)
		return MM_WRITE;
	/* The instruction itself is missing: nothing else can be read there. */
	if ((tf->tf_err & PGEX_I) != 0 || tf->tf_addr == tf->tf_rip)
		return MM_FETCH;
	return MM_READ;
}

/* Error code as Linux gives it: of its tables, and with the present bit for
 * what lies beyond user space. */
static void
fault_note(struct vk_thread *thread, enum mm_access access)
{
	struct vk_trap *trap;

	trap = &thread->trap;
	trap->trapno = 14;
	trap->cr2 = (uint64_t)thread->tf.tf_addr;
	trap->err = PGEX_U;
	if (access == MM_WRITE)
		trap->err |= PGEX_W;
	if (access == MM_FETCH)
		trap->err |= PGEX_I;
	if (trap->cr2 >= MM_VA_END ||
	    mm_is_present(thread->process->mm, trap->cr2))
		trap->err |= PGEX_P;
}

/* The library must not reflect what the tables permit. */
static void
fault_spurious(struct vk_thread *thread)
{
	uint64_t va;

	va = (uint64_t)thread->tf.tf_addr;
	if (thread->spurious_va != va)
		thread->spurious = 0;
	thread->spurious_va = va;
	if (++thread->spurious > SPURIOUS_MAX)
		kernel_fail(thread->process->kernel, EIO,
		    "a page fault that the page tables permit");
}

static bool
fault_is_too_many(struct vk_kernel *kernel)
{
	uint64_t most;

	most = kernel->options->max_faults;
	if (++kernel->result->faults <= most || most == 0)
		return false;
	kernel_limit(kernel, VK_LIMIT_FAULTS);
	return true;
}

static void
trap_fault(struct vk_thread *thread)
{
	enum mm_access access;
	enum mm_answer answer;
	uint64_t va;

	if (fault_is_too_many(thread->process->kernel))
		return;
	va = (uint64_t)thread->tf.tf_addr;
	access = fault_access(&thread->tf);
	answer = mm_fault(thread->process->mm, va, access);
	if (answer == MM_DONE)
		return;
	fault_note(thread, access);
	switch (answer) {
	case MM_DONE:
		break;
	case MM_SPURIOUS:
		fault_spurious(thread);
		break;
	case MM_UNMAPPED:
		trap_signal(thread, LX_SIGSEGV, LX_SEGV_MAPERR, va);
		break;
	case MM_DENIED:
		trap_signal(thread, LX_SIGSEGV, LX_SEGV_ACCERR, va);
		break;
	case MM_BEYOND:
		trap_signal(thread, LX_SIGBUS, LX_BUS_ADRERR, va);
		break;
	case MM_NO_MEMORY:
		kernel_message(thread->process->kernel,
		    "the guest's memory is used up (see --memory)");
		process_kill(thread->process, LX_SIGKILL);
		break;
	}
}

struct fp_row {
	unsigned bit;
	int code;
};

/* Priorities of fpu__exception_code(). */
static const struct fp_row fp_rows[] = { { 0x01, LX_FPE_FLTINV },
	{ 0x04, LX_FPE_FLTDIV }, { 0x08, LX_FPE_FLTOVF },
	{ 0x12, LX_FPE_FLTUND }, { 0x20, LX_FPE_FLTRES } };

/* x87: status & ~control; SSE: MXCSR flags that are not masked. */
static int
fp_code(struct vk_thread *thread, int trapno)
{
	uint8_t fp[512];
	unsigned bits, mxcsr;
	size_t i;

	sched_getfp(thread, fp);
	mxcsr = fp[24] | (unsigned)fp[25] << 8;
	bits = fp[2] & ~(unsigned)fp[0];
	if (trapno == T_XMMFLT)
		bits = mxcsr & ~(mxcsr >> 7);
	for (i = 0; i < sizeof(fp_rows) / sizeof(fp_rows[0]); i++)
		if ((bits & fp_rows[i].bit) != 0)
			return fp_rows[i].code;
	return LX_FPE_FLTINV;
}

static void
trap_other(struct vk_thread *thread, const struct trap_row *row)
{
	int code, trapno;

	trapno = (int)thread->tf.tf_trapno;
	thread->trap.trapno = (uint64_t)row->x86;
	thread->trap.err = (uint64_t)thread->tf.tf_err;
	thread->trap.cr2 = 0;
	code = row->code;
	if (trapno == T_ARITHTRAP || trapno == T_XMMFLT)
		code = fp_code(thread, trapno);
	trap_signal(thread, row->signal, code,
	    row->addr_is_rip ? (uint64_t)thread->tf.tf_rip : 0);
}

void
trap_handle(struct vk_thread *thread)
{
	const struct trap_row *row;

	if (thread->tf.tf_trapno == T_PAGEFLT) {
		trap_fault(thread);
		return;
	}
	row = trap_row(thread->tf.tf_trapno);
	if (row != NULL)
		trap_other(thread, row);
	else
		kernel_fail(thread->process->kernel, EIO, "an unknown trap");
}
