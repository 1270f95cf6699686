/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers as ptrace shows them: arch/x86/kernel/ptrace.c of Linux. */
#include <stddef.h>
#include <string.h>

#include "vkernel/kernel.h"
#include "vkernel/ptrace.h"

#define RFLAGS_USER UINT64_C(0x50dd5)
#define SEL_CS      0x33
#define SEL_SS      0x2b

/* Places in struct user_regs_struct that are no registers of the frame. */
enum { ORIG_RAX = 15, CS = 17, FLAGS = 18, SS = 20, FS_BASE, GS_BASE };

struct reg_row {
	int place;
	size_t frame; /* offset in struct trapframe */
};

#define REG(place, name)                                                       \
	{                                                                      \
		place, offsetof(struct trapframe, tf_##name)                   \
	}

static const struct reg_row reg_rows[] = { REG(0, r15), REG(1, r14),
	REG(2, r13), REG(3, r12), REG(4, rbp), REG(5, rbx), REG(6, r11),
	REG(7, r10), REG(8, r9), REG(9, r8), REG(10, rax), REG(11, rcx),
	REG(12, rdx), REG(13, rsi), REG(14, rdi), REG(16, rip), REG(19, rsp) };

#define ROWS (sizeof(reg_rows) / sizeof(reg_rows[0]))

/* The last thing that it did was a system call. */
static bool
is_in_call(const struct vk_thread *thread)
{
	return thread->tf.tf_trapno == T_FAST_SYSCALL;
}

void
ptrace_get_regs(const struct vk_thread *thread, uint64_t *regs)
{
	const char *frame;
	size_t i;

	memset(regs, 0, PTRACE_REGS * sizeof(*regs));
	frame = (const char *)&thread->tf;
	for (i = 0; i < ROWS; i++)
		memcpy(&regs[reg_rows[i].place], frame + reg_rows[i].frame,
		    sizeof(*regs));
	regs[ORIG_RAX] = is_in_call(thread) ? thread->nr : UINT64_MAX;
	regs[CS] = SEL_CS;
	regs[SS] = SEL_SS;
	regs[FLAGS] = (uint64_t)thread->tf.tf_rflags;
	regs[FS_BASE] = (uint64_t)(uintptr_t)thread->vf.vx_tls.info[0].base;
	regs[GS_BASE] = (uint64_t)(uintptr_t)thread->vf.vx_tls.info[1].base;
}

/* A call that was interrupted is done again as long as the tracer leaves it
 * what it was. */
static void
set_call(struct vk_thread *thread, const uint64_t *regs)
{
	thread->tf.tf_trapno = 0;
	if ((int64_t)regs[ORIG_RAX] < 0) {
		thread->restart = 0;
		return;
	}
	thread->tf.tf_trapno = T_FAST_SYSCALL;
	thread->nr = regs[ORIG_RAX];
	thread->args[3] = (uint64_t)thread->tf.tf_r10;
	if (thread->tf.tf_rax != -(int64_t)thread->restart)
		thread->restart = 0;
}

int
ptrace_set_regs(struct vk_thread *thread, const uint64_t *regs)
{
	struct trapframe *tf;
	char *frame;
	size_t i;

	if (regs[FS_BASE] >= MM_VA_END || regs[GS_BASE] >= MM_VA_END)
		return LX_EIO;
	tf = &thread->tf;
	frame = (char *)tf;
	for (i = 0; i < ROWS; i++)
		memcpy(frame + reg_rows[i].frame, &regs[reg_rows[i].place],
		    sizeof(*regs));
	tf->tf_rflags = (int64_t)(((uint64_t)tf->tf_rflags & ~RFLAGS_USER) |
				  (regs[FLAGS] & RFLAGS_USER));
	thread->vf.vx_tls.info[0].base = (void *)(uintptr_t)regs[FS_BASE];
	thread->vf.vx_tls.info[1].base = (void *)(uintptr_t)regs[GS_BASE];
	set_call(thread, regs);
	return 0;
}
