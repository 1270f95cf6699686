/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DragonFly's <sys/vmspace.h> for other hosts: the eight calls under their own
 * names, with -1 (MAP_FAILED) and errno.
 *
 * The calling process has one registry, made by its first vmspace_create().
 * As in the kernel, vm.vkernel_enable is 0 until it is set: by
 * vmspace_set_vkernel_enable(), by sysctlbyname() of <sys/sysctl.h>, or by
 * VMSPACE_VKERNEL_ENABLE=1 in the environment.  VMSPACE_LINT=1 writes what the
 * kernel tolerates but documents as wrong to stderr; VMSPACE_CHAOS=1 drops
 * every translation at every exit of a guest.
 *
 * After a fork() of the host the child's calls fail with ENXIO.
 */
#ifndef VMSPACE_DRAGONFLY_SYS_VMSPACE_H
#define VMSPACE_DRAGONFLY_SYS_VMSPACE_H

#include <sys/types.h>

#include <vmspace/frame.h>
#include <vmspace/vmspace.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMSPACE_CTL_RUN 1

/* As in the kernel, nothing uses these. */
#define VMSPACE_PAGEFAULT 1
#define VMSPACE_TIMEOUT   2
#define VMSPACE_TRAP      3
#define VMSPACE_SYSCALL   4

VMS_API int vmspace_create(void *, int, void *);
VMS_API int vmspace_destroy(void *);
VMS_API int vmspace_ctl(void *, int, struct trapframe *, struct vextframe *);
VMS_API void *vmspace_mmap(void *, void *, size_t, int, int, int, off_t);
VMS_API int vmspace_munmap(void *, void *, size_t);
VMS_API int vmspace_mcontrol(void *, void *, size_t, int, off_t);
VMS_API ssize_t vmspace_pread(void *, void *, size_t, int, off_t);
VMS_API ssize_t vmspace_pwrite(void *, const void *, size_t, int, off_t);

/* sysctl vm.vkernel_enable. */
VMS_API void vmspace_set_vkernel_enable(int);
VMS_API int vmspace_vkernel_enable(void);

/*
 * Which VPTE layout the walk uses, an enum vms_era: before the first
 * vmspace_create(), else -1 with EBUSY.  A program compiled with
 * VMSPACE_ERA_2013 need not call it.
 */
VMS_API int vmspace_set_era(int);
VMS_API int vmspace_create_2013(void *, int, void *);
#ifdef VMSPACE_ERA_2013
#define vmspace_create vmspace_create_2013
#endif

/*
 * On x86-64 hosts a guest starts with the FP and SSE registers of the calling
 * thread and leaves its own there, as in the kernel; 0 turns that off: each
 * thread's guests then have FP registers of their own.
 */
VMS_API void vmspace_set_fp_mirror(int);

/* The handle behind these calls, for <vmspace/vmspace.h> (counters, budgets,
 * lint); NULL before the first vmspace_create(). */
VMS_API struct vms *vmspace_default_vms(void);

#ifdef __cplusplus
}
#endif

#endif
