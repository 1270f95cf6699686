/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path arguments: from the guest's words to something that the host's *at()
 * calls take.  Every path that was got is to be put.
 */
#ifndef VMS_VKERNEL_SYS_PATH_H
#define VMS_VKERNEL_SYS_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "vkernel/kernel.h"
#include "vkernel/names.h"

#define PATH_FOLLOW 1u /* a last symbolic link is followed */
#define PATH_EMPTY  2u /* "" is what the descriptor stands for */
#define PATH_NAME                                                              \
	4u               /* of a name that is made, moved or removed: a slash  \
			    at its end means nothing yet */
#define PATH_NO_XDEV  8u /* as RESOLVE_ of openat2(2) */
#define PATH_NO_MAGIC 16u
#define PATH_NO_LINKS 32u
#define PATH_BENEATH  64u
#define PATH_IN_ROOT  128u
#define PATH_CREATE   256u /* a slash at its end is LX_EISDIR */
#define PATH_SCOPED   (PATH_BENEATH | PATH_IN_ROOT)
#define PATH_RESOLVE                                                           \
	(PATH_NO_XDEV | PATH_NO_MAGIC | PATH_NO_LINKS | PATH_SCOPED)

/*
 * Host calls get dir, text and path_flags().  In a confined name space text is
 * one name, ".", or a name of ours like /dev/null.
 */
struct vk_path {
	int dir;                /* host directory for text */
	bool owned;             /* dir is closed by path_put() */
	bool follow;            /* the host may follow a last link */
	bool slash;             /* the path ended in a slash, text does not */
	bool is_mount;          /* a mount is here: busy */
	struct vk_mount *mount; /* NULL: of no mount, or not confined */
	struct vk_vnode node;   /* depth != 0: a file of ours */
	struct vk_open *open;   /* borrowed: the descriptor meant by "", or by
				   a link of /proc/self/fd */
	char text[LX_PATH_MAX];
};

/* Reads the string at va; dirfd is the guest's.  LX_ errors, and then there is
 * nothing to put. */
int path_get(struct vk_thread *thread, uint64_t dirfd, uint64_t va,
    unsigned flags, struct vk_path *path);
/* The same for a string of ours. */
int path_get_text(struct vk_thread *thread, uint64_t dirfd, const char *text,
    unsigned flags, struct vk_path *path);
void path_put(struct vk_path *path);

/* PATH_FOLLOW and PATH_EMPTY by Linux AT_ flags. */
unsigned path_get_flags(uint64_t linux_flags);
/* Those of PATH_RESOLVE by Linux RESOLVE_ flags. */
unsigned path_resolve_flags(uint64_t resolve);
/*
 * st is what a host call said of a path that is not confined.  1: it is in the
 * host's /proc, where a link has led; path is now what it is in ours.  0: it is
 * not.  A negative LX_ error: it does not exist here, and path was put.
 */
int path_leads_to_proc(struct vk_thread *thread, uint64_t dirfd,
    const struct stat *st, unsigned flags, struct vk_path *path);
/* Under the virtual clock, when a name was removed: its inode's number may be
 * given to another file.  Before the call, then after it if it succeeded. */
struct path_inode {
	uint64_t dev, ino;
	bool last; /* name of it */
};
struct path_inode path_inode(
    struct vk_thread *thread, const struct vk_path *path);
void path_forget(struct vk_thread *thread, const struct path_inode *inode);
/* AT_SYMLINK_NOFOLLOW unless the host may follow. */
int path_flags(const struct vk_path *path);
/* 0, or why the file may not be changed: LX_EROFS, LX_EPERM for one of ours. */
int path_may_change(const struct vk_path *path);
/* The same for owner, mode and times, which descriptors from outside keep. */
int path_may_alter(const struct vk_thread *thread, const struct vk_path *path);
int path_open_may_change(
    const struct vk_thread *thread, const struct vk_open *open);
/* The mount that the name is in: where a mount starts, the one above. */
const struct vk_mount *path_mount_of_name(const struct vk_path *path);
/* The same for a name that is made or removed; LX_EBUSY. */
int path_may_name(const struct vk_path *path);
/* mode without the bits of the guest's umask. */
mode_t path_mode(const struct vk_thread *thread, uint64_t mode);
/* As stat would tell it; follows no link in a confined name space.  LX_
 * errors. */
int path_stat(const struct vk_path *path, struct stat *st);

/* Opens a program, an interpreter among them, for execution.  Host errno
 * values: EACCES when it is no regular file or may not be executed. */
int path_open_program(
    struct vk_process *process, const char *path, int *host_fd);
/* The same for a path that was got.  LX_ errors. */
int path_open_exec(const struct vk_path *path, int *host_fd);

/* resolve.c: the walk.  start is borrowed; thread may be NULL before there is
 * any. */
int path_resolve(struct vk_kernel *kernel, struct vk_thread *thread,
    const struct vk_place *start, const char *text, unsigned flags,
    struct vk_path *path);
/* The directory of a path, for standing in it; takes over what path owns.
 * LX_ENOTDIR ... */
int path_place(struct vk_path *path, struct vk_place *place);

#endif
