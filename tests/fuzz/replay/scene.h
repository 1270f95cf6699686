/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vkernel of fuzz_replay.c: calls of every kind and short guests.  It
 * looks at no result, as it also runs with guests that a hostile trace plays.
 */
#ifndef VMS_TESTS_FUZZ_REPLAY_SCENE_H
#define VMS_TESTS_FUZZ_REPLAY_SCENE_H

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmspace/vmspace.h>

#include "base/os.h"
#include "base/page.h"

#define SCENE_CODE  UINT64_C(0x400000)
#define SCENE_ANON  UINT64_C(0x600000)
#define SCENE_PAGES 16u
#define SCENE_ID    ((void *)0x1234)
#define SCENE_OTHER ((void *)0x5678)

struct scene {
	struct vms *vms;
	struct vms_proc *proc;
	struct vms_lwp *lwps[2];
	int fds[3];
	uint8_t *memory;
};

static inline void
scene_run(struct scene *s, unsigned lwp, void *id, const void *code, size_t len)
{
	struct trapframe tf = { .tf_rip = (int64_t)SCENE_CODE,
		.tf_rsp = (int64_t)(SCENE_CODE + 8 * PAGE_BYTES),
		.tf_rsi = (int64_t)(SCENE_CODE + 3 * PAGE_BYTES),
		.tf_rdi = (int64_t)SCENE_ANON,
		.tf_rcx = 9 };
	struct vextframe vf;

	memset(&vf, 0, sizeof(vf));
	memcpy(s->memory, code, len);
	s->memory[3 * PAGE_BYTES]++;
	(void)vms_note_write(s->vms, s->fds[O_RDWR], 0, len);
	(void)vms_note_write(s->vms, s->fds[O_RDWR], 3 * PAGE_BYTES, 1);
	(void)vms_ctl(s->lwps[lwp], id, VMS_CTL_RUN, &tf, &vf);
}

#define SCENE_RUN(s, lwp, id, ...)                                             \
	scene_run((s), (lwp), (id), (const uint8_t[]){ __VA_ARGS__ },          \
	    sizeof((const uint8_t[]){ __VA_ARGS__ }))

static inline void
scene_map(struct scene *s, void *id)
{
	const int rwx = VMS_PROT_READ | VMS_PROT_WRITE | VMS_PROT_EXEC;
	vms_va_t at;

	(void)vms_create(s->proc, id, 0, NULL);
	(void)vms_mmap(s->proc, id, SCENE_CODE, SCENE_PAGES * PAGE_BYTES, rwx,
	    VMS_MAP_SHARED | VMS_MAP_FIXED, s->fds[O_RDWR], 0, &at);
	(void)vms_mmap(s->proc, id, SCENE_ANON, 4 * PAGE_BYTES, rwx,
	    VMS_MAP_PRIVATE | VMS_MAP_ANON | VMS_MAP_FIXED, -1, 0, &at);
	(void)vms_mmap(s->proc, id, SCENE_ANON + 8 * PAGE_BYTES, 2 * PAGE_BYTES,
	    rwx, VMS_MAP_PRIVATE | VMS_MAP_FIXED, s->fds[O_RDONLY],
	    8 * PAGE_BYTES, &at);
}

static inline void
scene_guests(struct scene *s, void *id)
{
	/* rep movsb; syscall */
	SCENE_RUN(s, 0, id, 0xf3, 0xa4, 0x0f, 0x05);
	/* inc qword [rdi]; mov rbx, [rsi]; fld1; syscall */
	SCENE_RUN(s, 0, id, 0x48, 0xff, 0x07, 0x48, 0x8b, 0x1e, 0xd9, 0xe8,
	    0x0f, 0x05);
	/* int3; a read of address 0 */
	SCENE_RUN(s, 1, id, 0xcc);
	SCENE_RUN(s, 0, id, 0xa1, 0, 0, 0, 0, 0, 0, 0, 0);
	/* jmp to itself */
	(void)vms_lwp_set_budget(s->lwps[1], 50);
	SCENE_RUN(s, 1, id, 0xeb, 0xfe);
	vms_proc_mailbox(s->proc);
	SCENE_RUN(s, 1, id, 0xeb, 0xfe);
	(void)vms_lwp_set_budget(s->lwps[1], 0);
	/* mov [rsi], rcx; ud2: a store to shared memory */
	SCENE_RUN(s, 1, id, 0x48, 0x89, 0x0e, 0x0f, 0x0b);
}

static inline void
scene_copies(struct scene *s, void *id)
{
	uint8_t bytes[16] = "abcdefghijklmno", fxsave[512];
	struct vms_proc *child = NULL;
	size_t done;

	(void)vms_mem_read(s->proc, id, SCENE_ANON - 4, bytes, 16, &done);
	(void)vms_mem_read(s->proc, id, SCENE_ANON, bytes, 16, &done);
	(void)vms_mem_write(
	    s->proc, id, SCENE_ANON + PAGE_BYTES - 4, bytes, 16, &done);
	if (vms_lwp_getfp(s->lwps[0], fxsave) == 0) {
		fxsave[160]++;
		(void)vms_lwp_setfp(s->lwps[0], fxsave);
	}
	if (vms_proc_fork(s->proc, &child) == 0) {
		(void)vms_proc_exec(child);
		(void)vms_proc_exit(child);
	}
	(void)vms_mcontrol(
	    s->proc, id, SCENE_CODE, PAGE_BYTES, VMS_MADV_INVAL, 0);
}

/* Page tables in the file: page 4 has the entries, of pages 3 and 5. */
static inline void
scene_tables(struct scene *s)
{
	const int rw = VMS_PROT_READ | VMS_PROT_WRITE;
	const uint64_t bits = VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W | VMS_VPTE_U;
	uint64_t entries[2] = { 3 * PAGE_BYTES | bits, 5 * PAGE_BYTES | bits };
	vms_va_t at = 0;
	size_t done;

	memcpy(s->memory + 4 * PAGE_BYTES, entries, sizeof(entries));
	(void)vms_note_write(
	    s->vms, s->fds[O_RDWR], 4 * PAGE_BYTES, sizeof(entries));
	(void)vms_create(s->proc, SCENE_OTHER, 0, NULL);
	(void)vms_mmap(s->proc, SCENE_OTHER, 0x800000, PAGE_BYTES * 512, rw,
	    VMS_MAP_SHARED | VMS_MAP_VPAGETABLE | VMS_MAP_FIXED, s->fds[O_RDWR],
	    0, &at);
	(void)vms_mcontrol(s->proc, SCENE_OTHER, 0x800000, PAGE_BYTES * 512,
	    VMS_MADV_SETMAP, 4 * PAGE_BYTES | bits);
	(void)vms_mem_write(s->proc, SCENE_OTHER, at + 4, "xyz", 3, &done);
	(void)vms_destroy(s->proc, SCENE_OTHER);
}

static inline void
scene_play(struct scene *s)
{
	if (vms_proc_open(s->vms, &s->proc) != 0)
		return;
	if (vms_lwp_open(s->proc, &s->lwps[0]) == 0 &&
	    vms_lwp_open(s->proc, &s->lwps[1]) == 0) {
		scene_map(s, SCENE_ID);
		scene_guests(s, SCENE_ID);
		scene_copies(s, SCENE_ID);
		scene_tables(s);
		scene_guests(s, SCENE_ID);
	}
	(void)vms_proc_exit(s->proc);
}

/* false: the host does not let us. */
static inline bool
scene_open(struct scene *s, struct vms *vms)
{
	*s = (struct scene){ .vms = vms };
	if (os_memfile_modes("scene", s->fds) != 0)
		return false;
	if (ftruncate(s->fds[O_RDWR], SCENE_PAGES * PAGE_BYTES) != 0)
		return false;
	s->memory = mmap(NULL, SCENE_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED, s->fds[O_RDWR], 0);
	return s->memory != MAP_FAILED;
}

static inline void
scene_close(struct scene *s)
{
	munmap(s->memory, SCENE_PAGES * PAGE_BYTES);
	for (int i = 0; i < 3; i++)
		close(s->fds[i]);
}

#endif
