/* SPDX-License-Identifier: BSD-2-Clause */
/* What poll, select and epoll have in common: events between Linux and the
 * host, and the signal mask of a wait. */
#ifndef VMS_VKERNEL_POLL_EVENTS_H
#define VMS_VKERNEL_POLL_EVENTS_H

#include <stdint.h>

struct vk_thread;

short events_to_host(int16_t guest);
/* Only what was asked for, and what is always told. */
int16_t events_to_guest(short host, int16_t asked);

/* The mask at va holds during the wait of a call, and for the handler that ends
 * it; va 0: none.  LX_ errors. */
int mask_begin(struct vk_thread *thread, uint64_t va, uint64_t size);
void mask_end(struct vk_thread *thread, int64_t result);

#endif
