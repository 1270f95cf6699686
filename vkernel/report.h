/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said when a guest dies of a fault. */
#ifndef VMS_VKERNEL_REPORT_H
#define VMS_VKERNEL_REPORT_H

#include <stdbool.h>

struct lx_siginfo;
struct vk_thread;

/* True when the fault's signal will end the process. */
bool report_is_due(const struct vk_thread *thread, int signal);
/* To options->errors: the access, the instruction, registers, mappings. */
void report_fault(struct vk_thread *thread, const struct lx_siginfo *info);

#endif
