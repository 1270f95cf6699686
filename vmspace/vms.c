/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening and closing a host of virtual kernels, and what it reports. */
#include "vmspace/vms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/os.h"
#include "emu/arena.h"
#include "emu/cpu.h"
#include "vmspace/calls.h"
#include "vmspace/environment_play.h"
#include "vmspace/environment_record.h"
#include "vmspace/observe.h"
#include "vmspace/sigbus.h"

#define KNOWN_FLAGS                                                            \
	(VMS_CONFIG_COUNT | VMS_CONFIG_CHAOS | VMS_CONFIG_EXACT_CODE |         \
	    VMS_CONFIG_NO_VKERNEL)
#define MAX_MAP_ENTRIES UINT64_C(1000000)

#define TEXT2(x) #x
#define TEXT(x)  TEXT2(x)

const char *
vms_version(void)
{
	return TEXT(VMS_VERSION_MAJOR) "." TEXT(VMS_VERSION_MINOR) "." TEXT(
	    VMS_VERSION_PATCH);
}

/* The size tells which version of the struct the caller was built with; there
 * is one so far. */
static int
config_read(const struct vms_config *from, struct vms_config *config)
{
	*config = (struct vms_config){ .size = sizeof(*config) };
	if (from == NULL)
		return 0;
	if (from->size != sizeof(*config))
		return EINVAL;
	*config = *from;
	if ((config->flags & ~(uint32_t)KNOWN_FLAGS) != 0 ||
	    config->era > VMS_ERA_2013)
		return EINVAL;
	return 0;
}

int
vms_open(const struct vms_config *config, struct vms **out)
{
	struct vms_config known;
	struct arena *arena;
	struct vms *vms;
	struct cpu *cpu;
	int error;

	if (out == NULL)
		return EINVAL;
	if ((error = config_read(config, &known)) != 0 ||
	    (error = environment_play_open(&known, out)) != ENOENT)
		return error;
	if ((error = arena_create(known.arena_bytes, &arena)) != 0)
		return error;
	error = cpu_unicorn_create(arena, known.code_bytes, &cpu);
	if (error != 0) {
		arena_destroy(arena);
		return error;
	}
	if ((error = vms_open_on(&known, arena, cpu, &vms)) != 0)
		return error;
	if ((error = environment_record_start(vms)) != 0)
		vms_close(vms);
	else
		*out = vms;
	return error;
}

static int
vms_init(struct vms *vms)
{
	int error;

	if (vms->config.max_map_entries == 0)
		vms->config.max_map_entries = MAX_MAP_ENTRIES;
	atomic_init(&vms->vkernel_enable,
	    (vms->config.flags & VMS_CONFIG_NO_VKERNEL) ? 0 : 1);
	vms->host_pid_generation = os_fork_generation();
	if ((error = arena_page_alloc(vms->arena, &vms->empty_root)) != 0)
		return error;
	vms->cpu->ops->root_init(vms->cpu, vms->empty_root);
	if ((error = pv_init(vms)) != 0)
		return error;
	if ((error = runlock_init(&vms->lock, vms->cpu)) != 0)
		goto no_lock;
	if ((error = vms_counting_set(
		 vms, (vms->config.flags & VMS_CONFIG_COUNT) != 0)) != 0)
		goto no_counting;
	if ((error = sigbus_register(vms)) != 0)
		goto no_counting;
	return 0;

no_counting:
	runlock_finish(&vms->lock);
no_lock:
	pv_finish(vms);
	return error;
}

int
vms_open_on(const struct vms_config *config, struct arena *arena,
    struct cpu *cpu, struct vms **out)
{
	struct vms *vms = calloc(1, sizeof(*vms));
	int error = ENOMEM;

	if (vms != NULL) {
		vms->arena = arena;
		vms->cpu = cpu;
		error = config_read(config, &vms->config);
	}
	if (error == 0 && (error = vms_init(vms)) == 0) {
		*out = vms;
		return 0;
	}
	cpu->ops->destroy(cpu);
	arena_destroy(arena);
	free(vms);
	return error;
}

int
vms_close(struct vms *vms)
{
	if (vms == NULL)
		return 0;
	if (vms->host_pid_generation != os_fork_generation())
		return ENXIO;
	if (vms->procs != 0 || vms->lwps != 0)
		return EBUSY;
	environment_play_close(vms);
	environment_record_close(vms);
	if (vms->observe != NULL)
		return EBUSY;
	sigbus_unregister(vms);
	vms->cpu->ops->destroy(vms->cpu);
	pv_finish(vms);
	runlock_finish(&vms->lock);
	arena_destroy(vms->arena);
	free(vms);
	return 0;
}

void
vms_set_vkernel_enable(struct vms *vms, int enable)
{
	atomic_store(&vms->vkernel_enable, enable);
}

int
vms_vkernel_enable(const struct vms *vms)
{
	return atomic_load(&vms->vkernel_enable);
}

int
vms_counting_set(struct vms *vms, bool on)
{
	bool before = vms->counting;
	int error;

	vms->counting = on;
	if ((error = vms_counting_apply(vms)) != 0)
		vms->counting = before;
	return error;
}

int
vms_set_counting(struct vms *vms, bool on)
{
	struct vms_call call = { .op = VMS_OP_SET_COUNTING, .args = { on } };
	int error = gate_enter(vms, false);

	if (error != 0)
		return error;
	error = observe_call(vms, NULL, &call, vms_counting_set(vms, on));
	gate_leave(vms);
	return error;
}

int
vms_counting_apply(struct vms *vms)
{
	bool want = vms->counting || vms->observe != NULL;
	int error;

	if (want != vms->cpu_counting) {
		error = vms->cpu->ops->set_counting(vms->cpu, want);
		if (error != 0)
			return error;
		vms->cpu_counting = want;
		pmap_deactivate(vms);
	}
	vms->cpu->ops->set_clock(vms->cpu, vms->counting);
	return 0;
}

int
vms_stats(struct vms *vms, struct vms_stats *stats)
{
	struct vms_stats now;
	size_t size = stats->size;
	int error;

	if (size < sizeof(size) || size > sizeof(now))
		return EINVAL;
	if ((error = gate_enter(vms, false)) != 0)
		return error;
	now = vms->stats;
	now.size = size;
	now.arena_bytes = arena_size(vms->arena);
	now.arena_used = arena_used(vms->arena);
	now.objects = vms->objects.count;
	gate_leave(vms);
	memcpy(stats, &now, size);
	return 0;
}

static uint64_t
address_space_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) != 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_cur;
}

int
vms_doctor(struct vms_doctor *report)
{
	struct vms_doctor now = { .size = sizeof(now) };
	struct cpu_probe probe;
	struct arena *arena;
	size_t size = report->size;

	if (size < sizeof(size) || size > sizeof(now))
		return EINVAL;
	cpu_unicorn_probe(&probe);
	memcpy(now.unicorn_version, probe.version, sizeof(probe.version));
	memcpy(now.unicorn_problem, probe.problem, sizeof(probe.problem));
	now.unicorn_usable = probe.problem[0] == '\0';
	now.error_code_offset = probe.error_code_offset;
	now.old_exception_offset = probe.old_exception_offset;
	now.precise_stops = probe.precise_stops;
	now.host_page_bytes = os_page_bytes();
	now.map_count_limit = os_map_count_limit();
	now.address_space_limit = address_space_limit();
	if (arena_create(0, &arena) == 0) {
		now.arena_bytes = arena_size(arena);
		arena_destroy(arena);
	}
	now.size = size;
	memcpy(report, &now, size);
	return 0;
}
