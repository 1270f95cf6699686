/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace trace insns and blocks: what was executed, in its order. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/u64map.h"
#include "cli/cli.h"
#include "cli/insn_print.h"
#include "cli/trace.h"
#include "cli/trace_exec.h"

struct insns {
	const struct trace_args *args;
	bool printed;
};

static void
insn_each(void *arg, const struct exec_insn *insn)
{
	struct insns *insns = arg;

	insns->printed = true;
	if (insns->args->json)
		insn_print_json(stdout, insn);
	else
		insn_print_text(stdout, insn);
}

int
trace_insns(const struct trace_args *args)
{
	struct insns insns = { .args = args };
	int status = exec_each(args, EXEC_DETAILS, insn_each, &insns);

	if (status == CLI_OK && !insns.printed)
		return trace_say_nothing(args->words[0]);
	return status;
}

/* A basic block: from where a jump may lead to the next jump. */
struct block {
	uint64_t number, event; /* of its first instruction */
	uint32_t lwp;
	uint64_t rip, end; /* end: after its last instruction */
	uint64_t insns;    /* retired in it; each round of a REP is one */
	char symbol[96];
};

/* Blocks of one address and length, added up. */
struct block_sum {
	struct block block;
	uint64_t times;
};

struct blocks {
	const struct trace_args *args;
	bool open, repeating;
	bool any; /* a block has ended */
	struct block block;
	struct block_sum *sums;
	size_t count, capacity;
	struct u64map by_rip; /* index of the last sum with this address */
	bool failed;          /* no memory */
};

static struct block_sum *
sum_add(struct blocks *blocks)
{
	struct block_sum *sums;
	size_t capacity = blocks->capacity * 2 + 64;

	if (blocks->count < blocks->capacity)
		return &blocks->sums[blocks->count++];
	sums = realloc(blocks->sums, capacity * sizeof(*sums));
	if (sums == NULL)
		return NULL;
	blocks->sums = sums;
	blocks->capacity = capacity;
	return &blocks->sums[blocks->count++];
}

static void
block_count(struct blocks *blocks)
{
	const struct block *block = &blocks->block;
	struct block_sum *sum;
	uint64_t at;

	if (u64map_get(&blocks->by_rip, block->rip, &at) &&
	    blocks->sums[at].block.end == block->end) {
		blocks->sums[at].times++;
		blocks->sums[at].block.insns += block->insns;
		return;
	}
	sum = sum_add(blocks);
	if (sum == NULL ||
	    u64map_put(&blocks->by_rip, block->rip, blocks->count - 1) != 0) {
		blocks->failed = true;
		return;
	}
	*sum = (struct block_sum){ *block, 1 };
}

static void
block_text(const struct block *block)
{
	printf("%10" PRIu64 " %016" PRIx64 " %4" PRIu64 " bytes %6" PRIu64
	       " insns%s%s\n",
	    block->number, block->rip, block->end - block->rip, block->insns,
	    block->symbol[0] == '\0' ? "" : "  ", block->symbol);
}

static void
block_json(const struct block *block)
{
	struct json json;

	json_open(&json, stdout);
	json_number(&json, "insn", block->number);
	json_number(&json, "event", block->event);
	json_number(&json, "lwp", block->lwp);
	json_hex(&json, "rip", block->rip);
	json_number(&json, "bytes", block->end - block->rip);
	json_number(&json, "insns", block->insns);
	if (block->symbol[0] != '\0')
		json_string(&json, "symbol", block->symbol);
	json_close(&json);
}

static void
block_close(struct blocks *blocks)
{
	if (!blocks->open)
		return;
	blocks->open = false;
	if (blocks->block.end == blocks->block.rip)
		return;
	blocks->any = true;
	if (blocks->args->count)
		block_count(blocks);
	else if (blocks->args->json)
		block_json(&blocks->block);
	else
		block_text(&blocks->block);
}

static void
block_begin(struct blocks *blocks, const struct exec_insn *insn)
{
	blocks->open = true;
	blocks->block = (struct block){ .number = insn->number,
		.event = insn->event,
		.lwp = insn->lwp,
		.rip = insn->rip,
		.end = insn->rip };
	memcpy(blocks->block.symbol, insn->symbol, sizeof(insn->symbol));
}

/* An instruction that faults belongs to the block in which it is done again. */
static void
block_each(void *arg, const struct exec_insn *insn)
{
	struct blocks *blocks = arg;
	struct block *block = &blocks->block;
	bool again = blocks->repeating && insn->decoded.repeats &&
		     insn->rip + insn->decoded.size == block->end;

	if (blocks->open &&
	    (insn->lwp != block->lwp || (insn->rip != block->end && !again)))
		block_close(blocks);
	if (!blocks->open)
		block_begin(blocks, insn);
	if (insn->retired || insn->decoded.jumps) {
		block->end = insn->rip + insn->decoded.size;
		block->insns += insn->retired;
	}
	blocks->repeating = insn->decoded.repeats;
	if (insn->decoded.jumps)
		block_close(blocks);
}

static int
by_insns(const void *a, const void *b)
{
	const struct block_sum *x = a, *y = b;

	if (x->block.insns != y->block.insns)
		return x->block.insns > y->block.insns ? -1 : 1;
	return x->block.rip < y->block.rip ? -1 : x->block.rip > y->block.rip;
}

static void
sum_print(const struct block_sum *sum, bool as_json)
{
	const struct block *block = &sum->block;
	struct json json;

	if (!as_json) {
		printf("%016" PRIx64 " %4" PRIu64 " bytes %10" PRIu64
		       " times %12" PRIu64 " insns%s%s\n",
		    block->rip, block->end - block->rip, sum->times,
		    block->insns, block->symbol[0] == '\0' ? "" : "  ",
		    block->symbol);
		return;
	}
	json_open(&json, stdout);
	json_hex(&json, "rip", block->rip);
	json_number(&json, "bytes", block->end - block->rip);
	json_number(&json, "times", sum->times);
	json_number(&json, "insns", block->insns);
	if (block->symbol[0] != '\0')
		json_string(&json, "symbol", block->symbol);
	json_close(&json);
}

static void
sums_print(struct blocks *blocks)
{
	if (blocks->count != 0)
		qsort(blocks->sums, blocks->count, sizeof(*blocks->sums),
		    by_insns);
	for (size_t i = 0; i < blocks->count; i++)
		sum_print(&blocks->sums[i], blocks->args->json);
}

int
trace_blocks(const struct trace_args *args)
{
	struct blocks blocks = { .args = args };
	int status = exec_each(args, 0, block_each, &blocks);

	block_close(&blocks);
	if (args->count)
		sums_print(&blocks);
	if (blocks.failed)
		status = cli_fail(CLI_FAILED, "out of memory");
	if (status == CLI_OK && !blocks.any)
		status = trace_say_nothing(args->words[0]);
	u64map_finish(&blocks.by_rip);
	free(blocks.sums);
	return status;
}
