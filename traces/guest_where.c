/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * At which address a guest would have seen memory that differs: the vkernel's
 * shared mappings of files are remembered, and their page tables are searched
 * as they are now.
 */
#include "traces/guest.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/page.h"

#define VIEWS_MAX   65536
#define TABLES_MAX  16384 /* pages of tables that are looked at */
#define SHIFT_TOP   36
#define LEVEL_BITS  9
#define LEVEL_SLOTS 512

/* One search. */
struct search {
	struct guest *guest;
	const struct guest_view *view;
	uint64_t off;  /* in the view's object */
	uint64_t at;   /* what was found: an address */
	bool table;    /* it is the address that an entry is for */
	unsigned left; /* pages that may be looked at */
};

static void
view_add(struct guest *guest, const struct trace_call *call)
{
	struct guest_view *views;

	if (call->object == 0 || !(call->args[3] & VMS_MAP_SHARED) ||
	    guest->view_count == VIEWS_MAX)
		return;
	views = realloc(guest->views, (guest->view_count + 1) * sizeof(*views));
	if (views == NULL)
		return;
	guest->views = views;
	views[guest->view_count++] = (struct guest_view){ .id = call->id,
		.object = call->object,
		.start = page_trunc(call->result),
		.end = call->result + call->args[1],
		.off = page_trunc(call->args[4]),
		.tables = (call->args[3] & VMS_MAP_VPAGETABLE) != 0 };
}

/* Those of vmspace id that lie in [start, end); what is cut off of others is
 * found nevertheless. */
static void
views_drop(struct guest *guest, uint32_t id, uint64_t start, uint64_t end)
{
	size_t kept = 0;

	for (size_t i = 0; i < guest->view_count; i++) {
		const struct guest_view *view = &guest->views[i];

		if (view->id != id || view->start < start || view->end > end)
			guest->views[kept++] = *view;
	}
	guest->view_count = kept;
}

static void
views_setmap(struct guest *guest, const struct trace_call *call)
{
	for (size_t i = 0; i < guest->view_count; i++) {
		struct guest_view *view = &guest->views[i];

		if (view->id == call->id && view->tables &&
		    view->start < call->args[0] + call->args[1] &&
		    view->end > call->args[0])
			view->master = call->args[3];
	}
}

void
guest_view_learn(struct guest *guest, const struct trace_call *call)
{
	if (call->error != 0)
		return;
	switch (call->op) {
	case VMS_OP_MMAP:
		views_drop(guest, call->id, page_trunc(call->result),
		    call->result + call->args[1]);
		view_add(guest, call);
		break;
	case VMS_OP_MUNMAP:
		views_drop(guest, call->id, call->args[0],
		    call->args[0] + call->args[1]);
		break;
	case VMS_OP_DESTROY:
		views_drop(guest, call->id, 0, UINT64_MAX);
		break;
	case VMS_OP_MCONTROL:
		if (call->args[2] == VMS_MADV_SETMAP)
			views_setmap(guest, call);
		break;
	default:
		break;
	}
}

/* --- Searching ----------------------------------------------------------- */

static bool
found(struct search *search, uint64_t pindex, bool table)
{
	const struct guest_view *view = search->view;
	uint64_t into = pindex * VMS_PAGE_SIZE - view->off;

	if (pindex * VMS_PAGE_SIZE < view->off ||
	    into >= view->end - view->start)
		return false;
	search->at = view->start + into;
	search->table = table;
	if (!table)
		search->at += search->off % VMS_PAGE_SIZE;
	return true;
}

static bool table_search(
    struct search *search, uint64_t page, unsigned shift, uint64_t pindex);

/* The entry is for 1 << shift pages from pindex on. */
static bool
entry_search(
    struct search *search, vms_vpte_t vpte, unsigned shift, uint64_t pindex)
{
	struct vms_config config = { .size = sizeof(config) };
	uint64_t page = (vpte & VMS_VPTE_FRAME) / VMS_PAGE_SIZE;
	uint64_t wanted = search->off / VMS_PAGE_SIZE;
	vms_vpte_t ps;

	(void)vms_get_config(search->guest->vms, &config);
	ps = config.era == VMS_ERA_SEED ? VMS_VPTE_PS : VMS_VPTE13_PS;
	if (!(vpte & VMS_VPTE_V))
		return false;
	if (!(vpte & ps) && shift > 0)
		return table_search(search, page, shift - LEVEL_BITS, pindex);
	return wanted >= page && wanted - page < UINT64_C(1) << shift &&
	       found(search, pindex + (wanted - page), false);
}

static bool
table_search(
    struct search *search, uint64_t page, unsigned shift, uint64_t pindex)
{
	vms_vpte_t table[LEVEL_SLOTS];
	uint64_t slot = search->off % VMS_PAGE_SIZE / sizeof(table[0]);

	if (page == search->off / VMS_PAGE_SIZE)
		return found(search, pindex + (slot << shift), true);
	if (search->left == 0 ||
	    vms_play_load(search->guest->vms, search->view->object,
		page * VMS_PAGE_SIZE, table, sizeof(table)) != 0)
		return false;
	search->left--;
	for (slot = 0; slot < LEVEL_SLOTS; slot++)
		if (table[slot] != 0 && entry_search(search, table[slot], shift,
					    pindex + (slot << shift)))
			return true;
	return false;
}

static bool
view_search(struct search *search)
{
	const struct guest_view *view = search->view;

	if (!view->tables)
		return found(search, search->off / VMS_PAGE_SIZE, false);
	return entry_search(search, view->master, SHIFT_TOP, 0);
}

void
guest_where_say(struct guest *guest, uint32_t id, uint32_t object, uint64_t off)
{
	struct search search = {
		.guest = guest, .off = off, .left = TABLES_MAX
	};

	for (size_t i = 0; i < guest->view_count; i++) {
		search.view = &guest->views[i];
		if (search.view->id != id || search.view->object != object ||
		    !view_search(&search))
			continue;
		guest_say(guest,
		    search.table ? "  offset 0x%" PRIx64
				   " is in the page tables, for 0x%" PRIx64
				 : "  offset 0x%" PRIx64 " is 0x%" PRIx64
				   " of the guest",
		    off, search.at);
		return;
	}
}
