/* SPDX-License-Identifier: BSD-2-Clause */
/* Sentences may quote bytes of a hostile file: nothing but printable ASCII
 * and UTF-8 sequences leaves this file. */
#include "loader/message.h"

#include <stdarg.h>
#include <stdio.h>

void
message_clean(char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			*text = '?';
	}
}

int
message_fail(const struct message *message, int error, const char *format, ...)
{
	va_list args;
	int used;

	if (message->bytes == 0)
		return error;
	used = snprintf(message->text, message->bytes, "%s: ", message->name);
	if (used >= 0 && (size_t)used < message->bytes) {
		va_start(args, format);
		(void)vsnprintf(message->text + used,
		    message->bytes - (size_t)used, format, args);
		va_end(args);
	}
	message_clean(message->text);
	return error;
}
