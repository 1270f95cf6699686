/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/replay_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/disasm.h"
#include "traces/text.h"

#define LINES      16
#define LINE_BYTES 160
#define INSN_BYTES 15

/* What the second replay gathers. */
struct gathered {
	FILE *out;
	const struct replay_difference *difference;
	struct replay *replay;
	struct disasm *disasm;
	char lines[LINES][LINE_BYTES]; /* a ring */
	size_t line_count;
	bool stored;
	struct vms_store store; /* the last one */
	uint64_t store_insns;
};

static void gather(
    struct gathered *gathered, struct trace_reader *reader, uint64_t stopped);
static replay_insn_fn keep_insn;
static replay_store_fn keep_store;
static void lines_print(const struct gathered *gathered);
static void store_print(const struct gathered *gathered);
static void text_print(FILE *out, const char *text);

void
replay_report(FILE *out, const char *path,
    const struct replay_difference *difference, uint64_t stopped)
{
	struct gathered *gathered = calloc(1, sizeof(*gathered));
	struct trace_reader *reader = NULL;
	struct trace_problem problem;

	fprintf(out,
	    "different: event %" PRIu64 ", after %" PRIu64
	    " instructions: %s: recorded %s, replayed %s\n",
	    difference->event, difference->insns, difference->field,
	    difference->recorded, difference->replayed);
	text_print(out, difference->text);
	if (gathered == NULL || trace_reader_open(path, &reader, &problem) != 0)
		goto out;
	gathered->out = out;
	gathered->difference = difference;
	gathered->disasm = disasm_create();
	if (replay_open(reader, &gathered->replay, &problem) != 0)
		goto out;
	gather(gathered, reader, stopped);
	lines_print(gathered);
	store_print(gathered);
out:
	if (gathered != NULL) {
		replay_close(gathered->replay);
		disasm_destroy(gathered->disasm);
	}
	trace_reader_close(reader);
	free(gathered);
}

/* Each sentence on a line of its own, indented. */
static void
text_print(FILE *out, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		fprintf(out, "  %.*s\n", (int)len, text);
		text += len;
		text += *text == '\n';
	}
}

static void
gather(struct gathered *gathered, struct trace_reader *reader, uint64_t stopped)
{
	const struct replay_difference *d = gathered->difference;
	uint64_t from = d->insns > LINES ? d->insns - LINES : 0;
	const struct trace_event *event;
	enum replay_result result;

	(void)reader;
	replay_set_insn(
	    gathered->replay, from, d->insns + 1, keep_insn, gathered);
	if (d->in_memory)
		replay_set_store(gathered->replay, d->id, d->va, d->va + 1,
		    keep_store, gathered);
	do {
		result = replay_step(gathered->replay, &event);
		if ((result == REPLAY_DONE || result == REPLAY_DIFFERENT) &&
		    event->number == d->event) {
			fputs("  ", gathered->out);
			trace_event_print(gathered->out, event);
		}
	} while (result == REPLAY_DONE && event->number < stopped);
}

static void
keep_insn(void *arg, const struct trace_event *run, const struct trapframe *tf,
    const uint64_t tls[2], uint64_t insns)
{
	struct gathered *gathered = arg;
	vms_va_t va = (vms_va_t)tf->tf_rip;
	uint8_t bytes[INSN_BYTES];
	char text[LINE_BYTES - 24];
	size_t len;

	(void)tls;
	if (gathered->disasm == NULL)
		return;
	len = replay_peek(gathered->replay, run->u.run.proc, run->u.run.id, va,
	    bytes, sizeof(bytes));
	disasm_line(gathered->disasm, va, bytes, len, text, sizeof(text));
	snprintf(gathered->lines[gathered->line_count++ % LINES], LINE_BYTES,
	    "%12" PRIu64 "  %s", insns, text);
}

static void
keep_store(void *arg, uint64_t insns, const struct vms_store *store)
{
	struct gathered *gathered = arg;

	gathered->stored = true;
	gathered->store = *store;
	gathered->store_insns = insns;
}

static void
lines_print(const struct gathered *gathered)
{
	size_t count = gathered->line_count;
	size_t first = count > LINES ? count - LINES : 0;

	if (count > 0)
		fprintf(gathered->out,
		    "  the last instructions, with how many came before:\n");
	for (size_t i = first; i < count; i++)
		fprintf(gathered->out, "  %s\n", gathered->lines[i % LINES]);
}

static void
store_print(const struct gathered *gathered)
{
	const struct replay_difference *d = gathered->difference;

	if (!d->in_memory)
		return;
	if (gathered->stored)
		fprintf(gathered->out,
		    "  lwp %" PRIu32 " stored to 0x%" PRIx64
		    " last, by the instruction at 0x%" PRIx64 ", after %" PRIu64
		    " instructions\n",
		    gathered->store.lwp, d->va,
		    (uint64_t)gathered->store.before.tf_rip,
		    gathered->store_insns);
	else
		fprintf(gathered->out,
		    "  no guest stored to 0x%" PRIx64 " before\n", d->va);
}
