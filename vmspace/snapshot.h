/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structure of a snapshot: tables of numbers.  Each table of a file says
 * the names of its columns, so that later versions may add some; every row is
 * stored as the difference from the row before, seven bits a byte.
 *
 *   version
 *   tables: name, columns, their names, rows, the rows
 */
#ifndef VMS_VMSPACE_SNAPSHOT_H
#define VMS_VMSPACE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAP_VERSION 1

enum snap_what {
	SNAP_VMS,
	SNAP_PROCS,
	SNAP_LWPS,
	SNAP_FP,
	SNAP_FILES,
	SNAP_MADE,
	SNAP_SPACES,
	SNAP_ENTRIES,
	SNAP_PAGES,
	SNAP_LIVE,
	SNAP_TRANSLATIONS,
	SNAP_TABLES
};

/* The one row of SNAP_VMS. */
struct snap_vms {
	uint64_t counting, vkernel_enable;
	uint64_t procs, lwps, files, made; /* numbers given so far */
	uint64_t insns, next_digest;
	uint64_t age; /* struct watch */
};

struct snap_proc {
	uint64_t number;   /* ascending */
	uint64_t registry; /* from 1, as they come; 0: none */
	uint64_t mailbox;
};

struct snap_lwp {
	uint64_t number; /* ascending */
	uint64_t proc, budget, retired, clock;
};

/* Eight bytes of an FXSAVE image that are not all 0. */
struct snap_fp {
	uint64_t lwp, word, value;
};

struct snap_file {
	uint64_t number; /* ascending */
	uint64_t bytes, fixed_end;
	uint64_t access; /* enum file_access */
};

struct snap_made {
	uint64_t number; /* ascending */
	uint64_t pages;
	uint64_t backing; /* a file object; 0: none */
	uint64_t backing_pages;
};

struct snap_space {
	uint64_t registry, id;
};

struct snap_entry {
	uint64_t space; /* from 1; ascending, then by start */
	uint64_t start, end;
	uint64_t prot, max_prot, inherit, advice;
	uint64_t vpagetable, needs_copy, cow, nosync, nocore, stack;
	uint64_t file, object; /* number; 0: none yet */
	uint64_t offset, avail_ssize, master;
};

struct snap_page {
	uint64_t file, object, index; /* ascending: made ones come first */
	uint64_t dirty;               /* not as when it was last hashed */
};

/* Pages in use where stores are searched for; row of SNAP_PAGES. */
struct snap_live {
	uint64_t page;
};

struct snap_translation {
	uint64_t space; /* from 1; ascending, then by va */
	uint64_t va;
	uint64_t page; /* row of SNAP_PAGES */
	uint64_t writable;
};

struct snap_rows {
	uint64_t *at;
	size_t count, capacity; /* rows */
};

/* All zero is an empty one. */
struct snapshot {
	struct snap_rows tables[SNAP_TABLES];
};

void snapshot_finish(struct snapshot *snapshot);

/* A new row of zeros, as a struct of this table; NULL: no memory. */
void *snapshot_add(struct snapshot *snapshot, enum snap_what what);
/* Row i, which exists. */
void *snapshot_row(
    const struct snapshot *snapshot, enum snap_what what, size_t i);
size_t snapshot_count(const struct snapshot *snapshot, enum snap_what what);

/* The row whose first column, which ascends, is number; SIZE_MAX: none. */
size_t snapshot_find(
    const struct snapshot *snapshot, enum snap_what what, uint64_t number);

/* *bytes is the caller's: free().  ENOMEM. */
int snapshot_encode(
    const struct snapshot *snapshot, uint8_t **bytes, size_t *len);
/* Of an empty one.  EBADMSG: not a snapshot, a value is too large for its
 * column.  What the numbers mean together is not looked at.  ENOMEM. */
int snapshot_decode(
    struct snapshot *snapshot, const uint8_t *bytes, size_t len);

#endif
