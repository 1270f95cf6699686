/* SPDX-License-Identifier: BSD-2-Clause */
/* DragonFly's <machine/vframe.h>: struct vextframe. */
#ifndef VMSPACE_DRAGONFLY_MACHINE_VFRAME_H
#define VMSPACE_DRAGONFLY_MACHINE_VFRAME_H

#include <vmspace/frame.h>

#endif
