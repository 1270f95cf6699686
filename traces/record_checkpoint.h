/* SPDX-License-Identifier: BSD-2-Clause */
/* When a recording writes a checkpoint. */
#ifndef VMS_TRACES_RECORD_CHECKPOINT_H
#define VMS_TRACES_RECORD_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

struct vms_record;
struct vms_record_options;

struct record_checkpoint {
	uint64_t each_insns;   /* 0: none because of instructions */
	uint64_t each_bytes;   /* 0: none because of bytes */
	uint64_t insns, bytes; /* when and where the last one ended */
	uint64_t size;         /* of the last one, in bytes of the file */
	bool refused;          /* report() was told of one */
};

void record_checkpoint_init(struct record_checkpoint *checkpoint,
    const struct vms_record_options *options);

/* A run has ended: writes a checkpoint if one is due and can be had. */
void record_checkpoint_look(struct vms_record *record);

#endif
