/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory calls: the guest's words into mm_map.c's. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/page.h"
#include "vkernel/errno_map.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define PROT_KNOWN     (LX_PROT_READ | LX_PROT_WRITE | LX_PROT_EXEC)
#define PROT_GROWSDOWN 0x01000000

/* A private or shared view of zero memory. */
static int
map_zero(struct vk_thread *thread, struct vk_mapping *mapping, bool shared)
{
	mapping->offset = 0;
	if (!shared)
		return 0;
	return object_anonymous(
	    &thread->process->kernel->memory.cache, &mapping->object);
}

static int
map_check_file(const struct vk_open *open, int prot, bool shared, bool *writes)
{
	int mode;

	mode = fcntl(open->fd, F_GETFL) & O_ACCMODE;
	if (mode == O_WRONLY)
		return LX_EACCES;
	if (shared && (prot & LX_PROT_WRITE) != 0 && mode != O_RDWR)
		return LX_EACCES;
	*writes = shared && mode == O_RDWR;
	return 0;
}

static bool
is_dev_zero(const struct vk_open *open)
{
	struct stat null, st;

	return fstat(open->fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       stat("/dev/zero", &null) == 0 && st.st_rdev == null.st_rdev;
}

static int
map_file(struct vk_thread *thread, uint64_t fd, struct vk_mapping *mapping,
    bool shared)
{
	const struct vk_open *open;
	bool writes;
	int error;

	open = fds_lookup(thread->process->fds, (int)fd);
	if (open == NULL)
		return LX_EBADF;
	error = map_check_file(open, mapping->prot, shared, &writes);
	if (error != 0)
		return error;
	if (is_dev_zero(open))
		return map_zero(thread, mapping, shared);
	if (writes)
		mapping->flags |= AREA_MAYWRITE;
	return object_of_file(&thread->process->kernel->memory.cache, open->fd,
	    writes, &mapping->object);
}

static int
map_flags(
    const struct vk_thread *thread, struct vk_mapping *mapping, uint64_t flags)
{
	mapping->fixed = (flags & (LX_MAP_FIXED | LX_MAP_FIXED_NOREPLACE)) != 0;
	if ((flags & LX_MAP_GROWSDOWN) != 0)
		mapping->flags |= AREA_GROWSDOWN;
	if ((flags & LX_MAP_FIXED_NOREPLACE) == 0)
		return 0;
	if (mapping->addr > MM_VA_END - page_round(mapping->len))
		return LX_ENOMEM;
	return areas_are_free(&thread->process->mm->areas, mapping->addr,
		   mapping->addr + page_round(mapping->len))
		   ? 0
		   : LX_EEXIST;
}

static int
map_source(struct vk_thread *thread, const uint64_t *args,
    struct vk_mapping *mapping, bool shared)
{
	if (shared)
		mapping->flags |= AREA_SHARED;
	if ((args[3] & LX_MAP_ANONYMOUS) == 0)
		return map_file(thread, args[4], mapping, shared);
	mapping->flags |= shared ? AREA_MAYWRITE : 0;
	return map_zero(thread, mapping, shared);
}

static void
map_populate(struct vk_thread *thread, uint64_t va, uint64_t len, int prot)
{
	enum mm_access access;
	uint64_t at;

	access = (prot & LX_PROT_WRITE) != 0 ? MM_WRITE : MM_READ;
	for (at = va; at < va + len; at += PAGE_BYTES)
		if (mm_fault(thread->process->mm, at, access) == MM_NO_MEMORY)
			break;
}

int64_t
sys_mmap(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_mapping mapping = { .addr = args[0],
		.len = args[1],
		.prot = (int)args[2] & PROT_KNOWN,
		.offset = args[5] };
	uint64_t type, va;
	bool shared;
	int error;

	type = args[3] & LX_MAP_TYPE;
	shared = type != LX_MAP_PRIVATE;
	if (!page_aligned(args[5]) || args[1] == 0 || type == 0 ||
	    type > LX_MAP_SHARED_VALIDATE)
		return -LX_EINVAL;
	error = map_flags(thread, &mapping, args[3]);
	if (error == 0)
		error = map_source(thread, args, &mapping, shared);
	if (error != 0)
		return -error;
	error = mm_map(thread->process->mm, &mapping, &va);
	object_drop(mapping.object);
	if (error != 0)
		return -error;
	if ((args[3] & LX_MAP_POPULATE) != 0)
		map_populate(thread, va, page_round(args[1]), mapping.prot);
	return (int64_t)va;
}

int64_t
sys_munmap(struct vk_thread *thread, const uint64_t *args)
{
	return -mm_unmap(thread->process->mm, args[0], args[1]);
}

int64_t
sys_mprotect(struct vk_thread *thread, const uint64_t *args)
{
	if ((args[2] & ~(uint64_t)(PROT_KNOWN | PROT_GROWSDOWN | 0x8)) != 0)
		return -LX_EINVAL;
	return -mm_protect(
	    thread->process->mm, args[0], args[1], (int)args[2] & PROT_KNOWN);
}

int64_t
sys_brk(struct vk_thread *thread, const uint64_t *args)
{
	return (int64_t)mm_set_brk(thread->process->mm, args[0]);
}

int64_t
sys_mremap(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t va;
	int error;

	error = mm_remap(thread->process->mm, args[0], args[1], args[2],
	    (int)args[3], args[4], &va);
	return error != 0 ? -error : (int64_t)va;
}

static bool
advice_is_known(uint64_t advice)
{
	return advice <= 4 || (advice >= 8 && advice <= 23) || advice == 100 ||
	       advice == 101;
}

int64_t
sys_madvise(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_mm *mm;
	uint64_t end;

	mm = thread->process->mm;
	if (!page_aligned(args[0]) || !advice_is_known(args[2]) ||
	    add_wraps(args[0], page_round(args[1]), &end) ||
	    (args[1] != 0 && page_round(args[1]) == 0))
		return -LX_EINVAL;
	if (args[1] == 0)
		return 0;
	if (args[2] == LX_MADV_DONTNEED)
		return -mm_discard(mm, args[0], args[1]);
	if (args[2] == LX_MADV_REMOVE)
		return -LX_EINVAL;
	return areas_cover(&mm->areas, args[0], end) ? 0 : -LX_ENOMEM;
}

int64_t
sys_msync(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_mm *mm;
	uint64_t end;
	int error;

	mm = thread->process->mm;
	if (!page_aligned(args[0]) || (args[2] & ~UINT64_C(7)) != 0 ||
	    (args[2] & (LX_MS_ASYNC | LX_MS_SYNC)) ==
		(LX_MS_ASYNC | LX_MS_SYNC))
		return -LX_EINVAL;
	if (add_wraps(args[0], page_round(args[1]), &end))
		return -LX_ENOMEM;
	error = mm_sync(mm, args[0], args[1]);
	if (error != 0)
		return -error;
	return areas_cover(&mm->areas, args[0], end) ? 0 : -LX_ENOMEM;
}

/* Every page of the image stays where it is. */
static int64_t
do_mlock(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t end, start;

	start = page_trunc(args[0]);
	if (add_wraps(args[0], args[1], &end))
		return -LX_EINVAL;
	return areas_cover(&thread->process->mm->areas, start, page_round(end))
		   ? 0
		   : -LX_ENOMEM;
}

int64_t
sys_mlock(struct vk_thread *thread, const uint64_t *args)
{
	return do_mlock(thread, args);
}

int64_t
sys_munlock(struct vk_thread *thread, const uint64_t *args)
{
	return do_mlock(thread, args);
}

int64_t
sys_mlock2(struct vk_thread *thread, const uint64_t *args)
{
	return args[2] > 1 ? -LX_EINVAL : do_mlock(thread, args);
}

int64_t
sys_mlockall(struct vk_thread *thread, const uint64_t *args)
{
	(void)thread;
	return args[0] == 0 || args[0] > 7 ? -LX_EINVAL : 0;
}

int64_t
sys_munlockall(struct vk_thread *thread, const uint64_t *args)
{
	(void)thread;
	(void)args;
	return 0;
}

int64_t
sys_mincore(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_mm *mm;
	uint64_t end, va;
	uint8_t here;

	mm = thread->process->mm;
	if (!page_aligned(args[0]))
		return -LX_EINVAL;
	if (add_wraps(args[0], page_round(args[1]), &end) ||
	    !areas_cover(&mm->areas, args[0], end))
		return -LX_ENOMEM;
	for (va = args[0]; va < end; va += PAGE_BYTES) {
		here = mm_is_present(mm, va);
		if (copyout(mm, args[2] + ((va - args[0]) >> PAGE_SHIFT), &here,
			1) != 0)
			return -LX_EFAULT;
	}
	return 0;
}
