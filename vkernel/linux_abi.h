/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an x86-64 Linux program sees: numbers and layouts, the same on every
 * host.  LX_ values and struct lx_ layouts follow the kernel's uapi headers.
 *
 * Errors inside vkernel/ are Linux errno numbers (LX_E*), because a guest is
 * who reads them; host numbers are translated where the host is called.
 */
#ifndef VMS_VKERNEL_LINUX_ABI_H
#define VMS_VKERNEL_LINUX_ABI_H

#include <stdint.h>

#define LX_EPERM        1
#define LX_ENOENT       2
#define LX_ESRCH        3
#define LX_EINTR        4
#define LX_EIO          5
#define LX_ENXIO        6
#define LX_E2BIG        7
#define LX_ENOEXEC      8
#define LX_EBADF        9
#define LX_ECHILD       10
#define LX_EAGAIN       11
#define LX_ENOMEM       12
#define LX_EACCES       13
#define LX_EFAULT       14
#define LX_EBUSY        16
#define LX_EEXIST       17
#define LX_EXDEV        18
#define LX_ENODEV       19
#define LX_ENOTDIR      20
#define LX_EISDIR       21
#define LX_EINVAL       22
#define LX_ENFILE       23
#define LX_EMFILE       24
#define LX_ENOTTY       25
#define LX_EFBIG        27
#define LX_ENOSPC       28
#define LX_ESPIPE       29
#define LX_EROFS        30
#define LX_EPIPE        32
#define LX_ERANGE       34
#define LX_EDEADLK      35
#define LX_ENAMETOOLONG 36
#define LX_ELOOP        40
#define LX_ENOSYS       38
#define LX_ENOMSG       42
#define LX_EIDRM        43
#define LX_EOVERFLOW    75
#define LX_EOPNOTSUPP   95
#define LX_EAFNOSUPPORT 97
#define LX_ETIMEDOUT    110
/* Inside only: the call is done again after a signal, as SA_RESTART says. */
#define LX_ERESTART 512
/* Inside only: EINTR when a handler ran, done again otherwise. */
#define LX_ERESTARTNOINTR 513
#define LX_ERESTARTNOHAND 514
/* Inside only: the same, with what is left of its time. */
#define LX_ERESTART_RESTARTBLOCK 516
#define LX_NR_RESTART_SYSCALL    219
#define LX_WAIT                  600 /* ours: the thread is parked, see wait.h */

#define LX_PATH_MAX 4096
#define LX_IOV_MAX  1024
#define LX_RW_MAX   0x7ffff000

#define LX_AT_FDCWD            (-100)
#define LX_AT_SYMLINK_NOFOLLOW 0x100
#define LX_AT_EACCESS          0x200
#define LX_AT_REMOVEDIR        0x200
#define LX_AT_SYMLINK_FOLLOW   0x400
#define LX_AT_NO_AUTOMOUNT     0x800
#define LX_AT_EMPTY_PATH       0x1000

#define LX_S_IFMT   0170000u
#define LX_S_IFSOCK 0140000u
#define LX_S_IFLNK  0120000u
#define LX_S_IFREG  0100000u
#define LX_S_IFBLK  0060000u
#define LX_S_IFDIR  0040000u
#define LX_S_IFCHR  0020000u
#define LX_S_IFIFO  0010000u

#define LX_O_ACCMODE   00000003
#define LX_O_WRONLY    00000001
#define LX_O_RDWR      00000002
#define LX_O_CREAT     00000100
#define LX_O_EXCL      00000200
#define LX_O_NOCTTY    00000400
#define LX_O_TRUNC     00001000
#define LX_O_APPEND    00002000
#define LX_O_NONBLOCK  00004000
#define LX_O_DSYNC     00010000
#define LX_O_ASYNC     00020000
#define LX_O_DIRECT    00040000
#define LX_O_LARGEFILE 00100000
#define LX_O_DIRECTORY 00200000
#define LX_O_NOFOLLOW  00400000
#define LX_O_NOATIME   01000000
#define LX_O_CLOEXEC   02000000
#define LX_O_SYNC      04010000
#define LX_O_PATH      010000000
#define LX_O_TMPFILE   020200000

#define LX_F_DUPFD         0
#define LX_F_GETFD         1
#define LX_F_SETFD         2
#define LX_F_GETFL         3
#define LX_F_SETFL         4
#define LX_F_GETLK         5
#define LX_F_SETLK         6
#define LX_F_SETLKW        7
#define LX_F_SETOWN        8
#define LX_F_GETOWN        9
#define LX_F_OFD_GETLK     36
#define LX_F_OFD_SETLK     37
#define LX_F_OFD_SETLKW    38
#define LX_F_DUPFD_CLOEXEC 1030
#define LX_F_SETPIPE_SZ    1031
#define LX_F_GETPIPE_SZ    1032
#define LX_FD_CLOEXEC      1

#define LX_PROT_READ      1
#define LX_PROT_WRITE     2
#define LX_PROT_EXEC      4
#define LX_PROT_ALL       7
#define LX_PROT_SEM       8
#define LX_PROT_GROWSDOWN 0x01000000

#define LX_MAP_SHARED          0x01
#define LX_MAP_PRIVATE         0x02
#define LX_MAP_SHARED_VALIDATE 0x03
#define LX_MAP_TYPE            0x0f
#define LX_MAP_FIXED           0x10
#define LX_MAP_ANONYMOUS       0x20
#define LX_MAP_32BIT           0x40
#define LX_MAP_GROWSDOWN       0x0100
#define LX_MAP_LOCKED          0x2000
#define LX_MAP_NORESERVE       0x4000
#define LX_MAP_POPULATE        0x8000
#define LX_MAP_STACK           0x20000
#define LX_MAP_HUGETLB         0x40000
#define LX_MAP_SYNC            0x80000
#define LX_MAP_FIXED_NOREPLACE 0x100000

#define LX_MREMAP_MAYMOVE   1
#define LX_MREMAP_FIXED     2
#define LX_MREMAP_DONTUNMAP 4

#define LX_MADV_DONTNEED        4
#define LX_MADV_FREE            8
#define LX_MADV_REMOVE          9
#define LX_MADV_DONTFORK        10
#define LX_MADV_DOFORK          11
#define LX_MADV_WIPEONFORK      18
#define LX_MADV_KEEPONFORK      19
#define LX_MADV_POPULATE_READ   22
#define LX_MADV_POPULATE_WRITE  23
#define LX_MADV_DONTNEED_LOCKED 24

#define LX_MS_ASYNC      1
#define LX_MS_INVALIDATE 2
#define LX_MS_SYNC       4

#define LX_SIGHUP    1
#define LX_SIGINT    2
#define LX_SIGQUIT   3
#define LX_SIGILL    4
#define LX_SIGTRAP   5
#define LX_SIGABRT   6
#define LX_SIGBUS    7
#define LX_SIGFPE    8
#define LX_SIGKILL   9
#define LX_SIGUSR1   10
#define LX_SIGSEGV   11
#define LX_SIGUSR2   12
#define LX_SIGPIPE   13
#define LX_SIGALRM   14
#define LX_SIGTERM   15
#define LX_SIGSTKFLT 16
#define LX_SIGCHLD   17
#define LX_SIGCONT   18
#define LX_SIGSTOP   19
#define LX_SIGTSTP   20
#define LX_SIGTTIN   21
#define LX_SIGTTOU   22
#define LX_SIGURG    23
#define LX_SIGXCPU   24
#define LX_SIGXFSZ   25
#define LX_SIGVTALRM 26
#define LX_SIGPROF   27
#define LX_SIGWINCH  28
#define LX_SIGIO     29
#define LX_SIGPWR    30
#define LX_SIGSYS    31
#define LX_SIGRTMIN  32
#define LX_NSIG      64

#define LX_SIG_DFL 0
#define LX_SIG_IGN 1

#define LX_SIG_BLOCK   0
#define LX_SIG_UNBLOCK 1
#define LX_SIG_SETMASK 2

#define LX_SA_NOCLDSTOP UINT64_C(1)
#define LX_SA_NOCLDWAIT UINT64_C(2)
#define LX_SA_SIGINFO   UINT64_C(0x00000004)
#define LX_SA_RESTORER  UINT64_C(0x04000000)
#define LX_SA_ONSTACK   UINT64_C(0x08000000)
#define LX_SA_RESTART   UINT64_C(0x10000000)
#define LX_SA_NODEFER   UINT64_C(0x40000000)
#define LX_SA_RESETHAND UINT64_C(0x80000000)

#define LX_SS_ONSTACK    1
#define LX_SS_DISABLE    2
#define LX_SS_AUTODISARM INT32_MIN
#define LX_MINSIGSTKSZ   2048

#define LX_SI_USER         0
#define LX_SI_KERNEL       0x80
#define LX_SI_TKILL        (-6)
#define LX_SI_QUEUE        (-1)
#define LX_SI_TIMER        (-2)
#define LX_SIGEV_SIGNAL    0
#define LX_SIGEV_NONE      1
#define LX_SIGEV_THREAD_ID 4

#define LX_ILL_ILLOPN  2
#define LX_FPE_INTDIV  1
#define LX_FPE_FLTDIV  3
#define LX_FPE_FLTOVF  4
#define LX_FPE_FLTUND  5
#define LX_FPE_FLTRES  6
#define LX_FPE_FLTINV  7
#define LX_SEGV_MAPERR 1
#define LX_SEGV_ACCERR 2
#define LX_BUS_ADRALN  1
#define LX_BUS_ADRERR  2
#define LX_TRAP_TRACE  2

#define LX_ARCH_SET_GS 0x1001
#define LX_ARCH_SET_FS 0x1002
#define LX_ARCH_GET_FS 0x1003
#define LX_ARCH_GET_GS 0x1004

#define LX_RLIMIT_CPU        0
#define LX_RLIMIT_FSIZE      1
#define LX_RLIMIT_DATA       2
#define LX_RLIMIT_STACK      3
#define LX_RLIMIT_CORE       4
#define LX_RLIMIT_NPROC      6
#define LX_RLIMIT_NOFILE     7
#define LX_RLIMIT_MEMLOCK    8
#define LX_RLIMIT_AS         9
#define LX_RLIMIT_SIGPENDING 11
#define LX_RLIMIT_RTPRIO     14
#define LX_RLIMITS           16
#define LX_RLIM_INFINITY     UINT64_MAX

#define LX_CLOCK_REALTIME           0
#define LX_CLOCK_MONOTONIC          1
#define LX_CLOCK_PROCESS_CPUTIME_ID 2
#define LX_CLOCK_THREAD_CPUTIME_ID  3
#define LX_CLOCK_MONOTONIC_RAW      4
#define LX_CLOCK_REALTIME_COARSE    5
#define LX_CLOCK_MONOTONIC_COARSE   6
#define LX_CLOCK_BOOTTIME           7
#define LX_CLOCK_REALTIME_ALARM     8
#define LX_CLOCK_BOOTTIME_ALARM     9
#define LX_CLOCK_TAI                11
#define LX_TIMER_ABSTIME            1

struct lx_timespec {
	int64_t tv_sec;
	int64_t tv_nsec;
};

struct lx_timeval {
	int64_t tv_sec;
	int64_t tv_usec;
};

struct lx_itimerval {
	struct lx_timeval it_interval;
	struct lx_timeval it_value;
};

struct lx_itimerspec {
	struct lx_timespec it_interval;
	struct lx_timespec it_value;
};

struct lx_sigevent { /* 64 bytes */
	uint64_t value;
	int32_t signal;
	int32_t notify;
	int32_t tid;
	int32_t pad[11];
};

struct lx_iovec {
	uint64_t iov_base;
	uint64_t iov_len;
};

struct lx_stat { /* 144 bytes */
	uint64_t st_dev;
	uint64_t st_ino;
	uint64_t st_nlink;
	uint32_t st_mode;
	uint32_t st_uid;
	uint32_t st_gid;
	uint32_t pad0;
	uint64_t st_rdev;
	int64_t st_size;
	int64_t st_blksize;
	int64_t st_blocks;
	struct lx_timespec st_atim;
	struct lx_timespec st_mtim;
	struct lx_timespec st_ctim;
	int64_t unused[3];
};

struct lx_statx_timestamp {
	int64_t tv_sec;
	uint32_t tv_nsec;
	int32_t pad;
};

struct lx_statx { /* 256 bytes */
	uint32_t stx_mask;
	uint32_t stx_blksize;
	uint64_t stx_attributes;
	uint32_t stx_nlink;
	uint32_t stx_uid;
	uint32_t stx_gid;
	uint16_t stx_mode;
	uint16_t pad1;
	uint64_t stx_ino;
	uint64_t stx_size;
	uint64_t stx_blocks;
	uint64_t stx_attributes_mask;
	struct lx_statx_timestamp stx_atime;
	struct lx_statx_timestamp stx_btime;
	struct lx_statx_timestamp stx_ctime;
	struct lx_statx_timestamp stx_mtime;
	uint32_t stx_rdev_major;
	uint32_t stx_rdev_minor;
	uint32_t stx_dev_major;
	uint32_t stx_dev_minor;
	uint64_t stx_mnt_id;
	uint64_t spare[13];
};

struct lx_statfs { /* 120 bytes */
	int64_t f_type;
	int64_t f_bsize;
	uint64_t f_blocks;
	uint64_t f_bfree;
	uint64_t f_bavail;
	uint64_t f_files;
	uint64_t f_ffree;
	int32_t f_fsid[2];
	int64_t f_namelen;
	int64_t f_frsize;
	int64_t f_flags;
	int64_t f_spare[4];
};

struct lx_termios { /* the kernel's: 36 bytes */
	uint32_t c_iflag;
	uint32_t c_oflag;
	uint32_t c_cflag;
	uint32_t c_lflag;
	uint8_t c_line;
	uint8_t c_cc[19];
};

struct lx_winsize {
	uint16_t ws_row;
	uint16_t ws_col;
	uint16_t ws_xpixel;
	uint16_t ws_ypixel;
};

struct lx_flock {
	int16_t l_type; /* 0 read, 1 write, 2 unlock */
	int16_t l_whence;
	int32_t pad;
	int64_t l_start;
	int64_t l_len;
	int32_t l_pid;
	int32_t pad2;
};

struct lx_pollfd {
	int32_t fd;
	int16_t events;
	int16_t revents;
};

struct lx_rlimit {
	uint64_t rlim_cur;
	uint64_t rlim_max;
};

struct lx_rusage { /* 144 bytes */
	struct lx_timeval ru_utime;
	struct lx_timeval ru_stime;
	int64_t ru_maxrss;
	int64_t other[13];
};

struct lx_tms {
	int64_t tms_utime;
	int64_t tms_stime;
	int64_t tms_cutime;
	int64_t tms_cstime;
};

struct lx_utsname {
	char sysname[65];
	char nodename[65];
	char release[65];
	char version[65];
	char machine[65];
	char domainname[65];
};

struct lx_sysinfo { /* 112 bytes */
	int64_t uptime;
	uint64_t loads[3];
	uint64_t totalram;
	uint64_t freeram;
	uint64_t sharedram;
	uint64_t bufferram;
	uint64_t totalswap;
	uint64_t freeswap;
	uint16_t procs;
	uint16_t pad;
	uint64_t totalhigh;
	uint64_t freehigh;
	uint32_t mem_unit;
	uint32_t pad2;
};

struct lx_sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};

struct lx_stack {
	uint64_t ss_sp;
	int32_t ss_flags;
	int32_t pad;
	uint64_t ss_size;
};

struct lx_siginfo { /* 128 bytes */
	int32_t si_signo;
	int32_t si_errno;
	int32_t si_code;
	int32_t pad;
	union {
		struct {
			int32_t pid;
			uint32_t uid;
			uint64_t value;
		} rt;
		struct {
			int32_t pid;
			uint32_t uid;
			int32_t status;
			int32_t pad;
			int64_t utime, stime;
		} chld;
		uint64_t addr;
		uint64_t bytes[14];
	} u;
};

struct lx_sigcontext { /* 256 bytes */
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp;
	uint64_t rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2;
	uint64_t fpstate;
	uint64_t reserved[8];
};

struct lx_ucontext { /* 304 bytes */
	uint64_t uc_flags;
	uint64_t uc_link;
	struct lx_stack uc_stack;
	struct lx_sigcontext uc_mcontext;
	uint64_t uc_sigmask;
};

struct lx_rt_sigframe { /* 440 bytes */
	uint64_t pretcode;
	struct lx_ucontext uc;
	struct lx_siginfo info;
};

_Static_assert(sizeof(struct lx_stat) == 144, "stat");
_Static_assert(sizeof(struct lx_statx) == 256, "statx");
_Static_assert(sizeof(struct lx_statfs) == 120, "statfs");
_Static_assert(sizeof(struct lx_termios) == 36, "termios");
_Static_assert(sizeof(struct lx_rusage) == 144, "rusage");
_Static_assert(sizeof(struct lx_sysinfo) == 112, "sysinfo");
_Static_assert(sizeof(struct lx_siginfo) == 128, "siginfo");
_Static_assert(sizeof(struct lx_sigcontext) == 256, "sigcontext");
_Static_assert(sizeof(struct lx_rt_sigframe) == 440, "rt_sigframe");

#define LX_CSIGNAL              UINT64_C(0xff)
#define LX_CLONE_VM             UINT64_C(0x100)
#define LX_CLONE_FS             UINT64_C(0x200)
#define LX_CLONE_FILES          UINT64_C(0x400)
#define LX_CLONE_SIGHAND        UINT64_C(0x800)
#define LX_CLONE_PIDFD          UINT64_C(0x1000)
#define LX_CLONE_PTRACE         UINT64_C(0x2000)
#define LX_CLONE_VFORK          UINT64_C(0x4000)
#define LX_CLONE_PARENT         UINT64_C(0x8000)
#define LX_CLONE_THREAD         UINT64_C(0x10000)
#define LX_CLONE_NEWNS          UINT64_C(0x20000)
#define LX_CLONE_SYSVSEM        UINT64_C(0x40000)
#define LX_CLONE_SETTLS         UINT64_C(0x80000)
#define LX_CLONE_PARENT_SETTID  UINT64_C(0x100000)
#define LX_CLONE_CHILD_CLEARTID UINT64_C(0x200000)
#define LX_CLONE_DETACHED       UINT64_C(0x400000)
#define LX_CLONE_UNTRACED       UINT64_C(0x800000)
#define LX_CLONE_CHILD_SETTID   UINT64_C(0x1000000)
#define LX_CLONE_NEWCGROUP      UINT64_C(0x2000000)
#define LX_CLONE_NEWUTS         UINT64_C(0x4000000)
#define LX_CLONE_NEWIPC         UINT64_C(0x8000000)
#define LX_CLONE_NEWUSER        UINT64_C(0x10000000)
#define LX_CLONE_NEWPID         UINT64_C(0x20000000)
#define LX_CLONE_NEWNET         UINT64_C(0x40000000)
#define LX_CLONE_IO             UINT64_C(0x80000000)
#define LX_CLONE_CLEAR_SIGHAND  UINT64_C(0x100000000)
#define LX_CLONE_INTO_CGROUP    UINT64_C(0x200000000)

struct lx_clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
	    stack_size, tls, set_tid, set_tid_size, cgroup;
};

#define LX_CLD_EXITED    1
#define LX_CLD_KILLED    2
#define LX_CLD_DUMPED    3
#define LX_CLD_TRAPPED   4
#define LX_CLD_STOPPED   5
#define LX_CLD_CONTINUED 6

#define LX_WNOHANG    1
#define LX_WUNTRACED  2
#define LX_WSTOPPED   2
#define LX_WEXITED    4
#define LX_WCONTINUED 8
#define LX_WNOWAIT    0x01000000
#define LX_WNOTHREAD  0x20000000
#define LX_WALL       0x40000000
#define LX_WCLONE     0x80000000

#endif
