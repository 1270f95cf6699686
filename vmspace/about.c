/* SPDX-License-Identifier: BSD-2-Clause */
/* What a struct vms and its engine are: for tools that keep a note of it. */
#include <errno.h>
#include <string.h>

#include "emu/cpu.h"
#include "vmspace/vms.h"

int
vms_get_config(const struct vms *vms, struct vms_config *config)
{
	size_t size = config->size;

	if (size < sizeof(size) || size > sizeof(*config))
		return EINVAL;
	memcpy(config, &vms->config, size);
	config->size = size;
	return 0;
}

void
vms_unicorn_version(char version[16])
{
	cpu_unicorn_version(version);
}
