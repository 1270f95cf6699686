/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of a vkernel's program on its own process, translated from
 * DragonFly's numbers to the host's. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <dragonfly/sys/vmspace.h>
#include <dragonfly/vmspace_self.h>

#include "base/os.h"
#include "vmspace/dragonfly.h"

#define PROT_ALL               (VMS_PROT_READ | VMS_PROT_WRITE | VMS_PROT_EXEC)
#define PROT_RW                (VMS_PROT_READ | VMS_PROT_WRITE)
#define ENABLE                 "vm.vkernel_enable"
#define INHERIT_COPY_DRAGONFLY 1
#define INHERIT_NONE_DRAGONFLY 2

/* A request in the host's words. */
struct request {
	uint8_t *addr;
	size_t len;
	int prot;
	int flags;
	int fd;
	off_t offset;
	size_t pageoff; /* of offset within a page of the host */
};

static int request_check(size_t len, int prot, int flags, int fd, off_t offset);
static void request_fill(struct request *request, void *addr, size_t len,
    int prot, int flags, int fd, off_t offset);
static int map_tryfixed(const struct request *request, void **out);
static int map_sizealign(struct request *request, void **out);
static int map_host(const struct request *request, void **out);
static int advise(void *addr, size_t len, int behav);
static int host_madvise(void *addr, size_t len, int advice);

void *
vmspace_self_mmap(
    void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	struct request request;
	void *at = NULL;
	int error;

	if ((error = request_check(len, prot, flags, fd, offset)) == 0) {
		request_fill(&request, addr, len, prot, flags, fd, offset);
		if ((flags & VMS_MAP_TRYFIXED) != 0)
			error = map_tryfixed(&request, &at);
		else if ((flags & VMS_MAP_SIZEALIGN) != 0 &&
			 (flags & VMS_MAP_FIXED) == 0)
			error = map_sizealign(&request, &at);
		else
			error = map_host(&request, &at);
	}
	if (error != 0) {
		dragonfly_result(error);
		return MAP_FAILED;
	}
	if ((flags & VMS_MAP_NOCORE) != 0)
		advise(at, request.len, VMS_MADV_NOCORE);
	return (uint8_t *)at + request.pageoff;
}

/* The rows of kern_mmap that the host does not have; it has the rest. */
static int
request_check(size_t len, int prot, int flags, int fd, off_t offset)
{
	bool stack = (flags & VMS_MAP_STACK) != 0;

	if ((flags & VMS_MAP_ANON) != 0 && (fd != -1 || offset != 0))
		return EINVAL;
	if (len == 0 || (stack && fd != -1))
		return EINVAL;
	if (stack && (prot & PROT_RW) != PROT_RW)
		return EINVAL;
	if ((flags & VMS_MAP_VPAGETABLE) != 0)
		return EOPNOTSUPP;
	if ((flags & VMS_MAP_SIZEALIGN) != 0 && (len & (len - 1)) != 0)
		return EINVAL;
	return 0;
}

static void
request_fill(struct request *request, void *addr, size_t len, int prot,
    int flags, int fd, off_t offset)
{
	bool anon = (flags & (VMS_MAP_ANON | VMS_MAP_STACK)) != 0;
	bool fixed = (flags & (VMS_MAP_FIXED | VMS_MAP_TRYFIXED)) != 0;

	request->pageoff =
	    anon ? 0 : (size_t)((uint64_t)offset & (os_page_bytes() - 1));
	request->addr = addr;
	if (fixed)
		request->addr -= request->pageoff;
	request->len = len + request->pageoff;
	request->prot = prot & PROT_ALL;
	request->flags =
	    (flags & VMS_MAP_SHARED) != 0 ? MAP_SHARED : MAP_PRIVATE;
	if (anon)
		request->flags |= MAP_ANON;
	if ((flags & VMS_MAP_FIXED) != 0)
		request->flags |= MAP_FIXED;
	request->fd = anon ? -1 : fd;
	request->offset = anon ? 0 : offset - (off_t)request->pageoff;
}

/* At the address or not at all: ENOMEM.  Hosts that know no such flag take an
 * address as a hint and keep it when it is free. */
static int
map_tryfixed(const struct request *request, void **out)
{
	struct request hint = *request;
	int error;

	hint.flags &= ~MAP_FIXED;
#ifdef MAP_FIXED_NOREPLACE
	hint.flags |= MAP_FIXED_NOREPLACE;
#endif
	if ((error = map_host(&hint, out)) != 0)
		return error == EEXIST ? ENOMEM : error;
	if (*out == request->addr)
		return 0;
	munmap(*out, request->len);
	return ENOMEM;
}

/* Reserves twice the size and maps over the aligned half. */
static int
map_sizealign(struct request *request, void **out)
{
	size_t len = request->len;
	uint8_t *area, *at;
	int error;

	if (len > SIZE_MAX / 2)
		return ENOMEM;
	area = mmap(
	    request->addr, len * 2, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
	if (area == MAP_FAILED)
		return errno;
	at = area + (len - ((uintptr_t)area & (len - 1))) % len;
	request->addr = at;
	request->flags |= MAP_FIXED;
	error = map_host(request, out);
	if (error != 0) {
		munmap(area, len * 2);
		return error;
	}
	if (at > area)
		munmap(area, (size_t)(at - area));
	if (at < area + len)
		munmap(at + len, (size_t)(area + len - at));
	return 0;
}

static int
map_host(const struct request *request, void **out)
{
	void *at = mmap(request->addr, request->len, request->prot,
	    request->flags, request->fd, request->offset);

	if (at == MAP_FAILED)
		return errno;
	*out = at;
	return 0;
}

int
vmspace_self_madvise(void *addr, size_t len, int behav)
{
	if (behav < 0 || behav > VMS_MADV_INVAL)
		return dragonfly_result(EINVAL);
	return dragonfly_result(advise(addr, len, behav));
}

int
vmspace_self_mcontrol(void *addr, size_t len, int behav, off_t value)
{
	(void)value;
	if (behav < 0 || behav > VMS_MADV_SETMAP)
		return dragonfly_result(EINVAL);
	return dragonfly_result(advise(addr, len, behav));
}

/*
 * DONTNEED keeps data on DragonFly and loses it on Linux, so it is not passed
 * on; FREE may lose it on both.  SETMAP fails as it does in the kernel over a
 * mapping that is not MAP_VPAGETABLE, and no other can exist.
 */
static int
advise(void *addr, size_t len, int behav)
{
	uintptr_t start = (uintptr_t)addr;

	if (start + len < start || start + len > VMS_VA_END)
		return EINVAL;
	switch (behav) {
	case VMS_MADV_NORMAL:
		return host_madvise(addr, len, MADV_NORMAL);
	case VMS_MADV_RANDOM:
		return host_madvise(addr, len, MADV_RANDOM);
	case VMS_MADV_SEQUENTIAL:
		return host_madvise(addr, len, MADV_SEQUENTIAL);
	case VMS_MADV_WILLNEED:
		return host_madvise(addr, len, MADV_WILLNEED);
#ifdef MADV_FREE
	case VMS_MADV_FREE: /* the host's pages may be larger */
		if (((start | len) & (os_page_bytes() - 1)) != 0)
			return 0;
		return host_madvise(addr, len, MADV_FREE);
#endif
#ifdef MADV_DONTDUMP
	case VMS_MADV_NOCORE:
		return host_madvise(addr, len, MADV_DONTDUMP);
	case VMS_MADV_CORE:
		return host_madvise(addr, len, MADV_DODUMP);
#endif
	case VMS_MADV_SETMAP:
		return EINVAL;
	default:
		return 0;
	}
}

/* Advice on whole pages.  What the host does not want to hear, holes
 * included, is no error on DragonFly. */
static int
host_madvise(void *addr, size_t len, int advice)
{
	uintptr_t head = (uintptr_t)addr & (uintptr_t)(os_page_bytes() - 1);

	(void)madvise((uint8_t *)addr - head, len + head, advice);
	return 0;
}

int
vmspace_self_minherit(void *addr, size_t len, int inherit)
{
	int error = EINVAL;

#if defined(MADV_DONTFORK)
	if (inherit == INHERIT_NONE_DRAGONFLY)
		error = madvise(addr, len, MADV_DONTFORK) == 0 ? 0 : errno;
	else if (inherit == INHERIT_COPY_DRAGONFLY)
		error = madvise(addr, len, MADV_DOFORK) == 0 ? 0 : errno;
	else if (inherit == 0)
		error = EOPNOTSUPP;
#else
	error = minherit(addr, len, inherit) == 0 ? 0 : errno;
#endif
	return dragonfly_result(error);
}

/* As the kernel's: the old value first, a short buffer is ENOMEM. */
static int
sysctl_enable(void *oldp, size_t *oldlenp, const void *newp, size_t newlen)
{
	int value = vmspace_vkernel_enable();

	if (newp != NULL && newlen != sizeof(value))
		return EINVAL;
	if (oldlenp != NULL) {
		if (oldp != NULL && *oldlenp < sizeof(value))
			return ENOMEM;
		if (oldp != NULL)
			memcpy(oldp, &value, sizeof(value));
		*oldlenp = sizeof(value);
	}
	if (newp != NULL) {
		memcpy(&value, newp, sizeof(value));
		vmspace_set_vkernel_enable(value);
	}
	return 0;
}

int
vmspace_sysctlbyname(const char *name, void *oldp, size_t *oldlenp,
    const void *newp, size_t newlen)
{
	if (strcmp(name, ENABLE) != 0)
		return dragonfly_result(ENOENT);
	return dragonfly_result(sysctl_enable(oldp, oldlenp, newp, newlen));
}
