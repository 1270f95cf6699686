/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/digest.h"

#include <errno.h>
#include <xxhash.h>

/* Small pieces are digested together. */
#define PENDING_BYTES 4096

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
	bytes_finish(&digest->pending);
}

void
digest_reset(struct digest *digest)
{
	bytes_clear(&digest->pending);
	(void)XXH3_128bits_reset(digest->state);
}

static void
digest_pending(struct digest *digest)
{
	if (digest->pending.len > 0)
		(void)XXH3_128bits_update(
		    digest->state, digest->pending.at, digest->pending.len);
	bytes_clear(&digest->pending);
}

void
digest_copy(struct digest *to, struct digest *from)
{
	digest_pending(from);
	bytes_clear(&to->pending);
	XXH3_copyState(to->state, from->state);
}

static int
digest_tail(struct digest *digest, const uint8_t *tail, size_t len)
{
	struct bytes *pending = &digest->pending;

	if (pending->failed)
		return ENOMEM;
	if (pending->len + len >= PENDING_BYTES)
		digest_pending(digest);
	if (len >= PENDING_BYTES)
		(void)XXH3_128bits_update(digest->state, tail, len);
	else
		bytes_add(pending, tail, len);
	return pending->failed ? ENOMEM : 0;
}

int
digest_event(struct digest *digest, const struct trace_event *event)
{
	const uint8_t *tail = NULL;
	size_t len = 0;
	int error = codec_canonical(event, &digest->pending, &tail, &len);

	return error != 0 ? error : digest_tail(digest, tail, len);
}

int
digest_encoded(struct digest *digest, const struct codec_state *state,
    const struct trace_event *event)
{
	const uint8_t *tail = NULL;
	size_t len = 0;

	codec_canonical_again(state, event, &digest->pending, &tail, &len);
	return digest_tail(digest, tail, len);
}

void
digest_value(struct digest *digest, uint64_t value[2])
{
	XXH128_hash_t hash;

	digest_pending(digest);
	hash = XXH3_128bits_digest(digest->state);
	value[0] = hash.low64;
	value[1] = hash.high64;
}
