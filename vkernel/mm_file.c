/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapped files and calls on them.  Which pages of a shared mapping are changed
 * is known by the M bits of every address space that has them.
 */
#include "base/page.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"

static bool
area_writes(const struct vk_area *area)
{
	return (area->flags & AREA_STORED) != 0 && area->object->fd >= 0;
}

/* Future changes want to be seen: translations go (section 9.6). */
static int
sync_area(struct vk_mm *mm, const struct vk_area *area)
{
	struct vk_image *image;
	uint64_t high, low, va;
	vk_slot *slot;
	int error, first;

	first = 0;
	low = high = 0;
	image = &mm->memory->image;
	va = area->start;
	while ((slot = vptab_next(&mm->tab, &va, area->end)) != NULL) {
		if ((slot_get(slot) & VMS_VPTE_M) != 0) {
			slot_clear(image, slot, VMS_VPTE_M);
			low = high == 0 ? va : low;
			high = va + PAGE_BYTES;
			error = object_write_back(area->object,
			    (area->offset + (va - area->start)) >> PAGE_SHIFT);
			first = first != 0 ? first : error;
		}
		va += PAGE_BYTES;
	}
	mm_inval(mm, low, high);
	return first;
}

/* Whole areas: writing more than was asked for does no harm. */
int
mm_sync(struct vk_mm *mm, uint64_t addr, uint64_t len)
{
	const struct vk_area *area;
	uint64_t end;
	size_t i;
	int error, first;

	if (!mm_range(addr, len, &end))
		return LX_ENOMEM;
	if (!mm->shares_files)
		return 0;
	first = 0;
	for (i = areas_index(&mm->areas, addr); i < mm->areas.count; i++) {
		area = &mm->areas.rows[i];
		if (area->start >= end)
			break;
		if (!area_writes(area))
			continue;
		error = sync_area(mm, area);
		first = first != 0 ? first : error;
	}
	return first;
}

static void
sync_object(struct vk_mm *mm, const struct vk_object *object)
{
	const struct vk_area *area;
	size_t i;

	for (i = 0; i < mm->areas.count; i++) {
		area = &mm->areas.rows[i];
		if (area->object == object && area_writes(area))
			sync_area(mm, area);
	}
}

void
memory_before_io(struct vk_memory *memory, int fd)
{
	const struct vk_object *object;
	struct vk_mm *mm;

	if (memory->cache.shared_writable == 0)
		return;
	object = object_lookup(&memory->cache, fd);
	if (object == NULL || !object->shared)
		return;
	for (mm = memory->first; mm != NULL; mm = mm->next)
		if (mm->shares_files)
			sync_object(mm, object);
}

void
memory_written(struct vk_memory *memory, int fd, uint64_t off, uint64_t len)
{
	struct vk_object *object;

	object = object_lookup(&memory->cache, fd);
	if (object != NULL)
		object_refresh(object, off, len);
}

static uint64_t
area_pages_until(const struct vk_area *area, uint64_t size)
{
	if (size <= area->offset)
		return area->start;
	return area->start + page_round(size - area->offset);
}

/* Private copies beyond the end go too. */
static void
truncate_object(struct vk_mm *mm, const struct vk_object *object, uint64_t size)
{
	const struct vk_area *area;
	uint64_t start;
	size_t i;

	for (i = 0; i < mm->areas.count; i++) {
		area = &mm->areas.rows[i];
		start = area_pages_until(area, size);
		if (area->object == object && start < area->end)
			mm_zap(mm, start, area->end);
	}
}

void
memory_truncated(struct vk_memory *memory, int fd, uint64_t size)
{
	struct vk_object *object;
	struct vk_mm *mm;

	object = object_lookup(&memory->cache, fd);
	if (object == NULL)
		return;
	for (mm = memory->first; mm != NULL && object->refs != 0; mm = mm->next)
		truncate_object(mm, object, size);
	object_truncated(object, size);
}

void
mm_truncated(struct vk_mm *mm, int fd, uint64_t size)
{
	memory_truncated(mm->memory, fd, size);
}

static void
zap_object(struct vk_mm *mm, const struct vk_object *object, uint64_t off,
    uint64_t len)
{
	const struct vk_area *area;
	uint64_t end, start;
	size_t i;

	for (i = 0; i < mm->areas.count; i++) {
		area = &mm->areas.rows[i];
		if (area->object != object || area->offset >= off + len)
			continue;
		start = area->start;
		if (area->offset < off)
			start += off - area->offset;
		end = area->start + (off + len - area->offset);
		if (end > area->end)
			end = area->end;
		if (start < end)
			mm_zap(mm, start, end);
	}
}

/* Private copies go with the rest, as unmap_mapping_range() has it. */
int
memory_punch(struct vk_memory *memory, struct vk_object *object, uint64_t off,
    uint64_t len)
{
	struct vk_mm *mm;

	for (mm = memory->first; mm != NULL; mm = mm->next)
		zap_object(mm, object, off, len);
	return object_punch(object, off, len);
}
