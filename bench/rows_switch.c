/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two vmspaces that take turns at each trap, each storing to all of its live
 * pages in between, and one vmspace that does the same without turns.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include "bench/bare.h"
#include "bench/client.h"

#define PAGES_TOUCHED 8192 /* in a sample */
#define IMAGE_BYTES   ((size_t)4 << 20)

/* contender.number is the pages; contender.text names the turns, or NULL. */
struct ours {
	struct client client;
	char ids[2];
	struct trapframe tf;
	unsigned pages;
	unsigned turns; /* 1: the other one each time; 0: always the same */
	unsigned turn;
};

static void *
handle_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct ours *ours = calloc(1, sizeof(*ours));

	(void)env;
	if (ours == NULL)
		abort();
	ours->pages = self->number;
	ours->turns = self->text != NULL;
	if (!client_open(&ours->client, IMAGE_BYTES, out))
		return ours;
	for (int i = 0; i < 2; i++) {
		uint64_t top = client_tables(&ours->client, ours->pages);

		if (client_space(&ours->client, &ours->ids[i], top) != 0)
			figure_fail(out, "the vmspace cannot be made");
	}
	return ours;
}

static bool
handle_trap(void *state, struct figure *out)
{
	struct ours *ours = state;

	client_touch(&ours->tf, CLIENT_DATA_VA, ours->pages);
	ours->turn ^= ours->turns;
	return client_run(&ours->client, &ours->ids[ours->turn], &ours->tf,
	    T_FAST_SYSCALL, out);
}

static void
handle_sample(void *state, struct figure *out)
{
	figure_time(out, handle_trap, state,
	    PAGES_TOUCHED / ((const struct ours *)state)->pages);
}

struct theirs {
	struct bare *bare;
	uint64_t cr3[2];
	unsigned pages;
	unsigned turn;
};

static bool
bare_space_fill(struct bare *bare, uint64_t cr3, uint64_t code, unsigned pages)
{
	for (unsigned i = 0; i < pages; i++) {
		uint64_t page = bare_page(bare);

		if (page == 0 ||
		    !bare_map(bare, cr3, CLIENT_DATA_VA + i * VMS_PAGE_SIZE,
			page, BARE_WRITE))
			return false;
	}
	return bare_map(bare, cr3, CLIENT_CODE_VA, code, BARE_EXEC);
}

static void *
bare_contender_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct theirs *theirs = calloc(1, sizeof(*theirs));
	struct bare *bare = bare_open((size_t)16 << 20);
	uint64_t code;

	(void)env;
	if (theirs == NULL)
		abort();
	if (bare == NULL) {
		figure_fail(out, "Unicorn does not start");
		return theirs;
	}
	theirs->bare = bare;
	theirs->pages = self->number;
	code = bare_page(bare);
	memcpy(bare_host(bare, code), client_code, sizeof(client_code));
	for (int i = 0; i < 2; i++) {
		theirs->cr3[i] = bare_space(bare);
		if (!bare_space_fill(bare, theirs->cr3[i], code, theirs->pages))
			figure_fail(out, "guest memory is too small");
	}
	bare_set_cr3(bare, theirs->cr3[0]);
	return theirs;
}

static bool
bare_trap(void *state, struct figure *out)
{
	struct theirs *theirs = state;
	uint64_t *regs = bare_regs(theirs->bare);

	regs[BARE_RIP] = CLIENT_CODE_VA + CLIENT_TOUCH;
	regs[BARE_RDI] = CLIENT_DATA_VA;
	regs[BARE_RSI] = VMS_PAGE_SIZE;
	regs[BARE_RCX] = theirs->pages;
	bare_set_cr3(theirs->bare, theirs->cr3[theirs->turn]);
	theirs->turn ^= 1;
	if (bare_run(theirs->bare) == BARE_SYSCALL)
		return true;
	figure_fail(out, "unexpected trap");
	return false;
}

static void
bare_sample(void *state, struct figure *out)
{
	figure_time(out, bare_trap, state,
	    PAGES_TOUCHED / ((const struct theirs *)state)->pages);
}

#define BOTH(n)                                                                \
	{ "two vmspaces by turns", handle_open, handle_sample, n, "turns" },   \
	    { "one vmspace, no turns", handle_open, handle_sample, n, NULL },  \
	{                                                                      \
		"bare Unicorn, CR3 written", bare_contender_open, bare_sample, \
		    n, "turns"                                                 \
	}

static const struct contender contenders[] = { BOTH(16), BOTH(64), BOTH(256) };

#define ROWS(text, first)                                                      \
	{ "switch at each trap, " text " live pages", "us", 1e3, (first),      \
		(first) + 2, 0, 0 },                                           \
	{                                                                      \
		"switch at each trap, " text " live pages", "us", 1e3,         \
		    (first), (first) + 1, 0, 0                                 \
	}

static const struct row rows[] = { ROWS("16", 0), ROWS("64", 3),
	ROWS("256", 6) };

const struct group group_switch = { "switch", contenders,
	sizeof(contenders) / sizeof(contenders[0]), rows,
	sizeof(rows) / sizeof(rows[0]), 31 };
