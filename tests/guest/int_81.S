/* SPDX-License-Identifier: BSD-2-Clause */
/* A software interrupt that nobody serves ends in SIGSEGV. */
#include "guest.h"

_start:
	int	0x81
	quit	0
