/* SPDX-License-Identifier: BSD-2-Clause */
/* What is mounted, as the guest sees it. */
#include <string.h>

#include "vkernel/kernel.h"
#include "vkernel/names.h"
#include "vkernel/proc.h"

static const char *
type_of(const struct vk_mount *mount)
{
	if (mount->tree.depth == 0)
		return strcmp(mount->where, "/dev/shm") == 0 ? "tmpfs" : "ext4";
	return mount->tree.rows[0] == &proc_tree ? "proc" : "devtmpfs";
}

static const char *
source_of(const struct vk_mount *mount)
{
	if (mount->parent == NULL)
		return "/dev/root";
	return mount->tree.depth == 0 ? "/dev/root" : type_of(mount);
}

static const char *
where_of(const struct vk_mount *mount)
{
	return mount->parent == NULL ? "/" : mount->where;
}

/* The list has the newest first. */
static int
number_of(const struct vk_mount *mount)
{
	int number;

	for (number = 0; mount != NULL; mount = mount->next)
		number++;
	return number;
}

static const struct vk_mount *
mount_of(const struct vk_names *names, int number)
{
	const struct vk_mount *mount;

	for (mount = names->mounts; mount != NULL; mount = mount->next)
		if (number_of(mount) == number)
			return mount;
	return NULL;
}

int
proc_fill_mounts(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_mount *mount;
	const struct vk_names *names;
	int i;

	(void)node;
	names = thread->process->kernel->names;
	for (i = 1; (mount = mount_of(names, i)) != NULL; i++)
		fprintf(out, "%s %s %s %s,relatime 0 0\n", source_of(mount),
		    where_of(mount), type_of(mount),
		    mount->read_only ? "ro" : "rw");
	return 0;
}

int
proc_fill_mountinfo(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_mount *mount;
	const struct vk_names *names;
	const char *mode;
	int i;

	(void)node;
	names = thread->process->kernel->names;
	for (i = 1; (mount = mount_of(names, i)) != NULL; i++) {
		mode = mount->read_only ? "ro" : "rw";
		fprintf(out, "%d %d 0:%d / %s %s,relatime - %s %s %s\n", i + 20,
		    mount->parent == NULL ? 1 : number_of(mount->parent) + 20,
		    i + 20, where_of(mount), mode, type_of(mount),
		    source_of(mount), mode);
	}
	return 0;
}

int
proc_fill_mountstats(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_mount *mount;
	const struct vk_names *names;
	int i;

	(void)node;
	names = thread->process->kernel->names;
	for (i = 1; (mount = mount_of(names, i)) != NULL; i++)
		fprintf(out, "device %s mounted on %s with fstype %s\n",
		    source_of(mount), where_of(mount), type_of(mount));
	return 0;
}
