/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host thread that does nothing but wait for a time and then interrupt the
 * lwp: the end of slices under the host's clock.
 */
#ifndef VMS_VKERNEL_TICKER_H
#define VMS_VKERNEL_TICKER_H

#include <stdbool.h>
#include <stdint.h>

struct vk_ticker;
struct vms_lwp;

/* Host errno values. */
int ticker_open(struct vms_lwp *lwp, struct vk_ticker **out);
void ticker_close(struct vk_ticker *ticker);

/* Interrupts at deadline_ns of the host's CLOCK_MONOTONIC, or earlier if it
 * was asked for that before. */
void ticker_arm(struct vk_ticker *ticker, uint64_t deadline_ns);
/* True once after each interruption. */
bool ticker_take(struct vk_ticker *ticker);

#endif
