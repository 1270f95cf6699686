/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Named assertions: a bug in this library, never an input.  They stay on in
 * every build, print one line with the name, and abort.
 */
#ifndef VMS_BASE_ASSERT_H
#define VMS_BASE_ASSERT_H

#define VMS_ASSERT(name, cond)                                                 \
	((cond) ? (void)0 : vms_assert_failed(name, #cond, __FILE__, __LINE__))

_Noreturn void vms_assert_failed(
    const char *name, const char *cond, const char *file, int line);

#endif
