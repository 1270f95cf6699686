/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What strace -f prints: one line per system call, signal and end, those of
 * all threads on one stream.  A line of a call that waits is begun when it
 * waits, and broken when another thread says something before it ends.
 */
#ifndef VMS_VKERNEL_STRACE_H
#define VMS_VKERNEL_STRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct lx_siginfo;
struct strace_filter;
struct vk_options;
struct vk_process;
struct vk_strace;
struct vk_thread;

/* Of the options; the caller keeps them.  NULL: no memory. */
struct vk_strace *strace_create(const struct vk_options *options);
void strace_destroy(struct vk_strace *strace);

/* Before the call: what it reads.  When it waits.  After it: what it wrote, and
 * the result. */
void strace_enter(struct vk_strace *strace, struct vk_thread *thread);
void strace_wait(struct vk_strace *strace, struct vk_thread *thread);
void strace_leave(
    struct vk_strace *strace, struct vk_thread *thread, int64_t result);
/* "execve("/bin/true", ["true"], 0x7ffe /- 20 vars -/) = 0" of the first
 * program, which stands at its entry. */
void strace_first(struct vk_strace *strace, struct vk_thread *thread);
/* "--- SIGSEGV {...} ---", when thread takes it. */
void strace_signal(struct vk_strace *strace, struct vk_thread *thread,
    const struct lx_siginfo *info);
/* The same of a signal that process ignores and nobody takes. */
void strace_ignored(struct vk_strace *strace, struct vk_process *process,
    const struct lx_siginfo *info);
/* "+++ exited with 0 +++" or "+++ killed by SIGSEGV +++" */
void strace_end(struct vk_strace *strace, struct vk_thread *thread);
/* Before the thread is freed. */
void strace_forget(struct vk_strace *strace, struct vk_thread *thread);

/* "SIGINT"; NULL for no signal. */
const char *signal_name(int signal);

#endif
