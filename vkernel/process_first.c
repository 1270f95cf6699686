/* SPDX-License-Identifier: BSD-2-Clause */
/* The first process: what it takes over from the host, and its program. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/hostsig.h"
#include "vkernel/kernel.h"
#include "vkernel/process.h"
#include "vkernel/sys_path.h"

#define VIRTUAL_PID 1000
#define FDS_MAX     1048576
#define STACK_BYTES (UINT64_C(8) << 20)

static const struct lx_rlimit start_limits[LX_RLIMITS] = {
	{ LX_RLIM_INFINITY, LX_RLIM_INFINITY }, /* CPU */
	{ LX_RLIM_INFINITY, LX_RLIM_INFINITY }, /* FSIZE */
	{ LX_RLIM_INFINITY, LX_RLIM_INFINITY }, /* DATA */
	{ STACK_BYTES, LX_RLIM_INFINITY },      /* STACK */
	{ 0, LX_RLIM_INFINITY },                /* CORE */
	{ LX_RLIM_INFINITY, LX_RLIM_INFINITY }, /* RSS */
	{ 4096, 4096 },                         /* NPROC */
	{ 1024, 1048576 },                      /* NOFILE */
	{ 8388608, 8388608 },                   /* MEMLOCK */
	{ LX_RLIM_INFINITY, LX_RLIM_INFINITY }, /* AS */
	{ LX_RLIM_INFINITY, LX_RLIM_INFINITY }, /* LOCKS */
	{ 4096, 4096 },                         /* SIGPENDING */
	{ 819200, 819200 },                     /* MSGQUEUE */
	{ 0, 0 },                               /* NICE */
	{ 0, 0 },                               /* RTPRIO */
	{ LX_RLIM_INFINITY, LX_RLIM_INFINITY }  /* RTTIME */
};

/* Virtual time goes with fixed limits. */
static void
process_limits(struct vk_process *process)
{
	struct lx_rlimit *limit;
	int i;

	memcpy(process->limits, start_limits, sizeof(start_limits));
	if (clock_is_virtual(process->kernel))
		return;
	for (i = 0; i < LX_RLIMITS; i++) {
		limit = &process->limits[i];
		os_limit(i, &limit->rlim_cur, &limit->rlim_max);
	}
}

/* Virtual time goes with fixed numbers; else names made of the process id
 * stay unique on the host. */
static void
process_numbers(struct vk_process *process)
{
	if (clock_is_virtual(process->kernel)) {
		process->pgid = process->sid = process->pid;
		process->ppid = 1;
		return;
	}
	process->ppid = (int)getppid();
	process->pgid = (int)getpgrp();
	process->sid = (int)getsid(0);
}

/* They would be ways out of the guest's root: directories, and whatever else
 * was open without being meant for the guest. */
static void
close_ways_out(struct vk_fds *fds)
{
	struct stat st;
	int fd;

	for (fd = 0; fd < fds->count; fd++)
		if (fds->rows[fd].open != NULL &&
		    (fd > STDERR_FILENO ||
			(fstat(fds->rows[fd].open->fd, &st) == 0 &&
			    S_ISDIR(st.st_mode))))
			fds_close(fds, fd);
}

static int
process_open_files(struct vk_process *process)
{
	const struct vk_options *options;
	FILE *files[3];
	struct vk_place cwd;
	int error, except[3], i;

	options = process->kernel->options;
	files[0] = options->strace;
	files[1] = options->trace_insn;
	files[2] = options->errors;
	for (i = 0; i < 3; i++)
		except[i] = files[i] == NULL ? -1 : fileno(files[i]);
	error = names_start_place(process->kernel, &cwd);
	if (error != 0)
		return error;
	process->fs = fs_create(cwd.fd, (int)process->kernel->host_umask);
	process->fds = fds_create();
	if (process->fs == NULL || process->fds == NULL)
		return ENOMEM;
	process->fs->cwd_mount = cwd.mount;
	process->fs->cwd_node = cwd.node;
	if (fds_inherit(process->fds, except, 3) != 0)
		return EMFILE;
	if (process->kernel->names->own_root)
		close_ways_out(process->fds);
	process->fds->limit = FDS_MAX;
	if (process->limits[LX_RLIMIT_NOFILE].rlim_cur < FDS_MAX)
		process->fds->limit =
		    (int)process->limits[LX_RLIMIT_NOFILE].rlim_cur;
	return 0;
}

static int
process_open_actions(struct vk_process *process)
{
	uint64_t ignored;
	int error, signal;

	process->actions = calloc(1, sizeof(*process->actions));
	if (process->actions == NULL)
		return ENOMEM;
	process->actions->refs = 1;
	error = hostsig_open(&process->kernel->hostsig, &ignored);
	if (error != 0)
		return error;
	for (signal = 1; signal <= LX_NSIG; signal++)
		if ((ignored & signal_bit(signal)) != 0)
			process->actions->rows[signal].handler = LX_SIG_IGN;
	return 0;
}

static int
process_open(struct vk_process *process)
{
	struct vk_thread *thread;
	int error;

	process_numbers(process);
	cred_init(&process->cred, process->kernel->options);
	files_as_init(&process->kernel->files_as, &process->cred,
	    process->kernel->options);
	process_limits(process);
	if (thread_create(process, &thread) != 0)
		return ENOMEM;
	if (!clock_is_virtual(process->kernel))
		thread->nice = getpriority(PRIO_PROCESS, 0);
	error = process_open_actions(process);
	return error != 0 ? error : process_open_files(process);
}

struct vk_process *
process_create(struct vk_kernel *kernel)
{
	struct vk_process *process;
	int error;

	kernel->last_pid =
	    clock_is_virtual(kernel) ? VIRTUAL_PID : (int)getpid();
	process = process_alloc(kernel, kernel->last_pid);
	if (process == NULL) {
		kernel_fail(kernel, ENOMEM, "a process");
		return NULL;
	}
	error = process_open(process);
	if (error == 0)
		return process;
	kernel_fail(kernel, error, "a process");
	process_release(process);
	return NULL;
}

static bool
load_failed(struct vk_kernel *kernel, int error, const char *message)
{
	kernel_message(kernel, "%s", message);
	kernel->result->end = VK_END_LOAD;
	kernel->result->value = error;
	kernel->ended = true;
	return false;
}

/* EISDIR says more than the EACCES of execve. */
static int
program_open(struct vk_process *process, const char *path, int *fd)
{
	struct vk_path got;
	struct stat st;
	int error;

	error = path_open_program(process, path, fd);
	if (error != EACCES ||
	    path_get_text(process->thread, (uint64_t)LX_AT_FDCWD, path,
		PATH_FOLLOW, &got) != 0)
		return error;
	if (path_stat(&got, &st) == 0 && S_ISDIR(st.st_mode))
		error = EISDIR;
	path_put(&got);
	return error;
}

static const char *
path_variable(const char *const *envp)
{
	for (; *envp != NULL; envp++)
		if (strncmp(*envp, "PATH=", 5) == 0)
			return *envp + 5;
	return "/bin:/usr/bin";
}

/* With a root of its own only we can see what PATH leads to. */
static int
program_search(struct vk_process *process, char path[LX_PATH_MAX], int *fd)
{
	const struct vk_options *options;
	const char *dirs;
	int error, len, worst;
	size_t part;

	options = process->kernel->options;
	worst = ENOENT;
	for (dirs = path_variable(options->envp);; dirs += part + 1) {
		part = strcspn(dirs, ":");
		len = snprintf(path, LX_PATH_MAX, "%.*s%s%s", (int)part, dirs,
		    part == 0 ? "" : "/", options->program);
		error = len < LX_PATH_MAX ? program_open(process, path, fd)
					  : ENAMETOOLONG;
		if (error == 0 || dirs[part] == '\0')
			break;
		if (error == EACCES)
			worst = error;
	}
	return error == 0 ? 0 : worst;
}

static int
program_find(struct vk_process *process, char path[LX_PATH_MAX], int *fd)
{
	const struct vk_options *options;
	int error, len;

	options = process->kernel->options;
	error = ENOENT;
	if (options->root != NULL && strchr(options->program, '/') == NULL)
		error = program_search(process, path, fd);
	if (error == 0)
		return 0;
	len = snprintf(path, LX_PATH_MAX, "%s", options->program);
	if (len >= LX_PATH_MAX)
		return ENAMETOOLONG;
	if (options->root != NULL && strchr(path, '/') == NULL)
		return error;
	return program_open(process, path, fd);
}

bool
exec_first(struct vk_process *process)
{
	const struct vk_options *options;
	struct exec_args args;
	char path[LX_PATH_MAX];
	char message[512];
	int error;

	options = process->kernel->options;
	args = (struct exec_args){
		.path = path, .argv = options->argv, .envp = options->envp
	};
	args.fd = -1;
	error = program_find(process, path, &args.fd);
	if (error != 0)
		snprintf(message, sizeof(message), "%s: %s", args.path,
		    strerror(error));
	else
		error =
		    exec_load(process->thread, &args, message, sizeof(message));
	if (args.fd >= 0)
		close(args.fd);
	if (error != 0)
		return load_failed(process->kernel, error, message);
	sched_add(process->thread);
	return true;
}
