/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMSPACE_DRAGONFLY_SYS_SIGNAL_H
#define VMSPACE_DRAGONFLY_SYS_SIGNAL_H

#include <signal.h>

#endif
