/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest signals: who sends, who gets them, what happens on the way back to
 * the guest.  Frames are sigframe.c's; stopping is jobctl.c's.
 *
 * As in Linux, a signal of a process is given to one thread that does not
 * block it, the leader if he can: that thread is notified, and only threads
 * that are notified look at what is pending.
 */
#ifndef VMS_VKERNEL_SIGNAL_H
#define VMS_VKERNEL_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/linux_abi.h"
#include "vkernel/pending.h"

struct vk_kernel;
struct vk_process;
struct vk_thread;

/* signal may be 1..64.  Ignored signals are dropped here.  LX_EAGAIN: too many
 * real-time signals wait. */
int signal_send(struct vk_process *process, const struct lx_siginfo *info);
/* The same; by preference thread is who takes it. */
int signal_send_near(struct vk_thread *thread, const struct lx_siginfo *info);
int signal_send_thread(struct vk_thread *thread, const struct lx_siginfo *info);
/* From the kernel itself, without details. */
void signal_post(struct vk_process *process, int signal);
/* To all processes of a group.  False: there is none. */
bool signal_post_group(struct vk_kernel *kernel, int group, int signal);
/* A fault: a blocked or ignored signal kills. */
void signal_force(struct vk_thread *thread, const struct lx_siginfo *info);
/* A handler whose frame does not fit, or a frame that makes no sense; signal:
 * what was to be handled, 0: none. */
void signal_force_segv(struct vk_thread *thread, int signal);
/* A timer's signal.  False: it is pending already, or dropped. */
bool signal_send_timer(struct vk_process *process, struct vk_thread *thread,
    const struct lx_siginfo *info, struct vk_ptimer *timer);

/* What came from the host becomes the guests'. */
void signal_collect(struct vk_kernel *kernel);
/* True when a signal waits that signal_deliver() would act on. */
bool signal_deliverable(struct vk_thread *thread);
/* True when one of these ends the process. */
bool signal_is_fatal(struct vk_thread *thread);
/* Before the guest runs: handler frames, default actions, restarted calls. */
void signal_deliver(struct vk_thread *thread);

/* The mask from now on; SIGKILL and SIGSTOP cannot be blocked. */
void signal_set_mask(struct vk_thread *thread, uint64_t mask);
/* A stopped thread goes on, and acts on what has come since. */
void signal_look_again(struct vk_thread *thread);
/* The thread ends: what was meant for it goes to others. */
void signal_thread_exit(struct vk_thread *thread);
/* The action of signal has changed: what is ignored now is forgotten. */
void signal_action_changed(struct vk_process *process, int signal);

/* Takes one pending signal of set out; 0: there is none. */
int signal_take(
    struct vk_thread *thread, uint64_t set, struct lx_siginfo *info);

/* True when the default action ends the process. */
bool signal_kills(int signal);
/* True when such an end is one with a core file. */
bool signal_dumps(int signal);
/* True when the default action stops the process. */
bool signal_stops(int signal);

#endif
