/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls.  syscall_list.h has one line per call: number, name and the
 * formats of its arguments (strace.c says what the letters mean).  Each is
 *
 *	int64_t sys_NAME(struct vk_thread *thread, const uint64_t *args)
 *
 * and returns what Linux returns: a value, or a negative errno number; or
 * -LX_WAIT, and is called again (wait.h).
 */
#ifndef VMS_VKERNEL_SYSCALL_H
#define VMS_VKERNEL_SYSCALL_H

#include <stdint.h>

#include "vkernel/kernel.h"

struct syscall_row {
	const char *name; /* NULL: no such call */
	const char *args;
	/* NULL: always error */
	int64_t (*call)(struct vk_thread *thread, const uint64_t *args);
	int error; /* LX_ */
};

#define SYS(number, name, formats)                                             \
	int64_t sys_##name(struct vk_thread *thread, const uint64_t *args);
#define NOSYS(number, name)
#define REFUSED(number, name, formats, error)
#include "vkernel/syscall_list.h"
#undef REFUSED
#undef NOSYS
#undef SYS

/* The row of a number; NULL: beyond the table. */
const struct syscall_row *syscall_row(uint64_t nr);

/* Does the call that the frame asks for and leaves its result there. */
void syscall_do(struct vk_thread *thread);
/* The same call once more, as what it waited for may have happened. */
void syscall_again(struct vk_thread *thread);

/* Names the calls that got ENOSYS, if there were any. */
void syscall_summary(const struct vk_kernel *kernel);

/* What uname tells; fixed: of no host. */
void uname_fill(struct lx_utsname *name, bool fixed);

/* -(Linux number) of the host's errno. */
int64_t host_error(void);
/* result of a host call: itself, or host_error() when it is -1. */
int64_t host_result(int64_t result);

#endif
