/* SPDX-License-Identifier: BSD-2-Clause */
/* What only macOS has, or has in its own way. */
#include "base/os.h"

#ifdef __APPLE__

#include <errno.h>
#include <fcntl.h>
#include <mach/mach.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t
os_map_count_limit(void)
{
	return 0;
}

/* MADV_DONTNEED keeps the bytes on this host, so the pages are replaced. */
int
os_discard(void *addr, uint64_t len)
{
	return os_remap_zero(addr, len);
}

/* The caller unlinks it. */
static int
temporary_open(const char *name, char *path, size_t room, int *fd)
{
	const char *dir = getenv("TMPDIR");
	int made, n;

	n = snprintf(
	    path, room, "%s/%s.XXXXXX", dir != NULL ? dir : "/tmp", name);
	if (n < 0 || (size_t)n >= room)
		return ENAMETOOLONG;
	made = mkstemp(path);
	if (made < 0)
		return errno;
	fcntl(made, F_SETFD, FD_CLOEXEC);
	*fd = made;
	return 0;
}

int
os_memfile(const char *name, int *fd)
{
	char path[1024];
	int error = temporary_open(name, path, sizeof(path), fd);

	if (error == 0)
		unlink(path);
	return error;
}

int
os_memfile_modes(const char *name, int fds[3])
{
	char path[1024];
	int error = temporary_open(name, path, sizeof(path), &fds[O_RDWR]);

	if (error != 0)
		return error;
	if ((fds[O_RDONLY] = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		goto no_reading;
	if ((fds[O_WRONLY] = open(path, O_WRONLY | O_CLOEXEC)) < 0)
		goto no_writing;
	unlink(path);
	return 0;

no_writing:
	error = errno;
	close(fds[O_RDONLY]);
	goto close_first;
no_reading:
	error = errno;
close_first:
	close(fds[O_RDWR]);
	unlink(path);
	return error;
}

int
os_seal_shrink(int fd)
{
	(void)fd;
	return ENOTSUP;
}

int
os_seals(int fd)
{
	(void)fd;
	return -1;
}

int
os_add_seals(int fd, unsigned seals)
{
	(void)fd;
	(void)seals;
	return ENOTSUP;
}

bool
os_cannot_shrink(int fd)
{
	(void)fd;
	return false;
}

int
os_random_bytes(void *buf, size_t len)
{
	arc4random_buf(buf, len);
	return 0;
}

int
os_read_own_memory(void *dst, const void *src, size_t len)
{
	vm_size_t done = 0;
	kern_return_t result = vm_read_overwrite(
	    mach_task_self(), (vm_address_t)src, len, (vm_address_t)dst, &done);

	return result == KERN_SUCCESS && done == len ? 0 : EFAULT;
}

int
os_write_own_memory(void *dst, const void *src, size_t len)
{
	kern_return_t result = KERN_SUCCESS;

	while (len > 0 && result == KERN_SUCCESS) {
		size_t part = len < UINT32_MAX ? len : UINT32_MAX;

		result = vm_write(mach_task_self(), (vm_address_t)dst,
		    (vm_offset_t)src, (mach_msg_type_number_t)part);
		dst = (char *)dst + part;
		src = (const char *)src + part;
		len -= part;
	}
	return result == KERN_SUCCESS ? 0 : EFAULT;
}

#endif
