/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process may see and change of others, and what it stops sharing. */
#include <stdlib.h>
#include <string.h>

#include "vkernel/process.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define IOV_MAX_GUEST 1024
#define BYTES_MAX     UINT64_C(0x7ffff000)

struct piece {
	uint64_t va, len;
};

struct pieces {
	struct piece rows[IOV_MAX_GUEST];
	size_t count, at;
	uint64_t off; /* into rows[at] */
};

static int
pieces_in(struct vk_thread *thread, uint64_t va, uint64_t count,
    struct pieces *pieces)
{
	uint64_t sum;
	size_t i;

	pieces->at = 0;
	pieces->off = 0;
	if (count > IOV_MAX_GUEST)
		return LX_EINVAL;
	pieces->count = (size_t)count;
	if (copyin(thread->process->mm, pieces->rows, va,
		pieces->count * sizeof(pieces->rows[0])) != 0)
		return LX_EFAULT;
	sum = 0;
	for (i = 0; i < pieces->count; i++) {
		if (pieces->rows[i].len > INT64_MAX)
			return LX_EINVAL;
		if (pieces->rows[i].len > BYTES_MAX - sum)
			pieces->rows[i].len = BYTES_MAX - sum;
		sum += pieces->rows[i].len;
	}
	return 0;
}

/* What is left of the piece that is next; false: nothing. */
static bool
pieces_next(struct pieces *pieces, uint64_t *va, uint64_t *len)
{
	while (pieces->at < pieces->count &&
	       pieces->off == pieces->rows[pieces->at].len) {
		pieces->at++;
		pieces->off = 0;
	}
	if (pieces->at == pieces->count)
		return false;
	*va = pieces->rows[pieces->at].va + pieces->off;
	*len = pieces->rows[pieces->at].len - pieces->off;
	return true;
}

/* A page at a time, so that what there is before a hole is copied. */
static int64_t
pieces_copy(struct vk_mm *to_mm, struct pieces *to, struct vk_mm *from_mm,
    struct pieces *from)
{
	uint64_t from_va, len, left, to_va;
	uint8_t page[4096];
	int64_t done;

	done = 0;
	while (pieces_next(to, &to_va, &left) &&
	       pieces_next(from, &from_va, &len)) {
		if (len > left)
			len = left;
		if (len > sizeof(page) - from_va % sizeof(page))
			len = sizeof(page) - from_va % sizeof(page);
		if (len > sizeof(page) - to_va % sizeof(page))
			len = sizeof(page) - to_va % sizeof(page);
		if (copyin(from_mm, page, from_va, (size_t)len) != 0 ||
		    copyout(to_mm, to_va, page, (size_t)len) != 0)
			return done != 0 ? done : -LX_EFAULT;
		to->off += len;
		from->off += len;
		done += (int64_t)len;
	}
	return done;
}

/* Threads have numbers of their own, and the same memory. */
static struct vk_process *
process_of(const struct vk_thread *thread, uint64_t pid)
{
	const struct vk_thread *other;
	struct vk_process *process;

	process = process_lookup(thread->process->kernel, (int)pid);
	if (process != NULL)
		return process;
	other = thread_lookup(thread->process->kernel, (int)pid);
	return other == NULL ? NULL : other->process;
}

static int64_t
copy_between(struct vk_thread *thread, const uint64_t *args, bool write,
    struct pieces *own, struct pieces *its)
{
	struct vk_process *other;
	int error;

	error = pieces_in(thread, args[1], args[2], own);
	if (error == 0)
		error = pieces_in(thread, args[3], args[4], its);
	if (error != 0)
		return -error;
	other = process_of(thread, args[0]);
	if (other == NULL || other->mm == NULL)
		return -LX_ESRCH;
	if (!ptrace_may_access(thread->process, other))
		return -LX_EPERM;
	if (write)
		return pieces_copy(other->mm, its, thread->process->mm, own);
	return pieces_copy(thread->process->mm, own, other->mm, its);
}

static int64_t
process_vm(struct vk_thread *thread, const uint64_t *args, bool write)
{
	struct pieces *pieces;
	int64_t result;

	if (args[5] != 0)
		return -LX_EINVAL;
	pieces = malloc(2 * sizeof(*pieces));
	if (pieces == NULL)
		return -LX_ENOMEM;
	result = copy_between(thread, args, write, &pieces[0], &pieces[1]);
	free(pieces);
	return result;
}

int64_t
sys_process_vm_readv(struct vk_thread *thread, const uint64_t *args)
{
	return process_vm(thread, args, false);
}

int64_t
sys_process_vm_writev(struct vk_thread *thread, const uint64_t *args)
{
	return process_vm(thread, args, true);
}

#define KCMP_FILE    0
#define KCMP_VM      1
#define KCMP_FILES   2
#define KCMP_FS      3
#define KCMP_SIGHAND 4
#define KCMP_IO      5
#define KCMP_SYSVSEM 6

static const void *
kcmp_thing(const struct vk_process *process, uint64_t type, uint64_t fd)
{
	switch (type) {
	case KCMP_FILE:
		return process->fds == NULL || fd > INT32_MAX
			   ? NULL
			   : fds_lookup_any(process->fds, (int)fd);
	case KCMP_VM:
		return process->mm;
	case KCMP_FILES:
		return process->fds;
	case KCMP_FS:
		return process->fs;
	case KCMP_SIGHAND:
		return process->actions;
	default: /* nobody has these */
		return NULL;
	}
}

/* Unlike things are in the order in which they are named: addresses of the
 * host are nobody's business. */
int64_t
sys_kcmp(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_process *first, *second;
	const void *a, *b;

	first = process_of(thread, args[0]);
	second = process_of(thread, args[1]);
	if (first == NULL || second == NULL)
		return -LX_ESRCH;
	if (!ptrace_may_access(thread->process, first) ||
	    !ptrace_may_access(thread->process, second))
		return -LX_EPERM;
	if ((uint32_t)args[2] > KCMP_SYSVSEM)
		return -LX_EINVAL;
	a = kcmp_thing(first, (uint32_t)args[2], args[3]);
	b = kcmp_thing(second, (uint32_t)args[2], args[4]);
	if ((uint32_t)args[2] == KCMP_FILE && (a == NULL || b == NULL))
		return -LX_EBADF;
	if (a == b)
		return 0;
	return first->pid < second->pid ||
		       (first == second && args[3] < args[4])
		   ? 1
		   : 2;
}

#define CLONE_SYSVSEM 0x00040000

/* As check_unshare_flags(): memory cannot be unshared. */
static int
unshare_check(const struct vk_process *process, uint64_t flags)
{
	const uint64_t known = LX_CLONE_THREAD | LX_CLONE_SIGHAND |
			       LX_CLONE_VM | LX_CLONE_FILES | LX_CLONE_FS |
			       CLONE_SYSVSEM;
	const uint64_t namespaces = LX_CLONE_NEWNS | LX_CLONE_NEWCGROUP |
				    LX_CLONE_NEWUTS | LX_CLONE_NEWIPC |
				    LX_CLONE_NEWUSER | LX_CLONE_NEWPID |
				    LX_CLONE_NEWNET;

	if ((flags & ~(known | namespaces)) != 0)
		return LX_EINVAL;
	if ((flags & (LX_CLONE_THREAD | LX_CLONE_SIGHAND | LX_CLONE_VM)) != 0 &&
	    process->thread_count > 1)
		return LX_EINVAL;
	if ((flags & (LX_CLONE_SIGHAND | LX_CLONE_VM)) != 0 &&
	    process->actions->refs > 1)
		return LX_EINVAL;
	if ((flags & LX_CLONE_VM) != 0 && process->mm->refs > 1)
		return LX_EINVAL;
	return (flags & namespaces) != 0 ? LX_EPERM : 0;
}

/* The threads of a process always share these. */
int64_t
sys_unshare(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_process *process;
	int error;

	process = thread->process;
	error = unshare_check(process, (uint32_t)args[0]);
	if (error == 0 && (args[0] & LX_CLONE_FS) != 0)
		error = process_unshare_fs(process);
	if (error == 0 && (args[0] & LX_CLONE_FILES) != 0)
		error = process_unshare_fds(process);
	return -error;
}
