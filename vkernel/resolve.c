/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks a path up name by name.  The place it is at is always a directory of
 * one of the mounts: it goes down by names that are no links, reads links
 * itself, and goes up only to what is in the mount.  So whatever others
 * rename meanwhile, it ends inside.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/errno_map.h"
#include "vkernel/sys_path.h"

#define NAME_ROOM 256
#define LINKS_MAX 40

struct walk {
	struct vk_kernel *kernel;
	struct vk_thread *thread;
	struct vk_place at;
	struct vk_place base; /* PATH_SCOPED: what is not left */
	bool owned;           /* at.fd is ours */
	bool at_mount;        /* the last name was a mount */
	bool knows_root;      /* Linux has looked at it: see walk_link() */
	unsigned flags;
	int links;
	char *rest;       /* of buf, what is still to be walked */
	bool last, slash; /* of name: nothing, but slashes, follows */
	char name[NAME_ROOM];
	char buf[2 * LX_PATH_MAX];
	struct vk_path *path;
};

enum step { STEP_ON, STEP_DONE }; /* or a negative LX_ error */

static void
walk_leave(struct walk *walk)
{
	if (walk->owned)
		close(walk->at.fd);
	walk->owned = false;
}

static void
walk_to(struct walk *walk, const struct vk_place *place, bool owned)
{
	walk_leave(walk);
	walk->at = *place;
	walk->owned = owned;
	walk->at_mount = false;
}

/* The next name: its length, 0 when there is none. */
static int
walk_name(struct walk *walk)
{
	size_t len;

	while (*walk->rest == '/')
		walk->rest++;
	len = strcspn(walk->rest, "/");
	if (len >= NAME_ROOM)
		return -LX_ENAMETOOLONG;
	memcpy(walk->name, walk->rest, len);
	walk->name[len] = '\0';
	walk->rest += len;
	walk->slash = *walk->rest == '/';
	walk->last = walk->rest[strspn(walk->rest, "/")] == '\0';
	return (int)len;
}

static int
walk_done(struct walk *walk, const char *text)
{
	struct vk_path *path;

	path = walk->path;
	path->dir = walk->at.fd;
	path->owned = walk->owned;
	path->mount = walk->at.mount;
	path->node = walk->at.node;
	path->is_mount = walk->at_mount && (strcmp(text, ".") == 0 ||
					       walk->at.mount->file != NULL);
	walk->owned = false;
	memcpy(path->text, text, strlen(text) + 1);
	return STEP_DONE;
}

static int
walk_done_node(struct walk *walk, const struct vk_vnode *node)
{
	const struct vnode_row *row;
	struct vk_path *path;

	walk_leave(walk);
	path = walk->path;
	path->dir = AT_FDCWD;
	path->mount = walk->at.mount;
	path->node = *node;
	path->follow = true;
	row = vnode_row(node);
	if (row->host != NULL && !vnode_is(node, LX_S_IFDIR))
		memcpy(path->text, row->host, strlen(row->host) + 1);
	return STEP_DONE;
}

/* text and the rest are what is walked now. */
static int
walk_link(struct walk *walk, const char *text)
{
	struct vk_place root;
	size_t len, more;
	char *start;

	if (++walk->links > LINKS_MAX || (walk->flags & PATH_NO_LINKS) != 0)
		return -LX_ELOOP;
	len = strlen(text);
	more = strlen(walk->rest);
	if (len == 0)
		return -LX_ENOENT;
	if (len + more >= LX_PATH_MAX)
		return -LX_ENAMETOOLONG;
	start = walk->buf + LX_PATH_MAX - more;
	memmove(start, walk->rest, more + 1);
	walk->rest = start - len;
	memcpy(walk->rest, text, len);
	if (text[0] != '/')
		return STEP_ON;
	/* Linux takes a root that it has not asked for yet for another mount,
	 * nd_jump_root(). */
	if ((walk->flags & (PATH_NO_XDEV | PATH_BENEATH)) != 0 &&
	    !walk->knows_root)
		return -LX_EXDEV;
	walk->knows_root = true;
	root = place_root(walk->kernel);
	if ((walk->flags & PATH_SCOPED) != 0)
		root = walk->base;
	walk_to(walk, &root, false);
	return (walk->flags & PATH_BENEATH) != 0 ? -LX_EXDEV : STEP_ON;
}

static int
walk_into_mount(struct walk *walk, struct vk_mount *mount)
{
	struct vk_place place = {
		.fd = mount->root, .mount = mount, .node = mount->tree
	};

	if ((walk->flags & PATH_NO_XDEV) != 0)
		return -LX_EXDEV;
	if (mount->file != NULL && !walk->last)
		return -LX_ENOTDIR;
	if (mount->file != NULL && walk->slash &&
	    (walk->flags & PATH_NAME) == 0)
		return -LX_ENOTDIR;
	if (mount->tree.depth != 0)
		place.fd = -1;
	walk_to(walk, &place, false);
	walk->at_mount = true;
	return mount->file == NULL ? STEP_ON : walk_done(walk, mount->file);
}

static int
walk_up_mount(struct walk *walk)
{
	const struct vk_mount *mount;
	struct vk_place place;

	mount = walk->at.mount;
	if (mount->parent == NULL)
		return STEP_ON;
	if ((walk->flags & PATH_NO_XDEV) != 0)
		return -LX_EXDEV;
	place.fd = mount->above;
	place.mount = mount->parent;
	place.node = mount->above_node;
	walk_to(walk, &place, false);
	return STEP_ON;
}

static bool
walk_is_at_base(const struct walk *walk)
{
	struct stat at, base;

	if (walk->at.node.depth != 0)
		return walk->at.node.depth == walk->base.node.depth;
	return walk->base.node.depth == 0 && fstat(walk->at.fd, &at) == 0 &&
	       fstat(walk->base.fd, &base) == 0 && at.st_dev == base.st_dev &&
	       at.st_ino == base.st_ino;
}

static int
walk_up(struct walk *walk)
{
	struct vk_place place;

	if ((walk->flags & PATH_SCOPED) != 0 && walk_is_at_base(walk))
		return (walk->flags & PATH_BENEATH) != 0 ? -LX_EXDEV : STEP_ON;
	if (place_is_mount(&walk->at))
		return walk_up_mount(walk);
	place = walk->at;
	if (place.node.depth != 0) {
		place.node.depth--;
		walk_to(walk, &place, false);
		return STEP_ON;
	}
	place.fd = os_open_dir(walk->at.fd, "..");
	if (place.fd < 0)
		return -errno_to_linux(errno);
	walk_to(walk, &place, true);
	return mount_holds(place.mount, place.fd) ? STEP_ON : -LX_ENOENT;
}

static int
walk_jump(struct walk *walk, const struct vk_vnode *node)
{
	struct vk_path target;
	struct vk_place place;
	int error;

	if ((walk->flags & (PATH_NO_MAGIC | PATH_NO_LINKS)) != 0)
		return -LX_ELOOP;
	if ((walk->flags & PATH_SCOPED) != 0)
		return -LX_EXDEV;
	memset(&target, 0, sizeof(target));
	error = vnode_row(node)->jump(walk->thread, node, &target);
	if (error != 0)
		return -error;
	if (walk->last && !walk->slash) {
		walk_leave(walk);
		*walk->path = target;
		return STEP_DONE;
	}
	error = path_place(&target, &place);
	path_put(&target);
	if (error != 0)
		return -error;
	if (place.mount == NULL) /* it came from the host */
		place.mount = walk->kernel->names->root;
	walk_to(walk, &place, place.fd >= 0);
	return STEP_ON;
}

static int
walk_node_link(struct walk *walk, const struct vk_vnode *node)
{
	char text[LX_PATH_MAX];
	int error;

	if (walk->last && (walk->flags & PATH_FOLLOW) == 0 &&
	    (!walk->slash || (walk->flags & PATH_NAME) != 0))
		return walk_done_node(walk, node);
	if (vnode_row(node)->jump != NULL)
		return walk_jump(walk, node);
	error = vnode_row(node)->link(walk->thread, node, text);
	return error != 0 ? -error : walk_link(walk, text);
}

/* A name that the tree lacks may be the host's. */
static int
walk_to_host(struct walk *walk)
{
	const struct vnode_row *row;
	struct vk_place place;

	row = vnode_row(&walk->at.node);
	if (row->host == NULL || walk->kernel->names->own_root ||
	    (walk->at.node.rows[0] == &proc_tree &&
		!walk->kernel->names->host_proc))
		return LX_ENOENT;
	place = place_root(walk->kernel);
	place.fd = os_open_search(AT_FDCWD, row->host);
	if (place.fd < 0)
		return errno_to_linux(errno);
	walk_to(walk, &place, true);
	return 0;
}

static int
walk_node(struct walk *walk, const struct vk_vnode *node)
{
	struct vk_place place;

	if (vnode_is(node, LX_S_IFLNK))
		return walk_node_link(walk, node);
	if (vnode_is(node, LX_S_IFDIR)) {
		place = walk->at;
		place.node = *node;
		walk_to(walk, &place, false);
		return STEP_ON;
	}
	if (!walk->last || (walk->slash && (walk->flags & PATH_NAME) == 0))
		return -LX_ENOTDIR;
	return walk_done_node(walk, node);
}

/* 1: name is a link and its text is there; 0: it is none. */
static int
read_link(int dir, const char *name, char text[LX_PATH_MAX])
{
	ssize_t len;

	len = readlinkat(dir, name, text, LX_PATH_MAX);
	if (len < 0)
		return errno == EINVAL ? 0 : -errno_to_linux(errno);
	if (len == LX_PATH_MAX)
		return -LX_ENAMETOOLONG;
	text[len] = '\0';
	return 1;
}

static int
walk_down(struct walk *walk)
{
	char text[LX_PATH_MAX];
	struct vk_place place;
	int error, is_link;

	place = walk->at;
	place.fd = os_open_dir(walk->at.fd, walk->name);
	if (place.fd >= 0) {
		walk_to(walk, &place, true);
		return STEP_ON;
	}
	error = errno;
	if (error != ENOTDIR && error != ELOOP)
		return -errno_to_linux(error);
	is_link = read_link(walk->at.fd, walk->name, text);
	if (is_link < 0)
		return is_link;
	return is_link ? walk_link(walk, text) : -LX_ENOTDIR;
}

/* The last name, on the host: what it is is asked as far as the caller wants to
 * know. */
static int
walk_last(struct walk *walk)
{
	char text[LX_PATH_MAX];
	int is_link;

	if ((walk->flags & PATH_NAME) == 0 && walk->slash) {
		is_link = walk_down(walk);
		if (is_link != -LX_ENOENT)
			return is_link;
	} else if ((walk->flags & (PATH_NAME | PATH_FOLLOW)) == PATH_FOLLOW) {
		is_link = read_link(walk->at.fd, walk->name, text);
		if (is_link == 1)
			return walk_link(walk, text);
	}
	walk->path->slash = walk->slash;
	return walk_done(walk, walk->name);
}

static bool
is_plain(const char *name, size_t len)
{
	return len != 0 && len < NAME_ROOM &&
	       !(name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')));
}

/* How much of the rest is plain names of directories; 0: fewer than two. */
static size_t
plain_run(const char *rest)
{
	size_t end, len, names, next;

	names = 0;
	end = 0;
	for (next = 0;; next += len) {
		next += strspn(rest + next, "/");
		len = strcspn(rest + next, "/");
		if (!is_plain(rest + next, len) || rest[next + len] == '\0')
			break;
		end = next + len;
		names++;
	}
	return names < 2 ? 0 : end;
}

/* Several names by one host call: no links among them, and no mounts. */
static void
walk_run(struct walk *walk)
{
	char run[LX_PATH_MAX];
	struct vk_place place;
	size_t len;

	if (walk->at.node.depth != 0 || walk->kernel->names->by_component)
		return;
	while (*walk->rest == '/')
		walk->rest++;
	len = plain_run(walk->rest);
	if (len == 0)
		return;
	memcpy(run, walk->rest, len);
	run[len] = '\0';
	if (names_mounts_below(walk->kernel->names, &walk->at, run))
		return;
	place = walk->at;
	place.fd = os_open_dirs(walk->at.fd, run);
	if (place.fd < 0)
		return;
	walk_to(walk, &place, true);
	walk->rest += len;
}

/* Made when it is first asked for. */
static bool
is_shm(const struct walk *walk)
{
	return vnode_row(&walk->at.node) == &dev_tree &&
	       strcmp(walk->name, "shm") == 0 &&
	       walk->kernel->names->shm == NULL;
}

static int
walk_name_on(struct walk *walk)
{
	struct vk_mount *mount;
	struct vk_vnode node;
	int error;

	mount = names_mount_at(walk->kernel->names, &walk->at, walk->name);
	if (mount != NULL)
		return walk_into_mount(walk, mount);
	if (walk->at.node.depth != 0) {
		if (is_shm(walk) && names_shm(walk->kernel, &walk->at) == 0)
			return walk_name_on(walk);
		if (vnode_lookup(
			walk->thread, &walk->at.node, walk->name, &node))
			return walk_node(walk, &node);
		error = walk_to_host(walk);
		if (error != 0)
			return -error;
	}
	if (walk->at.fd < 0)
		return -LX_ENOTDIR;
	return walk->last ? walk_last(walk) : walk_down(walk);
}

static int
walk_step(struct walk *walk)
{
	int len;

	walk_run(walk);
	len = walk_name(walk);
	if (len < 0)
		return len;
	if (len == 0)
		return walk_done(walk, ".");
	if (strcmp(walk->name, "..") == 0) {
		/* No call makes or removes it, so the host may say why. */
		if (walk->last && (walk->flags & PATH_NAME) != 0)
			return walk_done(walk, walk->name);
		walk->knows_root = true;
		return walk_up(walk);
	}
	if (strcmp(walk->name, ".") == 0)
		return STEP_ON;
	if ((walk->flags & PATH_CREATE) != 0 && walk->last && walk->slash)
		return -LX_EISDIR;
	return walk_name_on(walk);
}

int
path_resolve(struct vk_kernel *kernel, struct vk_thread *thread,
    const struct vk_place *start, const char *text, unsigned flags,
    struct vk_path *path)
{
	struct walk walk;
	int step;

	memset(path, 0, offsetof(struct vk_path, text));
	path->text[0] = '\0';
	walk.kernel = kernel;
	walk.thread = thread;
	walk.base = *start;
	walk.at = *start;
	if (text[0] == '/' && (flags & PATH_BENEATH) != 0)
		return LX_EXDEV;
	if (text[0] == '/' && (flags & PATH_IN_ROOT) == 0)
		walk.at = place_root(kernel);
	walk.owned = false;
	walk.at_mount = text[strspn(text, "/")] == '\0';
	walk.flags = flags;
	walk.links = 0;
	walk.knows_root = text[0] == '/' || (flags & PATH_IN_ROOT) != 0;
	walk.path = path;
	walk.rest = walk.buf + LX_PATH_MAX - strlen(text);
	memcpy(walk.rest, text, strlen(text) + 1);
	do
		step = walk_step(&walk);
	while (step == STEP_ON);
	walk_leave(&walk);
	return step < 0 ? -step : 0;
}
