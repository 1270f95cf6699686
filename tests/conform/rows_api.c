/* SPDX-License-Identifier: BSD-2-Clause */
/* C1-C13: constants, layouts, and the calling convention. */
#include <errno.h>
#include <stddef.h>

#include "tests/conform/conform.h"
#include "tests/conform/dropin_api.h"
#include "tests/conform/guest.h"

#define OFFSET(member, off)                                                    \
	EXPECT_EQ(offsetof(struct trapframe, tf_##member), (off))

static void
c1_run_is_1(void)
{
	EXPECT_EQ(VMS_CTL_RUN, 1);
}

static void
c2_trapframe_size(void)
{
	EXPECT_EQ(sizeof(struct trapframe), 200);
	EXPECT_EQ(_Alignof(struct trapframe), 8);
	EXPECT_EQ(sizeof(((struct trapframe *)NULL)->tf_rdi), 8);
}

static void
c3_offsets(void)
{
	OFFSET(rdi, 0);
	OFFSET(rsi, 8);
	OFFSET(rdx, 16);
	OFFSET(rcx, 24);
	OFFSET(r8, 32);
	OFFSET(r9, 40);
	OFFSET(rax, 48);
	OFFSET(rbx, 56);
	OFFSET(rbp, 64);
}

static void
c4_offsets(void)
{
	OFFSET(r10, 72);
	OFFSET(r11, 80);
	OFFSET(r12, 88);
	OFFSET(r13, 96);
	OFFSET(r14, 104);
	OFFSET(r15, 112);
}

static void
c5_offsets(void)
{
	OFFSET(xflags, 120);
	OFFSET(trapno, 128);
	OFFSET(addr, 136);
	OFFSET(flags, 144);
	OFFSET(err, 152);
}

static void
c6_offsets(void)
{
	OFFSET(rip, 160);
	OFFSET(cs, 168);
	OFFSET(rflags, 176);
	OFFSET(rsp, 184);
	OFFSET(ss, 192);
}

static void
c7_tls_sizes(void)
{
	EXPECT_EQ(sizeof(struct vextframe), 32);
	EXPECT_EQ(sizeof(struct savetls), 32);
	EXPECT_EQ(sizeof(struct tls_info), 16);
}

static void
c8_tls_offsets(void)
{
	EXPECT_EQ(offsetof(struct vextframe, vx_tls.info[0].base), 0);
	EXPECT_EQ(offsetof(struct vextframe, vx_tls.info[1].base), 16);
}

static void
c9_trap_numbers(void)
{
	EXPECT_EQ(T_PRIVINFLT, 1);
	EXPECT_EQ(T_BPTFLT, 3);
	EXPECT_EQ(T_ARITHTRAP, 6);
	EXPECT_EQ(T_ASTFLT, 7);
	EXPECT_EQ(T_PROTFLT, 9);
	EXPECT_EQ(T_TRCTRAP, 10);
	EXPECT_EQ(T_PAGEFLT, 12);
	EXPECT_EQ(T_ALIGNFLT, 14);
	EXPECT_EQ(T_DIVIDE, 18);
	EXPECT_EQ(T_NMI, 19);
	EXPECT_EQ(T_OFLOW, 20);
	EXPECT_EQ(T_BOUND, 21);
	EXPECT_EQ(T_DNA, 22);
	EXPECT_EQ(T_DOUBLEFLT, 23);
	EXPECT_EQ(T_FPOPFLT, 24);
	EXPECT_EQ(T_TSSFLT, 25);
	EXPECT_EQ(T_SEGNPFLT, 26);
	EXPECT_EQ(T_STKFLT, 27);
	EXPECT_EQ(T_MCHK, 28);
	EXPECT_EQ(T_XMMFLT, 29);
	EXPECT_EQ(T_RESERVED, 30);
	EXPECT_EQ(T_SYSCALL80, 128);
	EXPECT_EQ(T_FAST_SYSCALL, 129);
}

static void
c10_map_constants(void)
{
	EXPECT_EQ(VMS_MADV_INVAL, 10);
	EXPECT_EQ(VMS_MADV_SETMAP, 11);
	EXPECT_EQ(VMS_MAP_VPAGETABLE, 0x2000);
	EXPECT_EQ(VMS_MAP_TRYFIXED, 0x10000);
	EXPECT_EQ(VMS_MAP_STACK, 0x400);
	EXPECT_EQ(VMS_MAP_ANON, 0x1000);
}

static void
c11_vpte_bits(void)
{
	EXPECT_EQ(VMS_VPTE_V, 1);
	EXPECT_EQ(VMS_VPTE_PS, 2);
	EXPECT_EQ(VMS_VPTE_R, 4);
	EXPECT_EQ(VMS_VPTE_W, 8);
	EXPECT_EQ(VMS_VPTE_X, 0x10);
	EXPECT_EQ(VMS_VPTE_A, 0x20);
	EXPECT_EQ(VMS_VPTE_M, 0x40);
	EXPECT_EQ(VMS_VPTE_U, 0x80);
	EXPECT_EQ(VMS_VPTE_MANAGED, 0x100);
	EXPECT_EQ(VMS_VPTE_G, 0x200);
	EXPECT_EQ(VMS_VPTE_WIRED, 0x400);
	EXPECT_EQ(VMS_VPTE_FRAME, UINT64_C(0x000FFFFFFFFFF000));
}

static const uint8_t int3_code[] = {
	0xcc, /* int3 */
};

static void
c12_errno_unchanged(void)
{
	struct guest g;
	uint64_t out;

	guest_open(&g, id_of(1));
	guest_code(&g, int3_code, sizeof(int3_code));
	errno = 4711;
	EXPECT_EQ(F->create(id_of(2), 0, NULL), 0);
	EXPECT_EQ(errno, 4711);
	EXPECT_EQ(F->mmap(id_of(2), 0, PAGE, RW, VMS_MAP_ANON | VMS_MAP_PRIVATE,
		      -1, 0, &out),
	    0);
	EXPECT_EQ(errno, 4711);
	EXPECT_EQ(F->mcontrol(id_of(2), out, PAGE, VMS_MADV_INVAL, 0), 0);
	EXPECT_EQ(errno, 4711);
	EXPECT_EQ(F->munmap(id_of(2), out, PAGE), 0);
	EXPECT_EQ(errno, 4711);
	EXPECT_EQ(F->destroy(id_of(2)), 0);
	EXPECT_EQ(errno, 4711);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), 0);
	EXPECT_EQ(errno, 4711);
}

static void
c13_mmap_fails_with_minus_1(void)
{
	uint64_t out;

	EXPECT_EQ(F->create(id_of(1), 0, NULL), 0);
	EXPECT_EQ(
	    F->mmap(id_of(1), 0, 0, RW, VMS_MAP_ANON, -1, 0, &out), EINVAL);
	EXPECT_EQ(F->raw_result(), -1);
}

static void
c13_out_untouched_on_error(void)
{
	uint64_t out = 4711;

	EXPECT_EQ(F->create(id_of(1), 0, NULL), 0);
	EXPECT_EQ(
	    F->mmap(id_of(1), 0, 0, RW, VMS_MAP_ANON, -1, 0, &out), EINVAL);
	EXPECT_EQ(out, 4711);
}

static const struct row rows[] = {
	{ "C1", "VMSPACE_CTL_RUN is 1", c1_run_is_1, ROW_HANDLE },
	{ "C1", "VMSPACE_ constants of sys/vmspace.h", dropin_c1, ROW_DROPIN },
	{ "C2", "struct trapframe is 200 bytes, aligned to 8",
	    c2_trapframe_size, ROW_HANDLE },
	{ "C2", "machine/frame.h has the same frame", dropin_c2, ROW_DROPIN },
	{ "C3", "offsets rdi to rbp", c3_offsets, 0 },
	{ "C4", "offsets r10 to r15", c4_offsets, 0 },
	{ "C5", "offsets xflags to err", c5_offsets, 0 },
	{ "C6", "offsets rip to ss", c6_offsets, 0 },
	{ "C7", "vextframe, savetls, tls_info sizes", c7_tls_sizes,
	    ROW_HANDLE },
	{ "C7", "machine/vframe.h sizes and offsets", dropin_c7, ROW_DROPIN },
	{ "C8", "info[0] is fs at 0, info[1] is gs at 16", c8_tls_offsets, 0 },
	{ "C9", "trap numbers", c9_trap_numbers, ROW_HANDLE },
	{ "C9", "trap numbers of machine/trap.h", dropin_c9, ROW_DROPIN },
	{ "C10", "MADV_ and MAP_ numbers", c10_map_constants, ROW_HANDLE },
	{ "C10", "MADV_ and MAP_ of sys/mman.h", dropin_c10, ROW_DROPIN },
	{ "C11", "VPTE bits of the seed", c11_vpte_bits, ROW_HANDLE },
	{ "C11", "VPTE bits of sys/vkernel.h", dropin_c11, ROW_DROPIN },
	{ "C12", "a successful call leaves errno", c12_errno_unchanged, 0 },
	{ "C13", "a failing vmspace_mmap is MAP_FAILED",
	    c13_mmap_fails_with_minus_1, ROW_DROPIN },
	{ "C13", "a failing vms_mmap leaves *out", c13_out_untouched_on_error,
	    ROW_HANDLE },
};
ROW_GROUP(api, rows);
