/* SPDX-License-Identifier: BSD-2-Clause */
/* Path arguments: from the guest's words to a host directory and a path. */
#ifndef VMS_VKERNEL_SYS_PATH_H
#define VMS_VKERNEL_SYS_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "vkernel/kernel.h"

struct vk_path {
	int dir; /* host directory for relative paths */
	char text[LX_PATH_MAX];
};

/* Reads the string at va; dirfd is the guest's.  LX_ errors. */
int path_get(struct vk_thread *thread, uint64_t dirfd, uint64_t va,
    struct vk_path *path);
/* The same; names that mean something else here than on the host (as
 * /proc/self/exe) are replaced. */
int path_get_open(struct vk_thread *thread, uint64_t dirfd, uint64_t va,
    struct vk_path *path);
/* The same for a call that looks at a last symbolic link itself. */
int path_get_link(struct vk_thread *thread, uint64_t dirfd, uint64_t va,
    struct vk_path *path);
/* True when the link is one that we answer ourselves; its target. */
bool path_own_link(
    const struct vk_process *process, const char *text, const char **target);

/* Host AT_ flags of Linux ones. */
int path_at_flags(uint64_t linux_flags);
/* mode without the bits of the guest's umask. */
mode_t path_mode(const struct vk_thread *thread, uint64_t mode);

/* Opens a program, an interpreter among them, for execution.  Host errno
 * values: EACCES when it is no regular file or may not be executed. */
int path_open_program(
    struct vk_process *process, const char *path, int *host_fd);

#endif
