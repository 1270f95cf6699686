/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a real processor can judge (C52, C54-C56, C68, C70, C73-C78, C84, C85,
 * C91-C97): the same bytes run natively and in a vmspace.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/conform/conform.h"
#include "tests/conform/native.h"
#include "tests/conform/snippets.h"

/* Memory that both start from; no two words are alike. */
static void
fill(struct guest *g)
{
	for (uint64_t off = 0; off < DATA_LEN; off += 8)
		*word_at(g, DATA_OFF + off) =
		    (off + 1) * UINT64_C(0x9e3779b97f4a7c15);
	for (uint64_t off = 0; off < PAGE; off += 8)
		*word_at(g, FRAME(0) + off) = ~off;
}

static void
snippet_frame(struct guest *g)
{
	guest_frame(g);
	g->tf.tf_rax = INT64_C(0x1122334455667788);
	g->tf.tf_rbx = INT64_C(0x0123456789abcdef);
	g->tf.tf_rcx = 3;
	g->tf.tf_rdx = (int64_t)HOLE;
	g->tf.tf_rsi = (int64_t)READONLY;
	g->tf.tf_rdi = (int64_t)DATA + 0x100;
	g->tf.tf_rbp = (int64_t)DATA + 0x7800;
	g->tf.tf_rsp = (int64_t)DATA + 0x8000;
	g->tf.tf_r8 = INT64_MIN;
	g->tf.tf_r9 = 5;
	g->tf.tf_r10 = -1;
	g->tf.tf_r11 = 0;
	g->tf.tf_r12 = (int64_t)(DATA + DATA_LEN);
	g->tf.tf_r13 = INT64_C(0x0000800000000000);
	g->tf.tf_r14 = INT64_C(-0x0000800000000000);
	g->tf.tf_r15 = (int64_t)DATA;
}

/* A guest and the memory of the process that is compared with it. */
struct pair {
	struct guest guest, native;
};

static void
pair_open(struct pair *p)
{
	guest_open(&p->guest, id_of(1));
	map_at(&p->guest, READONLY, PAGE, VMS_PROT_READ,
	    VMS_MAP_SHARED | VMS_MAP_FIXED, p->guest.fd, (int64_t)FRAME(0));
	guest_memory(&p->native);
}

/* Bits of tf_err that both have: P tells of the host's translations, and only
 * the host knows no-execute. */
static int64_t
err_bits(const struct trapframe *tf)
{
	return tf->tf_trapno == T_PAGEFLT ? tf->tf_err & (PGEX_W | PGEX_U)
					  : tf->tf_err;
}

static const struct {
	const char *name;
	size_t offset;
} members[] = {
#define MEMBER(m)                                                              \
	{                                                                      \
#m, offsetof(struct trapframe, tf_##m)                         \
	}
	MEMBER(trapno),
	MEMBER(rip),
	MEMBER(addr),
	MEMBER(rax),
	MEMBER(rbx),
	MEMBER(rcx),
	MEMBER(rdx),
	MEMBER(rsi),
	MEMBER(rdi),
	MEMBER(rbp),
	MEMBER(rsp),
	MEMBER(r8),
	MEMBER(r9),
	MEMBER(r10),
	MEMBER(r11),
	MEMBER(r12),
	MEMBER(r13),
	MEMBER(r14),
	MEMBER(r15),
#undef MEMBER
};

static int64_t
member(const struct trapframe *tf, size_t offset)
{
	int64_t value;

	memcpy(&value, (const uint8_t *)tf + offset, sizeof(value));
	return value;
}

/* Writes the first difference into text; false when there is none. */
static bool
differ(const struct pair *p, const struct trapframe *want, uint32_t flags,
    char *text, size_t len)
{
	const struct trapframe *got = &p->guest.tf;
	const char *name = NULL;
	int64_t a = 0, b = 0;

	for (size_t i = 0;
	     name == NULL && i < sizeof(members) / sizeof(members[0]); i++) {
		a = member(got, members[i].offset);
		b = member(want, members[i].offset);
		if (a != b)
			name = members[i].name;
	}
	if (name == NULL && err_bits(got) != err_bits(want)) {
		name = "err";
		a = got->tf_err;
		b = want->tf_err;
	}
	if (name == NULL &&
	    ((got->tf_rflags ^ want->tf_rflags) & (int64_t)flags) != 0) {
		name = "rflags";
		a = got->tf_rflags;
		b = want->tf_rflags;
	}
	if (name == NULL && memcmp(p->guest.mem + DATA_OFF,
				p->native.mem + DATA_OFF, DATA_LEN) != 0)
		name = "memory";
	if (name == NULL)
		return false;
	snprintf(text, len,
	    "%s: got %#" PRIx64 ", the processor says %#" PRIx64, name,
	    (uint64_t)a, (uint64_t)b);
	return true;
}

/* Runs code on both; false when nothing can judge. */
static bool
pair_run(struct pair *p, const uint8_t *code, size_t len, int64_t rflags,
    struct trapframe *want)
{
	const char *why;

	fill(&p->guest);
	fill(&p->native);
	guest_code(&p->guest, code, len);
	memcpy(p->native.mem + CODE_OFF, code, len);
	snippet_frame(&p->guest);
	p->guest.tf.tf_rflags = rflags;
	p->native.tf = p->guest.tf;
	if (!native_run(&p->native, want, &why)) {
		note(why);
		return false;
	}
	guest_run(&p->guest);
	return true;
}

/*
 * Snippets that an engine is known to run differently, with docs/limits.md
 * saying why: they must differ, so that a cure shows.
 */
static const struct {
	const char *text;
	bool first; /* already in the first instruction, so also under T */
} known[] = {
	{ "jmp r13", true },
	{ "call r13", true },
	{ "push r13; ret", false },
	{ "pcmpeqd xmm0,xmm0; movdqu [r12-8],xmm0", false },
};

static bool
is_known(const char *text, int64_t rflags)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].text, text) == 0)
			return known[i].first || (rflags & PSL_T) == 0;
	return false;
}

/* How many snippets come out wrong. */
static unsigned
judge_all(int64_t rflags)
{
	struct pair p;
	unsigned wrong = 0;

	pair_open(&p);
	for (size_t i = 0; i < snippet_count; i++) {
		const struct snippet *s = &snippets[i];
		struct trapframe want;
		char text[160], line[256];
		bool differs;

		if (!pair_run(&p, s->code, sizeof(s->code), rflags, &want))
			return 0;
		differs = differ(&p, &want, s->flags, text, sizeof(text));
		if (differs == is_known(s->text, rflags))
			continue;
		snprintf(line, sizeof(line), "%s: %s", s->text,
		    differs ? text : "is right now: not a known one");
		note(line);
		wrong++;
	}
	return wrong;
}

static void
snippets_as_native(void)
{
	EXPECT_EQ(judge_all(0x202), 0);
}

/* Flags set before, so that an instruction that leaves them shows. */
static void
snippets_with_flags(void)
{
	EXPECT_EQ(judge_all(0xad7), 0);
}

static void
snippets_single_stepped(void)
{
	EXPECT_EQ(judge_all(0x202 | PSL_T), 0);
}

static const uint8_t flags_code[] = {
	0x9c, /* pushf */
	0x58, /* pop rax */
	0xcc, /* int3 */
};

static void
flags_as_native(void)
{
	struct pair p;

	pair_open(&p);
	for (int64_t bits = 0; bits < 64; bits++) {
		static const int64_t names[] = { 1, 4, 16, 64, 128, 0x800 };
		int64_t rflags = 0x202;
		struct trapframe want;
		char text[160];

		for (size_t i = 0; i < 6; i++)
			if (bits >> i & 1)
				rflags |= names[i];
		if (!pair_run(
			&p, flags_code, sizeof(flags_code), rflags, &want))
			return;
		if (differ(&p, &want, 0xcd5, text, sizeof(text))) {
			note(text);
			EXPECT(false);
		}
	}
}

static const struct row rows[] = {
	{ "C56", "flags as the processor gives them", flags_as_native, 0 },
	{ "C68", "snippets as the processor runs them", snippets_as_native, 0 },
	{ "C70", "snippets with all flags set", snippets_with_flags, 0 },
	{ "C96", "snippets under T", snippets_single_stepped, 0 },
};
ROW_GROUP(native, rows);
