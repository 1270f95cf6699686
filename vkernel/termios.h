/* SPDX-License-Identifier: BSD-2-Clause */
/* Terminal settings between Linux and the host. */
#ifndef VMS_VKERNEL_TERMIOS_H
#define VMS_VKERNEL_TERMIOS_H

#include <termios.h>

#include "vkernel/linux_abi.h"

void termios_to_guest(const struct termios *host, struct lx_termios *guest);
/* host holds the old settings, so that what Linux cannot say stays. */
void termios_to_host(const struct lx_termios *guest, struct termios *host);

#endif
