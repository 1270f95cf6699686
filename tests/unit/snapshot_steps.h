/* SPDX-License-Identifier: BSD-2-Clause */
/* What a vkernel may do, at random: a world does the same steps for the same
 * seed, wherever it begins. */
#ifndef VMS_TESTS_UNIT_SNAPSHOT_STEPS_H
#define VMS_TESTS_UNIT_SNAPSHOT_STEPS_H

#include "tests/unit/snapshot_fixture.h"

#define CODE  UINT64_C(0x10000)
#define AREA  UINT64_C(0x40000) /* of 32 pages */
#define STEPS 160
#define VRW   (VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W)

/*
 * loop: rdtsc; add [rdi],rax; mov rbx,[rsi]; cvtsi2sd xmm1,rbx; addsd
 * xmm0,xmm1; fld1; add rdi,0x1000; dec ecx; jnz loop; syscall;
 * jmp loop
 */
static const char guest_code[] =
    "\x0f\x31\x48\x01\x07\x48\x8b\x1e\xf2\x48\x0f\x2a\xcb\xf2\x0f\x58\xc1"
    "\xd9\xe8\x48\x81\xc7\x00\x10\x00\x00\xff\xc9\x75\xe2\x0f\x05\xeb\xde";

/* The same numbers for the same step, whatever came before. */
struct random {
	uint64_t state;
};

static inline unsigned
below(struct random *random, unsigned end)
{
	random->state = random->state * UINT64_C(6364136223846793005) +
			UINT64_C(1442695040888963407);
	return (unsigned)(random->state >> 33) % end;
}

/* --- Steps --- */

static inline uint32_t
proc_choose(struct world *w, struct random *random)
{
	uint32_t number = 1 + below(random, HANDLES - 1);

	while (w->procs[number] == NULL)
		number = number % (HANDLES - 1) + 1;
	return number;
}

static inline uint32_t
lwp_choose(struct world *w, struct random *random)
{
	uint32_t number = 1 + below(random, HANDLES - 1);

	while (w->lwps[number] == NULL)
		number = number % (HANDLES - 1) + 1;
	return number;
}

static inline void *
id_choose(struct random *random)
{
	return (void *)(uintptr_t)below(random, 3);
}

static inline uint32_t
last_used(void *const *handles)
{
	uint32_t number = 0;

	for (uint32_t i = 1; i < HANDLES; i++)
		if (handles[i] != NULL)
			number = i;
	return number;
}

/* Numbers are not given twice: the log tells how many there were. */
static inline void
step_process(struct world *w, struct random *random)
{
	uint32_t number = proc_choose(w, random);
	uint32_t new = last_used((void *const *)w->procs) + 1;

	if (new >= 5 || below(random, 4) == 0)
		ck_assert_int_eq(vms_proc_exec(w->procs[number]), 0);
	else
		ck_assert_int_eq(
		    vms_proc_fork(w->procs[number], &w->procs[new]), 0);
}

static inline void
step_lwp(struct world *w, struct random *random)
{
	uint32_t number = proc_choose(w, random);
	uint32_t new = last_used((void *const *)w->lwps) + 1;

	if (new >= 8)
		return;
	ck_assert_int_eq(vms_lwp_open(w->procs[number], &w->lwps[new]), 0);
	w->proc_of[new] = number;
}

static inline void
map(struct world *w, uint32_t proc, void *id, vms_va_t va, size_t pages,
    int flags, int fd, int64_t off)
{
	vms_va_t out;

	vms_mmap(w->procs[proc], id, va, pages * PAGE, RW,
	    VMS_MAP_FIXED | flags, fd, off, &out);
}

/* Read only, so that the object may have less than a store needs. */
static inline void
map_code(struct world *w, uint32_t proc, void *id)
{
	vms_va_t out;

	vms_mmap(w->procs[proc], id, CODE, PAGE, VMS_PROT_READ,
	    VMS_MAP_FIXED | VMS_MAP_SHARED, w->fds[0], 0, &out);
}

static inline void
step_create(struct world *w, struct random *random)
{
	uint32_t proc = proc_choose(w, random);
	void *id = id_choose(random);

	if (vms_create(w->procs[proc], id, 0, NULL) != 0 &&
	    below(random, 8) == 0)
		vms_destroy(w->procs[proc], id);
	map_code(w, proc, id);
}

static inline void
step_map(struct world *w, struct random *random)
{
	static const int kinds[] = { VMS_MAP_ANON, VMS_MAP_SHARED,
		VMS_MAP_PRIVATE | VMS_MAP_VPAGETABLE, VMS_MAP_PRIVATE,
		VMS_MAP_ANON | VMS_MAP_VPAGETABLE,
		VMS_MAP_SHARED | VMS_MAP_VPAGETABLE,
		VMS_MAP_SHARED | VMS_MAP_VPAGETABLE,
		VMS_MAP_PRIVATE | VMS_MAP_VPAGETABLE };
	uint32_t proc = proc_choose(w, random);
	void *id = id_choose(random);
	int kind = kinds[below(random, 8)];
	vms_va_t at = AREA + below(random, 28) * PAGE;
	size_t pages = 1 + below(random, 12);
	int64_t off = (int64_t)below(random, 8) * (int64_t)PAGE;
	bool anon = (kind & VMS_MAP_ANON) != 0;

	if (kind & VMS_MAP_VPAGETABLE)
		off = 0;
	map(w, proc, id, at, pages, kind, anon ? -1 : w->fds[2],
	    anon ? 0 : off);
	if (kind & VMS_MAP_VPAGETABLE)
		vms_mcontrol(w->procs[proc], id, at, pages * PAGE,
		    VMS_MADV_SETMAP, 2 * PAGE | VRW);
}

static inline void
step_unmap(struct world *w, struct random *random)
{
	uint32_t proc = proc_choose(w, random);
	void *id = id_choose(random);
	vms_va_t at = AREA + below(random, 28) * PAGE;
	size_t len = (1 + below(random, 4)) * PAGE;

	if (below(random, 2))
		vms_munmap(w->procs[proc], id, at, len);
	else
		vms_mcontrol(w->procs[proc], id, at, len, VMS_MADV_INVAL, 0);
}

/* An entry of the lowest table, or data. */
static inline void
step_store(struct world *w, struct random *random)
{
	unsigned page = 5 + below(random, FILE_PAGES - 5);
	unsigned slot = below(random, 512);
	uint64_t value = below(random, FILE_PAGES) * PAGE | below(random, 8) |
			 (below(random, 2) ? VRW : 0);

	if (below(random, 2)) {
		page = 5;
		slot = below(random, 12);
	}
	memcpy(w->memory + page * PAGE + slot * 8, &value, sizeof(value));
	if (vms_wants_notes(w->vms))
		vms_note_write(
		    w->vms, w->fds[2], (int64_t)(page * PAGE + slot * 8), 8);
}

static inline void
step_copy(struct world *w, struct random *random)
{
	uint32_t proc = proc_choose(w, random);
	void *id = id_choose(random);
	vms_va_t at = AREA + below(random, 28 * 4096);
	char bytes[64];
	size_t done;

	memset(bytes, (int)below(random, 256), sizeof(bytes));
	if (below(random, 2))
		vms_mem_read(
		    w->procs[proc], id, at, bytes, sizeof(bytes), &done);
	else
		vms_mem_write(
		    w->procs[proc], id, at, bytes, sizeof(bytes), &done);
}

static inline void
step_settings(struct world *w, struct random *random)
{
	uint32_t lwp = lwp_choose(w, random);
	uint8_t fxsave[512];

	switch (below(random, 4)) {
	case 0:
		vms_lwp_set_budget(w->lwps[lwp], below(random, 200));
		break;
	case 1:
		vms_lwp_getfp(w->lwps[lwp], fxsave);
		fxsave[160 + below(random, 16)]++;
		vms_lwp_setfp(w->lwps[lwp], fxsave);
		break;
	case 2:
		vms_proc_mailbox(w->procs[w->proc_of[lwp]]);
		break;
	default:
		vms_set_counting(w->vms, below(random, 2));
	}
}

static inline void
step_run(struct world *w, struct random *random)
{
	uint32_t lwp = lwp_choose(w, random);

	if (below(random, 3) != 0) {
		memset(&w->tf, 0, sizeof(w->tf));
		w->tf.tf_rip = CODE;
		w->tf.tf_rdi =
		    (int64_t)(AREA + below(random, 30) * PAGE + 8 * lwp);
		w->tf.tf_rsi = (int64_t)(AREA + below(random, 30) * PAGE);
		w->tf.tf_rcx = (int64_t)below(random, 20) + 1;
	}
	w->limit = below(random, 4) ? UINT64_MAX : below(random, 100);
	vms_ctl(w->lwps[lwp], id_choose(random), VMS_CTL_RUN, &w->tf, &w->vf);
}

static inline void
step(struct world *w, unsigned seed, unsigned i)
{
	struct random random = { (uint64_t)seed << 32 | i };
	unsigned what = below(&random, 32);

	tell(w, "step %u\n", i);
	if (what < 1)
		step_process(w, &random);
	else if (what < 3)
		step_lwp(w, &random);
	else if (what < 6)
		step_create(w, &random);
	else if (what < 10)
		step_map(w, &random);
	else if (what < 12)
		step_unmap(w, &random);
	else if (what < 16)
		step_store(w, &random);
	else if (what < 17)
		step_copy(w, &random);
	else if (what < 19)
		step_settings(w, &random);
	else
		step_run(w, &random);
}

/* Tables of four levels, in pages 2 to 5. */
static inline void
tables_fill(struct world *w)
{
	uint64_t *words = (uint64_t *)(void *)w->memory;

	for (unsigned page = 2; page < 5; page++)
		words[page * 512] = (page + 1) * PAGE | VRW;
	for (unsigned i = 0; i < 16; i++)
		words[5 * 512 + i] = (8 + i) * PAGE | VRW;
}

static inline void
world_begin(struct world *w)
{
	tables_fill(w);
	memcpy(w->memory, guest_code, sizeof(guest_code) - 1);
	ck_assert_int_eq(vms_proc_open(w->vms, &w->procs[1]), 0);
	ck_assert_int_eq(vms_lwp_open(w->procs[1], &w->lwps[1]), 0);
	w->proc_of[1] = 1;
	for (uintptr_t id = 0; id < 2; id++) {
		ck_assert_int_eq(
		    vms_create(w->procs[1], (void *)id, 0, NULL), 0);
		map_code(w, 1, (void *)id);
		map(w, 1, (void *)id, AREA, 32,
		    id ? VMS_MAP_PRIVATE : VMS_MAP_SHARED, w->fds[2], 0);
	}
}

#endif
