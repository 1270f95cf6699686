/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables are walked from level 3 (root) to level 0 (leaves). */
#include "vkernel/vptab.h"

#include <stddef.h>

#include "base/page.h"

#define VPTAB_ROOT    3
#define VPTAB_ENTRIES 512
#define VPTAB_DIR     (VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W)

static uint64_t
level_bytes(int level)
{
	return PAGE_BYTES << (9 * level);
}

static size_t
level_index(uint64_t va, int level)
{
	return (size_t)(va >> (PAGE_SHIFT + 9 * level)) & (VPTAB_ENTRIES - 1);
}

static vk_slot *
table_at(const struct vk_vptab *tab, uint64_t frame)
{
	return (vk_slot *)(void *)image_at(tab->image, frame);
}

int
vptab_create(struct vk_image *image, struct vk_vptab *tab)
{
	tab->image = image;
	return image_alloc_zero(image, &tab->root);
}

static void
table_free(struct vk_vptab *tab, uint64_t frame, int level)
{
	vk_slot *table;
	vms_vpte_t entry;
	size_t i;

	table = table_at(tab, frame);
	for (i = 0; i < VPTAB_ENTRIES; i++) {
		entry = slot_get(&table[i]);
		if ((entry & VMS_VPTE_V) == 0)
			continue;
		if (level == 0)
			image_drop(tab->image, entry & VMS_VPTE_FRAME);
		else
			table_free(tab, entry & VMS_VPTE_FRAME, level - 1);
	}
	image_drop(tab->image, frame);
}

void
vptab_destroy(struct vk_vptab *tab)
{
	if (tab->root != 0)
		table_free(tab, tab->root, VPTAB_ROOT);
	tab->root = 0;
}

vms_vpte_t
vptab_master(const struct vk_vptab *tab)
{
	return tab->root | VPTAB_DIR;
}

vk_slot *
vptab_lookup(const struct vk_vptab *tab, uint64_t va)
{
	vk_slot *table;
	vms_vpte_t entry;
	int level;

	table = table_at(tab, tab->root);
	for (level = VPTAB_ROOT; level > 0; level--) {
		entry = slot_get(&table[level_index(va, level)]);
		if ((entry & VMS_VPTE_V) == 0)
			return NULL;
		table = table_at(tab, entry & VMS_VPTE_FRAME);
	}
	return &table[level_index(va, 0)];
}

vk_slot *
vptab_reach(struct vk_vptab *tab, uint64_t va)
{
	vk_slot *slot, *table;
	uint64_t frame;
	int level;

	table = table_at(tab, tab->root);
	for (level = VPTAB_ROOT; level > 0; level--) {
		slot = &table[level_index(va, level)];
		if ((slot_get(slot) & VMS_VPTE_V) == 0) {
			if (image_alloc_zero(tab->image, &frame) != 0)
				return NULL;
			slot_set(tab->image, slot, frame | VPTAB_DIR);
		}
		table = table_at(tab, slot_get(slot) & VMS_VPTE_FRAME);
	}
	return &table[level_index(va, 0)];
}

/* The leaf table of va; NULL, and *va moved over what the missing directory
 * covers. */
static vk_slot *
leaf_table(const struct vk_vptab *tab, uint64_t *va)
{
	vk_slot *table;
	vms_vpte_t entry;
	int level;

	table = table_at(tab, tab->root);
	for (level = VPTAB_ROOT; level > 0; level--) {
		entry = slot_get(&table[level_index(*va, level)]);
		if ((entry & VMS_VPTE_V) == 0) {
			*va = (*va | (level_bytes(level) - 1)) + 1;
			return NULL;
		}
		table = table_at(tab, entry & VMS_VPTE_FRAME);
	}
	return table;
}

vk_slot *
vptab_span(
    const struct vk_vptab *tab, uint64_t *va, uint64_t end, size_t *count)
{
	vk_slot *table;
	uint64_t span_end;

	while (*va < end) {
		table = leaf_table(tab, va);
		if (table == NULL)
			continue;
		span_end = (*va | (level_bytes(1) - 1)) + 1;
		if (span_end > end)
			span_end = end;
		*count = (size_t)((span_end - *va) >> PAGE_SHIFT);
		return &table[level_index(*va, 0)];
	}
	return NULL;
}

vk_slot *
vptab_next(const struct vk_vptab *tab, uint64_t *va, uint64_t end)
{
	vk_slot *table;
	size_t i;

	while (*va < end) {
		table = leaf_table(tab, va);
		if (table == NULL)
			continue;
		for (i = level_index(*va, 0); i < VPTAB_ENTRIES && *va < end;
		     i++, *va += PAGE_BYTES)
			if ((slot_get(&table[i]) & VMS_VPTE_V) != 0)
				return &table[i];
	}
	return NULL;
}
