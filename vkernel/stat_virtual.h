/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stat says under the virtual clock, where two runs with the same files
 * must look the same, copies of them too.  Times that the run has made are the
 * start of virtual time; a file that it has not changed shows its modification
 * time alone, and inode numbers are given in the order in which the guest asks.
 */
#ifndef VMS_VKERNEL_STAT_VIRTUAL_H
#define VMS_VKERNEL_STAT_VIRTUAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/u64map.h"
#include "vkernel/linux_abi.h"

struct stranger {
	uint64_t dev, ino; /* of the host */
	uint64_t number;   /* for the guest; 0: none since it was forgotten */
	bool foreign;      /* not of the guest's files: dev is hidden too */
};

struct vk_strangers {
	struct stranger *rows;
	struct u64map places; /* of dev and ino in rows */
	size_t count;
	uint64_t last;       /* number given */
	uint64_t started_ns; /* host's real time */
};

/* Before the guest runs: descriptors 0..2 are the host's. */
void strangers_init(struct vk_strangers *strangers);
/* Waits, for a tick of the host's clock at most, until what the guest changes
 * gets a later time than what was changed before. */
void strangers_begin(const struct vk_strangers *strangers);
void strangers_finish(struct vk_strangers *strangers);

/* The number of an inode of the host. */
uint64_t stat_number(
    struct vk_strangers *strangers, uint64_t dev, uint64_t ino);
/* It is gone: the next one with the host's numbers is another. */
void stat_forget(struct vk_strangers *strangers, uint64_t dev, uint64_t ino);

/* Makes st, as the host gave it, the same in each run. */
void stat_settle(struct vk_strangers *strangers, struct lx_stat *st);

#endif
