/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace trace pages: the memory that entered the trace from outside. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "base/u64map.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/trace.h"

/* Of a file object, or of all. */
struct pages_sum {
	uint32_t object;
	uint64_t bytes;          /* of the object, as last told */
	uint64_t first, changed; /* inputs */
	uint64_t zero, same;     /* of the whole pages among them */
	uint64_t undeclared, input_bytes;
};

struct pages {
	struct pages_sum *sums;
	size_t count;
	struct u64map by_number; /* object -> index of its sum */
	struct u64map contents;  /* digests of whole pages */
	bool json;
};

static void
pages_finish(struct pages *pages)
{
	u64map_finish(&pages->by_number);
	u64map_finish(&pages->contents);
	free(pages->sums);
}

/* NULL: no memory. */
static struct pages_sum *
sum_find(struct pages *pages, uint32_t object)
{
	struct pages_sum *sums;
	uint64_t at;

	if (u64map_get(&pages->by_number, object, &at))
		return &pages->sums[at];
	sums = realloc(pages->sums, (pages->count + 1) * sizeof(*sums));
	if (sums == NULL)
		return NULL;
	pages->sums = sums;
	if (u64map_put(&pages->by_number, object, pages->count) != 0)
		return NULL;
	sums[pages->count] = (struct pages_sum){ .object = object };
	return &sums[pages->count++];
}

/* FNV-1a; two contents with one digest would only be counted wrongly. */
static uint64_t
content_digest(const uint8_t *bytes, size_t len)
{
	uint64_t digest = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ bytes[i]) * UINT64_C(0x100000001b3);
	return digest >> 1;
}

static bool
content_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static const char *
content_count(
    struct pages *pages, struct pages_sum *sum, const struct trace_bytes *input)
{
	uint64_t digest;

	if (input->len != PAGE_BYTES)
		return "";
	if (content_zero(input->bytes, input->len)) {
		sum->zero++;
		return " zero";
	}
	digest = content_digest(input->bytes, input->len);
	if (u64map_get(&pages->contents, digest, NULL)) {
		sum->same++;
		return " seen before";
	}
	(void)u64map_put(&pages->contents, digest, 0);
	return "";
}

static void
input_print(const struct pages *pages, const struct trace_event *event,
    const char *content)
{
	const struct trace_bytes *input = &event->u.input;
	struct json json;

	if (!pages->json) {
		printf("@%" PRIu64 " %" PRIu64 " object %" PRIu32
		       " offset 0x%" PRIx64 " %" PRIu32 " bytes, %s%s%s\n",
		    event->number, event->insns, input->object, input->off,
		    input->len, input->first ? "first" : "changed", content,
		    input->undeclared ? ", undeclared" : "");
		return;
	}
	json_open(&json, stdout);
	json_number(&json, "event", event->number);
	json_number(&json, "insns", event->insns);
	json_number(&json, "object", input->object);
	json_hex(&json, "offset", input->off);
	json_number(&json, "bytes", input->len);
	json_flag(&json, "first", input->first);
	json_flag(&json, "zero", strcmp(content, " zero") == 0);
	json_flag(&json, "seen_before", strcmp(content, " seen before") == 0);
	json_flag(&json, "undeclared", input->undeclared);
	json_close(&json);
}

static bool
input_add(struct pages *pages, const struct trace_event *event)
{
	const struct trace_bytes *input = &event->u.input;
	struct pages_sum *sum = sum_find(pages, input->object);

	if (sum == NULL)
		return false;
	sum->first += input->first;
	sum->changed += !input->first;
	sum->undeclared += input->undeclared;
	sum->input_bytes += input->len;
	input_print(pages, event, content_count(pages, sum, input));
	return true;
}

static bool
event_add(struct pages *pages, const struct trace_event *event)
{
	struct pages_sum *sum;

	if (event->kind == TRACE_INPUT)
		return input_add(pages, event);
	if (event->kind != TRACE_OBJECT)
		return true;
	sum = sum_find(pages, event->u.object.number);
	if (sum == NULL)
		return false;
	sum->bytes = event->u.object.bytes;
	return true;
}

static void
sum_print(const struct pages_sum *sum, const char *name, bool as_json)
{
	struct json json;

	if (!as_json) {
		printf("%-10s %12" PRIu64 " bytes: %" PRIu64
		       " pages entered, %" PRIu64 " changed, %" PRIu64
		       " zero, %" PRIu64 " seen before, %" PRIu64
		       " undeclared, %" PRIu64 " bytes in\n",
		    name, sum->bytes, sum->first, sum->changed, sum->zero,
		    sum->same, sum->undeclared, sum->input_bytes);
		return;
	}
	json_open(&json, stdout);
	json_string(&json, "sum", name);
	json_number(&json, "object_bytes", sum->bytes);
	json_number(&json, "first", sum->first);
	json_number(&json, "changed", sum->changed);
	json_number(&json, "zero", sum->zero);
	json_number(&json, "seen_before", sum->same);
	json_number(&json, "undeclared", sum->undeclared);
	json_number(&json, "input_bytes", sum->input_bytes);
	json_close(&json);
}

static void
sums_print(const struct pages *pages)
{
	struct pages_sum all = { .object = 0 };
	char name[24];

	for (size_t i = 0; i < pages->count; i++) {
		const struct pages_sum *sum = &pages->sums[i];

		(void)snprintf(
		    name, sizeof(name), "object %" PRIu32, sum->object);
		sum_print(sum, name, pages->json);
		all.bytes += sum->bytes;
		all.first += sum->first;
		all.changed += sum->changed;
		all.zero += sum->zero;
		all.same += sum->same;
		all.undeclared += sum->undeclared;
		all.input_bytes += sum->input_bytes;
	}
	sum_print(&all, "all", pages->json);
}

static int
pages_read(struct pages *pages, struct trace_reader *reader,
    const struct trace_args *args)
{
	struct trace_event event;
	int error;

	while ((error = trace_read(reader, args->words[0], &event)) == 0) {
		if (range_passed(&args->range, &event))
			break;
		if (event.kind != TRACE_OBJECT &&
		    !range_reached(&args->range, &event))
			continue;
		if (!event_add(pages, &event))
			return cli_fail(CLI_FAILED, "out of memory");
	}
	sums_print(pages);
	return trace_read_status(error);
}

int
trace_pages(const struct trace_args *args)
{
	struct pages pages = { .json = args->json };
	struct trace_reader *reader;
	int status;

	status = trace_open(args->words[0], &reader);
	if (status != CLI_OK)
		return status;
	status = pages_read(&pages, reader, args);
	trace_reader_close(reader);
	pages_finish(&pages);
	return status;
}
