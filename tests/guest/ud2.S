/* SPDX-License-Identifier: BSD-2-Clause */
/* An undefined instruction ends in SIGILL. */
#include "guest.h"

_start:
	ud2
	quit	0
