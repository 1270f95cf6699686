/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest signals: who sends, what is pending, what happens on the way back to
 * the guest.  Frames are sigframe.c's.
 */
#ifndef VMS_VKERNEL_SIGNAL_H
#define VMS_VKERNEL_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/linux_abi.h"

struct vk_kernel;
struct vk_process;
struct vk_thread;

struct vk_pending {
	uint64_t set; /* bit n - 1: signal n */
	struct lx_siginfo info[LX_NSIG + 1];
};

static inline uint64_t
signal_bit(int signal)
{
	return UINT64_C(1) << (signal - 1);
}

/* signal may be 1..64.  Ignored signals are dropped here. */
void signal_send(struct vk_process *process, const struct lx_siginfo *info);
void signal_send_thread(
    struct vk_thread *thread, const struct lx_siginfo *info);
/* From the kernel itself, without details. */
void signal_post(struct vk_process *process, int signal);
/* A fault: a blocked or ignored signal kills. */
void signal_force(struct vk_thread *thread, const struct lx_siginfo *info);

/* What came from the host becomes the guests'. */
void signal_collect(struct vk_kernel *kernel);
/* True when a signal waits that signal_deliver() would act on. */
bool signal_deliverable(const struct vk_thread *thread);
/* Before the guest runs: handler frames, default actions, restarted calls. */
void signal_deliver(struct vk_thread *thread);

/* The mask from now on; SIGKILL and SIGSTOP cannot be blocked. */
void signal_set_mask(struct vk_thread *thread, uint64_t mask);

/* Takes one pending signal of set out; 0: there is none. */
int signal_take(
    struct vk_thread *thread, uint64_t set, struct lx_siginfo *info);

/* True when the default action ends the process. */
bool signal_kills(int signal);
/* True when such an end is one with a core file. */
bool signal_dumps(int signal);

#endif
