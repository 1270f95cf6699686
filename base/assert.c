/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void
vms_assert_failed(
    const char *name, const char *cond, const char *file, int line)
{
	fprintf(stderr, "vmspace: assertion %s failed: %s (%s:%d)\n", name,
	    cond, file, line);
	abort();
}
