/* SPDX-License-Identifier: BSD-2-Clause */
/* A struct vms over a scripted CPU, with one process and one thread. */
#ifndef VMS_TESTS_UNIT_CALLS_FIXTURE_H
#define VMS_TESTS_UNIT_CALLS_FIXTURE_H

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vmspace/vmspace.h>

#include "emu/arena.h"
#include "emu/cpu.h"
#include "vmspace/lwp.h"
#include "vmspace/vms.h"

#define ID   ((void *)0x1000)
#define ID2  ((void *)0x1001)
#define PAGE ((size_t)VMS_PAGE_SIZE)
#define RW   (VMS_PROT_READ | VMS_PROT_WRITE)

static struct vms *vms;
static struct cpu *cpu;
static struct vms_proc *proc;
static struct vms_lwp *lwp;
static struct trapframe tf;
static struct vextframe vf;

/* The steps stay the caller's until fixture_close(). */
static inline void
fixture_open(const struct cpu_script_step *steps, size_t count)
{
	struct vms_config config = { .size = sizeof(config) };
	struct arena *arena;

	ck_assert_int_eq(arena_create(ARENA_MIN_BYTES, &arena), 0);
	ck_assert_int_eq(cpu_script_create(steps, count, &cpu), 0);
	ck_assert_int_eq(vms_open_on(&config, arena, cpu, &vms), 0);
	ck_assert_int_eq(vms_proc_open(vms, &proc), 0);
	ck_assert_int_eq(vms_lwp_open(proc, &lwp), 0);
	memset(&tf, 0, sizeof(tf));
	memset(&vf, 0, sizeof(vf));
}

static inline uint64_t
existing_vmspaces(void)
{
	struct vms_stats stats = { .size = sizeof(stats) };

	ck_assert_int_eq(vms_stats(vms, &stats), 0);
	return stats.vmspaces;
}

/* proc may have been ended by the test. */
static inline void
fixture_close(void)
{
	if (proc != NULL)
		ck_assert_int_eq(vms_proc_exit(proc), 0);
	ck_assert_uint_eq(existing_vmspaces(), 0);
	ck_assert_uint_eq(vms->procs, 0);
	ck_assert_uint_eq(vms->lwps, 0);
	ck_assert_int_eq(vms_close(vms), 0);
}

static inline int
run(void *id)
{
	return vms_ctl(lwp, id, VMS_CTL_RUN, &tf, &vf);
}

static inline int
suite_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
