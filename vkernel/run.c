/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/run.h"

#include <errno.h>

#include "vkernel/clock.h"
#include "vkernel/kernel.h"
#include "vkernel/syscall.h"
#include "vkernel/trace_insn.h"
#include "vkernel/trap.h"
#include "vkernel/watchdog.h"

/* Instructions that may run now; false: none, the run is over. */
static bool
run_budget(struct vk_kernel *kernel, uint64_t *insns)
{
	uint64_t limit, retired;

	*insns = sched_budget(kernel);
	limit = kernel->options->limit_insns;
	if (limit == 0)
		return true;
	retired = vms_lwp_retired(kernel->lwp);
	if (retired >= limit)
		return false;
	if (limit - retired < *insns)
		*insns = limit - retired;
	return true;
}

static void
run_out(struct vk_kernel *kernel)
{
	kernel_limit(kernel, VK_LIMIT_INSNS);
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

static bool
run_is_over(const struct vk_thread *thread)
{
	return thread->process->kernel->ended || thread->process->exited ||
	       thread->exited || thread->state != THREAD_READY;
}

void
run_step(struct vk_thread *thread)
{
	struct vk_kernel *kernel;
	uint64_t budget;

	kernel = thread->process->kernel;
	if (thread->wait.again) {
		syscall_again(thread);
		return;
	}
	rseq_resume(thread);
	signal_deliver(thread);
	if (run_is_over(thread))
		return;
	if (watchdog_barks(kernel)) {
		kernel_limit(kernel, VK_LIMIT_TIMEOUT);
		return;
	}
	if (!run_budget(kernel, &budget)) {
		run_out(kernel);
		return;
	}
	if (budget == UINT64_MAX)
		budget = 0;
	if (budget != kernel->sched.budget)
		vms_lwp_set_budget(kernel->lwp, budget);
	kernel->sched.budget = budget;
	run_once(thread);
}
