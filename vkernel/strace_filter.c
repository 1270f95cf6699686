/* SPDX-License-Identifier: BSD-2-Clause */
/* Classes are those of strace(1), by name. */
#include "vkernel/strace_filter.h"

#include <string.h>

#include "vkernel/syscall.h"

struct class_row {
	const char *name;
	const char *calls; /* with a space before and after each */
};

static const struct class_row classes[] = {
	{ "desc",
	    " read write open close fstat poll lseek mmap ioctl pread64 "
	    "pwrite64 readv writev pipe select sendfile dup dup2 fcntl flock "
	    "fsync fdatasync ftruncate getdents fchdir creat fchmod fchown "
	    "fstatfs readahead fsetxattr fgetxattr flistxattr fremovexattr "
	    "epoll_create getdents64 fadvise64 epoll_wait epoll_ctl mq_open "
	    "mq_timedsend mq_timedreceive mq_notify mq_getsetattr inotify_init "
	    "inotify_add_watch inotify_rm_watch openat mkdirat mknodat "
	    "fchownat futimesat newfstatat unlinkat renameat linkat symlinkat "
	    "readlinkat fchmodat faccessat pselect6 ppoll splice tee "
	    "sync_file_range vmsplice utimensat epoll_pwait signalfd "
	    "timerfd_create eventfd fallocate timerfd_settime timerfd_gettime "
	    "signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv "
	    "pwritev perf_event_open fanotify_init fanotify_mark "
	    "name_to_handle_at open_by_handle_at syncfs setns finit_module "
	    "renameat2 memfd_create bpf execveat userfaultfd copy_file_range "
	    "preadv2 pwritev2 statx pidfd_send_signal io_uring_setup "
	    "io_uring_enter io_uring_register open_tree move_mount fsopen "
	    "fsconfig fsmount fspick pidfd_open openat2 pidfd_getfd "
	    "faccessat2 epoll_pwait2 mount_setattr quotactl_fd "
	    "landlock_create_ruleset landlock_add_rule landlock_restrict_self "
	    "memfd_secret process_mrelease cachestat fchmodat2 close_range " },
	{ "file",
	    " open stat lstat access execve truncate getcwd chdir rename mkdir "
	    "rmdir creat link unlink symlink readlink chmod chown lchown utime "
	    "mknod uselib statfs pivot_root chroot acct mount umount2 swapon "
	    "swapoff quotactl setxattr lsetxattr getxattr lgetxattr listxattr "
	    "llistxattr removexattr lremovexattr utimes inotify_add_watch "
	    "openat mkdirat mknodat fchownat futimesat newfstatat unlinkat "
	    "renameat linkat symlinkat readlinkat fchmodat faccessat utimensat "
	    "fanotify_mark name_to_handle_at renameat2 execveat statx "
	    "open_tree move_mount fspick openat2 faccessat2 mount_setattr "
	    "fchmodat2 " },
	{ "process",
	    " clone fork vfork execve exit wait4 kill rt_sigqueueinfo tkill "
	    "exit_group tgkill waitid rt_tgsigqueueinfo execveat "
	    "pidfd_send_signal clone3 " },
	{ "network",
	    " sendfile socket connect accept sendto recvfrom sendmsg recvmsg "
	    "shutdown bind listen getsockname getpeername socketpair "
	    "setsockopt getsockopt getpmsg putpmsg accept4 recvmmsg "
	    "sendmmsg " },
	{ "signal",
	    " rt_sigaction rt_sigprocmask rt_sigreturn pause kill "
	    "rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend "
	    "sigaltstack tkill tgkill signalfd signalfd4 rt_tgsigqueueinfo "
	    "pidfd_send_signal " },
	{ "ipc", " shmget shmat shmctl semget semop semctl shmdt msgget msgsnd "
		 "msgrcv msgctl semtimedop " },
	{ "memory",
	    " mmap mprotect munmap brk mremap msync mincore madvise shmat "
	    "shmdt mlock munlock mlockall munlockall io_setup io_destroy "
	    "remap_file_pages mbind set_mempolicy get_mempolicy migrate_pages "
	    "move_pages mlock2 pkey_mprotect process_madvise "
	    "set_mempolicy_home_node map_shadow_stack mseal " },
	{ "creds",
	    " getuid getgid setuid setgid geteuid getegid setreuid setregid "
	    "getgroups setgroups setresuid getresuid setresgid getresgid "
	    "setfsuid setfsgid capget capset prctl " },
	{ "clock", " gettimeofday adjtimex settimeofday time clock_settime "
		   "clock_gettime clock_getres clock_adjtime " },
	{ "stat", " stat " },
	{ "lstat", " lstat " },
	{ "fstat", " fstat newfstatat " },
	{ "%stat", " stat fstat lstat newfstatat statx " },
	{ "statfs", " statfs " },
	{ "fstatfs", " fstatfs " },
	{ "%statfs", " ustat statfs fstatfs " },
	{ "pure",
	    " getpid getuid getgid geteuid getegid getppid getpgrp gettid " },
};

static bool
list_has(const char *list, const char *name)
{
	size_t len;

	len = strlen(name);
	for (list = strstr(list, name); list != NULL;
	     list = strstr(list + 1, name))
		if (list[-1] == ' ' && list[len] == ' ')
			return true;
	return false;
}

static bool
same(const char *name, const char *part, size_t len)
{
	return strlen(name) == len && memcmp(name, part, len) == 0;
}

static bool
class_add(const char *part, size_t len, struct strace_filter *filter)
{
	const struct syscall_row *row;
	const char *calls;
	size_t i;

	calls = NULL;
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (same(classes[i].name, part, len))
			calls = classes[i].calls;
	for (i = 0; calls != NULL && i < STRACE_FILTER_CALLS; i++) {
		row = syscall_row(i);
		if (row != NULL && row->name != NULL &&
		    list_has(calls, row->name))
			filter->calls[i] = true;
	}
	return calls != NULL;
}

static bool
name_add(const char *part, size_t len, struct strace_filter *filter)
{
	const struct syscall_row *row;
	size_t i;

	for (i = 0; i < STRACE_FILTER_CALLS; i++) {
		row = syscall_row(i);
		if (row != NULL && row->name != NULL &&
		    same(row->name, part, len)) {
			filter->calls[i] = true;
			return true;
		}
	}
	return false;
}

static void
all_add(struct strace_filter *filter)
{
	memset(filter->calls, true, sizeof(filter->calls));
	filter->others = true;
}

/* Classes of old had no sign. */
static bool
part_add(const char *part, size_t len, struct strace_filter *filter)
{
	if (same("all", part, len)) {
		all_add(filter);
		return true;
	}
	if (same("none", part, len))
		return true;
	if (len > 0 && *part == '%')
		return class_add(part + 1, len - 1, filter);
	if (len > 0 && *part == '?')
		return name_add(part + 1, len - 1, filter) || len > 1;
	if (name_add(part, len, filter))
		return true;
	return class_add(part, len, filter);
}

static void
negate(struct strace_filter *filter)
{
	size_t i;

	for (i = 0; i < STRACE_FILTER_CALLS; i++)
		filter->calls[i] = !filter->calls[i];
	filter->others = !filter->others;
}

bool
strace_filter_parse(const char *set, struct strace_filter *filter,
    const char **bad, size_t *bad_len)
{
	bool negated;
	size_t len;

	memset(filter, 0, sizeof(*filter));
	negated = *set == '!';
	if (negated)
		set++;
	for (;; set += len + 1) {
		len = strcspn(set, ",");
		if (!part_add(set, len, filter)) {
			*bad = set;
			*bad_len = len;
			return false;
		}
		if (set[len] == '\0')
			break;
	}
	if (negated)
		negate(filter);
	return true;
}

bool
strace_wants(const struct strace_filter *filter, uint64_t nr)
{
	if (filter == NULL)
		return true;
	return nr < STRACE_FILTER_CALLS ? filter->calls[nr] : filter->others;
}
