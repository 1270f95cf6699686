/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that no host has: /proc and /dev as guests see them.  A tree is made
 * of rows; rows without a name stand for numbers (processes, threads,
 * descriptors).  A vnode is the way to one file of a tree.
 */
#ifndef VMS_VKERNEL_VNODE_H
#define VMS_VKERNEL_VNODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vkernel/linux_abi.h"

#define VNODE_DEPTH 8

struct vk_file_ops;
struct vk_kernel;
struct vk_open;
struct vk_path;
struct vk_process;
struct vk_thread;
struct vnode_row;

/* depth 0: none. */
struct vk_vnode {
	const struct vnode_row
	    *rows[VNODE_DEPTH]; /* from the root of its tree */
	unsigned depth;
	int pid, tid, fd; /* what rows without a name stand for */
};

/* A name in a directory, and where it leads. */
typedef void vnode_name_fn(
    void *arg, const char *name, const struct vk_vnode *node);

struct vnode_row {
	const char *name; /* NULL: a number; or the end of a table */
	uint32_t mode;    /* type and rights, as stat has them */
	/* Of a directory: its names, up to a row without one; number is what a
	 * decimal name leads to when find() knows it. */
	const struct vnode_row *rows, *number;
	bool (*find)(
	    struct vk_thread *thread, int number, struct vk_vnode *node);
	void (*list)(struct vk_thread *thread, const struct vk_vnode *node,
	    vnode_name_fn *fn, void *arg);
	/* Of a regular file: its text as it is now.  LX_ errors. */
	int (*fill)(
	    struct vk_thread *thread, const struct vk_vnode *node, FILE *out);
	int64_t (*store)(struct vk_thread *thread, const struct vk_vnode *node,
	    const char *text, size_t len);
	/* Of a link: its text; LX_ errors. */
	int (*link)(struct vk_thread *thread, const struct vk_vnode *node,
	    char text[LX_PATH_MAX]);
	/* And where it leads when that is more than its text says. */
	int (*jump)(struct vk_thread *thread, const struct vk_vnode *node,
	    struct vk_path *path);
	/* Names that are not in the tree are looked for here, on the host,
	 * unless it has no business there; or the host's device itself. */
	const char *host;
	const struct vk_file_ops *ops; /* of a device of our own */
	uint32_t rdev;
};

static inline const struct vnode_row *
vnode_row(const struct vk_vnode *node)
{
	return node->depth == 0 ? NULL : node->rows[node->depth - 1];
}

/* vnode.c */
struct vk_vnode vnode_root(const struct vnode_row *row);
/* The name in the directory dir; false: it has none. */
bool vnode_lookup(struct vk_thread *thread, const struct vk_vnode *dir,
    const char *name, struct vk_vnode *out);
void vnode_list(struct vk_thread *thread, const struct vk_vnode *dir,
    vnode_name_fn *fn, void *arg);
bool vnode_is(const struct vk_vnode *node, uint32_t type);
/* Adds "/name/..." of node below the root of its tree. */
void vnode_path(const struct vk_vnode *node, char *text, size_t room);
void vnode_stat(
    struct vk_thread *thread, const struct vk_vnode *node, struct lx_stat *st);
/* An open description of it, as open(2) with these flags makes it. */
int vnode_open(struct vk_thread *thread, const struct vk_vnode *node, int flags,
    struct vk_open **out);
/* The process or thread that node names; NULL: gone. */
struct vk_process *vnode_process(
    struct vk_thread *thread, const struct vk_vnode *node);
struct vk_thread *vnode_thread(
    struct vk_thread *thread, const struct vk_vnode *node);

/* The trees: proc.c, dev.c. */
extern const struct vnode_row proc_tree;
extern const struct vnode_row dev_tree;         /* all of /dev */
extern const struct vnode_row dev_tree_on_host; /* what the host's lacks */
extern const struct vnode_row sys_tree;         /* of the virtual clock */

#endif
