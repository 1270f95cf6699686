/* SPDX-License-Identifier: BSD-2-Clause */
/* What vmspace_ctl reports about an exit of the guest: vkernel_trap's frame,
 * specification 4.3 to 4.7. */
#ifndef VMS_VMSPACE_TRAP_H
#define VMS_VMSPACE_TRAP_H

#include <vmspace/frame.h>

#include "vmspace/run.h"

/*
 * Completes *tf, into which the guest's registers have been stored: trapno,
 * err, addr, xflags, and what system calls and debug traps do to registers.
 * tf_flags, and tf_addr of a system call, stay as they were copied in.
 */
void trap_fill(const struct run_exit *exit, struct trapframe *tf);

#endif
