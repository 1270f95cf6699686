/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the files of the drop-in face: the calls (dragonfly.c), signals that
 * arrive during one (dragonfly_signal.c), the calling thread's FP registers
 * (dragonfly_fp.c), calls on the process itself (dragonfly_self.c).
 */
#ifndef VMS_VMSPACE_DRAGONFLY_H
#define VMS_VMSPACE_DRAGONFLY_H

#include <signal.h>
#include <stdbool.h>

#include <vmspace/vmspace.h>

#include "vmspace/dragonfly_fp.h"

#ifdef NSIG
#define DRAGONFLY_SIGNALS NSIG
#else
#define DRAGONFLY_SIGNALS 65
#endif

/* A signal that arrived inside a call. */
struct dragonfly_signal {
	unsigned count;
	bool has_info; /* info is for the handler: of the first arrival */
	siginfo_t info;
};

/* A thread that has made a call.  Its own, its signal handlers included. */
struct dragonfly_thread {
	struct vms_lwp *volatile lwp;  /* made at the first RUN */
	volatile sig_atomic_t depth;   /* inside a call */
	volatile sig_atomic_t pending; /* some signals[].count is not 0 */
	struct dragonfly_signal signals[DRAGONFLY_SIGNALS];
	struct fp_image fp; /* what the guest left last */
	bool fp_known;      /* lwp's state equals fp */
};

/* The calling thread's, or NULL.  Async-signal-safe. */
struct dragonfly_thread *dragonfly_thread(void);

/* The process's, or NULL before the first create.  Async-signal-safe. */
struct vms_proc *dragonfly_proc(void);

/* errno and -1 for an error, 0 without one: errno is set nowhere else. */
int dragonfly_result(int error);

/* Sends the signals that arrived inside a call to the thread again; they are
 * delivered when this returns.  Call it with depth 0 and no lock held: a
 * handler may leave by a jump. */
void dragonfly_signals_deliver(struct dragonfly_thread *thread);

#endif
