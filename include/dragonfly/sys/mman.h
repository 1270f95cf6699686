/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DragonFly's <sys/mman.h> over the host's: DragonFly's MAP_ and MADV_ values,
 * for vmspace_mmap() and vmspace_mcontrol(), and mmap(), madvise(), mcontrol()
 * and minherit() of the calling process, which translate them.
 *
 * MAP_VPAGETABLE in the process's own map is not to be had: EOPNOTSUPP.
 */
#pragma GCC system_header
#ifndef VMSPACE_DRAGONFLY_SYS_MMAN_H
#define VMSPACE_DRAGONFLY_SYS_MMAN_H

#include_next <sys/mman.h>

#include <vmspace_self.h>

/* PROT_NONE, _READ, _WRITE and _EXEC are 0, 1, 2 and 4 everywhere. */

#undef MAP_FILE
#undef MAP_SHARED
#undef MAP_PRIVATE
#undef MAP_COPY
#undef MAP_FIXED
#undef MAP_RENAME
#undef MAP_NORESERVE
#undef MAP_INHERIT
#undef MAP_NOEXTEND
#undef MAP_HASSEMAPHORE
#undef MAP_STACK
#undef MAP_NOSYNC
#undef MAP_ANON
#undef MAP_ANONYMOUS
#undef MAP_VPAGETABLE
#undef MAP_TRYFIXED
#undef MAP_NOCORE
#undef MAP_SIZEALIGN
#define MAP_FILE         0x0000
#define MAP_SHARED       0x0001
#define MAP_PRIVATE      0x0002
#define MAP_COPY         MAP_PRIVATE
#define MAP_FIXED        0x0010
#define MAP_RENAME       0x0020
#define MAP_NORESERVE    0x0040
#define MAP_INHERIT      0x0080
#define MAP_NOEXTEND     0x0100
#define MAP_HASSEMAPHORE 0x0200
#define MAP_STACK        0x0400
#define MAP_NOSYNC       0x0800
#define MAP_ANON         0x1000
#define MAP_ANONYMOUS    MAP_ANON
#define MAP_VPAGETABLE   0x2000
#define MAP_TRYFIXED     0x00010000
#define MAP_NOCORE       0x00020000
#define MAP_SIZEALIGN    0x00040000

#undef MAP_FAILED
#define MAP_FAILED ((void *)-1)

#undef MADV_NORMAL
#undef MADV_RANDOM
#undef MADV_SEQUENTIAL
#undef MADV_WILLNEED
#undef MADV_DONTNEED
#undef MADV_FREE
#undef MADV_NOSYNC
#undef MADV_AUTOSYNC
#undef MADV_NOCORE
#undef MADV_CORE
#undef MADV_INVAL
#undef MADV_SETMAP
#undef MADV_CONTROL_START
#undef MADV_CONTROL_END
#define MADV_NORMAL        0
#define MADV_RANDOM        1
#define MADV_SEQUENTIAL    2
#define MADV_WILLNEED      3
#define MADV_DONTNEED      4
#define MADV_FREE          5
#define MADV_NOSYNC        6
#define MADV_AUTOSYNC      7
#define MADV_NOCORE        8
#define MADV_CORE          9
#define MADV_INVAL         10
#define MADV_SETMAP        11
#define MADV_CONTROL_START MADV_INVAL
#define MADV_CONTROL_END   MADV_SETMAP

#undef INHERIT_SHARE
#undef INHERIT_COPY
#undef INHERIT_NONE
#define INHERIT_SHARE 0
#define INHERIT_COPY  1
#define INHERIT_NONE  2

#undef mmap
#undef madvise
#undef mcontrol
#undef minherit
#define mmap(addr, len, prot, flags, fd, offset)                               \
	vmspace_self_mmap(addr, len, prot, flags, fd, offset)
#define madvise(addr, len, behav) vmspace_self_madvise(addr, len, behav)
#define mcontrol(addr, len, behav, value)                                      \
	vmspace_self_mcontrol(addr, len, behav, value)
#define minherit(addr, len, inherit) vmspace_self_minherit(addr, len, inherit)

#endif
