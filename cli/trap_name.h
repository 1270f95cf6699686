/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMS_CLI_TRAP_NAME_H
#define VMS_CLI_TRAP_NAME_H

#include <stdint.h>

/* What a user calls a tf_trapno; NULL: it has no name. */
const char *trap_name(int64_t trapno);

#endif
