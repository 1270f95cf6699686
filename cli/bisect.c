/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmspace bisect: up to the first event that differs both recordings are one.
 * From there both are executed instruction by instruction; a digest of what
 * each used and did is kept of A, a part at a time, and compared with B's.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/insn_print.h"
#include "cli/trace_diff.h"
#include "cli/trace_exec.h"
#include "traces/kinds.h"

/* Most recordings part soon, so parts start small and grow. */
#define PART_FIRST UINT64_C(4096)
#define PART_LAST  UINT64_C(1048576)
#define PART_GROWS 16

struct bisect {
	const struct trace_args *args;
	struct diff diff;
	uint64_t from, insns; /* first instruction of the part, and how many */
	uint64_t *digests;    /* of A: PART_LAST of them */
	uint64_t counts[2];
	uint64_t parted; /* UINT64_MAX: not in this part */
};

void
cmd_bisect_help(FILE *out)
{
	fprintf(out,
	    "Finds the first instruction at which two recordings of one\n"
	    "program part: that used other registers or other memory, or is\n"
	    "another one.  Prints it as both have it.\n"
	    "\n"
	    "Options:\n");
	trace_args_help(out, TRACE_OPT_JSON);
	fprintf(out,
	    "\n"
	    "Exit status: 0 the recordings are the same; 1 they part; 2 a\n"
	    "file cannot be used, or wrong usage.\n");
}

static uint64_t
digest_add(uint64_t digest, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
	return digest;
}

/* Trap numbers and the like are no registers of the guest. */
static struct trapframe
guest_registers(const struct trapframe *tf)
{
	struct trapframe registers = *tf;

	registers.tf_xflags = registers.tf_trapno = registers.tf_addr = 0;
	registers.tf_flags = registers.tf_err = 0;
	registers.tf_cs = registers.tf_ss = 0;
	return registers;
}

static uint64_t
insn_digest(const struct exec_insn *insn)
{
	struct trapframe before = guest_registers(&insn->before);
	uint64_t digest = UINT64_C(0xcbf29ce484222325);

	digest = digest_add(digest, &before, sizeof(before));
	digest = digest_add(
	    digest, insn->decoded.bytes, sizeof(insn->decoded.bytes));
	for (size_t i = 0; i < insn->decoded.access_count; i++) {
		const struct exec_access *access = &insn->accesses[i];

		digest = digest_add(digest, access->before, access->before_len);
		digest = digest_add(digest, access->after, access->after_len);
	}
	if (insn->has_fp) {
		digest = digest_add(
		    digest, insn->fp_before, sizeof(insn->fp_before));
		digest =
		    digest_add(digest, insn->fp_after, sizeof(insn->fp_after));
	}
	return digest;
}

/* An instruction that trapped is done again under the same number: what
 * counts is the time when it was done. */
static void
insn_keep(void *arg, const struct exec_insn *insn)
{
	struct bisect *bisect = arg;
	uint64_t at = insn->number - bisect->from;

	if (!insn->retired || at >= bisect->insns)
		return;
	bisect->digests[at] = insn_digest(insn);
	bisect->counts[0] = at + 1;
}

static void
insn_compare(void *arg, const struct exec_insn *insn)
{
	struct bisect *bisect = arg;
	uint64_t at = insn->number - bisect->from;

	if (!insn->retired || at >= bisect->insns)
		return;
	bisect->counts[1] = at + 1;
	if (bisect->parted == UINT64_MAX && at < bisect->counts[0] &&
	    bisect->digests[at] != insn_digest(insn))
		bisect->parted = insn->number;
}

static struct trace_args
side_args(const struct bisect *bisect, int side, uint64_t from, uint64_t to)
{
	struct trace_args args = *bisect->args;

	args.words[0] = bisect->args->words[side];
	args.range = (struct trace_range){ { false, from }, { false, to } };
	return args;
}

static int
part_compare(struct bisect *bisect)
{
	uint64_t to = bisect->from + (bisect->insns - 1);
	struct trace_args a = side_args(bisect, 0, bisect->from, to);
	struct trace_args b = side_args(bisect, 1, bisect->from, to);
	int status;

	bisect->parted = UINT64_MAX;
	bisect->counts[0] = bisect->counts[1] = 0;
	status = exec_each(&a, EXEC_DETAILS, insn_keep, bisect);
	if (status == CLI_OK)
		status = exec_each(&b, EXEC_DETAILS, insn_compare, bisect);
	return status;
}

/* On terminals: how far both are the same. */
static void
progress_show(const struct bisect *bisect)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%" PRIu64 " million instructions\033[K",
		    bisect->from / 1000000);
}

static void
progress_clear(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

/* Goes on until a part has the instruction or one side has ended. */
static int
parts_compare(struct bisect *bisect)
{
	int status;

	for (;;) {
		status = part_compare(bisect);
		if (status != CLI_OK || bisect->parted != UINT64_MAX ||
		    bisect->counts[0] != bisect->insns ||
		    bisect->counts[1] != bisect->insns)
			return status;
		bisect->from += bisect->insns;
		if (bisect->insns < PART_LAST)
			bisect->insns *= PART_GROWS;
		progress_show(bisect);
	}
}

/* The instruction of both sides, as it was done. */
struct sides {
	struct exec_insn insns[2];
	bool found[2];
	int side; /* being read */
};

static void
insn_take(void *arg, const struct exec_insn *insn)
{
	struct sides *sides = arg;

	if (!insn->retired && sides->found[sides->side])
		return;
	sides->insns[sides->side] = *insn;
	sides->found[sides->side] = true;
}

static void
registers_print(const struct sides *sides)
{
	struct trapframe a = guest_registers(&sides->insns[0].before);
	struct trapframe b = guest_registers(&sides->insns[1].before);
	bool same = true;

	printf("registers before it:");
	for (unsigned reg = 0; reg < TRACE_FRAME_REGS; reg++) {
		if (insn_register(&a, reg) == insn_register(&b, reg))
			continue;
		printf("%s %s 0x%" PRIx64 " in A, 0x%" PRIx64 " in B",
		    same ? "" : ",", trace_reg_names[reg],
		    insn_register(&a, reg), insn_register(&b, reg));
		same = false;
	}
	printf(same ? " the same\n" : "\n");
	for (unsigned reg = 0; same && reg < TRACE_FRAME_REGS; reg++)
		if (insn_register(&a, reg) != 0)
			printf("  %s 0x%" PRIx64 "\n", trace_reg_names[reg],
			    insn_register(&a, reg));
}

static void
event_print(const struct diff *diff)
{
	printf("events part at @%" PRIu64 ", after %" PRIu64
	       " instructions%s%s\n",
	    diff->event, diff->insns, diff->how == DIFF_FIELD ? ": " : "",
	    diff->how == DIFF_FIELD ? diff->field : "");
	for (int side = 0; side < 2; side++)
		printf("%c %s\n", "AB"[side],
		    diff -> lines[side][0] == '\0' ? "(has ended)"
						   : diff->lines[side]);
}

static void
sides_print(const struct bisect *bisect, const struct sides *sides)
{
	printf("first instruction that differs: %" PRIu64 "\n", bisect->parted);
	for (int side = 0; side < 2; side++) {
		printf("%c ", "AB"[side]);
		insn_print_text(stdout, &sides->insns[side]);
	}
	registers_print(sides);
}

static int
sides_show(const struct bisect *bisect)
{
	struct sides *sides = calloc(1, sizeof(*sides));
	int status = CLI_OK;

	if (sides == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	for (int side = 0; side < 2 && status == CLI_OK; side++) {
		struct trace_args args =
		    side_args(bisect, side, bisect->parted, bisect->parted);

		sides->side = side;
		status = exec_each(&args, EXEC_DETAILS, insn_take, sides);
	}
	if (status == CLI_OK && bisect->args->json) {
		insn_print_json(stdout, &sides->insns[0]);
		insn_print_json(stdout, &sides->insns[1]);
	} else if (status == CLI_OK) {
		sides_print(bisect, sides);
	}
	free(sides);
	return status;
}

static void
difference_json(const struct bisect *bisect)
{
	struct json json;

	json_open(&json, stdout);
	json_flag(&json, "same", false);
	json_number(&json, "event", bisect->diff.event);
	json_number(&json, "insns", bisect->diff.insns);
	if (bisect->parted != UINT64_MAX)
		json_number(&json, "insn", bisect->parted);
	json_close(&json);
}

static int
difference_find(struct bisect *bisect)
{
	int status;

	bisect->from = bisect->diff.insns;
	bisect->parted = UINT64_MAX;
	bisect->insns = PART_FIRST;
	bisect->digests = calloc(PART_LAST, sizeof(*bisect->digests));
	if (bisect->digests == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	status = parts_compare(bisect);
	progress_clear();
	free(bisect->digests);
	if (status != CLI_OK)
		return status;
	if (bisect->args->json)
		difference_json(bisect);
	else
		event_print(&bisect->diff);
	if (bisect->parted != UINT64_MAX)
		status = sides_show(bisect);
	else if (!bisect->args->json)
		printf("every instruction that both executed is the same\n");
	return status == CLI_OK ? TRACE_DIFFERENT : status;
}

/* The header decides nothing here: what it changes shows in the events. */
static int
events_compare(struct bisect *bisect)
{
	struct trace_reader *readers[2] = { NULL, NULL };
	int status;

	status = trace_open(bisect->args->words[0], &readers[0]);
	if (status == CLI_OK)
		status = trace_open(bisect->args->words[1], &readers[1]);
	if (status == CLI_OK)
		status =
		    diff_events(readers, bisect->args->words, &bisect->diff);
	trace_reader_close(readers[1]);
	trace_reader_close(readers[0]);
	return status;
}

static int
bisect_do(const struct trace_args *args)
{
	struct bisect bisect = { .args = args };
	int status = events_compare(&bisect);

	if (status != CLI_OK)
		return status;
	if (bisect.diff.how != DIFF_NONE)
		return difference_find(&bisect);
	printf(
	    args->json ? "{\"same\":true}\n" : "the recordings are the same\n");
	return CLI_OK;
}

int
cmd_bisect(int argc, char **argv)
{
	const struct trace_shape shape = { "bisect", "bisect", TRACE_OPT_JSON,
		"A B", 2 };
	struct trace_args args;
	int status, flushed;

	status = trace_args_parse(&shape, argc, argv, &args);
	if (status != CLI_OK)
		return status;
	status = bisect_do(&args);
	flushed = cli_flush();
	return flushed != CLI_OK ? flushed : status;
}
