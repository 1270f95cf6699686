/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes that are stopped and continued, what their parents hear of it, and
 * what the host's terminal has to do with it.  The parent of the first
 * process is the host: when that process is stopped from the terminal, or
 * nobody is left who could continue it, this host process stops itself.
 */
#ifndef VMS_VKERNEL_JOBCTL_H
#define VMS_VKERNEL_JOBCTL_H

#include <stdbool.h>

struct vk_hostsig_bits;
struct vk_kernel;
struct vk_process;
struct vk_thread;

/* Before signal is sent: stop signals and SIGCONT annul each other, and
 * SIGCONT continues. */
void jobctl_prepare(struct vk_process *process, int signal);
/* The default action of a stop signal. */
void jobctl_stop(struct vk_thread *thread, int signal);
/* The thread has heard that its process is stopping. */
void jobctl_stop_thread(struct vk_thread *thread);

/* What happened to thread, for its tracer; code as CLD_. */
void jobctl_tell_tracer(
    struct vk_process *tracer, struct vk_thread *thread, int code, int status);

/* The process has ended: its parent is told, groups are orphaned, and the
 * terminal of a session that it led is hung up. */
void jobctl_tell_exit(struct vk_process *process);
void jobctl_exit(struct vk_process *process);

/* True when nobody outside the group but in its session could continue it. */
bool jobctl_group_is_orphaned(const struct vk_kernel *kernel, int group);

/* Signals that the host's terminal or anybody else sent to us. */
void jobctl_from_host(
    struct vk_kernel *kernel, const struct vk_hostsig_bits *bits);
/* Nothing can happen any more because all guests are stopped.  False: that is
 * not so. */
bool jobctl_idle(struct vk_kernel *kernel);

/* The program itself has ended: what it left ends too, if the host asked for
 * the end. */
void jobctl_program_ended(struct vk_process *process);

#endif
