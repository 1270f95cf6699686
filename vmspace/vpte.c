/* SPDX-License-Identifier: BSD-2-Clause */
/*
 *   63..52   51..12             11..0
 *   ignored  byte offset of a   seed: - WIRED G MANAGED U M A X W  R  PS V
 *            page in the object 2013: - MANAGED WIRED G PS M A - - U  W  V
 *
 * The master is an entry one level above the top table.  pindex is cut into
 * 9-bit indices from bit 35 down; an entry with PS, at any level, names the
 * first page of a linear run.  Entries are little-endian, as every host of
 * ours is.
 */
#include "vmspace/vpte.h"

#include <errno.h>
#include <stdatomic.h>

#include "base/page.h"
#include "emu/arena.h"
#include "vmspace/pv.h"
#include "vmspace/vm_object.h"
#include "vmspace/watch.h"

#define LEVEL_BITS 9
#define LEVEL_MASK UINT64_C(0x1FF)
#define SHIFT_TOP  36

struct layout {
	vms_vpte_t read, write; /* what an access needs */
	vms_vpte_t ps;
};

static const struct layout layouts[] = {
	[VMS_ERA_SEED] = { VMS_VPTE_V | VMS_VPTE_R, VMS_VPTE_V | VMS_VPTE_W,
	    VMS_VPTE_PS },
	[VMS_ERA_2013] = { VMS_VPTE_V, VMS_VPTE_V | VMS_VPTE13_W,
	    VMS_VPTE13_PS },
};

/* Reads entry slot of the table page, and sets bits in it when it permits the
 * access; EFAULT or ENOMEM from the object. */
typedef int entry_fn(const struct vpte_walk *walk, uint64_t page, unsigned slot,
    vms_vpte_t needs, vms_vpte_t *vpte);

static uint64_t
vpte_page(vms_vpte_t vpte)
{
	return (vpte & VMS_VPTE_FRAME) >> PAGE_SHIFT;
}

static int
walk_entries(const struct vpte_walk *walk, entry_fn *entry, uint64_t *index)
{
	const struct layout *layout = &layouts[walk->era];
	vms_vpte_t needs = walk->write ? layout->write : layout->read;
	vms_vpte_t vpte = walk->master;
	unsigned shift = SHIFT_TOP;
	int error;

	for (;;) {
		if ((vpte & needs) != needs)
			return EFAULT;
		if ((vpte & layout->ps) || shift == 0)
			break;
		shift -= LEVEL_BITS;
		error = entry(walk, vpte_page(vpte),
		    (unsigned)((walk->pindex >> shift) & LEVEL_MASK), needs,
		    &vpte);
		if (error != 0)
			return error;
	}
	*index =
	    vpte_page(vpte) + (walk->pindex & ((UINT64_C(1) << shift) - 1));
	return 0;
}

static _Atomic(vms_vpte_t) *
table_host(const struct vpte_walk *walk, uint64_t pa)
{
	return (_Atomic(vms_vpte_t) *)(void *)arena_host(walk->arena, pa);
}

/* The vkernel may change the entry at any time: what the fetch-or saw is what
 * counts. */
static int
entry_mark(const struct vpte_walk *walk, uint64_t page, unsigned slot,
    vms_vpte_t needs, vms_vpte_t *vpte)
{
	vms_vpte_t marks = walk->write ? VMS_VPTE_A | VMS_VPTE_M : VMS_VPTE_A;
	_Atomic(vms_vpte_t) *word;
	uint64_t pa;
	bool writable;
	int error = vm_object_page(
	    walk->object, page + walk->base, true, &pa, &writable);

	if (error != 0)
		return error;
	if (!writable)
		return EFAULT;
	word = &table_host(walk, pa)[slot];
	*vpte = atomic_load(word);
	if ((*vpte & needs) == needs && (*vpte & marks) != marks) {
		*vpte = atomic_fetch_or(word, marks);
		if (walk->vms != NULL)
			watch_stored(walk->vms, pv_page_find(walk->vms, pa));
	}
	return 0;
}

static int
entry_peek(const struct vpte_walk *walk, uint64_t page, unsigned slot,
    vms_vpte_t needs, vms_vpte_t *vpte)
{
	uint64_t pa;
	bool own;
	int error = ENOENT;

	(void)needs;
	*vpte = 0;
	if (walk->object != NULL)
		error = vm_object_peek(
		    walk->object, page + walk->base, false, &pa, &own);
	if (error == ENOENT)
		return 0;
	if (error == 0)
		*vpte = atomic_load(&table_host(walk, pa)[slot]);
	return error;
}

int
vpte_walk(const struct vpte_walk *walk, uint64_t *index)
{
	return walk_entries(walk, entry_mark, index);
}

int
vpte_peek(const struct vpte_walk *walk, uint64_t *index)
{
	int error = walk_entries(walk, entry_peek, index);

	if (error == 0)
		*index += walk->base;
	return error;
}
