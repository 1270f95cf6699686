/* SPDX-License-Identifier: BSD-2-Clause */
/* Creation and the table of operations; cpu_unicorn.h says what is where. */
#include "emu/cpu_unicorn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/arena.h"
#include "emu/pte.h"

#define OLDEST_VERSION 0x02010400u /* 2.1.4 */

static int create(struct arena *arena, uint64_t code_bytes,
    struct cpu_unicorn **out, char *problem, size_t bytes);
static bool version_ok(char *problem, size_t bytes);

static void
destroy(struct cpu *cpu)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	if (cu == NULL)
		return;
	unicorn_stop_finish(cu);
	unicorn_engine_close(cu);
	u64map_finish(&cu->seams);
	free(cu->guards);
	free(cu->records);
	free(cu->seen);
	free(cu);
}

static void
root_init(struct cpu *cpu, uint64_t root_pa)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);
	uint64_t *root = (uint64_t *)(void *)arena_host(cu->arena, root_pa);

	root[pte_index(SUPER_VA, 3)] = cu->super_pml4;
	root[pte_index(WINDOW_VA, 3)] = cu->window_pml4;
}

static void
set_root(struct cpu *cpu, uint64_t root_pa)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	cu->root_pa = root_pa;
	cu->root_due = true;
}

static const struct cpu_ops operations = {
	.destroy = destroy,
	.state_create = unicorn_state_create,
	.state_destroy = unicorn_state_destroy,
	.state_getfp = unicorn_state_getfp,
	.state_setfp = unicorn_state_setfp,
	.state_save = unicorn_state_save,
	.state_load = unicorn_state_load,
	.enter = unicorn_enter,
	.get_regs = unicorn_get_regs,
	.run = unicorn_run,
	.settle = unicorn_settle,
	.stop = unicorn_stop,
	.root_init = root_init,
	.set_root = set_root,
	.flush_page = unicorn_flush_page,
	.code_enter = unicorn_code_enter,
	.code_drop = unicorn_code_drop,
	.code_step = unicorn_code_step,
	.set_counting = unicorn_set_counting,
	.set_clock = unicorn_set_clock,
	.tick = unicorn_tick,
};

int
cpu_unicorn_create(struct arena *arena, uint64_t code_bytes, struct cpu **out)
{
	char problem[160];
	struct cpu_unicorn *cu;
	int error;

	error = create(arena, code_bytes, &cu, problem, sizeof(problem));
	if (error == 0)
		*out = &cu->cpu;
	return error;
}

void
cpu_unicorn_probe(struct cpu_probe *probe)
{
	struct arena *arena;
	struct cpu_unicorn *cu;
	int error;

	memset(probe, 0, sizeof(*probe));
	probe->error_code_offset = probe->old_exception_offset = -1;
	cpu_unicorn_version(probe->version);
	if (arena_create(ARENA_MIN_BYTES, &arena) != 0) {
		snprintf(probe->problem, sizeof(probe->problem),
		    "no memory for a small arena");
		return;
	}
	error = create(arena, UINT64_C(8) << 20, &cu, probe->problem,
	    sizeof(probe->problem));
	if (error == 0) {
		probe->error_code_offset = (int)cu->at.error_code;
		probe->old_exception_offset = (int)cu->at.old_exception;
		probe->precise_stops = cu->precise;
		destroy(&cu->cpu);
	}
	arena_destroy(arena);
}

/* problem says why it is ENOTSUP or another error. */
static int
create(struct arena *arena, uint64_t code_bytes, struct cpu_unicorn **out,
    char *problem, size_t bytes)
{
	struct cpu_unicorn *cu;
	int error;

	if (!version_ok(problem, bytes))
		return ENOTSUP;
	snprintf(problem, bytes, "no memory");
	if ((cu = calloc(1, sizeof(*cu))) == NULL)
		return ENOMEM;
	cu->cpu.ops = &operations;
	cu->pipe[0] = cu->pipe[1] = -1;
	cu->mixed_va = MIXED_NONE;
	if ((error = unicorn_engine_open(arena, code_bytes, cu)) == 0 &&
	    (error = unicorn_calibrate(cu, problem, bytes)) == 0)
		error = unicorn_stop_init(cu);
	if (error != 0) {
		destroy(&cu->cpu);
		return error;
	}
	problem[0] = '\0';
	*out = cu;
	return 0;
}

void
cpu_unicorn_version(char version[16])
{
	unsigned v = uc_version(NULL, NULL);

	snprintf(
	    version, 16, "%u.%u.%u", v >> 24, v >> 16 & 0xff, v >> 8 & 0xff);
}

/* VMS_ALLOW_UNICORN names one other version, for tests of other versions. */
static bool
version_ok(char *problem, size_t bytes)
{
	const char *allowed = getenv("VMS_ALLOW_UNICORN");
	char version[16];

	cpu_unicorn_version(version);
	if (uc_version(NULL, NULL) >= OLDEST_VERSION ||
	    (allowed != NULL && strcmp(allowed, version) == 0))
		return true;
	snprintf(problem, bytes,
	    "Unicorn %s is too old: 2.1.4 or newer is needed", version);
	return false;
}
