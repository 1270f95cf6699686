/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest process's address space: a vmspace whose only mapping is the memory
 * image with MAP_VPAGETABLE (section 10.2 of the kernel's semantics), the
 * software page tables, and the areas that say what should be where.
 *
 * The areas are the intent; the tables hold what has been touched.  mm.c
 * creates and destroys, mm_fork.c copies, mm_map.c changes areas, mm_move.c
 * moves them, pagein.c answers faults.  Every change of a table entry that
 * section 9.6 names is followed by mm_inval() before the guest runs again.
 */
#ifndef VMS_VKERNEL_MM_H
#define VMS_VKERNEL_MM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <vmspace/vmspace.h>

#include "vkernel/area.h"
#include "vkernel/image.h"
#include "vkernel/object.h"
#include "vkernel/vptab.h"

#define MM_VA_END    UINT64_C(0x00007ffffffff000) /* TASK_SIZE of Linux */
#define MM_VA_MIN    UINT64_C(0x10000)            /* vm.mmap_min_addr */
#define MM_MMAP_BASE UINT64_C(0x00007ffff7fff000)
#define MM_PIE_BASE  UINT64_C(0x0000555555554000)
#define MM_STACK_END MM_VA_END
#define MM_STACK_GAP AREA_GAP

/* What all address spaces share.  proc may be NULL in unit tests: then there
 * are tables, but no vmspace behind them. */
struct vk_memory {
	struct vms_proc *proc;
	struct vk_image image;
	struct vk_cache cache;
	struct vk_mm *first; /* all address spaces */
	uint64_t last_id;
};

/* Bytes; UINT64_MAX: none. */
struct mm_limits {
	uint64_t as, data;
	uint64_t lock;
};

struct vk_mm {
	struct vk_memory *memory;
	struct vk_mm *next, *previous; /* in memory->first */
	uint64_t id;                   /* never used again */
	unsigned refs;
	struct vk_vptab tab;
	struct vk_areas areas;
	uint64_t brk_start, brk;
	uint64_t stack_limit; /* RLIMIT_STACK, bytes */
	uint64_t mmap_base;   /* mappings go below it while there is room */
	struct mm_limits limits;
	bool lock_future;    /* new areas are locked */
	uint64_t next_fault; /* where a run of first touches would go on */
	unsigned run_pages;  /* pages to enter at once in such a run */
	uint64_t faults;
	bool shares_files; /* has had areas that write to files */
};

enum mm_access { MM_READ, MM_WRITE, MM_FETCH };

enum mm_answer {
	MM_DONE,
	MM_UNMAPPED,  /* SEGV_MAPERR */
	MM_DENIED,    /* SEGV_ACCERR */
	MM_BEYOND,    /* BUS_ADRERR: no such page in the file */
	MM_NO_MEMORY, /* the image is full */
	MM_SPURIOUS   /* the table permits it already */
};

/* LX_ENOMEM, or what vms_create and the following calls said. */
int mm_create(struct vk_memory *memory, struct vk_mm **out);
/* A copy of parent as fork() makes it: private pages are shared until one of
 * the two writes, shared ones stay shared.  LX_ENOMEM, or as mm_create(). */
int mm_fork(struct vk_mm *parent, struct vk_mm **out);
struct vk_mm *mm_ref(struct vk_mm *mm);
void mm_drop(struct vk_mm *mm);
/* vms_ctl() of mm, which hears of our stores first. */
int mm_run(struct vk_mm *mm, struct vms_lwp *lwp, struct trapframe *tf,
    struct vextframe *vf);

struct vk_mapping {
	uint64_t addr, len;
	int prot;
	unsigned flags;           /* AREA_ */
	struct vk_object *object; /* the caller keeps its reference */
	uint64_t offset;
	bool fixed; /* at addr, replacing what is there */
	bool keep;  /* fixed, but LX_EEXIST when something is there */
	bool low;   /* below 2 GiB, if not fixed */
};
/* Where mapping would go; changes nothing.  LX_ENOMEM, LX_EINVAL,
 * LX_EEXIST. */
int mm_place(
    const struct vk_mm *mm, const struct vk_mapping *mapping, uint64_t *out);
/* *out is the address.  Errors of mm_place(); LX_ENOMEM, LX_EAGAIN: limits. */
int mm_map(struct vk_mm *mm, const struct vk_mapping *mapping, uint64_t *out);
int mm_unmap(struct vk_mm *mm, uint64_t addr, uint64_t len);
int mm_protect(struct vk_mm *mm, uint64_t addr, uint64_t len, int prot);
/* The linux system call, its errors included. */
int mm_remap(struct vk_mm *mm, uint64_t addr, uint64_t old_len,
    uint64_t new_len, int flags, uint64_t new_addr, uint64_t *out);
/* The new break: brk if it could be had, else the old one. */
uint64_t mm_set_brk(struct vk_mm *mm, uint64_t brk);
/* mm_advise.c: the Linux system calls, their errors included. */
int mm_advise(struct vk_mm *mm, uint64_t addr, uint64_t len, uint64_t advice);
/* populate: and make its pages present. */
int mm_lock(struct vk_mm *mm, uint64_t addr, uint64_t len, bool populate);
int mm_unlock(struct vk_mm *mm, uint64_t addr, uint64_t len);
int mm_lock_all(struct vk_mm *mm, bool now, bool future, bool populate);
void mm_unlock_all(struct vk_mm *mm);
/* Makes pages present as far as that goes. */
void mm_populate(struct vk_mm *mm, uint64_t addr, uint64_t len);
/* Private pages become zero or file pages again. */
int mm_discard(struct vk_mm *mm, uint64_t addr, uint64_t len);
/* Changed pages of shared file mappings go to their files. */
int mm_sync(struct vk_mm *mm, uint64_t addr, uint64_t len);

/* Makes access to va possible if the areas permit it. */
enum mm_answer mm_fault(struct vk_mm *mm, uint64_t va, enum mm_access access);
/* The same for a write by the loader: the area's protection is ignored. */
enum mm_answer mm_force(struct vk_mm *mm, uint64_t va);

/* What threads that share the word at va have in common: the memory it is in.
 * LX_EINVAL when not aligned, LX_EFAULT. */
int mm_futex_key(struct vk_mm *mm, uint64_t va, uint64_t key[2]);

/* True when the table permits at least a read of va now. */
bool mm_is_present(const struct vk_mm *mm, uint64_t va);

/* What the address space holds, in pages. */
struct mm_usage {
	uint64_t mapped;
	uint64_t resident; /* touched, or entered with what was */
	uint64_t shared;   /* of these, pages of files and shared memory */
	uint64_t text, data, stack, locked; /* mapped so */
};
void mm_usage(struct vk_mm *mm, struct mm_usage *out);

/* What stat() would tell the guest of the file of object; *dev as Linux has
 * it.  NULL stands for what the host says. */
typedef void mm_number_fn(
    void *arg, const struct vk_object *object, uint64_t *dev, uint64_t *ino);
/* The lines of /proc/PID/maps. */
void mm_maps(
    const struct vk_mm *mm, FILE *out, mm_number_fn *number, void *arg);

/*
 * Calls that read and write the host's file fd agree with what is mapped of
 * it, in all address spaces (mm_file.c): before any of them, what guests have
 * stored goes to the file; after a write, its bytes are what mappings show;
 * when the file is size bytes long, pages beyond are gone.
 */
void memory_before_io(struct vk_memory *memory, int fd);
void memory_written(
    struct vk_memory *memory, int fd, uint64_t off, uint64_t len);
void memory_truncated(struct vk_memory *memory, int fd, uint64_t size);
/* The bytes [off, off + len) of object, whole pages, become zero for all. */
int memory_punch(struct vk_memory *memory, struct vk_object *object,
    uint64_t off, uint64_t len);
/* The same by one of them. */
void mm_truncated(struct vk_mm *mm, int fd, uint64_t size);

/* For the files of mm only. */

/* [addr, addr + len) rounded to pages; false: not in user space. */
bool mm_range(uint64_t addr, uint64_t len, uint64_t *end);
/* LX_ENOMEM, LX_EAGAIN: so many more bytes of such areas may not be. */
int mm_may_grow(
    const struct vk_mm *mm, int prot, unsigned flags, uint64_t bytes);
/* LX_ENOMEM: more bytes to be written to than there can be. */
int mm_may_commit(
    const struct vk_mm *mm, int prot, unsigned flags, uint64_t bytes);
/* Makes start and end borders.  LX_ENOMEM. */
int mm_cut(struct vk_mm *mm, uint64_t start, uint64_t end);
/* Unmaps the pages of [start, end), keeps areas. */
void mm_zap(struct vk_mm *mm, uint64_t start, uint64_t end);
void mm_inval(struct vk_mm *mm, uint64_t start, uint64_t end);
/* The bits of a leaf by protection; W only when writable. */
vms_vpte_t mm_bits(int prot, bool writable);

#endif
