/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the Linux personality of vkernel/ needs from a host and what differs by
 * host.  os_guest_linux.c and os_guest_macos.c implement it.
 *
 * Flag values called "Linux" are those of x86-64 Linux on every host.  Errors
 * are the host's errno values; functions that return a descriptor return -1
 * and set errno, as the calls they wrap.
 */
#ifndef VMS_BASE_OS_GUEST_H
#define VMS_BASE_OS_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <termios.h>
#include <time.h>

/* Access, modification and status change times. */
void os_stat_times(const struct stat *st, struct timespec times[3]);

/* A device number in the form that x86-64 Linux gives to programs. */
uint64_t os_linux_dev(dev_t dev);

/* open(2) flags between Linux and the host; LX_O_CLOEXEC is not looked at.
 * Flags that the host does not know are left out. */
int os_open_flags(int linux_flags);
int os_linux_open_flags(int host_flags);

/* A duplicate that is closed at exec. */
int os_dup(int fd);
/* The same file opened once more if the host can do that, for reading, or for
 * reading and writing; else a duplicate.  Closed at exec. */
int os_reopen(int fd, bool writable);
/* Both ends closed at exec; linux_flags: O_NONBLOCK, O_DIRECT. */
int os_pipe(int fds[2], int linux_flags);
/* A directory for relative look-ups, even one that may not be read. */
int os_open_search(int dirfd, const char *path);

/* The same for one name that must be the directory itself, no link to it:
 * ENOTDIR or ELOOP. */
int os_open_dir(int dirfd, const char *name);
/* The same for a path of names below dirfd, none of which may be a link;
 * ENOSYS: the host cannot do that in one call. */
int os_open_dirs(int dirfd, const char *path);
/* openat(2) of one name that must not be a link: ELOOP.  O_PATH of a link opens
 * it on hosts where nothing better is known. */
int os_open_name(int dirfd, const char *name, int host_flags, mode_t mode);
/* A path that opens what fd has open. */
#define OS_FD_NAME_ROOM 32
void os_fd_name(int fd, char name[OS_FD_NAME_ROOM]);
/* Removes the directory dir and all that is in it, as far as it can. */
void os_remove_tree(const char *dir);

/* The path of an open directory or file. */
int os_fd_path(int fd, char *buf, size_t room);

/* Signal numbers between Linux and the host; 0: unknown there. */
int os_signal_of_linux(int linux_signal);
int os_signal_to_linux(int host_signal);

/* A resource limit by its Linux number, UINT64_MAX: none; false: the host has
 * no such limit. */
bool os_limit(int linux_number, uint64_t *now, uint64_t *most);

/* fallocate(2) with a Linux mode. */
int os_fallocate(int fd, int mode, off_t off, off_t len);
/* renameat2(2) with Linux flags. */
int os_rename(
    int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
/* mkfifo(2) relative to a directory. */
int os_mkfifo(int dirfd, const char *path, mode_t mode);
/* Statistics of a file system, with Linux's magic number. */
struct os_statfs {
	int64_t type, bsize, frsize, namelen, flags;
	uint64_t blocks, bfree, bavail, files, ffree;
	int32_t fsid[2];
};
int os_statfs(int fd, struct os_statfs *out);

/* The calling thread uses files as this user does, and stays root in all else,
 * which it has to be.  Nothing happens on hosts that cannot do that. */
void os_files_as(uint32_t uid, uint32_t gid, const uint32_t *groups, int count);

/* The attributes that lsattr shows, as Linux numbers them; an errno. */
int os_file_flags(int fd, int *flags);

/* The birth time, if the host knows it. */
bool os_birth_time(
    int dirfd, const char *path, bool follow, struct timespec *out);

/* c_cflag speed bits of Linux. */
uint32_t os_linux_speed(speed_t speed);
speed_t os_speed_of_linux(uint32_t bits);

#endif
