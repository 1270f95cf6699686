/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest descriptors: a table of them, which processes made with CLONE_FILES
 * share.  What they stand for is in file.h.
 */
#ifndef VMS_VKERNEL_FDTABLE_H
#define VMS_VKERNEL_FDTABLE_H

#include <stdbool.h>

#include "vkernel/file.h"

struct vk_fd {
	struct vk_open *open; /* NULL: closed */
	bool cloexec;
};

struct vk_fds {
	unsigned refs;
	struct vk_fd *rows;
	int count;              /* room */
	int limit;              /* RLIMIT_NOFILE */
	struct vk_locks *locks; /* set once it has locked something */
};

/* An empty table; NULL: no memory. */
struct vk_fds *fds_create(void);
struct vk_fds *fds_ref(struct vk_fds *fds);
void fds_drop(struct vk_fds *fds);
/* A table of its own with the same descriptors, for fork and exec. */
struct vk_fds *fds_copy(const struct vk_fds *fds);
/* For exec. */
void fds_close_on_exec(struct vk_fds *fds);

/* Takes over the host's descriptors that an exec would keep, by duplicates;
 * except: not these.  LX_ errors. */
int fds_inherit(struct vk_fds *fds, const int *except, int except_count);

/* Borrowed; NULL: not open, or O_PATH (fds_lookup_any finds these too). */
struct vk_open *fds_lookup(const struct vk_fds *fds, int fd);
struct vk_open *fds_lookup_any(const struct vk_fds *fds, int fd);

/* The lowest free descriptor at or above low; takes the reference over when
 * it succeeds.  LX_EMFILE, LX_EINVAL (low beyond the limit), LX_ENOMEM. */
int fds_add(
    struct vk_fds *fds, struct vk_open *open, int low, bool cloexec, int *fd);
/* At fd, closing what is there; takes the reference over. */
int fds_put(struct vk_fds *fds, struct vk_open *open, int fd, bool cloexec);
/* LX_EBADF. */
int fds_close(struct vk_fds *fds, int fd);

#endif
