/* SPDX-License-Identifier: BSD-2-Clause */
/* One x86-64 instruction: its text, and the memory that it uses. */
#ifndef VMS_CLI_TRACE_DECODE_H
#define VMS_CLI_TRACE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmspace/vmspace.h>

#define INSN_BYTES           15
#define DECODED_ACCESSES     3
#define DECODED_ACCESS_BYTES 64 /* more of one access is not shown */

struct decoded_access {
	vms_va_t va;
	size_t len;   /* at most DECODED_ACCESS_BYTES */
	size_t whole; /* without that limit */
	bool read, written;
};

struct decoded {
	uint8_t bytes[INSN_BYTES];
	size_t size;    /* 0: no instruction */
	char text[200]; /* "mov rax, qword ptr [rbx]" */
	bool jumps;     /* a basic block ends with it */
	bool repeats;   /* has a REP prefix */
	bool uses_fp;   /* x87, MMX or SSE registers */
	struct decoded_access accesses[DECODED_ACCESSES];
	size_t access_count;
};

struct decoder;

/* NULL: Capstone cannot be opened. */
struct decoder *decoder_create(void);
void decoder_destroy(struct decoder *decoder); /* NULL is accepted */

/* Decodes len bytes at tf's rip; addresses are computed from tf and the bases
 * of fs and gs. */
void decode(struct decoder *decoder, const struct trapframe *tf,
    const uint64_t tls[2], const uint8_t *bytes, size_t len,
    struct decoded *decoded);

#endif
