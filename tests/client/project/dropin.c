/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program in DragonFly's own words: a vmspace that does not exist cannot be
 * destroyed.  Prints the library's version.
 */
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/vkernel.h>
#include <sys/vmspace.h>

#include <machine/frame.h>
#include <machine/vframe.h>

#include <errno.h>
#include <stdio.h>

#include <vmspace/vmspace.h>

int
main(void)
{
	struct trapframe tf = { 0 };

	errno = 0;
	if (vmspace_destroy(&tf) != -1 || errno == 0)
		return 1;
	return puts(vms_version()) < 0;
}
