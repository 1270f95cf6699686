/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/usercopy.h"

#include <string.h>

#include "base/page.h"
#include "vkernel/linux_abi.h"

/* The leaf's value if it permits the access now. */
static vms_vpte_t
leaf_now(struct vk_mm *mm, uint64_t va, enum mm_access access, vk_slot **slot)
{
	vms_vpte_t entry, need;

	*slot = vptab_lookup(&mm->tab, va);
	if (*slot == NULL)
		return 0;
	entry = slot_get(*slot);
	need = VMS_VPTE_V | (access == MM_WRITE ? VMS_VPTE_W : VMS_VPTE_R);
	return (entry & need) == need ? entry : 0;
}

static uint8_t *
leaf_host(struct vk_mm *mm, uint64_t va, vms_vpte_t entry)
{
	return image_at(&mm->memory->image, entry & VMS_VPTE_FRAME) +
	       (va & PAGE_MASK);
}

static void
leaf_written(struct vk_mm *mm, vk_slot *slot, vms_vpte_t entry)
{
	if ((entry & VMS_VPTE_M) == 0)
		slot_mark(&mm->memory->image, slot, VMS_VPTE_A | VMS_VPTE_M);
	if ((entry & VMS_VPTE_X) != 0)
		image_note_write(&mm->memory->image, entry & VMS_VPTE_FRAME);
}

uint8_t *
user_host(struct vk_mm *mm, uint64_t va, enum mm_access access)
{
	vms_vpte_t entry;
	vk_slot *slot;

	if (va >= MM_VA_END)
		return NULL;
	entry = leaf_now(mm, va, access, &slot);
	if (entry == 0) {
		if (mm_fault(mm, va, access) != MM_DONE)
			return NULL;
		entry = leaf_now(mm, va, access, &slot);
		if (entry == 0)
			return NULL;
	}
	if (access == MM_WRITE)
		leaf_written(mm, slot, entry);
	return leaf_host(mm, va, entry);
}

static size_t
page_part(uint64_t va, size_t len)
{
	size_t room;

	room = (size_t)(PAGE_BYTES - (va & PAGE_MASK));
	return len < room ? len : room;
}

int
copyin(struct vk_mm *mm, void *dst, uint64_t va, size_t len)
{
	const uint8_t *host;
	uint8_t *to;
	size_t part;

	for (to = dst; len > 0; len -= part, to += part, va += part) {
		host = user_host(mm, va, MM_READ);
		if (host == NULL)
			return LX_EFAULT;
		part = page_part(va, len);
		memcpy(to, host, part);
	}
	return 0;
}

static void
host_store(struct vk_mm *mm, uint8_t *host, const uint8_t *from, size_t len)
{
	memcpy(host, from, len);
	image_note_at(&mm->memory->image, host, len);
}

int
copyout(struct vk_mm *mm, uint64_t va, const void *src, size_t len)
{
	const uint8_t *from;
	uint8_t *host;
	size_t part;

	for (from = src; len > 0; len -= part, from += part, va += part) {
		host = user_host(mm, va, MM_WRITE);
		if (host == NULL)
			return LX_EFAULT;
		part = page_part(va, len);
		host_store(mm, host, from, part);
	}
	return 0;
}

static uint8_t *
force_host(struct vk_mm *mm, uint64_t va)
{
	vms_vpte_t entry;
	vk_slot *slot;

	if (mm_force(mm, va) != MM_DONE)
		return NULL;
	slot = vptab_lookup(&mm->tab, va);
	entry = slot_get(slot);
	leaf_written(mm, slot, entry);
	return leaf_host(mm, va, entry);
}

int
copyout_force(struct vk_mm *mm, uint64_t va, const void *src, size_t len)
{
	const uint8_t *from;
	uint8_t *host;
	size_t part;

	for (from = src; len > 0; len -= part, from += part, va += part) {
		host = force_host(mm, va);
		if (host == NULL)
			return LX_EFAULT;
		part = page_part(va, len);
		host_store(mm, host, from, part);
	}
	return 0;
}

int
copyin_string(struct vk_mm *mm, char *dst, uint64_t va, size_t room)
{
	const uint8_t *host, *nul;
	size_t part;

	while (room > 0) {
		host = user_host(mm, va, MM_READ);
		if (host == NULL)
			return LX_EFAULT;
		part = page_part(va, room);
		nul = memchr(host, 0, part);
		if (nul != NULL) {
			memcpy(dst, host, (size_t)(nul - host) + 1);
			return 0;
		}
		memcpy(dst, host, part);
		dst += part;
		va += part;
		room -= part;
	}
	return LX_ENAMETOOLONG;
}

static bool
piece_ends_at(const struct iovec *piece, const uint8_t *host)
{
	return (const uint8_t *)piece->iov_base + piece->iov_len == host;
}

size_t
user_pieces(struct vk_mm *mm, uint64_t va, size_t len, enum mm_access access,
    struct iovec *iov, int room, int *count)
{
	uint8_t *host;
	size_t done, part;

	for (done = 0; done < len; done += part) {
		part = page_part(va + done, len - done);
		if (*count == room)
			break;
		host = user_host(mm, va + done, access);
		if (host == NULL)
			break;
		if (*count > 0 && piece_ends_at(&iov[*count - 1], host)) {
			iov[*count - 1].iov_len += part;
			continue;
		}
		iov[*count].iov_base = host;
		iov[(*count)++].iov_len = part;
	}
	return done;
}

void
user_stored(struct vk_mm *mm, const struct iovec *iov, int count, size_t stored)
{
	size_t part;
	int i;

	if (!notes_wanted(&mm->memory->image.notes))
		return;
	for (i = 0; i < count && stored > 0; i++, stored -= part) {
		part = iov[i].iov_len < stored ? iov[i].iov_len : stored;
		image_note_at(&mm->memory->image, iov[i].iov_base, part);
	}
}
