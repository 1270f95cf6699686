/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stat says under the virtual clock, where two runs with the same files
 * must look the same.  Times that the run has made are the start of virtual
 * time, reading does not move a file's access time, and what the host makes
 * anew for each run (pipes, sockets, terminals, the files that its output
 * goes to) has numbers in the order in which the guest asks.
 */
#ifndef VMS_VKERNEL_STAT_VIRTUAL_H
#define VMS_VKERNEL_STAT_VIRTUAL_H

#include <stddef.h>
#include <stdint.h>

#include "vkernel/linux_abi.h"

struct stranger {
	uint64_t dev, ino; /* of the host */
};

struct vk_strangers {
	struct stranger *rows; /* by their number for the guest */
	size_t count;
	uint64_t started_ns; /* host's real time */
};

/* Before the guest runs: descriptors 0..2 are the host's. */
void strangers_init(struct vk_strangers *strangers);
void strangers_finish(struct vk_strangers *strangers);

/* Makes st, as the host gave it, the same in each run. */
void stat_settle(struct vk_strangers *strangers, struct lx_stat *st);

#endif
