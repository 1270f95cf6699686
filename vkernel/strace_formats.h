/* SPDX-License-Identifier: BSD-2-Clause */
/* What syscall_list.h has no letters for. */
#ifndef VMS_VKERNEL_STRACE_FORMATS_H
#define VMS_VKERNEL_STRACE_FORMATS_H

#include <stdint.h>

/* The formats of a call's arguments; NULL: those of syscall_list.h. */
const char *strace_formats(uint64_t nr);
/* d decimal, x hex, o octal. */
char strace_result_format(uint64_t nr);

#endif
