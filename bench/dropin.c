/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/dropin.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/vkernel.h>
#include <sys/vmspace.h>

#include <machine/frame.h>
#include <machine/trap.h>
#include <machine/vframe.h>

/* The one guest of this process; its address names the vmspace. */
static struct guest {
	struct trapframe tf;
	struct vextframe vf;
} guest;

#define USER_BYTES ((size_t)1 << 47)

bool
dropin_open(int fd, uint64_t top, uint64_t rip)
{
	setenv("VMSPACE_VKERNEL_ENABLE", "1", 1);
	guest.tf.tf_rip = (int64_t)rip;
	return vmspace_create(&guest, 0, NULL) == 0 &&
	       vmspace_mmap(&guest, NULL, USER_BYTES, PROT_READ | PROT_WRITE,
		   MAP_FILE | MAP_SHARED | MAP_VPAGETABLE | MAP_FIXED, fd,
		   0) != MAP_FAILED &&
	       vmspace_mcontrol(&guest, NULL, USER_BYTES, MADV_SETMAP,
		   (off_t)(top | VPTE_V | VPTE_R | VPTE_W)) == 0;
}

bool
dropin_syscall(void)
{
	return vmspace_ctl(&guest, VMSPACE_CTL_RUN, &guest.tf, &guest.vf) ==
		   0 &&
	       guest.tf.tf_trapno == T_FAST_SYSCALL;
}
