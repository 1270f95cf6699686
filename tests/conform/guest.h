/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest of a few bytes: its memory file, its mappings, its frame. */
#ifndef TESTS_CONFORM_GUEST_H
#define TESTS_CONFORM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmspace/vmspace.h>

#define PAGE UINT64_C(4096)

/*
 * The memory file and where guest_open() maps its parts, all linear:
 *
 *	file       guest       what
 *	0x000000   CODE        4 pages R|X: snippets; page 3 holds probes
 *	0x010000   DATA        16 pages R|W; the stack grows down from the end
 *	0x040000   -           table pages (vp_*)
 *	0x080000   -           pages for the tables to name
 */
#define MEM_BYTES UINT64_C(0x400000)
#define CODE      UINT64_C(0x10000000)
#define CODE_LEN  (4 * PAGE)
#define CODE_OFF  UINT64_C(0)
#define PROBE     (CODE + 3 * PAGE)
#define DATA      UINT64_C(0x20000000)
#define DATA_LEN  (16 * PAGE)
#define DATA_OFF  UINT64_C(0x10000)
#define STACK_TOP (DATA + DATA_LEN)
#define TABLE_OFF UINT64_C(0x40000)
#define FRAME_OFF UINT64_C(0x80000)
#define HOLE      UINT64_C(0x30000000) /* never mapped by guest_open() */
#define VP        UINT64_C(0x40000000) /* where vp_map() maps */

#define RW  (VMS_PROT_READ | VMS_PROT_WRITE)
#define RX  (VMS_PROT_READ | VMS_PROT_EXEC)
#define RWX (RW | VMS_PROT_EXEC)

struct guest {
	void *id;
	int fd;       /* memory file, MEM_BYTES long */
	uint8_t *mem; /* all of it, shared */
	struct trapframe tf;
	struct vextframe vf;
};

/* An unlinked temporary file of len zero bytes. */
int file_make(uint64_t len);
/* Maps a file shared and writable into this process. */
uint8_t *file_map(int fd, uint64_t len);

/* Any pointer that names a vmspace. */
void *id_of(uintptr_t n);

/* Only the memory file and its probes; no vmspace. */
void guest_memory(struct guest *g);
/* The memory, a vmspace with id, CODE and DATA mapped, a clean frame. */
void guest_open(struct guest *g, void *id);
/* A second vmspace over the memory of another guest. */
void guest_open_over(struct guest *g, void *id, const struct guest *memory);
/* Maps CODE and DATA of g->mem into g->id. */
void guest_map(struct guest *g);

/* A clean frame: rip CODE, rsp STACK_TOP, rflags 0x202, rest zero. */
void guest_frame(struct guest *g);
/* Copies code to CODE. */
void guest_code(struct guest *g, const void *code, size_t len);
/* ctl RUN, which must answer 0; the trap number. */
int guest_run(struct guest *g);
/* guest_code, guest_frame and guest_run. */
int guest_exec(struct guest *g, const void *code, size_t len);
#define GUEST_EXEC(g, code) guest_exec((g), (code), sizeof(code))

/* vmspace_mmap that must succeed; the address. */
uint64_t map_at(struct guest *g, uint64_t addr, uint64_t len, int prot,
    int flags, int fd, int64_t offset);
uint64_t map_anon(struct guest *g, uint64_t addr, uint64_t len, int prot);

/* Host view of DATA + off, of frame page n, of the word at file offset off. */
uint8_t *data_at(struct guest *g, uint64_t off);
uint64_t *word_at(struct guest *g, uint64_t file_off);
/* As word_at, while a guest may be storing to it. */
uint64_t word_load(struct guest *g, uint64_t file_off);
void word_store(struct guest *g, uint64_t file_off, uint64_t value);

/*
 * Probes run a few bytes of guest code on one address: 0 when it went through,
 * else the trap number (g->tf has the rest).
 */
int peek(struct guest *g, uint64_t va, uint64_t *value);
int poke(struct guest *g, uint64_t va, uint64_t value);
/* Jumps to va, where 0xCC is expected to be. */
int fetch(struct guest *g, uint64_t va);

/* peek that must go through. */
uint64_t peek_ok(struct guest *g, uint64_t va);

/* tf_err as it compares: bit 0 is masked under chaos. */
uint64_t err_of(const struct guest *g);
#define ERR(x) (chaos ? ((uint64_t)(x) & ~UINT64_C(1)) : (uint64_t)(x))

/* Four table pages, one per level, at TABLE_OFF and up. */
#define V   VMS_VPTE_V
#define R   VMS_VPTE_R
#define W   VMS_VPTE_W
#define PS  VMS_VPTE_PS
#define VRW (V | R | W)

/* Table page of level 1 (top) to 4 (leaf) that vp_tables() uses. */
uint64_t vp_table_off(int level);
/* The entry at index of a table page. */
uint64_t *vp_entry(struct guest *g, uint64_t table_off, uint64_t index);
/* The entry that vp_tables() made for page index 0 at a level. */
uint64_t *vp_level(struct guest *g, int level);
/* Builds tables whose leaf index i names frame page i, for i below pages. */
void vp_tables(struct guest *g, unsigned pages, uint64_t flags);
/* Maps pages of the memory file at VP, shared, without a master. */
void vp_map(struct guest *g, unsigned pages);
/* SETMAP over that mapping. */
void vp_master(struct guest *g, unsigned pages, uint64_t master);
/* vp_tables, vp_map and a master of VRW: the usual start. */
void vp_open(struct guest *g, unsigned pages);
void vp_inval(struct guest *g, uint64_t va, uint64_t len);
/* First word of frame page n. */
uint64_t *frame_word(struct guest *g, unsigned n);
#define FRAME(n) (FRAME_OFF + (uint64_t)(n)*PAGE)

/* A guest on a thread of its own: runs until a return that is not EINTR. */
struct runner;
struct runner *runner_start(struct guest *g);
/* Sends SIGUSR2 to the thread and waits for its return; frees it.
 * Returns what ctl answered. */
int runner_kick(struct runner *r);
/* Waits for a return that comes by itself. */
int runner_join(struct runner *r);
bool runner_done(const struct runner *r);
/* Waits until the word at file_off has grown by n; false after a minute or
 * when the guest has returned. */
bool runner_progress(
    struct runner *r, struct guest *g, uint64_t file_off, uint64_t n);

/* Waits until *flag is not 0: at most a minute. */
bool wait_word(struct guest *g, uint64_t file_off, uint64_t at_least);

#endif
