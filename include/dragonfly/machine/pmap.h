/* SPDX-License-Identifier: BSD-2-Clause */
/* Of DragonFly's <machine/pmap.h>: PGEX_*, the bits of tf_err and tf_xflags. */
#ifndef VMSPACE_DRAGONFLY_MACHINE_PMAP_H
#define VMSPACE_DRAGONFLY_MACHINE_PMAP_H

#include <vmspace/frame.h>

#endif
