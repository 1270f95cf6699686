/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/data.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS 4096

static uint32_t
random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 32);
}

/* The shorter a number the more often its word comes. */
static uint32_t
number_next(uint64_t *state)
{
	return random_next(state) % WORDS >> random_next(state) % 12;
}

static void
word_put(FILE *file, uint32_t number)
{
	static const char letters[] = "etaoinshrdlucmfw";
	uint64_t state = number;

	for (uint32_t len = 2 + random_next(&state) % 8; len > 0; len--)
		putc(letters[random_next(&state) % 16], file);
}

static void
words_put(FILE *file, size_t bytes)
{
	uint64_t state = 1;

	while ((size_t)ftell(file) < bytes) {
		for (uint32_t n = 3 + random_next(&state) % 8; n > 0; n--) {
			word_put(file, number_next(&state));
			putc(n > 1 ? ' ' : '\n', file);
		}
	}
}

/* Made under another name first: several workers may do it at once. */
bool
data_words(const struct bench_env *env, size_t bytes, char *path, size_t size,
    struct figure *out)
{
	char made[512];
	FILE *file;

	snprintf(path, size, "%s/words-%zu", env->data, bytes);
	if (access(path, R_OK) == 0)
		return true;
	snprintf(made, sizeof(made), "%s/words-%zu.%ld", env->data, bytes,
	    (long)getpid());
	file = fopen(made, "w");
	if (file != NULL) {
		words_put(file, bytes);
		if (fclose(file) == 0 && truncate(made, (off_t)bytes) == 0 &&
		    rename(made, path) == 0)
			return true;
	}
	figure_fail(out, "%s: %s", made, strerror(errno));
	return false;
}
