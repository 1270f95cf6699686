/* SPDX-License-Identifier: BSD-2-Clause */
/* mm/memfd.c.  Guests' shared mappings are unknown to the host, so what it
 * would refuse because of them is refused here. */
#include "vkernel/seals.h"

#include "base/os.h"
#include "vkernel/errno_map.h"
#include "vkernel/file.h"
#include "vkernel/kernel.h"

#define FLAGS_KNOWN                                                            \
	(LX_MFD_CLOEXEC | LX_MFD_ALLOW_SEALING | LX_MFD_NOEXEC_SEAL |          \
	    LX_MFD_EXEC)

int64_t
seals_get(const struct vk_open *open)
{
	int seals;

	seals = open->fd < 0 ? -1 : os_seals(open->fd);
	return seals < 0 ? -LX_EINVAL : seals;
}

int64_t
seals_add(struct vk_thread *thread, const struct vk_open *open, uint64_t seals)
{
	const struct vk_object *object;
	struct vk_memory *memory;

	if (open->fd < 0 || os_seals(open->fd) < 0)
		return -LX_EINVAL;
	memory = &thread->process->kernel->memory;
	object = object_lookup(&memory->cache, open->fd);
	if ((seals & LX_F_SEAL_WRITE) != 0 && object != NULL && object->shared)
		return -LX_EBUSY;
	return -errno_to_linux(os_add_seals(open->fd, (unsigned)seals));
}

int
seals_check_flags(uint64_t flags)
{
	if ((flags & LX_MFD_HUGETLB) != 0)
		return LX_ENOMEM;
	if ((flags & ~(uint64_t)FLAGS_KNOWN) != 0 ||
	    (flags & (LX_MFD_NOEXEC_SEAL | LX_MFD_EXEC)) ==
		(LX_MFD_NOEXEC_SEAL | LX_MFD_EXEC))
		return LX_EINVAL;
	return 0;
}

void
seals_start(int fd, uint64_t flags)
{
	if ((flags & LX_MFD_NOEXEC_SEAL) != 0)
		os_add_seals(fd, LX_F_SEAL_EXEC);
	else if ((flags & LX_MFD_ALLOW_SEALING) == 0)
		os_add_seals(fd, LX_F_SEAL_SEAL);
}

bool
seals_forbid_stores(int fd)
{
	const int stores = LX_F_SEAL_WRITE | LX_F_SEAL_FUTURE_WRITE;
	int seals;

	seals = os_seals(fd);
	return seals > 0 && (seals & stores) != 0;
}
