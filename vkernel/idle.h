/* SPDX-License-Identifier: BSD-2-Clause */
/* When no guest can run: looking at host descriptors, waiting for them, for
 * the time, and for the host's signals. */
#ifndef VMS_VKERNEL_IDLE_H
#define VMS_VKERNEL_IDLE_H

#include <stdbool.h>
#include <stdint.h>

struct vk_kernel;

/* Waits until something happens, and wakes whom it concerns.  False: nothing
 * can ever happen, and nobody waits for the end. */
bool idle_wait(struct vk_kernel *kernel);
/* Looks at all host descriptors that are waited for, for at most ns
 * nanoseconds (UINT64_MAX: as long as it takes).  True when one was ready. */
bool idle_look(struct vk_kernel *kernel, uint64_t ns);

#endif
