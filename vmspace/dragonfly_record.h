/* SPDX-License-Identifier: BSD-2-Clause */
/* The recording that VMSPACE_RECORD asks for. */
#ifndef VMS_VMSPACE_DRAGONFLY_RECORD_H
#define VMS_VMSPACE_DRAGONFLY_RECORD_H

struct vms;

/*
 * When VMSPACE_RECORD names a file, starts to record vms, which has no proc
 * yet, into it, with the options of VMSPACE_RECORD_OPTIONS; the exit of the
 * process ends it.  What goes wrong is said on stderr; it is an error unless
 * the options have "optional".
 */
int dragonfly_record_start(struct vms *vms);

/* Ends it, if there is one. */
void dragonfly_record_stop(void);

#endif
