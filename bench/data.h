/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that guests work on: the same in every run. */
#ifndef VMS_BENCH_DATA_H
#define VMS_BENCH_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/bench.h"

/* The path of a file of lines of words, bytes long, which is made when it is
 * not there; it goes with env->data.  false after filling in out->why. */
bool data_words(const struct bench_env *env, size_t bytes, char *path,
    size_t size, struct figure *out);

#endif
