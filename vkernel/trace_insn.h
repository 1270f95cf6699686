/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --trace=insn through the public calls alone: the T flag is set before each
 * run, which then ends after one instruction with T_TRCTRAP.
 */
#ifndef VMS_VKERNEL_TRACE_INSN_H
#define VMS_VKERNEL_TRACE_INSN_H

struct vk_thread;

/* Prints the instruction at rip and executes it.  As vms_ctl(); a trap that
 * only the T flag caused is reported as tf_trapno 0. */
int trace_insn_step(struct vk_thread *thread);

#endif
