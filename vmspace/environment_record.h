/* SPDX-License-Identifier: BSD-2-Clause */
/* The recording that VMSPACE_RECORD asks for. */
#ifndef VMS_VMSPACE_ENVIRONMENT_RECORD_H
#define VMS_VMSPACE_ENVIRONMENT_RECORD_H

struct vms;

/*
 * When VMSPACE_RECORD names a file, starts to record vms, the first one of the
 * process, which has no proc yet, into it, with the options of
 * VMSPACE_RECORD_OPTIONS; the exit of the process ends it.  What goes wrong is
 * said on stderr; it is an error unless the options have "optional".
 */
int environment_record_start(struct vms *vms);

/* Ends it, if vms is what is recorded. */
void environment_record_close(const struct vms *vms);

#endif
