/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/digest.h"

#include <errno.h>
#include <xxhash.h>

int
digest_init(struct digest *digest)
{
	digest->state = XXH3_createState();
	if (digest->state == NULL)
		return ENOMEM;
	digest_reset(digest);
	return 0;
}

void
digest_finish(struct digest *digest)
{
	(void)XXH3_freeState(digest->state);
	bytes_finish(&digest->scratch);
}

void
digest_reset(struct digest *digest)
{
	(void)XXH3_128bits_reset(digest->state);
}

void
digest_copy(struct digest *to, const struct digest *from)
{
	XXH3_copyState(to->state, from->state);
}

int
digest_event(struct digest *digest, const struct trace_event *event)
{
	const uint8_t *tail = NULL;
	size_t tail_len = 0;
	int error;

	bytes_clear(&digest->scratch);
	error = codec_canonical(event, &digest->scratch, &tail, &tail_len);
	if (error == 0 && digest->scratch.failed)
		error = ENOMEM;
	if (error != 0)
		return error;
	(void)XXH3_128bits_update(
	    digest->state, digest->scratch.at, digest->scratch.len);
	if (tail_len > 0)
		(void)XXH3_128bits_update(digest->state, tail, tail_len);
	return 0;
}

void
digest_value(const struct digest *digest, uint64_t value[2])
{
	XXH128_hash_t hash = XXH3_128bits_digest(digest->state);

	value[0] = hash.low64;
	value[1] = hash.high64;
}
