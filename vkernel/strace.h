/* SPDX-License-Identifier: BSD-2-Clause */
/* One line per system call, in the form that strace(1) made familiar. */
#ifndef VMS_VKERNEL_STRACE_H
#define VMS_VKERNEL_STRACE_H

#include <stdint.h>
#include <stdio.h>

struct lx_siginfo;
struct vk_strace;
struct vk_thread;

/* The caller keeps file.  NULL: no memory. */
struct vk_strace *strace_create(FILE *file);
void strace_destroy(struct vk_strace *strace);

/* Before the call: what it reads.  After it: what it wrote, and the result. */
void strace_enter(struct vk_strace *strace, struct vk_thread *thread);
void strace_leave(
    struct vk_strace *strace, struct vk_thread *thread, int64_t result);
/* "--- SIGSEGV {...} ---" */
void strace_signal(struct vk_strace *strace, const struct lx_siginfo *info);
/* "+++ exited with 0 +++" or "+++ killed by SIGSEGV +++" */
void strace_end(struct vk_strace *strace, const struct vk_thread *thread);

/* "SIGINT"; NULL for no signal. */
const char *signal_name(int signal);

#endif
