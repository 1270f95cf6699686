/* SPDX-License-Identifier: BSD-2-Clause */
/* Events of poll(2) between Linux and the host. */
#ifndef VMS_VKERNEL_POLL_EVENTS_H
#define VMS_VKERNEL_POLL_EVENTS_H

#include <stdint.h>

short events_to_host(int16_t guest);
/* Only what was asked for, and what is always told. */
int16_t events_to_guest(short host, int16_t asked);

#endif
