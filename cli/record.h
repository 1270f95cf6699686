/* SPDX-License-Identifier: BSD-2-Clause */
/* The recording around a run of vmspace record. */
#ifndef VMS_CLI_RECORD_H
#define VMS_CLI_RECORD_H

#include <stdbool.h>

struct vms;
struct vms_record;
struct run_options;

/* All zero: nothing is recorded. */
struct recording {
	struct vms_record *record;
	char *file;
	bool refused; /* the program cannot be loaded */
};

/* Starts it on vms, which has run nothing.  program is the path that was
 * found, argv that of the command.  0, or the exit status when a sentence is
 * on stderr.  In every case to be stopped. */
int recording_start(struct recording *recording, struct vms *vms,
    const struct run_options *options, const char *program, char **argv);

/* Ends the file, if there is one, and says what is wrong with it.  Answers
 * the exit status: status, unless the recording makes it a failure. */
int recording_stop(
    struct recording *recording, const struct run_options *options, int status);

#endif
