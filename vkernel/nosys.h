/* SPDX-License-Identifier: BSD-2-Clause */
/* Why calls are answered with ENOSYS. */
#ifndef VMS_VKERNEL_NOSYS_H
#define VMS_VKERNEL_NOSYS_H

#include <stdbool.h>
#include <stdint.h>

/* NULL: it is not known why. */
const char *nosys_reason(uint64_t nr);
/* Every program that makes the call is ready for a kernel without it: its
 * absence is no news. */
bool nosys_is_quiet(uint64_t nr);

#endif
