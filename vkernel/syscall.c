/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/syscall.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/os.h"
#include "vkernel/errno_map.h"
#include "vkernel/nosys.h"
#include "vkernel/strace.h"
#include "vkernel/strace_text.h"
#include "vkernel/watchdog.h"

static const struct syscall_row rows[VK_SYSCALLS] = {
#define SYS(number, name, formats) [number] = { #name, formats, sys_##name, 0 },
#define NOSYS(number, name)        [number] = { #name, "xxxxxx", NULL, LX_ENOSYS },
#define REFUSED(number, name, formats, error)                                  \
	[number] = { #name, formats, NULL, LX_##error },
#include "vkernel/syscall_list.h"
#undef REFUSED
#undef NOSYS
#undef SYS
};

const struct syscall_row *
syscall_row(uint64_t nr)
{
	return nr < VK_SYSCALLS ? &rows[nr] : NULL;
}

int64_t
host_error(void)
{
	return -(int64_t)errno_to_linux(errno);
}

int64_t
host_result(int64_t result)
{
	return result == -1 ? host_error() : result;
}

/* --strict: the run ends here. */
static void
syscall_refuse(const struct vk_thread *thread)
{
	struct vk_kernel *kernel;
	const char *name;

	kernel = thread->process->kernel;
	name = thread->nr < VK_SYSCALLS ? rows[thread->nr].name : NULL;
	if (kernel->ended)
		return;
	kernel_message(kernel,
	    "%s (process %d) made system call %" PRIu64
	    " (%s), which is not provided, before 0x%" PRIx64,
	    thread->process->exe, thread->process->pid, thread->nr,
	    name == NULL ? "no name" : name, (uint64_t)thread->tf.tf_rip);
	kernel->result->end = VK_END_FAILED;
	kernel->result->value = ENOSYS;
	kernel->ended = true;
}

static int64_t
syscall_unknown(struct vk_thread *thread)
{
	struct vk_kernel *kernel;

	kernel = thread->process->kernel;
	if (thread->nr < VK_SYSCALLS)
		kernel->unknown[thread->nr]++;
	else
		kernel->unknown_others++;
	if (kernel->options->strict && !nosys_is_quiet(thread->nr))
		syscall_refuse(thread);
	return -LX_ENOSYS;
}

/* What the syscall instruction itself leaves: rcx and r11.  The frame has the
 * fourth argument in rcx. */
static void
syscall_take(struct vk_thread *thread)
{
	struct trapframe *tf;

	tf = &thread->tf;
	thread->nr = (uint64_t)tf->tf_rax;
	thread->args[0] = (uint64_t)tf->tf_rdi;
	thread->args[1] = (uint64_t)tf->tf_rsi;
	thread->args[2] = (uint64_t)tf->tf_rdx;
	thread->args[3] = (uint64_t)tf->tf_rcx;
	thread->args[4] = (uint64_t)tf->tf_r8;
	thread->args[5] = (uint64_t)tf->tf_r9;
	thread->restart = 0;
	tf->tf_r10 = tf->tf_rcx;
	tf->tf_rcx = tf->tf_rip;
	tf->tf_r11 = tf->tf_rflags;
}

static int64_t
syscall_call(struct vk_thread *thread)
{
	struct vk_files_as *as;
	const struct syscall_row *row;
	int64_t result;

	row = syscall_row(thread->nr);
	if (row == NULL || row->name == NULL)
		return syscall_unknown(thread);
	if (row->call == NULL && row->error == LX_ENOSYS)
		return syscall_unknown(thread);
	if (row->call == NULL)
		return -row->error;
	as = &thread->process->kernel->files_as;
	files_as_guest(thread);
	result = row->call(thread, thread->args);
	files_as_host(as);
	return result;
}

/* A call that restart_syscall(2) did stays the one to go on with. */
static void
restart_note(struct vk_thread *thread)
{
	struct vk_restart *restart;

	restart = &thread->restart_call;
	if (thread->nr == LX_NR_RESTART_SYSCALL)
		return;
	restart->nr = thread->nr;
	memcpy(restart->args, thread->args, sizeof(restart->args));
	restart->timed = thread->wait.timed;
	restart->deadline_ns = thread->wait.deadline_ns;
}

int64_t
sys_restart_syscall(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_restart *restart;

	(void)args;
	restart = &thread->restart_call;
	if (restart->nr >= VK_SYSCALLS || rows[restart->nr].call == NULL)
		return -LX_EINTR;
	if (restart->timed)
		wait_until(thread, restart->deadline_ns);
	return rows[restart->nr].call(thread, restart->args);
}

static void
syscall_end(struct vk_thread *thread, int64_t result)
{
	struct vk_strace *strace;

	strace = thread->process->kernel->strace;
	if (result == -LX_ERESTART_RESTARTBLOCK)
		restart_note(thread);
	wait_reset(thread);
	if (strace != NULL) {
		strace_leave(strace, thread, result);
		kernel_check_log(thread->process->kernel,
		    thread->process->kernel->options->strace);
	}
	if (result <= -LX_ERESTART && result >= -LX_ERESTART_RESTARTBLOCK)
		thread->restart = (int)-result;
	thread->tf.tf_rax = result;
}

static bool
is_error(int64_t result)
{
	return result < 0 && result > -LX_ERESTART;
}

/* The same for --stats: a call that waits counts when it ends. */
static int64_t
syscall_counted(struct vk_thread *thread)
{
	struct vk_call_count *count;
	int64_t result;
	uint64_t start;

	count = thread->process->kernel->options->counts;
	if (count == NULL || thread->nr >= VK_CALLS)
		return syscall_call(thread);
	count += thread->nr;
	start = os_monotonic_ns();
	result = syscall_call(thread);
	count->ns += os_monotonic_ns() - start;
	if (result != -LX_WAIT) {
		count->calls++;
		count->errors += is_error(result);
	}
	return result;
}

static void
syscall_go_on(struct vk_thread *thread)
{
	int64_t result;

	result = syscall_counted(thread);
	if (result != -LX_WAIT)
		syscall_end(thread, result);
	else if (!thread->process->exited) {
		if (thread->process->kernel->strace != NULL)
			strace_wait(thread->process->kernel->strace, thread);
		sched_wait(thread);
	}
}

void
syscall_do(struct vk_thread *thread)
{
	struct vk_strace *strace;

	thread->process->kernel->result->syscalls++;
	watchdog_note(thread->process->kernel);
	syscall_take(thread);
	strace = thread->process->kernel->strace;
	if (strace != NULL)
		strace_enter(strace, thread);
	syscall_go_on(thread);
}

void
syscall_again(struct vk_thread *thread)
{
	syscall_go_on(thread);
}

const char *
vk_call_name(unsigned nr)
{
	return nr < VK_SYSCALLS ? rows[nr].name : NULL;
}

static void
summary_add(struct text *text, const char *name, uint64_t count)
{
	text_add(text, text->len == 0 ? "" : ", ");
	text_add(text, "%s", name);
	if (count > 1)
		text_add(text, " (%" PRIu64 " times)", count);
}

void
syscall_summary(const struct vk_kernel *kernel)
{
	struct text text = { NULL, 0, 0 };
	char number[32];
	size_t nr;

	for (nr = 0; nr < VK_SYSCALLS; nr++) {
		if (kernel->unknown[nr] == 0 || nosys_is_quiet(nr))
			continue;
		(void)snprintf(number, sizeof(number), "number %zu", nr);
		summary_add(&text,
		    rows[nr].name == NULL ? number : rows[nr].name,
		    kernel->unknown[nr]);
	}
	if (kernel->unknown_others != 0)
		summary_add(&text, "numbers above 511", kernel->unknown_others);
	if (text.len != 0)
		kernel_message(kernel, "system calls not provided (ENOSYS): %s",
		    text_string(&text));
	text_finish(&text);
}
