/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Digests.  In a trace they stand before the call or run in which they were
 * taken; so they are kept until it has been executed, and then compared in
 * order with those that the replay has taken.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "traces/replay_impl.h"

/* Of one call or run; a run of 2^42 instructions has as many by default. */
#define DIGESTS_MAX (1u << 22)

static int digests_add(struct replay_digests *digests,
    const struct trace_digest *digest, uint64_t event);
static bool digest_same(
    const struct trace_digest *a, const struct trace_digest *b);
static enum replay_result all_compare(struct replay *replay);
static size_t digest_seek(const struct replay *replay, size_t from,
    const struct trace_digest *expected);
static enum replay_result digest_different(
    struct replay *replay, size_t expected, size_t got);

enum replay_result
replay_digest(struct replay *replay)
{
	int error = digests_add(
	    &replay->expected, &replay->event.u.digest, replay->event.number);

	if (error == 0)
		return REPLAY_DONE;
	return replay_unusable(replay,
	    error == ENOSPC ? "too many digests in one run" : "out of memory");
}

void
replay_digest_taken(void *arg, const struct vms_digest *digest)
{
	struct replay *replay = arg;
	const struct trace_digest got = { .lwp = digest->lwp,
		.insns = digest->insns,
		.memory = digest->memory,
		.registers = digest->registers };

	if (digests_add(&replay->got, &got, 0) != 0)
		replay_different(
		    replay, "digests", "as many as fit", "too many");
	if (replay->tick_fn != NULL)
		replay->tick_fn(replay->tick_arg, digest->insns);
}

static int
digests_add(struct replay_digests *digests, const struct trace_digest *digest,
    uint64_t event)
{
	size_t capacity = digests->capacity ? digests->capacity * 2 : 64;
	struct trace_digest *list;
	uint64_t *events;

	if (digests->count == digests->capacity) {
		if (digests->count >= DIGESTS_MAX)
			return ENOSPC;
		list = realloc(digests->list, capacity * sizeof(*list));
		if (list == NULL)
			return ENOMEM;
		digests->list = list;
		events = realloc(digests->events, capacity * sizeof(*events));
		if (events == NULL)
			return ENOMEM;
		digests->events = events;
		digests->capacity = capacity;
	}
	digests->events[digests->count] = event;
	digests->list[digests->count++] = *digest;
	return 0;
}

/* A tool that looks into runs makes more of them, with digests of their own. */
enum replay_result
replay_digests_compare(struct replay *replay)
{
	enum replay_result result = REPLAY_DONE;

	if (replay->insn_fn == NULL)
		result = all_compare(replay);
	replay_digests_drop(replay);
	return result;
}

static enum replay_result
all_compare(struct replay *replay)
{
	const struct replay_digests *expected = &replay->expected;
	size_t at = 0;

	for (size_t i = 0; i < expected->count; i++) {
		size_t same = digest_seek(replay, at, &expected->list[i]);
		if (same == replay->got.count)
			return digest_different(replay, i, at);
		replay->same_event = expected->events[i];
		replay->same_insns = expected->list[i].insns;
		at = same + 1;
	}
	if (replay->extra_digests || replay->got.count == expected->count)
		return REPLAY_DONE;
	return replay_differs_hex(
	    replay, "number of digests", expected->count, replay->got.count);
}

/* A run that ends here and was only paused there has a digest more. */
static size_t
digest_seek(const struct replay *replay, size_t from,
    const struct trace_digest *expected)
{
	const struct replay_digests *got = &replay->got;

	while (from < got->count && !digest_same(&got->list[from], expected)) {
		if (!replay->extra_digests)
			return got->count;
		from++;
	}
	return from < got->count ? from : got->count;
}

static bool
digest_same(const struct trace_digest *a, const struct trace_digest *b)
{
	return a->lwp == b->lwp && a->insns == b->insns &&
	       a->memory == b->memory && a->registers == b->registers;
}

/* All frames and counts before it were the same. */
static void
memory_different(struct replay *replay, const struct trace_digest *recorded,
    const struct trace_digest *replayed)
{
	replay_differs_hex(
	    replay, "digest of memory", recorded->memory, replayed->memory);
	if (replay->same_insns != 0)
		replay_explain(replay,
		    "Memory was the same at event %" PRIu64 ", after %" PRIu64
		    " instructions.\n",
		    replay->same_event, replay->same_insns);
}

static enum replay_result
digest_different(struct replay *replay, size_t expected, size_t got)
{
	const struct trace_digest *a = &replay->expected.list[expected], *b = a;

	if (got < replay->got.count)
		b = &replay->got.list[got];
	if (b == a)
		replay_differs_hex(replay, "number of digests",
		    replay->expected.count, replay->got.count);
	else if (a->insns != b->insns || a->lwp != b->lwp)
		replay_differs_hex(
		    replay, "instructions at a digest", a->insns, b->insns);
	else if (a->registers != b->registers)
		replay_differs_hex(
		    replay, "digest of registers", a->registers, b->registers);
	else
		memory_different(replay, a, b);
	replay_concurrent_explain(replay);
	replay->difference.event = replay->expected.events[expected];
	replay->difference.insns = a->insns;
	return REPLAY_DIFFERENT;
}

enum replay_result
replay_digests_asked(struct replay *replay)
{
	if (replay->expected.count == 0)
		return REPLAY_DONE;
	for (size_t i = 0; i < replay->expected.count; i++)
		if (vms_observe_digest(replay->vms) != 0)
			return replay_unusable(
			    replay, "no digest can be taken");
	return replay_digests_compare(replay);
}

void
replay_digests_drop(struct replay *replay)
{
	replay->expected.count = replay->got.count = 0;
}

void
replay_digests_finish(struct replay *replay)
{
	free(replay->expected.list);
	free(replay->expected.events);
	free(replay->got.list);
	free(replay->got.events);
}
