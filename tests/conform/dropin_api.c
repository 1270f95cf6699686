/* SPDX-License-Identifier: BSD-2-Clause */
/* C1-C11 as a program sees them that includes DragonFly's headers. */
#include "tests/conform/dropin_api.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include <machine/frame.h>
#include <machine/trap.h>
#include <machine/vframe.h>
#include <sys/mman.h>
#include <sys/tls.h>
#include <sys/vkernel.h>
#include <sys/vmspace.h>

#include "tests/conform/conform.h"

void
dropin_c1(void)
{
	EXPECT_EQ(VMSPACE_CTL_RUN, 1);
	EXPECT_EQ(VMSPACE_PAGEFAULT, 1);
	EXPECT_EQ(VMSPACE_TIMEOUT, 2);
	EXPECT_EQ(VMSPACE_TRAP, 3);
	EXPECT_EQ(VMSPACE_SYSCALL, 4);
}

void
dropin_c2(void)
{
	EXPECT_EQ(sizeof(struct trapframe), 200);
	EXPECT_EQ(_Alignof(struct trapframe), 8);
	EXPECT_EQ(offsetof(struct trapframe, tf_ss), 192);
}

void
dropin_c7(void)
{
	EXPECT_EQ(sizeof(struct vextframe), 32);
	EXPECT_EQ(sizeof(struct savetls), 32);
	EXPECT_EQ(sizeof(struct tls_info), 16);
	EXPECT_EQ(offsetof(struct vextframe, vx_tls.info[1].base), 16);
}

void
dropin_c9(void)
{
	EXPECT_EQ(T_PAGEFLT, 12);
	EXPECT_EQ(T_FAST_SYSCALL, 129);
	EXPECT_EQ(T_SYSCALL80, 128);
	EXPECT_EQ(T_PRIVINFLT, 1);
	EXPECT_EQ(T_BPTFLT, 3);
	EXPECT_EQ(T_TRCTRAP, 10);
	EXPECT_EQ(T_DIVIDE, 18);
	EXPECT_EQ(T_PROTFLT, 9);
	EXPECT_EQ(T_DNA, 22);
	EXPECT_EQ(T_USER, 0x100);
}

void
dropin_c10(void)
{
	EXPECT_EQ(MADV_NORMAL, 0);
	EXPECT_EQ(MADV_FREE, 5);
	EXPECT_EQ(MADV_INVAL, 10);
	EXPECT_EQ(MADV_SETMAP, 11);
	EXPECT_EQ(MADV_CONTROL_START, 10);
	EXPECT_EQ(MADV_CONTROL_END, 11);
	EXPECT_EQ(MAP_SHARED, 1);
	EXPECT_EQ(MAP_PRIVATE, 2);
	EXPECT_EQ(MAP_FIXED, 0x10);
	EXPECT_EQ(MAP_STACK, 0x400);
	EXPECT_EQ(MAP_ANON, 0x1000);
	EXPECT_EQ(MAP_VPAGETABLE, 0x2000);
	EXPECT_EQ(MAP_TRYFIXED, 0x10000);
	EXPECT_EQ(MAP_SIZEALIGN, 0x40000);
	EXPECT(MAP_FAILED == (void *)-1);
}

void
dropin_c11(void)
{
	EXPECT_EQ(sizeof(vpte_t), 8);
	EXPECT_EQ(VPTE_V, 1);
	EXPECT_EQ(VPTE_PS, 2);
	EXPECT_EQ(VPTE_R, 4);
	EXPECT_EQ(VPTE_W, 8);
	EXPECT_EQ(VPTE_X, 0x10);
	EXPECT_EQ(VPTE_A, 0x20);
	EXPECT_EQ(VPTE_M, 0x40);
	EXPECT_EQ(VPTE_U, 0x80);
	EXPECT_EQ(VPTE_MANAGED, 0x100);
	EXPECT_EQ(VPTE_G, 0x200);
	EXPECT_EQ(VPTE_WIRED, 0x400);
	EXPECT_EQ(VPTE_FRAME, UINT64_C(0x000FFFFFFFFFF000));
	EXPECT_EQ(VPTE_FRAME_END, 48);
	EXPECT_EQ(VPTE_PAGE_BITS, 9);
}

int
dropin_after_exec(void)
{
	return vmspace_destroy(NULL) == 0 ? 0 : errno;
}
