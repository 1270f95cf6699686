/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System V shared memory.  A segment is an anonymous object; who has attached
 * it is seen from the areas, so fork, exec and exit need to say nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "vkernel/syscall.h"
#include "vkernel/sysv.h"
#include "vkernel/sysv_kinds.h"
#include "vkernel/usercopy.h"

#define SHM_LOCK     11
#define SHM_UNLOCK   12
#define SHM_STAT     13
#define SHM_INFO     14
#define SHM_STAT_ANY 15

#define SHM_RDONLY 010000u
#define SHM_RND    020000u
#define SHM_REMAP  040000u
#define SHM_EXEC   0100000u

#define SHM_DEST    01000u /* modes */
#define SHM_LOCKED  02000u
#define SHM_HUGETLB 04000u

#define SHM_MAX (UINT64_MAX - (UINT64_C(1) << 24))

struct shm {
	struct vk_ipc ipc;
	struct vk_object *object; /* NULL: removed, the areas keep it */
	uint64_t object_id;
	uint64_t size;
	int64_t attached, detached; /* seconds */
	int creator, last;
};

struct lx_shmid {
	struct lx_ipc_perm perm;
	uint64_t size;
	int64_t attached, detached, changed;
	int32_t creator, last;
	uint64_t attaches, unused[2];
};

struct lx_shminfo {
	uint64_t max, min, rows, segments, all, unused[4];
};

struct lx_shm_info {
	int32_t used, unused;
	uint64_t total, resident, swapped, attempts, successes;
};

static bool
is_of(const struct vk_area *area, uint64_t object_id)
{
	return area->object != NULL && area->object->id == object_id;
}

static uint64_t
shm_attaches(const struct vk_kernel *kernel, const struct shm *shm)
{
	const struct vk_mm *mm;
	uint64_t count;
	size_t i;

	count = 0;
	for (mm = kernel->memory.first; mm != NULL; mm = mm->next)
		for (i = 0; i < mm->areas.count; i++)
			if (is_of(&mm->areas.rows[i], shm->object_id))
				count++;
	return count;
}

static void
shm_destroy(struct vk_ipc *ipc)
{
	struct shm *shm;

	shm = (struct shm *)ipc;
	object_drop(shm->object);
	free(shm);
}

/* Those that were removed, and that nobody has attached any more, go. */
static void
shm_sweep(struct vk_kernel *kernel, struct vk_ipcs *ipcs)
{
	struct shm *shm;
	size_t i;

	for (i = 0; i < ipcs->room; i++) {
		shm = (struct shm *)ipcs->rows[i];
		if (shm == NULL || shm->object != NULL ||
		    shm_attaches(kernel, shm) != 0)
			continue;
		ipc_forget(ipcs, &shm->ipc);
		shm_destroy(&shm->ipc);
	}
}

/* NULL: no memory. */
static struct vk_ipcs *
shm_all(struct vk_kernel *kernel)
{
	struct vk_sysv *sysv;

	sysv = sysv_of(kernel);
	if (sysv == NULL)
		return NULL;
	shm_sweep(kernel, &sysv->shm);
	return &sysv->shm;
}

static int
shm_create(struct vk_thread *thread, const uint64_t *args, struct vk_ipc **out)
{
	struct shm *shm;
	int error;

	if (args[1] == 0 || args[1] > SHM_MAX)
		return LX_EINVAL;
	if ((args[2] & SHM_HUGETLB) != 0)
		return LX_ENOMEM;
	if (page_round(args[1]) > MM_VA_END)
		return LX_ENOSPC;
	shm = calloc(1, sizeof(*shm));
	if (shm == NULL)
		return LX_ENOMEM;
	error = object_anonymous(
	    &thread->process->kernel->memory.cache, &shm->object);
	if (error != 0) {
		free(shm);
		return error;
	}
	shm->object_id = shm->object->id;
	shm->size = args[1];
	shm->creator = thread->process->pid;
	*out = &shm->ipc;
	return 0;
}

static int
shm_check(const struct vk_ipc *ipc, const uint64_t *args)
{
	return ((const struct shm *)ipc)->size < args[1] ? LX_EINVAL : 0;
}

const struct ipc_kind shm_kind = { shm_create, shm_check, shm_destroy };

int64_t
sys_shmget(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_ipcs *ipcs;

	ipcs = shm_all(thread->process->kernel);
	if (ipcs == NULL)
		return -LX_ENOMEM;
	return ipc_get(thread, ipcs, &shm_kind, args, (unsigned)args[2]);
}

/* Where it is to go, in the order of do_shmat(). */
static int
shm_place(const uint64_t *args, struct vk_mapping *mapping)
{
	unsigned flags;

	flags = (unsigned)args[2];
	mapping->addr = args[1];
	mapping->fixed = args[1] != 0;
	if (!mapping->fixed)
		return (flags & SHM_REMAP) != 0 ? LX_EINVAL : 0;
	if (page_aligned(args[1]))
		return 0;
	if ((flags & SHM_RND) == 0)
		return LX_EINVAL;
	mapping->addr = page_trunc(args[1]);
	return mapping->addr == 0 && (flags & SHM_REMAP) != 0 ? LX_EINVAL : 0;
}

/* What flags ask for; the result is the access that has to be granted. */
static unsigned
shm_rights(unsigned flags, struct vk_mapping *mapping)
{
	unsigned access;

	access = IPC_READ;
	mapping->prot = LX_PROT_READ;
	mapping->flags = AREA_SHARED;
	if ((flags & SHM_RDONLY) == 0) {
		access |= IPC_WRITE;
		mapping->prot |= LX_PROT_WRITE;
		mapping->flags |= AREA_MAYWRITE;
	}
	if ((flags & SHM_EXEC) != 0) {
		access |= 0111;
		mapping->prot |= LX_PROT_EXEC;
	}
	return access;
}

/* An object that the segment has given up is that of any area. */
static struct vk_object *
shm_object(const struct vk_kernel *kernel, const struct shm *shm)
{
	const struct vk_mm *mm;
	size_t i;

	if (shm->object != NULL)
		return shm->object;
	for (mm = kernel->memory.first; mm != NULL; mm = mm->next)
		for (i = 0; i < mm->areas.count; i++)
			if (is_of(&mm->areas.rows[i], shm->object_id))
				return mm->areas.rows[i].object;
	return NULL;
}

static int64_t
shm_map(struct vk_thread *thread, struct shm *shm, bool replace,
    struct vk_mapping *mapping)
{
	uint64_t va;
	int error;

	mapping->len = shm->size;
	mapping->keep = mapping->fixed && !replace;
	mapping->object = object_ref(shm_object(thread->process->kernel, shm));
	error = mm_map(thread->process->mm, mapping, &va);
	object_drop(mapping->object);
	if (error != 0)
		return error == LX_EEXIST ? -LX_EINVAL : -error;
	shm->attached = ipc_seconds(thread);
	shm->last = thread->process->pid;
	return (int64_t)va;
}

int64_t
sys_shmat(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_mapping mapping = { 0 };
	struct vk_ipcs *ipcs;
	struct vk_ipc *ipc;
	unsigned access, flags;
	int error;

	ipcs = shm_all(thread->process->kernel);
	if (ipcs == NULL)
		return -LX_ENOMEM;
	flags = (unsigned)args[2];
	error = shm_place(args, &mapping);
	if (error != 0)
		return -error;
	access = shm_rights(flags, &mapping);
	error = ipc_find(thread, ipcs, (int)args[0], &ipc);
	if (error == 0)
		error = ipc_permits(thread, ipc, access);
	if (error != 0)
		return -error;
	return shm_map(
	    thread, (struct shm *)ipc, (flags & SHM_REMAP) != 0, &mapping);
}

/* The segment of which area is a part that was attached at addr. */
static struct shm *
shm_at(const struct vk_ipcs *ipcs, const struct vk_area *area, uint64_t addr)
{
	struct shm *shm;
	size_t i;

	for (i = 0; i < ipcs->room; i++) {
		shm = (struct shm *)ipcs->rows[i];
		if (shm != NULL && is_of(area, shm->object_id) &&
		    area->start - addr == area->offset)
			return shm;
	}
	return NULL;
}

/* The parts of what was attached at addr, which may have been cut. */
static struct shm *
shm_unmap(struct vk_mm *mm, const struct vk_ipcs *ipcs, uint64_t addr)
{
	const struct vk_area *area;
	struct shm *found, *shm;
	uint64_t end, start;
	size_t i;

	found = NULL;
	end = MM_VA_END;
	i = areas_index(&mm->areas, addr);
	while (i < mm->areas.count && mm->areas.rows[i].start < end) {
		area = &mm->areas.rows[i];
		start = area->start;
		shm = start < addr ? NULL : shm_at(ipcs, area, addr);
		if (shm == NULL || (found != NULL && shm != found)) {
			i++;
			continue;
		}
		found = shm;
		end = addr + page_round(shm->size);
		if (mm_unmap(mm, start, area->end - start) != 0)
			break;
		i = areas_index(&mm->areas, start);
	}
	return found;
}

int64_t
sys_shmdt(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_kernel *kernel;
	struct vk_ipcs *ipcs;
	struct shm *shm;

	kernel = thread->process->kernel;
	ipcs = shm_all(kernel);
	if (ipcs == NULL)
		return -LX_ENOMEM;
	if (!page_aligned(args[0]))
		return -LX_EINVAL;
	shm = shm_unmap(thread->process->mm, ipcs, args[0]);
	if (shm == NULL)
		return -LX_EINVAL;
	shm->detached = ipc_seconds(thread);
	shm->last = thread->process->pid;
	shm_sweep(kernel, ipcs);
	return 0;
}

static int64_t
shm_stat(struct vk_thread *thread, const struct shm *shm, uint64_t va)
{
	struct lx_shmid out;

	memset(&out, 0, sizeof(out));
	out.perm = shm->ipc.perm;
	out.size = shm->size;
	out.attached = shm->attached;
	out.detached = shm->detached;
	out.changed = shm->ipc.changed;
	out.creator = shm->creator;
	out.last = shm->last;
	out.attaches = shm_attaches(thread->process->kernel, shm);
	return -copyout(thread->process->mm, va, &out, sizeof(out));
}

static int64_t
shm_set(struct vk_thread *thread, struct shm *shm, uint64_t va)
{
	struct lx_shmid in;
	int error;

	if (copyin(thread->process->mm, &in, va, sizeof(in)) != 0)
		return -LX_EFAULT;
	error = ipc_owns(thread, &shm->ipc);
	if (error == 0)
		ipc_change(thread, &shm->ipc, &in.perm);
	return -error;
}

static int64_t
shm_remove(struct vk_thread *thread, struct vk_ipcs *ipcs, struct shm *shm)
{
	int error;

	error = ipc_owns(thread, &shm->ipc);
	if (error != 0)
		return -error;
	shm->ipc.perm.key = 0;
	shm->ipc.perm.mode |= SHM_DEST;
	object_drop(shm->object);
	shm->object = NULL;
	shm_sweep(thread->process->kernel, ipcs);
	return 0;
}

static int64_t
shm_lock(struct vk_thread *thread, struct shm *shm, bool lock)
{
	int error;

	error = ipc_owns(thread, &shm->ipc);
	if (error != 0)
		return -error;
	shm->ipc.perm.mode &= ~SHM_LOCKED;
	if (lock)
		shm->ipc.perm.mode |= SHM_LOCKED;
	return 0;
}

static int64_t
shm_limits(struct vk_thread *thread, const struct vk_ipcs *ipcs, uint64_t va)
{
	struct lx_shminfo out = { .max = SHM_MAX,
		.min = 1,
		.rows = 4096,
		.segments = 4096,
		.all = SHM_MAX };

	if (copyout(thread->process->mm, va, &out, sizeof(out)) != 0)
		return -LX_EFAULT;
	return ipc_last(ipcs);
}

static int64_t
shm_totals(struct vk_thread *thread, const struct vk_ipcs *ipcs, uint64_t va)
{
	struct lx_shm_info out = { .used = (int32_t)ipcs->used };
	const struct shm *shm;
	size_t i;

	for (i = 0; i < ipcs->room; i++) {
		shm = (const struct shm *)ipcs->rows[i];
		if (shm != NULL)
			out.total += page_round(shm->size) / PAGE_BYTES;
	}
	if (copyout(thread->process->mm, va, &out, sizeof(out)) != 0)
		return -LX_EFAULT;
	return ipc_last(ipcs);
}

/* The commands that begin with an index. */
static int64_t
shm_stat_index(
    struct vk_thread *thread, const struct vk_ipcs *ipcs, const uint64_t *args)
{
	struct vk_ipc *ipc;
	int error;

	error = ipc_by_index(ipcs, (int)args[0], &ipc);
	if (error == 0 && args[1] == SHM_STAT)
		error = ipc_permits(thread, ipc, IPC_READ);
	if (error == 0)
		error = (int)-shm_stat(thread, (struct shm *)ipc, args[2]);
	return error == 0 ? ipc->id : -error;
}

int64_t
sys_shmctl(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_ipcs *ipcs;
	struct vk_ipc *ipc;
	int command, error;

	ipcs = shm_all(thread->process->kernel);
	if (ipcs == NULL)
		return -LX_ENOMEM;
	command = (int)args[1];
	if (command < 0 || (int)args[0] < 0)
		return -LX_EINVAL;
	if (command == IPC_INFO)
		return shm_limits(thread, ipcs, args[2]);
	if (command == SHM_INFO)
		return shm_totals(thread, ipcs, args[2]);
	if (command == SHM_STAT || command == SHM_STAT_ANY)
		return shm_stat_index(thread, ipcs, args);
	error = ipc_find(thread, ipcs, (int)args[0], &ipc);
	if (error != 0)
		return -error;
	switch (command) {
	case IPC_STAT:
		error = ipc_permits(thread, ipc, IPC_READ);
		return error != 0
			   ? -error
			   : shm_stat(thread, (struct shm *)ipc, args[2]);
	case IPC_SET:
		return shm_set(thread, (struct shm *)ipc, args[2]);
	case IPC_RMID:
		return shm_remove(thread, ipcs, (struct shm *)ipc);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shm_lock(thread, (struct shm *)ipc, command == SHM_LOCK);
	default:
		return -LX_EINVAL;
	}
}
