/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that the kernel does not have: guest memory for tools, declared
 * stores, atomics of the host, lint. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <vmspace/vmspace.h>

#include "base/page.h"
#include "emu/arena.h"
#include "emu/cpu.h"
#include "vmspace/calls.h"
#include "vmspace/lwp.h"
#include "vmspace/observe.h"
#include "vmspace/pv.h"
#include "vmspace/registry.h"
#include "vmspace/space.h"
#include "vmspace/vm_fault.h"
#include "vmspace/vm_object.h"
#include "vmspace/vms.h"

/* A copy between guest memory and one of the two buffers. */
struct copy {
	struct space *space;
	enum cpu_access access;
	bool peeks;          /* CPU_READ: nothing may change */
	uint8_t *to;         /* CPU_READ */
	const uint8_t *from; /* CPU_WRITE */
};

static int mem_copy(struct vms_proc *proc, void *id, struct vms_call *call,
    struct copy *copy, vms_va_t va, size_t len, size_t *done);
static int copy_all(struct copy *copy, vms_va_t va, size_t len, size_t *done);
static int copy_part(struct copy *copy, vms_va_t va, size_t done, size_t part);
static int page_reach(
    struct space *space, vms_va_t va, enum cpu_access access, uint64_t *pa);
static int page_peek(struct space *space, vms_va_t va, uint64_t *pa);
static bool arena_was_broken(struct vms *vms);
static void range_note(
    struct vms *vms, struct vm_object *object, const struct vms_range *range);
static void object_note_write(
    struct vms *vms, struct vm_object *object, uint64_t start, uint64_t end);

int
vms_mem_read(struct vms_proc *proc, void *id, vms_va_t va, void *buf,
    size_t len, size_t *done)
{
	struct vms_call call = { .op = VMS_OP_MEM_READ, .data = buf };
	struct copy copy = { .access = CPU_READ, .to = buf };

	return mem_copy(proc, id, &call, &copy, va, len, done);
}

int
vms_mem_write(struct vms_proc *proc, void *id, vms_va_t va, const void *buf,
    size_t len, size_t *done)
{
	struct vms_call call = { .op = VMS_OP_MEM_WRITE, .data = buf };
	struct copy copy = { .access = CPU_WRITE, .from = buf };

	return mem_copy(proc, id, &call, &copy, va, len, done);
}

static int
mem_copy(struct vms_proc *proc, void *id, struct vms_call *call,
    struct copy *copy, vms_va_t va, size_t len, size_t *done)
{
	struct vmspace_entry *ve;
	int error;

	*done = 0;
	call->args[0] = va;
	call->args[1] = len;
	if ((error = call_enter(proc, id, call, &ve)) != 0)
		return error;
	copy->space = ve->space;
	observe_play_before(proc->vms, call);
	watch_begin(proc->vms);
	error = copy_all(copy, va, len, done);
	watch_end(proc->vms);
	call->result = call->data_bytes = *done;
	if (copy->access == CPU_READ)
		observe_play_read(proc->vms, call, copy->to);
	return call_leave(proc, ve, call, error);
}

int
vms_mem_peek(struct vms_proc *proc, void *id, vms_va_t va, void *buf,
    size_t len, size_t *done)
{
	struct copy copy = { .access = CPU_READ, .to = buf, .peeks = true };
	struct vmspace_entry *ve;
	int error;

	*done = 0;
	if ((error = gate_enter(proc->vms, false)) != 0)
		return error;
	if ((error = entry_find(proc, id, &ve)) == 0) {
		copy.space = ve->space;
		error = copy_all(&copy, va, len, done);
	}
	gate_leave(proc->vms);
	return error;
}

/* A file that has become shorter loses its translations first, as before a
 * run: no guest runs that the SIGBUS handler could stop. */
static int
copy_all(struct copy *copy, vms_va_t va, size_t len, size_t *done)
{
	int error;

	vm_map_check_sizes(copy->space);
	while (*done < len) {
		vms_va_t at = va + *done;
		size_t part = (size_t)(PAGE_BYTES - (at & PAGE_MASK));
		if (part > len - *done)
			part = len - *done;
		if (at < va || at >= VMS_VA_END)
			return EFAULT;
		if ((error = copy_part(copy, at, *done, part)) != 0)
			return error;
		*done += part;
	}
	return 0;
}

/* part bytes within one page, at offset done of the buffer. */
static int
copy_part(struct copy *copy, vms_va_t va, size_t done, size_t part)
{
	struct vms *vms = copy->space->vms;
	uint8_t *host;
	uint64_t pa;
	int error;

	if (copy->peeks)
		error = page_peek(copy->space, page_trunc(va), &pa);
	else
		error =
		    page_reach(copy->space, page_trunc(va), copy->access, &pa);
	if (error != 0)
		return error;
	if (pa == VM_FAULT_NEW_PAGE) {
		memset(copy->to + done, 0, part);
		return 0;
	}
	host = arena_host(vms->arena, pa) + (va & PAGE_MASK);
	if (copy->access == CPU_READ) {
		memcpy(copy->to + done, host, part);
	} else {
		memcpy(host, copy->from + done, part);
		watch_stored(vms, pv_page_find(vms, pa));
		pv_note_write(vms, pa);
	}
	return arena_was_broken(vms) ? EFAULT : 0;
}

/* The page that an access of the guest would reach. */
static int
page_reach(
    struct space *space, vms_va_t va, enum cpu_access access, uint64_t *pa)
{
	bool writable;
	int error;

	if (pmap_lookup(&space->pmap, va, pa, &writable) &&
	    (writable || access == CPU_READ)) {
		watch_use(space->vms, pv_page_find(space->vms, *pa));
		return 0;
	}
	if ((error = vm_fault(space, va, access)) != 0)
		return error;
	return pmap_lookup(&space->pmap, va, pa, NULL) ? 0 : EFAULT;
}

static int
page_peek(struct space *space, vms_va_t va, uint64_t *pa)
{
	bool writable;

	if (pmap_lookup(&space->pmap, va, pa, NULL))
		return 0;
	return vm_fault_peek(space, va, CPU_READ, pa, &writable);
}

/* The end of a file went away under the copy, and the SIGBUS handler put zero
 * pages there. */
static bool
arena_was_broken(struct vms *vms)
{
	bool broken = false;
	uint64_t slot;

	while ((slot = arena_broken(vms->arena)) != UINT64_MAX) {
		vm_object_broken_slot(vms, slot);
		broken = true;
	}
	return broken;
}

int
vms_note_write(struct vms *vms, int fd, int64_t off, uint64_t len)
{
	const struct vms_range range = { (uint64_t)off, len };

	return vms_note_writes(vms, fd, &range, 1);
}

int
vms_note_writes(
    struct vms *vms, int fd, const struct vms_range *ranges, size_t count)
{
	struct vm_object *object;
	int error;

	if (fcntl(fd, F_GETFD) == -1)
		return EBADF;
	for (size_t i = 0; i < count; i++)
		if (ranges[i].off > INT64_MAX)
			return EINVAL;
	if ((error = gate_enter(vms, false)) != 0)
		return error;
	object = vm_object_lookup(vms, fd);
	for (size_t i = 0; i < count && object != NULL; i++)
		range_note(vms, object, &ranges[i]);
	gate_leave(vms);
	return 0;
}

static void
range_note(
    struct vms *vms, struct vm_object *object, const struct vms_range *range)
{
	uint64_t end;

	if (range->len == 0)
		return;
	if (add_wraps(range->off, range->len, &end) || end > INT64_MAX)
		end = INT64_MAX;
	watch_declared(vms, object, range->off, end);
	object_note_write(vms, object, range->off, end);
}

static void
object_note_write(
    struct vms *vms, struct vm_object *object, uint64_t start, uint64_t end)
{
	uint64_t last = (end - 1) / PAGE_BYTES;
	uint64_t pages = vm_object_pages_used(object);
	uint64_t pa;

	for (uint64_t i = start / PAGE_BYTES; i <= last && i < pages; i++) {
		if (vm_object_resident(object, i, &pa))
			pv_note_write(vms, pa);
	}
}

int
vms_atomic(struct vms *vms, void (*fn)(void *arg), void *arg)
{
	int error;

	if ((error = gate_enter(vms, false)) != 0)
		return error;
	fn(arg);
	gate_leave(vms);
	return 0;
}

void
vms_set_lint(struct vms *vms, vms_lint_fn *fn, void *arg)
{
	if (gate_enter(vms, false) != 0)
		return;
	vms->lint = fn;
	vms->lint_arg = arg;
	gate_leave(vms);
}
