/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmspace trace mem: who wrote to some bytes, and when.  The first pass lets
 * the engine name the stores; the second steps just these, and looks at the
 * bytes before and after.  What else changes them, between runs, is the
 * kernel's doing: inputs, and new mappings.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/number.h"
#include "cli/trace.h"
#include "cli/trace_exec.h"
#include "cli/trace_fields.h"

#define LEN_MAX     65536
#define SHOWN_BYTES 16
#define STORE_MAX   512 /* bytes of one instruction: fxsave */

struct bytes_now {
	uint8_t bytes[LEN_MAX];
	size_t len; /* what of it could be read */
};

struct mem {
	const struct trace_args *args;
	vms_va_t va;
	size_t len;
	struct replay *replay;
	struct decoder *decoder;
	struct trace_symbols *symbols;
	uint64_t *stores; /* instruction numbers, ascending */
	size_t count, capacity, next;
	bool failed; /* no memory */
	bool printed;
	uint32_t proc; /* whose vmspace it is: of the last RUN in it */
	struct bytes_now before, now;
	/* The store being executed. */
	bool pending;
	uint64_t number, event, rip;
	uint32_t lwp;
	struct decoded decoded;
	char symbol[96];
};

static int
address_parse(struct mem *mem, const char *text)
{
	char first[40];
	size_t at = strcspn(text, ",");
	uint64_t len = 1, end;

	if (at < sizeof(first)) {
		memcpy(first, text, at);
		first[at] = '\0';
	}
	if (at >= sizeof(first) || !number_parse(first, &mem->va) ||
	    (text[at] == ',' && !number_parse(text + at + 1, &len)) ||
	    len == 0 || len > LEN_MAX || add_wraps(mem->va, len, &end))
		return cli_usage("trace",
		    "trace mem takes ADDR[,LEN], LEN up to %d, not '%s'",
		    LEN_MAX, text);
	mem->len = (size_t)len;
	return CLI_OK;
}

/* First pass.  All stores to the watched pages come here, with the lowest byte
 * that they store to. */
static void
store_note(void *arg, uint64_t insns, const struct vms_store *store)
{
	struct mem *mem = arg;
	size_t capacity = mem->capacity * 2 + 256;
	uint64_t *stores;

	if (store->va >= mem->va + mem->len || store->va + STORE_MAX <= mem->va)
		return;
	if (mem->count != 0 && mem->stores[mem->count - 1] == insns)
		return;
	if (mem->count == mem->capacity) {
		stores = realloc(mem->stores, capacity * sizeof(*stores));
		if (stores == NULL) {
			mem->failed = true;
			return;
		}
		mem->stores = stores;
		mem->capacity = capacity;
	}
	mem->stores[mem->count++] = insns;
}

static void
peek(const struct mem *mem, struct bytes_now *now)
{
	now->len = mem->proc == 0
		       ? 0
		       : replay_peek(mem->replay, mem->proc, mem->args->id,
			     mem->va, now->bytes, mem->len);
}

/* The bytes that differ: from the first to the last, at most SHOWN_BYTES. */
static bool
span_find(const struct mem *mem, size_t *from, size_t *len)
{
	size_t most =
	    mem->before.len > mem->now.len ? mem->before.len : mem->now.len;
	size_t least = mem->before.len + mem->now.len - most, last;

	*from = 0;
	while (
	    *from < least && mem->before.bytes[*from] == mem->now.bytes[*from])
		++*from;
	if (*from == most)
		return false;
	last = most;
	while (last == least && last > *from &&
	       mem->before.bytes[last - 1] == mem->now.bytes[last - 1])
		least = --last;
	*len = last - *from < SHOWN_BYTES ? last - *from : SHOWN_BYTES;
	return true;
}

static bool
place_wanted(const struct mem *mem, uint64_t event, uint64_t insns)
{
	const struct trace_range *range = &mem->args->range;

	return (range->from.is_event ? event : insns) >= range->from.number &&
	       (range->to.is_event ? event : insns) <= range->to.number;
}

static void
bytes_print(const struct bytes_now *now, size_t from, size_t len)
{
	if (from >= now->len)
		printf("(not mapped)");
	for (size_t i = from; i < from + len && i < now->len; i++)
		printf("%02x", now->bytes[i]);
}

static size_t
part_len(const struct bytes_now *now, size_t from, size_t len)
{
	if (from >= now->len)
		return 0;
	return now->len - from < len ? now->len - from : len;
}

static void
change_print(const struct mem *mem, size_t from, size_t len)
{
	printf("  [0x%" PRIx64 "] ", mem->va + from);
	bytes_print(&mem->before, from, len);
	printf(" -> ");
	bytes_print(&mem->now, from, len);
	printf("\n");
}

static void
change_json(struct json *json, const struct mem *mem, size_t from, size_t len)
{
	json_hex(json, "address", mem->va + from);
	json_bytes(json, "old", mem->before.bytes + from,
	    part_len(&mem->before, from, len));
	json_bytes(
	    json, "new", mem->now.bytes + from, part_len(&mem->now, from, len));
}

/* Which of the bytes the instruction has stored to, at most SHOWN_BYTES: those
 * that changed, else those of its operand.  False: it is a store to others near
 * them.  Some instructions name no operand that they store to. */
static bool
store_span(const struct mem *mem, size_t *from, size_t *len)
{
	bool named = false;
	vms_va_t start, end;

	if (span_find(mem, from, len))
		return true;
	for (size_t i = 0; i < mem->decoded.access_count; i++) {
		const struct decoded_access *access = &mem->decoded.accesses[i];

		if (!access->written)
			continue;
		named = true;
		start = access->va > mem->va ? access->va : mem->va;
		end = access->va + access->whole;
		if (end > mem->va + mem->len)
			end = mem->va + mem->len;
		if (start >= end)
			continue;
		*from = (size_t)(start - mem->va);
		*len = (size_t)(end - start);
		if (*len > SHOWN_BYTES)
			*len = SHOWN_BYTES;
		return true;
	}
	*from = 0;
	*len = mem->len < SHOWN_BYTES ? mem->len : SHOWN_BYTES;
	return !named;
}

static void
store_print(struct mem *mem)
{
	struct json json;
	size_t from, len;

	if (!store_span(mem, &from, &len))
		return;
	mem->printed = true;
	if (!mem->args->json) {
		printf("%10" PRIu64 " @%-6" PRIu64 " %016" PRIx64 " %s%s%s%s",
		    mem->number, mem->event, mem->rip, mem->decoded.text,
		    mem->symbol[0] == '\0' ? "" : "  ; ", mem->symbol, "");
		change_print(mem, from, len);
		return;
	}
	json_open(&json, stdout);
	json_string(&json, "by", "guest");
	json_number(&json, "insn", mem->number);
	json_number(&json, "event", mem->event);
	json_number(&json, "lwp", mem->lwp);
	json_hex(&json, "rip", mem->rip);
	if (mem->symbol[0] != '\0')
		json_string(&json, "symbol", mem->symbol);
	json_string(&json, "text", mem->decoded.text);
	change_json(&json, mem, from, len);
	json_close(&json);
}

/* "input", "call mmap". */
static void
event_name(const struct trace_event *event, char *name, size_t room)
{
	size_t len;

	trace_fields_line(event, name, room);
	len = strcspn(name, " ");
	if (event->kind == TRACE_CALL && name[len] == ' ')
		len += 1 + strcspn(name + len + 1, " ");
	name[len] = '\0';
}

/* The bytes changed without a store of this vmspace's guests. */
static void
other_print(struct mem *mem, const struct trace_event *event)
{
	const char *by =
	    event->kind == TRACE_RUN ? "another mapping" : "kernel";
	char line[200];
	struct json json;
	size_t from, len;

	if (!span_find(mem, &from, &len))
		return;
	mem->printed = true;
	event_name(event, line, sizeof(line));
	if (!mem->args->json) {
		printf("%10" PRIu64 " @%-6" PRIu64 " %s: %s", event->insns,
		    event->number, by, line);
		change_print(mem, from, len);
		return;
	}
	json_open(&json, stdout);
	json_string(&json, "by", by);
	json_number(&json, "insn", event->insns);
	json_number(&json, "event", event->number);
	json_string(&json, "kind", line);
	change_json(&json, mem, from, len);
	json_close(&json);
}

static void
store_finish(struct mem *mem, uint64_t insns)
{
	if (!mem->pending)
		return;
	mem->pending = false;
	if (insns == mem->number)
		return; /* it faulted, and will be done again */
	peek(mem, &mem->now);
	if (place_wanted(mem, mem->event, mem->number))
		store_print(mem);
	mem->before = mem->now;
}

static void store_begin(void *arg, const struct trace_event *run,
    const struct trapframe *tf, const uint64_t tls[2], uint64_t insns);

/* The replay steps what is in the window: the next store and, to see what it
 * did, the instruction after it. */
static void
window_move(struct mem *mem)
{
	if (mem->next < mem->count)
		replay_set_insn(mem->replay, mem->stores[mem->next],
		    mem->stores[mem->next] + 2, store_begin, mem);
	else
		replay_set_insn(mem->replay, 0, 0, NULL, NULL);
}

static void
store_begin(void *arg, const struct trace_event *run,
    const struct trapframe *tf, const uint64_t tls[2], uint64_t insns)
{
	struct mem *mem = arg;
	uint8_t bytes[INSN_BYTES];
	size_t len;

	store_finish(mem, insns);
	if (mem->next < mem->count && mem->stores[mem->next] < insns) {
		while (mem->next < mem->count && mem->stores[mem->next] < insns)
			mem->next++;
		window_move(mem);
	}
	if (mem->next == mem->count || mem->stores[mem->next] != insns ||
	    run->u.run.id != mem->args->id)
		return;
	mem->proc = run->u.run.proc;
	mem->number = insns;
	mem->event = run->number;
	mem->lwp = run->u.run.lwp;
	mem->rip = (uint64_t)tf->tf_rip;
	len = replay_peek(mem->replay, mem->proc, mem->args->id, mem->rip,
	    bytes, sizeof(bytes));
	decode(mem->decoder, tf, tls, bytes, len, &mem->decoded);
	(void)trace_symbols_text(
	    mem->symbols, mem->rip, mem->symbol, sizeof(mem->symbol));
	mem->pending = true;
}

/* The proc whose vmspace it is shows in the first call or run with its id. */
static void
proc_learn(struct mem *mem, const struct trace_event *event)
{
	if (event->kind == TRACE_RUN && event->u.run.id == mem->args->id)
		mem->proc = event->u.run.proc;
	if (event->kind == TRACE_CALL && event->u.call.error == 0 &&
	    event->u.call.id == mem->args->id)
		mem->proc = event->u.call.proc;
}

static void
event_look(struct mem *mem, const struct trace_event *event)
{
	if (event->kind == TRACE_RUN)
		store_finish(mem, event->insns + event->u.run.insns);
	proc_learn(mem, event);
	peek(mem, &mem->now);
	if (place_wanted(mem, event->number, event->insns))
		other_print(mem, event);
	mem->before = mem->now;
}

static int
mem_open(struct mem *mem, struct trace_reader *reader)
{
	struct trace_problem problem = { .text = "out of memory" };

	if (replay_open(reader, &mem->replay, &problem) == 0)
		return CLI_OK;
	return cli_fail(
	    TRACE_UNUSABLE, "%s: %s", mem->args->words[0], problem.text);
}

/* One pass over the trace; look may be NULL. */
static int
mem_pass(struct mem *mem,
    void (*look)(struct mem *mem, const struct trace_event *event))
{
	const struct trace_event *event;
	enum replay_result result;

	while ((result = replay_step(mem->replay, &event)) == REPLAY_DONE) {
		if (look != NULL)
			look(mem, event);
		if (range_passed(&mem->args->range, event))
			break;
	}
	return exec_failed(mem->replay, mem->args->words[0], result);
}

static int
mem_find(struct mem *mem, struct trace_reader *reader)
{
	int status = mem_open(mem, reader);

	if (status != CLI_OK)
		return status;
	replay_set_store(mem->replay, mem->args->id, mem->va,
	    mem->va + mem->len, store_note, mem);
	status = mem_pass(mem, NULL);
	replay_close(mem->replay);
	mem->replay = NULL;
	if (mem->failed)
		return cli_fail(CLI_FAILED, "out of memory");
	return status;
}

static int
mem_show(struct mem *mem, struct trace_reader *reader)
{
	struct trace_problem problem;
	int status;

	if (trace_reader_seek(reader, 0, &problem) != 0)
		return cli_fail(TRACE_UNUSABLE, "%s: %s", mem->args->words[0],
		    problem.text);
	status = mem_open(mem, reader);
	if (status != CLI_OK)
		return status;
	window_move(mem);
	return mem_pass(mem, event_look);
}

/* Both passes are over, and nothing was to be printed. */
static int
nothing_say(const struct mem *mem)
{
	const char *path = mem->args->words[0];

	if (mem->args->range.from.number != 0 ||
	    mem->args->range.to.number != UINT64_MAX)
		return trace_say_nothing(path);
	if (mem->proc == 0)
		return cli_fail(CLI_OK, "%s: it has no vmspace %" PRIu32, path,
		    mem->args->id);
	return cli_fail(CLI_OK, "%s: nothing has written to these bytes", path);
}

static int
mem_read(struct mem *mem, struct trace_reader *reader)
{
	const struct trace_range all = { .to = { false, UINT64_MAX } };
	struct exec_span span;
	int status;

	status = exec_span_find(reader, mem->args->words[0], &all, &span);
	if (status != CLI_OK)
		return status;
	mem->symbols = trace_symbols_open(reader, span.start);
	mem->decoder = decoder_create();
	if (mem->decoder == NULL)
		return cli_fail(CLI_FAILED, "Capstone cannot be opened");
	status = mem_find(mem, reader);
	if (status == CLI_OK)
		status = mem_show(mem, reader);
	return status == CLI_OK && !mem->printed ? nothing_say(mem) : status;
}

int
trace_mem(const struct trace_args *args)
{
	struct mem *mem = calloc(1, sizeof(*mem));
	struct trace_reader *reader;
	int status;

	if (mem == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	mem->args = args;
	status = address_parse(mem, args->words[1]);
	if (status == CLI_OK)
		status = trace_open(args->words[0], &reader);
	if (status == CLI_OK) {
		status = mem_read(mem, reader);
		replay_close(mem->replay);
		decoder_destroy(mem->decoder);
		trace_symbols_close(mem->symbols);
		trace_reader_close(reader);
	}
	free(mem->stores);
	free(mem);
	return status;
}
