/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Serves a guest's system calls on bare Unicorn by asking the host for the
 * same: enough for programs of one thread that read files, compute and write.
 * x86-64 Linux hosts; elsewhere everything but write and exit is ENOSYS.
 * Memory is mapped when it is asked for, so there are no page faults.
 */
#ifndef VMS_BENCH_BARE_LINUX_H
#define VMS_BENCH_BARE_LINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/bare.h"

#define BARE_PAGE UINT64_C(4096)

struct bare_guest {
	struct bare *bare;
	uint64_t cr3;
	uint64_t brk_start, brk;
	uint64_t map_top; /* new mappings are made below */
	bool ended;
	int status;
};

/* New zeroed pages for [va, va + len), in place of what is there. */
bool guest_map(
    struct bare_guest *guest, uint64_t va, uint64_t len, unsigned how);
/* Copies to or from guest memory, whatever its protection. */
bool guest_copy_in(
    struct bare_guest *guest, void *to, uint64_t va, uint64_t len);
bool guest_copy_out(
    struct bare_guest *guest, uint64_t va, const void *from, uint64_t len);

/* Does the call that the registers ask for. */
void guest_serve(struct bare_guest *guest);

#endif
