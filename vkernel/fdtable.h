/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest descriptors.  A vk_open is what Linux calls an open file description;
 * several descriptors may hold one.  Every host descriptor is our own,
 * closed at exec.
 */
#ifndef VMS_VKERNEL_FDTABLE_H
#define VMS_VKERNEL_FDTABLE_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>

struct vk_open {
	unsigned refs;
	int fd;              /* the host's */
	bool may_block;      /* a pipe, socket or terminal */
	bool search;         /* O_PATH */
	DIR *dir;            /* made by the first getdents */
	struct dirent *held; /* read from dir, not yet given to the guest */
};

struct vk_fd {
	struct vk_open *open; /* NULL: closed */
	bool cloexec;
};

struct vk_fds {
	struct vk_fd *rows;
	int count; /* room */
	int limit; /* RLIMIT_NOFILE */
};

/* Takes over the host's descriptors that an exec would keep, by duplicates;
 * except: not these.  LX_ errors. */
int fds_init(struct vk_fds *fds, const int *except, int except_count);
void fds_finish(struct vk_fds *fds);

/* Borrowed; NULL: not open, or O_PATH (fds_lookup_any finds these too). */
struct vk_open *fds_lookup(const struct vk_fds *fds, int fd);
struct vk_open *fds_lookup_any(const struct vk_fds *fds, int fd);

/* Wraps a host descriptor, which is closed when this fails. */
int open_create(int host_fd, struct vk_open **out);
struct vk_open *open_ref(struct vk_open *open);
void open_drop(struct vk_open *open);

/* The lowest free descriptor at or above low; takes the reference over when
 * it succeeds.  LX_EMFILE, LX_EINVAL (low beyond the limit), LX_ENOMEM. */
int fds_add(
    struct vk_fds *fds, struct vk_open *open, int low, bool cloexec, int *fd);
/* At fd, closing what is there; takes the reference over. */
int fds_put(struct vk_fds *fds, struct vk_open *open, int fd, bool cloexec);
/* LX_EBADF. */
int fds_close(struct vk_fds *fds, int fd);

#endif
