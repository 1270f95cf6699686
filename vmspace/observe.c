/* SPDX-License-Identifier: BSD-2-Clause */
/* The observer of a struct vms: who it is, and what it is told besides memory
 * (watch.c). */
#include "vmspace/observe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/page.h"
#include "emu/arena.h"
#include "vmspace/calls.h"
#include "vmspace/frame_regs.h"
#include "vmspace/lwp.h"
#include "vmspace/registry.h"
#include "vmspace/space.h"
#include "vmspace/vm_object_impl.h"
#include "vmspace/vms.h"

#define KNOWN_FLAGS                                                            \
	(VMS_OBSERVE_DECLARED | VMS_OBSERVE_CHECK | VMS_OBSERVE_WRITTEN |      \
	    VMS_OBSERVE_DIGEST_RUN)

static int observe_begin(
    struct vms *vms, const struct vms_observer *observer, void *arg);
static void run_end_tell(struct vms_lwp *lwp, const struct vms_run_end *told);

int
vms_observe(struct vms *vms, const struct vms_observer *observer, void *arg)
{
	int error;

	if (observer != NULL && (observer->size != sizeof(*observer) ||
				    (observer->flags & ~(uint32_t)KNOWN_FLAGS)))
		return EINVAL;
	if ((error = gate_enter(vms, false)) != 0)
		return error;
	if (observer == NULL)
		observe_end(vms);
	else if (vms->procs != 0 || vms->observe != NULL)
		error = EBUSY;
	else
		error = observe_begin(vms, observer, arg);
	gate_leave(vms);
	return error;
}

static int
observe_begin(struct vms *vms, const struct vms_observer *observer, void *arg)
{
	struct observation *observe = calloc(1, sizeof(*observe));
	int error;

	if (observe == NULL)
		return ENOMEM;
	observe->to = *observer;
	observe->arg = arg;
	observe->next_digest =
	    observer->digest_insns ? observer->digest_insns : UINT64_MAX;
	vms->observe = observe;
	watch_init(vms);
	if (observer->play != NULL || (error = vms_counting_apply(vms)) == 0)
		return 0;
	vms->observe = NULL;
	free(observe);
	return error;
}

void
observe_end(struct vms *vms)
{
	struct observation *observe = vms->observe;

	if (observe == NULL)
		return;
	watch_finish(vms);
	vms->observe = NULL;
	free(observe);
	if (vms->current != NULL)
		pmap_deactivate(vms);
	(void)vms_counting_apply(vms);
}

bool
vms_wants_notes(const struct vms *vms)
{
	return vms->observe != NULL &&
	       (vms->observe->to.flags & VMS_OBSERVE_DECLARED) != 0;
}

int
observe_call(
    struct vms *vms, struct vms_proc *proc, struct vms_call *call, int error)
{
	const struct observation *observe = vms->observe;

	if (observe == NULL || observe->to.call == NULL)
		return error;
	call->proc = proc == NULL ? 0 : proc->number;
	call->error = error;
	call->vkernel_enable = atomic_load(&vms->vkernel_enable);
	observe->to.call(observe->arg, call);
	return error;
}

/* What is behind fd, and under which number the library knows it now. */
static void
fd_describe(struct vms *vms, struct vms_call *call, int fd, int error)
{
	struct vm_object *file;
	int mode = fcntl(fd, F_GETFL);

	if (mode == -1) {
		call->fd_kind = VMS_FD_BAD;
		return;
	}
	call->fd_kind = VMS_FD_OTHER;
	file = vm_object_lookup(vms, fd);
	if (file == NULL || (error != 0 && file->number == 0))
		return;
	call->fd_kind = VMS_FD_FILE;
	call->fd_mode = mode & O_ACCMODE;
	call->object = vm_object_number(file);
}

int
observe_mmap(
    struct vms_proc *proc, struct vms_call *call, int fd, int flags, int error)
{
	struct vms *vms = proc->vms;

	if (vms->observe == NULL)
		return error;
	if (fd != -1 && !(flags & (VMS_MAP_ANON | VMS_MAP_STACK)))
		fd_describe(vms, call, fd, error);
	return observe_call(vms, proc, call, error);
}

void
observe_object(struct vm_object *file)
{
	const struct observation *observe = file->vms->observe;
	const struct vms_object_info info = {
		.number = file->number,
		.bytes = file->bytes,
		.fixed_end = file->fixed_end,
	};

	if (observe != NULL && observe->to.object != NULL && file->number != 0)
		observe->to.object(observe->arg, &info);
}

/* --- Runs ---------------------------------------------------------------- */

static struct vms_run_start
run_of(const struct vms_lwp *lwp)
{
	return (struct vms_run_start){
		.proc = lwp->proc->number, .lwp = lwp->number, .id = lwp->ve->id
	};
}

int
observe_run_start(struct vms_lwp *lwp, const struct trapframe *tf,
    const struct vextframe *vf, uint64_t *limit)
{
	struct vms *vms = lwp->proc->vms;
	const struct observation *observe = vms->observe;
	struct vms_run_start start;
	int error = 0;

	*limit = UINT64_MAX;
	if (observe == NULL)
		return 0;
	if (observe->watch.failed)
		return ENOMEM;
	start = run_of(lwp);
	start.tf = tf;
	start.vf = vf;
	start.resumed = tf == NULL;
	if (observe->to.run_start != NULL)
		error = observe->to.run_start(observe->arg, &start, limit);
	if (error == 0)
		watch_begin(vms);
	return error;
}

/* Of the FXSAVE image: control and status words, MXCSR, the registers. */
static uint64_t
registers_digest(struct vms_lwp *lwp)
{
	struct vms *vms = lwp->proc->vms;
	uint8_t *fxsave = vms->observe->fxsave;
	struct {
		struct cpu_regs regs;
		uint8_t control[8], mxcsr[8], registers[384];
	} all;

	memset(&all, 0, sizeof(all));
	vms->cpu->ops->get_regs(vms->cpu, &all.regs);
	vms->cpu->ops->state_getfp(vms->cpu, lwp->state, fxsave);
	memcpy(all.control, fxsave, 5);
	memcpy(all.mxcsr, fxsave + 24, 4);
	memcpy(all.registers, fxsave + 32, 384);
	return XXH3_64bits(&all, sizeof(all));
}

static void
digest_tell(struct vms *vms, struct vms_lwp *lwp)
{
	struct observation *observe = vms->observe;
	struct vms_digest digest = { .insns = observe->insns };

	if (lwp != NULL) {
		digest.lwp = lwp->number;
		digest.registers = registers_digest(lwp);
	}
	digest.memory = watch_digest(vms);
	if (observe->to.digest != NULL)
		observe->to.digest(observe->arg, &digest);
}

void
observe_run_end(struct vms_lwp *lwp, const struct vms_run_end *told)
{
	struct vms *vms = lwp->proc->vms;
	struct observation *observe = vms->observe;

	if (observe == NULL)
		return;
	if ((observe->to.flags & VMS_OBSERVE_DIGEST_RUN) && told->tf != NULL)
		digest_tell(vms, lwp);
	watch_tell_concurrent(vms);
	if (observe->to.run_end != NULL)
		run_end_tell(lwp, told);
	watch_tell_written(vms);
	watch_end(vms);
	if (told->how != VMS_RUN_PAUSED && observe->to.after_run != NULL)
		observe->to.after_run(observe->arg);
}

static void
run_end_tell(struct vms_lwp *lwp, const struct vms_run_end *told)
{
	struct vms *vms = lwp->proc->vms;
	struct observation *observe = vms->observe;
	const struct vms_run_start run = run_of(lwp);
	struct vms_run_end end = *told;

	end.proc = run.proc;
	end.lwp = run.lwp;
	end.id = run.id;
	if ((observe->to.flags & VMS_OBSERVE_WRITTEN) && end.tf != NULL &&
	    end.how != VMS_RUN_FAILED) {
		vms->cpu->ops->state_getfp(
		    vms->cpu, lwp->state, observe->fxsave);
		end.fxsave = observe->fxsave;
	}
	observe->to.run_end(observe->arg, &end);
}

uint64_t
observe_due(const struct vms *vms)
{
	const struct observation *observe = vms->observe;

	if (observe == NULL || observe->next_digest == UINT64_MAX)
		return UINT64_MAX;
	return observe->next_digest - observe->insns;
}

void
observe_retired(struct vms_lwp *lwp, uint64_t insns)
{
	struct vms *vms = lwp->proc->vms;
	struct observation *observe = vms->observe;

	if (observe == NULL)
		return;
	observe->insns += insns;
	if (observe->insns < observe->next_digest)
		return;
	while (observe->next_digest <= observe->insns)
		observe->next_digest += observe->to.digest_insns;
	digest_tell(vms, lwp);
}

void
observe_before_loss(struct vms *vms)
{
	if (vms->observe == NULL || observe_plays(vms) ||
	    vms->observe->to.digest_insns == 0)
		return;
	watch_ranges_tell(vms);
	digest_tell(vms, NULL);
}

int
vms_observe_digest(struct vms *vms)
{
	int error = gate_enter(vms, false);

	if (error != 0)
		return error;
	if (vms->observe != NULL && !observe_plays(vms)) {
		watch_ranges_tell(vms);
		digest_tell(vms, NULL);
	}
	gate_leave(vms);
	return 0;
}

/* --- Stores -------------------------------------------------------------- */

void
observe_store(struct vms_lwp *lwp, vms_va_t va, const struct cpu_regs *regs,
    uint64_t insns)
{
	struct vms *vms = lwp->proc->vms;
	const struct observation *observe = vms->observe;
	struct vms_run_start run;
	struct vms_store store;

	if (observe == NULL || observe->to.store == NULL)
		return;
	run = run_of(lwp);
	store = (struct vms_store){ .proc = run.proc,
		.lwp = run.lwp,
		.id = run.id,
		.va = va,
		.insns = insns };
	frame_store(regs, &store.before);
	observe->to.store(observe->arg, &store);
}

int
vms_watch_stores(struct vms_proc *proc, void *id, vms_va_t start, vms_va_t end)
{
	struct vmspace_entry *ve;
	struct vms *vms = proc->vms;
	int error;

	if ((error = gate_enter(vms, false)) != 0)
		return error;
	if ((error = entry_find(proc, id, &ve)) == 0)
		pmap_watch_stores(&ve->space->pmap, start, end);
	gate_leave(vms);
	return error;
}

/* --- Guests that are played ---------------------------------------------- */

const struct vms_observer *
vms_observer(const struct vms *vms, void **arg)
{
	if (vms->observe == NULL)
		return NULL;
	*arg = vms->observe->arg;
	return &vms->observe->to;
}

int
vms_open_played(const struct vms_config *config,
    const struct vms_observer *observer, void *arg, struct vms **out)
{
	struct vms_config known = { .size = sizeof(known) };
	struct arena *arena;
	struct vms *vms;
	struct cpu *cpu;
	int error;

	if (observer->play == NULL)
		return EINVAL;
	if (config != NULL)
		known = *config;
	if ((error = arena_create(known.arena_bytes, &arena)) != 0)
		return error;
	if ((error = cpu_script_create(NULL, 0, &cpu)) != 0) {
		arena_destroy(arena);
		return error;
	}
	if ((error = vms_open_on(&known, arena, cpu, &vms)) != 0)
		return error;
	if ((error = vms_observe(vms, observer, arg)) != 0)
		vms_close(vms);
	else
		*out = vms;
	return error;
}

bool
observe_plays(const struct vms *vms)
{
	return vms->observe != NULL && vms->observe->to.play != NULL;
}

int
observe_play(
    struct vms_lwp *lwp, struct trapframe *tf, const struct vextframe *vf)
{
	struct observation *observe = lwp->proc->vms->observe;
	struct vms_run_start start = run_of(lwp);
	int error;

	start.tf = tf;
	start.vf = vf;
	vm_map_check_sizes(lwp->ve->space);
	lwp->proc->vms->stats.runs++;
	observe->playing = lwp;
	error = observe->to.play(observe->arg, &start, tf);
	observe->playing = NULL;
	if (error == 0)
		lwp->proc->vms->stats.traps[tf->tf_trapno & 0xff]++;
	return error;
}

void
observe_play_before(struct vms *vms, const struct vms_call *call)
{
	if (observe_plays(vms) && vms->observe->to.play_before != NULL)
		vms->observe->to.play_before(vms->observe->arg, call);
}

void
observe_play_read(struct vms *vms, const struct vms_call *call, void *bytes)
{
	if (observe_plays(vms) && vms->observe->to.play_read != NULL)
		vms->observe->to.play_read(vms->observe->arg, call, bytes);
}

/* len bytes within one page of a file object. */
static int
play_reach(struct vms *vms, uint32_t object, uint64_t off, size_t len,
    bool store, uint8_t **host)
{
	struct vm_object *file;
	uint64_t pa;
	bool writable;
	int error;

	if (!observe_plays(vms) || (store && vms->observe->playing == NULL) ||
	    len > PAGE_BYTES - (off & PAGE_MASK))
		return EINVAL;
	file = object == 0 ? NULL : vm_object_numbered(vms, object);
	if (file == NULL)
		return ENOENT;
	error = vm_object_page(file, off >> PAGE_SHIFT, store, &pa, &writable);
	if (error != 0)
		return error;
	if (store && !writable)
		return EACCES;
	*host = arena_host(vms->arena, pa) + (off & PAGE_MASK);
	return 0;
}

int
vms_play_store(struct vms *vms, uint32_t object, uint64_t off,
    const void *bytes, size_t len)
{
	uint8_t *host;
	int error = play_reach(vms, object, off, len, true, &host);

	if (error == 0 && len > 0)
		memcpy(host, bytes, len);
	return error;
}

int
vms_play_load(
    struct vms *vms, uint32_t object, uint64_t off, void *bytes, size_t len)
{
	uint8_t *host;
	int error = play_reach(vms, object, off, len, false, &host);

	if (error == 0)
		memcpy(bytes, host, len);
	return error;
}

int
vms_play_setfp(struct vms *vms, uint32_t lwp, const void *fxsave)
{
	struct vms_lwp *playing =
	    vms->observe == NULL ? NULL : vms->observe->playing;

	if (playing == NULL || playing->number != lwp)
		return EINVAL;
	vms->cpu->ops->state_setfp(vms->cpu, playing->state, fxsave);
	return 0;
}

int
vms_play_retired(struct vms *vms, uint32_t lwp, uint64_t insns)
{
	struct vms_lwp *playing =
	    vms->observe == NULL ? NULL : vms->observe->playing;

	if (playing == NULL || playing->number != lwp)
		return EINVAL;
	if (vms->counting) {
		playing->retired += insns;
		vms->stats.insns += insns;
	}
	return 0;
}
