/* SPDX-License-Identifier: BSD-2-Clause */
/* DragonFly's <machine/trap.h>: T_*, the values of tf_trapno. */
#ifndef VMSPACE_DRAGONFLY_MACHINE_TRAP_H
#define VMSPACE_DRAGONFLY_MACHINE_TRAP_H

#include <vmspace/frame.h>

/* Used inside kernels; never reported in tf_trapno. */
#define T_USER 0x100

#endif
