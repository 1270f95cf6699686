/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a process: made, loaded, ended. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "loader/elf.h"
#include "loader/load.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/hostsig.h"
#include "vkernel/kernel.h"
#include "vkernel/usercopy.h"

#define VIRTUAL_PID  1000
#define FDS_MAX      1048576
#define STACK_START  (UINT64_C(132) << 10) /* mapped at the beginning */
#define STACK_BYTES  (UINT64_C(8) << 20)
#define RFLAGS_START 0x202
#define CLK_TCK      100
/* CPUID leaf 1 edx of the engine's Nehalem. */
#define HWCAP UINT64_C(0x078bfbfd)
/* Of Linux without XSAVE: frame, FXSAVE image, padding. */
#define MINSIGSTKSZ_TOLD 1040

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

static struct vk_thread *
thread_create(struct vk_process *process)
{
	struct vk_thread *thread;
	int error;

	thread = calloc(1, sizeof(*thread));
	if (thread == NULL)
		return NULL;
	thread->process = process;
	thread->tid = process->pid;
	thread->traced_rip = UINT64_MAX;
	error = vms_lwp_open(process->kernel->memory.proc, &thread->lwp);
	if (error == 0)
		return thread;
	free(thread);
	return NULL;
}

static void
thread_destroy(struct vk_thread *thread)
{
	if (thread == NULL)
		return;
	vms_lwp_exit(thread->lwp);
	free(thread);
}

/* Virtual time goes with fixed numbers; else names made of the process id
 * stay unique on the host. */
static void
process_name(struct vk_process *process)
{
	if (clock_is_virtual(process->kernel)) {
		process->pid = process->pgid = process->sid = VIRTUAL_PID;
		process->ppid = 1;
		return;
	}
	process->pid = (int)getpid();
	process->ppid = (int)getppid();
	process->pgid = (int)getpgrp();
	process->sid = (int)getsid(0);
}

/* Rights are those of the host's user in every case. */
static void
process_ids(struct vk_process *process)
{
	const struct vk_options *options;

	options = process->kernel->options;
	process->uid = options->own_ids ? options->uid : getuid();
	process->euid = options->own_ids ? options->uid : geteuid();
	process->gid = options->own_ids ? options->gid : getgid();
	process->egid = options->own_ids ? options->gid : getegid();
}

static int
process_open_files(struct vk_process *process)
{
	const struct vk_options *options;
	FILE *files[3];
	int except[3], i;

	options = process->kernel->options;
	files[0] = options->strace;
	files[1] = options->trace_insn;
	files[2] = options->errors;
	for (i = 0; i < 3; i++)
		except[i] = files[i] == NULL ? -1 : fileno(files[i]);
	process->cwd_fd = os_open_search(AT_FDCWD, ".");
	if (process->cwd_fd < 0)
		return errno;
	if (fds_init(&process->fds, except, 3) != 0)
		return EMFILE;
	process->fds.limit = FDS_MAX;
	if (process->limits[LX_RLIMIT_NOFILE].rlim_cur < FDS_MAX)
		process->fds.limit =
		    (int)process->limits[LX_RLIMIT_NOFILE].rlim_cur;
	return 0;
}

static int
process_open(struct vk_process *process)
{
	uint64_t ignored;
	int error, signal;

	process_name(process);
	process_ids(process);
	process->umask = (int)process->kernel->host_umask;
	process_limits(process);
	process->thread = thread_create(process);
	if (process->thread == NULL)
		return ENOMEM;
	error = hostsig_open(&process->kernel->hostsig, &ignored);
	if (error != 0)
		return error;
	for (signal = 1; signal <= LX_NSIG; signal++)
		if ((ignored & signal_bit(signal)) != 0)
			process->actions[signal].handler = LX_SIG_IGN;
	return process_open_files(process);
}

struct vk_process *
process_create(struct vk_kernel *kernel)
{
	struct vk_process *process;
	int error;

	process = calloc(1, sizeof(*process));
	if (process == NULL) {
		kernel_fail(kernel, ENOMEM, "a process");
		return NULL;
	}
	process->kernel = kernel;
	process->cwd_fd = -1;
	error = process_open(process);
	if (error == 0)
		return process;
	kernel_fail(kernel, error, "a process");
	process_destroy(process);
	return NULL;
}

void
process_destroy(struct vk_process *process)
{
	mm_drop(process->mm);
	thread_destroy(process->thread);
	hostsig_close(process->kernel->hostsig);
	fds_finish(&process->fds);
	if (process->cwd_fd >= 0)
		close(process->cwd_fd);
	free(process);
}

void
process_exit(struct vk_process *process, int status)
{
	if (process->exited)
		return;
	process->exited = true;
	process->exit_status = status & 0xff;
	process->kernel->result->end = VK_END_EXIT;
	process->kernel->result->value = process->exit_status;
}

void
process_kill(struct vk_process *process, int signal)
{
	if (process->exited)
		return;
	process->exited = true;
	process->exit_signal = signal;
	process->kernel->result->end = VK_END_SIGNAL;
	process->kernel->result->value = signal;
}

static bool
load_failed(struct vk_process *process, int error, const char *message)
{
	struct vk_kernel *kernel;

	kernel = process->kernel;
	kernel_message(kernel, "%s", message);
	kernel->result->end = VK_END_LOAD;
	kernel->result->value = error;
	kernel->ended = true;
	return false;
}

static int
load_map(void *arg, uint64_t va, uint64_t len, int prot, int fd, uint64_t off)
{
	struct vk_mapping mapping = { .addr = va,
		.len = len,
		.prot = prot,
		.offset = off,
		.fixed = true };
	struct vk_process *process;
	uint64_t at;
	int error;

	process = arg;
	error = 0;
	if (fd >= 0)
		error = object_of_file(
		    &process->kernel->memory.cache, fd, false, &mapping.object);
	if (error != 0)
		return EIO;
	error = mm_map(process->mm, &mapping, &at);
	object_drop(mapping.object);
	return error == 0 ? 0 : ENOMEM;
}

static int
load_write(void *arg, uint64_t va, const void *bytes, size_t len)
{
	struct vk_process *process;

	process = arg;
	return copyout_force(process->mm, va, bytes, len) == 0 ? 0 : EFAULT;
}

static int
load_open_interp(void *arg, const char *path, int *fd)
{
	(void)arg;
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return errno;
	if (access(path, X_OK) == 0)
		return 0;
	close(*fd);
	return EACCES;
}

static int
load_stack(struct vk_process *process, bool executable)
{
	struct vk_mapping mapping = { .addr = MM_STACK_END - STACK_START,
		.len = STACK_START,
		.prot = LX_PROT_READ | LX_PROT_WRITE,
		.flags = AREA_GROWSDOWN | AREA_STACK,
		.fixed = true };
	uint64_t at;

	if (executable)
		mapping.prot |= LX_PROT_EXEC;
	process->mm->stack_limit = process->limits[LX_RLIMIT_STACK].rlim_cur;
	return mm_map(process->mm, &mapping, &at) == 0 ? 0 : ENOMEM;
}

static void
load_start(struct vk_process *process, const struct load_result *loaded)
{
	struct vk_thread *thread;

	process->mm->brk_start = process->mm->brk = loaded->brk;
	process->load_bias = loaded->bias;
	thread = process->thread;
	memset(&thread->tf, 0, sizeof(thread->tf));
	memset(&thread->vf, 0, sizeof(thread->vf));
	thread->tf.tf_rip = (int64_t)loaded->entry;
	thread->tf.tf_rsp = (int64_t)loaded->sp;
	thread->tf.tf_rflags = RFLAGS_START;
	thread->tf.tf_cs = VMS_SEL_UCODE;
	thread->tf.tf_ss = VMS_SEL_UDATA;
}

static bool
load_image(struct vk_process *process, int fd, const struct elf_image *image)
{
	const struct vk_options *options;
	struct load_target target = { process, load_map, load_write,
		load_open_interp };
	struct load_result loaded;
	struct load_info info;
	char message[512];
	int error;

	options = process->kernel->options;
	memset(&info, 0, sizeof(info));
	info.argv = options->argv;
	info.envp = options->envp;
	info.execfn = options->program;
	info.stack_bytes = process->limits[LX_RLIMIT_STACK].rlim_cur;
	load_bases_choose(NULL, info.stack_bytes, &info.bases);
	rng_fill(&process->kernel->rng, info.random, sizeof(info.random));
	info.uid = process->uid;
	info.euid = process->euid;
	info.gid = process->gid;
	info.egid = process->egid;
	info.hwcap = HWCAP;
	info.minsigstksz = MINSIGSTKSZ_TOLD;
	info.clktck = CLK_TCK;
	if (mm_create(&process->kernel->memory, &process->mm) != 0 ||
	    load_stack(process, image->stack_exec != 0) != 0)
		return load_failed(process, ENOMEM, "not enough guest memory");
	error = load_program(
	    &target, fd, image, &info, &loaded, message, sizeof(message));
	if (error != 0)
		return load_failed(process, error, message);
	load_start(process, &loaded);
	return true;
}

static bool
load_elf(struct vk_process *process, int fd)
{
	struct elf_image image;
	char message[512];
	const char *name;
	int error;

	name = process->kernel->options->program;
	error = elf_read(fd, name, &image, message, sizeof(message));
	if (error != 0)
		return load_failed(process, error, message);
	return load_image(process, fd, &image);
}

static bool
load_refused(struct vk_process *process, int error)
{
	char message[512];

	snprintf(message, sizeof(message), "%s: %s",
	    process->kernel->options->program, strerror(error));
	return load_failed(process, error, message);
}

static int
program_check(struct vk_process *process, int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno;
	process->exe_dev = (uint64_t)st.st_dev;
	process->exe_ino = (uint64_t)st.st_ino;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? EISDIR : EACCES;
	return access(path, X_OK) == 0 ? 0 : errno;
}

static void
process_name_thread(struct vk_process *process)
{
	const char *base, *path;

	path = process->kernel->options->program;
	base = strrchr(path, '/');
	base = base == NULL ? path : base + 1;
	snprintf(
	    process->thread->name, sizeof(process->thread->name), "%s", base);
}

bool
process_load(struct vk_process *process)
{
	const char *path;
	bool loaded;
	int error, fd;

	path = process->kernel->options->program;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return load_refused(process, errno);
	error = program_check(process, fd, path);
	if (error == 0)
		error = os_fd_path(fd, process->exe, sizeof(process->exe));
	process_name_thread(process);
	if (error != 0)
		loaded = load_refused(process, error);
	else
		loaded = load_elf(process, fd);
	close(fd);
	return loaded;
}
