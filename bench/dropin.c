/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/dropin.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vkernel.h>
#include <sys/vmspace.h>

#include <machine/frame.h>
#include <machine/trap.h>
#include <machine/vframe.h>

static char id; /* its address names the vmspace */

#define USER_BYTES ((size_t)1 << 47)

bool
dropin_open(int fd, uint64_t top)
{
	setenv("VMSPACE_VKERNEL_ENABLE", "1", 1);
	return vmspace_create(&id, 0, NULL) == 0 &&
	       vmspace_mmap(&id, NULL, USER_BYTES, PROT_READ | PROT_WRITE,
		   MAP_FILE | MAP_SHARED | MAP_VPAGETABLE | MAP_FIXED, fd,
		   0) != MAP_FAILED &&
	       vmspace_mcontrol(&id, NULL, USER_BYTES, MADV_SETMAP,
		   (off_t)(top | VPTE_V | VPTE_R | VPTE_W)) == 0;
}

bool
dropin_syscalls(uint64_t rip, int count)
{
	struct trapframe tf;
	struct vextframe vf;

	memset(&tf, 0, sizeof(tf));
	memset(&vf, 0, sizeof(vf));
	tf.tf_rip = (int64_t)rip;
	for (int i = 0; i < count; i++) {
		if (vmspace_ctl(&id, VMSPACE_CTL_RUN, &tf, &vf) != 0 ||
		    tf.tf_trapno != T_FAST_SYSCALL)
			return false;
	}
	return true;
}
