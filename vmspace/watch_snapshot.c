/* SPDX-License-Identifier: BSD-2-Clause */
/* The watch as a snapshot saves it and makes it again. */
#include <errno.h>

#include "vmspace/observe.h"
#include "vmspace/pv.h"
#include "vmspace/vms.h"
#include "vmspace/watch_impl.h"

int
watch_restore_file(
    struct vms *vms, uint32_t object, uint64_t index, uint64_t pa)
{
	struct watch *watch = &vms->observe->watch;
	const struct pv_page *pv = pv_page_find(vms, pa);
	struct watch_page *page;

	if (pv != NULL && pv->watch != NULL)
		return EEXIST;
	page = watch_page_create(vms, object, true, index, pa);
	if (page == NULL)
		return ENOMEM;
	watch_copy_set(vms, page);
	watch_list_add(watch, WATCH_DIRTY, page);
	return watch->failed ? ENOMEM : 0;
}

static struct watch_page *
page_at(const struct vms *vms, uint64_t pa)
{
	return pv_page_find(vms, pa)->watch;
}

void
watch_restore_clean(struct vms *vms, uint64_t pa)
{
	struct watch *watch = &vms->observe->watch;
	struct watch_page *page = page_at(vms, pa);

	watch_list_remove(watch, WATCH_DIRTY, page);
	page->part = watch_page_part(vms, page);
	watch->sum += page->part;
}

int
watch_restore_live(struct vms *vms, uint64_t pa)
{
	struct watch *watch = &vms->observe->watch;
	struct watch_page *page = page_at(vms, pa);

	if (watch->searches && page->file)
		watch_list_add(watch, WATCH_LIVE, page);
	return watch->failed ? ENOMEM : 0;
}
