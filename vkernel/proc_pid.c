/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID and /proc/PID/task/TID. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/os_guest.h"
#include "base/page.h"
#include "vkernel/clock.h"
#include "vkernel/names.h"
#include "vkernel/proc.h"
#include "vkernel/sys_path.h"
#include "vkernel/usercopy.h"

#define COMM_MAX 15

/* NULL in *process->mm: a zombie. */
static int
alive(struct vk_thread *thread, const struct vk_vnode *node,
    struct vk_process **process)
{
	*process = vnode_process(thread, node);
	if (*process == NULL)
		return LX_ESRCH;
	return (*process)->mm == NULL || (*process)->fs == NULL ? LX_ENOENT : 0;
}

static int
link_exe(struct vk_thread *thread, const struct vk_vnode *node,
    char text[LX_PATH_MAX])
{
	struct vk_process *process;
	int error;

	error = alive(thread, node, &process);
	if (error == 0)
		memcpy(text, process->exe, strlen(process->exe) + 1);
	return error;
}

static int
jump_exe(
    struct vk_thread *thread, const struct vk_vnode *node, struct vk_path *path)
{
	struct vk_process *process;
	struct vk_place root;
	int error;

	error = alive(thread, node, &process);
	root = place_root(thread->process->kernel);
	if (error == 0)
		error = path_resolve(thread->process->kernel, thread, &root,
		    process->exe, PATH_FOLLOW, path);
	return error;
}

static struct vk_place
cwd_of(const struct vk_process *process)
{
	return (struct vk_place){ process->fs->cwd_fd, process->fs->cwd_mount,
		process->fs->cwd_node };
}

static int
link_cwd(struct vk_thread *thread, const struct vk_vnode *node,
    char text[LX_PATH_MAX])
{
	struct vk_process *process;
	struct vk_place place;
	int error;

	error = alive(thread, node, &process);
	if (error != 0)
		return error;
	place = cwd_of(process);
	return place_path(process->kernel->names, &place, text, LX_PATH_MAX);
}

static int
jump_place(const struct vk_place *place, struct vk_path *path)
{
	path->mount = place->mount;
	path->node = place->node;
	path->dir = place->fd;
	memcpy(path->text, ".", 2);
	return 0;
}

static int
jump_cwd(
    struct vk_thread *thread, const struct vk_vnode *node, struct vk_path *path)
{
	struct vk_process *process;
	struct vk_place place;
	int error;

	error = alive(thread, node, &process);
	if (error != 0)
		return error;
	place = cwd_of(process);
	return jump_place(&place, path);
}

static int
link_root(struct vk_thread *thread, const struct vk_vnode *node,
    char text[LX_PATH_MAX])
{
	struct vk_process *process;

	memcpy(text, "/", 2);
	return alive(thread, node, &process);
}

static int
jump_root(
    struct vk_thread *thread, const struct vk_vnode *node, struct vk_path *path)
{
	struct vk_place place;

	(void)node;
	place = place_root(thread->process->kernel);
	return jump_place(&place, path);
}

/* Names of things that are the same for all processes: "net:[4026531840]". */
static int
link_ns(struct vk_thread *thread, const struct vk_vnode *node,
    char text[LX_PATH_MAX])
{
	const char *name;

	(void)thread;
	name = vnode_row(node)->name;
	snprintf(text, LX_PATH_MAX, "%s:[%u]", name,
	    4026531832u + (unsigned)(uint8_t)name[0]);
	return 0;
}

static void
object_number(
    void *arg, const struct vk_object *object, uint64_t *dev, uint64_t *ino)
{
	struct vk_kernel *kernel;
	struct lx_stat st;

	kernel = arg;
	memset(&st, 0, sizeof(st));
	st.st_dev = os_linux_dev((dev_t)object->dev);
	st.st_ino = object->ino;
	st.st_mode = LX_S_IFREG;
	if (clock_is_virtual(kernel))
		stat_settle(&kernel->strangers, &st);
	*dev = st.st_dev;
	*ino = st.st_ino;
}

static void
objects_name(const struct vk_kernel *kernel, const struct vk_mm *mm)
{
	char path[LX_PATH_MAX];
	struct vk_object *object;
	size_t i;

	for (i = 0; i < mm->areas.count; i++) {
		object = mm->areas.rows[i].object;
		if (object != NULL && object->path == NULL && object->fd >= 0 &&
		    names_fd_path(
			kernel->names, object->fd, path, sizeof(path)) == 0)
			object_set_path(object, path);
	}
}

static int
fill_maps(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct vk_process *process;

	process = vnode_process(thread, node);
	if (process == NULL)
		return LX_ESRCH;
	if (process->mm == NULL)
		return 0;
	objects_name(process->kernel, process->mm);
	mm_maps(process->mm, out, object_number, process->kernel);
	return 0;
}

static int
copy_words(struct vk_process *process, uint64_t from, uint64_t to, FILE *out)
{
	uint8_t bytes[512];
	size_t len;

	for (; from < to; from += len) {
		len = to - from < sizeof(bytes) ? (size_t)(to - from)
						: sizeof(bytes);
		if (copyin(process->mm, bytes, from, len) != 0)
			break;
		fwrite(bytes, 1, len, out);
	}
	return 0;
}

static int
fill_cmdline(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct vk_process *process;

	if (alive(thread, node, &process) != 0)
		return process == NULL ? LX_ESRCH : 0;
	return copy_words(process, process->arg_start, process->arg_end, out);
}

static int
fill_environ(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct vk_process *process;

	if (alive(thread, node, &process) != 0)
		return process == NULL ? LX_ESRCH : 0;
	return copy_words(process, process->env_start, process->env_end, out);
}

static int
fill_auxv(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct vk_process *process;

	if (alive(thread, node, &process) != 0)
		return process == NULL ? LX_ESRCH : 0;
	return copy_words(process, process->auxv_start, process->auxv_end, out);
}

static int
fill_comm(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_thread *named;

	named = vnode_thread(thread, node);
	if (named == NULL)
		return vnode_process(thread, node) == NULL ? LX_ESRCH : 0;
	fprintf(out, "%s\n", named->name);
	return 0;
}

static int64_t
store_comm(struct vk_thread *thread, const struct vk_vnode *node,
    const char *text, size_t len)
{
	struct vk_thread *named;

	named = vnode_thread(thread, node);
	if (named == NULL)
		return -LX_ESRCH;
	if (len > COMM_MAX)
		len = COMM_MAX;
	memcpy(named->name, text, len);
	named->name[len] = '\0';
	named->name[strcspn(named->name, "\n")] = '\0';
	return 0;
}

static int64_t
store_nothing(struct vk_thread *thread, const struct vk_vnode *node,
    const char *text, size_t len)
{
	(void)thread;
	(void)node;
	(void)text;
	(void)len;
	return 0;
}

static const struct {
	const char *name, *unit;
} limit_rows[LX_RLIMITS] = { { "Max cpu time", "seconds" },
	{ "Max file size", "bytes" }, { "Max data size", "bytes" },
	{ "Max stack size", "bytes" }, { "Max core file size", "bytes" },
	{ "Max resident set", "bytes" }, { "Max processes", "processes" },
	{ "Max open files", "files" }, { "Max locked memory", "bytes" },
	{ "Max address space", "bytes" }, { "Max file locks", "locks" },
	{ "Max pending signals", "signals" }, { "Max msgqueue size", "bytes" },
	{ "Max nice priority", "" }, { "Max realtime priority", "" },
	{ "Max realtime timeout", "us" } };

static void
print_limit(uint64_t value, FILE *out)
{
	if (value == LX_RLIM_INFINITY)
		fprintf(out, " %-20s", "unlimited");
	else
		fprintf(out, " %-20" PRIu64, value);
}

static int
fill_limits(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_process *process;
	int i;

	process = vnode_process(thread, node);
	if (process == NULL)
		return LX_ESRCH;
	fprintf(out, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
	    "Hard Limit", "Units");
	for (i = 0; i < LX_RLIMITS; i++) {
		fprintf(out, "%-25s", limit_rows[i].name);
		print_limit(process->limits[i].rlim_cur, out);
		print_limit(process->limits[i].rlim_max, out);
		fprintf(out, limit_rows[i].unit[0] == '\0' ? "\n" : " %-10s\n",
		    limit_rows[i].unit);
	}
	return 0;
}

/* Files that say the same of every process. */
static int
fill_fixed(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	static const struct {
		const char *name, *text;
	} rows[] = { { "cgroup", "0::/\n" }, { "oom_score", "0\n" },
		{ "oom_adj", "0\n" }, { "wchan", "0" },
		{ "io",
		    "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\n"
		    "write_bytes: 0\ncancelled_write_bytes: 0\n" },
		{ "loginuid", "4294967295" }, { "sessionid", "4294967295" },
		{ "schedstat", "0 0 0\n" },
		{ "uid_map", "         0          0 4294967295\n" },
		{ "gid_map", "         0          0 4294967295\n" },
		{ "setgroups", "allow\n" }, { "coredump_filter", "00000033\n" },
		{ "timerslack_ns", "50000\n" }, { "cpuset", "/\n" },
		{ "autogroup", "/autogroup-1 nice 0\n" } };
	size_t i;

	(void)thread;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, vnode_row(node)->name) == 0)
			fputs(rows[i].text, out);
	return 0;
}

/* All areas as one: what tools add up. */
static int
fill_smaps_rollup(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct vk_process *process;
	struct mm_usage usage;
	uint64_t private, resident, shared;

	if (alive(thread, node, &process) != 0)
		return process == NULL ? LX_ESRCH : 0;
	mm_usage(process->mm, &usage);
	resident = usage.resident << 2;
	shared = usage.shared << 2;
	private = resident - shared;
	fprintf(out,
	    "00010000-7ffffffff000 ---p 00000000 00:00 0%*s[rollup]\n"
	    "Rss:%20" PRIu64 " kB\nPss:%20" PRIu64 " kB\n"
	    "Shared_Clean:%11" PRIu64 " kB\nShared_Dirty:%11u kB\n"
	    "Private_Clean:%10u kB\nPrivate_Dirty:%10" PRIu64 " kB\n"
	    "Referenced:%13" PRIu64 " kB\nAnonymous:%14" PRIu64 " kB\n"
	    "Swap:%19u kB\nSwapPss:%16u kB\nLocked:%17u kB\n",
	    30, "", resident, private + shared / 2, shared, 0u, 0u, private,
	    resident, private, 0u, 0u, 0u);
	return 0;
}

#define FIXED(NAME, MODE) PROC_TEXT(NAME, MODE, fill_fixed)
#define STORED(NAME, FILL, STORE)                                              \
	{                                                                      \
		.name = (NAME), .mode = LX_S_IFREG | 0644, .fill = (FILL),     \
		.store = (STORE)                                               \
	}
#define MAGIC(NAME, LINK, JUMP)                                                \
	{                                                                      \
		.name = (NAME), .mode = LX_S_IFLNK | 0777, .link = (LINK),     \
		.jump = (JUMP)                                                 \
	}
#define NS(NAME)                                                               \
	{                                                                      \
		.name = (NAME), .mode = LX_S_IFLNK | 0777, .link = link_ns     \
	}

static const struct vnode_row ns_rows[] = { NS("cgroup"), NS("ipc"), NS("mnt"),
	NS("net"), NS("pid"), NS("user"), NS("uts"), { 0 } };

/* What processes and threads have both. */
#define COMMON_ROWS(STAT, STATUS)                                              \
	MAGIC("cwd", link_cwd, jump_cwd), MAGIC("exe", link_exe, jump_exe),    \
	    MAGIC("root", link_root, jump_root), PROC_FD, PROC_FDINFO,         \
	    PROC_TEXT("auxv", 0400, fill_auxv),                                \
	    PROC_TEXT("cmdline", 0444, fill_cmdline),                          \
	    STORED("comm", fill_comm, store_comm),                             \
	    PROC_TEXT("environ", 0400, fill_environ),                          \
	    PROC_TEXT("limits", 0444, fill_limits),                            \
	    PROC_TEXT("maps", 0444, fill_maps),                                \
	    PROC_TEXT("mountinfo", 0444, proc_fill_mountinfo),                 \
	    PROC_TEXT("mounts", 0444, proc_fill_mounts),                       \
	    { .name = "ns", .mode = LX_S_IFDIR | 0511, .rows = ns_rows },      \
	    PROC_TEXT("smaps_rollup", 0444, fill_smaps_rollup),                \
	    PROC_TEXT("stat", 0444, STAT),                                     \
	    PROC_TEXT("statm", 0444, proc_fill_statm),                         \
	    PROC_TEXT("status", 0444, STATUS), FIXED("cgroup", 0444),          \
	    FIXED("cpuset", 0444), FIXED("io", 0400), FIXED("loginuid", 0644), \
	    FIXED("oom_score", 0444),                                          \
	    STORED("oom_adj", fill_fixed, store_nothing),                      \
	    STORED("oom_score_adj", proc_fill_oom_adj, proc_store_oom_adj),    \
	    PROC_TEXT("personality", 0400, proc_fill_personality),             \
	    FIXED("schedstat", 0444), FIXED("sessionid", 0444),                \
	    FIXED("wchan", 0444), STORED("uid_map", fill_fixed, NULL),         \
	    STORED("gid_map", fill_fixed, NULL)

static const struct vnode_row task_rows[] = {
	COMMON_ROWS(proc_fill_task_stat, proc_fill_task_status), { 0 }
};

static const struct vnode_row task_row = { .mode = LX_S_IFDIR | 0555,
	.rows = task_rows };

/* node->pid is the process that the thread must be of. */
static bool
find_task(struct vk_thread *thread, int number, struct vk_vnode *node)
{
	const struct vk_thread *found;

	found = thread_lookup(thread->process->kernel, number);
	if (found == NULL || found->process->pid != node->pid)
		return false;
	node->tid = number;
	return true;
}

static void
list_tasks(struct vk_thread *thread, const struct vk_vnode *dir,
    vnode_name_fn *fn, void *arg)
{
	const struct vk_process *process;
	const struct vk_thread *task;
	struct vk_vnode node;

	process = vnode_process(thread, dir);
	if (process == NULL)
		return;
	for (task = process->threads; task != NULL; task = task->sibling)
		if (!task->exited || task == process->thread)
			proc_list_number(
			    dir, &task_row, task->tid, fn, arg, &node);
}

static const struct vnode_row pid_rows[] = { COMMON_ROWS(proc_fill_pid_stat,
						 proc_fill_status),
	PROC_TEXT("mountstats", 0400, proc_fill_mountstats),
	FIXED("autogroup", 0644),
	STORED("coredump_filter", fill_fixed, store_nothing),
	STORED("setgroups", fill_fixed, store_nothing),
	STORED("timerslack_ns", fill_fixed, store_nothing),
	{ .name = "net", .mode = LX_S_IFDIR | 0555, .rows = proc_net_rows },
	{ .name = "task",
	    .mode = LX_S_IFDIR | 0555,
	    .number = &task_row,
	    .find = find_task,
	    .list = list_tasks },
	{ 0 } };

const struct vnode_row proc_pid_row = { .mode = LX_S_IFDIR | 0555,
	.rows = pid_rows };
