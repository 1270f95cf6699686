/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conformance: one or more rows per number of the checklist
 * (docs/semantics.md).
 *
 * A row is written once against struct face and runs on the handle face, on
 * the drop-in face, and on both again under chaos.  Every row has a process
 * of its own, so that the drop-in face's process-wide state is fresh.
 */
#ifndef TESTS_CONFORM_CONFORM_H
#define TESTS_CONFORM_CONFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmspace/vmspace.h>

/*
 * The thread sanitizer keeps a signal until the thread calls into the C
 * library, which a guest never does: rows with ROW_SIGNALS are skipped there.
 */
#if defined(__SANITIZE_THREAD__)
#define SIGNALS_ARE_LATE 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SIGNALS_ARE_LATE 1
#endif
#endif
#ifndef SIGNALS_ARE_LATE
#define SIGNALS_ARE_LATE 0
#endif

/* One face of the library; every call answers 0 or an errno value. */
struct face {
	const char *name;
	bool handle;
	/* Before the first use in this process.  The vkernel_enable of the
	 * drop-in face stays what it is by default. */
	void (*open)(bool chaos);
	/* Leaves the registry; NULL, or what was left behind (a sentence). */
	const char *(*close)(void);
	void (*enable)(int on);
	int (*create)(void *id, int type, void *data);
	int (*destroy)(void *id);
	int (*ctl)(
	    void *id, int cmd, struct trapframe *tf, struct vextframe *vf);
	int (*mmap)(void *id, uint64_t addr, uint64_t len, int prot, int flags,
	    int fd, int64_t offset, uint64_t *out);
	int (*munmap)(void *id, uint64_t addr, uint64_t len);
	int (*mcontrol)(
	    void *id, uint64_t addr, uint64_t len, int behav, uint64_t value);
	int (*pread)(void *id, void *buf, size_t n, int flags, int64_t off);
	int (*pwrite)(
	    void *id, const void *buf, size_t n, int flags, int64_t off);
	/* The vkernel stored to bytes of a file that a guest may execute. */
	void (*note_write)(int fd, int64_t off, uint64_t len);
	/* Each further thread that runs guests calls both. */
	void (*thread_begin)(void);
	void (*thread_end)(void);
	/* Installs an ordinary handler, SIG_IGN or SIG_DFL.  With a handler a
	 * signal kicks the guest of the thread that takes it.  restart: with
	 * SA_RESTART. */
	void (*on_signal)(int sig, void (*fn)(int), bool restart);
	/* Installs a mailbox: SA_MAILBOX of the drop-in face. */
	void (*on_mailbox)(int sig, int *box);
	/* The raw result and errno of the drop-in face's last call. */
	int64_t (*raw_result)(void);
};

extern const struct face face_handle;
extern const struct face face_dropin;

/* The face and mode that the running row is on. */
extern const struct face *F;
extern bool chaos;

/* Is the row recorded, stores being searched for, and replayed afterwards?
 * VERIFIED: with a digest after each run and all that guests wrote. */
enum recording { UNRECORDED, RECORDED, VERIFIED };
extern enum recording recording;

/* The handle face's own objects, for rows on handles only. */
struct vms *handle_vms(void);
struct vms_proc *handle_proc(void);
struct vms_lwp *handle_lwp(void); /* of this thread */

/* Path of this program, to run it again. */
extern const char *self_path;

enum {
	ROW_HANDLE = 1,    /* only on the handle face */
	ROW_DROPIN = 2,    /* only on the drop-in face */
	ROW_RAW = 4,       /* vkernel_enable as the face has it by default */
	ROW_FORKS = 8,     /* opens the face itself, in children */
	ROW_NO_CHAOS = 16, /* its subject is what chaos takes away */
	ROW_SIGNALS = 32,  /* a signal must reach a thread inside a guest */
	ROW_NO_RECORD = 64 /* what a replay cannot do again; the row says why */
};

struct row {
	const char *number; /* "C84" */
	const char *what;
	void (*fn)(void);
	unsigned flags;
};

struct row_group {
	const char *name;
	const struct row *rows;
	size_t count;
};

#define ROW_GROUP(name_, rows_)                                                \
	const struct row_group group_##name_ = { #name_, rows_,                \
		sizeof(rows_) / sizeof((rows_)[0]) }

extern const struct row_group group_api, group_create, group_ctl, group_entry,
    group_fault, group_trap, group_signal, group_mailbox, group_mmap,
    group_mmap_file, group_munmap, group_mcontrol, group_walk, group_walk2,
    group_threads, group_life, group_native;

/* Rows of numbers in cannot.txt: what the library does instead. */
extern const struct row_group group_deviation;

void expect_true(bool ok, const char *text, const char *file, int line);
void expect_eq(
    uint64_t got, uint64_t want, const char *text, const char *file, int line);

/* End the row when they do not hold. */
#define EXPECT(cond) expect_true((cond), #cond, __FILE__, __LINE__)
#define EXPECT_EQ(got, want)                                                   \
	expect_eq((uint64_t)(got), (uint64_t)(want), #got " == " #want,        \
	    __FILE__, __LINE__)

/* Prints why the row, or a part of it, was not judged. */
void note(const char *text);

#endif
