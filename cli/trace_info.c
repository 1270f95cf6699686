/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace trace info: reads everything once and adds up. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/trace.h"

#define BLOCK_TYPES 16

struct block_sum {
	char type[24];
	uint64_t blocks, stored_bytes, raw_bytes, events;
};

struct info {
	const char *path;
	struct trace_reader *reader;
	const struct trace_header *header;
	uint64_t file_bytes;
	struct block_sum sums[BLOCK_TYPES];
	size_t sum_count;
	char blocks_problem[220]; /* "", or why the list ends early */
	uint64_t kinds[TRACE_KIND_COUNT];
	uint64_t syscalls, input_bytes;
	const struct trace_end *end; /* NULL: the events end in damage */
	bool begun;
	uint64_t first_event, first_insn;
};

static struct block_sum *
sum_find(struct info *info, const char *type)
{
	size_t i = 0;

	while (i < info->sum_count && strcmp(info->sums[i].type, type) != 0)
		i++;
	if (i == BLOCK_TYPES)
		return NULL;
	if (i == info->sum_count) {
		info->sum_count++;
		(void)snprintf(
		    info->sums[i].type, sizeof(info->sums[i].type), "%s", type);
	}
	return &info->sums[i];
}

static void
block_add(void *arg, const struct trace_block_info *block)
{
	struct block_sum *sum = sum_find(arg, block->type);

	if (sum == NULL)
		return;
	sum->blocks++;
	sum->stored_bytes += block->stored_bytes;
	sum->raw_bytes += block->raw_bytes;
	sum->events += block->events;
}

static void
event_add(struct info *info, const struct trace_event *event)
{
	if (!info->begun) {
		info->begun = true;
		info->first_event = event->number;
		info->first_insn = event->insns;
	}
	info->kinds[event->kind]++;
	if (event->kind == TRACE_INPUT)
		info->input_bytes += event->u.input.len;
	if (event->kind == TRACE_RUN && event->u.run.has_frame_out &&
	    event->u.run.frame_out.tf_trapno == T_FAST_SYSCALL)
		info->syscalls++;
}

static int
info_gather(struct info *info)
{
	struct trace_problem problem = { .offset = 0 };
	struct trace_event event;
	struct stat st;
	int error;

	if (stat(info->path, &st) == 0)
		info->file_bytes = (uint64_t)st.st_size;
	info->header = trace_reader_header(info->reader);
	if (trace_reader_blocks(info->reader, block_add, info, &problem) != 0)
		(void)snprintf(info->blocks_problem,
		    sizeof(info->blocks_problem), "%s", problem.text);
	while ((error = trace_read(info->reader, info->path, &event)) == 0)
		event_add(info, &event);
	if (error == ENOENT)
		info->end = trace_reader_end(info->reader);
	return trace_read_status(error);
}

static const char *
end_name(const struct info *info)
{
	if (info->end == NULL)
		return "damaged";
	switch (info->end->how) {
	case TRACE_END_COMPLETE:
		return "complete";
	case TRACE_END_CAPPED:
		return "capped";
	case TRACE_END_TRUNCATED:
		break;
	}
	return "cut short";
}

static const char *
index_state(const struct info *info)
{
	for (size_t i = 0; i < info->sum_count; i++)
		if (strcmp(info->sums[i].type, "index") == 0)
			return "present";
	return "missing, found by scanning";
}

static double
per(uint64_t amount, uint64_t units)
{
	return units == 0 ? 0 : (double)amount / (double)units;
}

/* From the file: a terminal must not take any of it for a command. */
static void
text_print(const char *name, const char *text)
{
	printf("%-22s ", name);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			printf("\\x%02x", c);
		else if (c == '\\')
			fputs("\\\\", stdout);
		else
			putchar(c);
	}
	putchar('\n');
}

static void
number_print(const char *name, uint64_t number)
{
	printf("%-22s %" PRIu64 "\n", name, number);
}

static const struct {
	uint32_t bit;
	const char *name;
} observe_names[] = {
	{ VMS_OBSERVE_CHECK, "check" },
	{ VMS_OBSERVE_WRITTEN, "written" },
	{ VMS_OBSERVE_DIGEST_RUN, "digest-run" },
};

/* How the recorder learned of the kernel's stores, and what else it did. */
static void
flags_text(uint32_t flags, char *text, size_t room)
{
	size_t at = (size_t)snprintf(text, room, "%s",
	    (flags & VMS_OBSERVE_DECLARED) != 0 ? "declared" : "searched");

	for (size_t i = 0; i < sizeof(observe_names) / sizeof(observe_names[0]);
	     i++)
		if ((flags & observe_names[i].bit) != 0 && at < room)
			at += (size_t)snprintf(
			    text + at, room - at, " %s", observe_names[i].name);
}

static void
header_print(const struct info *info)
{
	const struct trace_header *h = info->header;
	char flags[80];

	flags_text(h->observe_flags, flags, sizeof(flags));
	printf("%-22s %u.%u\n", "format", h->major, h->minor);
	text_print("creator", h->creator);
	text_print("unicorn", h->unicorn);
	text_print("cpu model", h->cpu_model);
	printf("%-22s %s\n", "era", h->era == VMS_ERA_SEED ? "seed" : "2013");
	printf("%-22s 0x%" PRIx32 "\n", "config flags", h->config_flags);
	printf("%-22s %s\n", "recording", flags);
	number_print("digest every", h->digest_insns);
	printf("%-22s 0x%" PRIx64 "\n", "compatible bits", h->compat);
	printf("%-22s 0x%" PRIx64 "\n", "incompatible bits", h->incompat);
	for (size_t i = 0; h->notes != NULL && h->notes[i] != NULL; i++)
		text_print("note", h->notes[i]);
}

static void
files_print(const struct info *info)
{
	const char *name;

	for (size_t i = 0;
	     (name = trace_reader_file_name(info->reader, i)) != NULL; i++) {
		const uint8_t *bytes;
		size_t len;

		if (trace_reader_file(info->reader, name, &bytes, &len) == 0)
			printf("%-22s %s, %zu bytes\n", "embedded file", name,
			    len);
	}
}

static void
blocks_print(const struct info *info)
{
	printf("\n%-12s %10s %14s %14s\n", "blocks", "count", "stored bytes",
	    "raw bytes");
	for (size_t i = 0; i < info->sum_count; i++)
		printf("%-12s %10" PRIu64 " %14" PRIu64 " %14" PRIu64 "\n",
		    info->sums[i].type, info->sums[i].blocks,
		    info->sums[i].stored_bytes, info->sums[i].raw_bytes);
	if (info->blocks_problem[0] != '\0')
		printf("(%s)\n", info->blocks_problem);
}

static void
kinds_print(const struct info *info)
{
	printf("\n%-12s %10s\n", "events", "count");
	for (unsigned i = 1; i < TRACE_KIND_COUNT; i++)
		if (info->kinds[i] != 0)
			printf("%-12s %10" PRIu64 "\n",
			    trace_kind_name((enum trace_kind)i),
			    info->kinds[i]);
	printf("\n");
}

/* Of what is in the file. */
static uint64_t
info_events(const struct info *info)
{
	return info->end->events - info->first_event;
}

static uint64_t
info_insns(const struct info *info)
{
	return info->end->insns - info->first_insn;
}

static void
end_print(const struct info *info)
{
	const struct trace_end *end = info->end;

	if (info->first_event != 0)
		printf("%-22s event %" PRIu64 ", after %" PRIu64
		       " instructions\n",
		    "starts at", info->first_event, info->first_insn);
	printf("%-22s %s\n", "ended", end_name(info));
	printf("%-22s %s\n", "index", index_state(info));
	number_print("file bytes", info->file_bytes);
	if (end == NULL)
		return;
	number_print("events", info_events(info));
	number_print("runs", info->kinds[TRACE_RUN]);
	number_print("instructions", info_insns(info));
	number_print("system calls", info->syscalls);
	number_print("input bytes", info->input_bytes);
	printf("%-22s %.3f\n", "bytes per 1000 insns",
	    1000 * per(info->file_bytes, info_insns(info)));
	printf("%-22s %.1f\n", "bytes per system call",
	    per(info->file_bytes, info->syscalls));
	printf("%-22s %016" PRIx64 "%016" PRIx64 "\n", "stream digest",
	    end->stream_digest[0], end->stream_digest[1]);
}

static void
info_print(const struct info *info)
{
	header_print(info);
	files_print(info);
	blocks_print(info);
	kinds_print(info);
	end_print(info);
}

static void
header_json(struct json *json, const struct info *info)
{
	const struct trace_header *h = info->header;

	json_number(json, "major", h->major);
	json_number(json, "minor", h->minor);
	json_string(json, "creator", h->creator);
	json_string(json, "unicorn", h->unicorn);
	json_string(json, "cpu_model", h->cpu_model);
	json_number(json, "era", h->era);
	json_number(json, "config_flags", h->config_flags);
	json_number(json, "observe_flags", h->observe_flags);
	json_number(json, "digest_insns", h->digest_insns);
	json_hex(json, "compat", h->compat);
	json_hex(json, "incompat", h->incompat);
	json_begin(json, "notes", '[');
	for (size_t i = 0; h->notes != NULL && h->notes[i] != NULL; i++)
		json_string(json, NULL, h->notes[i]);
	json_end(json, '[');
}

static void
blocks_json(struct json *json, const struct info *info)
{
	const char *name;

	json_begin(json, "files", '[');
	for (size_t i = 0;
	     (name = trace_reader_file_name(info->reader, i)) != NULL; i++)
		json_string(json, NULL, name);
	json_end(json, '[');
	json_begin(json, "blocks", '{');
	for (size_t i = 0; i < info->sum_count; i++) {
		json_begin(json, info->sums[i].type, '{');
		json_number(json, "count", info->sums[i].blocks);
		json_number(json, "stored_bytes", info->sums[i].stored_bytes);
		json_number(json, "raw_bytes", info->sums[i].raw_bytes);
		json_end(json, '{');
	}
	json_end(json, '{');
	json_begin(json, "kinds", '{');
	for (unsigned i = 1; i < TRACE_KIND_COUNT; i++)
		json_number(
		    json, trace_kind_name((enum trace_kind)i), info->kinds[i]);
	json_end(json, '{');
}

static void
info_json(const struct info *info)
{
	struct json json;
	char digest[40];

	json_open(&json, stdout);
	header_json(&json, info);
	blocks_json(&json, info);
	json_string(&json, "ended", end_name(info));
	json_string(&json, "index", index_state(info));
	json_number(&json, "file_bytes", info->file_bytes);
	if (info->end != NULL) {
		json_number(&json, "first_event", info->first_event);
		json_number(&json, "first_insn", info->first_insn);
		json_number(&json, "events", info_events(info));
		json_number(&json, "runs", info->kinds[TRACE_RUN]);
		json_number(&json, "insns", info_insns(info));
		json_number(&json, "syscalls", info->syscalls);
		(void)snprintf(digest, sizeof(digest),
		    "%016" PRIx64 "%016" PRIx64, info->end->stream_digest[0],
		    info->end->stream_digest[1]);
		json_string(&json, "stream_digest", digest);
	}
	json_close(&json);
}

int
trace_info(const struct trace_args *args)
{
	struct info info = { .path = args->words[0] };
	int status;

	status = trace_open(info.path, &info.reader);
	if (status != CLI_OK)
		return status;
	status = info_gather(&info);
	if (args->json)
		info_json(&info);
	else
		info_print(&info);
	trace_reader_close(info.reader);
	return status;
}
