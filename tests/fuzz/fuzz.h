/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fuzzer defines: libFuzzer's entry.  Where there is no libFuzzer,
 * replay.c calls it for each file that it is given. */
#ifndef VMS_TESTS_FUZZ_FUZZ_H
#define VMS_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Returns 0; aborts with a line on stderr when a promise is broken. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#endif
