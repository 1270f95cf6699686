/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an observer is told about guest memory: inputs and digests.
 *
 * A page of a file object becomes *known* when something first uses it for a
 * guest: its bytes are told.  From then on it may change through guests, which
 * needs no telling, and through stores of the host, which are told before the
 * next run that could see them:
 *
 *   declared  vms_note_write() named them; the ranges are read at the next run
 *   searched  at the end of each run a copy is made of each page that guests
 *             could store to; before the next run the pages in use (*live*)
 *             are compared with their copies, the others when they are used
 *
 * To learn of a first use, the engine's bits of a page that is not live are
 * off; its logical translation is never touched.
 *
 * The digest is a sum over all known pages, so their order does not count; a
 * page of zeros adds nothing, and so a page that has never been used neither.
 */
#ifndef VMS_VMSPACE_WATCH_H
#define VMS_VMSPACE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pv_page;
struct vm_object;
struct vms;

/* The lists that a page may be in. */
enum watch_what {
	WATCH_LIVE,    /* searched stores: in use since the last look around */
	WATCH_DIRTY,   /* not as when it was last hashed */
	WATCH_STORING, /* changed in this run, or guests may still store to it
			*/
	WATCH_LISTS
};

struct watch_page {
	uint64_t pa, index;
	uint32_t object;        /* number */
	bool file;              /* else anonymous or private */
	size_t at[WATCH_LISTS]; /* place in the list, from 1; 0: not in it */
	uint64_t part;          /* of the digest */
	uint8_t *copy;          /* the bytes that the observer knows, or NULL */
};

struct watch_list {
	struct watch_page **pages;
	size_t count, capacity;
};

struct watch_range {
	uint32_t object;
	uint64_t off, end;
};

struct watch {
	bool searches; /* stores of the host are searched for */
	bool copies;   /* copies are kept */
	bool inside;   /* between begin and end */
	bool failed;   /* no memory: digests and inputs are incomplete */
	uint64_t sum;  /* the digest */
	unsigned age;  /* begins since the live pages were let go */
	struct watch_list lists[WATCH_LISTS];
	struct watch_range *ranges; /* declared, not yet told */
	size_t range_count, range_capacity;
};

void watch_init(struct vms *vms);
void watch_finish(struct vms *vms);

/* Around each run, part of a run, and call that reads or writes guest memory.
 */
void watch_begin(struct vms *vms);
void watch_end(struct vms *vms);
/* At the end of a run, before watch_end(): what was changed in it, but not by
 * guests; and what was changed by guests. */
void watch_tell_concurrent(struct vms *vms);
void watch_tell_written(struct vms *vms);

/* Page pa, page index of a file object, is used for a guest. */
void watch_use_file(
    struct vms *vms, struct vm_object *file, uint64_t index, uint64_t pa);
/* A page that may be known is used through a translation. */
void watch_use(struct vms *vms, struct pv_page *pv);
/* A page of an anonymous object or shadow was made; its bytes may follow. */
void watch_made(struct vms *vms, uint64_t object, uint64_t index, uint64_t pa);
/* Guests may store to this page from now on, or something did for them. */
void watch_stored(struct vms *vms, struct pv_page *pv);
/* The page leaves its object. */
void watch_gone(struct vms *vms, struct pv_page *pv);

/* vms_note_write(): bytes [off, end) of a file object. */
void watch_declared(
    struct vms *vms, const struct vm_object *file, uint64_t off, uint64_t end);

/* The digest of all known pages, as guests have left them. */
uint64_t watch_digest(struct vms *vms);
/* Declared ranges are read now. */
void watch_ranges_tell(struct vms *vms);

/* For snapshots.  A page of a file object is known as it is now, without being
 * told, and not hashed yet.  EEXIST: it is known already; ENOMEM. */
int watch_restore_file(
    struct vms *vms, uint32_t object, uint64_t index, uint64_t pa);
/* A known page was hashed as it is. */
void watch_restore_clean(struct vms *vms, uint64_t pa);
/* A known page is in use; nothing where stores are not searched for. */
int watch_restore_live(struct vms *vms, uint64_t pa);

#endif
