/* SPDX-License-Identifier: BSD-2-Clause */
/* /sys under the virtual clock, where the host's would be another in each run
 * (free memory of nodes) and on each machine: the one processor, and no more.
 */
#include "vkernel/kernel.h"
#include "vkernel/names.h"
#include "vkernel/vnode.h"

#define DIRECTORY(NAME, ROWS)                                                  \
	{                                                                      \
		.name = (NAME), .mode = LX_S_IFDIR | 0755, .rows = (ROWS)      \
	}

static int
fill_first(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	fputs("0\n", out);
	return 0;
}

#define FIRST(NAME)                                                            \
	{                                                                      \
		.name = (NAME), .mode = LX_S_IFREG | 0444, .fill = fill_first  \
	}

static const struct vnode_row processors[] = { FIRST("online"),
	FIRST("possible"), FIRST("present"), { 0 } };

static const struct vnode_row system_rows[] = { DIRECTORY("cpu", processors),
	{ 0 } };

static const struct vnode_row devices[] = { DIRECTORY("system", system_rows),
	{ 0 } };

static const struct vnode_row rows[] = { DIRECTORY("devices", devices), { 0 } };

const struct vnode_row sys_tree = DIRECTORY("sys", rows);
