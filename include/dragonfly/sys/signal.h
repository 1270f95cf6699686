/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's file first: on macOS <signal.h> takes its types from it. */
#pragma GCC system_header
#ifndef VMSPACE_DRAGONFLY_SYS_SIGNAL_H
#define VMSPACE_DRAGONFLY_SYS_SIGNAL_H

#include_next <sys/signal.h>

#include <signal.h>

#endif
