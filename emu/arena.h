/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest-physical memory: one reservation of host memory, whose byte 0 is
 * guest-physical address 0.  It is cut into 2 MiB slots.  A slot is free, a
 * pool of 4 KiB pages, or a window onto 2 MiB of a host file.
 *
 * Invariant: every byte of the reservation is mapped at all times (anonymous
 * memory unless a file window lies there), so no address inside it ever
 * faults except a file window beyond its file's end (SIGBUS).
 *
 * Not thread-safe: the caller holds the run lock, arena_repair() excepted.
 */
#ifndef VMS_EMU_ARENA_H
#define VMS_EMU_ARENA_H

#include <stdbool.h>
#include <stdint.h>

#define ARENA_SLOT_BYTES (UINT64_C(2) << 20)
#define ARENA_MAX_BYTES  (UINT64_C(512) << 30)
#define ARENA_MIN_BYTES  (UINT64_C(64) << 20)

struct arena;

/* Reserves bytes (0: ARENA_MAX_BYTES), or the largest half, quarter, ... that
 * the host grants; ENOMEM below ARENA_MIN_BYTES. */
int arena_create(uint64_t bytes, struct arena **out);
void arena_destroy(struct arena *arena);

uint64_t arena_size(const struct arena *arena);
uint64_t arena_used(
    const struct arena *arena); /* bytes of slots and pages in use */

/* Host address of guest-physical pa; asserts that pa lies in the arena. */
uint8_t *arena_host(const struct arena *arena, uint64_t pa);

/* A zeroed 4 KiB page.  Page 0 of the arena is never handed out.  ENOMEM. */
int arena_page_alloc(struct arena *arena, uint64_t *pa);
void arena_page_free(struct arena *arena, uint64_t pa);

/* A slot that shows [off, off + 2 MiB) of the file, MAP_SHARED; off is a
 * multiple of the slot size and the end may lie beyond the file's.  ENOMEM
 * (arena or host map count at its end), EACCES, ENODEV ... from the host. */
int arena_file_map(
    struct arena *arena, int fd, uint64_t off, bool writable, uint64_t *pa);
/* Shows the same slot through another descriptor of the same file. */
int arena_file_remap(
    struct arena *arena, uint64_t pa, int fd, uint64_t off, bool writable);
/* The slot becomes free, anonymous memory again. */
void arena_file_unmap(struct arena *arena, uint64_t pa);

/*
 * Async-signal-safe: puts a zeroed anonymous page of the host over the broken
 * file page at host address addr.  false: addr is not in this arena.  The
 * slot's pa (its first byte) is stored for the runner: arena_broken() hands it
 * over once, UINT64_MAX when there is none.
 */
bool arena_repair(struct arena *arena, void *addr);
uint64_t arena_broken(struct arena *arena);

#endif
