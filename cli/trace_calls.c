/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmspace trace calls: a RUN that ends with a system call says its number and
 * arguments; the next RUN of the same vmspace at the same place begins with its
 * result in rax, after the inputs that the call has left in memory.  Others may
 * run between the two.  So the first pass finds where each call ended, and the
 * second executes the trace and formats.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/trace.h"
#include "cli/trace_exec.h"
#include "vkernel/linux_abi.h"
#include "vkernel/strace_call.h"

#define SYSCALL_BYTES   2
#define NR_RT_SIGRETURN 15
#define NR_EXECVE       59
#define NR_EXIT         60
#define NR_EXIT_GROUP   231
#define NR_EXECVEAT     322
#define OPEN_MAX        4096 /* calls that wait at one time */

/* A system call of the trace. */
struct traced_call {
	uint64_t event, insns; /* the RUN that it ended, and its end */
	uint64_t end;          /* number of the next RUN of the lwp */
	uint32_t proc, lwp, id;
	uint64_t nr, args[6], rip, rsp;
	bool returned;
	int64_t result;
	struct strace_call *format; /* while it is open */
};

/* Indices of calls that wait for their ends, in order. */
struct open_calls {
	size_t rows[OPEN_MAX];
	size_t count;
};

struct calls {
	const struct trace_args *args;
	struct replay *replay;
	struct trace_symbols *symbols; /* the program, for its strings */
	struct traced_call *list;      /* in order of their RUNs */
	size_t count, capacity;
	struct open_calls open;
	vms_va_t start;   /* of the first RUN */
	uint32_t last_id; /* the greatest vmspace so far */
	bool many;        /* more than one lwp makes calls */
	bool spaces;      /* more than one vmspace does */
	bool printed;
};

static struct traced_call *
call_add(struct calls *calls)
{
	struct traced_call *list;
	size_t capacity = calls->capacity * 2 + 64;

	if (calls->count < calls->capacity)
		return &calls->list[calls->count++];
	list = realloc(calls->list, capacity * sizeof(*list));
	if (list == NULL)
		return NULL;
	calls->list = list;
	calls->capacity = capacity;
	return &calls->list[calls->count++];
}

static void
open_remove(struct open_calls *open, size_t at)
{
	open->count--;
	memmove(open->rows + at, open->rows + at + 1,
	    (open->count - at) * sizeof(open->rows[0]));
}

/* Of too many the first is given up. */
static void
open_add(struct open_calls *open, size_t index)
{
	if (open->count == OPEN_MAX)
		open_remove(open, 0);
	open->rows[open->count++] = index;
}

static bool
is_exec(const struct traced_call *call)
{
	return call->nr == NR_EXECVE || call->nr == NR_EXECVEAT;
}

static void
call_return(
    struct traced_call *call, const struct trace_event *event, int64_t result)
{
	call->end = event->number;
	call->returned = true;
	call->result = result;
}

/* Does the call end with this RUN?  A call whose guest goes on elsewhere has
 * given its result to a signal frame, or has not ended yet. */
static bool
call_ends(struct traced_call *call, const struct trace_event *event)
{
	const struct trace_run *run = &event->u.run;
	const struct trapframe *tf = &run->frame_in;

	if (call->id != run->id || call->lwp != run->lwp)
		return false;
	if (call->nr == NR_RT_SIGRETURN ||
	    ((uint64_t)tf->tf_rip == call->rip &&
		(uint64_t)tf->tf_rsp == call->rsp)) {
		call_return(call, event, tf->tf_rax);
		return true;
	}
	if ((uint64_t)tf->tf_rip + SYSCALL_BYTES != call->rip ||
	    (uint64_t)tf->tf_rsp != call->rsp)
		return false;
	call_return(call, event, -LX_ERESTART);
	return true;
}

/* The last call may have been an exec, which goes on in a new vmspace. */
static void
exec_ends(struct calls *calls, const struct trace_event *event)
{
	struct open_calls *open = &calls->open;
	struct traced_call *call;

	if (event->u.run.id <= calls->last_id)
		return;
	calls->last_id = event->u.run.id;
	if (open->count == 0)
		return;
	call = &calls->list[open->rows[open->count - 1]];
	if (!is_exec(call) || call != &calls->list[calls->count - 1] ||
	    (uint64_t)event->u.run.frame_in.tf_rip == call->rip)
		return;
	call_return(call, event, 0);
	open_remove(open, open->count - 1);
}

/* The end of a signal's handler is that of the call before it, too. */
static void
run_ends(struct calls *calls, const struct trace_event *event)
{
	struct open_calls *open = &calls->open;

	for (size_t i = open->count; i > 0; i--)
		if (call_ends(&calls->list[open->rows[i - 1]], event))
			open_remove(open, i - 1);
	exec_ends(calls, event);
}

static bool
run_calls(const struct trace_run *run)
{
	return run->how == VMS_RUN_TRAP && run->has_frame_out &&
	       run->frame_out.tf_trapno == T_FAST_SYSCALL;
}

static void
call_fill(struct traced_call *call, const struct trace_event *event)
{
	const struct trace_run *run = &event->u.run;
	const struct trapframe *tf = &run->frame_out;
	const int64_t args[6] = { tf->tf_rdi, tf->tf_rsi, tf->tf_rdx,
		tf->tf_r10, tf->tf_r8, tf->tf_r9 };

	*call = (struct traced_call){ .event = event->number,
		.insns = event->insns + run->insns,
		.end = UINT64_MAX,
		.proc = run->proc,
		.lwp = run->lwp,
		.id = run->id,
		.nr = (uint64_t)tf->tf_rax,
		.rip = (uint64_t)tf->tf_rip,
		.rsp = (uint64_t)tf->tf_rsp };
	for (size_t i = 0; i < 6; i++)
		call->args[i] = (uint64_t)args[i];
}

/* False: no memory. */
static bool
run_scan(struct calls *calls, const struct trace_event *event)
{
	const struct trace_run *run = &event->u.run;
	struct traced_call *call;

	if (calls->start == 0)
		calls->start = (uint64_t)run->frame_in.tf_rip;
	if (!run->resumed)
		run_ends(calls, event);
	if (!run_calls(run))
		return true;
	call = call_add(calls);
	if (call == NULL)
		return false;
	call_fill(call, event);
	calls->many = calls->many || calls->list[0].lwp != call->lwp;
	calls->spaces = calls->spaces || calls->list[0].id != call->id;
	if (call->nr != NR_EXIT && call->nr != NR_EXIT_GROUP)
		open_add(&calls->open, calls->count - 1);
	return true;
}

static int
calls_scan(struct calls *calls, struct trace_reader *reader)
{
	const char *path = calls->args->words[0];
	struct trace_problem problem;
	struct trace_event event;
	int error;

	while ((error = trace_read(reader, path, &event)) == 0)
		if (event.kind == TRACE_RUN && !run_scan(calls, &event))
			return cli_fail(CLI_FAILED, "out of memory");
	if (error == ENOENT && trace_reader_seek(reader, 0, &problem) != 0)
		return cli_fail(TRACE_UNUSABLE, "%s: %s", path, problem.text);
	return trace_read_status(error);
}

/* Where a call's memory is read. */
struct reading {
	const struct calls *calls;
	const struct traced_call *call;
};

static bool
page_is_zero(const struct reading *reading, uint64_t page)
{
	uint8_t bytes[PAGE_BYTES];

	if (replay_peek(reading->calls->replay, reading->call->proc,
		reading->call->id, page, bytes, sizeof(bytes)) != sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* A page that no instruction of the guest touched never entered the trace and
 * is empty or missing in the replay, but a string in it may have been named to
 * the kernel: the program's file has it. */
static void
untouched_fill(
    const struct reading *reading, uint64_t va, uint8_t *buf, size_t len)
{
	while (len > 0) {
		uint64_t page = va & ~(PAGE_BYTES - 1);
		size_t part = (size_t)(page + PAGE_BYTES - va);

		part = part < len ? part : len;
		if (page_is_zero(reading, page))
			(void)trace_symbols_bytes(
			    reading->calls->symbols, va, buf, part);
		va += part;
		buf += part;
		len -= part;
	}
}

static bool
memory_read(void *arg, uint64_t va, void *buf, size_t len)
{
	const struct reading *reading = arg;
	const struct calls *calls = reading->calls;
	uint8_t *bytes = buf;
	size_t done = replay_peek(calls->replay, reading->call->proc,
	    reading->call->id, va, buf, len);

	if (calls->symbols != NULL)
		untouched_fill(reading, va, bytes, done);
	return done == len || trace_symbols_bytes(calls->symbols, va + done,
				  bytes + done, len - done) == len - done;
}

static void
call_begin(struct calls *calls, struct traced_call *call)
{
	struct reading reading = { calls, call };
	struct strace_memory memory = { memory_read, &reading, 0, 0 };

	call->format = calloc(1, sizeof(*call->format));
	if (call->format != NULL)
		strace_call_begin(call->format, call->nr, call->args, &memory);
}

static void
call_json(const struct traced_call *call, const char *text)
{
	struct json json;

	json_open(&json, stdout);
	json_number(&json, "event", call->event);
	json_number(&json, "insns", call->insns);
	json_number(&json, "lwp", call->lwp);
	json_number(&json, "vmspace", call->id);
	json_number(&json, "nr", call->nr);
	json_begin(&json, "args", '[');
	for (size_t i = 0; i < 6; i++)
		json_hex(&json, NULL, call->args[i]);
	json_end(&json, '[');
	if (call->returned)
		json_hex(&json, "result", (uint64_t)call->result);
	json_string(&json, "text", text);
	json_close(&json);
}

static void
call_print(const struct calls *calls, const struct traced_call *call)
{
	const char *text = text_string(&call->format->text);

	if (calls->args->json) {
		call_json(call, text);
		return;
	}
	printf("@%-7" PRIu64 " %10" PRIu64 "  ", call->event, call->insns);
	if (calls->many)
		printf("[lwp %" PRIu32 "] ", call->lwp);
	if (calls->spaces)
		printf("[vmspace %" PRIu32 "] ", call->id);
	printf("%s\n", text);
}

static void
call_end(struct calls *calls, struct traced_call *call)
{
	struct reading reading = { calls, call };
	struct strace_memory memory = { memory_read, &reading, 0, 0 };

	if (call->format == NULL)
		return;
	strace_call_end(
	    call->format, call->returned ? &call->result : NULL, &memory);
	call_print(calls, call);
	calls->printed = true;
	strace_call_finish(call->format);
	free(call->format);
	call->format = NULL;
}

static bool
call_wanted(const struct calls *calls, const struct traced_call *call)
{
	const struct trace_range *range = &calls->args->range;
	uint64_t from = range->from.is_event ? call->event : call->insns;
	uint64_t to = range->to.is_event ? call->event : call->insns;

	return from >= range->from.number && to <= range->to.number;
}

/* Calls that wait for what comes after event number; last: for nothing. */
static void
calls_finish(struct calls *calls, uint64_t number, bool last)
{
	struct open_calls *open = &calls->open;
	size_t left = 0;

	for (size_t i = 0; i < open->count; i++) {
		struct traced_call *call = &calls->list[open->rows[i]];

		if (call->end == number + 1 || last)
			call_end(calls, call);
		else
			open->rows[left++] = open->rows[i];
	}
	open->count = left;
}

/* One that will never return has all its line at once. */
static void
call_start(struct calls *calls, size_t index)
{
	struct traced_call *call = &calls->list[index];

	if (!call_wanted(calls, call))
		return;
	call_begin(calls, call);
	if (call->end == UINT64_MAX)
		call_end(calls, call);
	else
		open_add(&calls->open, index);
}

static int
calls_replay(struct calls *calls)
{
	const struct trace_event *event;
	enum replay_result result;
	size_t begun = 0;

	calls->open.count = 0;
	while ((result = replay_step(calls->replay, &event)) == REPLAY_DONE) {
		if (begun < calls->count &&
		    calls->list[begun].event == event->number)
			call_start(calls, begun++);
		calls_finish(calls, event->number, false);
		if (range_passed(&calls->args->range, event) &&
		    calls->open.count == 0)
			break;
	}
	calls_finish(calls, 0, true);
	return exec_failed(calls->replay, calls->args->words[0], result);
}

static int
calls_read(struct calls *calls, struct trace_reader *reader)
{
	const char *path = calls->args->words[0];
	struct trace_problem problem = { .text = "out of memory" };
	int status = calls_scan(calls, reader);

	if (status != CLI_OK)
		return status;
	calls->symbols = trace_symbols_open(reader, calls->start);
	if (replay_open(reader, &calls->replay, &problem) != 0)
		return cli_fail(TRACE_UNUSABLE, "%s: %s", path, problem.text);
	return calls_replay(calls);
}

int
trace_calls(const struct trace_args *args)
{
	struct calls calls = { .args = args };
	struct trace_reader *reader;
	int status = trace_open(args->words[0], &reader);

	if (status != CLI_OK)
		return status;
	status = calls_read(&calls, reader);
	if (status == CLI_OK && !calls.printed)
		status = trace_say_nothing(args->words[0]);
	replay_close(calls.replay);
	trace_symbols_close(calls.symbols);
	trace_reader_close(reader);
	free(calls.list);
	return status;
}
