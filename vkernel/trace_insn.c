/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/trace_insn.h"

#include "base/disasm.h"
#include "vkernel/kernel.h"
#include "vkernel/usercopy.h"

#define INSN_MAX 15

/* The bytes at va as far as they are there; faulting them in changes nothing
 * that the guest can see. */
static size_t
insn_fetch(struct vk_thread *thread, uint64_t va, uint8_t *bytes)
{
	size_t len;

	for (len = INSN_MAX; len > 0; len--)
		if (copyin(thread->process->mm, bytes, va, len) == 0)
			break;
	return len;
}

static void
insn_print(struct vk_thread *thread)
{
	struct vk_kernel *kernel;
	uint8_t bytes[INSN_MAX];
	char line[320];
	uint64_t va;
	size_t len;

	kernel = thread->process->kernel;
	va = (uint64_t)thread->tf.tf_rip;
	len = insn_fetch(thread, va, bytes);
	disasm_line(kernel->disasm, va, bytes, len, line, sizeof(line));
	fprintf(kernel->options->trace_insn, "%s\n", line);
	kernel_check_log(kernel, kernel->options->trace_insn);
}

int
trace_insn_step(struct vk_thread *thread)
{
	struct trapframe *tf;
	bool own;
	int error;

	tf = &thread->tf;
	if ((uint64_t)tf->tf_rip != thread->traced_rip)
		insn_print(thread);
	thread->traced_rip = UINT64_MAX;
	own = (tf->tf_rflags & PSL_T) != 0;
	tf->tf_rflags |= PSL_T;
	error = mm_run(thread->process->mm, thread->lwp, tf, &thread->vf);
	tf->tf_rflags &= ~(int64_t)PSL_T;
	if (own)
		tf->tf_rflags |= PSL_T;
	else if (error == 0 && tf->tf_trapno == T_TRCTRAP)
		tf->tf_trapno = 0;
	/* The same instruction runs again, but is printed once. */
	if (error == 0 && tf->tf_trapno == T_PAGEFLT)
		thread->traced_rip = (uint64_t)tf->tf_rip;
	return error;
}
