/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/run.h"

#include <errno.h>

#include "vkernel/clock.h"
#include "vkernel/kernel.h"
#include "vkernel/syscall.h"
#include "vkernel/trace_insn.h"
#include "vkernel/trap.h"

/* Instructions that may run now; false: none, the run is over. */
static bool
run_budget(struct vk_thread *thread, uint64_t *insns)
{
	struct vk_kernel *kernel;
	uint64_t limit, retired;

	kernel = thread->process->kernel;
	*insns = UINT64_MAX;
	if (clock_is_virtual(kernel))
		*insns = itimers_run(thread);
	limit = kernel->options->limit_insns;
	if (limit == 0)
		return true;
	retired = vms_lwp_retired(thread->lwp);
	if (retired >= limit)
		return false;
	if (limit - retired < *insns)
		*insns = limit - retired;
	return true;
}

static void
run_out(struct vk_kernel *kernel)
{
	kernel->result->end = VK_END_LIMIT;
	kernel->ended = true;
}

/* The process has its own opinion about T only when nobody traces. */
static int
run_guest(struct vk_thread *thread)
{
	struct vk_process *process;

	process = thread->process;
	thread->tf.tf_xflags = 0;
	thread->tf.tf_trapno = 0;
	if (process->kernel->options->trace_insn != NULL)
		return trace_insn_step(thread);
	return mm_run(process->mm, thread->lwp, &thread->tf, &thread->vf);
}

static void
run_error(struct vk_kernel *kernel, int error)
{
	switch (error) {
	case 0:
	case EINTR:
		break;
	case ENOMEM:
		kernel_fail(kernel, error, "host memory for the guest");
		break;
	default:
		kernel_fail(kernel, error, "vms_ctl");
	}
}

static void
run_once(struct vk_thread *thread)
{
	int error;

	error = run_guest(thread);
	if (error != 0)
		run_error(thread->process->kernel, error);
	else if (thread->tf.tf_trapno == T_FAST_SYSCALL)
		syscall_do(thread);
	else if (thread->tf.tf_trapno != 0)
		trap_handle(thread);
}

void
run_thread(struct vk_thread *thread)
{
	struct vk_kernel *kernel;
	uint64_t budget, old_budget;

	kernel = thread->process->kernel;
	old_budget = UINT64_MAX;
	for (;;) {
		signal_deliver(thread);
		if (kernel->ended || thread->process->exited)
			return;
		if (!run_budget(thread, &budget)) {
			run_out(kernel);
			return;
		}
		if (signal_deliverable(thread)) /* a timer's, just now */
			continue;
		if (budget != old_budget)
			vms_lwp_set_budget(
			    thread->lwp, budget == UINT64_MAX ? 0 : budget);
		old_budget = budget;
		run_once(thread);
	}
}
