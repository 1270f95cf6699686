/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * errno values in a trace are DragonFly's numbers, so that a trace means the
 * same on every host.  What has no such number keeps the host's, out of the
 * way: nothing is lost, and it does not compare equal to another host's.
 */
#ifndef VMS_TRACES_ERRNO_MAP_H
#define VMS_TRACES_ERRNO_MAP_H

#include <stdint.h>

/* Plus the host's number: an errno value that the table does not have. */
#define ERRNO_OF_HOST 0x10000
/* Plus the number in a trace: one that this host has no errno value for. */
#define ERRNO_OF_TRACE 0x20000

/* 0 is 0 both ways.  Each undoes the other for what this host can give. */
int32_t errno_to_dragonfly(int error);
int errno_from_dragonfly(int32_t number);

#endif
