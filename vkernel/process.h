/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files that make, change and end processes; everybody else finds
 * what he needs in kernel.h. */
#ifndef VMS_VKERNEL_PROCESS_H
#define VMS_VKERNEL_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct vk_fs;
struct vk_kernel;
struct vk_process;
struct vk_thread;

/* Linked, and otherwise empty; NULL: no memory. */
struct vk_process *process_alloc(struct vk_kernel *kernel, int pid);
/* Takes cwd_fd over when it succeeds. */
struct vk_fs *fs_create(int cwd_fd, int umask);

/* A new thread begins where parent is; flags of clone. */
void thread_copy(
    struct vk_thread *child, struct vk_thread *parent, uint64_t flags);
void thread_destroy(struct vk_thread *thread);
/* exec: thread becomes the only one, and the leader. */
void process_kill_others(struct vk_thread *thread);
/* Threads, memory and descriptors go; what a zombie needs stays. */
void process_close(struct vk_process *process);
/* To its memory and descriptors. */
void process_apply_limits(struct vk_process *process);
/* What others share becomes its own.  LX_ENOMEM. */
int process_unshare_actions(struct vk_process *process);
int process_unshare_fds(struct vk_process *process);
int process_unshare_fs(struct vk_process *process);
/* The parent of a vfork goes on. */
void process_vfork_done(struct vk_process *process);

#endif
