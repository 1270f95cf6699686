/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of the personality: one kernel, its processes, their threads.
 * A process owns an address space, descriptors and signal actions; a thread
 * owns registers, a mask and an lwp.
 */
#ifndef VMS_VKERNEL_KERNEL_H
#define VMS_VKERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <vmspace/frame.h>
#include <vmspace/vmspace.h>

#include "vkernel/fdtable.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"
#include "vkernel/rng.h"
#include "vkernel/signal.h"
#include "vkernel/stat_virtual.h"
#include "vkernel/vkernel.h"

#define VK_SYSCALLS 512

struct disasm;
struct vk_hostsig;
struct vk_strace;

struct vk_kernel {
	struct vms *vms;
	const struct vk_options *options;
	struct vk_result *result;
	struct vk_memory memory;
	struct vk_rng rng;
	struct vk_hostsig *hostsig;
	struct vk_strace *strace;      /* NULL: off */
	struct disasm *disasm;         /* NULL: not needed yet */
	struct vk_process *process;    /* the first and, so far, only one */
	uint64_t skipped_ns;           /* virtual clock: slept so far */
	struct vk_strangers strangers; /* virtual clock: what stat renames */
	mode_t host_umask;             /* ours is 0 while a guest runs */
	uint64_t unknown[VK_SYSCALLS]; /* calls that got ENOSYS, by number */
	bool ended;                    /* result is final */
};

struct vk_itimer {
	uint64_t deadline_ns; /* virtual clock; 0: off */
	uint64_t interval_ns;
};

struct vk_process {
	struct vk_kernel *kernel;
	struct vk_thread *thread;
	int pid, ppid, pgid, sid;
	uint32_t uid, euid, gid, egid;
	struct vk_mm *mm;
	struct vk_fds fds;
	int cwd_fd;
	int umask;
	struct lx_sigaction actions[LX_NSIG + 1];
	struct vk_pending pending;
	struct lx_rlimit limits[LX_RLIMITS];
	struct vk_itimer itimers[3];
	char exe[LX_PATH_MAX]; /* absolute path of the program */
	uint64_t exe_dev, exe_ino;
	uint64_t load_bias; /* of the program, 0 unless PIE */
	bool exited;
	int exit_status; /* of exit_group */
	int exit_signal; /* or the signal that ended it */
};

/* What a fault looked like: for signal frames and reports. */
struct vk_trap {
	uint64_t trapno, err, cr2; /* as Linux numbers them */
	uint64_t rip;
};

struct vk_thread {
	struct vk_process *process;
	int tid;
	struct vms_lwp *lwp;
	struct trapframe tf;
	struct vextframe vf;
	uint64_t mask;
	uint64_t saved_mask; /* restored when a call that changed it ends */
	bool restore_mask;
	struct vk_pending pending;
	struct lx_stack altstack;
	struct vk_trap trap;
	uint64_t args[6]; /* of the system call being done */
	uint64_t nr;
	int restart; /* LX_ERESTART*, 0: nothing to restart */
	uint64_t clear_child_tid;
	uint64_t robust_list, robust_len;
	uint64_t spurious_va; /* see trap.c */
	unsigned spurious;
	uint64_t traced_rip; /* see trace_insn.c; UINT64_MAX: none */
	char name[16];
};

/* process.c.  Errors are printed; the result is set. */
struct vk_process *process_create(struct vk_kernel *kernel);
void process_destroy(struct vk_process *process);
/* The program of the options becomes the process's image. */
bool process_load(struct vk_process *process);
/* The end; the guest does not run again. */
void process_exit(struct vk_process *process, int status);
void process_kill(struct vk_process *process, int signal);

/* kernel.c: one line to options->errors, "vmspace: " before it. */
void kernel_message(const struct vk_kernel *kernel, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* The run cannot go on: host errno value and where. */
void kernel_fail(struct vk_kernel *kernel, int error, const char *where);
/* Ends the run when log, one of the options' streams, has failed. */
void kernel_check_log(struct vk_kernel *kernel, FILE *log);

#endif
