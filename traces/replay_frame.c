/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/replay_frame.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "traces/replay_impl.h"

/* Every member of struct trapframe; those of a trap are last. */
static const struct row {
	const char *name;
	size_t offset;
	bool of_trap;
} rows[] = {
#define REG(member)                                                            \
	{                                                                      \
#member, offsetof(struct trapframe, member), false             \
	}
#define OF_TRAP(member)                                                        \
	{                                                                      \
#member, offsetof(struct trapframe, member), true              \
	}
	REG(tf_rip),
	REG(tf_rflags),
	REG(tf_trapno),
	REG(tf_rax),
	REG(tf_rbx),
	REG(tf_rcx),
	REG(tf_rdx),
	REG(tf_rsi),
	REG(tf_rdi),
	REG(tf_rbp),
	REG(tf_rsp),
	REG(tf_r8),
	REG(tf_r9),
	REG(tf_r10),
	REG(tf_r11),
	REG(tf_r12),
	REG(tf_r13),
	REG(tf_r14),
	REG(tf_r15),
	REG(tf_flags),
	REG(tf_cs),
	REG(tf_ss),
	OF_TRAP(tf_addr),
	OF_TRAP(tf_err),
	OF_TRAP(tf_xflags),
#undef REG
#undef OF_TRAP
};

static uint64_t
member(const struct trapframe *tf, const struct row *row)
{
	uint64_t value;

	memcpy(&value, (const char *)tf + row->offset, sizeof(value));
	return value;
}

enum replay_result
replay_frame_compare(struct replay *replay, const struct trapframe *recorded,
    const struct trapframe *replayed, bool all)
{
	enum replay_result result = REPLAY_DONE;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t a = member(recorded, &rows[i]);
		uint64_t b = member(replayed, &rows[i]);
		if (a == b || (rows[i].of_trap && !all))
			continue;
		if (result != REPLAY_DONE)
			replay_explain(replay,
			    "%s too: recorded 0x%" PRIx64
			    ", replayed 0x%" PRIx64 ".\n",
			    rows[i].name, a, b);
		else
			result = replay_differs_hex(replay, rows[i].name, a, b);
	}
	return result;
}
