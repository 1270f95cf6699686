/* SPDX-License-Identifier: BSD-2-Clause */
/* A breakpoint without a debugger ends in SIGTRAP. */
#include "guest.h"

_start:
	int3
	quit	0
