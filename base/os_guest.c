/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables between Linux numbers and the host's own names, and what POSIX has. */
#include "base/os_guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct flag_row {
	int linux_bits;
	int host_bits;
};

/* Rows whose bits include another row's bits come first. */
static const struct flag_row open_rows[] = {
#ifdef O_TMPFILE
	{ 020200000, O_TMPFILE },
#endif
	{ 04010000, O_SYNC },
	{ 00010000, O_DSYNC },
	{ 00000100, O_CREAT },
	{ 00000200, O_EXCL },
	{ 00000400, O_NOCTTY },
	{ 00001000, O_TRUNC },
	{ 00002000, O_APPEND },
	{ 00004000, O_NONBLOCK },
	{ 00200000, O_DIRECTORY },
	{ 00400000, O_NOFOLLOW },
#ifdef O_ASYNC
	{ 00020000, O_ASYNC },
#endif
#ifdef O_DIRECT
	{ 00040000, O_DIRECT },
#endif
#ifdef O_NOATIME
	{ 01000000, O_NOATIME },
#endif
#ifdef O_PATH
	{ 010000000, O_PATH },
#endif
};

int
os_open_flags(int linux_flags)
{
	size_t i;
	int host;

	switch (linux_flags & 3) {
	case 0:
		host = O_RDONLY;
		break;
	case 1:
		host = O_WRONLY;
		break;
	default:
		host = O_RDWR;
	}
	for (i = 0; i < COUNT(open_rows); i++)
		if ((linux_flags & open_rows[i].linux_bits) ==
		    open_rows[i].linux_bits)
			host |= open_rows[i].host_bits;
	return host;
}

int
os_linux_open_flags(int host_flags)
{
	int bits, linux_flags;
	size_t i;

	switch (host_flags & O_ACCMODE) {
	case O_RDONLY:
		linux_flags = 0;
		break;
	case O_WRONLY:
		linux_flags = 1;
		break;
	default:
		linux_flags = 2;
	}
	for (i = 0; i < COUNT(open_rows); i++) {
		bits = open_rows[i].host_bits;
		if (bits != 0 && (host_flags & bits) == bits)
			linux_flags |= open_rows[i].linux_bits;
	}
	return linux_flags;
}

static const struct flag_row signal_rows[] = { { 1, SIGHUP }, { 2, SIGINT },
	{ 3, SIGQUIT }, { 4, SIGILL }, { 5, SIGTRAP }, { 6, SIGABRT },
	{ 7, SIGBUS }, { 8, SIGFPE }, { 9, SIGKILL }, { 10, SIGUSR1 },
	{ 11, SIGSEGV }, { 12, SIGUSR2 }, { 13, SIGPIPE }, { 14, SIGALRM },
	{ 15, SIGTERM }, { 17, SIGCHLD }, { 18, SIGCONT }, { 19, SIGSTOP },
	{ 20, SIGTSTP }, { 21, SIGTTIN }, { 22, SIGTTOU }, { 23, SIGURG },
	{ 24, SIGXCPU }, { 25, SIGXFSZ }, { 26, SIGVTALRM }, { 27, SIGPROF },
	{ 28, SIGWINCH }, { 29, SIGIO }, { 31, SIGSYS } };

int
os_signal_of_linux(int linux_signal)
{
	size_t i;

	for (i = 0; i < COUNT(signal_rows); i++)
		if (signal_rows[i].linux_bits == linux_signal)
			return signal_rows[i].host_bits;
	return 0;
}

int
os_signal_to_linux(int host_signal)
{
	size_t i;

	for (i = 0; i < COUNT(signal_rows); i++)
		if (signal_rows[i].host_bits == host_signal)
			return signal_rows[i].linux_bits;
	return 0;
}

struct speed_row {
	uint32_t linux_bits;
	speed_t host;
};

static const struct speed_row speed_rows[] = { { 0, B0 }, { 1, B50 },
	{ 2, B75 }, { 3, B110 }, { 4, B134 }, { 5, B150 }, { 6, B200 },
	{ 7, B300 }, { 8, B600 }, { 9, B1200 }, { 10, B1800 }, { 11, B2400 },
	{ 12, B4800 }, { 13, B9600 }, { 14, B19200 }, { 15, B38400 },
	{ 010001, B57600 }, { 010002, B115200 }, { 010003, B230400 } };

uint32_t
os_linux_speed(speed_t speed)
{
	size_t i;

	for (i = 0; i < COUNT(speed_rows); i++)
		if (speed_rows[i].host == speed)
			return speed_rows[i].linux_bits;
	return 15;
}

speed_t
os_speed_of_linux(uint32_t bits)
{
	size_t i;

	for (i = 0; i < COUNT(speed_rows); i++)
		if (speed_rows[i].linux_bits == (bits & 010017))
			return speed_rows[i].host;
	return B38400;
}

int
os_dup(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static void remove_in(int dirfd, const char *name);

static void
remove_entries(int fd)
{
	struct dirent *entry;
	DIR *dir;

	dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove_in(dirfd(dir), entry->d_name);
	closedir(dir);
}

static void
remove_in(int dirfd, const char *name)
{
	int fd;

	if (unlinkat(dirfd, name, 0) == 0)
		return;
	fchmodat(dirfd, name, 0700, AT_SYMLINK_NOFOLLOW);
	fd = openat(
	    dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		remove_entries(fd);
	unlinkat(dirfd, name, AT_REMOVEDIR);
}

void
os_remove_tree(const char *dir)
{
	remove_in(AT_FDCWD, dir);
}

static int
pipe_end(int fd, int host_flags)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	return host_flags == 0 ? 0 : fcntl(fd, F_SETFL, host_flags);
}

int
os_pipe(int fds[2], int linux_flags)
{
	int host, saved;

	host = os_open_flags(linux_flags) & ~O_ACCMODE;
	if (pipe(fds) != 0)
		return -1;
	if (pipe_end(fds[0], host) == 0 && pipe_end(fds[1], host) == 0)
		return 0;
	saved = errno;
	close(fds[0]);
	close(fds[1]);
	errno = saved;
	return -1;
}

/* One constant per call: the parameter's type is the host's own. */
static int
limit_get(int linux_number, struct rlimit *limit)
{
	switch (linux_number) {
	case 0:
		return getrlimit(RLIMIT_CPU, limit);
	case 1:
		return getrlimit(RLIMIT_FSIZE, limit);
	case 2:
		return getrlimit(RLIMIT_DATA, limit);
	case 3:
		return getrlimit(RLIMIT_STACK, limit);
	case 4:
		return getrlimit(RLIMIT_CORE, limit);
	case 5:
		return getrlimit(RLIMIT_RSS, limit);
	case 6:
		return getrlimit(RLIMIT_NPROC, limit);
	case 7:
		return getrlimit(RLIMIT_NOFILE, limit);
	case 8:
		return getrlimit(RLIMIT_MEMLOCK, limit);
	case 9:
		return getrlimit(RLIMIT_AS, limit);
	default:
		return -1;
	}
}

static uint64_t
limit_value(rlim_t value)
{
	return value == RLIM_INFINITY ? UINT64_MAX : (uint64_t)value;
}

bool
os_limit(int linux_number, uint64_t *now, uint64_t *most)
{
	struct rlimit limit;

	if (limit_get(linux_number, &limit) != 0)
		return false;
	*now = limit_value(limit.rlim_cur);
	*most = limit_value(limit.rlim_max);
	return true;
}
