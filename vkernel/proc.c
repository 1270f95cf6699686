/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc itself: processes of guests, and texts about the machine. */
#include "vkernel/proc.h"

#include <string.h>

#include "vkernel/kernel.h"

void
proc_list_number(const struct vk_vnode *dir, const struct vnode_row *row,
    int number, vnode_name_fn *fn, void *arg, struct vk_vnode *node)
{
	char name[16];

	*node = *dir;
	node->rows[node->depth++] = row;
	snprintf(name, sizeof(name), "%d", number);
	fn(arg, name, node);
}

static bool
find_process(struct vk_thread *thread, int number, struct vk_vnode *node)
{
	if (process_lookup(thread->process->kernel, number) == NULL)
		return false;
	node->pid = number;
	return true;
}

static void
list_processes(struct vk_thread *thread, const struct vk_vnode *dir,
    vnode_name_fn *fn, void *arg)
{
	const struct vk_process *process;
	struct vk_vnode node;

	for (process = thread->process->kernel->first; process != NULL;
	     process = process->next)
		proc_list_number(
		    dir, &proc_pid_row, process->pid, fn, arg, &node);
}

static int
link_self(struct vk_thread *thread, const struct vk_vnode *node,
    char text[LX_PATH_MAX])
{
	(void)node;
	snprintf(text, LX_PATH_MAX, "%d", thread->process->pid);
	return 0;
}

static int
link_thread_self(struct vk_thread *thread, const struct vk_vnode *node,
    char text[LX_PATH_MAX])
{
	(void)node;
	snprintf(
	    text, LX_PATH_MAX, "%d/task/%d", thread->process->pid, thread->tid);
	return 0;
}

static int
link_to_self(struct vk_thread *thread, const struct vk_vnode *node,
    char text[LX_PATH_MAX])
{
	(void)thread;
	snprintf(text, LX_PATH_MAX, "self/%s", vnode_row(node)->name);
	return 0;
}

#define PROC_LINK(NAME, LINK)                                                  \
	{                                                                      \
		.name = (NAME), .mode = LX_S_IFLNK | 0777, .link = (LINK)      \
	}

/* Lies in rows: the two directories are defined elsewhere. */
static const struct vnode_row rows[] = { PROC_LINK("self", link_self),
	PROC_LINK("thread-self", link_thread_self),
	PROC_LINK("mounts", link_to_self), PROC_LINK("net", link_to_self),
	PROC_TEXT("cmdline", 0444, proc_fill_cmdline),
	PROC_TEXT("cpuinfo", 0444, proc_fill_cpuinfo),
	PROC_TEXT("devices", 0444, proc_fill_devices),
	PROC_TEXT("filesystems", 0444, proc_fill_filesystems),
	PROC_TEXT("interrupts", 0444, proc_fill_interrupts),
	PROC_TEXT("loadavg", 0444, proc_fill_loadavg),
	PROC_TEXT("meminfo", 0444, proc_fill_meminfo),
	PROC_TEXT("modules", 0444, proc_fill_nothing),
	PROC_TEXT("partitions", 0444, proc_fill_nothing),
	PROC_TEXT("stat", 0444, proc_fill_stat),
	PROC_TEXT("swaps", 0444, proc_fill_swaps), PROC_SYS,
	PROC_TEXT("uptime", 0444, proc_fill_uptime),
	PROC_TEXT("version", 0444, proc_fill_version),
	PROC_TEXT("vmstat", 0444, proc_fill_vmstat), { 0 } };

const struct vnode_row proc_tree = { .name = "proc",
	.mode = LX_S_IFDIR | 0555,
	.rows = rows,
	.number = &proc_pid_row,
	.find = find_process,
	.list = list_processes,
	.host = "/proc" };
