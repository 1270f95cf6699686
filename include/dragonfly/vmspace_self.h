/* SPDX-License-Identifier: BSD-2-Clause */
/* What <sys/mman.h> and <sys/sysctl.h> of this directory stand for: calls on
 * the calling process itself, in DragonFly's numbers. */
#ifndef VMSPACE_DRAGONFLY_VMSPACE_SELF_H
#define VMSPACE_DRAGONFLY_VMSPACE_SELF_H

#include <sys/types.h>

#include <vmspace/vmspace.h>

#ifdef __cplusplus
extern "C" {
#endif

VMS_API void *vmspace_self_mmap(void *, size_t, int, int, int, off_t);
VMS_API int vmspace_self_madvise(void *, size_t, int);
VMS_API int vmspace_self_mcontrol(void *, size_t, int, off_t);
VMS_API int vmspace_self_minherit(void *, size_t, int);
VMS_API int vmspace_sysctlbyname(
    const char *, void *, size_t *, const void *, size_t);

#ifdef __cplusplus
}
#endif

#endif
