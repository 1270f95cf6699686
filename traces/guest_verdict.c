/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/guest_verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vmspace/trace.h>

/* "at EVENTS of TOTAL\n", always as long. */
#define PROGRESS_FORMAT "at %20" PRIu64 " of %20" PRIu64 "\n"
#define PROGRESS_BYTES  48
/* A vkernel that hands descriptors to its guests must find the numbers that it
 * would find elsewhere. */
#define HIGH_FD 512

static const char *const results[] = {
	[VMS_REPLAY_SAME] = "same",
	[VMS_REPLAY_DIFFERENT] = "different",
	[VMS_REPLAY_UNUSABLE] = "unusable",
};

#define RESULTS (sizeof(results) / sizeof(results[0]))

static void
put(const struct guest_verdict *verdict, const char *bytes, size_t len,
    size_t at)
{
	ssize_t done;

	while (len > 0) {
		done = pwrite(verdict->fd, bytes, len, (off_t)at);
		if (done <= 0)
			return;
		bytes += done;
		len -= (size_t)done;
		at += (size_t)done;
	}
}

static int
fd_of(const char *where)
{
	char *end;
	long number = strtol(where, &end, 10);

	if (*where >= '0' && *where <= '9' && *end == '\0' && number < 65536)
		return (int)number;
	return open(where, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
}

int
verdict_open(struct guest_verdict *verdict, const char *where)
{
	int fd;

	verdict->fd = -1;
	if (where == NULL || *where == '\0')
		return 0;
	if ((fd = fd_of(where)) < 0)
		return errno;
	verdict->fd = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	if (verdict->fd < 0)
		verdict->fd = fd;
	else
		close(fd);
	verdict_progress(verdict, 0, 0);
	return 0;
}

void
verdict_close(struct guest_verdict *verdict)
{
	if (verdict->fd >= 0)
		close(verdict->fd);
	verdict->fd = -1;
}

void
verdict_progress(struct guest_verdict *verdict, uint64_t events, uint64_t total)
{
	char line[PROGRESS_BYTES + 16];

	if (verdict->fd < 0 || verdict->over)
		return;
	snprintf(line, sizeof(line), PROGRESS_FORMAT, events, total);
	put(verdict, line, PROGRESS_BYTES, 0);
}

void
verdict_give(struct guest_verdict *verdict, int result)
{
	char line[32];
	int len;

	if (verdict->fd < 0 || verdict->over)
		return;
	verdict->over = true;
	len = snprintf(line, sizeof(line), "verdict %s\n", results[result]);
	put(verdict, verdict->text, verdict->len, PROGRESS_BYTES);
	put(verdict, line, (size_t)len, PROGRESS_BYTES + verdict->len);
}

/* Takes the last line off. */
static int
result_take(char *text)
{
	char line[32];
	size_t len = strlen(text);

	for (size_t i = 0; i < RESULTS; i++) {
		size_t line_len = (size_t)snprintf(
		    line, sizeof(line), "verdict %s\n", results[i]);
		if (len < line_len || strcmp(text + len - line_len, line) != 0)
			continue;
		text[len - line_len] = '\0';
		return (int)i;
	}
	return -1;
}

int
verdict_read(int fd, struct verdict_read *out)
{
	char bytes[PROGRESS_BYTES + VERDICT_TEXT_MAX + 32];
	ssize_t got = pread(fd, bytes, sizeof(bytes) - 1, 0);

	if (got < 0)
		return errno;
	bytes[got] = '\0';
	if (got < PROGRESS_BYTES ||
	    sscanf(bytes, "at %20" SCNu64 " of %20" SCNu64, &out->events,
		&out->total) != 2)
		return EBADMSG;
	out->result = result_take(bytes + PROGRESS_BYTES);
	snprintf(out->text, sizeof(out->text), "%.*s", VERDICT_TEXT_MAX - 1,
	    bytes + PROGRESS_BYTES);
	return 0;
}
