/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The drop-in face, used as source for DragonFly would: behind functions of
 * its own, because its headers stand in for the host's.
 */
#ifndef VMS_BENCH_DROPIN_H
#define VMS_BENCH_DROPIN_H

#include <stdbool.h>
#include <stdint.h>

/* A vmspace over the memory image fd with its tables at top. */
bool dropin_open(int fd, uint64_t top);

/* Runs the guest at rip for count system calls. */
bool dropin_syscalls(uint64_t rip, int count);

#endif
