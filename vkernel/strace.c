/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/strace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/strace_call.h"
#include "vkernel/strace_filter.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define IGNORED_MAX 8

/* What is said of one thread. */
struct strace_thread {
	struct strace_call call;
	size_t written; /* bytes of its text that are on the stream */
	bool in_call;
	bool wanted; /* the filter shows this call */
	bool named;  /* "Process N attached" was said */
	bool ended;
	/* Signals without effect that came during the call. */
	struct lx_siginfo ignored[IGNORED_MAX];
	size_t ignored_count;
};

struct vk_strace {
	FILE *file;
	const struct vk_options *options;
	const struct vk_thread *open; /* whose line is not at its end */
	size_t column;                /* of the open line */
	bool second;                  /* there was more than one thread */
	struct text text;             /* of other lines */
};

struct vk_strace *
strace_create(const struct vk_options *options)
{
	struct vk_strace *strace;

	strace = calloc(1, sizeof(*strace));
	if (strace == NULL)
		return NULL;
	strace->file = options->strace;
	strace->options = options;
	return strace;
}

static void
line_break(struct vk_strace *strace)
{
	if (strace->open != NULL)
		fputs(" <unfinished ...>\n", strace->file);
	strace->open = NULL;
	strace->column = 0;
}

void
strace_destroy(struct vk_strace *strace)
{
	if (strace == NULL)
		return;
	line_break(strace);
	fflush(strace->file);
	text_finish(&strace->text);
	free(strace);
}

static struct strace_thread *
state_of(struct vk_thread *thread)
{
	if (thread->strace == NULL)
		thread->strace = calloc(1, sizeof(*thread->strace));
	return thread->strace;
}

static bool
mm_read(void *arg, uint64_t va, void *buf, size_t len)
{
	return arg != NULL && copyin(arg, buf, va, len) == 0;
}

static struct strace_memory
memory_of(const struct vk_strace *strace, const struct vk_thread *thread)
{
	return (struct strace_memory){ mm_read, thread->process->mm,
		strace->options->strace_strings, (uint64_t)thread->tf.tf_rsp };
}

static void
put(struct vk_strace *strace, const char *text)
{
	strace->column += strlen(text);
	fputs(text, strace->file);
}

/* A file says the number of every line; on a terminal, only while there is a
 * choice. */
static void
put_prefix(struct vk_strace *strace, const struct vk_thread *thread)
{
	char prefix[32];

	prefix[0] = '\0';
	if (strace->options->strace_pids)
		(void)snprintf(prefix, sizeof(prefix), "%-5d ", thread->tid);
	else if (thread->process->kernel->thread_count > 1)
		(void)snprintf(
		    prefix, sizeof(prefix), "[pid %5d] ", thread->tid);
	put(strace, prefix);
}

/* The first line of a new thread. */
static void
put_attached(struct vk_strace *strace, struct vk_thread *thread)
{
	struct strace_thread *state;

	state = state_of(thread);
	if (state == NULL || state->named)
		return;
	state->named = true;
	if (strace->second && !strace->options->strace_pids)
		fprintf(
		    strace->file, "strace: Process %d attached\n", thread->tid);
	strace->second = true;
}

static void
line_begin(struct vk_strace *strace, struct vk_thread *thread)
{
	line_break(strace);
	put_attached(strace, thread);
	put_prefix(strace, thread);
}

static void
line_end(struct vk_strace *strace)
{
	fputc('\n', strace->file);
	strace->open = NULL;
	strace->column = 0;
}

static void
whole_line(
    struct vk_strace *strace, struct vk_thread *thread, const struct text *text)
{
	line_begin(strace, thread);
	put(strace, text_string(text));
	line_end(strace);
}

void
strace_enter(struct vk_strace *strace, struct vk_thread *thread)
{
	struct strace_memory memory;
	struct strace_thread *state;

	state = state_of(thread);
	if (state == NULL)
		return;
	state->wanted =
	    strace_wants(strace->options->strace_filter, thread->nr);
	state->in_call = true;
	state->written = 0;
	if (!state->wanted)
		return;
	memory = memory_of(strace, thread);
	strace_call_begin(&state->call, thread->nr, thread->args, &memory);
}

void
strace_wait(struct vk_strace *strace, struct vk_thread *thread)
{
	struct strace_thread *state;

	state = state_of(thread);
	if (state == NULL || !state->wanted || state->written != 0)
		return;
	line_begin(strace, thread);
	put(strace, text_string(&state->call.text));
	state->written = state->call.text.len;
	strace->open = thread;
	fflush(strace->file);
}

static void
put_resumed(struct vk_strace *strace, struct vk_thread *thread)
{
	char line[96], name[32];

	line_begin(strace, thread);
	(void)snprintf(line, sizeof(line), "<... %s resumed>",
	    strace_call_name(&thread->strace->call, name, sizeof(name)));
	put(strace, line);
}

static void
call_ends(
    struct vk_strace *strace, struct vk_thread *thread, const int64_t *result)
{
	struct strace_memory memory;
	struct strace_thread *state;
	struct strace_call *call;

	state = thread->strace;
	call = &state->call;
	if (state->written == 0)
		line_begin(strace, thread);
	else if (strace->open != thread)
		put_resumed(strace, thread);
	memory = memory_of(strace, thread);
	strace_call_args(call, result, &memory);
	strace_call_result(
	    call, result, strace->column + call->text.len - state->written);
	put(strace, text_string(&call->text) + state->written);
	line_end(strace);
}

static void
put_signal(struct vk_strace *strace, struct vk_thread *thread,
    const struct lx_siginfo *info)
{
	struct text *text;

	text = &strace->text;
	text_cut(text, 0);
	text_add(text, "--- ");
	text_signal(text, info->si_signo);
	text_add(text, " ");
	arg_siginfo(text, info);
	text_add(text, " ---");
	whole_line(strace, thread, text);
}

static void
put_ignored(struct vk_strace *strace, struct vk_thread *thread)
{
	struct strace_thread *state;
	size_t i;

	state = thread->strace;
	for (i = 0; i < state->ignored_count; i++)
		put_signal(strace, thread, &state->ignored[i]);
	state->ignored_count = 0;
}

/* Nobody sees the result of a call that killed its caller. */
static bool
comes_back(const struct vk_thread *thread)
{
	const struct vk_process *process;

	process = thread->process;
	return !process->exited && !thread->exited &&
	       ((process->pending.set | thread->pending.set) &
		   signal_bit(LX_SIGKILL)) == 0;
}

void
strace_leave(struct vk_strace *strace, struct vk_thread *thread, int64_t result)
{
	struct strace_thread *state;

	state = state_of(thread);
	if (state == NULL || !state->in_call)
		return;
	state->in_call = false;
	if (state->wanted)
		call_ends(strace, thread, comes_back(thread) ? &result : NULL);
	put_ignored(strace, thread);
}

void
strace_first(struct vk_strace *strace, struct vk_thread *thread)
{
	static const int64_t result = 0;
	const char *const *word;
	struct text *text;
	size_t count;
	int pad;

	text = &strace->text;
	if (!strace_wants(strace->options->strace_filter, 59))
		return;
	text_cut(text, 0);
	text_add(text, "execve(");
	text_quote(text, (const uint8_t *)strace->options->program,
	    strlen(strace->options->program), 0);
	text_add(text, ", [");
	for (word = strace->options->argv; *word != NULL; word++) {
		text_add(text, word == strace->options->argv ? "" : ", ");
		text_quote_most(text, *word, strace->options->strace_strings);
	}
	for (count = 0; strace->options->envp[count] != NULL;)
		count++;
	text_add(text, "], %#" PRIx64 " /* %zu var%s */)",
	    (uint64_t)thread->tf.tf_rsp +
		8 * (uint64_t)(word - strace->options->argv + 2),
	    count, count == 1 ? "" : "s");
	pad = text->len < 39 ? (int)(39 - text->len) : 0;
	text_add(text, "%*s = %d", pad, "", (int)result);
	whole_line(strace, thread, text);
}

void
strace_signal(struct vk_strace *strace, struct vk_thread *thread,
    const struct lx_siginfo *info)
{
	put_signal(strace, thread, info);
}

void
strace_ignored(struct vk_strace *strace, struct vk_process *process,
    const struct lx_siginfo *info)
{
	struct strace_thread *state;

	if (process->thread == NULL)
		return;
	state = state_of(process->thread);
	if (state == NULL || !state->in_call)
		put_signal(strace, process->thread, info);
	else if (state->ignored_count < IGNORED_MAX)
		state->ignored[state->ignored_count++] = *info;
}

static void
end_text(struct text *text, const struct vk_process *process, int status)
{
	if (process->exit_signal == 0 || !process->exited) {
		text_add(text, "+++ exited with %d +++", status);
		return;
	}
	text_add(text, "+++ killed by ");
	text_signal(text, process->exit_signal);
	text_add(text, process->dumped || signal_dumps(process->exit_signal)
			   ? " (core dumped) +++"
			   : " +++");
}

void
strace_end(struct vk_strace *strace, struct vk_thread *thread)
{
	struct strace_thread *state;
	struct text *text;

	state = state_of(thread);
	if (state == NULL || state->ended)
		return;
	if (state->in_call && state->wanted && state->written != 0)
		call_ends(strace, thread, NULL);
	state->in_call = false;
	state->ended = true;
	put_ignored(strace, thread);
	text = &strace->text;
	text_cut(text, 0);
	end_text(text, thread->process,
	    thread->process->exited ? thread->process->exit_status
				    : thread->exit_status);
	whole_line(strace, thread, text);
}

void
strace_forget(struct vk_strace *strace, struct vk_thread *thread)
{
	if (strace->open == thread)
		line_break(strace);
	if (thread->strace == NULL)
		return;
	strace_call_finish(&thread->strace->call);
	free(thread->strace);
	thread->strace = NULL;
}
