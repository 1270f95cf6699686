/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of the personality: one kernel, its processes, their threads.
 * A process owns or shares an address space, descriptors and a place in the
 * file system; a thread owns registers, a mask, and what it waits for.
 *
 * One host thread does everything here; the guests' threads take turns on one
 * lwp (sched.h).
 */
#ifndef VMS_VKERNEL_KERNEL_H
#define VMS_VKERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <vmspace/frame.h>
#include <vmspace/vmspace.h>

#include "vkernel/cred.h"
#include "vkernel/fdtable.h"
#include "vkernel/files_as.h"
#include "vkernel/futex.h"
#include "vkernel/linux_abi.h"
#include "vkernel/lock.h"
#include "vkernel/mm.h"
#include "vkernel/ptimer.h"
#include "vkernel/ptrace.h"
#include "vkernel/rng.h"
#include "vkernel/rseq.h"
#include "vkernel/sched.h"
#include "vkernel/signal.h"
#include "vkernel/stat_virtual.h"
#include "vkernel/terminal.h"
#include "vkernel/tty.h"
#include "vkernel/vkernel.h"
#include "vkernel/wait.h"

#define VK_SYSCALLS 512
#define VK_FP_BYTES 512

struct disasm;
struct inet_socket;
struct local_msg;
struct vk_fifo;
struct unix_socket;
struct vk_hostsig;
struct strace_thread;
struct vk_watchdog;
struct vk_mq;
struct vk_names;
struct vk_strace;
struct vk_sysv;
struct sem_undo;

struct vk_kernel {
	struct vms *vms;
	const struct vk_options *options;
	struct vk_result *result;
	struct vk_memory memory;
	struct vms_lwp *lwp; /* the one */
	struct vk_sched sched;
	struct vk_rng rng;
	struct vk_hostsig *hostsig;
	struct vk_names *names;
	struct vk_files_as files_as;
	struct vk_terminal terminal;
	struct vk_ttys ttys;
	struct vk_timer cpu_timer;    /* of the turn, see ptimer.h */
	uint64_t queued_signals;      /* of all guests */
	bool stopped_by_terminal;     /* the program's group, by Ctrl-Z */
	struct vk_queue exits;        /* woken when a process ends */
	struct vk_strace *strace;     /* NULL: off */
	struct vk_watchdog *watchdog; /* NULL: off */
	struct disasm *disasm;        /* NULL: not needed yet */
	struct vk_process *first;     /* all processes, zombies too */
	struct vk_process *process;   /* the program itself: its end is ours;
					 NULL: it has ended and is gone */
	unsigned process_count;       /* zombies too */
	unsigned thread_count;
	unsigned traced; /* threads that others trace */
	int last_pid;
	struct vk_futexes futexes;     /* who waits */
	struct local_msg *carriers;    /* messages with descriptions: local.h */
	uint64_t skipped_ns;           /* virtual clock: slept so far */
	struct vk_strangers strangers; /* virtual clock: what stat renames */
	struct vk_locks locks;
	struct vk_mq *mqs;              /* message queues with names */
	struct vk_sysv *sysv;           /* NULL: nobody has asked yet */
	struct vk_fifo *fifos;          /* that guests have open */
	struct unix_socket *unix_names; /* AF_UNIX sockets with names */
	unsigned unix_numbers;          /* names that were made up */
	struct inet_socket *inet_names; /* of our loopback, with a port */
	unsigned inet_ports;            /* that were given */
	uint64_t file_ids;              /* given to files of our own */
	mode_t host_umask;              /* ours is 0 while a guest runs */
	uint64_t unknown[VK_SYSCALLS];  /* calls that got ENOSYS, by number */
	uint64_t unknown_others;        /* with greater numbers */
	uint64_t host_told;             /* ending signals that came from it */
	bool reap;                      /* a thread or process has ended */
	bool ended;                     /* result is final */
};

/* What CLONE_FS shares. */
struct vk_fs {
	unsigned refs;
	int cwd_fd; /* -1: cwd_node */
	struct vk_mount *cwd_mount;
	struct vk_vnode cwd_node;
	int umask;
};

/* What CLONE_SIGHAND shares. */
struct vk_actions {
	unsigned refs;
	struct lx_sigaction rows[LX_NSIG + 1];
};

enum vk_process_end { PROCESS_RUNS, PROCESS_EXITED, PROCESS_KILLED };

struct vk_process {
	struct vk_process *next, *previous; /* in kernel->first */
	struct vk_kernel *kernel;
	struct vk_process *parent; /* NULL: the host, or the parent is gone */
	struct vk_thread *thread;  /* the leader, also when it has exited;
				      NULL: a zombie */
	struct vk_thread *threads; /* all, linked by sibling */
	unsigned thread_count;     /* that have not exited */
	int pid, ppid, pgid, sid;
	int end_signal; /* for the parent; SIGCHLD or of clone */
	struct vk_cred cred;
	struct vk_mm *mm;
	struct vk_fds *fds;
	struct vk_fs *fs;
	struct vk_actions *actions;
	struct vk_pending pending;
	struct lx_rlimit limits[LX_RLIMITS];
	struct vk_ptimers timers;
	struct vk_trace_end *trace_ends; /* of its tracees */
	struct vk_queue signals;         /* woken when one is sent */
	struct vk_queue children; /* woken when a child changes its state */
	struct vk_queue vfork;    /* woken when it execs or ends */
	char exe[LX_PATH_MAX];    /* absolute path of the program */
	uint64_t exe_dev, exe_ino;
	uint64_t load_bias; /* of the program, 0 unless PIE */
	uint64_t arg_start, arg_end, env_start, env_end; /* guest addresses */
	uint64_t auxv_start, auxv_end;
	uint64_t start_ns;        /* clock_now() of its birth */
	uint64_t cpu_ns;          /* of its ended threads */
	uint64_t children_cpu_ns; /* of children that were waited for */
	int death_signal;         /* when the parent ends; 0: none */
	bool undumpable, subreaper, no_new_privs, keep_caps, no_huge_pages;
	int oom_adj;           /* /proc/PID/oom_score_adj */
	uint32_t personality;  /* of personality(2): told, and uname looks */
	struct sem_undo *undo; /* done at its end */
	uint32_t membarriers;  /* MEMBARRIER_CMD_ that are registered */
	bool exited;           /* its threads do not run again */
	bool zombie;           /* and are gone; the parent has not waited yet */
	bool vforked;          /* runs in its parent's mm until exec */
	bool has_execed; /* since fork: setpgid of the parent is refused */
	int exit_status; /* of exit_group */
	int exit_signal; /* or the signal that ended it */
	bool dumped;     /* and was one with a core file */
	int stopping;    /* the signal, until all threads have stopped */
	int stop_signal; /* 0: not stopped */
	bool stop_told, continue_told; /* waits have seen it */
	bool continued;
};

/* What a fault looked like: for signal frames and reports. */
struct vk_trap {
	uint64_t trapno, err, cr2; /* as Linux numbers them */
	uint64_t rip;
};

/* What restart_syscall(2) goes on with. */
struct vk_restart {
	uint64_t nr; /* UINT64_MAX: nothing */
	uint64_t args[6];
	uint64_t deadline_ns;
	bool timed;
};

struct vk_thread {
	struct vk_thread *sibling;         /* in process->threads */
	struct vk_thread *next, *previous; /* in the run queue */
	struct vk_process *process;
	enum vk_thread_state state;
	bool was_waiting; /* before it was stopped */
	bool exited;
	int tid;
	struct vms_lwp *lwp; /* kernel->lwp */
	struct trapframe tf;
	struct vextframe vf;
	uint8_t fp[VK_FP_BYTES]; /* FXSAVE image, unless the lwp has it */
	uint64_t mask;
	uint64_t real_mask;  /* what sigtimedwait has left out of mask */
	uint64_t saved_mask; /* restored when a call that changed it ends */
	bool restore_mask;
	struct vk_pending pending;
	bool notified; /* looks at what is pending */
	struct lx_stack altstack;
	struct vk_trap trap;
	uint64_t args[6]; /* of the system call being done */
	uint64_t nr;
	int restart; /* LX_ERESTART*, 0: nothing to restart */
	struct vk_restart restart_call;
	struct vk_wait wait;
	struct vk_futex futex;
	struct vk_ptrace ptrace;
	uint64_t clear_child_tid;
	uint64_t robust_list, robust_len;
	struct vk_rseq rseq;
	int policy, priority, nice, ioprio; /* told, not acted on */
	bool reset_on_fork;
	uint64_t timerslack_ns; /* 0: the usual one */
	uint64_t cpu_ns;        /* used up before its present turn */
	uint64_t turn_ns;       /* start of its turn */
	uint64_t spurious_va;   /* see trap.c */
	unsigned spurious;
	uint64_t traced_rip;          /* see trace_insn.c; UINT64_MAX: none */
	int exit_status;              /* of exit(2), once exited */
	struct strace_thread *strace; /* NULL: nothing was said of it yet */
	char name[16];
};

/* process.c */

/* The first process, from the options.  Errors are printed; the result is
 * set. */
struct vk_process *process_create(struct vk_kernel *kernel);
/* A child of parent that shares nothing yet but takes over what fork keeps;
 * the clone flags say what is shared.  LX_ errors. */
int process_fork(
    struct vk_thread *parent, uint64_t flags, struct vk_process **out);
/* NULL: no such process. */
struct vk_process *process_lookup(const struct vk_kernel *kernel, int pid);
struct vk_thread *thread_lookup(const struct vk_kernel *kernel, int tid);

/* A thread of process, not yet in the run queue.  LX_ errors. */
int thread_create(struct vk_process *process, struct vk_thread **out);

/* A zombie that was waited for, or that nobody will wait for, is gone. */
void process_release(struct vk_process *process);

/* process_end.c */

/* The end of all its threads; the scheduler does the rest. */
void process_exit(struct vk_process *process, int status);
void process_kill(struct vk_process *process, int signal);
/* The end of one thread: exit(2). */
void thread_exit(struct vk_thread *thread, int status);
/* For the scheduler: a process that has ended becomes a zombie; single threads
 * that have ended go. */
void process_reap(struct vk_process *process);
void process_reap_threads(struct vk_process *process);

/* exec.c */

struct exec_args {
	const char *path; /* guest path, as the caller gave it */
	int fd;           /* host descriptor of it, the caller keeps it */
	const char *const *argv, *const *envp; /* NULL-terminated */
};

/*
 * The program becomes the process's image; thread, which must be its only one,
 * starts it.  LX_ errors leave everything as it was, and message says
 * more.
 */
int exec_load(struct vk_thread *thread, const struct exec_args *args,
    char *message, size_t room);
/* The same for the program of the options; errors are printed and the result
 * is set. */
bool exec_first(struct vk_process *process);

/* kernel.c: one line to options->errors, "vmspace: " before it. */
void kernel_message(const struct vk_kernel *kernel, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* The run cannot go on: host errno value and where. */
void kernel_fail(struct vk_kernel *kernel, int error, const char *where);
/* A limit of the options is reached. */
void kernel_limit(struct vk_kernel *kernel, enum vk_limit limit);
/* Ends the run when log, one of the options' streams, has failed. */
void kernel_check_log(struct vk_kernel *kernel, FILE *log);

#endif
