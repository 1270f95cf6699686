/* SPDX-License-Identifier: BSD-2-Clause */
/* What a struct vms holds, as tables in an order that depends on nothing but
 * what guests and vkernel did. */
#include "vmspace/snapshot_save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/cpu.h"
#include "vmspace/calls.h"
#include "vmspace/lwp.h"
#include "vmspace/observe.h"
#include "vmspace/vms.h"
#include "vmspace/watch_impl.h"

static int save(struct saver *saver);
static int save_procs(struct saver *saver);
static int save_vms(struct saver *saver);
static int save_out(struct saver *saver);

/* How many lwps are inside a run: that whose run has just ended is. */
static unsigned
lwps_inside(const struct vms *vms)
{
	unsigned count = 0;

	for (const struct vms_proc *proc = vms->proc_list; proc != NULL;
	     proc = proc->next)
		for (const struct vms_lwp *lwp = proc->lwps; lwp != NULL;
		     lwp = lwp->next)
			count += lwp->ve != NULL;
	return count;
}

static int
saveable(const struct vms *vms, bool after_run)
{
	if (vms->observe == NULL || observe_plays(vms))
		return ENOTSUP;
	if (vms->running != NULL || lwps_inside(vms) != (after_run ? 1 : 0))
		return EBUSY;
	return 0;
}

int
vms_snapshot_save(
    struct vms *vms, const struct vms_snapshot_sink *sink, void *arg)
{
	struct saver saver = { .vms = vms, .sink = sink, .arg = arg };
	int error = gate_enter(vms, false);
	bool after_run = error == EDEADLK;

	if (error != 0 && !after_run)
		return error;
	if (sink->size != sizeof(*sink))
		error = EINVAL;
	else if ((error = saveable(vms, after_run)) == 0)
		error = save(&saver);
	snapshot_finish(&saver.snapshot);
	free(saver.procs.at);
	free(saver.lwps.at);
	free(saver.registries.at);
	free(saver.objects.at);
	free(saver.pages.at);
	if (!after_run)
		gate_leave(vms);
	return error;
}

static int
save(struct saver *saver)
{
	static int (*const steps[])(struct saver *) = { save_procs, save_spaces,
		save_objects, save_pages, save_translations, save_vms,
		save_out };
	int error = 0;

	watch_ranges_tell(saver->vms);
	if (saver->vms->observe->watch.failed)
		return ENOMEM;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (error == 0)
			error = steps[i](saver);
	return error;
}

int
list_add(struct list *list, void *item)
{
	size_t capacity = list->capacity ? list->capacity * 2 : 64;
	void **at;

	if (list->count == list->capacity) {
		at = realloc(list->at, capacity * sizeof(*at));
		if (at == NULL)
			return ENOMEM;
		list->at = at;
		list->capacity = capacity;
	}
	list->at[list->count++] = item;
	return 0;
}

void
list_sort(struct list *list, int (*compare)(const void *, const void *))
{
	if (list->count > 1)
		qsort(list->at, list->count, sizeof(*list->at), compare);
}

int
compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* --- Processes and threads ----------------------------------------------- */

static int
proc_compare(const void *a, const void *b)
{
	const struct vms_proc *const *x = a, *const *y = b;

	return compare_u64((*x)->number, (*y)->number);
}

static int
lwp_compare(const void *a, const void *b)
{
	const struct vms_lwp *const *x = a, *const *y = b;

	return compare_u64((*x)->number, (*y)->number);
}

/* From 1, in the order of the first proc that has it. */
static int
registry_number(struct saver *saver, struct vkernel_proc *vkp, uint64_t *number)
{
	*number = 0;
	if (vkp == NULL)
		return 0;
	while (*number < saver->registries.count)
		if (saver->registries.at[(*number)++] == vkp)
			return 0;
	++*number;
	return list_add(&saver->registries, vkp);
}

static int
save_proc(struct saver *saver, struct vms_proc *proc)
{
	struct snap_proc *row = snapshot_add(&saver->snapshot, SNAP_PROCS);
	int error = 0;

	if (row == NULL)
		return ENOMEM;
	row->number = proc->number;
	row->mailbox = atomic_load(&proc->mailbox);
	error = registry_number(saver, proc->vkernel, &row->registry);
	for (struct vms_lwp *lwp = proc->lwps; lwp != NULL && error == 0;
	     lwp = lwp->next)
		error = list_add(&saver->lwps, lwp);
	return error;
}

static int
save_fp(struct saver *saver, uint64_t lwp, const uint8_t *fxsave)
{
	struct snap_fp *row;
	uint64_t value;

	for (unsigned word = 0; word < 64; word++) {
		memcpy(&value, fxsave + 8 * word, sizeof(value));
		if (value == 0)
			continue;
		row = snapshot_add(&saver->snapshot, SNAP_FP);
		if (row == NULL)
			return ENOMEM;
		*row = (struct snap_fp){ lwp, word, value };
	}
	return 0;
}

static int
save_lwp(struct saver *saver, const struct vms_lwp *lwp)
{
	struct cpu *cpu = saver->vms->cpu;
	struct cpu_saved saved;
	struct snap_lwp *row;
	int error = cpu->ops->state_save(cpu, lwp->state, &saved);

	if (error != 0)
		return error;
	if ((row = snapshot_add(&saver->snapshot, SNAP_LWPS)) == NULL)
		return ENOMEM;
	*row = (struct snap_lwp){ .number = lwp->number,
		.proc = lwp->proc->number,
		.budget = lwp->budget_insns,
		.retired = lwp->retired,
		.clock = saved.clock };
	return save_fp(saver, lwp->number, saved.fxsave);
}

static int
save_procs(struct saver *saver)
{
	struct vms_proc *proc = saver->vms->proc_list;
	int error = 0;

	for (; proc != NULL && error == 0; proc = proc->next)
		error = list_add(&saver->procs, proc);
	list_sort(&saver->procs, proc_compare);
	for (size_t i = 0; i < saver->procs.count && error == 0; i++)
		error = save_proc(saver, saver->procs.at[i]);
	list_sort(&saver->lwps, lwp_compare);
	for (size_t i = 0; i < saver->lwps.count && error == 0; i++)
		error = save_lwp(saver, saver->lwps.at[i]);
	return error;
}

/* --- The rest ------------------------------------------------------------ */

static int
save_vms(struct saver *saver)
{
	struct vms *vms = saver->vms;
	struct snap_vms *row = snapshot_add(&saver->snapshot, SNAP_VMS);

	if (row == NULL)
		return ENOMEM;
	*row = (struct snap_vms){ .counting = vms->counting,
		.vkernel_enable = (uint32_t)atomic_load(&vms->vkernel_enable),
		.procs = vms->proc_numbers,
		.lwps = vms->lwp_numbers,
		.files = vms->objects.file_numbers,
		.made = vms->objects.made_numbers,
		.insns = vms->observe->insns,
		.next_digest = vms->observe->next_digest,
		.age = vms->observe->watch.age };
	return 0;
}

static int
save_out(struct saver *saver)
{
	uint8_t *bytes;
	size_t len;
	int error = snapshot_encode(&saver->snapshot, &bytes, &len);

	if (error != 0)
		return error;
	error = saver->sink->structure(saver->arg, bytes, len);
	free(bytes);
	for (size_t i = 0; i < saver->pages.count && error == 0; i++) {
		const struct watch_page *page = saver->pages.at[i];
		const struct vms_snapshot_page where = { page->file,
			page->object, page->index };
		error = saver->sink->page(
		    saver->arg, &where, watch_known_bytes(saver->vms, page));
	}
	return error;
}
