/* SPDX-License-Identifier: BSD-2-Clause */
/* A program becomes a process's image: a new address space is filled, and only
 * when all of it is there the old one goes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "loader/elf.h"
#include "loader/load.h"
#include "loader/script.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/futex.h"
#include "vkernel/kernel.h"
#include "vkernel/process.h"
#include "vkernel/sys_path.h"
#include "vkernel/usercopy.h"

#define STACK_START  (UINT64_C(132) << 10) /* mapped at the beginning */
#define STACK_BYTES  (UINT64_C(8) << 20)
#define STACK_MAX    (UINT64_C(1) << 30)
#define RFLAGS_START 0x202
#define CLK_TCK      100
/* CPUID leaf 1 edx of the engine's Nehalem. */
#define HWCAP UINT64_C(0x078bfbfd)
/* What Linux tells without XSAVE: frame, FXSAVE image, alignment. */
#define SIGNAL_STACK_BYTES 1040

struct exec {
	struct vk_process *process;
	const struct exec_args *args;
	const char *path; /* of the program itself, which a script may name */
	int fd;           /* ours, unless it is that of args */
	const char *const *argv;
	struct script scripts[SCRIPT_MAX_DEPTH]; /* own the words */
	const char **vectors[SCRIPT_MAX_DEPTH];
	int depth;
	struct vk_mm *mm; /* the new one */
	struct load_bases bases;
	struct load_result loaded;
	char *message;
	size_t room;
};

static int
exec_map(void *arg, uint64_t va, uint64_t len, int prot, int fd, uint64_t off)
{
	struct vk_mapping mapping = { .addr = va,
		.len = len,
		.prot = prot,
		.offset = off,
		.fixed = true };
	struct exec *exec;
	uint64_t at;
	int error;

	exec = arg;
	error = 0;
	if (fd >= 0)
		error = object_of_file(&exec->process->kernel->memory.cache, fd,
		    false, &mapping.object);
	if (error != 0)
		return EIO;
	error = mm_map(exec->mm, &mapping, &at);
	object_drop(mapping.object);
	return error == 0 ? 0 : ENOMEM;
}

static int
exec_write(void *arg, uint64_t va, const void *bytes, size_t len)
{
	struct exec *exec;

	exec = arg;
	return copyout_force(exec->mm, va, bytes, len) == 0 ? 0 : EFAULT;
}

static int
exec_interp(void *arg, const char *path, int *fd)
{
	struct exec *exec;

	exec = arg;
	return path_open_program(exec->process, path, fd);
}

static uint64_t
stack_bytes(const struct vk_process *process)
{
	uint64_t limit;

	limit = process->limits[LX_RLIMIT_STACK].rlim_cur;
	return limit > STACK_MAX ? STACK_MAX : limit;
}

static int
exec_stack(struct exec *exec, bool executable)
{
	struct vk_mapping mapping = { .addr =
					  exec->bases.stack_end - STACK_START,
		.len = STACK_START,
		.prot = LX_PROT_READ | LX_PROT_WRITE,
		.flags = AREA_GROWSDOWN | AREA_STACK,
		.fixed = true };
	uint64_t at;

	if (executable)
		mapping.prot |= LX_PROT_EXEC;
	exec->mm->stack_limit = exec->process->limits[LX_RLIMIT_STACK].rlim_cur;
	return mm_map(exec->mm, &mapping, &at);
}

static int
exec_image(struct exec *exec, const struct elf_image *image)
{
	struct load_target target = { exec, exec_map, exec_write, exec_interp };
	struct vk_process *process;
	struct load_info info;

	process = exec->process;
	memset(&info, 0, sizeof(info));
	info.argv = exec->argv;
	info.envp = exec->args->envp;
	info.execfn = exec->args->path;
	info.bases = exec->bases;
	info.stack_bytes = stack_bytes(process);
	rng_fill(&process->kernel->rng, info.random, sizeof(info.random));
	info.uid = process->cred.user.real;
	info.euid = process->cred.user.effective;
	info.gid = process->cred.group.real;
	info.egid = process->cred.group.effective;
	info.hwcap = HWCAP;
	info.clktck = CLK_TCK;
	info.minsigstksz = SIGNAL_STACK_BYTES;
	return errno_to_linux(load_program(&target, exec->fd, image, &info,
	    &exec->loaded, exec->message, exec->room));
}

static int
exec_fill(struct exec *exec)
{
	struct elf_image image;
	uint64_t random;
	int error;

	error =
	    elf_read(exec->fd, exec->path, &image, exec->message, exec->room);
	if (error != 0)
		return errno_to_linux(error);
	if (exec->process->kernel->options->aslr)
		random = rng_next(&exec->process->kernel->rng);
	load_bases_choose(exec->process->kernel->options->aslr ? &random : NULL,
	    exec->process->limits[LX_RLIMIT_STACK].rlim_cur, &exec->bases);
	if (mm_create(&exec->process->kernel->memory, &exec->mm) != 0 ||
	    exec_stack(exec, image.stack_exec != 0) != 0) {
		snprintf(exec->message, exec->room, "not enough guest memory");
		return LX_ENOMEM;
	}
	error = exec_image(exec, &image);
	if (error != 0)
		return error;
	exec->mm->brk_start = exec->mm->brk = exec->loaded.brk;
	exec->mm->mmap_base = exec->bases.mmap_base;
	return 0;
}

/* As fninit and the default MXCSR leave them. */
static void
thread_reset_fp(struct vk_thread *thread)
{
	uint8_t fp[VK_FP_BYTES];

	memset(fp, 0, sizeof(fp));
	fp[0] = 0x7f;
	fp[1] = 0x03;
	fp[24] = 0x80;
	fp[25] = 0x1f;
	sched_setfp(thread, fp);
}

static void
thread_reset(struct vk_thread *thread, const struct load_result *loaded)
{
	memset(&thread->tf, 0, sizeof(thread->tf));
	memset(&thread->vf, 0, sizeof(thread->vf));
	thread_reset_fp(thread);
	thread->tf.tf_rip = (int64_t)loaded->entry;
	thread->tf.tf_rsp = (int64_t)loaded->sp;
	thread->tf.tf_rflags = RFLAGS_START;
	thread->tf.tf_cs = VMS_SEL_UCODE;
	thread->tf.tf_ss = VMS_SEL_UDATA;
	memset(&thread->altstack, 0, sizeof(thread->altstack));
	thread->restart = 0;
	thread->spurious = 0;
	thread->traced_rip = UINT64_MAX;
}

static void
thread_rename(struct vk_thread *thread, const char *path)
{
	const char *base;

	base = strrchr(path, '/');
	base = base == NULL ? path : base + 1;
	snprintf(thread->name, sizeof(thread->name), "%s", base);
}

/* Handlers are gone with the code; what is ignored stays so. */
static void
actions_reset(struct vk_process *process)
{
	struct lx_sigaction *action;
	int signal;

	for (signal = 1; signal <= LX_NSIG; signal++) {
		action = &process->actions->rows[signal];
		if (action->handler != LX_SIG_IGN)
			action->handler = LX_SIG_DFL;
		action->flags = 0;
		action->mask = 0;
		action->restorer = 0;
	}
}

static int
exec_unshare(struct vk_process *process)
{
	int error;

	error = process_unshare_actions(process);
	return error != 0 ? error : process_unshare_fds(process);
}

/* From here on nothing fails. */
static void
exec_commit(struct exec *exec, struct vk_thread *thread)
{
	struct vk_process *process;
	struct stat st;

	process = exec->process;
	process_kill_others(thread);
	ptimers_exec(process);
	if (process->mm != NULL)
		futex_thread_exit(thread);
	mm_drop(process->mm);
	process->mm = exec->mm;
	process_apply_limits(process);
	process_vfork_done(process);
	process->has_execed = true;
	process->end_signal = LX_SIGCHLD;
	process->load_bias = exec->loaded.bias;
	process->arg_start = exec->loaded.arg_start;
	process->arg_end = exec->loaded.arg_end;
	process->env_start = exec->loaded.env_start;
	process->env_end = exec->loaded.env_end;
	process->auxv_start = exec->loaded.auxv_start;
	process->auxv_end = exec->loaded.auxv_end;
	if (fstat(exec->fd, &st) == 0) {
		process->exe_dev = (uint64_t)st.st_dev;
		process->exe_ino = (uint64_t)st.st_ino;
	}
	if (names_fd_path(process->kernel->names, exec->fd, process->exe,
		sizeof(process->exe)) != 0)
		process->exe[0] = '\0';
	thread->clear_child_tid = 0;
	thread->robust_list = thread->robust_len = 0;
	memset(&thread->rseq, 0, sizeof(thread->rseq));
	process->membarriers = 0;
	process->undumpable = process->keep_caps = false;
	process->cred.user.saved = process->cred.user.effective;
	process->cred.group.saved = process->cred.group.effective;
	thread_reset(thread, &exec->loaded);
	thread_rename(thread, exec->args->path);
	actions_reset(process);
	fds_close_on_exec(process->fds);
}

static void
exec_close_fd(struct exec *exec)
{
	if (exec->fd != exec->args->fd)
		close(exec->fd);
}

/* The interpreter of the script that exec->fd is takes its place. */
static int
exec_script(struct exec *exec)
{
	struct script *script;
	int error, fd;

	script = &exec->scripts[exec->depth];
	error = script_argv(
	    script, exec->path, exec->argv, &exec->vectors[exec->depth]);
	if (error != 0)
		return error;
	error = path_open_program(exec->process, script->interp, &fd);
	if (error != 0) {
		snprintf(exec->message, exec->room, "%s: %s: %s", exec->path,
		    script->interp, strerror(error));
		free(exec->vectors[exec->depth]);
		return error;
	}
	exec_close_fd(exec);
	exec->fd = fd;
	exec->path = script->interp;
	exec->argv = exec->vectors[exec->depth++];
	return 0;
}

static int
exec_scripts(struct exec *exec)
{
	struct script script;
	int error;

	for (;;) {
		error = script_read(
		    exec->fd, exec->path, &script, exec->message, exec->room);
		if (error != 0 || script.interp[0] == '\0')
			return error;
		if (exec->depth == SCRIPT_MAX_DEPTH) {
			snprintf(exec->message, exec->room,
			    "%s: too many scripts name each other",
			    exec->args->path);
			return ELOOP;
		}
		exec->scripts[exec->depth] = script;
		error = exec_script(exec);
		if (error != 0)
			return error;
	}
}

static void
exec_free(struct exec *exec)
{
	exec_close_fd(exec);
	while (exec->depth > 0)
		free(exec->vectors[--exec->depth]);
	free(exec);
}

int
exec_load(struct vk_thread *thread, const struct exec_args *args, char *message,
    size_t room)
{
	struct exec *exec;
	int error;

	exec = calloc(1, sizeof(*exec));
	if (exec == NULL)
		return LX_ENOMEM;
	exec->process = thread->process;
	exec->args = args;
	exec->path = args->path;
	exec->fd = args->fd;
	exec->argv = args->argv;
	exec->message = message;
	exec->room = room;
	error = errno_to_linux(exec_scripts(exec));
	if (error == 0)
		error = exec_fill(exec);
	if (error == 0)
		error = exec_unshare(exec->process);
	if (error == 0)
		exec_commit(exec, thread);
	else
		mm_drop(exec->mm);
	exec_free(exec);
	return error;
}
