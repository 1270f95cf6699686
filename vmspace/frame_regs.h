/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between a trapframe and the registers of the CPU.  FRAME_REGS is the one
 * table of both names; load, store and any dump are made from it.
 */
#ifndef VMS_VMSPACE_FRAME_REGS_H
#define VMS_VMSPACE_FRAME_REGS_H

#include <vmspace/frame.h>

#include "emu/cpu.h"

/* X(member of trapframe, member of cpu_regs), without rflags. */
#define FRAME_REGS(X)                                                          \
	X(tf_rdi, rdi)                                                         \
	X(tf_rsi, rsi)                                                         \
	X(tf_rdx, rdx)                                                         \
	X(tf_rcx, rcx)                                                         \
	X(tf_r8, r8)                                                           \
	X(tf_r9, r9)                                                           \
	X(tf_rax, rax)                                                         \
	X(tf_rbx, rbx)                                                         \
	X(tf_rbp, rbp)                                                         \
	X(tf_r10, r10)                                                         \
	X(tf_r11, r11)                                                         \
	X(tf_r12, r12)                                                         \
	X(tf_r13, r13)                                                         \
	X(tf_r14, r14)                                                         \
	X(tf_r15, r15)                                                         \
	X(tf_rip, rip)                                                         \
	X(tf_rsp, rsp)

/* cpu_sanitize_frame and cpu_sanitize_tls on the way to the CPU; the frame
 * itself is not changed. */
void frame_load(const struct trapframe *tf, const struct vextframe *vf,
    struct cpu_regs *regs);

/* Registers, selectors and flags of *tf; what describes a trap (xflags,
 * trapno, addr, flags, err) is left alone. */
void frame_store(const struct cpu_regs *regs, struct trapframe *tf);

/* The flags of *tf that cpu_sanitize_frame would drop or force. */
int64_t frame_bad_flags(const struct trapframe *tf);

#endif
