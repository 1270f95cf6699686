/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of /proc that are tables of other files. */
#ifndef VMS_VKERNEL_PROC_H
#define VMS_VKERNEL_PROC_H

#include "vkernel/vnode.h"

/* proc_pid.c: below a process, and below a thread. */
extern const struct vnode_row proc_pid_row;
/* proc_system.c: the rows of /proc/sys and /proc/net. */
extern const struct vnode_row proc_sys_rows[], proc_net_rows[];

typedef int proc_fill_fn(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out);
proc_fill_fn proc_fill_cpuinfo, proc_fill_meminfo, proc_fill_stat,
    proc_fill_uptime, proc_fill_loadavg, proc_fill_version,
    proc_fill_filesystems, proc_fill_cmdline, proc_fill_devices,
    proc_fill_swaps, proc_fill_vmstat, proc_fill_interrupts, proc_fill_nothing;

/* proc_mounts.c */
proc_fill_fn proc_fill_mounts, proc_fill_mountinfo, proc_fill_mountstats;

/* proc_fd.c: what is in the directories fd and fdinfo. */
extern const struct vnode_row proc_fd_number, proc_fdinfo_number;
bool proc_find_fd(struct vk_thread *thread, int number, struct vk_vnode *node);
void proc_list_fds(struct vk_thread *thread, const struct vk_vnode *dir,
    vnode_name_fn *fn, void *arg);

/* proc_status.c */
proc_fill_fn proc_fill_pid_stat, proc_fill_statm, proc_fill_status,
    proc_fill_task_stat, proc_fill_task_status;

/* proc_status.c: numbers that a process is given and keeps. */
proc_fill_fn proc_fill_oom_adj, proc_fill_personality;
int64_t proc_store_oom_adj(struct vk_thread *thread,
    const struct vk_vnode *node, const char *text, size_t len);

/* For dynamic lists: the name of a number. */
void proc_list_number(const struct vk_vnode *dir, const struct vnode_row *row,
    int number, vnode_name_fn *fn, void *arg, struct vk_vnode *node);

#define PROC_TEXT(NAME, MODE, FILL)                                            \
	{                                                                      \
		.name = NAME, .mode = LX_S_IFREG | (MODE), .fill = FILL        \
	}

#define PROC_FD_DIR(NAME, NUMBER)                                              \
	{                                                                      \
		.name = NAME, .mode = LX_S_IFDIR | 0555, .number = &(NUMBER),  \
		.find = proc_find_fd, .list = proc_list_fds                    \
	}
#define PROC_FD     PROC_FD_DIR("fd", proc_fd_number)
#define PROC_FDINFO PROC_FD_DIR("fdinfo", proc_fdinfo_number)
#define PROC_SYS                                                               \
	{                                                                      \
		.name = "sys", .mode = LX_S_IFDIR | 0555,                      \
		.rows = proc_sys_rows, .host = "/proc/sys"                     \
	}

#endif
