/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies to and from scattered host memory. */
#include <string.h>

#include "vkernel/file.h"

size_t
iov_bytes(const struct iovec *iov, int count)
{
	size_t sum;
	int i;

	for (sum = 0, i = 0; i < count; i++)
		sum += iov[i].iov_len;
	return sum;
}

struct walk {
	const struct iovec *iov;
	int count;
	size_t off; /* into the first row */
};

/* The next contiguous part of at most *len bytes. */
static char *
walk_next(struct walk *walk, size_t *len)
{
	char *at;
	size_t left;

	while (walk->count > 0 && walk->off >= walk->iov->iov_len) {
		walk->off -= walk->iov->iov_len;
		walk->iov++;
		walk->count--;
	}
	if (walk->count == 0)
		return NULL;
	at = (char *)walk->iov->iov_base + walk->off;
	left = walk->iov->iov_len - walk->off;
	if (*len > left)
		*len = left;
	walk->off += *len;
	return at;
}

size_t
iov_get(const struct iovec *iov, int count, size_t off, void *buf, size_t len)
{
	struct walk walk = { iov, count, off };
	const char *from;
	size_t done, part;

	for (done = 0; done < len; done += part) {
		part = len - done;
		from = walk_next(&walk, &part);
		if (from == NULL)
			break;
		memcpy((char *)buf + done, from, part);
	}
	return done;
}

size_t
iov_put(
    const struct iovec *iov, int count, size_t off, const void *buf, size_t len)
{
	struct walk walk = { iov, count, off };
	size_t done, part;
	char *to;

	for (done = 0; done < len; done += part) {
		part = len - done;
		to = walk_next(&walk, &part);
		if (to == NULL)
			break;
		memcpy(to, (const char *)buf + done, part);
	}
	return done;
}
