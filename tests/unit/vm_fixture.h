/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One space over a real arena and a CPU that does nothing, a memory file of 64
 * pages, and a check at the end that nothing is left.
 */
#ifndef VMS_TESTS_UNIT_VM_FIXTURE_H
#define VMS_TESTS_UNIT_VM_FIXTURE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/os.h"
#include "base/page.h"
#include "emu/arena.h"
#include "emu/cpu.h"
#include "vmspace/pv.h"
#include "vmspace/space.h"
#include "vmspace/vm_fault.h"
#include "vmspace/vm_object.h"
#include "vmspace/vms.h"

#define FILE_PAGES 64
#define PAGE       ((size_t)PAGE_BYTES)
#define RW         (VMS_PROT_READ | VMS_PROT_WRITE)
#define ANON       VMS_MAP_ANON
#define FIXED      VMS_MAP_FIXED
#define SHARED     VMS_MAP_SHARED
#define PRIVATE    VMS_MAP_PRIVATE
#define TABLES     VMS_MAP_VPAGETABLE
/* A leaf or directory entry of the seed that permits everything. */
#define VRW (VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W)

static struct vms vms;
static struct space *space;
static int file_fd;
static uint8_t *file_bytes; /* the vkernel's linear view */
static uint64_t used_at_start;

static void
cpu_ignores_root(struct cpu *cpu, uint64_t root_pa)
{
	(void)cpu;
	(void)root_pa;
}

static void
cpu_ignores_page(struct cpu *cpu, uint64_t va)
{
	(void)cpu;
	(void)va;
}

static void
cpu_ignores_code(struct cpu *cpu, uint64_t va, uint64_t pa)
{
	(void)cpu;
	(void)va;
	(void)pa;
}

static const struct cpu_ops idle_ops = {
	.root_init = cpu_ignores_root,
	.set_root = cpu_ignores_root,
	.flush_page = cpu_ignores_page,
	.code_enter = cpu_ignores_code,
	.code_drop = cpu_ignores_root,
};
static struct cpu idle_cpu = { &idle_ops };

static inline void
vm_setup(void)
{
	memset(&vms, 0, sizeof(vms));
	vms.cpu = &idle_cpu;
	vms.config.max_map_entries = 1000;
	atomic_init(&vms.vkernel_enable, 1);
	ck_assert_int_eq(arena_create(ARENA_MIN_BYTES, &vms.arena), 0);
	ck_assert_int_eq(arena_page_alloc(vms.arena, &vms.empty_root), 0);
	ck_assert_int_eq(pv_init(&vms), 0);
	used_at_start = arena_used(vms.arena);
	ck_assert_int_eq(space_create(&vms, &space), 0);
	ck_assert_int_eq(os_memfile("vm-fixture", &file_fd), 0);
	ck_assert_int_eq(ftruncate(file_fd, FILE_PAGES * (off_t)PAGE), 0);
	file_bytes = mmap(NULL, FILE_PAGES * PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED, file_fd, 0);
	ck_assert_ptr_ne(file_bytes, MAP_FAILED);
}

static inline void
vm_teardown(void)
{
	munmap(file_bytes, FILE_PAGES * PAGE);
	close(file_fd);
	space_destroy(space);
	ck_assert_uint_eq(vms.objects.count, 0);
	ck_assert_ptr_null(vms.objects.files);
	ck_assert_uint_eq(arena_used(vms.arena), used_at_start);
	pv_finish(&vms);
	arena_destroy(vms.arena);
}

/* vm_mmap that must succeed. */
static inline vms_va_t
map_at(vms_va_t addr, uint64_t len, int prot, int flags, int fd, int64_t off)
{
	vms_va_t out = UINT64_MAX;

	ck_assert_int_eq(
	    vm_mmap(space, addr, len, prot, flags, fd, off, &out), 0);
	return out;
}

/* Anonymous or file mapping at addr, in pages. */
static inline void
map_anon(uint64_t page, uint64_t pages, int flags)
{
	map_at(page * PAGE_BYTES, pages * PAGE_BYTES, RW, ANON | FIXED | flags,
	    -1, 0);
}

static inline void
map_file(uint64_t page, uint64_t pages, int flags, int64_t file_page)
{
	map_at(page * PAGE_BYTES, pages * PAGE_BYTES, RW, FIXED | flags,
	    file_fd, file_page * (int64_t)PAGE_BYTES);
}

static inline int
advise(uint64_t page, uint64_t pages, int behav, vms_vpte_t value)
{
	return vm_mcontrol(
	    space, page * PAGE_BYTES, pages * PAGE_BYTES, behav, value);
}

static inline uint64_t *
file_words(uint64_t page)
{
	return (uint64_t *)(void *)(file_bytes + page * PAGE_BYTES);
}

/* Is there a translation, and may it store? */
static inline bool
present(vms_va_t va)
{
	return pmap_lookup(&space->pmap, va, NULL, NULL);
}

static inline bool
present_writable(vms_va_t va)
{
	bool writable;

	return pmap_lookup(&space->pmap, va, NULL, &writable) && writable;
}

/* Host address of va, which must have a translation. */
static inline uint8_t *
guest(vms_va_t va)
{
	uint64_t pa;

	ck_assert(pmap_lookup(&space->pmap, va, &pa, NULL));
	return arena_host(vms.arena, pa) + (va & PAGE_MASK);
}

/* As an access of the guest. */
static inline int
access_va(vms_va_t va, enum cpu_access access)
{
	if (access == CPU_WRITE ? present_writable(va) : present(va))
		return 0;
	return vm_fault(space, va, access);
}

static inline void
store(vms_va_t va, uint8_t byte)
{
	ck_assert_int_eq(access_va(va, CPU_WRITE), 0);
	*guest(va) = byte;
}

static inline uint8_t
load(vms_va_t va)
{
	ck_assert_int_eq(access_va(va, CPU_READ), 0);
	return *guest(va);
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
