/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Restartable sequences.  There is one processor; a thread that lost it, or
 * that a signal interrupts, inside a sequence goes on at the sequence's abort
 * address.
 */
#ifndef VMS_VKERNEL_RSEQ_H
#define VMS_VKERNEL_RSEQ_H

#include <stdbool.h>
#include <stdint.h>

struct vk_thread;

struct vk_rseq {
	uint64_t va; /* of the thread's struct rseq; 0: none */
	uint32_t signature;
	bool due; /* the thread has been interrupted */
};

/* Before the thread runs again, and before a handler's frame is made. */
void rseq_resume(struct vk_thread *thread);

#endif
