/* SPDX-License-Identifier: BSD-2-Clause */
/* DragonFly's <machine/frame.h>: struct trapframe. */
#ifndef VMSPACE_DRAGONFLY_MACHINE_FRAME_H
#define VMSPACE_DRAGONFLY_MACHINE_FRAME_H

#include <vmspace/frame.h>

#endif
