/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's own ways to do what the library does: contenders. */
#ifndef VMS_BENCH_NATIVE_H
#define VMS_BENCH_NATIVE_H

#include "bench/bench.h"

/* A system call of a traced child, seen by PTRACE_SYSEMU and resumed; with
 * number != 0 its registers are read and written as well. */
void *native_sysemu_open(const struct contender *self,
    const struct bench_env *env, struct figure *out);
void native_sysemu_sample(void *state, struct figure *out);

/* A store to a page without access, SIGSEGV, mprotect() in the handler. */
void *native_segv_open(const struct contender *self,
    const struct bench_env *env, struct figure *out);
void native_segv_sample(void *state, struct figure *out);

/* A first store to a page: of a shared file that is in memory (number 0), or
 * of anonymous memory (number 1). */
void *native_minor_open(const struct contender *self,
    const struct bench_env *env, struct figure *out);
void native_minor_sample(void *state, struct figure *out);

#endif
