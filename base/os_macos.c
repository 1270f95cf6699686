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

int
os_memfile(const char *name, int *fd)
{
	const char *dir = getenv("TMPDIR");
	char path[1024];
	int made, n;

	n = snprintf(path, sizeof(path), "%s/%s.XXXXXX",
	    dir != NULL ? dir : "/tmp", name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ENAMETOOLONG;
	made = mkstemp(path);
	if (made < 0)
		return errno;
	unlink(path);
	fcntl(made, F_SETFD, FD_CLOEXEC);
	*fd = made;
	return 0;
}

int
os_seal_shrink(int fd)
{
	(void)fd;
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
