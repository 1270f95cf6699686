/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of one line: a buffer that never overflows, and the names of values. */
#ifndef VMS_VKERNEL_STRACE_TEXT_H
#define VMS_VKERNEL_STRACE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
	char bytes[4096];
	size_t len;
};

void text_add(struct text *text, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* "abc\n" in quotes, with C escapes; "..." after it when cut. */
void text_quote(struct text *text, const uint8_t *bytes, size_t len, int cut);

struct name_row {
	uint64_t value;
	const char *name;
};

/* O_RDONLY|O_CLOEXEC and so on. */
void text_open_flags(struct text *text, uint64_t flags);
void text_prot(struct text *text, uint64_t prot);
void text_map_flags(struct text *text, uint64_t flags);
void text_at_flags(struct text *text, uint64_t flags);
void text_access(struct text *text, uint64_t mode);
void text_mode(struct text *text, uint64_t mode);
void text_whence(struct text *text, uint64_t whence);
void text_clock(struct text *text, uint64_t id);
void text_how(struct text *text, uint64_t how);
void text_ioctl(struct text *text, uint64_t request);
void text_fcntl(struct text *text, uint64_t command);
void text_limit(struct text *text, uint64_t which);
void text_arch(struct text *text, uint64_t op);
void text_advice(struct text *text, uint64_t advice);
void text_futex(struct text *text, uint64_t op);
void text_signal(struct text *text, int signal);
void text_sigset(struct text *text, uint64_t set);
void text_sigcode(struct text *text, int signal, int code);

#endif
