/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/files_as.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/kernel.h"

void
files_as_init(struct vk_files_as *as, const struct vk_cred *host,
    const struct vk_options *options)
{
	as->able = geteuid() == 0 && !options->own_ids;
	as->other = false;
	as->host = *host;
}

static bool
is_host(const struct vk_cred *host, const struct vk_cred *cred, uint32_t user,
    uint32_t group)
{
	return user == host->user.files && group == host->group.files &&
	       cred->group_count == host->group_count &&
	       memcmp(cred->groups, host->groups,
		   (size_t)host->group_count * sizeof(host->groups[0])) == 0;
}

static void
assume(struct vk_files_as *as, const struct vk_cred *cred, uint32_t user,
    uint32_t group)
{
	if (is_host(&as->host, cred, user, group))
		return;
	os_files_as(user, group, cred->groups, cred->group_count);
	as->other = true;
}

void
files_as_guest(struct vk_thread *thread)
{
	struct vk_files_as *as;
	const struct vk_cred *cred;

	as = &thread->process->kernel->files_as;
	cred = &thread->process->cred;
	if (as->able)
		assume(as, cred, cred->user.files, cred->group.files);
}

void
files_as_host(struct vk_files_as *as)
{
	if (!as->other)
		return;
	as->other = false;
	os_files_as(as->host.user.files, as->host.group.files, as->host.groups,
	    as->host.group_count);
}

int
files_as_real(struct vk_thread *thread, bool eaccess)
{
	struct vk_files_as *as;
	const struct vk_cred *cred;

	as = &thread->process->kernel->files_as;
	cred = &thread->process->cred;
	if (!as->able)
		return eaccess ? AT_EACCESS : 0;
	if (!eaccess && (cred->user.real != cred->user.files ||
			    cred->group.real != cred->group.files)) {
		files_as_host(as);
		assume(as, cred, cred->user.real, cred->group.real);
	}
	return AT_EACCESS;
}
