/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who the process is.  Identities change by the rules of kernel/sys.c, in the
 * guests' eyes; files_as.h says whose rights count for files.
 */
#include <string.h>
#include <unistd.h>

#include "vkernel/cred.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define KEEP_ID     UINT32_MAX
#define CAPS_ALL    UINT64_C(0x1ffffffffff)
#define CAP_VERSION UINT32_C(0x20080522)

static struct vk_cred *
cred_of(const struct vk_thread *thread)
{
	return &thread->process->cred;
}

static bool
is_privileged(const struct vk_cred *cred)
{
	return cred->user.effective == 0;
}

/* The first process is who the host's user is, or who the options say. */
void
cred_init(struct vk_cred *cred, const struct vk_options *options)
{
	gid_t host[CRED_GROUPS];
	int i;

	memset(host, 0, sizeof(host));
	memset(cred, 0, sizeof(*cred));
	cred->user.real = options->own_ids ? options->uid : getuid();
	cred->user.effective = options->own_ids ? options->uid : geteuid();
	cred->group.real = options->own_ids ? options->gid : getgid();
	cred->group.effective = options->own_ids ? options->gid : getegid();
	cred->user.saved = cred->user.files = cred->user.effective;
	cred->group.saved = cred->group.files = cred->group.effective;
	if (!options->own_ids)
		cred->group_count = getgroups(CRED_GROUPS, host);
	if (cred->group_count < 0)
		cred->group_count = 0;
	for (i = 0; i < cred->group_count; i++)
		cred->groups[i] = host[i];
}

static bool
is_mine(const struct vk_ids *ids, uint32_t id)
{
	return id == ids->real || id == ids->effective || id == ids->saved;
}

static int64_t
set_one(struct vk_ids *ids, bool privileged, uint32_t id)
{
	if (id == KEEP_ID)
		return -LX_EINVAL;
	if (privileged)
		ids->real = ids->saved = id;
	else if (id != ids->real && id != ids->saved)
		return -LX_EPERM;
	ids->effective = ids->files = id;
	return 0;
}

int64_t
sys_setuid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_cred *cred;

	cred = cred_of(thread);
	return set_one(&cred->user, is_privileged(cred), (uint32_t)args[0]);
}

int64_t
sys_setgid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_cred *cred;

	cred = cred_of(thread);
	return set_one(&cred->group, is_privileged(cred), (uint32_t)args[0]);
}

/* The real one may become the effective one, but not the saved one. */
static int64_t
set_two(struct vk_ids *ids, bool privileged, uint32_t real, uint32_t effective)
{
	if (!privileged && real != KEEP_ID && real != ids->real &&
	    real != ids->effective)
		return -LX_EPERM;
	if (!privileged && effective != KEEP_ID && !is_mine(ids, effective))
		return -LX_EPERM;
	if (real != KEEP_ID || (effective != KEEP_ID && effective != ids->real))
		ids->saved = effective != KEEP_ID ? effective : ids->effective;
	if (real != KEEP_ID)
		ids->real = real;
	if (effective != KEEP_ID)
		ids->effective = effective;
	ids->files = ids->effective;
	return 0;
}

int64_t
sys_setreuid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_cred *cred;

	cred = cred_of(thread);
	return set_two(&cred->user, is_privileged(cred), (uint32_t)args[0],
	    (uint32_t)args[1]);
}

int64_t
sys_setregid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_cred *cred;

	cred = cred_of(thread);
	return set_two(&cred->group, is_privileged(cred), (uint32_t)args[0],
	    (uint32_t)args[1]);
}

static int64_t
set_three(struct vk_ids *ids, bool privileged, const uint64_t *args)
{
	uint32_t id;
	int i;

	for (i = 0; i < 3; i++) {
		id = (uint32_t)args[i];
		if (!privileged && id != KEEP_ID && !is_mine(ids, id))
			return -LX_EPERM;
	}
	if ((uint32_t)args[0] != KEEP_ID)
		ids->real = (uint32_t)args[0];
	if ((uint32_t)args[1] != KEEP_ID)
		ids->effective = (uint32_t)args[1];
	if ((uint32_t)args[2] != KEEP_ID)
		ids->saved = (uint32_t)args[2];
	ids->files = ids->effective;
	return 0;
}

int64_t
sys_setresuid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_cred *cred;

	cred = cred_of(thread);
	return set_three(&cred->user, is_privileged(cred), args);
}

int64_t
sys_setresgid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_cred *cred;

	cred = cred_of(thread);
	return set_three(&cred->group, is_privileged(cred), args);
}

/* The old one is the answer, whether it was changed or not. */
static int64_t
set_files(struct vk_ids *ids, bool privileged, uint32_t id)
{
	uint32_t old;

	old = ids->files;
	if (id != KEEP_ID && (privileged || id == old || is_mine(ids, id)))
		ids->files = id;
	return old;
}

int64_t
sys_setfsuid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_cred *cred;

	cred = cred_of(thread);
	return set_files(&cred->user, is_privileged(cred), (uint32_t)args[0]);
}

int64_t
sys_setfsgid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_cred *cred;

	cred = cred_of(thread);
	return set_files(&cred->group, is_privileged(cred), (uint32_t)args[0]);
}

int64_t
sys_getuid(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	return cred_of(thread)->user.real;
}

int64_t
sys_geteuid(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	return cred_of(thread)->user.effective;
}

int64_t
sys_getgid(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	return cred_of(thread)->group.real;
}

int64_t
sys_getegid(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	return cred_of(thread)->group.effective;
}

static int64_t
ids_out(
    struct vk_thread *thread, const uint64_t *args, const struct vk_ids *ids)
{
	struct vk_mm *mm;

	mm = thread->process->mm;
	if (copyout(mm, args[0], &ids->real, 4) != 0 ||
	    copyout(mm, args[1], &ids->effective, 4) != 0 ||
	    copyout(mm, args[2], &ids->saved, 4) != 0)
		return -LX_EFAULT;
	return 0;
}

int64_t
sys_getresuid(struct vk_thread *thread, const uint64_t *args)
{
	return ids_out(thread, args, &cred_of(thread)->user);
}

int64_t
sys_getresgid(struct vk_thread *thread, const uint64_t *args)
{
	return ids_out(thread, args, &cred_of(thread)->group);
}

int64_t
sys_getgroups(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_cred *cred;

	cred = cred_of(thread);
	if ((int)args[0] < 0)
		return -LX_EINVAL;
	if ((int)args[0] == 0)
		return cred->group_count;
	if (cred->group_count > (int)args[0])
		return -LX_EINVAL;
	if (copyout(thread->process->mm, args[1], cred->groups,
		(size_t)cred->group_count * sizeof(cred->groups[0])) != 0)
		return -LX_EFAULT;
	return cred->group_count;
}

int64_t
sys_setgroups(struct vk_thread *thread, const uint64_t *args)
{
	const uint32_t count = (uint32_t)args[0];
	uint32_t groups[CRED_GROUPS];
	struct vk_cred *cred;

	cred = cred_of(thread);
	if (!is_privileged(cred))
		return -LX_EPERM;
	if (count > CRED_GROUPS)
		return -LX_EINVAL;
	if (copyin(thread->process->mm, groups, args[1],
		count * sizeof(groups[0])) != 0)
		return -LX_EFAULT;
	memcpy(cred->groups, groups, count * sizeof(groups[0]));
	cred->group_count = (int)count;
	return 0;
}

struct cap_header {
	uint32_t version;
	int32_t pid;
};

struct cap_data {
	uint32_t effective, permitted, inheritable;
};

/* An unknown version is answered with the one that is known. */
static int
cap_header_in(struct vk_thread *thread, uint64_t va, struct cap_header *header)
{
	struct vk_mm *mm;

	mm = thread->process->mm;
	if (copyin(mm, header, va, sizeof(*header)) != 0)
		return LX_EFAULT;
	if (header->version != CAP_VERSION) {
		header->version = CAP_VERSION;
		if (copyout(mm, va, header, sizeof(header->version)) != 0)
			return LX_EFAULT;
		return LX_EINVAL;
	}
	return header->pid < 0 ? LX_EINVAL : 0;
}

int64_t
sys_capget(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_process *process;
	struct cap_header header;
	struct cap_data data[2];
	uint64_t caps;
	int error;

	error = cap_header_in(thread, args[0], &header);
	if (error != 0) /* asking for the version alone is no error */
		return error == LX_EINVAL && args[1] == 0 ? 0 : -error;
	if (args[1] == 0)
		return 0;
	process = thread->process;
	if (header.pid != 0)
		process = process_lookup(process->kernel, header.pid);
	if (process == NULL)
		return -LX_ESRCH;
	caps = is_privileged(&process->cred) ? CAPS_ALL : 0;
	memset(data, 0, sizeof(data));
	data[0].effective = data[0].permitted = (uint32_t)caps;
	data[1].effective = data[1].permitted = (uint32_t)(caps >> 32);
	return -copyout(thread->process->mm, args[1], data, sizeof(data));
}

/* Giving capabilities up is no error, and has no effect. */
int64_t
sys_capset(struct vk_thread *thread, const uint64_t *args)
{
	struct cap_header header;
	struct cap_data data[2];
	int error;

	error = cap_header_in(thread, args[0], &header);
	if (error != 0)
		return -error;
	if (header.pid != 0 && header.pid != thread->tid)
		return -LX_EPERM;
	if (copyin(thread->process->mm, data, args[1], sizeof(data)) != 0)
		return -LX_EFAULT;
	if (is_privileged(cred_of(thread)))
		return 0;
	return (data[0].effective | data[0].permitted | data[1].effective |
		   data[1].permitted) == 0
		   ? 0
		   : -LX_EPERM;
}
