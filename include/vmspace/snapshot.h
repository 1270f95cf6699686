/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything that the guests of an observed struct vms depend on, as bytes, and
 * a fresh struct vms made of them that goes on with the same answers, numbers
 * and digests.  What only the host has is left out: translated code, windows,
 * requests to interrupt, statistics, lint.
 *
 * A snapshot is a structure (docs/trace-format.md describes its bytes) and, in
 * the order in which the structure names them, pages.
 */
#ifndef VMSPACE_SNAPSHOT_H
#define VMSPACE_SNAPSHOT_H

#include <vmspace/observe.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A page of a file object, or of private or anonymous memory, whose objects
 * have numbers of their own. */
struct vms_snapshot_page {
	bool file;
	uint32_t object;
	uint64_t index; /* in the object */
};

/* Every function is needed.  Another answer than 0 of those that give one ends
 * the saving and is the answer of vms_snapshot_save(). */
struct vms_snapshot_sink {
	size_t size; /* sizeof(struct vms_snapshot_sink) */
	/* What stands for the id of a vmspace. */
	uint64_t (*id)(void *arg, const void *id);
	/* Comes once, first. */
	int (*structure)(void *arg, const void *bytes, size_t len);
	/* VMS_PAGE_SIZE bytes, of a file object as the observer knows them. */
	int (*page)(
	    void *arg, const struct vms_snapshot_page *page, const void *bytes);
};

/*
 * Saves vms.  To be called between calls of the library or, unlike all others,
 * from after_run() of the observer.  Stores that were
 * declared are told to input() first.  EBUSY: a guest runs or is paused;
 * EINVAL: size; ENOTSUP: there is no observer, or one that plays, or a guest
 * has loaded segment selectors; ENOMEM.
 */
VMS_API int vms_snapshot_save(
    struct vms *vms, const struct vms_snapshot_sink *sink, void *arg);

struct vms_snapshot_file {
	uint32_t number;
	uint64_t bytes; /* its size */
	bool fixed_end; /* it could not shrink */
	int mode;       /* O_RDONLY 0, O_WRONLY 1, O_RDWR 2 */
};

/* Every function is needed; answers as in a sink. */
struct vms_snapshot_source {
	size_t size; /* sizeof(struct vms_snapshot_source) */
	void *(*id)(void *arg, uint64_t id);
	/* Comes once, first: how many numbers were given so far. */
	int (*numbers)(
	    void *arg, uint32_t procs, uint32_t lwps, uint32_t files);
	/* A descriptor, which stays the source's, of a file of this size. */
	int (*file)(void *arg, const struct vms_snapshot_file *file, int *fd);
	/* The page of a file object has been put into the file when this
	 * returns; that of another is copied to bytes. */
	int (*page)(
	    void *arg, const struct vms_snapshot_page *page, void *bytes);
	/* When all is well: the new procs, then the new lwps, by number. */
	void (*proc)(void *arg, uint32_t number, struct vms_proc *proc);
	void (*lwp)(
	    void *arg, uint32_t number, uint32_t proc, struct vms_lwp *lwp);
};

/*
 * Loads the structure into vms, which has an observer that does not play and
 * has never had a proc (else EBUSY), and hands out what the caller must close.
 * The bytes are not trusted: EBADMSG.  EINVAL: size, or a file that is not as
 * asked for; ENOMEM.  After an error vms is as before.  The functions of source
 * are called with the run lock held: none may call the library.
 */
VMS_API int vms_snapshot_load(struct vms *vms, const void *structure,
    size_t len, const struct vms_snapshot_source *source, void *arg);

#ifdef __cplusplus
}
#endif

#endif
