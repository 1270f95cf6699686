/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * With whose rights the host looks at files for a guest.  Where root runs
 * vmspace and a guest has become somebody else, the host's thread becomes that
 * user for each of its calls, as far as files are concerned; in between it is
 * root.
 */
#ifndef VMS_VKERNEL_FILES_AS_H
#define VMS_VKERNEL_FILES_AS_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/cred.h"

struct vk_thread;

struct vk_files_as {
	bool able; /* root, and guests are told so */
	bool other;
	struct vk_cred host;
};

/* host: who the program is when it starts. */
void files_as_init(struct vk_files_as *as, const struct vk_cred *host,
    const struct vk_options *options);

/* Before and after a system call of the thread. */
void files_as_guest(struct vk_thread *thread);
void files_as_host(struct vk_files_as *as);

/* access(2) asks for the real user, until the end of the call; eaccess: with
 * the other's rights.  The flag for the host's faccessat. */
int files_as_real(struct vk_thread *thread, bool eaccess);

#endif
