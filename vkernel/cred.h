/* SPDX-License-Identifier: BSD-2-Clause */
/* Identities of a process, as guests see them. */
#ifndef VMS_VKERNEL_CRED_H
#define VMS_VKERNEL_CRED_H

#include <stdint.h>

#define CRED_GROUPS 64

struct vk_options;

struct vk_ids {
	uint32_t real, effective, saved, files;
};

struct vk_cred {
	struct vk_ids user, group;
	uint32_t groups[CRED_GROUPS];
	int group_count;
};

void cred_init(struct vk_cred *cred, const struct vk_options *options);

#endif
