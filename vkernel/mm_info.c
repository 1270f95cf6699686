/* SPDX-License-Identifier: BSD-2-Clause */
/* What an address space looks like: /proc/PID/maps as fs/proc/task_mmu.c
 * prints it, and the numbers of statm. */
#include <sys/stat.h>

#include "base/os_guest.h"
#include "base/page.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"

#define NAME_COLUMN 73

static bool
object_is_deleted(const struct vk_object *object)
{
	struct stat st;

	return fstat(object->fd, &st) == 0 && st.st_nlink == 0;
}

static void
print_name(const struct vk_area *area, int column, FILE *out)
{
	const char *name;
	bool deleted;

	name = NULL;
	deleted = false;
	if ((area->flags & AREA_HEAP) != 0) {
		name = "[heap]";
	} else if ((area->flags & AREA_STACK) != 0) {
		name = "[stack]";
	} else if (area->object != NULL && area->object->fd < 0) {
		name = "/dev/zero";
		deleted = true;
	} else if (area->object != NULL && area->object->path != NULL) {
		name = area->object->path;
		deleted = object_is_deleted(area->object);
	}
	if (name != NULL)
		fprintf(out, "%*s%s%s", NAME_COLUMN - column, "", name,
		    deleted ? " (deleted)" : "");
	fputc('\n', out);
}

static void
area_number(const struct vk_area *area, mm_number_fn *number, void *arg,
    uint64_t *dev, uint64_t *ino)
{
	const struct vk_object *object;

	object = area->object;
	*dev = 0;
	*ino = 0;
	if (object == NULL)
		return;
	if (object->fd < 0) { /* on the kernel's own tmpfs */
		*dev = 1;
		*ino = object->id;
	} else if (number != NULL) {
		number(arg, object, dev, ino);
	} else {
		*dev = os_linux_dev((dev_t)object->dev);
		*ino = object->ino;
	}
}

static void
print_area(
    const struct vk_area *area, FILE *out, mm_number_fn *number, void *arg)
{
	uint64_t dev, ino;
	int column;

	area_number(area, number, arg, &dev, &ino);
	column = fprintf(out, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %llu ",
	    (unsigned long long)area->start, (unsigned long long)area->end,
	    (area->prot & LX_PROT_READ) != 0 ? 'r' : '-',
	    (area->prot & LX_PROT_WRITE) != 0 ? 'w' : '-',
	    (area->prot & LX_PROT_EXEC) != 0 ? 'x' : '-',
	    (area->flags & AREA_SHARED) != 0 ? 's' : 'p',
	    area->object == NULL ? 0ULL : (unsigned long long)area->offset,
	    (unsigned)((dev >> 8) & 0xfff),
	    (unsigned)((dev & 0xff) | ((dev >> 12) & 0xfff00)),
	    (unsigned long long)ino);
	print_name(area, column, out);
}

void
mm_maps(const struct vk_mm *mm, FILE *out, mm_number_fn *number, void *arg)
{
	size_t i;

	for (i = 0; i < mm->areas.count; i++)
		print_area(&mm->areas.rows[i], out, number, arg);
}

static bool
is_of_object(const struct vk_area *area, uint64_t va, uint64_t frame)
{
	return area->object != NULL &&
	       object_peek(area->object,
		   (area->offset + (va - area->start)) >> PAGE_SHIFT) == frame;
}

static void
count_leaves(
    const struct vk_mm *mm, const struct vk_area *area, struct mm_usage *out)
{
	uint64_t va;
	vk_slot *slot;

	for (va = area->start;
	     (slot = vptab_next(&mm->tab, &va, area->end)) != NULL;
	     va += PAGE_BYTES) {
		out->resident++;
		if (is_of_object(area, va, slot_get(slot) & VMS_VPTE_FRAME))
			out->shared++;
	}
}

static void
count_area(const struct vk_area *area, struct mm_usage *out)
{
	uint64_t pages;

	pages = (area->end - area->start) >> PAGE_SHIFT;
	out->mapped += pages;
	if ((area->flags & AREA_STACK) != 0)
		out->stack += pages;
	if ((area->flags & AREA_LOCKED) != 0)
		out->locked += pages;
	if ((area->prot & LX_PROT_EXEC) != 0)
		out->text += pages;
	else if ((area->prot & LX_PROT_WRITE) != 0 &&
		 (area->flags & AREA_SHARED) == 0)
		out->data += pages;
}

void
mm_usage(struct vk_mm *mm, struct mm_usage *out)
{
	size_t i;

	*out = (struct mm_usage){ 0 };
	for (i = 0; i < mm->areas.count; i++) {
		count_area(&mm->areas.rows[i], out);
		count_leaves(mm, &mm->areas.rows[i], out);
	}
}
