/* SPDX-License-Identifier: BSD-2-Clause */
/* /dev: all of it with --root, else what the host's has otherwise. */
#include <stdlib.h>
#include <string.h>

#include "vkernel/kernel.h"
#include "vkernel/names.h"
#include "vkernel/vnode.h"

#define CHUNK 4096

#define CHR(mode)          (LX_S_IFCHR | (mode))
#define RDEV(major, minor) ((uint32_t)(((major) << 8) | (minor)))
#define LINK_TO(NAME, LINK)                                                    \
	{                                                                      \
		.name = (NAME), .mode = LX_S_IFLNK | 0777, .link = (LINK)      \
	}

static int64_t
random_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	uint8_t bytes[CHUNK];
	size_t done, len, part;

	(void)open;
	(void)off;
	len = iov_bytes(iov, count);
	if (len > INT32_MAX)
		len = INT32_MAX;
	for (done = 0; done < len; done += part) {
		part = len - done < CHUNK ? len - done : CHUNK;
		rng_fill(&thread->process->kernel->rng, bytes, part);
		if (iov_put(iov, count, done, bytes, part) != part)
			return -LX_EFAULT;
	}
	return (int64_t)done;
}

/* What is written stirs nothing: runs are to be the same. */
static int64_t
random_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	(void)thread;
	(void)open;
	(void)off;
	return (int64_t)iov_bytes(iov, count);
}

static int64_t
device_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	vnode_stat(thread, &open->node, st);
	return 0;
}

static int64_t
full_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	static const uint8_t zeros[CHUNK];
	size_t done, len, part;

	(void)thread;
	(void)open;
	(void)off;
	len = iov_bytes(iov, count);
	for (done = 0; done < len; done += part) {
		part = len - done < CHUNK ? len - done : CHUNK;
		if (iov_put(iov, count, done, zeros, part) != part)
			return -LX_EFAULT;
	}
	return (int64_t)done;
}

static int64_t
full_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	(void)thread;
	(void)open;
	(void)off;
	return iov_bytes(iov, count) == 0 ? 0 : -LX_ENOSPC;
}

static short
always_ready(struct vk_open *open, short events, struct vk_thread *waiter)
{
	(void)open;
	(void)waiter;
	return events;
}

static const struct vk_file_ops random_ops = { .name = "random",
	.read = random_read,
	.write = random_write,
	.poll = always_ready,
	.stat = device_stat };

static const struct vk_file_ops full_ops = { .name = "full",
	.read = full_read,
	.write = full_write,
	.poll = always_ready,
	.stat = device_stat };

static int
link_to_fd(struct vk_thread *thread, const struct vk_vnode *node,
    char text[LX_PATH_MAX])
{
	static const char *const names[] = { "stdin", "stdout", "stderr" };
	int i;

	(void)thread;
	memcpy(text, "/proc/self/fd", sizeof("/proc/self/fd"));
	for (i = 0; i < 3; i++)
		if (strcmp(vnode_row(node)->name, names[i]) == 0)
			snprintf(text, LX_PATH_MAX, "/proc/self/fd/%d", i);
	return 0;
}

#define OWN_DEVICES                                                            \
	LINK_TO("fd", link_to_fd), LINK_TO("stdin", link_to_fd),               \
	    LINK_TO("stdout", link_to_fd), LINK_TO("stderr", link_to_fd),      \
	    { .name = "random",                                                \
		    .mode = CHR(0666),                                         \
		    .ops = &random_ops,                                        \
		    .rdev = RDEV(1, 8) },                                      \
	{                                                                      \
		.name = "urandom", .mode = CHR(0666), .ops = &random_ops,      \
		.rdev = RDEV(1, 9)                                             \
	}

static const struct vnode_row devices_on_host[] = { OWN_DEVICES, { 0 } };

static const struct vnode_row no_rows[] = { { 0 } };

static const struct vnode_row devices[] = { OWN_DEVICES,
	{ .name = "null",
	    .mode = CHR(0666),
	    .host = "/dev/null",
	    .rdev = RDEV(1, 3) },
	{ .name = "zero",
	    .mode = CHR(0666),
	    .host = "/dev/zero",
	    .rdev = RDEV(1, 5) },
	{ .name = "full",
	    .mode = CHR(0666),
	    .ops = &full_ops,
	    .rdev = RDEV(1, 7) },
	{ .name = "tty",
	    .mode = CHR(0666),
	    .host = "/dev/tty",
	    .rdev = RDEV(5, 0) },
	{ .name = "console",
	    .mode = CHR(0620),
	    .host = "/dev/tty",
	    .rdev = RDEV(5, 1) },
	{ .name = "shm", .mode = LX_S_IFDIR | 01777, .rows = no_rows }, { 0 } };

const struct vnode_row dev_tree_on_host = { .name = "dev",
	.mode = LX_S_IFDIR | 0755,
	.rows = devices_on_host,
	.host = "/dev" };

const struct vnode_row dev_tree = {
	.name = "dev", .mode = LX_S_IFDIR | 0755, .rows = devices
};
