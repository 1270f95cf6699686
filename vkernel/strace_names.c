/* SPDX-License-Identifier: BSD-2-Clause */
/* Kinds with the names of their values, then the tables of them.  Flags
 * that contain others come before these. */
#include "vkernel/strace_names.h"

#include <inttypes.h>
#include <string.h>

#include "vkernel/linux_abi.h"
#include "vkernel/strace_text.h"

static const struct name_row prot_rows[] = { { 1, "PROT_READ" },
	{ 2, "PROT_WRITE" }, { 4, "PROT_EXEC" }, { 8, "PROT_SEM" },
	{ 0x1000000, "PROT_GROWSDOWN" }, { 0x2000000, "PROT_GROWSUP" } };

static const struct name_row map_rows[] = { { 3, "MAP_SHARED_VALIDATE" },
	{ 1, "MAP_SHARED" }, { 2, "MAP_PRIVATE" }, { 0x10, "MAP_FIXED" },
	{ 0x20, "MAP_ANONYMOUS" }, { 0x40, "MAP_32BIT" },
	{ 0x4000, "MAP_NORESERVE" }, { 0x8000, "MAP_POPULATE" },
	{ 0x10000, "MAP_NONBLOCK" }, { 0x100, "MAP_GROWSDOWN" },
	{ 0x800, "MAP_DENYWRITE" }, { 0x1000, "MAP_EXECUTABLE" },
	{ 0x2000, "MAP_LOCKED" }, { 0x20000, "MAP_STACK" },
	{ 0x40000, "MAP_HUGETLB" }, { 0x80000, "MAP_SYNC" },
	{ 0x100000, "MAP_FIXED_NOREPLACE" } };

static const struct name_row mremap_rows[] = { { 1, "MREMAP_MAYMOVE" },
	{ 2, "MREMAP_FIXED" }, { 4, "MREMAP_DONTUNMAP" } };

static const struct name_row msync_rows[] = { { 1, "MS_ASYNC" },
	{ 4, "MS_SYNC" }, { 2, "MS_INVALIDATE" } };

static const struct name_row mlockall_rows[] = { { 1, "MCL_CURRENT" },
	{ 2, "MCL_FUTURE" }, { 4, "MCL_ONFAULT" } };

static const struct name_row madvise_rows[] = { { 0, "MADV_NORMAL" },
	{ 1, "MADV_RANDOM" }, { 2, "MADV_SEQUENTIAL" }, { 3, "MADV_WILLNEED" },
	{ 4, "MADV_DONTNEED" }, { 8, "MADV_FREE" }, { 9, "MADV_REMOVE" },
	{ 10, "MADV_DONTFORK" }, { 11, "MADV_DOFORK" },
	{ 12, "MADV_MERGEABLE" }, { 13, "MADV_UNMERGEABLE" },
	{ 14, "MADV_HUGEPAGE" }, { 15, "MADV_NOHUGEPAGE" },
	{ 16, "MADV_DONTDUMP" }, { 17, "MADV_DODUMP" },
	{ 18, "MADV_WIPEONFORK" }, { 19, "MADV_KEEPONFORK" },
	{ 20, "MADV_COLD" }, { 21, "MADV_PAGEOUT" },
	{ 22, "MADV_POPULATE_READ" }, { 23, "MADV_POPULATE_WRITE" },
	{ 24, "MADV_DONTNEED_LOCKED" }, { 25, "MADV_COLLAPSE" } };

static const struct name_row memfd_rows[] = { { 1, "MFD_CLOEXEC" },
	{ 2, "MFD_ALLOW_SEALING" }, { 4, "MFD_HUGETLB" } };

static const struct name_row at_rows[] = { { 0x100, "AT_SYMLINK_NOFOLLOW" },
	{ 0x200, "AT_REMOVEDIR" }, { 0x400, "AT_SYMLINK_FOLLOW" },
	{ 0x800, "AT_NO_AUTOMOUNT" }, { 0x1000, "AT_EMPTY_PATH" } };

static const struct name_row at_access_rows[] = { { 0x100,
						      "AT_SYMLINK_NOFOLLOW" },
	{ 0x200, "AT_EACCESS" }, { 0x1000, "AT_EMPTY_PATH" } };

static const struct name_row at_statx_rows[] = { { 0x100,
						     "AT_SYMLINK_NOFOLLOW" },
	{ 0x200, "AT_REMOVEDIR" }, { 0x400, "AT_SYMLINK_FOLLOW" },
	{ 0x800, "AT_NO_AUTOMOUNT" }, { 0x1000, "AT_EMPTY_PATH" } };

static const struct name_row statx_mask_rows[] = { { 0xfff, "STATX_ALL" },
	{ 0x7ff, "STATX_BASIC_STATS" }, { 1, "STATX_TYPE" },
	{ 2, "STATX_MODE" }, { 4, "STATX_NLINK" }, { 8, "STATX_UID" },
	{ 0x10, "STATX_GID" }, { 0x20, "STATX_ATIME" }, { 0x40, "STATX_MTIME" },
	{ 0x80, "STATX_CTIME" }, { 0x100, "STATX_INO" },
	{ 0x200, "STATX_SIZE" }, { 0x400, "STATX_BLOCKS" },
	{ 0x800, "STATX_BTIME" }, { 0x1000, "STATX_MNT_ID" } };

static const struct name_row statx_attr_rows[] = {
	{ 4, "STATX_ATTR_COMPRESSED" }, { 0x10, "STATX_ATTR_IMMUTABLE" },
	{ 0x20, "STATX_ATTR_APPEND" }, { 0x40, "STATX_ATTR_NODUMP" },
	{ 0x800, "STATX_ATTR_ENCRYPTED" }, { 0x1000, "STATX_ATTR_AUTOMOUNT" },
	{ 0x2000, "STATX_ATTR_MOUNT_ROOT" }, { 0x100000, "STATX_ATTR_VERITY" },
	{ 0x200000, "STATX_ATTR_DAX" }
};

static const struct name_row access_rows[] = { { 4, "R_OK" }, { 2, "W_OK" },
	{ 1, "X_OK" } };

static const struct name_row whence_rows[] = { { 0, "SEEK_SET" },
	{ 1, "SEEK_CUR" }, { 2, "SEEK_END" }, { 3, "SEEK_DATA" },
	{ 4, "SEEK_HOLE" } };

static const struct name_row advise_rows[] = { { 0, "POSIX_FADV_NORMAL" },
	{ 1, "POSIX_FADV_RANDOM" }, { 2, "POSIX_FADV_SEQUENTIAL" },
	{ 3, "POSIX_FADV_WILLNEED" }, { 4, "POSIX_FADV_DONTNEED" },
	{ 5, "POSIX_FADV_NOREUSE" } };

static const struct name_row fallocate_rows[] = { { 1, "FALLOC_FL_KEEP_SIZE" },
	{ 2, "FALLOC_FL_PUNCH_HOLE" }, { 4, "FALLOC_FL_NO_HIDE_STALE" },
	{ 8, "FALLOC_FL_COLLAPSE_RANGE" }, { 0x10, "FALLOC_FL_ZERO_RANGE" },
	{ 0x20, "FALLOC_FL_INSERT_RANGE" },
	{ 0x40, "FALLOC_FL_UNSHARE_RANGE" } };

static const struct name_row flock_rows[] = { { 1, "LOCK_SH" },
	{ 2, "LOCK_EX" }, { 8, "LOCK_UN" }, { 4, "LOCK_NB" } };

static const struct name_row rwf_rows[] = { { 1, "RWF_HIPRI" },
	{ 2, "RWF_DSYNC" }, { 4, "RWF_SYNC" }, { 8, "RWF_NOWAIT" },
	{ 0x10, "RWF_APPEND" } };

static const struct name_row rename_rows[] = { { 1, "RENAME_NOREPLACE" },
	{ 2, "RENAME_EXCHANGE" }, { 4, "RENAME_WHITEOUT" } };

static const struct name_row xattr_rows[] = { { 1, "XATTR_CREATE" },
	{ 2, "XATTR_REPLACE" } };

static const struct name_row splice_rows[] = { { 1, "SPLICE_F_MOVE" },
	{ 2, "SPLICE_F_NONBLOCK" }, { 4, "SPLICE_F_MORE" },
	{ 8, "SPLICE_F_GIFT" } };

static const struct name_row closerange_rows[] = { { 2, "CLOSE_RANGE_UNSHARE" },
	{ 4, "CLOSE_RANGE_CLOEXEC" } };

static const struct name_row clock_rows[] = { { 0, "CLOCK_REALTIME" },
	{ 1, "CLOCK_MONOTONIC" }, { 2, "CLOCK_PROCESS_CPUTIME_ID" },
	{ 3, "CLOCK_THREAD_CPUTIME_ID" }, { 4, "CLOCK_MONOTONIC_RAW" },
	{ 5, "CLOCK_REALTIME_COARSE" }, { 6, "CLOCK_MONOTONIC_COARSE" },
	{ 7, "CLOCK_BOOTTIME" }, { 8, "CLOCK_REALTIME_ALARM" },
	{ 9, "CLOCK_BOOTTIME_ALARM" }, { 11, "CLOCK_TAI" } };

static const struct name_row timer_flags_rows[] = { { 1, "TIMER_ABSTIME" } };

static const struct name_row itimer_rows[] = { { 0, "ITIMER_REAL" },
	{ 1, "ITIMER_VIRTUAL" }, { 2, "ITIMER_PROF" } };

static const struct name_row how_rows[] = { { 0, "SIG_BLOCK" },
	{ 1, "SIG_UNBLOCK" }, { 2, "SIG_SETMASK" } };

static const struct name_row sa_rows[] = { { LX_SA_RESTORER, "SA_RESTORER" },
	{ LX_SA_ONSTACK, "SA_ONSTACK" }, { LX_SA_RESTART, "SA_RESTART" },
	{ LX_SA_NODEFER, "SA_NODEFER" }, { LX_SA_RESETHAND, "SA_RESETHAND" },
	{ LX_SA_SIGINFO, "SA_SIGINFO" }, { LX_SA_NOCLDSTOP, "SA_NOCLDSTOP" },
	{ LX_SA_NOCLDWAIT, "SA_NOCLDWAIT" } };

static const struct name_row ss_rows[] = { { 1, "SS_ONSTACK" },
	{ 2, "SS_DISABLE" }, { 0x80000000, "SS_AUTODISARM" } };

static const struct name_row wait_rows[] = { { 1, "WNOHANG" },
	{ 2, "WSTOPPED" }, { 4, "WEXITED" }, { 8, "WCONTINUED" },
	{ 0x1000000, "WNOWAIT" }, { 0x80000000, "__WCLONE" },
	{ 0x40000000, "__WALL" }, { 0x20000000, "__WNOTHREAD" } };

static const struct name_row idtype_rows[] = { { 0, "P_ALL" }, { 1, "P_PID" },
	{ 2, "P_PGID" }, { 3, "P_PIDFD" } };

static const struct name_row clone_rows[] = { { 0x100, "CLONE_VM" },
	{ 0x200, "CLONE_FS" }, { 0x400, "CLONE_FILES" },
	{ 0x800, "CLONE_SIGHAND" }, { 0x1000, "CLONE_PIDFD" },
	{ 0x2000, "CLONE_PTRACE" }, { 0x4000, "CLONE_VFORK" },
	{ 0x8000, "CLONE_PARENT" }, { 0x10000, "CLONE_THREAD" },
	{ 0x20000, "CLONE_NEWNS" }, { 0x40000, "CLONE_SYSVSEM" },
	{ 0x80000, "CLONE_SETTLS" }, { 0x100000, "CLONE_PARENT_SETTID" },
	{ 0x200000, "CLONE_CHILD_CLEARTID" }, { 0x400000, "CLONE_DETACHED" },
	{ 0x800000, "CLONE_UNTRACED" }, { 0x1000000, "CLONE_CHILD_SETTID" },
	{ 0x2000000, "CLONE_NEWCGROUP" }, { 0x4000000, "CLONE_NEWUTS" },
	{ 0x8000000, "CLONE_NEWIPC" }, { 0x10000000, "CLONE_NEWUSER" },
	{ 0x20000000, "CLONE_NEWPID" }, { 0x40000000, "CLONE_NEWNET" },
	{ 0x80000000, "CLONE_IO" }, { 0x100000000, "CLONE_CLEAR_SIGHAND" },
	{ 0x200000000, "CLONE_INTO_CGROUP" }, { 0x80, "CLONE_NEWTIME" } };

static const struct name_row futex_rows[] = { { 0, "FUTEX_WAIT" },
	{ 1, "FUTEX_WAKE" }, { 2, "FUTEX_FD" }, { 3, "FUTEX_REQUEUE" },
	{ 4, "FUTEX_CMP_REQUEUE" }, { 5, "FUTEX_WAKE_OP" },
	{ 6, "FUTEX_LOCK_PI" }, { 7, "FUTEX_UNLOCK_PI" },
	{ 8, "FUTEX_TRYLOCK_PI" }, { 9, "FUTEX_WAIT_BITSET" },
	{ 10, "FUTEX_WAKE_BITSET" }, { 11, "FUTEX_WAIT_REQUEUE_PI" },
	{ 12, "FUTEX_CMP_REQUEUE_PI" }, { 13, "FUTEX_LOCK_PI2" } };

static const struct name_row fcntl_rows[] = { { 0, "F_DUPFD" },
	{ 1, "F_GETFD" }, { 2, "F_SETFD" }, { 3, "F_GETFL" }, { 4, "F_SETFL" },
	{ 5, "F_GETLK" }, { 6, "F_SETLK" }, { 7, "F_SETLKW" },
	{ 8, "F_SETOWN" }, { 9, "F_GETOWN" }, { 10, "F_SETSIG" },
	{ 11, "F_GETSIG" }, { 15, "F_SETOWN_EX" }, { 16, "F_GETOWN_EX" },
	{ 36, "F_OFD_GETLK" }, { 37, "F_OFD_SETLK" }, { 38, "F_OFD_SETLKW" },
	{ 1024, "F_SETLEASE" }, { 1025, "F_GETLEASE" }, { 1026, "F_NOTIFY" },
	{ 1030, "F_DUPFD_CLOEXEC" }, { 1031, "F_SETPIPE_SZ" },
	{ 1032, "F_GETPIPE_SZ" }, { 1033, "F_ADD_SEALS" },
	{ 1034, "F_GET_SEALS" } };

static const struct name_row fd_flags_rows[] = { { 1, "FD_CLOEXEC" } };

static const struct name_row seals_rows[] = { { 1, "F_SEAL_SEAL" },
	{ 2, "F_SEAL_SHRINK" }, { 4, "F_SEAL_GROW" }, { 8, "F_SEAL_WRITE" },
	{ 16, "F_SEAL_FUTURE_WRITE" } };

static const struct name_row lock_type_rows[] = { { 0, "F_RDLCK" },
	{ 1, "F_WRLCK" }, { 2, "F_UNLCK" } };

static const struct name_row ioctl_rows[] = { { 0x5401, "TCGETS" },
	{ 0x5402, "TCSETS" }, { 0x5403, "TCSETSW" }, { 0x5404, "TCSETSF" },
	{ 0x5409, "TCSBRK" }, { 0x540a, "TCXONC" }, { 0x540b, "TCFLSH" },
	{ 0x540c, "TIOCEXCL" }, { 0x540e, "TIOCSCTTY" },
	{ 0x540f, "TIOCGPGRP" }, { 0x5410, "TIOCSPGRP" },
	{ 0x5411, "TIOCOUTQ" }, { 0x5412, "TIOCSTI" }, { 0x5413, "TIOCGWINSZ" },
	{ 0x5414, "TIOCSWINSZ" }, { 0x541b, "FIONREAD" }, { 0x5421, "FIONBIO" },
	{ 0x5422, "TIOCNOTTY" }, { 0x5425, "TCSBRKP" }, { 0x5429, "TIOCGSID" },
	{ 0x80045430, "TIOCGPTN" }, { 0x40045431, "TIOCSPTLCK" },
	{ 0x5441, "TIOCGPTPEER" }, { 0x5450, "FIONCLEX" },
	{ 0x5451, "FIOCLEX" }, { 0x5452, "FIOASYNC" }, { 0x5460, "FIOQSIZE" },
	{ 0x40049409, "BTRFS_IOC_CLONE or FICLONE" }, { 0x8912, "SIOCGIFCONF" },
	{ 0x8927, "SIOCGIFHWADDR" }, { 0x8933, "SIOCGIFINDEX" },
	{ 0x80086601, "FS_IOC_GETFLAGS" }, { 0x40086602, "FS_IOC_SETFLAGS" },
	{ 0xc020660b, "FS_IOC_FIEMAP" } };

static const struct name_row rlimit_rows[] = { { 0, "RLIMIT_CPU" },
	{ 1, "RLIMIT_FSIZE" }, { 2, "RLIMIT_DATA" }, { 3, "RLIMIT_STACK" },
	{ 4, "RLIMIT_CORE" }, { 5, "RLIMIT_RSS" }, { 6, "RLIMIT_NPROC" },
	{ 7, "RLIMIT_NOFILE" }, { 8, "RLIMIT_MEMLOCK" }, { 9, "RLIMIT_AS" },
	{ 10, "RLIMIT_LOCKS" }, { 11, "RLIMIT_SIGPENDING" },
	{ 12, "RLIMIT_MSGQUEUE" }, { 13, "RLIMIT_NICE" },
	{ 14, "RLIMIT_RTPRIO" }, { 15, "RLIMIT_RTTIME" } };

static const struct name_row rusage_rows[] = { { 0, "RUSAGE_SELF" },
	{ 0xffffffff, "RUSAGE_CHILDREN" }, { 1, "RUSAGE_THREAD" } };

static const struct name_row arch_rows[] = { { 0x1001, "ARCH_SET_GS" },
	{ 0x1002, "ARCH_SET_FS" }, { 0x1003, "ARCH_GET_FS" },
	{ 0x1004, "ARCH_GET_GS" }, { 0x1011, "ARCH_GET_CPUID" },
	{ 0x1012, "ARCH_SET_CPUID" }, { 0x1021, "ARCH_GET_XCOMP_SUPP" },
	{ 0x1022, "ARCH_GET_XCOMP_PERM" }, { 0x1023, "ARCH_REQ_XCOMP_PERM" } };

static const struct name_row prctl_rows[] = { { 1, "PR_SET_PDEATHSIG" },
	{ 2, "PR_GET_PDEATHSIG" }, { 3, "PR_GET_DUMPABLE" },
	{ 4, "PR_SET_DUMPABLE" }, { 7, "PR_GET_KEEPCAPS" },
	{ 8, "PR_SET_KEEPCAPS" }, { 13, "PR_GET_TIMING" },
	{ 14, "PR_SET_TIMING" }, { 15, "PR_SET_NAME" }, { 16, "PR_GET_NAME" },
	{ 21, "PR_GET_SECCOMP" }, { 22, "PR_SET_SECCOMP" },
	{ 23, "PR_CAPBSET_READ" }, { 24, "PR_CAPBSET_DROP" },
	{ 25, "PR_GET_TSC" }, { 26, "PR_SET_TSC" }, { 27, "PR_GET_SECUREBITS" },
	{ 28, "PR_SET_SECUREBITS" }, { 29, "PR_SET_TIMERSLACK" },
	{ 30, "PR_GET_TIMERSLACK" }, { 35, "PR_SET_MM" },
	{ 36, "PR_SET_CHILD_SUBREAPER" }, { 37, "PR_GET_CHILD_SUBREAPER" },
	{ 38, "PR_SET_NO_NEW_PRIVS" }, { 39, "PR_GET_NO_NEW_PRIVS" },
	{ 40, "PR_GET_TID_ADDRESS" }, { 41, "PR_SET_THP_DISABLE" },
	{ 42, "PR_GET_THP_DISABLE" }, { 47, "PR_CAP_AMBIENT" },
	{ 0x53564d41, "PR_SET_VMA" }, { 0x59616d61, "PR_SET_PTRACER" } };

static const struct name_row dumpable_rows[] = { { 0, "SUID_DUMP_DISABLE" },
	{ 1, "SUID_DUMP_USER" }, { 2, "SUID_DUMP_ROOT" } };

static const struct name_row sched_rows[] = { { 0, "SCHED_OTHER" },
	{ 1, "SCHED_FIFO" }, { 2, "SCHED_RR" }, { 3, "SCHED_BATCH" },
	{ 5, "SCHED_IDLE" }, { 6, "SCHED_DEADLINE" } };

static const struct name_row prio_rows[] = { { 0, "PRIO_PROCESS" },
	{ 1, "PRIO_PGRP" }, { 2, "PRIO_USER" } };

static const struct name_row random_rows[] = { { 1, "GRND_NONBLOCK" },
	{ 2, "GRND_RANDOM" }, { 4, "GRND_INSECURE" } };

static const struct name_row personality_rows[] = { { 0, "PER_LINUX" },
	{ 0xffffffff, "0xffffffff" },
	{ 0x40000, "PER_LINUX|ADDR_NO_RANDOMIZE" } };

static const struct name_row eventfd_rows[] = { { 1, "EFD_SEMAPHORE" },
	{ 02000000, "EFD_CLOEXEC" }, { 04000, "EFD_NONBLOCK" } };

static const struct name_row timerfd_rows[] = { { 02000000, "TFD_CLOEXEC" },
	{ 04000, "TFD_NONBLOCK" } };

static const struct name_row timerfd_set_rows[] = { { 1, "TFD_TIMER_ABSTIME" },
	{ 2, "TFD_TIMER_CANCEL_ON_SET" } };

static const struct name_row signalfd_rows[] = { { 02000000, "SFD_CLOEXEC" },
	{ 04000, "SFD_NONBLOCK" } };

static const struct name_row inotify_rows[] = { { 02000000, "IN_CLOEXEC" },
	{ 04000, "IN_NONBLOCK" } };

static const struct name_row sigev_rows[] = { { 0, "SIGEV_SIGNAL" },
	{ 1, "SIGEV_NONE" }, { 2, "SIGEV_THREAD" }, { 4, "SIGEV_THREAD_ID" } };

static const struct name_row fs_rows[] = { { 0xef53, "EXT2_SUPER_MAGIC" },
	{ 0x01021994, "TMPFS_MAGIC" }, { 0x9fa0, "PROC_SUPER_MAGIC" },
	{ 0x62656572, "SYSFS_MAGIC" }, { 0x58465342, "XFS_SUPER_MAGIC" },
	{ 0x9123683e, "BTRFS_SUPER_MAGIC" },
	{ 0x794c7630, "OVERLAYFS_SUPER_MAGIC" },
	{ 0x1cd1, "DEVPTS_SUPER_MAGIC" }, { 0x6969, "NFS_SUPER_MAGIC" },
	{ 0x4d44, "MSDOS_SUPER_MAGIC" }, { 0x50495045, "PIPEFS_MAGIC" },
	{ 0x534f434b, "SOCKFS_MAGIC" }, { 0x2fc12fc1, "ZFS_SUPER_MAGIC" },
	{ 0x65735546, "FUSE_SUPER_MAGIC" } };

static const struct name_row st_rows[] = { { 0x20, "ST_VALID" },
	{ 1, "ST_RDONLY" }, { 2, "ST_NOSUID" }, { 4, "ST_NODEV" },
	{ 8, "ST_NOEXEC" }, { 0x10, "ST_SYNCHRONOUS" }, { 0x40, "ST_MANDLOCK" },
	{ 0x400, "ST_NOATIME" }, { 0x800, "ST_NODIRATIME" },
	{ 0x1000, "ST_RELATIME" } };

static const struct name_row membarrier_rows[] = {
	{ 0, "MEMBARRIER_CMD_QUERY" }, { 1, "MEMBARRIER_CMD_GLOBAL" },
	{ 2, "MEMBARRIER_CMD_GLOBAL_EXPEDITED" },
	{ 4, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED" },
	{ 8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED" },
	{ 16, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED" },
	{ 32, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE" },
	{ 64, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE" },
	{ 128, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ" },
	{ 256, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ" }
};

static const struct name_row rseq_rows[] = { { 1, "RSEQ_FLAG_UNREGISTER" } };

static const struct name_row open_rows[] = { { LX_O_CREAT, "O_CREAT" },
	{ LX_O_EXCL, "O_EXCL" }, { LX_O_NOCTTY, "O_NOCTTY" },
	{ LX_O_TRUNC, "O_TRUNC" }, { LX_O_APPEND, "O_APPEND" },
	{ LX_O_NONBLOCK, "O_NONBLOCK" }, { LX_O_SYNC, "O_SYNC" },
	{ LX_O_DSYNC, "O_DSYNC" }, { LX_O_DIRECT, "O_DIRECT" },
	{ LX_O_LARGEFILE, "O_LARGEFILE" }, { LX_O_NOFOLLOW, "O_NOFOLLOW" },
	{ LX_O_NOATIME, "O_NOATIME" }, { LX_O_CLOEXEC, "O_CLOEXEC" },
	{ LX_O_PATH, "O_PATH" }, { LX_O_TMPFILE, "O_TMPFILE" },
	{ LX_O_DIRECTORY, "O_DIRECTORY" }, { LX_O_ASYNC, "FASYNC" } };

static const struct name_row file_type_rows[] = { { 0010000, "S_IFIFO" },
	{ 0020000, "S_IFCHR" }, { 0040000, "S_IFDIR" }, { 0060000, "S_IFBLK" },
	{ 0100000, "S_IFREG" }, { 0120000, "S_IFLNK" },
	{ 0140000, "S_IFSOCK" } };

/* Codes are rows of their 32 bits. */
#define CODE(code) (uint32_t)(code)

static const struct name_row si_code_rows[] = { { 0, "SI_USER" },
	{ 0x80, "SI_KERNEL" }, { CODE(-1), "SI_QUEUE" },
	{ CODE(-2), "SI_TIMER" }, { CODE(-3), "SI_MESGQ" },
	{ CODE(-4), "SI_ASYNCIO" }, { CODE(-5), "SI_SIGIO" },
	{ CODE(-6), "SI_TKILL" } };

static const struct name_row segv_code_rows[] = { { 1, "SEGV_MAPERR" },
	{ 2, "SEGV_ACCERR" }, { 3, "SEGV_BNDERR" }, { 4, "SEGV_PKUERR" } };

static const struct name_row bus_code_rows[] = { { 1, "BUS_ADRALN" },
	{ 2, "BUS_ADRERR" }, { 3, "BUS_OBJERR" } };

static const struct name_row ill_code_rows[] = { { 1, "ILL_ILLOPC" },
	{ 2, "ILL_ILLOPN" }, { 3, "ILL_ILLADR" }, { 4, "ILL_ILLTRP" },
	{ 5, "ILL_PRVOPC" } };

static const struct name_row fpe_code_rows[] = { { 1, "FPE_INTDIV" },
	{ 2, "FPE_INTOVF" }, { 3, "FPE_FLTDIV" }, { 4, "FPE_FLTOVF" },
	{ 5, "FPE_FLTUND" }, { 6, "FPE_FLTRES" }, { 7, "FPE_FLTINV" } };

static const struct name_row trap_code_rows[] = { { 1, "TRAP_BRKPT" },
	{ 2, "TRAP_TRACE" } };

static const struct name_row cld_code_rows[] = { { 1, "CLD_EXITED" },
	{ 2, "CLD_KILLED" }, { 3, "CLD_DUMPED" }, { 4, "CLD_TRAPPED" },
	{ 5, "CLD_STOPPED" }, { 6, "CLD_CONTINUED" } };

static const struct name_row none_rows[] = { { UINT64_MAX, "" } };

static const struct name_table tables[] = {
	NAMES_FLAGS(prot, "PROT_NONE", "PROT_???"),
	NAMES_FLAGS(map, "0", "MAP_???"),
	NAMES_FLAGS(mremap, "0", "MREMAP_???"),
	NAMES_FLAGS(msync, "0", "MS_???"),
	NAMES_FLAGS(mlockall, "0", "MCL_???"),
	NAMES_VALUE(madvise, "MADV_???"),
	NAMES_FLAGS(memfd, "0", "MFD_???"),
	NAMES_FLAGS(at, "0", "AT_???"),
	NAMES_FLAGS(at_access, "0", "AT_???"),
	NAMES_FLAGS(at_statx, "0", "AT_???"),
	NAMES_FLAGS(statx_mask, "0", "STATX_???"),
	NAMES_FLAGS(statx_attr, "0", "STATX_ATTR_???"),
	NAMES_FLAGS(access, "F_OK", "?_OK"),
	NAMES_VALUE(whence, "SEEK_???"),
	NAMES_VALUE(advise, "POSIX_FADV_???"),
	NAMES_FLAGS(fallocate, "0", "FALLOC_FL_???"),
	NAMES_FLAGS(flock, "0", "LOCK_???"),
	NAMES_FLAGS(rwf, "0", "RWF_???"),
	NAMES_FLAGS(rename, "0", "RENAME_??"),
	NAMES_FLAGS(xattr, "0", "XATTR_???"),
	NAMES_FLAGS(splice, "0", "SPLICE_F_???"),
	NAMES_FLAGS(closerange, "0", "CLOSE_RANGE_???"),
	NAMES_VALUE(clock, "CLOCK_???"),
	NAMES_FLAGS(timer_flags, "0", "TIMER_???"),
	NAMES_VALUE(itimer, "ITIMER_???"),
	NAMES_VALUE(how, "SIG_???"),
	NAMES_FLAGS(sa, "0", "SA_???"),
	NAMES_FLAGS(ss, "0", "SS_???"),
	NAMES_FLAGS(wait, "0", "W???"),
	NAMES_VALUE(idtype, "P_???"),
	NAMES_FLAGS(clone, "0", "CLONE_???"),
	NAMES_VALUE(futex, "FUTEX_???"),
	NAMES_VALUE(fcntl, "F_???"),
	NAMES_FLAGS(fd_flags, "0", "FD_???"),
	NAMES_FLAGS(seals, "0", "F_SEAL_???"),
	NAMES_VALUE(lock_type, "F_???"),
	NAMES_VALUE(ioctl, NULL),
	NAMES_VALUE(rlimit, "RLIMIT_???"),
	NAMES_VALUE(rusage, "RUSAGE_???"),
	NAMES_VALUE(arch, "ARCH_???"),
	NAMES_VALUE(prctl, "PR_???"),
	NAMES_VALUE(dumpable, "SUID_DUMP_???"),
	NAMES_VALUE(sched, "SCHED_???"),
	NAMES_VALUE(prio, "PRIO_???"),
	NAMES_FLAGS(random, "0", "GRND_???"),
	NAMES_VALUE(personality, "PER_???"),
	NAMES_FLAGS(eventfd, "0", "EFD_???"),
	NAMES_FLAGS(timerfd, "0", "TFD_???"),
	NAMES_FLAGS(timerfd_set, "0", "TFD_???"),
	NAMES_FLAGS(signalfd, "0", "SFD_???"),
	NAMES_FLAGS(inotify, "0", "IN_???"),
	NAMES_VALUE(sigev, "SIGEV_???"),
	NAMES_VALUE(fs, NULL),
	NAMES_FLAGS(st, "0", "ST_???"),
	NAMES_VALUE(membarrier, "MEMBARRIER_CMD_???"),
	NAMES_FLAGS(rseq, "0", "RSEQ_FLAG_???"),
	NAMES_FLAGS(none, "0", NULL),
	NAMES_FLAGS(open, "0", "O_???"),
	NAMES_VALUE(file_type, NULL),
	NAMES_VALUE(si_code, NULL),
	NAMES_VALUE(segv_code, NULL),
	NAMES_VALUE(bus_code, NULL),
	NAMES_VALUE(ill_code, NULL),
	NAMES_VALUE(fpe_code, NULL),
	NAMES_VALUE(trap_code, NULL),
	NAMES_VALUE(cld_code, NULL),
	{ NULL, NULL, NULL, NULL, 0 },
};

static const struct name_table *
table_lookup(const struct name_table *table, const char *kind, size_t len)
{
	for (; table->kind != NULL; table++)
		if (strlen(table->kind) == len &&
		    memcmp(table->kind, kind, len) == 0)
			return table;
	return NULL;
}

const struct name_table *
names_lookup(const char *kind, size_t len)
{
	const struct name_table *table;

	table = table_lookup(tables, kind, len);
	if (table == NULL)
		table = table_lookup(strace_net_names, kind, len);
	return table;
}

static void
format_unknown(
    struct text *text, const struct name_table *table, uint64_t value)
{
	text_add(text, value == 0 ? "0" : "%#" PRIx64, value);
	if (table->what != NULL)
		text_add(text, " /* %s */", table->what);
}

static void
format_value(struct text *text, const struct name_table *table, uint64_t value)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		if (table->rows[i].value == value) {
			text_add(text, "%s", table->rows[i].name);
			return;
		}
	format_unknown(text, table, value);
}

static void
format_flags(struct text *text, const struct name_table *table, uint64_t value)
{
	uint64_t rest;
	size_t i, start;

	start = text->len;
	rest = value;
	for (i = 0; i < table->count; i++) {
		const struct name_row *row = &table->rows[i];

		if ((rest & row->value) != row->value)
			continue;
		text_add(text, text->len == start ? "%s" : "|%s", row->name);
		rest &= ~row->value;
	}
	if (value == 0)
		text_add(text, "%s", table->none);
	else if (rest == value)
		format_unknown(text, table, value);
	else if (rest != 0)
		text_add(text, "|%#" PRIx64, rest);
}

void
names_format(struct text *text, const struct name_table *table, uint64_t value)
{
	if (table->none == NULL)
		format_value(text, table, value);
	else
		format_flags(text, table, value);
}

void
text_name(struct text *text, const char *kind, uint64_t value)
{
	names_format(text, names_lookup(kind, strlen(kind)), value);
}

const char *
name_of(const char *kind, uint64_t value)
{
	const struct name_table *table;
	size_t i;

	table = names_lookup(kind, strlen(kind));
	for (i = 0; i < table->count; i++)
		if (table->rows[i].value == value)
			return table->rows[i].name;
	return NULL;
}
