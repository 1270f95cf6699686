/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of one line, which grows, and the names of values. */
#ifndef VMS_VKERNEL_STRACE_TEXT_H
#define VMS_VKERNEL_STRACE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Zero is empty.  Without memory a text is cut, and says no more. */
struct text {
	char *bytes; /* use text_string() */
	size_t len, room;
};

void text_finish(struct text *text);
/* Forgets what is beyond len. */
void text_cut(struct text *text, size_t len);
const char *text_string(const struct text *text);

void text_add(struct text *text, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* "abc\n" in quotes, with C escapes; "..." after it when cut. */
void text_quote(struct text *text, const uint8_t *bytes, size_t len, int cut);

/* The same for at most most bytes of a string; 0: 32. */
void text_quote_most(struct text *text, const char *string, size_t most);

void text_signal(struct text *text, int signal);
void text_sigset(struct text *text, uint64_t set);
void text_sigcode(struct text *text, int signal, int code);
/* O_RDONLY|O_CLOEXEC */
void text_open_flags(struct text *text, uint64_t flags);
/* S_IFREG|0644 */
void text_mode(struct text *text, uint64_t mode);

#endif
