/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What differs by host: os_posix.c has what all hosts share, os_linux.c and
 * os_macos.c the rest.  No other file may look at the host's name.
 *
 * Functions return 0 or a positive errno value unless they say otherwise.
 * The only state in this room is the fork counter of os_fork_generation().
 */
#ifndef VMS_BASE_OS_H
#define VMS_BASE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The host's own page size: a power of two, at least 4096. */
uint64_t os_page_bytes(void);

/* How many mappings one process may have; 0: the host has no such limit. */
uint64_t os_map_count_limit(void);

/*
 * Reserves len bytes of zeroed, readable and writable private memory; a page
 * costs host memory only once it is written.  The caller owns *out, which is
 * page-aligned: os_release().  ENOMEM.
 */
int os_reserve(uint64_t len, void **out);
void os_release(void *addr, uint64_t len);

/* [addr, addr + len), host-page-aligned anonymous memory, reads as zero again
 * and its pages go back to the host.  The mapping stays. */
int os_discard(void *addr, uint64_t len);

/* Fresh zeroed anonymous memory replaces whatever is mapped in the
 * host-page-aligned [addr, addr + len).  Async-signal-safe.  ENOMEM (the
 * host's map count is at its end). */
int os_remap_zero(void *addr, uint64_t len);

/*
 * An unnamed, empty, readable and writable file that no directory shows; name
 * appears in the host's lists of mappings at most.  Where the host knows
 * seals it may be sealed.  *fd is the caller's, closed at exec.
 */
int os_memfile(const char *name, int *fd);
/* The same with a descriptor for each access mode: fds[O_RDONLY],
 * fds[O_WRONLY], fds[O_RDWR]. */
int os_memfile_modes(const char *name, int fds[3]);

/* From now on the file of fd cannot shrink.  ENOTSUP: the host or the file
 * knows no such promise. */
int os_seal_shrink(int fd);

/* The seals of a file of os_memfile() by their Linux numbers; -1: the host or
 * the file knows none. */
int os_seals(int fd);
/* Adds some; errno values, ENOTSUP as above. */
int os_add_seals(int fd, unsigned seals);

/* True when the host guarantees that the file of fd never shrinks. */
bool os_cannot_shrink(int fd);

/* Fills buf from the host's cryptographic random source. */
int os_random_bytes(void *buf, size_t len);

/*
 * Copies of len bytes inside this process that check one side instead of
 * crashing: os_read_own_memory() distrusts src, os_write_own_memory()
 * distrusts dst.  EFAULT: not all of it is mapped with that permission; a
 * part may have been overwritten.  EMFILE, ENFILE: the host forbids the
 * direct way and has no descriptor for the other.  Small copies may be checked
 * first and made then, so no other thread may unmap the memory meanwhile.
 */
int os_read_own_memory(void *dst, const void *src, size_t len);
int os_write_own_memory(void *dst, const void *src, size_t len);

/* Tells living threads of this process apart; never 0.  Async-signal-safe. */
uintptr_t os_thread_id(void);

/* Nanoseconds since some fixed point; never goes back. */
uint64_t os_monotonic_ns(void);

/*
 * A number that is larger in a child made by fork() than it was in its
 * parent.  Forks are noticed from the first call on.
 */
int os_fork_generation(void);

#endif
