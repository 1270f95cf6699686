/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmspace trace calls: a RUN that ends with a system call says its number and
 * arguments; the next RUN of the same lwp begins with its result in rax, after
 * the inputs that the call has left in memory.  So the first pass finds where
 * each call ended, and the second executes the trace and formats.
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
#define LWPS_MAX        65536

/* A system call of the trace. */
struct traced_call {
	uint64_t event, insns; /* the RUN that it ended, and its end */
	uint64_t end;          /* number of the next RUN of the lwp */
	uint32_t proc, lwp, id;
	uint64_t nr, args[6], rip;
	bool returned;
	int64_t result;
	struct strace_call *format; /* while it is open */
};

struct calls {
	const struct trace_args *args;
	struct replay *replay;
	struct trace_symbols *symbols; /* the program, for its strings */
	struct traced_call *list;      /* in order of their RUNs */
	size_t count, capacity;
	size_t *open;   /* by lwp: 1 + index of the call that waits; 0: none */
	uint32_t lwps;  /* size of open */
	vms_va_t start; /* of the first RUN */
	bool many;      /* more than one lwp makes calls */
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

/* The place for lwp's open call; NULL: no memory, or a hostile number. */
static size_t *
open_slot(struct calls *calls, uint32_t lwp)
{
	size_t *open;

	if (lwp >= LWPS_MAX)
		return NULL;
	if (lwp < calls->lwps)
		return &calls->open[lwp];
	open = realloc(calls->open, (lwp + 1) * sizeof(*open));
	if (open == NULL)
		return NULL;
	memset(open + calls->lwps, 0, (lwp + 1 - calls->lwps) * sizeof(*open));
	calls->open = open;
	calls->lwps = lwp + 1;
	return &calls->open[lwp];
}

/* A call whose lwp goes on elsewhere has given its result to a signal frame,
 * or to nobody. */
static void
call_return(struct traced_call *call, const struct trace_event *event)
{
	const struct trapframe *tf = &event->u.run.frame_in;

	call->end = event->number;
	if ((uint64_t)tf->tf_rip == call->rip || call->nr == NR_RT_SIGRETURN) {
		call->returned = true;
		call->result = tf->tf_rax;
	} else if ((uint64_t)tf->tf_rip + SYSCALL_BYTES == call->rip) {
		call->returned = true;
		call->result = -LX_ERESTART;
	}
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
		.rip = (uint64_t)tf->tf_rip };
	for (size_t i = 0; i < 6; i++)
		call->args[i] = (uint64_t)args[i];
}

/* False: no memory. */
static bool
run_scan(struct calls *calls, const struct trace_event *event)
{
	const struct trace_run *run = &event->u.run;
	size_t *open = open_slot(calls, run->lwp);
	struct traced_call *call;

	if (calls->start == 0)
		calls->start = (uint64_t)run->frame_in.tf_rip;
	if (open == NULL)
		return false;
	if (!run->resumed && *open != 0) {
		call_return(&calls->list[*open - 1], event);
		*open = 0;
	}
	if (!run_calls(run))
		return true;
	call = call_add(calls);
	if (call == NULL)
		return false;
	call_fill(call, event);
	if (calls->list[0].lwp != call->lwp)
		calls->many = true;
	*open = calls->count;
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
calls_finish(struct calls *calls, size_t begun, size_t *first, uint64_t number,
    bool last)
{
	for (size_t i = *first; i < begun; i++)
		if (calls->list[i].end == number + 1 || last)
			call_end(calls, &calls->list[i]);
	while (*first < begun && calls->list[*first].format == NULL)
		++*first;
}

static int
calls_replay(struct calls *calls)
{
	const struct trace_event *event;
	enum replay_result result;
	size_t begun = 0, first = 0;

	while ((result = replay_step(calls->replay, &event)) == REPLAY_DONE) {
		if (begun < calls->count &&
		    calls->list[begun].event == event->number) {
			if (call_wanted(calls, &calls->list[begun]))
				call_begin(calls, &calls->list[begun]);
			begun++;
		}
		calls_finish(calls, begun, &first, event->number, false);
		if (range_passed(&calls->args->range, event) && first == begun)
			break;
	}
	calls_finish(calls, begun, &first, 0, true);
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
	free(calls.open);
	free(calls.list);
	return status;
}
