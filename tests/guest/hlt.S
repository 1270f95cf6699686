/* SPDX-License-Identifier: BSD-2-Clause */
/* A privileged instruction ends in SIGSEGV. */
#include "guest.h"

_start:
	hlt
	quit	0
