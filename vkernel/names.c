/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/sys_path.h"

struct vk_place
place_root(const struct vk_kernel *kernel)
{
	struct vk_place place = { .fd = kernel->names->root->root,
		.mount = kernel->names->root };

	return place;
}

static bool
is_dir(int fd, dev_t dev, ino_t ino)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

static bool
is_above(const struct vk_mount *mount, const struct vk_place *place)
{
	if (mount->parent != place->mount)
		return false;
	if (place->node.depth != 0)
		return vnode_row(&place->node) == vnode_row(&mount->above_node);
	return mount->above_node.depth == 0 &&
	       is_dir(place->fd, mount->above_dev, mount->above_ino);
}

struct vk_mount *
names_mount_at(const struct vk_names *names, const struct vk_place *place,
    const char *name)
{
	struct vk_mount *mount;

	for (mount = names->mounts; mount != NULL; mount = mount->next)
		if (mount->parent != NULL && strcmp(mount->name, name) == 0 &&
		    is_above(mount, place))
			return mount;
	return NULL;
}

bool
place_is_mount(const struct vk_place *place)
{
	if (place->node.depth != 0 || place->mount->tree.depth != 0)
		return place->node.depth == 1 && place->mount->tree.depth == 1;
	return is_dir(place->fd, place->mount->dev, place->mount->ino);
}

/* What follows the directory dir in path; NULL: it is not below. */
static const char *
path_below(const char *path, const char *dir)
{
	size_t len;

	len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
	if (strncmp(path, dir, len) != 0 ||
	    (path[len] != '/' && path[len] != '\0'))
		return NULL;
	return path + len;
}

bool
mount_holds(const struct vk_mount *mount, int fd)
{
	char host[LX_PATH_MAX], root[LX_PATH_MAX];

	return os_fd_path(mount->root, root, sizeof(root)) == 0 &&
	       os_fd_path(fd, host, sizeof(host)) == 0 &&
	       path_below(host, root) != NULL;
}

bool
names_mounts_below(const struct vk_names *names, const struct vk_place *place,
    const char *path)
{
	const struct vk_mount *mount;
	const char *rest;
	bool at_root;

	at_root = place_is_mount(place);
	for (mount = names->mounts; mount != NULL; mount = mount->next) {
		if (mount->parent != place->mount)
			continue;
		rest = mount->where + strlen(place->mount->where) + 1;
		if (at_root ? path_below(path, rest) != NULL
			    : strchr(rest, '/') != NULL)
			return true;
	}
	return false;
}

/* The host's path of what the mount shows. */
static int
mount_host_path(const struct vk_mount *mount, char *buf, size_t room)
{
	size_t len;
	int error;

	error = os_fd_path(mount->root, buf, room);
	if (error != 0 || mount->file == NULL)
		return error;
	len = strlen(buf);
	if (len + 1 + strlen(mount->file) >= room)
		return ERANGE;
	buf[len] = '/';
	memcpy(buf + len + 1, mount->file, strlen(mount->file) + 1);
	return 0;
}

static int
join(char *buf, size_t room, const char *where, const char *rest)
{
	size_t len, more;

	len = strlen(where);
	more = strlen(rest);
	if (len + more == 0)
		rest = "/";
	if (len + more + 2 > room)
		return LX_ERANGE;
	memcpy(buf, where, len);
	memcpy(buf + len, rest, strlen(rest) + 1);
	return 0;
}

int
names_guest_path(
    const struct vk_names *names, const char *host, char *buf, size_t room)
{
	const struct vk_mount *best, *mount;
	const char *best_rest, *rest;
	char root[LX_PATH_MAX];

	best = NULL;
	best_rest = NULL;
	for (mount = names->mounts; mount != NULL; mount = mount->next) {
		if (mount->tree.depth != 0 ||
		    mount_host_path(mount, root, sizeof(root)) != 0)
			continue;
		rest = path_below(host, root);
		if (rest != NULL &&
		    (best == NULL || strlen(rest) < strlen(best_rest))) {
			best = mount;
			best_rest = rest;
		}
	}
	if (best == NULL)
		return join(buf, room, "(unreachable)", "");
	if (strcmp(best_rest, "/") == 0)
		best_rest = "";
	return join(buf, room, best->where, best_rest);
}

int
names_fd_path(const struct vk_names *names, int fd, char *buf, size_t room)
{
	char host[LX_PATH_MAX];
	int error;

	error = os_fd_path(fd, host, sizeof(host));
	if (error != 0)
		return errno_to_linux(error);
	if (host[0] != '/')
		return join(buf, room, "", host);
	if (!names->confined)
		return join(buf, room, "", host);
	return names_guest_path(names, host, buf, room);
}

int
place_path(const struct vk_names *names, const struct vk_place *place,
    char *buf, size_t room)
{
	char host[LX_PATH_MAX], root[LX_PATH_MAX];
	const char *rest;
	size_t len;

	if (place->node.depth == 0) {
		rest = NULL;
		if (names->confined &&
		    os_fd_path(place->fd, host, sizeof(host)) == 0 &&
		    os_fd_path(place->mount->root, root, sizeof(root)) == 0)
			rest = path_below(host, root);
		if (rest == NULL)
			return names_fd_path(names, place->fd, buf, room);
		return join(buf, room, place->mount->where,
		    strcmp(rest, "/") == 0 ? "" : rest);
	}
	len = strlen(place->mount->where);
	if (len + LX_PATH_MAX / 2 > room)
		return LX_ERANGE;
	memcpy(buf, place->mount->where, len);
	vnode_path(&place->node, buf + len, room - len);
	return 0;
}

static int
mount_create(struct vk_names *names, const struct vk_place *above,
    const char *where, struct vk_mount **out)
{
	struct vk_mount *mount;
	struct stat st;

	mount = calloc(1, sizeof(*mount));
	if (mount == NULL)
		return ENOMEM;
	mount->root = mount->above = -1;
	mount->where = strdup(where);
	if (mount->where == NULL) {
		free(mount);
		return ENOMEM;
	}
	if (above != NULL) {
		mount->parent = above->mount;
		mount->name = strrchr(mount->where, '/') + 1;
		mount->above_node = above->node;
		if (above->fd >= 0 && fstat(above->fd, &st) == 0) {
			mount->above = os_dup(above->fd);
			mount->above_dev = st.st_dev;
			mount->above_ino = st.st_ino;
		}
	}
	mount->next = names->mounts;
	names->mounts = mount;
	*out = mount;
	return 0;
}

static int
mount_set_root(struct vk_mount *mount, int fd)
{
	struct stat st;

	mount->root = fd;
	if (fd < 0 || fstat(fd, &st) != 0)
		return errno;
	mount->dev = st.st_dev;
	mount->ino = st.st_ino;
	return 0;
}

static int
mount_tree(
    struct vk_kernel *kernel, const char *where, const struct vnode_row *tree)
{
	struct vk_mount *mount;
	struct vk_place root;
	int error;

	root = place_root(kernel);
	error = mount_create(kernel->names, &root, where, &mount);
	if (error == 0)
		mount->tree = vnode_root(tree);
	return error;
}

/* A directory, or the file of that name in its directory. */
static int
mount_source(struct vk_mount *mount, const char *source)
{
	char *full, *slash;
	int error, fd;

	fd = os_open_search(AT_FDCWD, source);
	if (fd >= 0)
		return mount_set_root(mount, fd);
	if (errno != ENOTDIR)
		return errno;
	full = realpath(source, NULL);
	if (full == NULL)
		return errno;
	slash = strrchr(full, '/');
	mount->file = strdup(slash + 1);
	slash[slash == full ? 1 : 0] = '\0';
	error = mount->file == NULL
		    ? ENOMEM
		    : mount_set_root(mount, os_open_search(AT_FDCWD, full));
	free(full);
	return error;
}

static int
bind_where(struct vk_kernel *kernel, const struct vk_path *path, char *where)
{
	struct vk_place above = { path->dir, path->mount, path->node };
	size_t len;
	int error;

	error = place_path(kernel->names, &above, where, LX_PATH_MAX);
	if (error != 0)
		return EINVAL;
	len = strlen(where);
	if (len == 1)
		len = 0;
	if (len + 1 + strlen(path->text) >= LX_PATH_MAX)
		return ENAMETOOLONG;
	where[len] = '/';
	memcpy(where + len + 1, path->text, strlen(path->text) + 1);
	return 0;
}

static int
bind_at(struct vk_kernel *kernel, const struct vk_bind *bind,
    const struct vk_path *path)
{
	struct vk_place above = { path->dir, path->mount, path->node };
	char where[LX_PATH_MAX];
	struct vk_mount *mount;
	int error;

	if (path->text[0] == '.' || path->text[0] == '\0' || path->dir < 0)
		return path->text[0] == '.' && path->text[1] != '\0' &&
			       path->text[1] != '.'
			   ? 0
			   : EINVAL;
	error = bind_where(kernel, path, where);
	if (error == 0)
		error = mount_create(kernel->names, &above, where, &mount);
	if (error != 0)
		return error;
	mount->read_only = bind->read_only;
	return mount_source(mount, bind->source);
}

static int
names_bind(struct vk_kernel *kernel, const struct vk_bind *bind)
{
	struct vk_place root;
	struct vk_path path;
	int error;

	root = place_root(kernel);
	error =
	    path_resolve(kernel, NULL, &root, bind->target, PATH_NAME, &path);
	if (error == 0) {
		error = bind->target[0] == '/' ? bind_at(kernel, bind, &path)
					       : EINVAL;
		path_put(&path);
	}
	if (error != 0)
		kernel_message(kernel, "--bind %s:%s: %s", bind->source,
		    bind->target, strerror(error));
	return error;
}

static int
names_open_root(struct vk_kernel *kernel)
{
	const struct vk_options *options;
	const char *dir;
	int error;

	options = kernel->options;
	dir = options->root == NULL ? "/" : options->root;
	error = mount_create(kernel->names, NULL, "", &kernel->names->root);
	if (error != 0)
		return error;
	kernel->names->root->read_only = options->read_only;
	error =
	    mount_set_root(kernel->names->root, os_open_search(AT_FDCWD, dir));
	if (error != 0)
		kernel_message(kernel, "--root %s: %s", dir, strerror(error));
	return error;
}

static int
names_open_mounts(struct vk_kernel *kernel)
{
	const struct vk_options *options;
	size_t i;
	int error;

	options = kernel->options;
	error = names_open_root(kernel);
	if (error == 0)
		error = mount_tree(kernel, "/proc", &proc_tree);
	if (error == 0)
		error = mount_tree(kernel, "/dev",
		    options->root == NULL ? &dev_tree_on_host : &dev_tree);
	if (error == 0 && kernel->names->own_sys)
		error = mount_tree(kernel, "/sys", &sys_tree);
	for (i = 0; i < options->bind_count && error == 0; i++)
		error = names_bind(kernel, &options->binds[i]);
	return error;
}

int
names_open(struct vk_kernel *kernel)
{
	const struct vk_options *options;
	struct vk_names *names;
	struct stat st;

	options = kernel->options;
	names = calloc(1, sizeof(*names));
	if (names == NULL)
		return ENOMEM;
	kernel->names = names;
	names->own_root = options->root != NULL;
	names->confined =
	    names->own_root || options->read_only || options->bind_count != 0;
	names->own_sys = !names->own_root && clock_is_virtual(kernel);
	names->by_component = options->paths_by_component;
	names->host_proc = !names->own_root && !clock_is_virtual(kernel);
	if (stat("/proc/self", &st) == 0)
		names->proc_dev = st.st_dev;
	return names_open_mounts(kernel);
}

int
names_start_place(struct vk_kernel *kernel, struct vk_place *place)
{
	char cwd[LX_PATH_MAX];
	struct vk_path path;
	int error;

	*place = place_root(kernel);
	if (!kernel->names->confined) {
		place->fd = os_open_search(AT_FDCWD, ".");
		return place->fd < 0 ? errno : 0;
	}
	if (kernel->names->own_root || getcwd(cwd, sizeof(cwd)) == NULL)
		memcpy(cwd, "/", 2);
	error = path_resolve(kernel, NULL, place, cwd, PATH_FOLLOW, &path);
	if (error != 0)
		return errno_of_linux(error);
	error = path_place(&path, place);
	path_put(&path);
	return errno_of_linux(error);
}

static void
mount_destroy(struct vk_mount *mount)
{
	if (mount->root >= 0)
		close(mount->root);
	if (mount->above >= 0)
		close(mount->above);
	free(mount->where);
	free(mount->file);
	free(mount);
}

void
names_close(struct vk_kernel *kernel)
{
	struct vk_mount *next;
	struct vk_names *names;

	names = kernel->names;
	if (names == NULL)
		return;
	for (; names->mounts != NULL; names->mounts = next) {
		next = names->mounts->next;
		mount_destroy(names->mounts);
	}
	if (names->shm != NULL)
		os_remove_tree(names->shm);
	free(names->shm);
	free(names);
	kernel->names = NULL;
}

int
names_shm(struct vk_kernel *kernel, const struct vk_place *dev)
{
	char where[] = "/dev/shm", dir[LX_PATH_MAX];
	const char *tmp;
	struct vk_mount *mount;
	int error;

	if (kernel->names->shm != NULL)
		return LX_ENOENT;
	tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
	(void)snprintf(dir, sizeof(dir), "%s/vmspace-shm-XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	kernel->names->shm = strdup(dir);
	if (kernel->names->shm == NULL || mkdtemp(kernel->names->shm) == NULL) {
		free(kernel->names->shm);
		kernel->names->shm = NULL;
		return LX_ENOENT;
	}
	chmod(kernel->names->shm, 01777);
	error = mount_create(kernel->names, dev, where, &mount);
	if (error == 0)
		error = mount_set_root(
		    mount, os_open_search(AT_FDCWD, kernel->names->shm));
	return errno_to_linux(error);
}
