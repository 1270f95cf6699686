/* SPDX-License-Identifier: BSD-2-Clause */
/* C52-C63: what the guest starts with (cpu_sanitize_frame, machdep.c). */
#include <string.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"
#include "tests/conform/hostregs.h"

/* Stores all registers at rdi and up, as the guest sees them. */
static const uint8_t store_all[] = {
	0x48, 0x89, 0x07,       /* mov QWORD PTR [rdi],rax */
	0x48, 0x89, 0x5f, 0x08, /* mov QWORD PTR [rdi+0x8],rbx */
	0x48, 0x89, 0x4f, 0x10, /* mov QWORD PTR [rdi+0x10],rcx */
	0x48, 0x89, 0x57, 0x18, /* mov QWORD PTR [rdi+0x18],rdx */
	0x48, 0x89, 0x77, 0x20, /* mov QWORD PTR [rdi+0x20],rsi */
	0x48, 0x89, 0x7f, 0x28, /* mov QWORD PTR [rdi+0x28],rdi */
	0x48, 0x89, 0x6f, 0x30, /* mov QWORD PTR [rdi+0x30],rbp */
	0x48, 0x89, 0x67, 0x38, /* mov QWORD PTR [rdi+0x38],rsp */
	0x4c, 0x89, 0x47, 0x40, /* mov QWORD PTR [rdi+0x40],r8 */
	0x4c, 0x89, 0x4f, 0x48, /* mov QWORD PTR [rdi+0x48],r9 */
	0x4c, 0x89, 0x57, 0x50, /* mov QWORD PTR [rdi+0x50],r10 */
	0x4c, 0x89, 0x5f, 0x58, /* mov QWORD PTR [rdi+0x58],r11 */
	0x4c, 0x89, 0x67, 0x60, /* mov QWORD PTR [rdi+0x60],r12 */
	0x4c, 0x89, 0x6f, 0x68, /* mov QWORD PTR [rdi+0x68],r13 */
	0x4c, 0x89, 0x77, 0x70, /* mov QWORD PTR [rdi+0x70],r14 */
	0x4c, 0x89, 0x7f, 0x78, /* mov QWORD PTR [rdi+0x78],r15 */
	0x48, 0x8d, 0x05, 0x00, 0x00, 0x00, 0x00, /* lea rax,[rip+0x0] */
	0x48, 0x89, 0x87, 0x80, 0x00, 0x00,
	0x00, /* mov QWORD PTR [rdi+0x80],rax */
	0xcc, /* int3 */
};

static void
c52_all_registers(void)
{
	struct guest g;
	const uint64_t *w;
	uint64_t rax = UINT64_C(0xfedcba9876543210);

	guest_open(&g, id_of(1));
	guest_code(&g, store_all, sizeof(store_all));
	g.tf.tf_rax = (int64_t)rax;
	g.tf.tf_rbx = -2;
	g.tf.tf_rcx = -3;
	g.tf.tf_rdx = -4;
	g.tf.tf_rsi = -5;
	g.tf.tf_rdi = (int64_t)DATA;
	g.tf.tf_rbp = -7;
	g.tf.tf_rsp = -8;
	g.tf.tf_r8 = INT64_MIN;
	g.tf.tf_r9 = INT64_MAX;
	g.tf.tf_r10 = 0x1010101010101010;
	g.tf.tf_r11 = 11;
	g.tf.tf_r12 = 12;
	g.tf.tf_r13 = 13;
	g.tf.tf_r14 = 14;
	g.tf.tf_r15 = 15;
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	w = word_at(&g, DATA_OFF);
	EXPECT_EQ(w[0], rax);
	EXPECT_EQ(w[1], -2);
	EXPECT_EQ(w[2], -3);
	EXPECT_EQ(w[3], -4);
	EXPECT_EQ(w[4], -5);
	EXPECT_EQ(w[5], DATA);
	EXPECT_EQ(w[6], -7);
	EXPECT_EQ(w[7], -8);
	EXPECT_EQ(w[8], INT64_MIN);
	EXPECT_EQ(w[9], INT64_MAX);
	EXPECT_EQ(w[10], 0x1010101010101010);
	EXPECT_EQ(w[11], 11);
	EXPECT_EQ(w[12], 12);
	EXPECT_EQ(w[13], 13);
	EXPECT_EQ(w[14], 14);
	EXPECT_EQ(w[15], 15);
	/* rip: the lea is followed by a 7-byte store and int3. */
	EXPECT_EQ(w[16], CODE + sizeof(store_all) - 8);
}

static const uint8_t selectors_code[] = {
	0x8c, 0xc8, /* mov eax,cs */
	0x8c, 0xd3, /* mov ebx,ss */
	0xcc,       /* int3 */
};

static void
c53_selectors(void)
{
	static const int64_t given[] = { 0, 0x2b, 0x1b, 0x08, 0xffff, -1 };
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 6; i++) {
		guest_code(&g, selectors_code, sizeof(selectors_code));
		guest_frame(&g);
		g.tf.tf_cs = given[i];
		g.tf.tf_ss = given[5 - i];
		EXPECT_EQ(guest_run(&g), T_BPTFLT);
		EXPECT_EQ(g.tf.tf_rax, 0x2B);
		EXPECT_EQ(g.tf.tf_rbx, 0x23);
		EXPECT_EQ(g.tf.tf_cs, 0x2B);
		EXPECT_EQ(g.tf.tf_ss, 0x23);
	}
}

static const uint8_t flags_code[] = {
	0x9c, /* pushf */
	0x58, /* pop rax */
	0xcc, /* int3 */
};

/* What the guest sees of rflags as given. */
static uint64_t
flags_seen(struct guest *g, uint64_t given)
{
	guest_code(g, flags_code, sizeof(flags_code));
	guest_frame(g);
	g->tf.tf_rflags = (int64_t)given;
	EXPECT_EQ(guest_run(g), T_BPTFLT);
	EXPECT_EQ(g->tf.tf_rflags, g->tf.tf_rax);
	return (uint64_t)g->tf.tf_rax;
}

static void
c54_flags_zero(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(flags_seen(&g, 0), 0x202);
}

static void
c55_flags_sanitised(void)
{
	static const uint64_t drop[] = { 0x1000, 0x2000, 0x3000, 0x80000,
		0x100000, 0x400000, UINT64_C(0x8000000000000000), 0x8000, 0x8,
		0x20, UINT64_C(0xffffffffffc00000) };
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < sizeof(drop) / sizeof(drop[0]); i++) {
		EXPECT_EQ(flags_seen(&g, drop[i]), 0x202);
		EXPECT_EQ(flags_seen(&g, drop[i] | 0x8d5), 0xad7);
	}
}

static void
c56_flags_given(void)
{
	static const uint64_t keep[] = { 0x1, 0x4, 0x10, 0x40, 0x80, 0x400,
		0x800, 0x8d5, 0xcd5 };
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		EXPECT_EQ(flags_seen(&g, keep[i]), keep[i] | 0x202);
}

static const uint8_t tls_code[] = {
	0x64, 0x48, 0x8b, 0x04, 0x25, 0x00, 0x00, 0x00,
	0x00, /* mov rax,QWORD PTR fs:0x0 */
	0x65, 0x48, 0x8b, 0x1c, 0x25, 0x08, 0x00, 0x00,
	0x00,                   /* mov rbx,QWORD PTR gs:0x8 */
	0x64, 0x48, 0x8b, 0x0f, /* mov rcx,QWORD PTR fs:[rdi] */
	0xcc,                   /* int3 */
};

static void
c57_segment_bases(void)
{
	static const int sizes[] = { 0, 1, -1, 0x7fffffff };
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, tls_code, sizeof(tls_code));
	*word_at(&g, DATA_OFF + 0x100) = 111;
	*word_at(&g, DATA_OFF + 0x208) = 222;
	*word_at(&g, DATA_OFF + 0x120) = 333;
	g.vf.vx_tls.info[0].base = id_of(DATA + 0x100);
	g.vf.vx_tls.info[1].base = id_of(DATA + 0x200);
	for (size_t i = 0; i < 4; i++) {
		guest_frame(&g);
		g.tf.tf_rdi = 0x20;
		g.vf.vx_tls.info[0].size = sizes[i];
		g.vf.vx_tls.info[1].size = sizes[3 - i];
		EXPECT_EQ(guest_run(&g), T_BPTFLT);
		EXPECT_EQ(g.tf.tf_rax, 111);
		EXPECT_EQ(g.tf.tf_rbx, 222);
		EXPECT_EQ(g.tf.tf_rcx, 333);
	}
}

static void
c58_vframe_not_written(void)
{
	struct guest g;
	const uint8_t *bytes = (const void *)&g.vf; /* padding counts too */
	uint8_t before[sizeof(g.vf)];

	guest_open(&g, id_of(1));
	guest_code(&g, flags_code, sizeof(flags_code));
	memset(&g.vf, 0x5a, sizeof(g.vf));
	g.vf.vx_tls.info[0].base = id_of(DATA);
	g.vf.vx_tls.info[1].base = id_of(DATA);
	memcpy(before, bytes, sizeof(before));
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT(memcmp(bytes, before, sizeof(before)) == 0);
}

static void
c59_other_fields_ignored(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, flags_code, sizeof(flags_code));
	g.tf.tf_trapno = T_PAGEFLT;
	g.tf.tf_err = -1;
	g.tf.tf_addr = (int64_t)HOLE;
	g.tf.tf_flags = -1;
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rax, 0x202);
	EXPECT_EQ(g.tf.tf_err, 0);
	EXPECT_EQ(g.tf.tf_addr, 0);
}

static void
c60_rip_non_canonical(void)
{
	static const uint64_t rips[] = { UINT64_C(0x0000800000000000),
		UINT64_C(0x00ff000000000000), UINT64_C(0xffff7fffffffffff),
		UINT64_C(0x8000000000000000) };
	struct guest g, before;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 4; i++) {
		guest_frame(&g);
		g.tf.tf_rip = (int64_t)rips[i];
		g.tf.tf_rax = 4711;
		before = g;
		EXPECT_EQ(guest_run(&g), T_PROTFLT);
		EXPECT_EQ(g.tf.tf_err, 0);
		EXPECT_EQ(g.tf.tf_addr, 0);
		EXPECT_EQ(g.tf.tf_rip, rips[i]);
		EXPECT_EQ(g.tf.tf_rax, 4711);
		EXPECT_EQ(g.tf.tf_rsp, before.tf.tf_rsp);
		EXPECT_EQ(g.tf.tf_cs, 0x2B);
	}
}

static const uint8_t fp_code[] = {
	0x90,             /* nop */
	0x0f, 0x28, 0xc1, /* movaps xmm0,xmm1 */
	0xd9, 0xe8,       /* fld1 */
	0xdd, 0xd8,       /* fstp st(0) */
	0xcc,             /* int3 */
};
static const uint8_t x87_code[] = {
	0x90,       /* nop */
	0xd9, 0xe8, /* fld1 */
	0xcc,       /* int3 */
};

static void
c61_fp_fault(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(GUEST_EXEC(&g, fp_code), T_BPTFLT);
	guest_frame(&g);
	g.tf.tf_xflags = PGEX_FPFAULT;
	EXPECT_EQ(guest_run(&g), T_DNA);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
	EXPECT_EQ(g.tf.tf_err, 0);
	guest_code(&g, x87_code, sizeof(x87_code));
	guest_frame(&g);
	g.tf.tf_xflags = PGEX_FPFAULT;
	EXPECT_EQ(guest_run(&g), T_DNA);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
	/* No other bit of xflags has that effect. */
	guest_frame(&g);
	g.tf.tf_xflags = ~(int64_t)PGEX_FPFAULT;
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
}

static const uint8_t no_fp_code[] = {
	0xb9, 0xe8, 0x03, 0x00, 0x00, /* mov ecx,0x3e8 */
	0x48, 0x01, 0xc8,             /* add rax,rcx */
	0xe2, 0xfb,                   /* loop 0x5 */
	0xcc,                         /* int3 */
};

static void
c62_no_fp_no_fault(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, no_fp_code, sizeof(no_fp_code));
	g.tf.tf_xflags = PGEX_FPFAULT;
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rax, 500500);
}

/* Stores what it finds, leaves something else. */
static const uint8_t fp_state_code[] = {
	0xf3, 0x44, 0x0f, 0x7f, 0x3f, /* movdqu XMMWORD PTR [rdi],xmm15 */
	0x0f, 0xae, 0x5f, 0x10,       /* stmxcsr DWORD PTR [rdi+0x10] */
	0xd9, 0x7f, 0x14,             /* fnstcw WORD PTR [rdi+0x14] */
	0x0f, 0xae, 0x57, 0x20,       /* ldmxcsr DWORD PTR [rdi+0x20] */
	0xd9, 0x6f, 0x24,             /* fldcw WORD PTR [rdi+0x24] */
	0x66, 0x45, 0x0f, 0x76, 0xff, /* pcmpeqd xmm15,xmm15 */
	0xcc,                         /* int3 */
};

static void
fp_guest(struct guest *g)
{
	guest_open(g, id_of(1));
	guest_code(g, fp_state_code, sizeof(fp_state_code));
	g->tf.tf_rdi = (int64_t)DATA;
	*word_at(g, DATA_OFF + 32) = UINT64_C(0x7f00005f80); /* fpcw:mxcsr */
}

static struct guest *fp_runs;

static void
fp_run(void)
{
	F->ctl(fp_runs->id, VMS_CTL_RUN, &fp_runs->tf, &fp_runs->vf);
}

static void
c63_fp_of_the_thread(void)
{
	struct host_fp fp = { 0x3f80, 0x027f, { 1, 2, 3, 4, 5, 6, 7, 8 } };
	static const uint8_t ones[16] = { 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255, 255, 255 };
	struct guest g;

	fp_guest(&g);
	fp_runs = &g;
	if (!host_has_guest_fp()) {
		note("skipped: the host has no FP registers of this kind");
		return;
	}
	host_fp_call(&fp, fp_run);
	EXPECT_EQ(g.tf.tf_trapno, T_BPTFLT);
	EXPECT_EQ(*word_at(&g, DATA_OFF), 0x0807060504030201);
	EXPECT_EQ(*word_at(&g, DATA_OFF + 16) & 0xffffffffffff,
	    UINT64_C(0x27f00003f80));
	EXPECT_EQ(fp.mxcsr, 0x5f80);
	EXPECT_EQ(fp.fpcw, 0x007f);
	EXPECT(memcmp(fp.xmm15, ones, 16) == 0);
}

/* On handles the FP state is the lwp's: an FXSAVE image. */
static void
c63_fp_of_the_lwp(void)
{
	uint8_t image[512];
	struct guest g;

	fp_guest(&g);
	EXPECT_EQ(vms_lwp_getfp(handle_lwp(), image), 0);
	memcpy(image, "\x7f\x02", 2);
	memcpy(image + 24, "\x80\x3f\0\0", 4);
	memcpy(image + 160 + 15 * 16, "\1\2\3\4\5\6\7\10\0\0\0\0\0\0\0\0", 16);
	EXPECT_EQ(vms_lwp_setfp(handle_lwp(), image), 0);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(*word_at(&g, DATA_OFF), 0x0807060504030201);
	EXPECT_EQ(*word_at(&g, DATA_OFF + 16) & 0xffffffffffff,
	    UINT64_C(0x27f00003f80));
	EXPECT_EQ(vms_lwp_getfp(handle_lwp(), image), 0);
	EXPECT(memcmp(image, "\x7f\x00", 2) == 0);
	EXPECT(memcmp(image + 24, "\x80\x5f\0\0", 4) == 0);
	for (int i = 0; i < 16; i++)
		EXPECT_EQ(image[160 + 15 * 16 + i], 255);
}

static const struct row rows[] = {
	{ "C52", "all registers of the frame are seen", c52_all_registers, 0 },
	{ "C53", "cs and ss are forced", c53_selectors, 0 },
	{ "C54", "rflags 0 is seen as 0x202", c54_flags_zero, 0 },
	{ "C55", "rflags are sanitised", c55_flags_sanitised, 0 },
	{ "C56", "arithmetic flags are seen", c56_flags_given, 0 },
	{ "C57", "fs and gs bases are info[0] and info[1]", c57_segment_bases,
	    0 },
	{ "C58", "vframe is not written", c58_vframe_not_written, 0 },
	{ "C59", "trapno, err, addr, flags have no effect",
	    c59_other_fields_ignored, 0 },
	{ "C60", "rip non-canonical: trapno 9", c60_rip_non_canonical, 0 },
	{ "C61", "xflags 0x80: trapno 22 at the first FP instruction",
	    c61_fp_fault, 0 },
	{ "C62", "xflags 0x80 without FP instructions: nothing",
	    c62_no_fp_no_fault, 0 },
	{ "C63", "FP registers are the calling thread's", c63_fp_of_the_thread,
	    ROW_DROPIN },
	{ "C63", "FP registers are the lwp's", c63_fp_of_the_lwp, ROW_HANDLE },
};
ROW_GROUP(entry, rows);
