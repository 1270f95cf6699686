/* SPDX-License-Identifier: BSD-2-Clause */
/* Seals of memfd files: the host's, where it has them. */
#ifndef VMS_VKERNEL_SEALS_H
#define VMS_VKERNEL_SEALS_H

#include <stdbool.h>
#include <stdint.h>

struct vk_open;
struct vk_thread;

#define LX_F_ADD_SEALS 1033
#define LX_F_GET_SEALS 1034

#define LX_F_SEAL_SEAL         0x1
#define LX_F_SEAL_SHRINK       0x2
#define LX_F_SEAL_GROW         0x4
#define LX_F_SEAL_WRITE        0x8
#define LX_F_SEAL_FUTURE_WRITE 0x10
#define LX_F_SEAL_EXEC         0x20

#define LX_MFD_CLOEXEC       0x1
#define LX_MFD_ALLOW_SEALING 0x2
#define LX_MFD_HUGETLB       0x4
#define LX_MFD_NOEXEC_SEAL   0x8
#define LX_MFD_EXEC          0x10

/* fcntl's commands: the answer or a negative LX_ error. */
int64_t seals_get(const struct vk_open *open);
int64_t seals_add(
    struct vk_thread *thread, const struct vk_open *open, uint64_t seals);

/* LX_EINVAL, LX_ENOMEM: no such memfd. */
int seals_check_flags(uint64_t flags);
/* Seals the new file fd as the flags of memfd_create have it. */
void seals_start(int fd, uint64_t flags);
/* True when no new mapping of fd may store to it. */
bool seals_forbid_stores(int fd);

#endif
