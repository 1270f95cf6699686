/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kern_mmap, vm_mmap, sys_munmap and sys_mcontrol (sys/vm/vm_mmap.c): checks
 * in the kernel's order, then one operation on the map.  The row numbers are
 * those of the table in docs/semantics.md, "vmspace_mmap".
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "base/page.h"
#include "vmspace/space.h"
#include "vmspace/vm_object.h"
#include "vmspace/vms.h"

/* Where placement starts when the caller gives no address.  The kernel also
 * moves hints out of the vkernel's own text and heap, which mean nothing
 * here. */
#define HINT_DEFAULT UINT64_C(0x800000000)
/* Bytes of a MAP_STACK mapping that exist from the start. */
#define SGROWSIZ (UINT64_C(128) << 10)

#define PROT_ALL (VMS_PROT_READ | VMS_PROT_WRITE | VMS_PROT_EXEC)
#define PLACED   (VMS_MAP_FIXED | VMS_MAP_TRYFIXED)
#define PAGEABLE (VMS_PROT_READ | VMS_PROT_WRITE)

/* A request while its rows are checked. */
struct request {
	struct space *space;
	vms_va_t addr;
	uint64_t len, size; /* as given; in whole pages */
	uint64_t offset, pageoff;
	int prot, max_prot, flags, fd;
	bool device; /* a character device, not the zero device */
};

static int check_arguments(struct request *rq);
static int check_range(struct request *rq);
static int check_fd(struct request *rq);
static int check_limits(const struct request *rq);
static int request_map(struct request *rq);

int
vm_mmap(struct space *space, vms_va_t addr, uint64_t len, int prot, int flags,
    int fd, int64_t offset, vms_va_t *out)
{
	struct request rq = {
		.space = space,
		.addr = addr,
		.len = len,
		.offset = (uint64_t)offset,
		.prot = prot & PROT_ALL,
		.max_prot = PROT_ALL,
		.flags = flags,
		.fd = fd,
	};
	int error;

	if ((error = check_arguments(&rq)) != 0 ||
	    (error = check_range(&rq)) != 0 || (error = check_fd(&rq)) != 0 ||
	    (error = check_limits(&rq)) != 0 || (error = request_map(&rq)) != 0)
		return error;
	*out = rq.addr + rq.pageoff;
	return 0;
}

/* Rows 1 to 7. */
static int
check_arguments(struct request *rq)
{
	bool tables = rq->flags & VMS_MAP_VPAGETABLE;
	bool pageable = (rq->prot & PAGEABLE) == PAGEABLE;

	if ((rq->flags & VMS_MAP_ANON) && (rq->fd != -1 || rq->offset != 0))
		return EINVAL;
	if (rq->len == 0)
		return EINVAL;
	if (rq->flags & VMS_MAP_STACK) {
		if (rq->fd != -1 || !pageable)
			return EINVAL;
		rq->flags |= VMS_MAP_ANON;
		rq->offset = 0;
	}
	if (tables && vms_vkernel_enable(rq->space->vms) == 0)
		return EOPNOTSUPP;
	if (tables && ((rq->flags & VMS_MAP_STACK) || !pageable))
		return EINVAL;
	return 0;
}

/* Rows 8 to 12, and the hint. */
static int
check_range(struct request *rq)
{
	vms_va_t end;

	rq->pageoff = rq->offset & PAGE_MASK;
	rq->offset -= rq->pageoff;
	rq->size = page_round(rq->len + rq->pageoff);
	if (rq->size < rq->len)
		return EINVAL;
	if (!(rq->flags & PLACED)) {
		rq->addr = page_round(rq->addr ? rq->addr : HINT_DEFAULT);
		return 0;
	}
	rq->addr -= rq->pageoff;
	if (!page_aligned(rq->addr) || add_wraps(rq->addr, rq->size, &end) ||
	    end > VMS_VA_END)
		return EINVAL;
	return 0;
}

static bool
is_zero_device(const struct stat *st)
{
	struct stat zero;

	return stat("/dev/zero", &zero) == 0 && S_ISCHR(zero.st_mode) &&
	       zero.st_rdev == st->st_rdev;
}

/* Can the host map the file of fd at all, and for storing through it? */
static int
host_mmap_error(int fd, int host_prot)
{
	size_t len = (size_t)os_page_bytes();
	void *at = mmap(NULL, len, host_prot, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return errno;
	munmap(at, len);
	return 0;
}

/* Rows 19, 20: what the descriptor was opened for. */
static int
check_open_mode(struct request *rq, int mode, bool changes_shared)
{
	rq->max_prot = VMS_PROT_EXEC;
	if (mode != O_WRONLY)
		rq->max_prot |= VMS_PROT_READ;
	else if (rq->prot & VMS_PROT_READ)
		return EACCES;
	if (!changes_shared || mode != O_RDONLY)
		rq->max_prot |= VMS_PROT_WRITE;
	else if (rq->prot & VMS_PROT_WRITE)
		return EACCES;
	/* No host maps a file that it may only write. */
	return mode == O_WRONLY && (rq->prot & VMS_PROT_WRITE) ? EACCES : 0;
}

/*
 * Rows 15, 19 to 22 of a regular file.  The host's own answer to a trial
 * mapping stands for "has a VM object" and for "immutable or append-only"
 * (a seal, an attribute); files that are mapped already passed it.
 */
static int
check_file(struct request *rq, int mode)
{
	bool shared = rq->flags & VMS_MAP_SHARED;
	bool stores = shared && (rq->prot & VMS_PROT_WRITE) && mode == O_RDWR;
	struct vm_object *known = vm_object_lookup(rq->space->vms, rq->fd);
	int trial = 0;

	if (mode != O_WRONLY &&
	    (known == NULL || (stores && !vm_object_stores(known))))
		trial = host_mmap_error(
		    rq->fd, stores ? PROT_READ | PROT_WRITE : PROT_NONE);
	if (trial != 0 && trial != EPERM && trial != EACCES)
		return trial == ENOMEM ? ENOMEM : EINVAL;
	if (trial != 0 && !stores)
		return EINVAL;
	if (trial != 0)
		return EPERM;
	return check_open_mode(rq, mode, shared);
}

/* Rows 13 to 22. */
static int
check_fd(struct request *rq)
{
	struct stat st;
	int mode;

	if (rq->flags & VMS_MAP_ANON)
		return 0;
	if (fstat(rq->fd, &st) != 0 || (mode = fcntl(rq->fd, F_GETFL)) == -1)
		return EBADF;
	mode &= O_ACCMODE;
	if (S_ISREG(st.st_mode))
		return check_file(rq, mode);
	if (!S_ISCHR(st.st_mode))
		return EINVAL;
	if (is_zero_device(&st)) {
		rq->flags |= VMS_MAP_ANON;
		rq->offset = 0;
		return 0;
	}
	if (rq->flags & VMS_MAP_PRIVATE)
		return EINVAL;
	rq->device = true;
	return check_open_mode(rq, mode, true);
}

/* Rows 23 and 24. */
static int
check_limits(const struct request *rq)
{
	uint64_t most = rq->space->vms->config.max_map_entries;

	if (most != 0 && rq->space->map.count >= most)
		return ENOMEM;
	if ((rq->flags & VMS_MAP_SIZEALIGN) && (rq->size & (rq->size - 1)) != 0)
		return EINVAL;
	return 0;
}

static struct vm_entry
request_entry(const struct request *rq)
{
	bool private = !(rq->flags & (VMS_MAP_ANON | VMS_MAP_SHARED));

	return (struct vm_entry){
		.start = rq->addr,
		.end = rq->addr + rq->size,
		.prot = (uint8_t)rq->prot,
		.max_prot = (uint8_t)rq->max_prot,
		.inherit = VM_INHERIT_COPY,
		.vpagetable = rq->flags & VMS_MAP_VPAGETABLE,
		.needs_copy = private,
		.cow = private,
		.nosync = rq->flags & VMS_MAP_NOSYNC,
		.nocore = rq->flags & VMS_MAP_NOCORE,
		.stack = rq->flags & VMS_MAP_STACK,
		.offset = rq->flags & VMS_MAP_ANON ? 0 : rq->offset,
	};
}

/* vm_map_stack: only the top exists.  The address that the caller gets is the
 * hint, even when the stack had to go higher. */
static int
stack_map(struct request *rq)
{
	struct space *space = rq->space;
	struct vm_entry entry = request_entry(rq);
	uint64_t init = rq->size < SGROWSIZ ? rq->size : SGROWSIZ;
	vms_va_t at = rq->addr;
	int error = 0;

	if (!(rq->flags & PLACED))
		error = vm_map_findspace(
		    &space->map, rq->addr, rq->size, 1, true, &at);
	if (error != 0)
		return error;
	entry.end = at + rq->size;
	entry.start = entry.end - init;
	if (!vm_map_is_free(&space->map, at, entry.end))
		return ENOMEM;
	if ((error = vm_map_insert(space, &entry)) != 0)
		return error;
	error = vm_map_reserve_below(
	    space, entry.start, entry.end, rq->size - init);
	if (error != 0)
		vm_map_remove(space, entry.start, entry.end);
	return error;
}

static int
object_of_request(const struct request *rq, struct vm_object **object)
{
	bool stores =
	    (rq->flags & VMS_MAP_SHARED) && (rq->prot & VMS_PROT_WRITE);

	if (rq->flags & VMS_MAP_ANON)
		return 0;
	if (rq->device)
		return EINVAL;
	return vm_object_file(rq->space->vms, rq->fd, stores, object);
}

/* vm_map_find. */
static int
range_map(struct request *rq)
{
	struct space *space = rq->space;
	uint64_t align = rq->flags & VMS_MAP_SIZEALIGN ? rq->size : PAGE_BYTES;
	struct vm_object *object = NULL;
	struct vm_entry entry;
	int error = object_of_request(rq, &object);

	if (error != 0)
		return error;
	if (!(rq->flags & PLACED))
		error = vm_map_findspace(
		    &space->map, rq->addr, rq->size, align, false, &rq->addr);
	if (error == 0) {
		entry = request_entry(rq);
		entry.object = object;
		error = vm_map_insert(space, &entry);
	}
	if (error != 0)
		vm_object_drop(object);
	return error;
}

/* Rows 25 to 27, and what a shared mapping inherits. */
static int
request_map(struct request *rq)
{
	struct space *space = rq->space;
	int error = 0;

	if ((rq->flags & PLACED) == VMS_MAP_FIXED)
		error = vm_map_remove(space, rq->addr, rq->addr + rq->size);
	if (error == 0)
		error =
		    rq->flags & VMS_MAP_STACK ? stack_map(rq) : range_map(rq);
	if (error != 0 || !(rq->flags & (VMS_MAP_SHARED | VMS_MAP_INHERIT)))
		return error;
	error = vm_map_share(space, rq->addr, rq->addr + rq->size);
	if (error != 0)
		vm_map_remove(space, rq->addr, rq->addr + rq->size);
	return error;
}

int
vm_munmap(struct space *space, vms_va_t addr, uint64_t len)
{
	uint64_t pageoff = addr & PAGE_MASK;
	uint64_t size = page_round(len + pageoff);
	vms_va_t end;

	addr -= pageoff;
	if (size < len || add_wraps(addr, size, &end))
		return EINVAL;
	if (size == 0)
		return 0;
	if (end > VMS_VA_END || !vm_map_covered(&space->map, addr, end))
		return EINVAL;
	return vm_map_remove(space, addr, end);
}

int
vm_mcontrol(struct space *space, vms_va_t addr, uint64_t len, int behav,
    vms_vpte_t value)
{
	vms_va_t end;

	if (behav < 0 || behav > VMS_MADV_SETMAP)
		return EINVAL;
	if (add_wraps(addr, len, &end) || end > VMS_VA_END)
		return EINVAL;
	return vm_map_madvise(
	    space, page_trunc(addr), page_round(end), behav, value);
}
