/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals that have been sent and not yet acted on.  Standard signals are
 * held once, real-time signals (32..64) as often as they were sent, each with
 * its details.
 */
#ifndef VMS_VKERNEL_PENDING_H
#define VMS_VKERNEL_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/linux_abi.h"

struct vk_kernel;
struct vk_ptimer;
struct vk_sigqueue;

/* Zero is empty. */
struct vk_pending {
	uint64_t set;                     /* bit n - 1: signal n */
	struct vk_sigqueue *first, *last; /* details, in the order sent */
};

static inline uint64_t
signal_bit(int signal)
{
	return UINT64_C(1) << (signal - 1);
}

/*
 * limit: how many may be queued in all (RLIMIT_SIGPENDING).  Beyond it a
 * standard signal or one of kill(2) loses its details, any other is LX_EAGAIN.
 */
int pending_add(struct vk_kernel *kernel, struct vk_pending *pending,
    const struct lx_siginfo *info, uint64_t limit);
/* A timer's: told when the signal is taken.  False: no memory, or it is
 * there. */
bool pending_add_timer(struct vk_kernel *kernel, struct vk_pending *pending,
    const struct lx_siginfo *info, struct vk_ptimer *timer);
/* The first of set: faults, then the lowest number; 0: none. */
int pending_take(struct vk_kernel *kernel, struct vk_pending *pending,
    uint64_t set, struct lx_siginfo *info);
/* Those of set are gone. */
void pending_forget(
    struct vk_kernel *kernel, struct vk_pending *pending, uint64_t set);

/* The signal of timer, if it is there, is nobody's. */
void pending_disown(struct vk_pending *pending, const struct vk_ptimer *timer);

#endif
