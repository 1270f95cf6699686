/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory as the kernel reaches it: by walking the guest's tables and
 * using the linear mapping.  Pages are faulted in as the guest would do it.
 * Writes set A and M, and tell the library about code.
 */
#ifndef VMS_VKERNEL_USERCOPY_H
#define VMS_VKERNEL_USERCOPY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "vkernel/mm.h"

/* 0 or LX_EFAULT; a part may have been copied. */
int copyin(struct vk_mm *mm, void *dst, uint64_t va, size_t len);
int copyout(struct vk_mm *mm, uint64_t va, const void *src, size_t len);
/* Whatever the protection is: for the loader. */
int copyout_force(struct vk_mm *mm, uint64_t va, const void *src, size_t len);

/* A string of at most room - 1 bytes: LX_EFAULT, LX_ENAMETOOLONG. */
int copyin_string(struct vk_mm *mm, char *dst, uint64_t va, size_t room);

/* The host address of byte va, valid to the end of its page; NULL: no access.
 * Good until the next change of the address space.  Who stores to it calls
 * image_note_at(). */
uint8_t *user_host(struct vk_mm *mm, uint64_t va, enum mm_access access);

/*
 * Adds the host pieces of [va, va + len) to iov[*count .. room), joining what
 * is contiguous.  Stops early at the first page without access or when iov is
 * full; the bytes described are returned.  Who stores to them calls
 * user_stored().
 */
size_t user_pieces(struct vk_mm *mm, uint64_t va, size_t len,
    enum mm_access access, struct iovec *iov, int room, int *count);

/* The first stored bytes of iov[0 .. count) have been stored to. */
void user_stored(
    struct vk_mm *mm, const struct iovec *iov, int count, size_t stored);

#endif
