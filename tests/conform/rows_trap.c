/* SPDX-License-Identifier: BSD-2-Clause */
/* C70, C86-C100: traps other than page faults (trap.c, exception.S). */
#include <string.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

static const uint8_t syscall_code[] = {
	0x90,       /* nop */
	0x0f, 0x05, /* syscall */
	0xcc,       /* int3 */
};

static void
c86_syscall(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, syscall_code, sizeof(syscall_code));
	g.tf.tf_rax = INT64_C(0x7123456789abcdef);
	EXPECT_EQ(guest_run(&g), T_FAST_SYSCALL);
	EXPECT_EQ(g.tf.tf_err, 2);
	EXPECT_EQ(g.tf.tf_rip, CODE + 3);
	EXPECT_EQ(g.tf.tf_rax, 0x7123456789abcdef);
	EXPECT_EQ(g.tf.tf_xflags, 0);
}

static void
c87_syscall_arguments(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, syscall_code, sizeof(syscall_code));
	g.tf.tf_rdi = 1;
	g.tf.tf_rsi = 2;
	g.tf.tf_rdx = 3;
	g.tf.tf_r10 = 4;
	g.tf.tf_r8 = 5;
	g.tf.tf_r9 = 6;
	g.tf.tf_rcx = 99;
	g.tf.tf_rbx = 7;
	g.tf.tf_rbp = 8;
	g.tf.tf_r12 = 12;
	g.tf.tf_r15 = 15;
	EXPECT_EQ(guest_run(&g), T_FAST_SYSCALL);
	EXPECT_EQ(g.tf.tf_rdi, 1);
	EXPECT_EQ(g.tf.tf_rsi, 2);
	EXPECT_EQ(g.tf.tf_rdx, 3);
	EXPECT_EQ(g.tf.tf_rcx, 4);
	EXPECT_EQ(g.tf.tf_r8, 5);
	EXPECT_EQ(g.tf.tf_r9, 6);
	EXPECT_EQ(g.tf.tf_rbx, 7);
	EXPECT_EQ(g.tf.tf_rbp, 8);
	EXPECT_EQ(g.tf.tf_r12, 12);
	EXPECT_EQ(g.tf.tf_r15, 15);
	EXPECT_EQ(g.tf.tf_rsp, STACK_TOP);
	/* 4.6: what the processor leaves. */
	EXPECT_EQ(g.tf.tf_r10, 4);
	EXPECT_EQ(g.tf.tf_r11, 0x202);
}

static void
c88_syscall_flags(void)
{
	static const int64_t flags[] = { 0x202, 0xad7, 0x203, 0x242, 0x602 };
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, syscall_code, sizeof(syscall_code));
	for (size_t i = 0; i < 5; i++) {
		guest_frame(&g);
		g.tf.tf_rflags = flags[i];
		EXPECT_EQ(guest_run(&g), T_FAST_SYSCALL);
		EXPECT_EQ(g.tf.tf_rflags, flags[i]);
		EXPECT_EQ(g.tf.tf_cs, 0x2B);
		EXPECT_EQ(g.tf.tf_ss, 0x23);
	}
}

static const uint8_t result_code[] = {
	0x0f, 0x05,       /* syscall */
	0x48, 0x89, 0xc3, /* mov rbx,rax */
	0x0f, 0x92, 0xc1, /* setb cl */
	0x0f, 0xb6, 0xc9, /* movzx ecx,cl */
	0x4d, 0x89, 0xd0, /* mov r8,r10 */
	0x4d, 0x89, 0xd9, /* mov r9,r11 */
	0x49, 0x89, 0xd4, /* mov r12,rdx */
	0xcc,             /* int3 */
};

static void
c89_syscall_result(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, result_code, sizeof(result_code));
	for (int64_t carry = 0; carry < 2; carry++) {
		guest_frame(&g);
		g.tf.tf_rflags = carry ? 0x202 : 0x203;
		EXPECT_EQ(guest_run(&g), T_FAST_SYSCALL);
		g.tf.tf_rax = 77;
		g.tf.tf_rdx = 78;
		g.tf.tf_r10 = 79;
		g.tf.tf_r11 = 80;
		g.tf.tf_rflags = (g.tf.tf_rflags & ~(int64_t)PSL_C) | carry;
		EXPECT_EQ(guest_run(&g), T_BPTFLT);
		EXPECT_EQ(g.tf.tf_rbx, 77);
		EXPECT_EQ(g.tf.tf_rcx, carry);
		EXPECT_EQ(g.tf.tf_r8, 79);
		EXPECT_EQ(g.tf.tf_r9, 80);
		EXPECT_EQ(g.tf.tf_r12, 78);
	}
}

static void
c90_syscall_restart(void)
{
	struct guest g, first;

	guest_open(&g, id_of(1));
	guest_code(&g, syscall_code, sizeof(syscall_code));
	g.tf.tf_rax = 5;
	g.tf.tf_r10 = 44;
	EXPECT_EQ(guest_run(&g), T_FAST_SYSCALL);
	first = g;
	g.tf.tf_rip -= g.tf.tf_err;
	g.tf.tf_r10 = g.tf.tf_rcx;
	EXPECT_EQ(guest_run(&g), T_FAST_SYSCALL);
	EXPECT(memcmp(&g.tf, &first.tf, sizeof(g.tf)) == 0);
}

static const uint8_t int80_code[] = {
	0x90,       /* nop */
	0xcd, 0x80, /* int 0x80 */
};

static void
c91_int80(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(GUEST_EXEC(&g, int80_code), T_PROTFLT);
	EXPECT_EQ(g.tf.tf_err, 0x402);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
	EXPECT_EQ(g.tf.tf_addr, 0);
}

/* int n for every n but 3 is a protection fault with n * 8 + 2. */
static void
c91_every_int(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	for (unsigned n = 0; n < 256; n++) {
		uint8_t code[] = { 0x90, 0xcd, (uint8_t)n };

		if (n == 3)
			continue;
		EXPECT_EQ(GUEST_EXEC(&g, code), T_PROTFLT);
		EXPECT_EQ(g.tf.tf_err, n * 8 + 2);
		EXPECT_EQ(g.tf.tf_rip, CODE + 1);
		EXPECT_EQ(g.tf.tf_addr, 0);
	}
}

static const uint8_t int3_code[] = {
	0x90, /* nop */
	0xcc, /* int3 */
	0x90, /* nop */
};
static const uint8_t int_3_code[] = {
	0x90,       /* nop */
	0xcd, 0x03, /* int 0x3 */
};

static void
c92_int3(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(GUEST_EXEC(&g, int3_code), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rip, CODE + 2);
	EXPECT_EQ(g.tf.tf_err, 0);
	EXPECT_EQ(g.tf.tf_addr, 0);
	guest_frame(&g);
	g.tf.tf_rip = (int64_t)CODE + 1;
	g.tf.tf_rflags = 0x202 | PSL_T;
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rip, CODE + 2);
	EXPECT_EQ(g.tf.tf_rflags, 0x202);
	EXPECT_EQ(GUEST_EXEC(&g, int_3_code), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rip, CODE + 3);
}

static const uint8_t ud2_code[] = {
	0x90,       /* nop */
	0x0f, 0x0b, /* ud2 */
};

static void
c93_ud2(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(GUEST_EXEC(&g, ud2_code), T_PRIVINFLT);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
	EXPECT_EQ(g.tf.tf_err, 0);
	EXPECT_EQ(g.tf.tf_addr, 0);
}

/* A locked bit test on a register is undefined; some engines die of it. */
static void
c93_lock_bt(void)
{
	static const uint8_t codes[][5] = {
		{ 0xf0, 0x0f, 0xa3, 0xc0, 0xcc }, /* lock bt eax,eax */
		{ 0xf0, 0x0f, 0xab, 0xc0, 0xcc }, /* lock bts eax,eax */
		{ 0xf0, 0x0f, 0xb3, 0xc0, 0xcc }, /* lock btr eax,eax */
		{ 0xf0, 0x0f, 0xbb, 0xc0, 0xcc }, /* lock btc eax,eax */
		{ 0xf0, 0x0f, 0xba, 0xe8, 0x01 }, /* lock bts eax,1 */
	};
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 5; i++) {
		EXPECT_EQ(guest_exec(&g, codes[i], 5), T_PRIVINFLT);
		EXPECT_EQ(g.tf.tf_rip, CODE);
	}
}

static const uint8_t div_code[] = {
	0x90,             /* nop */
	0x48, 0xf7, 0xf1, /* div rcx */
};
static const uint8_t idiv_code[] = {
	0x90,       /* nop */
	0xf7, 0xf9, /* idiv ecx */
};

static void
c94_divide(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(GUEST_EXEC(&g, div_code), T_DIVIDE);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
	EXPECT_EQ(g.tf.tf_err, 0);
	EXPECT_EQ(g.tf.tf_addr, 0);
	/* INT_MIN / -1 overflows. */
	guest_code(&g, idiv_code, sizeof(idiv_code));
	guest_frame(&g);
	g.tf.tf_rax = INT64_C(0x80000000);
	g.tf.tf_rdx = INT64_C(0xffffffff);
	g.tf.tf_rcx = -1;
	EXPECT_EQ(guest_run(&g), T_DIVIDE);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
	EXPECT_EQ(g.tf.tf_rax, 0x80000000);
}

static void
c95_privileged(void)
{
	static const struct {
		uint8_t code[8];
		const char *insn;
	} insns[] = {
		{ { 0x90, 0xf4 }, "hlt" },
		{ { 0x90, 0xfa }, "cli" },
		{ { 0x90, 0xfb }, "sti" },
		{ { 0x90, 0xec }, "in al,dx" },
		{ { 0x90, 0xed }, "in eax,dx" },
		{ { 0x90, 0xee }, "out dx,al" },
		{ { 0x90, 0xef }, "out dx,eax" },
		{ { 0x90, 0xe4, 0x60 }, "in al,0x60" },
		{ { 0x90, 0xe6, 0x80 }, "out 0x80,al" },
		{ { 0x90, 0x6c }, "insb" },
		{ { 0x90, 0x6e }, "outsb" },
		{ { 0x90, 0xf3, 0x6e }, "rep outsb" },
		{ { 0x90, 0x0f, 0x20, 0xc0 }, "mov rax,cr0" },
		{ { 0x90, 0x0f, 0x22, 0xd8 }, "mov cr3,rax" },
		{ { 0x90, 0x0f, 0x21, 0xc0 }, "mov rax,dr0" },
		{ { 0x90, 0x0f, 0x30 }, "wrmsr" },
		{ { 0x90, 0x0f, 0x32 }, "rdmsr" },
		{ { 0x90, 0x0f, 0x01, 0x10 }, "lgdt [rax]" },
		{ { 0x90, 0x0f, 0x01, 0x18 }, "lidt [rax]" },
		{ { 0x90, 0x0f, 0x01, 0x38 }, "invlpg [rax]" },
		{ { 0x90, 0x0f, 0x06 }, "clts" },
		{ { 0x90, 0x0f, 0x09 }, "wbinvd" },
		{ { 0x90, 0x0f, 0x01, 0xf8 }, "swapgs" },
		{ { 0x90, 0x48, 0x0f, 0x07 }, "sysretq" },
	};
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		guest_code(&g, insns[i].code, 8);
		guest_frame(&g);
		g.tf.tf_rax = g.tf.tf_rsi = g.tf.tf_rdi = (int64_t)DATA;
		g.tf.tf_rcx = 1;
		if (guest_run(&g) != T_PROTFLT)
			note(insns[i].insn);
		EXPECT_EQ(g.tf.tf_trapno, T_PROTFLT);
		EXPECT_EQ(g.tf.tf_err, 0);
		EXPECT_EQ(g.tf.tf_addr, 0);
		EXPECT_EQ(g.tf.tf_rip, CODE + 1);
		EXPECT_EQ(g.tf.tf_rcx, 1);
		EXPECT_EQ(g.tf.tf_rax, DATA);
	}
}

static const uint8_t step_code[] = {
	0x48, 0xff, 0xc0, /* inc rax */
	0x48, 0xff, 0xc3, /* inc rbx */
	0x48, 0x89, 0x07, /* mov QWORD PTR [rdi],rax */
	0x48, 0x8b, 0x0f, /* mov rcx,QWORD PTR [rdi] */
	0xcc,             /* int3 */
};

static void
c96_single_step(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, step_code, sizeof(step_code));
	g.tf.tf_rdi = (int64_t)DATA;
	g.tf.tf_rflags |= PSL_T;
	EXPECT_EQ(guest_run(&g), T_TRCTRAP);
	EXPECT_EQ(g.tf.tf_rip, CODE + 3);
	EXPECT_EQ(g.tf.tf_rax, 1);
	EXPECT_EQ(g.tf.tf_rbx, 0);
	EXPECT_EQ(g.tf.tf_rflags & PSL_T, 0);
	EXPECT_EQ(g.tf.tf_err, 0);
	EXPECT_EQ(g.tf.tf_addr, 0);
}

static void
c97_step_again(void)
{
	static const uint64_t ends[] = { 3, 6, 9, 12 };
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, step_code, sizeof(step_code));
	g.tf.tf_rdi = (int64_t)DATA;
	for (size_t i = 0; i < 4; i++) {
		g.tf.tf_rflags |= PSL_T;
		EXPECT_EQ(guest_run(&g), T_TRCTRAP);
		EXPECT_EQ(g.tf.tf_rip, CODE + ends[i]);
		EXPECT_EQ(g.tf.tf_rflags & PSL_T, 0);
	}
	EXPECT_EQ(g.tf.tf_rcx, 1);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
}

/* pushf under a step stores T, as the processor does; a step over a fault
 * that the vkernel sees is that fault. */
static const uint8_t step_push_code[] = {
	0x9c,             /* pushf */
	0x48, 0x8b, 0x07, /* mov rax,QWORD PTR [rdi] */
	0xcc,             /* int3 */
};

static void
c97_step_pushf_and_fault(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, step_push_code, sizeof(step_push_code));
	g.tf.tf_rdi = (int64_t)HOLE;
	g.tf.tf_rflags |= PSL_T;
	EXPECT_EQ(guest_run(&g), T_TRCTRAP);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
	EXPECT_EQ(*word_at(&g, DATA_OFF + DATA_LEN - 8), 0x302);
	g.tf.tf_rflags |= PSL_T;
	EXPECT_EQ(guest_run(&g), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
}

static const uint8_t fp_again_code[] = {
	0x90,                         /* nop */
	0x66, 0x48, 0x0f, 0x6e, 0xc0, /* movq xmm0,rax */
	0x66, 0x48, 0x0f, 0x7e, 0xc3, /* movq rbx,xmm0 */
	0xcc,                         /* int3 */
};

static void
c100_fp_again(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, fp_again_code, sizeof(fp_again_code));
	g.tf.tf_rax = 4711;
	g.tf.tf_xflags = PGEX_FPFAULT;
	EXPECT_EQ(guest_run(&g), T_DNA);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
	EXPECT_EQ(g.tf.tf_rbx, 0);
	g.tf.tf_xflags = PGEX_FPFAULT;
	EXPECT_EQ(guest_run(&g), T_DNA);
	EXPECT_EQ(g.tf.tf_rip, CODE + 1);
	g.tf.tf_xflags = 0;
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rbx, 4711);
}

/* C70 is all of the above in one table. */
static void
c70_rip_at_or_past(void)
{
	static const struct {
		uint8_t code[6];
		int trapno, advance;
		int64_t rflags, xflags;
	} rows_[] = {
		{ { 0x8a, 0x00 }, T_PAGEFLT, 0, 0, 0 },   /* mov al,[rax] */
		{ { 0xf4 }, T_PROTFLT, 0, 0, 0 },         /* hlt */
		{ { 0x0f, 0x0b }, T_PRIVINFLT, 0, 0, 0 }, /* ud2 */
		{ { 0xf7, 0xf1 }, T_DIVIDE, 0, 0, 0 },    /* div ecx */
		{ { 0xd9, 0xe8 }, T_DNA, 0, 0, 0x80 },    /* fld1 */
		{ { 0xcc }, T_BPTFLT, 1, 0, 0 },          /* int3 */
		{ { 0x90 }, T_TRCTRAP, 1, 0x100, 0 },     /* nop */
		{ { 0x0f, 0x05 }, T_FAST_SYSCALL, 2, 0, 0 },
	};
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < sizeof(rows_) / sizeof(rows_[0]); i++) {
		guest_code(&g, rows_[i].code, 6);
		guest_frame(&g);
		g.tf.tf_rflags |= rows_[i].rflags;
		g.tf.tf_xflags = rows_[i].xflags;
		EXPECT_EQ(guest_run(&g), rows_[i].trapno);
		EXPECT_EQ(g.tf.tf_rip, CODE + (uint64_t)rows_[i].advance);
	}
}

static const struct row rows[] = {
	{ "C70", "rip at faults, past 3, 10 and 129", c70_rip_at_or_past, 0 },
	{ "C86", "syscall: 129, err 2, rip past", c86_syscall, 0 },
	{ "C87", "syscall: the rcx slot is r10", c87_syscall_arguments, 0 },
	{ "C88", "syscall: flags and selectors", c88_syscall_flags, 0 },
	{ "C89", "a result and carry resume the guest", c89_syscall_result, 0 },
	{ "C90", "rip -= err restarts the call", c90_syscall_restart, 0 },
	{ "C91", "int 0x80 is trapno 9, err 0x402", c91_int80, 0 },
	{ "C91", "int n is trapno 9, err n*8+2", c91_every_int, 0 },
	{ "C92", "int3: rip past, T cleared", c92_int3, 0 },
	{ "C93", "ud2: trapno 1, rip at", c93_ud2, 0 },
	{ "C93", "lock bt on a register is trapno 1", c93_lock_bt, 0 },
	{ "C94", "divide: trapno 18, rip at", c94_divide, 0 },
	{ "C95", "privileged instructions: trapno 9", c95_privileged, 0 },
	{ "C96", "T runs exactly one instruction", c96_single_step, 0 },
	{ "C97", "T again: the next instruction", c97_step_again, 0 },
	{ "C97", "T with pushf and with a fault", c97_step_pushf_and_fault, 0 },
	{ "C100", "after trapno 22 the instruction runs", c100_fp_again, 0 },
};
ROW_GROUP(trap, rows);
