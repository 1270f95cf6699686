/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's registers between runs, in the binary layout of DragonFly BSD
 * on x86-64: struct trapframe (200 bytes), struct vextframe (32 bytes), and
 * the trap numbers and page-fault bits that vmspace_ctl() reports.
 *
 * Follows sys/cpu/x86_64/include/{frame,vframe,trap}.h and sys/sys/tls.h;
 * checklist C2-C9.
 */
#ifndef VMSPACE_FRAME_H
#define VMSPACE_FRAME_H

#include <stdint.h>

struct trapframe {
	int64_t tf_rdi;
	int64_t tf_rsi;
	int64_t tf_rdx;
	int64_t tf_rcx;
	int64_t tf_r8;
	int64_t tf_r9;
	int64_t tf_rax;
	int64_t tf_rbx;
	int64_t tf_rbp;
	int64_t tf_r10;
	int64_t tf_r11;
	int64_t tf_r12;
	int64_t tf_r13;
	int64_t tf_r14;
	int64_t tf_r15;
	int64_t tf_xflags;
	int64_t tf_trapno;
	int64_t tf_addr;
	int64_t tf_flags;
	int64_t tf_err;
	int64_t tf_rip;
	int64_t tf_cs;
	int64_t tf_rflags;
	int64_t tf_rsp;
	int64_t tf_ss;
};

struct tls_info {
	void *base;
	int size;
};

/* info[0] is %fs, info[1] is %gs; the sizes have no effect. */
struct savetls {
	struct tls_info info[2];
};

struct vextframe {
	struct savetls vx_tls;
};

/* Selectors that every guest runs with, whatever the frame says (C53). */
#define VMS_SEL_UCODE 0x2B
#define VMS_SEL_UDATA 0x23

/* Values of tf_trapno.  0: no trap, a signal or vms_lwp_interrupt(). */
#define T_PRIVINFLT    1 /* #UD */
#define T_BPTFLT       3 /* #BP */
#define T_ARITHTRAP    6 /* #MF */
#define T_ASTFLT       7
#define T_PROTFLT      9  /* #GP */
#define T_TRCTRAP      10 /* #DB */
#define T_PAGEFLT      12 /* #PF */
#define T_ALIGNFLT     14 /* #AC */
#define T_DIVIDE       18 /* #DE */
#define T_NMI          19
#define T_OFLOW        20 /* #OF */
#define T_BOUND        21 /* #BR */
#define T_DNA          22 /* #NM */
#define T_DOUBLEFLT    23
#define T_FPOPFLT      24
#define T_TSSFLT       25
#define T_SEGNPFLT     26 /* #NP */
#define T_STKFLT       27 /* #SS */
#define T_MCHK         28
#define T_XMMFLT       29 /* #XF */
#define T_RESERVED     30
#define T_SYSCALL80    0x80
#define T_FAST_SYSCALL 0x81

/* Bits of tf_err for T_PAGEFLT. */
#define PGEX_P   0x01 /* a translation was present */
#define PGEX_W   0x02 /* the access was a write */
#define PGEX_U   0x04 /* from user mode: always set for a guest */
#define PGEX_RSV 0x08
#define PGEX_I   0x10 /* instruction fetch; never reported by the seed */

/* Bit of tf_xflags at entry: the first FP instruction gives T_DNA (C61). */
#define PGEX_FPFAULT 0x80

/* Bits of tf_rflags that a vkernel commonly uses. */
#define PSL_C 0x00000001
#define PSL_T 0x00000100

#endif
