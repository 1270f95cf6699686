/* SPDX-License-Identifier: BSD-2-Clause */
/* Of DragonFly's <machine/vmparam.h>: the span of a vmspace. */
#ifndef VMSPACE_DRAGONFLY_MACHINE_VMPARAM_H
#define VMSPACE_DRAGONFLY_MACHINE_VMPARAM_H

#define VM_MIN_USER_ADDRESS 0UL
#define VM_MAX_USER_ADDRESS 0x0000800000000000UL

#endif
