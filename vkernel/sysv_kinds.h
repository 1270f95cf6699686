/* SPDX-License-Identifier: BSD-2-Clause */
/* The three kinds of System V objects. */
#ifndef VMS_VKERNEL_SYSV_KINDS_H
#define VMS_VKERNEL_SYSV_KINDS_H

#include "vkernel/sysv.h"

extern const struct ipc_kind shm_kind, sem_kind, msg_kind;

#endif
