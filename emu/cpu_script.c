/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU without a guest: run() says what the next step of a list says.
 *
 * A stop makes the next run() end as STOPPED without using a step.  FP images
 * are kept as they are set; page tables and code are nothing to it.
 */
#include "emu/cpu.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

#define FXSAVE_SIZE 512

struct cpu_state {
	uint8_t fxsave[FXSAVE_SIZE];
};

struct cpu_script {
	struct cpu cpu;
	const struct cpu_script_step *steps;
	size_t count, position;
	struct cpu_state *entered;
	struct cpu_regs regs;
	atomic_bool stop;
};

static const struct cpu_ops operations;

static struct cpu_script *
script(struct cpu *cpu)
{
	return (struct cpu_script *)(void *)cpu;
}

int
cpu_script_create(
    const struct cpu_script_step *steps, size_t count, struct cpu **out)
{
	struct cpu_script *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ENOMEM;
	s->cpu.ops = &operations;
	s->steps = steps;
	s->count = count;
	*out = &s->cpu;
	return 0;
}

size_t
cpu_script_position(const struct cpu *cpu)
{
	return ((const struct cpu_script *)(const void *)cpu)->position;
}

static void
destroy(struct cpu *cpu)
{
	free(cpu);
}

static int
state_create(struct cpu *cpu, struct cpu_state **out)
{
	struct cpu_state *state = calloc(1, sizeof(*state));

	(void)cpu;
	if (state == NULL)
		return ENOMEM;
	state->fxsave[0] = 0x7f; /* FPCW 0x37f */
	state->fxsave[1] = 0x03;
	state->fxsave[24] = 0x80; /* MXCSR 0x1f80 */
	state->fxsave[25] = 0x1f;
	*out = state;
	return 0;
}

static void
state_destroy(struct cpu *cpu, struct cpu_state *state)
{
	if (script(cpu)->entered == state)
		script(cpu)->entered = NULL;
	free(state);
}

static void
state_getfp(struct cpu *cpu, struct cpu_state *state, uint8_t *fxsave)
{
	(void)cpu;
	memcpy(fxsave, state->fxsave, FXSAVE_SIZE);
}

static void
state_setfp(struct cpu *cpu, struct cpu_state *state, const uint8_t *fxsave)
{
	(void)cpu;
	memcpy(state->fxsave, fxsave, FXSAVE_SIZE);
}

static int
state_save(struct cpu *cpu, struct cpu_state *state, struct cpu_saved *saved)
{
	saved->clock = 0;
	state_getfp(cpu, state, saved->fxsave);
	return 0;
}

static void
state_load(
    struct cpu *cpu, struct cpu_state *state, const struct cpu_saved *saved)
{
	state_setfp(cpu, state, saved->fxsave);
}

static void
enter(struct cpu *cpu, struct cpu_state *state, const struct cpu_regs *regs,
    bool fp_off)
{
	(void)fp_off;
	script(cpu)->entered = state;
	script(cpu)->regs = *regs;
}

static void
get_regs(struct cpu *cpu, struct cpu_regs *regs)
{
	*regs = script(cpu)->regs;
}

static void
run(struct cpu *cpu, const struct cpu_limits *limits, struct cpu_exit *exit)
{
	struct cpu_script *s = script(cpu);
	const struct cpu_script_step *step;

	(void)limits;
	VMS_ASSERT("script-entered", s->entered != NULL);
	*exit = (struct cpu_exit){ .kind = CPU_EXIT_STOPPED };
	if (atomic_exchange(&s->stop, false))
		return;
	exit->kind = CPU_EXIT_ENGINE;
	exit->why = "the script has no further step";
	if (s->position == s->count)
		return;
	step = &s->steps[s->position++];
	if (step->action != NULL)
		step->action(step->arg, &s->regs);
	*exit = step->exit;
}

/* What a step says is exact. */
static void
settle(struct cpu *cpu, const struct cpu_limits *limits, struct cpu_exit *exit)
{
	(void)cpu;
	(void)limits;
	(void)exit;
}

static void
stop(struct cpu *cpu)
{
	atomic_store(&script(cpu)->stop, true);
}

static void
address_ignore(struct cpu *cpu, uint64_t address)
{
	(void)cpu;
	(void)address;
}

static void
code_enter(struct cpu *cpu, uint64_t va, uint64_t pa)
{
	(void)cpu;
	(void)va;
	(void)pa;
}

static int
set_counting(struct cpu *cpu, bool on)
{
	(void)cpu;
	(void)on;
	return 0;
}

static void
set_clock(struct cpu *cpu, bool counts)
{
	(void)cpu;
	(void)counts;
}

static void
tick(struct cpu *cpu)
{
	(void)cpu;
}

static const struct cpu_ops operations = {
	.destroy = destroy,
	.state_create = state_create,
	.state_destroy = state_destroy,
	.state_getfp = state_getfp,
	.state_setfp = state_setfp,
	.state_save = state_save,
	.state_load = state_load,
	.enter = enter,
	.get_regs = get_regs,
	.run = run,
	.settle = settle,
	.stop = stop,
	.root_init = address_ignore,
	.set_root = address_ignore,
	.flush_page = address_ignore,
	.code_enter = code_enter,
	.code_drop = address_ignore,
	.code_step = address_ignore,
	.set_counting = set_counting,
	.set_clock = set_clock,
	.tick = tick,
};
