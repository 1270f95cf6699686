/* SPDX-License-Identifier: BSD-2-Clause */
/* Of DragonFly's <machine/param.h>: the guest's page, whatever the host's. */
#ifndef VMSPACE_DRAGONFLY_MACHINE_PARAM_H
#define VMSPACE_DRAGONFLY_MACHINE_PARAM_H

#undef PAGE_SHIFT
#undef PAGE_SIZE
#undef PAGE_MASK
#define PAGE_SHIFT 12
#define PAGE_SIZE  (1 << PAGE_SHIFT)
#define PAGE_MASK  (PAGE_SIZE - 1)

#endif
