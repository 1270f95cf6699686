/* SPDX-License-Identifier: BSD-2-Clause */
/* DragonFly's <machine/psl.h>: the bits of tf_rflags. */
#ifndef VMSPACE_DRAGONFLY_MACHINE_PSL_H
#define VMSPACE_DRAGONFLY_MACHINE_PSL_H

#include <vmspace/frame.h> /* PSL_C, PSL_T */

#define PSL_MBO  0x00000002 /* must be one */
#define PSL_PF   0x00000004
#define PSL_AF   0x00000010
#define PSL_Z    0x00000040
#define PSL_N    0x00000080
#define PSL_I    0x00000200
#define PSL_D    0x00000400
#define PSL_V    0x00000800
#define PSL_IOPL 0x00003000
#define PSL_NT   0x00004000
#define PSL_RF   0x00010000
#define PSL_VM   0x00020000
#define PSL_AC   0x00040000
#define PSL_VIF  0x00080000
#define PSL_VIP  0x00100000
#define PSL_ID   0x00200000

#endif
