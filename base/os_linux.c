/* SPDX-License-Identifier: BSD-2-Clause */
/* What only Linux has, or has in its own way. */
#include "base/os.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The largest write that a pipe takes whole while nobody reads. */
#define PIPE_BYTES 4096

uint64_t
os_map_count_limit(void)
{
	unsigned long long limit = 0;
	FILE *file = fopen("/proc/sys/vm/max_map_count", "re");

	if (file == NULL)
		return 0;
	if (fscanf(file, "%llu", &limit) != 1)
		limit = 0;
	fclose(file);
	return limit;
}

int
os_discard(void *addr, uint64_t len)
{
	return madvise(addr, (size_t)len, MADV_DONTNEED) == 0 ? 0 : errno;
}

int
os_memfile(const char *name, int *fd)
{
	int made = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (made < 0)
		return errno;
	*fd = made;
	return 0;
}

int
os_memfile_modes(const char *name, int fds[3])
{
	int error = os_memfile(name, &fds[O_RDWR]);
	char path[32];

	if (error != 0)
		return error;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[O_RDWR]);
	if ((fds[O_RDONLY] = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		goto no_reading;
	if ((fds[O_WRONLY] = open(path, O_WRONLY | O_CLOEXEC)) < 0)
		goto no_writing;
	return 0;

no_writing:
	error = errno;
	close(fds[O_RDONLY]);
	goto close_first;
no_reading:
	error = errno;
close_first:
	close(fds[O_RDWR]);
	return error;
}

int
os_seal_shrink(int fd)
{
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0)
		return 0;
	return errno == EINVAL || errno == EPERM ? ENOTSUP : errno;
}

int
os_seals(int fd)
{
	return fcntl(fd, F_GET_SEALS);
}

int
os_add_seals(int fd, unsigned seals)
{
	return fcntl(fd, F_ADD_SEALS, seals) == 0 ? 0 : errno;
}

bool
os_cannot_shrink(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals != -1 && (seals & F_SEAL_SHRINK) != 0;
}

int
os_random_bytes(void *buf, size_t len)
{
	unsigned char *at = buf;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno != EINTR)
			return errno;
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		}
	}
	return 0;
}

/* read() and write() check the addresses that they are given. */
static int
copy_through(const int *pipe_fds, char *dst, const char *src, size_t len)
{
	while (len > 0) {
		size_t part = len < PIPE_BYTES ? len : PIPE_BYTES;
		ssize_t put = write(pipe_fds[1], src, part);
		ssize_t got = 0;

		if (put <= 0)
			return EFAULT;
		while (got < put) {
			ssize_t n =
			    read(pipe_fds[0], dst + got, (size_t)(put - got));

			if (n <= 0)
				return EFAULT;
			got += n;
		}
		dst += put;
		src += put;
		len -= (size_t)put;
	}
	return 0;
}

static int
copy_by_pipe(void *dst, const void *src, size_t len)
{
	int pipe_fds[2];
	int error;

	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return errno;
	error = copy_through(pipe_fds, dst, src, len);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return error;
}

typedef ssize_t vm_copy_fn(pid_t, const struct iovec *, unsigned long,
    const struct iovec *, unsigned long, unsigned long);

/*
 * The direct way, by process_vm_readv() or process_vm_writev() on ourselves.
 * ENOSYS: a sandbox forbids it.
 */
static int
copy_direct(vm_copy_fn *copy, uintptr_t local, uintptr_t remote, size_t len)
{
	while (len > 0) {
		struct iovec here = { (void *)local, len };
		struct iovec there = { (void *)remote, len };
		ssize_t done = copy(getpid(), &here, 1, &there, 1, 0);

		if (done < 0 && (errno == ENOSYS || errno == EPERM))
			return ENOSYS;
		if (done <= 0)
			return EFAULT;
		local += (uintptr_t)done;
		remote += (uintptr_t)done;
		len -= (size_t)done;
	}
	return 0;
}

#define PROBE_BYTES 8 /* the kernel's own signal set */

/* rt_sigprocmask() with a set to read and a request that is refused after it
 * was read, or with a set to write: 0.1 us, and the address is checked. */
static int
probe(const void *read_from, void *write_to)
{
	const int refused = -1;

	if (syscall(SYS_rt_sigprocmask, refused, read_from, write_to,
		PROBE_BYTES) == 0)
		return 0;
	return errno == EINVAL && read_from != NULL ? 0 : errno;
}

/* A kernel that looks at the request first would call everything readable. */
static bool
probe_is_exact(void)
{
	static atomic_int exact; /* 0: not tried, 1: yes, -1: no */

	if (atomic_load_explicit(&exact, memory_order_relaxed) == 0)
		atomic_store(
		    &exact, probe((void *)PROBE_BYTES, NULL) == EFAULT &&
				    probe(NULL, (void *)PROBE_BYTES) == EFAULT
				? 1
				: -1);
	return atomic_load_explicit(&exact, memory_order_relaxed) == 1;
}

/* Objects of up to a page lie in at most two: their ends tell of both. */
static bool
probe_both_ends(const void *src, void *dst, size_t len, int *error)
{
	uintptr_t start = (uintptr_t)src | (uintptr_t)dst;
	size_t last = len - PROBE_BYTES;

	if (start == 0 || len < PROBE_BYTES || len > 4096 || !probe_is_exact())
		return false;
	*error = probe(src, dst);
	if (*error == 0 && (start & 4095) + len > 4096)
		*error = src != NULL ? probe((const char *)src + last, NULL)
				     : probe(NULL, (char *)dst + last);
	return *error == 0 || *error == EFAULT;
}

int
os_read_own_memory(void *dst, const void *src, size_t len)
{
	int error;

	if (probe_both_ends(src, NULL, len, &error)) {
		if (error == 0)
			memcpy(dst, src, len);
		return error;
	}
	error =
	    copy_direct(process_vm_readv, (uintptr_t)dst, (uintptr_t)src, len);

	return error == ENOSYS ? copy_by_pipe(dst, src, len) : error;
}

int
os_write_own_memory(void *dst, const void *src, size_t len)
{
	int error;

	if (probe_both_ends(NULL, dst, len, &error)) {
		if (error == 0)
			memcpy(dst, src, len);
		return error;
	}
	error =
	    copy_direct(process_vm_writev, (uintptr_t)src, (uintptr_t)dst, len);

	return error == ENOSYS ? copy_by_pipe(dst, src, len) : error;
}

#endif
