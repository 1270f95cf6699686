/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recording the guests of a struct vms into a file, and replaying that file.
 * The file holds what entered the vmspaces from outside; a replay executes all
 * guest code again and compares.  docs/trace-format.md describes the file.
 */
#ifndef VMSPACE_TRACE_H
#define VMSPACE_TRACE_H

#include <stdio.h>

#include <vmspace/vmspace.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vms_record; /* a recording in progress */

#define VMS_RECORD_DECLARED                                                    \
	0x01 /* the vkernel declares its stores (vms_wants_notes) */
#define VMS_RECORD_CHECK                                                       \
	0x02 /* with DECLARED: report() each store that was not declared */
#define VMS_RECORD_WRITTEN                                                     \
	0x04 /* what guests wrote too: for vms_replay_guest() */
#define VMS_RECORD_VERIFY_FULL 0x08 /* a digest after every run */
#define VMS_RECORD_OPTIONAL                                                    \
	0x10 /* when the file cannot be written, go on without it */

/* Set size to sizeof(struct vms_record_options), the rest to 0 for defaults. */
struct vms_record_options {
	size_t size;
	uint32_t flags;            /* VMS_RECORD_* */
	uint64_t digest_insns;     /* between digests; 0: 1,048,576 */
	uint64_t max_bytes;        /* end the file there; 0: no cap */
	uint64_t ring_bytes;       /* keep about the last so many; 0: all */
	uint64_t checkpoint_insns; /* between memory checkpoints; 0: none */
	const char *const *notes; /* "key=value", kept in the header; NULL ends;
				     NULL: none.  Keys that tools know: command,
				     personality, file */
	/* One sentence without newline on what is worth knowing; may be NULL.
	 */
	void (*report)(void *arg, const char *sentence);
	void *arg;
};

struct vms_record_result {
	size_t size;
	uint64_t bytes; /* of the file */
	uint64_t events;
	uint64_t insns;
	uint64_t stream_digest[2]; /* of the uncompressed events */
	int error;       /* errno value that ended the recording early, or 0 */
	bool capped;     /* max_bytes was reached */
	uint64_t missed; /* VMS_RECORD_CHECK: stores that were not declared */
};

/*
 * Starts to record into path; until the end the file is called path.partial.
 * To be called before the first vms_proc_open(): EBUSY; so is a path that is
 * being recorded to.  EISDIR, EEXIST: path is a directory, or a device or pipe.
 * EINVAL: options.
 * Else errno values of the host's file calls.  The caller owns *out.  When the
 * file cannot be written later, each RUN answers its error; VMS_RECORD_OPTIONAL
 * changes that.
 */
VMS_API int vms_record_start(struct vms *vms, const char *path,
    const struct vms_record_options *options, struct vms_record **out);

/*
 * Ends the recording and gives the file its name; procs may still be open.
 * result may be NULL.  Answers the errno value that spoiled the file, if any;
 * what was written before it is readable as path.partial.  NULL is accepted.
 * EINVAL: result->size; ENXIO: in a forked child; EDEADLK; these do nothing.
 */
VMS_API int vms_record_stop(
    struct vms_record *record, struct vms_record_result *result);

#define VMS_REPLAY_SAME      0
#define VMS_REPLAY_DIFFERENT 1
#define VMS_REPLAY_UNUSABLE  2

struct vms_replay_options {
	size_t size;
	FILE *report; /* what is different or unusable, as text; may be NULL */
	/* Called now and then; may be NULL. */
	void (*progress)(
	    void *arg, uint64_t events, uint64_t insns, uint64_t bytes_left);
	void *arg;
};

/* Executes the guests of the file again and compares: VMS_REPLAY_*. */
VMS_API int vms_replay(
    const char *path, const struct vms_replay_options *options);

/*
 * Plays the guests of the file, recorded with VMS_RECORD_WRITTEN, to the
 * vkernel that uses *out: every call of it is compared with the recorded one.
 * rules names a file of what may differ (docs/trace-format.md), or is NULL.
 * The first difference is printed on report, and the RUN in progress or the
 * next one gives ECANCELED.  vms_replay_guest_end(), after the vkernel has
 * closed its procs and before vms_close(), answers VMS_REPLAY_*.
 * ENOTSUP: the file was recorded without VMS_RECORD_WRITTEN.  EBADMSG: it
 * cannot be used; report says why.
 */
VMS_API int vms_replay_guest(
    const char *path, const char *rules, FILE *report, struct vms **out);
VMS_API int vms_replay_guest_end(struct vms *vms);

#ifdef __cplusplus
}
#endif

#endif
