/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may differ between a recorded vkernel and one under test: a text file,
 * one rule a line, # starts a comment (docs/against.md).
 */
#ifndef VMS_TRACES_RULES_H
#define VMS_TRACES_RULES_H

#include "traces/kinds.h"

/* For one call. */
#define RULE_IGNORE  0x01 /* it is compared nowhere */
#define RULE_EXTRA   0x02 /* the vkernel may make it where none is recorded */
#define RULE_MISSING 0x04 /* a recorded one need not be made */
#define RULE_RESULT  0x08 /* its result and error are not compared */
#define RULE_DATA    0x10 /* its data is not compared */

struct rule_range {
	uint32_t object;
	uint64_t off, end;
};

/* All zero: nothing may differ. */
struct rules {
	uint8_t calls[VMS_OP_COUNT]; /* RULE_* */
	uint8_t args[VMS_OP_COUNT];  /* ignored ones, bit by bit */
	uint32_t registers;          /* ignored ones, as in trace_reg_names */
	struct rule_range *ranges;   /* of memory */
	size_t range_count;
};

/* Reads path.  EBADMSG and "path:line: why" in problem; or an errno value of
 * the host with its text.  In every case to be finished. */
int rules_read(
    struct rules *rules, const char *path, char *problem, size_t size);
void rules_finish(struct rules *rules);

bool rules_has(const struct rules *rules, unsigned op, unsigned rule);
bool rules_ignore_byte(
    const struct rules *rules, uint32_t object, uint64_t off);

#endif
