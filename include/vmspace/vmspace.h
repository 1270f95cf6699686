/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmspace: DragonFly BSD's virtual-kernel address-space calls in user space.
 *
 * This is the handle face.  Every function returns 0 or a positive errno
 * value of the host and never touches errno.  Out-parameters are written only
 * on success.  Prot, MAP_ and MADV_ values are DragonFly's own (VMS_* below).
 *
 * Threads: all calls on one struct vms may be made from any thread at any
 * time; a struct vms_lwp is used by one thread at a time (it stands for that
 * thread), except vms_lwp_interrupt().  A call made from a signal handler
 * that interrupted another call of the same struct vms on the same thread
 * gives EDEADLK.  After a fork() of the host every call in the child gives
 * ENXIO.
 *
 * The kernel functions named here are those of DragonFly's sys/vm; Cn is a
 * number of the conformance checklist (docs/semantics.md).
 */
#ifndef VMSPACE_VMSPACE_H
#define VMSPACE_VMSPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmspace/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VMS_API __attribute__((visibility("default")))
#else
#define VMS_API
#endif

#define VMS_VERSION_MAJOR 0
#define VMS_VERSION_MINOR 1
#define VMS_VERSION_PATCH 0

/* A guest virtual address; never a host pointer. */
typedef uint64_t vms_va_t;

/* A software page-table entry, as MADV_SETMAP takes it (C11, C157). */
typedef uint64_t vms_vpte_t;

struct vms;      /* one host of virtual kernels: arena, engine, run lock */
struct vms_proc; /* the kernel's proc: registry pointer, P_MAILBOX */
struct vms_lwp;  /* the kernel's lwp: one thread's guest CPU state */

/* Command of vms_ctl (C1); the other values of the header are never used. */
#define VMS_CTL_RUN 1

#define VMS_PROT_NONE  0
#define VMS_PROT_READ  1
#define VMS_PROT_WRITE 2
#define VMS_PROT_EXEC  4

#define VMS_MAP_FILE         0x00000
#define VMS_MAP_SHARED       0x00001
#define VMS_MAP_PRIVATE      0x00002
#define VMS_MAP_FIXED        0x00010
#define VMS_MAP_RENAME       0x00020
#define VMS_MAP_NORESERVE    0x00040
#define VMS_MAP_INHERIT      0x00080
#define VMS_MAP_NOEXTEND     0x00100
#define VMS_MAP_HASSEMAPHORE 0x00200
#define VMS_MAP_STACK        0x00400
#define VMS_MAP_NOSYNC       0x00800
#define VMS_MAP_ANON         0x01000
#define VMS_MAP_VPAGETABLE   0x02000
#define VMS_MAP_TRYFIXED     0x10000
#define VMS_MAP_NOCORE       0x20000
#define VMS_MAP_SIZEALIGN    0x40000

#define VMS_MADV_NORMAL     0
#define VMS_MADV_RANDOM     1
#define VMS_MADV_SEQUENTIAL 2
#define VMS_MADV_WILLNEED   3
#define VMS_MADV_DONTNEED   4
#define VMS_MADV_FREE       5
#define VMS_MADV_NOSYNC     6
#define VMS_MADV_AUTOSYNC   7
#define VMS_MADV_NOCORE     8
#define VMS_MADV_CORE       9
#define VMS_MADV_INVAL      10
#define VMS_MADV_SETMAP     11

#define VMS_VA_END    UINT64_C(0x0000800000000000) /* VM_MAX_USER_ADDRESS */
#define VMS_PAGE_SIZE UINT64_C(4096)

/* Software page-table entries of the seed era (VMS_ERA_SEED), C11. */
#define VMS_VPTE_V       UINT64_C(0x001)
#define VMS_VPTE_PS      UINT64_C(0x002)
#define VMS_VPTE_R       UINT64_C(0x004)
#define VMS_VPTE_W       UINT64_C(0x008)
#define VMS_VPTE_X       UINT64_C(0x010)
#define VMS_VPTE_A       UINT64_C(0x020)
#define VMS_VPTE_M       UINT64_C(0x040)
#define VMS_VPTE_U       UINT64_C(0x080)
#define VMS_VPTE_MANAGED UINT64_C(0x100)
#define VMS_VPTE_G       UINT64_C(0x200)
#define VMS_VPTE_WIRED   UINT64_C(0x400)
#define VMS_VPTE_FRAME   UINT64_C(0x000FFFFFFFFFF000)

/* The layout after 2013 (VMS_ERA_2013); V, A, M and FRAME are unchanged. */
#define VMS_VPTE13_W  UINT64_C(0x002)
#define VMS_VPTE13_U  UINT64_C(0x004)
#define VMS_VPTE13_PS UINT64_C(0x080)

enum vms_era {
	VMS_ERA_SEED = 0, /* 2010-2011: separate R and W bits, PS is 0x2 */
	VMS_ERA_2013 = 1  /* hardware layout: no R bit, W is 0x2, PS is 0x80 */
};

/* Flags of struct vms_config. */
#define VMS_CONFIG_COUNT 0x01 /* count retired instructions from the start */
#define VMS_CONFIG_CHAOS 0x02 /* drop every translation at every exit */
#define VMS_CONFIG_EXACT_CODE                                                  \
	0x04 /* see code stores of the host without vms_note_write */
#define VMS_CONFIG_NO_VKERNEL 0x08 /* start with vm.vkernel_enable = 0 */

/*
 * How a struct vms is opened.  Set size to sizeof(struct vms_config) and
 * everything else to zero for the defaults; later versions only add fields.
 */
struct vms_config {
	size_t size;
	uint32_t flags;       /* VMS_CONFIG_* */
	uint32_t era;         /* enum vms_era */
	uint64_t arena_bytes; /* guest-physical reservation; 0: as much as the
				 host grants, at most 512 GiB */
	uint64_t code_bytes;  /* engine's code buffer; 0: 64 MiB */
	uint64_t max_map_entries; /* vm.max_proc_mmap; 0: 1,000,000 */
};

/* What vms_lint_fn is told: one finding, a full sentence without newline. */
typedef void vms_lint_fn(void *arg, const char *finding);

/* Counters since vms_open(); set size before vms_stats(). */
struct vms_stats {
	size_t size;
	uint64_t runs;            /* vms_ctl calls that entered a guest */
	uint64_t traps[256];      /* reflected, by tf_trapno */
	uint64_t faults_resolved; /* page faults that the vkernel never saw */
	uint64_t faults_reflected;
	uint64_t repairs;     /* engine-only faults: no walk was needed */
	uint64_t code_flips;  /* page changes between writable and executable */
	uint64_t code_drops;  /* pages whose translations were dropped */
	uint64_t insns;       /* retired; 0 unless counting */
	uint64_t arena_bytes; /* size of the reservation */
	uint64_t arena_used;  /* of it, in use */
	uint64_t vmspaces;    /* existing now */
	uint64_t objects;     /* memory objects existing now */
};

/* "0.1.0"; static storage. */
VMS_API const char *vms_version(void);

/* The loaded Unicorn Engine: "2.1.4". */
VMS_API void vms_unicorn_version(char version[16]);

/*
 * Opens a host of virtual kernels.  config may be NULL for the defaults.
 * The caller owns *out and ends it with vms_close().
 * EINVAL: config->size, flags or era unknown, code_bytes above 4 GiB.  ENOMEM:
 * no reservation of at least 64 MiB, or 1,024 are open.  ENOTSUP: the engine is
 * too old or could not be calibrated.
 */
VMS_API int vms_open(const struct vms_config *config, struct vms **out);

/* Ends everything that vms still holds.  EBUSY, and nothing happens, while a
 * proc or lwp is open.  NULL is accepted. */
VMS_API int vms_close(struct vms *vms);

/* What vms was opened with; defaults are filled in, but for the sizes that
 * depend on the host.  Set config->size.  EINVAL. */
VMS_API int vms_get_config(const struct vms *vms, struct vms_config *config);

/* vm.vkernel_enable: only vms_create() and MAP_VPAGETABLE look at it (C14,
 * C25). */
VMS_API void vms_set_vkernel_enable(struct vms *vms, int enable);
VMS_API int vms_vkernel_enable(const struct vms *vms);

/* Reports to fn what the kernel tolerates but documents as wrong; NULL ends it.
 */
VMS_API void vms_set_lint(struct vms *vms, vms_lint_fn *fn, void *arg);

/* Turns counting of retired instructions on or off, from the next run on. */
VMS_API int vms_set_counting(struct vms *vms, bool on);

/* Copies the counters; fields beyond stats->size are not written. */
VMS_API int vms_stats(struct vms *vms, struct vms_stats *stats);

/* A process without a registry.  The caller owns *out: vms_proc_exit(). */
VMS_API int vms_proc_open(struct vms *vms, struct vms_proc **out);

/* vkernel_inherit: the child shares the parent's registry, if it has one;
 * P_MAILBOX is not inherited (C201-C203). */
VMS_API int vms_proc_fork(struct vms_proc *parent, struct vms_proc **child);

/* A successful exec: leaves the registry (C204).  EBUSY while a guest of the
 * process runs on another thread. */
VMS_API int vms_proc_exec(struct vms_proc *proc);

/* vkernel_exit: tears the lwps down, leaves the registry, frees proc and its
 * lwps.  NULL is accepted.  EBUSY while a guest of the process runs on another
 * thread. */
VMS_API int vms_proc_exit(struct vms_proc *proc);

/* Sets P_MAILBOX, as delivery of a SA_MAILBOX signal does, and kicks a running
 * guest of the process out (C47-C51).  Async-signal-safe. */
VMS_API void vms_proc_mailbox(struct vms_proc *proc);

/* A thread of proc.  The caller owns *out: vms_lwp_exit(). */
VMS_API int vms_lwp_open(struct vms_proc *proc, struct vms_lwp **out);

/* vkernel_lwp_exit.  EBUSY while it runs a guest.  NULL is accepted. */
VMS_API int vms_lwp_exit(struct vms_lwp *lwp);

/* The current or, when it runs no guest, the next RUN of lwp returns 0 with
 * tf_trapno 0.  Async-signal-safe, from any thread. */
VMS_API void vms_lwp_interrupt(struct vms_lwp *lwp);

/* Later runs of lwp end with tf_trapno 0 after exactly insns retired
 * instructions each; 0 ends that.  Needs counting: turns it on. */
VMS_API int vms_lwp_set_budget(struct vms_lwp *lwp, uint64_t insns);

/* Instructions that lwp has retired since it was opened, as far as they were
 * counted.  A REP instruction counts once per iteration. */
VMS_API uint64_t vms_lwp_retired(const struct vms_lwp *lwp);

/* The FP and SSE registers of lwp as a 512-byte FXSAVE image (C63).
 * setfp: EINVAL when reserved MXCSR bits are set. */
VMS_API int vms_lwp_getfp(struct vms_lwp *lwp, void *fxsave);
VMS_API int vms_lwp_setfp(struct vms_lwp *lwp, const void *fxsave);

/* sys_vmspace_create: EOPNOTSUPP, EEXIST (C14-C26). */
VMS_API int vms_create(struct vms_proc *proc, void *id, int type, void *data);

/* sys_vmspace_destroy: EINVAL, ENOENT, EBUSY (C27-C36). */
VMS_API int vms_destroy(struct vms_proc *proc, void *id);

/*
 * sys_vmspace_ctl: runs the guest of *tf and vf in the vmspace until a trap,
 * a system call or an interruption; *tf then says which (C37-C108).
 * EINVAL, ENOENT, EINTR (P_MAILBOX), EOPNOTSUPP; EFAULT when tf or vf is NULL,
 * other bad pointers are the caller's bug.  Beyond the kernel: ENOMEM (arena
 * or host memory at its end, *tf is exact and can be run again), EIO (a mapped
 * file was truncated in mid-run: *tf is the state at a block's end), EBUSY (lwp
 * runs a guest on another thread), EDEADLK,
 * ENOTRECOVERABLE (the engine failed; the guest's state is lost).
 */
VMS_API int vms_ctl(struct vms_lwp *lwp, void *id, int cmd,
    struct trapframe *tf, struct vextframe *vf);

/*
 * sys_vmspace_mmap and kern_mmap, in their order of checks (C109-C139).  fd is
 * the host's and may be closed afterwards.  *out is the address.
 * Also ENOMEM.
 */
VMS_API int vms_mmap(struct vms_proc *proc, void *id, vms_va_t addr,
    uint64_t len, int prot, int flags, int fd, int64_t offset, vms_va_t *out);

/* sys_vmspace_munmap (C140-C150).  In force on running guests on return. */
VMS_API int vms_munmap(
    struct vms_proc *proc, void *id, vms_va_t addr, uint64_t len);

/* sys_vmspace_mcontrol (C151-C165).  In force on running guests on return. */
VMS_API int vms_mcontrol(struct vms_proc *proc, void *id, vms_va_t addr,
    uint64_t len, int behav, vms_vpte_t value);

/* sys_vmspace_pread, sys_vmspace_pwrite: EINVAL, ENOENT, else EINVAL
 * (C166-C167). */
VMS_API int vms_pread(struct vms_proc *proc, void *id, void *buf, size_t nbyte,
    int flags, int64_t offset);
VMS_API int vms_pwrite(struct vms_proc *proc, void *id, const void *buf,
    size_t nbyte, int flags, int64_t offset);

/*
 * For tools, not of the kernel: copy len bytes from or to guest memory, as an
 * access of the guest would reach it (read and write rules, shadow copies, A
 * and M bits). *done is set in every case; less than len comes with EFAULT or
 * ENOMEM. EINVAL, ENOENT as for the calls above.
 */
VMS_API int vms_mem_read(struct vms_proc *proc, void *id, vms_va_t va,
    void *buf, size_t len, size_t *done);
VMS_API int vms_mem_write(struct vms_proc *proc, void *id, vms_va_t va,
    const void *buf, size_t len, size_t *done);

/* As vms_mem_read(), but changes nothing: no A or M bit, no page is made, no
 * recording sees it.  For debuggers. */
VMS_API int vms_mem_peek(struct vms_proc *proc, void *id, vms_va_t va,
    void *buf, size_t len, size_t *done);

/*
 * Declares that the vkernel changed bytes [off, off + len) of the file behind
 * fd by its own stores, so that guest code translated from them is dropped
 * before the next run.  Needed for code only, and not under
 * VMS_CONFIG_EXACT_CODE.  A file that no vmspace maps is no error.  EBADF;
 * EINVAL: off is negative.
 */
VMS_API int vms_note_write(struct vms *vms, int fd, int64_t off, uint64_t len);

/* The same for several ranges of one file at once. */
struct vms_range {
	uint64_t off, len;
};
VMS_API int vms_note_writes(
    struct vms *vms, int fd, const struct vms_range *ranges, size_t count);

/*
 * Should the vkernel declare every store of its own to guest memory, page
 * tables included, and not only those to code?  True while a recording relies
 * on it.  A declared range is read at the next run.
 */
VMS_API bool vms_wants_notes(const struct vms *vms);

/*
 * An atomic read-modify-write of the host on guest-visible memory, not
 * interleaved with any guest instruction: calls fn under the run lock.
 */
VMS_API int vms_atomic(struct vms *vms, void (*fn)(void *arg), void *arg);

/*
 * Handles a SIGBUS whose address lies in guest memory (a mapped file was
 * truncated): the run ends with EIO.  To be called from the program's SIGBUS
 * handler with si_addr; false: not ours.  vms_install_sigbus() installs such a
 * handler, which passes other faults on to the previous one.
 */
VMS_API bool vms_handle_sigbus(void *addr);
VMS_API int vms_install_sigbus(void);

/* What the machine offers and what of it would hurt: vmspace doctor prints it.
 */
struct vms_doctor {
	size_t size;
	char unicorn_version[16]; /* of the loaded library */
	bool unicorn_usable;
	char unicorn_problem[160]; /* empty, or why it is not usable */
	int error_code_offset;     /* calibrated; -1: not found */
	int old_exception_offset;
	bool precise_stops; /* false: guests run slower, see docs/limits.md */
	uint64_t host_page_bytes;
	uint64_t map_count_limit;     /* 0: no such limit on this host */
	uint64_t address_space_limit; /* RLIMIT_AS; UINT64_MAX: none */
	uint64_t arena_bytes;         /* largest reservation that succeeded */
};
VMS_API int vms_doctor(struct vms_doctor *report);

#ifdef __cplusplus
}
#endif

#endif
