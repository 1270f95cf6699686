/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/frame_regs.h"

/*
 * rflags, as cpu_sanitize_frame of sys/platform/pc64/x86_64/machdep.c:
 *
 *   21 20  19  18 17 16 15 14 13-12 11 10 9 8 7 6 5 4 3 2 1 0
 *   ID VIP VIF AC VM RF  0 NT  IOPL  O  D I T N Z 0 A 0 P 1 C
 *   k  -   -   k  k  k   - k   - -   k  k 1 k k k - k - k 1 k
 *
 * RF and VM pass that mask, but neither can ever be seen by a 64-bit guest:
 * the processor ignores VM on a return to 64-bit mode, and RF is used up by
 * the first instruction and reads as 0.  The engine would take VM at its
 * word, so both end here.
 */
#define FLAGS_KEPT    UINT64_C(0x274DD5)
#define FLAGS_FORCED  UINT64_C(0x202)
#define FLAGS_RF_VM   UINT64_C(0x30000)
#define FLAGS_VISIBLE (FLAGS_KEPT & ~FLAGS_RF_VM)

static uint64_t
flags_sanitize(uint64_t rflags)
{
	return (rflags & FLAGS_VISIBLE) | FLAGS_FORCED;
}

void
frame_load(const struct trapframe *tf, const struct vextframe *vf,
    struct cpu_regs *regs)
{
#define LOAD(member, reg) regs->reg = (uint64_t)tf->member;
	FRAME_REGS(LOAD)
#undef LOAD
	regs->rflags = flags_sanitize((uint64_t)tf->tf_rflags);
	regs->fs_base = (uintptr_t)vf->vx_tls.info[0].base;
	regs->gs_base = (uintptr_t)vf->vx_tls.info[1].base;
}

void
frame_store(const struct cpu_regs *regs, struct trapframe *tf)
{
#define STORE(member, reg) tf->member = (int64_t)regs->reg;
	FRAME_REGS(STORE)
#undef STORE
	tf->tf_rflags = (int64_t)flags_sanitize(regs->rflags);
	tf->tf_cs = VMS_SEL_UCODE;
	tf->tf_ss = VMS_SEL_UDATA;
}

int64_t
frame_bad_flags(const struct trapframe *tf)
{
	uint64_t rflags = (uint64_t)tf->tf_rflags;

	return (int64_t)(rflags & ~(FLAGS_VISIBLE | FLAGS_FORCED));
}
