/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the library does where it cannot do what the checklist says: one row
 * per number of cannot.txt, with the reason in docs/limits.md.  A row fails
 * when the number starts to work; then it moves to its own group.
 */
#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

static const uint8_t sse_code[] = {
	0x0f, 0xae, 0x17,             /* ldmxcsr DWORD PTR [rdi] */
	0x0f, 0x57, 0xc0,             /* xorps xmm0,xmm0 */
	0xf3, 0x0f, 0x10, 0x4f, 0x04, /* movss xmm1,DWORD PTR [rdi+0x4] */
	0xf3, 0x0f, 0x5e, 0xc8,       /* divss xmm1,xmm0 */
	0x0f, 0xae, 0x5f, 0x08,       /* stmxcsr DWORD PTR [rdi+0x8] */
	0xcc,                         /* int3 */
};

/* All SSE exceptions unmasked, 1.0 / 0. */
static void
c98_no_sse_exception(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, sse_code, sizeof(sse_code));
	*word_at(&g, DATA_OFF) = UINT64_C(0x3f80000000000000);
	g.tf.tf_rdi = (int64_t)DATA;
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
}

static const uint8_t x87_code[] = {
	0xd9, 0x2f, /* fldcw WORD PTR [rdi] */
	0xd9, 0xe8, /* fld1 */
	0xd9, 0xee, /* fldz */
	0xde, 0xf9, /* fdivp st(1),st */
	0xd9, 0xe8, /* fld1 */
	0x9b,       /* fwait */
	0xcc,       /* int3 */
};

/* All x87 exceptions unmasked, 1.0 / 0: noticed at fwait only. */
static void
c99_x87_exception_at_fwait(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, x87_code, sizeof(x87_code));
	*word_at(&g, DATA_OFF) = 0x0340;
	g.tf.tf_rdi = (int64_t)DATA;
	EXPECT_EQ(guest_run(&g), T_ARITHTRAP);
	EXPECT_EQ(g.tf.tf_rip, CODE + 10);
}

static const struct row rows[] = {
	{ "C98", "an unmasked SSE exception does not trap",
	    c98_no_sse_exception, 0 },
	{ "C99", "an unmasked x87 exception traps at fwait",
	    c99_x87_exception_at_fwait, 0 },
};
ROW_GROUP(deviation, rows);
