/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's name space: a root, and mounts on it.  Without options it is the
 * host's with /proc and some of /dev laid over, and most names go to the
 * host as they are; with --root, --bind or --read-only it is confined, and
 * every name is looked up by resolve.c, which does not leave its mounts.
 *
 * A mount is found by the directory that it is in and its name there, so the
 * name need not exist on the host.
 */
#ifndef VMS_VKERNEL_NAMES_H
#define VMS_VKERNEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "vkernel/vnode.h"

struct vk_kernel;

struct vk_mount {
	struct vk_mount *next;
	struct vk_mount *parent; /* NULL: the root */
	char *where;             /* guest path; "" for the root */
	const char *name;        /* the last part of where */
	int above; /* host directory that name is in; -1: above_node */
	dev_t above_dev;
	ino_t above_ino;
	struct vk_vnode above_node;
	struct vk_vnode tree; /* depth 0: of the host */
	int root;             /* the host's directory, or that of file */
	dev_t dev;            /* of root */
	ino_t ino;
	char *file; /* a file of that directory; NULL: all of it */
	bool read_only;
};

/* A directory of the guest. */
struct vk_place {
	int fd; /* the host's; -1: node */
	struct vk_mount *mount;
	struct vk_vnode node;
};

struct vk_names {
	struct vk_mount *mounts; /* the last one made first */
	struct vk_mount *root;
	bool confined;     /* not simply the host's */
	bool own_root;     /* --root */
	bool own_sys;      /* /sys is not the host's */
	bool by_component; /* never several names in one host call */
	bool host_proc;    /* names that our /proc lacks are the host's */
	dev_t proc_dev;    /* of the host's /proc */
	char *shm;         /* the run's own /dev/shm, removed at the end */
};

/* From the options; errors are printed.  A host errno value. */
int names_open(struct vk_kernel *kernel);
void names_close(struct vk_kernel *kernel);

/* Makes the run's own /dev/shm, in the place dev.  LX_ errors. */
int names_shm(struct vk_kernel *kernel, const struct vk_place *dev);
/* Where the first process stands: the host's directory, or "/" with --root.
 * A host errno value. */
int names_start_place(struct vk_kernel *kernel, struct vk_place *place);

struct vk_place place_root(const struct vk_kernel *kernel);
/* The mount of this name in a directory; NULL: none. */
struct vk_mount *names_mount_at(const struct vk_names *names,
    const struct vk_place *place, const char *name);
/* True when the directory is where its mount starts. */
bool place_is_mount(const struct vk_place *place);
/* True when the host's directory fd is in the mount. */
bool mount_holds(const struct vk_mount *mount, int fd);
/* True when names of place, without links and "..", can lead to a mount. */
bool names_mounts_below(const struct vk_names *names,
    const struct vk_place *place, const char *path);

/* What guests call a host file: "(unreachable)" when no mount has it.
 * LX_ERANGE. */
int names_guest_path(
    const struct vk_names *names, const char *host, char *buf, size_t room);
/* The same for what fd has open; " (deleted)" may follow. */
int names_fd_path(const struct vk_names *names, int fd, char *buf, size_t room);
int place_path(const struct vk_names *names, const struct vk_place *place,
    char *buf, size_t room);

#endif
