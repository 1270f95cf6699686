/* SPDX-License-Identifier: BSD-2-Clause */
/* C70, C73-C85: page faults (trap_pfault, trap.c). */
#include <string.h>
#include <unistd.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

static void
c73_exact_address(void)
{
	static const uint64_t vas[] = { 0x1234567, 0, 1, HOLE + 0xfff,
		UINT64_C(0x7ffffffffff0), UINT64_C(0x123456789abc) };
	struct guest g;
	uint64_t value;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 6; i++) {
		EXPECT_EQ(peek(&g, vas[i], &value), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_addr, vas[i]);
		EXPECT_EQ(poke(&g, vas[i], 1), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_addr, vas[i]);
	}
}

static void
c74_error_codes(void)
{
	struct guest g;
	uint64_t value;

	guest_open(&g, id_of(1));
	EXPECT_EQ(peek(&g, HOLE, &value), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 4);
	EXPECT_EQ(poke(&g, HOLE, 1), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 6);
}

static const uint8_t inc_code[] = {
	0x48, 0xff, 0x07, /* inc QWORD PTR [rdi] */
	0xcc,             /* int3 */
};
static const uint8_t xchg_code[] = {
	0x48, 0x87, 0x07, /* xchg QWORD PTR [rdi],rax */
	0xcc,             /* int3 */
};
static const uint8_t cmpxchg_code[] = {
	0xf0, 0x48, 0x0f, 0xb1, 0x0f, /* lock cmpxchg QWORD PTR [rdi],rcx */
	0xcc,                         /* int3 */
};
static const uint8_t movs_code[] = {
	0x48, 0x89, 0xfe, /* mov rsi,rdi */
	0x48, 0x89, 0xd7, /* mov rdi,rdx */
	0x48, 0xa5,       /* movs QWORD PTR es:[rdi],QWORD PTR ds:[rsi] */
	0xcc,             /* int3 */
};

/* A read-modify-write is a write from the start. */
static void
c74_read_modify_write(void)
{
	static const struct {
		const uint8_t *code;
		size_t len;
	} rmw[] = { { inc_code, sizeof(inc_code) },
		{ xchg_code, sizeof(xchg_code) },
		{ cmpxchg_code, sizeof(cmpxchg_code) } };
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 3; i++) {
		guest_code(&g, rmw[i].code, rmw[i].len);
		guest_frame(&g);
		g.tf.tf_rdi = (int64_t)HOLE + 8;
		EXPECT_EQ(guest_run(&g), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_err, 6);
		EXPECT_EQ(g.tf.tf_addr, HOLE + 8);
	}
	guest_code(&g, movs_code, sizeof(movs_code));
	guest_frame(&g);
	g.tf.tf_rdi = (int64_t)HOLE;
	g.tf.tf_rdx = (int64_t)DATA;
	EXPECT_EQ(guest_run(&g), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 4);
}

static void
c75_write_to_read_page(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, PAGE, VMS_PROT_READ);
	EXPECT_EQ(peek_ok(&g, HOLE), 0);
	EXPECT_EQ(poke(&g, HOLE + 16, 1), T_PAGEFLT);
	EXPECT_EQ(err_of(&g), ERR(7));
	EXPECT_EQ(g.tf.tf_addr, HOLE + 16);
	EXPECT_EQ(peek_ok(&g, HOLE + 16), 0);
}

static void
c76_fetch_unmapped(void)
{
	static const uint64_t vas[] = { HOLE, HOLE + 0x123, 0,
		UINT64_C(0x7fffffffffff) };
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 4; i++) {
		EXPECT_EQ(fetch(&g, vas[i]), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_addr, vas[i]);
		EXPECT_EQ(g.tf.tf_rip, vas[i]);
		EXPECT_EQ(g.tf.tf_err & PGEX_W, 0);
		EXPECT_EQ(g.tf.tf_err, 4);
	}
}

static const uint8_t crossing_code[] = {
	0x48, 0xff, 0xc0, /* inc rax */
	0x48, 0xbb, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22,
	0x11, /* movabs rbx,0x1122334455667788 */
	0xcc, /* int3 */
};

/* The movabs begins 3 bytes before the end of the page. */
static void
c77_insn_crosses_page(void)
{
	struct guest g;
	uint64_t insn = HOLE + PAGE - 3;
	uint8_t *host;

	guest_open(&g, id_of(1));
	map_at(&g, HOLE, PAGE, RX, VMS_MAP_SHARED | VMS_MAP_FIXED, g.fd,
	    (int64_t)FRAME(0));
	host = g.mem + FRAME(0) + PAGE - 6;
	memcpy(host, crossing_code, sizeof(crossing_code));
	guest_frame(&g);
	g.tf.tf_rip = (int64_t)(insn - 3);
	EXPECT_EQ(guest_run(&g), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_addr, HOLE + PAGE);
	EXPECT_EQ(g.tf.tf_rip, insn);
	EXPECT_EQ(g.tf.tf_rax, 1);
	EXPECT_EQ(g.tf.tf_rbx, 0);
	EXPECT_EQ(g.tf.tf_err & PGEX_W, 0);
	/* Once the next page is there, the instruction completes. */
	map_at(&g, HOLE + PAGE, PAGE, RX, VMS_MAP_SHARED | VMS_MAP_FIXED, g.fd,
	    (int64_t)FRAME(1));
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rax, 1);
	EXPECT_EQ(g.tf.tf_rbx, 0x1122334455667788);
}

static const uint8_t many_code[] = {
	0x48, 0x01, 0xc8, /* add rax,rcx */
	0x50,             /* push rax */
	0xf9,             /* stc */
	0x48, 0x11, 0x1f, /* adc QWORD PTR [rdi],rbx */
	0x5a,             /* pop rdx */
	0xcc,             /* int3 */
};

static void
c78_registers_unchanged(void)
{
	struct guest g, before;

	guest_open(&g, id_of(1));
	guest_code(&g, many_code, sizeof(many_code));
	g.tf.tf_rax = 5;
	g.tf.tf_rcx = 6;
	g.tf.tf_rbx = 7;
	g.tf.tf_rdi = (int64_t)HOLE;
	before = g;
	EXPECT_EQ(guest_run(&g), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_rip, CODE + 5);
	EXPECT_EQ(g.tf.tf_rax, 11);
	EXPECT_EQ(g.tf.tf_rbx, 7);
	EXPECT_EQ(g.tf.tf_rcx, 6);
	EXPECT_EQ(g.tf.tf_rdx, 0);
	EXPECT_EQ(g.tf.tf_rdi, HOLE);
	EXPECT_EQ(g.tf.tf_rsp, before.tf.tf_rsp - 8);
	EXPECT_EQ(g.tf.tf_rflags & 0x8d5, 1);
	map_anon(&g, HOLE, PAGE, RW);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rdx, 11);
	EXPECT_EQ(g.tf.tf_rsp, before.tf.tf_rsp);
	EXPECT_EQ(peek_ok(&g, HOLE), 8);
}

static void
c79_never_reflected(void)
{
	struct guest g;
	uint64_t len = 64 * PAGE;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, len, RW);
	map_at(&g, HOLE + len, len, RW, VMS_MAP_SHARED | VMS_MAP_FIXED, g.fd,
	    (int64_t)FRAME(0));
	map_at(&g, HOLE + 2 * len, len, RW, VMS_MAP_PRIVATE | VMS_MAP_FIXED,
	    g.fd, (int64_t)FRAME(0));
	for (uint64_t off = 0; off < 3 * len; off += PAGE)
		EXPECT_EQ(peek_ok(&g, HOLE + off), 0);
	for (uint64_t off = 0; off < 3 * len; off += PAGE)
		EXPECT_EQ(poke(&g, HOLE + off + 8, off + 1), 0);
	for (uint64_t off = 0; off < 3 * len; off += PAGE)
		EXPECT_EQ(peek_ok(&g, HOLE + off + 8), off + 1);
	EXPECT_EQ(F->mcontrol(g.id, HOLE, 3 * len, VMS_MADV_INVAL, 0), 0);
	for (uint64_t off = 0; off < 3 * len; off += PAGE)
		EXPECT_EQ(peek_ok(&g, HOLE + off + 8), off + 1);
}

static void
c80_private_file_write(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	*frame_word(&g, 0) = 11;
	map_at(&g, HOLE, PAGE, RW, VMS_MAP_PRIVATE | VMS_MAP_FIXED, g.fd,
	    (int64_t)FRAME(0));
	EXPECT_EQ(peek_ok(&g, HOLE), 11);
	EXPECT_EQ(poke(&g, HOLE, 12), 0);
	EXPECT_EQ(peek_ok(&g, HOLE), 12);
	EXPECT_EQ(*frame_word(&g, 0), 11);
}

static void
c81_prot_none(void)
{
	struct guest g;
	uint64_t value;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, PAGE, VMS_PROT_NONE);
	EXPECT_EQ(peek(&g, HOLE, &value), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 4);
	EXPECT_EQ(poke(&g, HOLE, 1), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 6);
	EXPECT_EQ(fetch(&g, HOLE), T_PAGEFLT);
}

static void
c82_prot_read_and_exec(void)
{
	struct guest g;
	uint64_t value;
	int flags = VMS_MAP_SHARED | VMS_MAP_FIXED;

	guest_open(&g, id_of(1));
	memset(g.mem + FRAME(0), 0xcc, PAGE);
	map_at(&g, HOLE, PAGE, VMS_PROT_READ, flags, g.fd, (int64_t)FRAME(0));
	EXPECT_EQ(fetch(&g, HOLE), 0);
	EXPECT_EQ(poke(&g, HOLE, 1), T_PAGEFLT);
	map_at(&g, HOLE, PAGE, VMS_PROT_EXEC, flags, g.fd, (int64_t)FRAME(0));
	EXPECT_EQ(fetch(&g, HOLE), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_addr, HOLE);
	EXPECT_EQ(peek(&g, HOLE, &value), T_PAGEFLT);
	EXPECT_EQ(poke(&g, HOLE, 1), T_PAGEFLT);
}

/* 5.5: PROT_WRITE alone lets a read through once the page was written. */
static void
c82_prot_write_alone(void)
{
	struct guest g;
	uint64_t value;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, PAGE, VMS_PROT_WRITE);
	EXPECT_EQ(peek(&g, HOLE, &value), T_PAGEFLT);
	EXPECT_EQ(poke(&g, HOLE, 5), 0);
	EXPECT_EQ(peek_ok(&g, HOLE), 5);
}

static void
c83_beyond_end_of_file(void)
{
	struct guest g;
	uint64_t value;
	int fd;

	guest_open(&g, id_of(1));
	fd = file_make(100);
	EXPECT(pwrite(fd, "abcdefgh", 8, 92) == 8);
	map_at(&g, HOLE, 3 * PAGE, RW, VMS_MAP_SHARED | VMS_MAP_FIXED, fd, 0);
	EXPECT_EQ(peek_ok(&g, HOLE + 92), 0x6867666564636261);
	EXPECT_EQ(peek_ok(&g, HOLE + 100), 0);
	EXPECT_EQ(peek_ok(&g, HOLE + PAGE - 8), 0);
	EXPECT_EQ(peek(&g, HOLE + PAGE, &value), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_addr, HOLE + PAGE);
	EXPECT_EQ(poke(&g, HOLE + 2 * PAGE, 1), T_PAGEFLT);
	EXPECT_EQ(fetch(&g, HOLE + PAGE), T_PAGEFLT);
	/* The file grows: the same access goes through. */
	EXPECT(ftruncate(fd, (off_t)(2 * PAGE)) == 0);
	EXPECT_EQ(peek_ok(&g, HOLE + PAGE), 0);
	close(fd);
}

static void
c84_kernel_half(void)
{
	static const uint64_t vas[] = { UINT64_C(0xffff800000000000),
		UINT64_C(0xffffffff80000000), UINT64_C(0xfffffffffffff000) };
	struct guest g;
	uint64_t value;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 3; i++) {
		EXPECT_EQ(peek(&g, vas[i], &value), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_addr, vas[i]);
		EXPECT_EQ(g.tf.tf_err & 6, 4);
		EXPECT_EQ(poke(&g, vas[i], 1), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_addr, vas[i]);
		EXPECT_EQ(g.tf.tf_err & 6, 6);
		EXPECT_EQ(fetch(&g, vas[i]), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_addr, vas[i]);
	}
}

/* Every page of the upper half that an engine could keep something in. */
static void
c84_whole_kernel_half(void)
{
	struct guest g;
	uint64_t value;

	guest_open(&g, id_of(1));
	for (uint64_t slot = 256; slot < 512; slot++) {
		uint64_t va = UINT64_C(0xffff000000000000) | slot << 39;

		EXPECT_EQ(peek(&g, va, &value), T_PAGEFLT);
		EXPECT_EQ(poke(&g, va + 0x1000, 1), T_PAGEFLT);
	}
}

static void
c84_non_canonical(void)
{
	static const uint64_t vas[] = { UINT64_C(0x0000800000000000),
		UINT64_C(0xffff7fffffffff00), UINT64_C(0x1000000000000000) };
	struct guest g;
	uint64_t value;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 3; i++) {
		EXPECT_EQ(peek(&g, vas[i], &value), T_PROTFLT);
		EXPECT_EQ(g.tf.tf_addr, 0);
		EXPECT_EQ(g.tf.tf_err, 0);
		EXPECT_EQ(g.tf.tf_rip, PROBE);
		EXPECT_EQ(poke(&g, vas[i], 1), T_PROTFLT);
		EXPECT_EQ(g.tf.tf_addr, 0);
	}
}

static const uint8_t rep_code[] = {
	0xf3, 0xa4, /* rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi] */
	0xcc,       /* int3 */
};

static void
c85_rep_movs(void)
{
	struct guest g;
	uint64_t src = DATA + 0x100, dst = HOLE + PAGE - 0x30;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, PAGE, RW);
	memset(data_at(&g, 0x100), 0x77, 0x100);
	guest_code(&g, rep_code, sizeof(rep_code));
	g.tf.tf_rsi = (int64_t)src;
	g.tf.tf_rdi = (int64_t)dst;
	g.tf.tf_rcx = 0x80;
	EXPECT_EQ(guest_run(&g), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_addr, HOLE + PAGE);
	EXPECT_EQ(g.tf.tf_err, 6);
	EXPECT_EQ(g.tf.tf_rip, CODE);
	EXPECT_EQ(g.tf.tf_rcx, 0x50);
	EXPECT_EQ(g.tf.tf_rsi, src + 0x30);
	EXPECT_EQ(g.tf.tf_rdi, HOLE + PAGE);
	map_anon(&g, HOLE + PAGE, PAGE, RW);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rcx, 0);
	EXPECT_EQ(g.tf.tf_rdi, dst + 0x80);
	EXPECT_EQ(peek_ok(&g, dst + 0x78), 0x7777777777777777);
	EXPECT_EQ(peek_ok(&g, dst + 0x80), 0);
}

static const struct row rows[] = {
	{ "C73", "the fault address is exact", c73_exact_address, 0 },
	{ "C74", "nothing there: read 0x4, write 0x6", c74_error_codes, 0 },
	{ "C74", "a read-modify-write is a write", c74_read_modify_write, 0 },
	{ "C75", "write to a PROT_READ page that was read: 0x7",
	    c75_write_to_read_page, 0 },
	{ "C76", "fetch from an unmapped page", c76_fetch_unmapped, 0 },
	{ "C77", "an instruction crosses into an unmapped page",
	    c77_insn_crosses_page, 0 },
	{ "C78", "registers are as before the failed instruction",
	    c78_registers_unchanged, 0 },
	{ "C79", "permitted accesses are never reflected", c79_never_reflected,
	    0 },
	{ "C80", "a private file mapping leaves the file",
	    c80_private_file_write, 0 },
	{ "C81", "PROT_NONE: every access traps", c81_prot_none, 0 },
	{ "C82", "PROT_READ fetches; PROT_EXEC alone does nothing",
	    c82_prot_read_and_exec, 0 },
	{ "C82", "PROT_WRITE alone reads after a write", c82_prot_write_alone,
	    ROW_NO_CHAOS },
	{ "C83", "beyond the end of a file", c83_beyond_end_of_file, 0 },
	{ "C84", "a kernel-half address is trapno 12", c84_kernel_half, 0 },
	{ "C84", "so is every slot of the kernel half", c84_whole_kernel_half,
	    0 },
	{ "C84", "a non-canonical address is trapno 9", c84_non_canonical, 0 },
	{ "C85", "rep movs stops at the faulting element", c85_rep_movs, 0 },
};
ROW_GROUP(fault, rows);
