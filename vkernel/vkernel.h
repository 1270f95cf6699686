/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference virtual kernel: a Linux x86-64 personality that runs one
 * program.  It uses the public calls of <vmspace/vmspace.h> and the loader
 * only, like any stranger's kernel.
 */
#ifndef VMS_VKERNEL_VKERNEL_H
#define VMS_VKERNEL_VKERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct strace_filter;
struct vk_call_count;
struct vms;

enum vk_clock { VK_CLOCK_HOST, VK_CLOCK_VIRTUAL };

/* A file or directory of the host that guests see at another place. */
struct vk_bind {
	const char *source; /* host path */
	const char *target; /* guest path, absolute */
	bool read_only;
};

struct vk_options {
	const char *program; /* guest path; see root */
	const char *root;    /* the guest's "/"; NULL: the host's */
	const struct vk_bind *binds;
	size_t bind_count;
	bool read_only;          /* nothing outside the binds can be changed */
	bool no_network;         /* sockets of AF_UNIX only */
	bool paths_by_component; /* for tests: never several names in one host
				    call */
	const char *const *argv; /* NULL-terminated, argv[0] included */
	const char *const *envp; /* NULL-terminated */
	uint64_t memory_bytes;   /* guest memory image; 0: 4 GiB */
	/* Limits, each of which ends the run; 0: none. */
	uint64_t limit_insns; /* needs a counting vms */
	uint64_t timeout_ns;  /* of the host's clock */
	uint64_t max_faults;  /* page faults of all guests */
	uint64_t max_procs;   /* processes at one time, and threads */
	bool strict;          /* a call that is not provided ends the run */
	bool aslr;            /* addresses are random, of the seed */
	enum vk_clock clock;
	uint64_t seed;    /* AT_RANDOM, getrandom, schedules */
	bool host_random; /* AT_RANDOM and getrandom are the host's */
	bool own_ids;     /* the guest is told uid and gid, not the host's */
	uint32_t uid, gid;
	FILE *strace;          /* NULL: off */
	bool strace_pids;      /* every line begins with its process */
	size_t strace_strings; /* bytes shown of a string; 0: 32 */
	const struct strace_filter *strace_filter; /* NULL: all calls */
	FILE *trace_insn; /* NULL: off; every instruction, disassembled */
	/* A log that cannot be written ends the run with VK_END_FAILED, EIO and
	 * no message: its ferror() is set. */
	FILE *progress; /* NULL: off; a line that shows how far the run is */
	struct vk_call_count *counts; /* NULL: off; VK_CALLS, by number */
	FILE *errors; /* reports and messages of the vkernel itself */
};

enum vk_end {
	VK_END_EXIT,   /* value: exit status 0..255 */
	VK_END_SIGNAL, /* value: Linux signal number; report printed to errors
			*/
	VK_END_LIMIT,  /* value: enum vk_limit */
	VK_END_LOAD,   /* the program could not be loaded; value: errno, message
			  printed */
	VK_END_FAILED  /* vmspace or host failure; value: errno, message printed
			*/
};

enum vk_limit {
	VK_LIMIT_INSNS,
	VK_LIMIT_TIMEOUT,
	VK_LIMIT_FAULTS,
	VK_LIMIT_PROCS
};

struct vk_result {
	enum vk_end end;
	int value;
	uint64_t insns; /* when counted */
	uint64_t syscalls;
	uint64_t faults;             /* page faults of guests */
	uint64_t processes, threads; /* that were made, the first included */
	uint64_t memory_peak;        /* bytes of guest memory in use at most */
};

#define VK_CALLS 512

/* Of one system call. */
struct vk_call_count {
	uint64_t calls, errors;
	uint64_t ns; /* of the host's clock, in the kernel, without waiting */
};

/* "read"; NULL: no call has this number. */
const char *vk_call_name(unsigned nr);

/* Runs the program to its end on vms.  What it made on the host is removed in
 * every case; the terminal is restored unless the program exits by itself, as
 * stty must be able to change it. */
void vk_run(struct vms *vms, const struct vk_options *options,
    struct vk_result *result);

#endif
