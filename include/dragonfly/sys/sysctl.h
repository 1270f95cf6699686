/* SPDX-License-Identifier: BSD-2-Clause */
/* Of DragonFly's <sys/sysctl.h>: sysctlbyname() for vm.vkernel_enable; any
 * other name is ENOENT. */
#ifndef VMSPACE_DRAGONFLY_SYS_SYSCTL_H
#define VMSPACE_DRAGONFLY_SYS_SYSCTL_H

#include <vmspace_self.h>

#undef sysctlbyname
#define sysctlbyname(name, oldp, oldlenp, newp, newlen)                        \
	vmspace_sysctlbyname(name, oldp, oldlenp, newp, newlen)

#endif
