/* SPDX-License-Identifier: BSD-2-Clause */
/* A small memory image with one address space and no vmspace behind it. */
#ifndef VMS_TESTS_UNIT_VK_FIXTURE_H
#define VMS_TESTS_UNIT_VK_FIXTURE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"
#include "vkernel/usercopy.h"

#define RW (LX_PROT_READ | LX_PROT_WRITE)

static struct vk_memory memory;
static struct vk_mm *mm;

static void
vk_setup(void)
{
	memset(&memory, 0, sizeof(memory));
	ck_assert_int_eq(
	    image_create(NULL, UINT64_C(4) << 20, &memory.image), 0);
	cache_init(&memory.image, &memory.cache);
	ck_assert_int_eq(mm_create(&memory, &mm), 0);
}

/* Every frame comes back. */
static void
vk_teardown(void)
{
	mm_drop(mm);
	cache_finish(&memory.cache);
	ck_assert_uint_eq(
	    image_free_count(&memory.image), memory.image.count - 1);
	image_finish(&memory.image);
}

static inline uint64_t
map_anonymous(uint64_t addr, uint64_t len, int prot)
{
	struct vk_mapping mapping = { .addr = addr,
		.len = len,
		.prot = prot,
		.flags = AREA_NORESERVE,
		.fixed = addr != 0 };
	uint64_t va;

	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	return va;
}

static inline int
vk_run_suite(Suite *suite)
{
	SRunner *runner;
	int failed;

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
