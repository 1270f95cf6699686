/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report of a vkernel that is tested against a trace, and the file where
 * another process reads it however the vkernel ends.  Its first line says how
 * far all was the same; then comes the report; the last line is "verdict " and
 * "same", "different" or "unusable".
 */
#ifndef VMS_TRACES_GUEST_VERDICT_H
#define VMS_TRACES_GUEST_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERDICT_TEXT_MAX 8192

struct guest_verdict {
	int fd; /* -1: there is no file */
	bool over;
	char text[VERDICT_TEXT_MAX];
	size_t len;
};

/* where: NULL, a number of a descriptor, or a path. */
int verdict_open(struct guest_verdict *verdict, const char *where);
void verdict_close(struct guest_verdict *verdict);

/* The first events of total (0: not known) were the same. */
void verdict_progress(
    struct guest_verdict *verdict, uint64_t events, uint64_t total);
/* Writes text and the last line; result is VMS_REPLAY_*.  Only once. */
void verdict_give(struct guest_verdict *verdict, int result);

/* What such a file says. */
struct verdict_read {
	uint64_t events, total;
	int result; /* -1: none was given */
	char text[VERDICT_TEXT_MAX];
};

/* EBADMSG: it is no such file; errno values of the host. */
int verdict_read(int fd, struct verdict_read *out);

#endif
