/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest program of the handle face: prints the library's version. */
#include <stdio.h>

#include <vmspace/vmspace.h>

int
main(void)
{
	return puts(vms_version()) < 0;
}
