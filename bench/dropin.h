/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The drop-in face, used as source for DragonFly would: behind functions of
 * its own, because its headers stand in for the host's.
 */
#ifndef VMS_BENCH_DROPIN_H
#define VMS_BENCH_DROPIN_H

#include <stdbool.h>
#include <stdint.h>

/* A vmspace over the memory image fd with its tables at top, and a guest that
 * is to start at rip. */
bool dropin_open(int fd, uint64_t top, uint64_t rip);

/* Runs the guest to its next system call. */
bool dropin_syscall(void);

#endif
