/* SPDX-License-Identifier: BSD-2-Clause */
/* DragonFly's <sys/tls.h>: struct tls_info, struct savetls. */
#ifndef VMSPACE_DRAGONFLY_SYS_TLS_H
#define VMSPACE_DRAGONFLY_SYS_TLS_H

#include <vmspace/frame.h>

#endif
