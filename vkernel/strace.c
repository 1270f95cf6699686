/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/strace.h"

#include <stdlib.h>
#include <string.h>

#include "vkernel/strace_call.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

struct vk_strace {
	FILE *file;
	struct strace_call call;
	struct text text; /* of other lines */
};

struct vk_strace *
strace_create(FILE *file)
{
	struct vk_strace *strace;

	strace = calloc(1, sizeof(*strace));
	if (strace != NULL)
		strace->file = file;
	return strace;
}

void
strace_destroy(struct vk_strace *strace)
{
	if (strace != NULL)
		fflush(strace->file);
	free(strace);
}

static bool
mm_read(void *arg, uint64_t va, void *buf, size_t len)
{
	return copyin(arg, buf, va, len) == 0;
}

void
strace_enter(struct vk_strace *strace, struct vk_thread *thread)
{
	struct strace_memory memory = { mm_read, thread->process->mm };

	strace_call_begin(&strace->call, thread->nr, thread->args, &memory);
}

void
strace_leave(struct vk_strace *strace, struct vk_thread *thread, int64_t result)
{
	struct strace_memory memory = { mm_read, thread->process->mm };

	strace_call_end(
	    &strace->call, thread->process->exited ? NULL : &result, &memory);
	fprintf(strace->file, "%s\n", strace->call.text.bytes);
}

void
strace_signal(struct vk_strace *strace, const struct lx_siginfo *info)
{
	struct text *text;

	text = &strace->text;
	text->len = 0;
	text_add(text, "--- ");
	text_signal(text, info->si_signo);
	text_add(text, " {si_signo=");
	text_signal(text, info->si_signo);
	text_add(text, ", si_code=");
	text_sigcode(text, info->si_signo, info->si_code);
	if (info->si_code == LX_SI_USER || info->si_code == LX_SI_TKILL)
		text_add(text, ", si_pid=%d, si_uid=%u", info->u.rt.pid,
		    info->u.rt.uid);
	else if (info->u.addr != 0 || info->si_signo == LX_SIGSEGV) {
		text_add(text, ", si_addr=");
		arg_pointer(text, info->u.addr);
	}
	text_add(text, "} ---");
	fprintf(strace->file, "%s\n", text->bytes);
}

void
strace_end(struct vk_strace *strace, const struct vk_thread *thread)
{
	const struct vk_process *process;
	struct text *text;

	process = thread->process;
	if (!process->exited)
		return;
	text = &strace->text;
	text->len = 0;
	if (process->exit_signal == 0) {
		text_add(text, "+++ exited with %d +++", process->exit_status);
	} else {
		text_add(text, "+++ killed by ");
		text_signal(text, process->exit_signal);
		text_add(text, signal_dumps(process->exit_signal)
				   ? " (core dumped) +++"
				   : " +++");
	}
	fprintf(strace->file, "%s\n", text->bytes);
}
