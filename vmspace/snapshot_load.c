/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A struct vms made of tables that nobody vouches for.  Objects have a
 * reference of the loader's until the end, so that whatever was made so far can
 * be taken down at any point.
 */
#include "vmspace/snapshot_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "emu/arena.h"
#include "emu/cpu.h"
#include "vmspace/calls.h"
#include "vmspace/lwp.h"
#include "vmspace/observe.h"
#include "vmspace/registry.h"
#include "vmspace/space.h"
#include "vmspace/vm_object_impl.h"
#include "vmspace/vms.h"

#define MXCSR_WORD    3
#define MXCSR_DEFINED UINT32_C(0xFFFF)

static int load(struct loader *loader);
static int load_all(struct loader *loader);
static void unload(struct loader *loader);
static void hand_out(struct loader *loader);

static bool
is_fresh(const struct vms *vms)
{
	return vms->observe != NULL && !observe_plays(vms) &&
	       vms->proc_numbers == 0 && vms->objects.file_numbers == 0;
}

int
vms_snapshot_load(struct vms *vms, const void *structure, size_t len,
    const struct vms_snapshot_source *source, void *arg)
{
	struct loader loader = { .vms = vms, .source = source, .arg = arg };
	int error;

	if (source->size != sizeof(*source))
		return EINVAL;
	if ((error = gate_enter(vms, false)) != 0)
		return error;
	if (!is_fresh(vms))
		error = EBUSY;
	else if ((error = snapshot_decode(&loader.snapshot, structure, len)) ==
		 0)
		error = load(&loader);
	snapshot_finish(&loader.snapshot);
	gate_leave(vms);
	return error;
}

static void *
table_alloc(const struct loader *loader, enum snap_what what, size_t size)
{
	return calloc(snapshot_count(&loader->snapshot, what) + 1, size);
}

static int
load(struct loader *loader)
{
	int error = ENOMEM;

	loader->procs = table_alloc(loader, SNAP_PROCS, sizeof(void *));
	loader->lwps = table_alloc(loader, SNAP_LWPS, sizeof(void *));
	loader->files = table_alloc(loader, SNAP_FILES, sizeof(void *));
	loader->made = table_alloc(loader, SNAP_MADE, sizeof(void *));
	loader->spaces = table_alloc(loader, SNAP_SPACES, sizeof(void *));
	loader->pages = table_alloc(loader, SNAP_PAGES, sizeof(uint64_t));
	if (loader->procs != NULL && loader->lwps != NULL &&
	    loader->files != NULL && loader->made != NULL &&
	    loader->spaces != NULL && loader->pages != NULL)
		error = load_all(loader);
	if (error == 0)
		hand_out(loader);
	else
		unload(loader);
	free(loader->procs);
	free(loader->lwps);
	free(loader->files);
	free(loader->made);
	free(loader->spaces);
	free(loader->pages);
	return error;
}

/* A number of its kind: larger than the one before, not above the last. */
static bool
number_fits(uint64_t number, uint64_t *before, uint64_t last)
{
	bool fits = number > *before && number <= last;

	*before = number;
	return fits;
}

/* --- Processes and threads ----------------------------------------------- */

/* Registries come in the order of the first proc that has each. */
static int
proc_join(struct loader *loader, struct vms_proc *proc, uint64_t registry)
{
	int error;

	if (registry == 0)
		return 0;
	if (registry > loader->registry_count + 1)
		return EBADMSG;
	if (registry <= loader->registry_count) {
		proc->vkernel = loader->registries[registry - 1]->vkernel;
		registry_ref(proc->vkernel);
		return 0;
	}
	if ((error = registry_create(&proc->vkernel)) != 0)
		return error;
	loader->registries[loader->registry_count++] = proc;
	return 0;
}

static int
load_procs(struct loader *loader)
{
	const struct snap_vms *last =
	    snapshot_row(&loader->snapshot, SNAP_VMS, 0);
	size_t count = snapshot_count(&loader->snapshot, SNAP_PROCS);
	uint64_t before = 0;
	int error = 0;

	loader->registries =
	    table_alloc(loader, SNAP_PROCS, sizeof(*loader->registries));
	if (loader->registries == NULL)
		return ENOMEM;
	for (size_t i = 0; i < count && error == 0; i++) {
		const struct snap_proc *row =
		    snapshot_row(&loader->snapshot, SNAP_PROCS, i);
		if (!number_fits(row->number, &before, last->procs))
			return EBADMSG;
		if ((error = proc_new(loader->vms, &loader->procs[i])) != 0)
			return error;
		loader->procs[i]->number = (uint32_t)row->number;
		atomic_store(&loader->procs[i]->mailbox, row->mailbox != 0);
		error = proc_join(loader, loader->procs[i], row->registry);
	}
	return error;
}

/* The rows of an lwp follow each other; *at is the first that is left. */
static int
lwp_load_fp(struct loader *loader, uint64_t lwp, size_t *at, uint8_t *fxsave)
{
	size_t count = snapshot_count(&loader->snapshot, SNAP_FP);
	uint64_t next = 0;

	memset(fxsave, 0, 512);
	for (; *at < count; ++*at) {
		const struct snap_fp *row =
		    snapshot_row(&loader->snapshot, SNAP_FP, *at);
		if (row->lwp != lwp)
			break;
		if (row->word < next)
			return EBADMSG;
		if (row->word == MXCSR_WORD &&
		    ((uint32_t)row->value & ~MXCSR_DEFINED) != 0)
			return EBADMSG;
		next = row->word + 1;
		memcpy(fxsave + 8 * row->word, &row->value, 8);
	}
	return 0;
}

static int
load_lwp(struct loader *loader, size_t i, size_t *fp)
{
	const struct snap_lwp *row =
	    snapshot_row(&loader->snapshot, SNAP_LWPS, i);
	size_t proc = snapshot_find(&loader->snapshot, SNAP_PROCS, row->proc);
	struct cpu *cpu = loader->vms->cpu;
	struct cpu_saved saved = { .clock = row->clock };
	struct vms_lwp *lwp;
	int error;

	if (proc == SIZE_MAX)
		return EBADMSG;
	error = lwp_load_fp(loader, row->number, fp, saved.fxsave);
	if (error != 0)
		return error;
	if ((error = lwp_new(loader->procs[proc], &lwp)) != 0)
		return error;
	lwp->number = (uint32_t)row->number;
	lwp->budget_insns = row->budget;
	lwp->retired = row->retired;
	cpu->ops->state_load(cpu, lwp->state, &saved);
	loader->lwps[i] = lwp;
	return 0;
}

static int
load_lwps(struct loader *loader)
{
	const struct snap_vms *last =
	    snapshot_row(&loader->snapshot, SNAP_VMS, 0);
	size_t count = snapshot_count(&loader->snapshot, SNAP_LWPS);
	uint64_t before = 0;
	size_t fp = 0;
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++) {
		const struct snap_lwp *row =
		    snapshot_row(&loader->snapshot, SNAP_LWPS, i);
		if (!number_fits(row->number, &before, last->lwps))
			return EBADMSG;
		error = load_lwp(loader, i, &fp);
	}
	if (error == 0 && fp != snapshot_count(&loader->snapshot, SNAP_FP))
		error = EBADMSG;
	return error;
}

/* --- Objects ------------------------------------------------------------- */

static int
load_file(
    struct loader *loader, const struct snap_file *row, struct vm_object **out)
{
	static const int modes[] = { [FILE_NONE] = O_WRONLY,
		[FILE_READ] = O_RDONLY,
		[FILE_WRITE] = O_RDWR };
	const struct vms_snapshot_file wanted = {
		.number = (uint32_t)row->number,
		.bytes = row->bytes,
		.fixed_end = row->fixed_end != 0,
		.mode = modes[row->access],
	};
	struct vm_object *file;
	int fd, error = loader->source->file(loader->arg, &wanted, &fd);

	if (error != 0)
		return error;
	error =
	    vm_object_file(loader->vms, fd, row->access == FILE_WRITE, &file);
	if (error != 0)
		return error;
	*out = file;
	if (file->number != 0 || file->bytes != row->bytes ||
	    file->access != (enum file_access)row->access)
		return EINVAL;
	file->number = (uint32_t)row->number;
	return 0;
}

static int
load_files(struct loader *loader)
{
	const struct snap_vms *last =
	    snapshot_row(&loader->snapshot, SNAP_VMS, 0);
	size_t count = snapshot_count(&loader->snapshot, SNAP_FILES);
	uint64_t before = 0;
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++) {
		const struct snap_file *row =
		    snapshot_row(&loader->snapshot, SNAP_FILES, i);
		if (!number_fits(row->number, &before, last->files))
			return EBADMSG;
		error = load_file(loader, row, &loader->files[i]);
	}
	return error;
}

static int
load_made_one(
    struct loader *loader, const struct snap_made *row, struct vm_object **out)
{
	struct vm_object *backing;
	int error;

	if (row->backing == 0) {
		if (row->backing_pages != 0)
			return EBADMSG;
		error = vm_object_anon(loader->vms, row->pages, out);
	} else {
		backing = loader_object(loader, true, row->backing);
		if (backing == NULL)
			return EBADMSG;
		error = vm_object_shadow(
		    loader->vms, backing, row->backing_pages, row->pages, out);
	}
	if (error == 0)
		(*out)->number = (uint32_t)row->number;
	return error;
}

static int
load_made(struct loader *loader)
{
	const struct snap_vms *last =
	    snapshot_row(&loader->snapshot, SNAP_VMS, 0);
	size_t count = snapshot_count(&loader->snapshot, SNAP_MADE);
	uint64_t before = 0;
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++) {
		const struct snap_made *row =
		    snapshot_row(&loader->snapshot, SNAP_MADE, i);
		if (!number_fits(row->number, &before, last->made))
			return EBADMSG;
		error = load_made_one(loader, row, &loader->made[i]);
	}
	return error;
}

struct vm_object *
loader_object(const struct loader *loader, bool file, uint64_t number)
{
	size_t i = snapshot_find(
	    &loader->snapshot, file ? SNAP_FILES : SNAP_MADE, number);

	if (i == SIZE_MAX)
		return NULL;
	return file ? loader->files[i] : loader->made[i];
}

/* --- All ----------------------------------------------------------------- */

/* The loader's references; an object that nobody else has was not in use. */
static int
objects_release(struct loader *loader, struct vm_object **objects, size_t count)
{
	int error = 0;

	(void)loader;
	for (size_t i = 0; objects != NULL && i < count; i++) {
		if (objects[i] != NULL && objects[i]->refs == 1)
			error = EBADMSG;
		vm_object_drop(objects[i]);
		objects[i] = NULL;
	}
	return error;
}

/* Shadows before what lies below them. */
static int
load_release(struct loader *loader)
{
	int made = objects_release(
	    loader, loader->made, snapshot_count(&loader->snapshot, SNAP_MADE));
	int files = objects_release(loader, loader->files,
	    snapshot_count(&loader->snapshot, SNAP_FILES));

	return made != 0 ? made : files;
}

static int
load_vms(struct loader *loader)
{
	const struct snap_vms *row =
	    snapshot_row(&loader->snapshot, SNAP_VMS, 0);
	struct observation *observe = loader->vms->observe;
	struct vms *vms = loader->vms;

	if (row->next_digest <= row->insns)
		return EBADMSG;
	observe->insns = row->insns;
	if (observe->to.digest_insns != 0)
		observe->next_digest = row->next_digest;
	observe->watch.age = (unsigned)row->age;
	vms->proc_numbers = (uint32_t)row->procs;
	vms->lwp_numbers = (uint32_t)row->lwps;
	vms->objects.file_numbers = (uint32_t)row->files;
	vms->objects.made_numbers = (uint32_t)row->made;
	atomic_store(&vms->vkernel_enable, (int)(uint32_t)row->vkernel_enable);
	return vms_counting_set(vms, row->counting != 0);
}

static int
load_all(struct loader *loader)
{
	static int (*const steps[])(struct loader *) = { load_procs, load_lwps,
		load_files, load_made, load_spaces, load_entries, load_pages,
		load_live, load_translations, load_release, load_vms };
	const struct snap_vms *row;
	int error;

	if (snapshot_count(&loader->snapshot, SNAP_VMS) != 1)
		return EBADMSG;
	row = snapshot_row(&loader->snapshot, SNAP_VMS, 0);
	error = loader->source->numbers(loader->arg, (uint32_t)row->procs,
	    (uint32_t)row->lwps, (uint32_t)row->files);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (error == 0)
			error = steps[i](loader);
	free(loader->registries);
	return error;
}

static void
unload(struct loader *loader)
{
	struct vms *vms = loader->vms;
	struct vms_proc *proc;

	while ((proc = vms->proc_list) != NULL) {
		lwps_free(proc);
		if (proc->vkernel != NULL)
			registry_drop(proc->vkernel);
		proc_free(proc);
	}
	(void)load_release(loader);
	vms->proc_numbers = vms->lwp_numbers = 0;
	vms->objects.file_numbers = vms->objects.made_numbers = 0;
	vms->observe->insns = 0;
	vms->observe->next_digest = vms->observe->to.digest_insns != 0
					? vms->observe->to.digest_insns
					: UINT64_MAX;
}

static void
hand_out(struct loader *loader)
{
	const struct vms_snapshot_source *source = loader->source;
	size_t procs = snapshot_count(&loader->snapshot, SNAP_PROCS);
	size_t lwps = snapshot_count(&loader->snapshot, SNAP_LWPS);

	for (size_t i = 0; i < procs; i++)
		source->proc(
		    loader->arg, loader->procs[i]->number, loader->procs[i]);
	for (size_t i = 0; i < lwps; i++)
		source->lwp(loader->arg, loader->lwps[i]->number,
		    loader->lwps[i]->proc->number, loader->lwps[i]);
}
