/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at everything that enters and leaves the guests of one struct vms:
 * what a recorder and a replayer are built on (docs/trace-format.md).
 *
 * An observer is told each call with its result, each run with its frames, and
 * each piece of guest memory that a run used and that no guest had made.  It
 * may look, not act: from its functions it may call nothing of the library, but
 * for after_run().  They are called with the run lock held, so never two at a
 * time.
 *
 * Numbers: procs, lwps and file objects count from 1, each by itself, in the
 * order in which they are made; 0 is none.  They, and the order of everything
 * an observer is told, are the same in every run of the same vkernel and guest.
 */
#ifndef VMSPACE_OBSERVE_H
#define VMSPACE_OBSERVE_H

#include <vmspace/vmspace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calls by name; the comment says what args hold besides proc, lwp and id. */
enum vms_op {
	VMS_OP_PROC_OPEN = 1, /* result: number of the new proc */
	VMS_OP_PROC_FORK,     /* result: number of the child */
	VMS_OP_PROC_EXEC,
	VMS_OP_PROC_EXIT,
	VMS_OP_LWP_OPEN, /* result: number of the new lwp */
	VMS_OP_LWP_EXIT,
	VMS_OP_LWP_SET_BUDGET, /* insns */
	VMS_OP_LWP_SETFP,      /* data: the FXSAVE image */
	VMS_OP_SET_COUNTING,   /* on */
	VMS_OP_CREATE,         /* type, data (0 or 1: not NULL) */
	VMS_OP_DESTROY,
	VMS_OP_CTL,    /* cmd; a vms_ctl() that failed before it ran anything */
	VMS_OP_MMAP,   /* addr, len, prot, flags, offset; result: address */
	VMS_OP_MUNMAP, /* addr, len */
	VMS_OP_MCONTROL, /* addr, len, behav, value */
	VMS_OP_PREAD,
	VMS_OP_PWRITE,
	VMS_OP_MEM_READ,  /* va, len; result: *done; data: what was read */
	VMS_OP_MEM_WRITE, /* va, len; result: *done; data: what was written */
	VMS_OP_COUNT
};

/* What VMS_OP_MMAP found behind fd. */
enum vms_fd_kind {
	VMS_FD_NONE, /* -1, or nothing was looked at */
	VMS_FD_BAD,  /* no open descriptor */
	VMS_FD_FILE, /* a file that can be mapped: vms_call.object */
	VMS_FD_OTHER /* something that cannot be mapped so; nothing is known */
};

struct vms_call {
	enum vms_op op;
	uint32_t proc, lwp;
	const void *id;
	uint64_t args[5];
	int error;
	uint64_t result; /* when error is 0; of MEM_READ, MEM_WRITE always */
	const void *data;
	size_t data_bytes;
	int vkernel_enable; /* as the call saw it */
	enum vms_fd_kind fd_kind;
	int fd_mode; /* of a VMS_FD_FILE: O_RDONLY 0, O_WRONLY 1, O_RDWR 2 */
	uint32_t object; /* of a VMS_FD_FILE that was mapped; else 0 */
};

/* A file object, when it is first mapped and when its size has changed. */
struct vms_object_info {
	uint32_t number;
	uint64_t bytes;
	bool fixed_end; /* it cannot shrink */
};

/* The start of a RUN, or of a further part of one that has been paused. */
struct vms_run_start {
	uint32_t proc, lwp;
	const void *id;
	const struct trapframe *tf; /* NULL when resumed */
	const struct vextframe *vf;
	bool resumed;
};

enum vms_run_how {
	VMS_RUN_TRAP,   /* *tf says which */
	VMS_RUN_BUDGET, /* the budget of vms_lwp_set_budget() is used up */
	VMS_RUN_LIMIT,  /* the limit of run_start() is used up */
	VMS_RUN_ASKED,  /* vms_lwp_interrupt(), a mailbox signal */
	VMS_RUN_PAUSED, /* another thread has the engine; the run goes on later
			 */
	VMS_RUN_FAILED  /* error says why */
};

struct vms_run_end {
	uint32_t proc, lwp;
	const void *id;
	enum vms_run_how how;
	int error;                  /* of vms_ctl() */
	const struct trapframe *tf; /* NULL: paused, or ENOTRECOVERABLE */
	uint64_t insns;             /* retired in this part of the run */
	bool started;               /* false: the frame went back as it came */
	/* FP registers as vms_lwp_getfp() gives them; NULL: how is
	 * VMS_RUN_PAUSED or FAILED, or VMS_OBSERVE_WRITTEN is not set. */
	const uint8_t *fxsave;
};

/* Guest memory that a run or a call is about to use and that is not as guests
 * and these calls have left it. */
struct vms_input {
	uint32_t object;
	uint64_t off; /* in the object */
	const void *bytes;
	size_t len;      /* within one page; may be beyond the file's end */
	bool first;      /* the whole page, of which nothing was known */
	bool undeclared; /* VMS_OBSERVE_CHECK: vms_note_write() was not told */
};

/* What a digest covers: all guest memory that is known, and of the lwp in
 * whose run it is taken all registers. */
struct vms_digest {
	uint32_t lwp;   /* 0: between runs, memory only */
	uint64_t insns; /* retired by all guests so far */
	uint64_t memory, registers;
};

/* A store of a guest into what vms_watch_stores() has named. */
struct vms_store {
	uint32_t proc, lwp;
	const void *id;
	vms_va_t va;             /* that it stores to, in a watched page */
	struct trapframe before; /* registers before the instruction */
	uint64_t insns;          /* retired in this part of the run before it */
};

#define VMS_OBSERVE_DECLARED                                                   \
	0x01 /* the vkernel declares every store: nothing is searched */
#define VMS_OBSERVE_CHECK                                                      \
	0x02 /* with DECLARED: search nevertheless, and say what was missed */
#define VMS_OBSERVE_WRITTEN    0x04 /* call written() */
#define VMS_OBSERVE_DIGEST_RUN 0x08 /* a digest at each end of a run */

/* Every function may be NULL. */
struct vms_observer {
	size_t size; /* sizeof(struct vms_observer) */
	uint32_t flags;
	uint64_t digest_insns; /* a digest each so many; 0: none */

	void (*call)(void *arg, const struct vms_call *call);
	void (*object)(void *arg, const struct vms_object_info *object);
	/* Before a (part of a) run.  *limit_insns is UINT64_MAX and may be made
	 * smaller; 0: the frame goes back as it came, as if interrupted.
	 * Another answer than 0 is that of vms_ctl(), and nothing runs. */
	int (*run_start)(void *arg, const struct vms_run_start *start,
	    uint64_t *limit_insns);
	void (*run_end)(void *arg, const struct vms_run_end *end);
	void (*input)(void *arg, const struct vms_input *input);
	void (*digest)(void *arg, const struct vms_digest *digest);
	/* After a run: bytes of a file object that the guest, or a walk of its
	 * page tables, has changed. */
	void (*written)(void *arg, uint32_t object, uint64_t off,
	    const void *bytes, size_t len);
	/* Memory that the run could not store to was changed during it. */
	void (*concurrent)(void *arg, uint32_t object, uint64_t off);
	void (*store)(void *arg, const struct vms_store *store);
	/* All of a run that has ended, and was not paused, has been told.  This
	 * function alone may call something: vms_snapshot_save(). */
	void (*after_run)(void *arg);
	/*
	 * Plays the guest: no engine is used, *tf becomes the frame that the
	 * run leaves and the answer is that of vms_ctl().  Only for observers
	 * given to vms_open_played().
	 */
	int (*play)(
	    void *arg, const struct vms_run_start *start, struct trapframe *tf);
	/* Where guests are played, before a MEM_READ or MEM_WRITE ... */
	void (*play_before)(void *arg, const struct vms_call *call);
	/* ... and with the bytes of a MEM_READ, which may be changed: what
	 * guests store to memory of no file is not there. */
	void (*play_read)(void *arg, const struct vms_call *call, void *bytes);
};

/*
 * From now on observer is told; arg is handed to its functions.  The struct is
 * copied.  NULL ends it.  Instructions are counted for the observer, which
 * nothing else can see.  With an observer not NULL, EBUSY: a proc is open, or
 * there is an observer already; EINVAL: size or flags unknown.  vms_close()
 * gives EBUSY while there is one.
 */
VMS_API int vms_observe(
    struct vms *vms, const struct vms_observer *observer, void *arg);

/* The observer, and its arg; NULL: there is none. */
VMS_API const struct vms_observer *vms_observer(
    const struct vms *vms, void **arg);

/* As vms_open() with an observer whose play() is set. */
VMS_API int vms_open_played(const struct vms_config *config,
    const struct vms_observer *observer, void *arg, struct vms **out);

/* Takes a digest of memory now and tells digest(), lwp 0. */
VMS_API int vms_observe_digest(struct vms *vms);

/*
 * Writes to a file object by its number, as a store of the guest would, past
 * the run lock that play() holds: for play() only.
 */
VMS_API int vms_play_store(struct vms *vms, uint32_t object, uint64_t off,
    const void *bytes, size_t len);
/* Reads it, for play() and play_before() only. */
VMS_API int vms_play_load(
    struct vms *vms, uint32_t object, uint64_t off, void *bytes, size_t len);
/* Sets the FP registers that vms_lwp_getfp() gives after this run. */
VMS_API int vms_play_setfp(struct vms *vms, uint32_t lwp, const void *fxsave);
/* This run retires insns more instructions; for play() only. */
VMS_API int vms_play_retired(struct vms *vms, uint32_t lwp, uint64_t insns);

/*
 * Stores of guests to the pages of [start, end) of vmspace id are told to
 * store(), each before it is done, which costs microseconds each.  One range
 * per vmspace; an empty one ends it.  EINVAL, ENOENT as vms_munmap().
 */
VMS_API int vms_watch_stores(
    struct vms_proc *proc, void *id, vms_va_t start, vms_va_t end);

#ifdef __cplusplus
}
#endif

#endif
