/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's own processor as the judge of guest code: x86-64 Linux only. */
#ifndef TESTS_CONFORM_NATIVE_H
#define TESTS_CONFORM_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <vmspace/frame.h>

#include "tests/conform/guest.h"

/* Where guest and native process have a read-only page: FRAME(0). */
#define READONLY UINT64_C(0x28000000)

/*
 * Runs g->tf over the bytes of g's memory file at CODE, DATA and READONLY in a
 * process of its own until the first trap; *tf is what vmspace_ctl() would
 * say.  False, and why says so, when the host has no way to do that.
 */
bool native_run(struct guest *g, struct trapframe *tf, const char **why);

#endif
