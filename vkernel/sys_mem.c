/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory calls: the guest's words into mm_map.c's. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/page.h"
#include "vkernel/errno_map.h"
#include "vkernel/seals.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define HUGE_SHIFT 26 /* log2 of a huge page's size, in mmap's flags */

/* The address space, knowing the process's limits. */
static struct vk_mm *
limited_mm(struct vk_thread *thread)
{
	const struct lx_rlimit *limits;
	struct vk_mm *mm;

	mm = thread->process->mm;
	limits = thread->process->limits;
	mm->limits.as = limits[LX_RLIMIT_AS].rlim_cur;
	mm->limits.data = limits[LX_RLIMIT_DATA].rlim_cur;
	mm->limits.lock = thread->process->cred.user.effective == 0
			      ? UINT64_MAX
			      : limits[LX_RLIMIT_MEMLOCK].rlim_cur;
	return mm;
}

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
	if (!*writes || !seals_forbid_stores(open->fd))
		return 0;
	*writes = false;
	return (prot & LX_PROT_WRITE) != 0 ? LX_EPERM : 0;
}

static bool
is_dev_zero(const struct vk_open *open)
{
	struct stat null, st;

	return fstat(open->fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       stat("/dev/zero", &null) == 0 && st.st_rdev == null.st_rdev;
}

static int
map_file(struct vk_thread *thread, const struct vk_open *open,
    struct vk_mapping *mapping, bool shared)
{
	bool writes;
	int error;

	if (open_is_own(open))
		return LX_ENODEV;
	error = map_check_file(open, mapping->prot, shared, &writes);
	if (error != 0)
		return error;
	if (is_dev_zero(open))
		return map_zero(thread, mapping, shared);
	if ((mapping->flags & AREA_GROWSDOWN) != 0)
		return LX_EINVAL;
	if (writes)
		mapping->flags |= AREA_MAYWRITE;
	error = object_of_file(&thread->process->kernel->memory.cache, open->fd,
	    writes, &mapping->object);
	if (error == 0 && open->path != NULL)
		object_set_path(mapping->object, open->path);
	return error;
}

/* The file of the call, NULL for none; in the order of ksys_mmap_pgoff(). */
static int
map_open(const struct vk_thread *thread, const uint64_t *args,
    const struct vk_open **open)
{
	uint64_t shift;

	*open = NULL;
	if (!page_aligned(args[5]))
		return LX_EINVAL;
	if ((args[3] & LX_MAP_ANONYMOUS) == 0) {
		*open = fds_lookup(thread->process->fds, (int)args[4]);
		if (*open == NULL)
			return LX_EBADF;
		return (args[3] & LX_MAP_HUGETLB) != 0 ? LX_EINVAL : 0;
	}
	if ((args[3] & LX_MAP_HUGETLB) == 0)
		return 0;
	shift = args[3] >> HUGE_SHIFT & 63;
	return shift == 0 || shift == 21 || shift == 30 ? LX_ENOMEM : LX_EINVAL;
}

static unsigned
area_flags(const struct vk_mm *mm, uint64_t flags)
{
	unsigned area;

	area = 0;
	if ((flags & LX_MAP_GROWSDOWN) != 0)
		area |= AREA_GROWSDOWN;
	if ((flags & LX_MAP_NORESERVE) != 0)
		area |= AREA_NORESERVE;
	if ((flags & LX_MAP_LOCKED) != 0 || mm->lock_future)
		area |= AREA_LOCKED;
	return area;
}

/* MAP_SHARED_VALIDATE knows files only, and refuses what it does not know. */
static int
map_type(const struct vk_open *open, uint64_t flags, bool *shared)
{
	*shared = (flags & LX_MAP_TYPE) != LX_MAP_PRIVATE;
	switch (flags & LX_MAP_TYPE) {
	case LX_MAP_SHARED_VALIDATE:
		if (open == NULL)
			return LX_EINVAL;
		return (flags & (LX_MAP_SYNC | LX_MAP_FIXED_NOREPLACE)) != 0
			   ? LX_EOPNOTSUPP
			   : 0;
	case LX_MAP_SHARED:
		return open == NULL && (flags & LX_MAP_GROWSDOWN) != 0
			   ? LX_EINVAL
			   : 0;
	case LX_MAP_PRIVATE:
		return 0;
	default:
		return LX_EINVAL;
	}
}

static int
map_source(struct vk_thread *thread, const struct vk_open *open, uint64_t flags,
    struct vk_mapping *mapping)
{
	bool shared;
	int error;

	if (open != NULL &&
	    mapping->offset + page_round(mapping->len) > INT64_MAX)
		return LX_EOVERFLOW;
	error = map_type(open, flags, &shared);
	if (error != 0)
		return error;
	if (shared)
		mapping->flags |= AREA_SHARED;
	if (open != NULL)
		return map_file(thread, open, mapping, shared);
	mapping->flags |= shared ? AREA_MAYWRITE : 0;
	return map_zero(thread, mapping, shared);
}

/* Errors of the place come before those of the file. */
static int
map_place(struct vk_mm *mm, struct vk_mapping *mapping)
{
	int error;

	if (mapping->len != 0 && page_round(mapping->len) != 0 &&
	    mapping->offset + page_round(mapping->len) < mapping->offset)
		return LX_EOVERFLOW;
	error = mm_place(mm, mapping, &mapping->addr);
	if (error == 0 && (mapping->flags & AREA_LOCKED) != 0 &&
	    mm->limits.lock == 0)
		error = LX_EPERM;
	mapping->fixed = true;
	return error;
}

int64_t
sys_mmap(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;
	struct vk_mapping mapping;
	struct vk_mm *mm;
	uint64_t va;
	int error;

	mm = limited_mm(thread);
	mapping = (struct vk_mapping){ .addr = args[0],
		.len = args[1],
		.prot = (int)args[2] & LX_PROT_ALL,
		.flags = area_flags(mm, args[3]),
		.offset = args[5],
		.fixed =
		    (args[3] & (LX_MAP_FIXED | LX_MAP_FIXED_NOREPLACE)) != 0,
		.keep = (args[3] & LX_MAP_FIXED_NOREPLACE) != 0,
		.low = (args[3] & LX_MAP_32BIT) != 0 };
	error = map_open(thread, args, &open);
	if (error == 0)
		error = map_place(mm, &mapping);
	if (error == 0)
		error = map_source(thread, open, args[3], &mapping);
	if (error == 0)
		error = mm_map(mm, &mapping, &va);
	object_drop(mapping.object);
	if (error != 0)
		return -error;
	if ((args[3] & LX_MAP_POPULATE) != 0 ||
	    (mapping.flags & AREA_LOCKED) != 0)
		mm_populate(mm, va, args[1]);
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
	if (args[2] > INT_MAX && args[1] != 0)
		return -LX_EINVAL;
	return -mm_protect(limited_mm(thread), args[0], args[1], (int)args[2]);
}

/* As on a processor without protection keys. */
int64_t
sys_pkey_mprotect(struct vk_thread *thread, const uint64_t *args)
{
	if ((int)args[3] != -1)
		return -LX_EINVAL;
	return sys_mprotect(thread, args);
}

int64_t
sys_pkey_alloc(struct vk_thread *thread, const uint64_t *args)
{
	(void)thread;
	(void)args;
	return -LX_EINVAL;
}

int64_t
sys_pkey_free(struct vk_thread *thread, const uint64_t *args)
{
	(void)thread;
	(void)args;
	return -LX_EINVAL;
}

int64_t
sys_brk(struct vk_thread *thread, const uint64_t *args)
{
	return (int64_t)mm_set_brk(limited_mm(thread), args[0]);
}

int64_t
sys_mremap(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_mm *mm;
	uint64_t va;
	int error;

	mm = limited_mm(thread);
	error = args[3] > INT_MAX ? LX_EINVAL
				  : mm_remap(mm, args[0], args[1], args[2],
					(int)args[3], args[4], &va);
	if (error != 0)
		return -error;
	if ((areas_lookup(&mm->areas, va)->flags & AREA_LOCKED) != 0)
		mm_populate(mm, va, args[2]);
	return (int64_t)va;
}

int64_t
sys_madvise(struct vk_thread *thread, const uint64_t *args)
{
	return -mm_advise(
	    thread->process->mm, args[0], args[1], args[2] & UINT32_MAX);
}

int64_t
sys_msync(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_mm *mm;
	uint64_t end, flags, locked;
	int error;

	mm = thread->process->mm;
	flags = args[2];
	if (!page_aligned(args[0]) || (flags & ~UINT64_C(7)) != 0 ||
	    (flags & (LX_MS_ASYNC | LX_MS_SYNC)) == (LX_MS_ASYNC | LX_MS_SYNC))
		return -LX_EINVAL;
	if (add_wraps(args[0], page_round(args[1]), &end))
		return -LX_ENOMEM;
	if (end == args[0])
		return 0;
	locked =
	    areas_bytes(&mm->areas, args[0], end, AREA_LOCKED, AREA_LOCKED);
	if ((flags & LX_MS_INVALIDATE) != 0 && locked != 0)
		return -LX_EBUSY;
	error = mm_sync(mm, args[0], args[1]);
	if (error != 0)
		return -error;
	return areas_cover(&mm->areas, args[0], end) ? 0 : -LX_ENOMEM;
}

int64_t
sys_mlock(struct vk_thread *thread, const uint64_t *args)
{
	return -mm_lock(limited_mm(thread), args[0], args[1], true);
}

#define MLOCK_ONFAULT UINT64_C(1)

int64_t
sys_mlock2(struct vk_thread *thread, const uint64_t *args)
{
	if ((args[2] & ~MLOCK_ONFAULT) != 0)
		return -LX_EINVAL;
	return -mm_lock(limited_mm(thread), args[0], args[1],
	    (args[2] & MLOCK_ONFAULT) == 0);
}

int64_t
sys_munlock(struct vk_thread *thread, const uint64_t *args)
{
	return -mm_unlock(thread->process->mm, args[0], args[1]);
}

#define MCL_CURRENT UINT64_C(1)
#define MCL_FUTURE  UINT64_C(2)
#define MCL_ONFAULT UINT64_C(4)

int64_t
sys_mlockall(struct vk_thread *thread, const uint64_t *args)
{
	if (args[0] == 0 || args[0] == MCL_ONFAULT ||
	    (args[0] & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) != 0)
		return -LX_EINVAL;
	return -mm_lock_all(limited_mm(thread), (args[0] & MCL_CURRENT) != 0,
	    (args[0] & MCL_FUTURE) != 0, (args[0] & MCL_ONFAULT) == 0);
}

int64_t
sys_munlockall(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	mm_unlock_all(thread->process->mm);
	return 0;
}

/* The pages of a file are in memory as far as a program can tell. */
static uint8_t
is_in_core(const struct vk_mm *mm, uint64_t va)
{
	const struct vk_area *area;

	area = areas_lookup(&mm->areas, va);
	if (area->object != NULL && area->object->fd >= 0)
		return area->offset + (va - area->start) < area->object->size;
	return mm_is_present(mm, va);
}

int64_t
sys_mincore(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_mm *mm;
	uint64_t end, pages, va;
	uint8_t here;

	mm = thread->process->mm;
	if (!page_aligned(args[0]))
		return -LX_EINVAL;
	if (add_wraps(args[0], page_round(args[1]), &end) || end > MM_VA_END)
		return -LX_ENOMEM;
	pages = (end - args[0]) >> PAGE_SHIFT;
	if (args[2] > MM_VA_END - pages)
		return -LX_EFAULT;
	for (va = args[0]; va < end; va += PAGE_BYTES) {
		if (areas_lookup(&mm->areas, va) == NULL)
			return -LX_ENOMEM;
		here = is_in_core(mm, va);
		if (copyout(mm, args[2] + ((va - args[0]) >> PAGE_SHIFT), &here,
			1) != 0)
			return -LX_EFAULT;
	}
	return 0;
}
