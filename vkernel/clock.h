/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's time.  Host: the host's clocks.  Virtual: nanoseconds are
 * retired instructions plus what has been slept, counted from a fixed date.
 */
#ifndef VMS_VKERNEL_CLOCK_H
#define VMS_VKERNEL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/kernel.h"

#define NS_PER_SEC UINT64_C(1000000000)

/* 2024-01-01 00:00:00 UTC: where virtual real time starts. */
#define CLOCK_EPOCH_NS (UINT64_C(1704067200) * NS_PER_SEC)

bool clock_is_virtual(const struct vk_kernel *kernel);
/* The monotonic clock.  Virtual: since the start.  Host: CLOCK_MONOTONIC. */
uint64_t clock_now(const struct vk_kernel *kernel);
/* What turns are measured with: instructions, or the monotonic clock. */
uint64_t clock_turn(const struct vk_kernel *kernel);
uint64_t clock_monotonic_ns(const struct vk_thread *thread);
uint64_t clock_realtime_ns(const struct vk_thread *thread);
/* CPU time of the thread, and of its process. */
uint64_t clock_thread_ns(const struct vk_thread *thread);
uint64_t clock_cpu_ns(const struct vk_thread *thread);
uint64_t clock_process_ns(const struct vk_process *process);
/* A Linux clock id; LX_EINVAL: there is none, or no such process. */
int clock_read(const struct vk_thread *thread, int id, uint64_t *ns);
/* What a time of a clock that goes on by itself is on clock_now()'s scale,
 * never 0; absolute: ns is a time of that clock, else from now on. */
uint64_t clock_deadline(
    const struct vk_thread *thread, int id, uint64_t ns, bool absolute);
/* Virtual only: time passes without instructions. */
void clock_skip(struct vk_kernel *kernel, uint64_t ns);

/* LX_EINVAL when not normalised or negative. */
int timespec_to_ns(const struct lx_timespec *ts, uint64_t *ns);
struct lx_timespec timespec_of_ns(uint64_t ns);
struct lx_timeval timeval_of_ns(uint64_t ns);
int timeval_to_ns(const struct lx_timeval *tv, uint64_t *ns);

#endif
