/* SPDX-License-Identifier: BSD-2-Clause */
/* What a vmspace costs: its life in time, its rest in memory. */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include "bench/client.h"

#define CYCLES      400
#define IMAGE_BYTES ((size_t)1 << 20)

struct crowd {
	struct client client;
	uint64_t top;
	unsigned alive;
	uint64_t random;
	bool run; /* every vmspace of the crowd runs once */
};

/*
 * Identifiers are addresses of structures of the virtual kernel; here they lie
 * 64 bytes apart.  The crowd has the even ones, so that the odd ones are free
 * and lie anywhere among them.
 */
static void *
crowd_id(unsigned number)
{
	return (
	    void *)(uintptr_t)(UINT64_C(0x100000000) + (uint64_t)number * 64);
}

static bool
space_run_once(struct crowd *crowd, void *id, struct figure *out)
{
	struct trapframe tf;

	memset(&tf, 0, sizeof(tf));
	client_touch(&tf, CLIENT_DATA_VA, 1);
	return client_run(&crowd->client, id, &tf, T_FAST_SYSCALL, out);
}

static bool
space_add(struct crowd *crowd, void *id, struct figure *out)
{
	int error = client_space(&crowd->client, id, crowd->top);

	if (error != 0) {
		figure_fail(
		    out, "a vmspace cannot be made: %s", strerror(error));
		return false;
	}
	return !crowd->run || space_run_once(crowd, id, out);
}

static bool
crowd_grow(struct crowd *crowd, unsigned alive, struct figure *out)
{
	for (; crowd->alive < alive; crowd->alive++) {
		if (!space_add(crowd, crowd_id(2 * crowd->alive), out))
			return false;
	}
	return true;
}

static struct crowd *
crowd_new(bool run, struct figure *out)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	if (crowd == NULL)
		abort();
	crowd->random = 1;
	crowd->run = run;
	if (client_open(&crowd->client, IMAGE_BYTES, out))
		crowd->top = client_tables(&crowd->client, 1);
	return crowd;
}

static void *
create_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct crowd *crowd = crowd_new(false, out);

	(void)env;
	if (out->why[0] == '\0')
		crowd_grow(crowd, self->number, out);
	crowd->run = self->text != NULL;
	return crowd;
}

static unsigned
crowd_pick(struct crowd *crowd)
{
	crowd->random = crowd->random * UINT64_C(6364136223846793005) + 1;
	return (unsigned)((crowd->random >> 33) % (crowd->alive + 1));
}

static bool
create_cycle(void *state, struct figure *out)
{
	struct crowd *crowd = state;
	void *id = crowd_id(2 * crowd_pick(crowd) + 1);

	if (!space_add(crowd, id, out))
		return false;
	if (vms_destroy(crowd->client.proc, id) == 0)
		return true;
	figure_fail(out, "vms_destroy failed");
	return false;
}

static void
create_sample(void *state, struct figure *out)
{
	const struct crowd *crowd = state;

	figure_time(out, create_cycle, state, crowd->run ? CYCLES / 8 : CYCLES);
}

/* VmRSS and VmPTE in bytes: what the process and its own page tables have. */
static double
memory_in_use(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long kib, sum = 0;
	char line[128];

	if (file == NULL)
		return -1;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "VmRSS: %lu", &kib) == 1 ||
		    sscanf(line, "VmPTE: %lu", &kib) == 1)
			sum += kib;
	}
	fclose(file);
	return (double)sum * 1024;
}

static double
memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	unsigned long kib = 0;
	char line[128];

	if (file == NULL)
		return -1;
	while (fgets(line, sizeof(line), file) != NULL &&
	       sscanf(line, "MemAvailable: %lu", &kib) != 1)
		;
	fclose(file);
	return (double)kib * 1024;
}

static void *
memory_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	(void)env;
	if (memory_in_use() < 0)
		figure_absent(out, "this host does not tell its memory use");
	else if (memory_available() < self->number * 65536.0)
		figure_absent(out, "this machine has too little memory");
	return (void *)(uintptr_t)self;
}

/* In a fresh process: memory that was freed before would be used again. */
static void
memory_grow(void *arg, struct figure *out)
{
	const struct contender *self = arg;
	struct crowd *crowd = crowd_new(self->text != NULL, out);
	double before;

	/* Whatever is made only once is made by the first vmspace. */
	if (out->why[0] != '\0' || !crowd_grow(crowd, 1, out))
		return;
	before = memory_in_use();
	if (crowd_grow(crowd, self->number + 1, out))
		out->value = (memory_in_use() - before) / self->number;
}

static void
memory_sample(void *state, struct figure *out)
{
	figure_isolated(memory_grow, state, out);
}

#define CREATE(n, run)                                                         \
	{                                                                      \
		"vms_create", create_open, create_sample, n, run               \
	}
#define MEMORY(n, run)                                                         \
	{                                                                      \
		"vms_create", memory_open, memory_sample, n, run               \
	}

static const struct contender create[] = {
	CREATE(10, NULL),
	CREATE(1000, NULL),
	CREATE(100000, NULL),
	CREATE(10, "run"),
	CREATE(1000, "run"),
	CREATE(100000, "run"),
};
static const struct contender memory[] = {
	MEMORY(10, NULL),
	MEMORY(1000, NULL),
	MEMORY(100000, NULL),
	MEMORY(10, "run"),
	MEMORY(1000, "run"),
	MEMORY(100000, "run"),
};

#define CREATE_ROW(text, i, goal)                                              \
	{                                                                      \
		text, "us", 1e3, i, ROW_ALONE, 0, goal                         \
	}
#define MEMORY_ROW(text, i)                                                    \
	{                                                                      \
		text, "KiB", 1024, i, ROW_ALONE, 0, 32                         \
	}

static const struct row create_rows[] = {
	CREATE_ROW("create + map + destroy, 10 others", 0, 10),
	CREATE_ROW("create + map + destroy, 1,000 others", 1, 10),
	CREATE_ROW("create + map + destroy, 100,000 others", 2, 10),
	CREATE_ROW("create + map + run + destroy, 10 others", 3, 0),
	CREATE_ROW("create + map + run + destroy, 1,000 others", 4, 0),
	CREATE_ROW("create + map + run + destroy, 100,000 others", 5, 0),
};
static const struct row memory_rows[] = {
	MEMORY_ROW("idle vmspace that never ran, of 10", 0),
	MEMORY_ROW("idle vmspace that never ran, of 1,000", 1),
	MEMORY_ROW("idle vmspace that never ran, of 100,000", 2),
	MEMORY_ROW("idle vmspace that ran once, of 10", 3),
	MEMORY_ROW("idle vmspace that ran once, of 1,000", 4),
	MEMORY_ROW("idle vmspace that ran once, of 100,000", 5),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct group group_create = { "create", create, COUNT(create),
	create_rows, COUNT(create_rows), 21 };
const struct group group_memory = { "memory", memory, COUNT(memory),
	memory_rows, COUNT(memory_rows), 5 };
