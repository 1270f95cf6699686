/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that a thread of another process traces, as ptrace(2).  A tracee
 * stops before a signal is acted on, when its process stops, and when its
 * tracer asks; it is THREAD_STOPPED then, and its registers are in its frame.
 * Nothing but the tracer, the tracer's end or SIGKILL makes it go on.
 */
#ifndef VMS_VKERNEL_PTRACE_H
#define VMS_VKERNEL_PTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkernel/linux_abi.h"

struct vk_process;
struct vk_thread;

#define PTRACE_O_SYSGOOD  UINT64_C(1) /* without effect */
#define PTRACE_O_EXITKILL UINT64_C(0x100000)

/* Of a thread: who traces it, and how it stands with him. */
struct vk_ptrace {
	struct vk_thread *tracer; /* NULL: nobody */
	bool whole;     /* PTRACE_TRACEME: any thread of the tracer's process */
	bool seized;    /* PTRACE_SEIZE */
	bool exit_kill; /* the tracer's end is its own */
	bool interrupt; /* PTRACE_INTERRUPT: it is to stop */
	bool delivers;  /* stopped as info is to be acted on */
	bool act;       /* has gone on, and acts on info without a stop */
	bool told;      /* a wait has seen the stop */
	int stop;       /* 0: not stopped; the signal | PTRACE_EVENT << 8 */
	struct lx_siginfo info;
};

/* A tracee that has ended; the tracer's process has not waited for it. */
struct vk_trace_end {
	struct vk_trace_end *next;
	int tracer, tid, pgid;
	uint32_t uid;
	int code, status; /* CLD_ and what goes with it */
};

/* What a wait asks for, and what it gets. */
struct ptrace_look {
	const struct vk_thread *waiter;
	int tid, pgid; /* 0: any */
	bool own;      /* only tracees of the waiter itself */
	bool ends;     /* also those that have ended */
	bool keep;     /* the next wait hears of it again */
	int found;     /* its number; 0: nothing has happened */
	int code, status;
	uint32_t uid;
};

/* As ptrace_may_access() of Linux, by real identities. */
bool ptrace_may_access(
    const struct vk_process *self, const struct vk_process *other);

/* The tracee is told to stop, unless it is seized.  LX_EPERM. */
int ptrace_attach(
    struct vk_thread *tracer, struct vk_thread *thread, bool seize);
/* The parent traces it.  LX_EPERM: it is the host, or somebody does. */
int ptrace_me(struct vk_thread *thread);
/* True when requests of tracer are for thread. */
bool ptrace_is_tracer(
    const struct vk_thread *tracer, const struct vk_thread *thread);
/* A stopped tracee goes on, acts on signal (0: none), and is nobody's if
 * detach says so. */
void ptrace_go_on(struct vk_thread *thread, int signal, bool detach);
/* PTRACE_INTERRUPT. */
void ptrace_interrupt(struct vk_thread *thread);

/* For signals: there is something besides pending ones to act on. */
bool ptrace_is_due(const struct vk_thread *thread);
/* Does what is due: thread may stop.  True: it acts on info. */
bool ptrace_due(struct vk_thread *thread, struct lx_siginfo *info);
/* True: thread, a tracee, has stopped before it acts on info. */
bool ptrace_stop(struct vk_thread *thread, const struct lx_siginfo *info);
/* Thread has stopped with its process, by signal. */
void ptrace_group_stop(struct vk_thread *thread, int signal);
/* Thread has begun another program. */
void ptrace_exec(struct vk_thread *thread);

/* Thread ends: its tracees go on, its tracer hears of it. */
void ptrace_tracer_ends(struct vk_thread *thread);
void ptrace_tracee_ends(struct vk_thread *thread);
/* What process has not waited for is forgotten. */
void ptrace_forget(struct vk_process *process);

/* Looks for a tracee that has stopped or ended.  LX_ECHILD: nobody is meant. */
int ptrace_look(struct ptrace_look *look);

/* ptrace_regs.c: struct user_regs_struct of Linux. */
#define PTRACE_REGS 27

void ptrace_get_regs(const struct vk_thread *thread, uint64_t *regs);
/* LX_EIO: a base that no program can have. */
int ptrace_set_regs(struct vk_thread *thread, const uint64_t *regs);

#endif
