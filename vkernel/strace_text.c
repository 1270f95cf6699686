/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/strace_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/linux_abi.h"
#include "vkernel/signal.h"
#include "vkernel/strace.h"
#include "vkernel/strace_names.h"

#define ROOM_FIRST 256
#define STRING_MAX 32

void
text_finish(struct text *text)
{
	free(text->bytes);
	*text = (struct text){ NULL, 0, 0 };
}

void
text_cut(struct text *text, size_t len)
{
	if (len >= text->len)
		return;
	text->len = len;
	text->bytes[len] = '\0';
}

const char *
text_string(const struct text *text)
{
	return text->len == 0 ? "" : text->bytes;
}

static bool
text_grow(struct text *text, size_t need)
{
	char *bytes;
	size_t room;

	if (need <= text->room)
		return true;
	for (room = ROOM_FIRST; room < need;)
		room *= 2;
	bytes = realloc(text->bytes, room);
	if (bytes == NULL)
		return false;
	text->bytes = bytes;
	text->room = room;
	return true;
}

void
text_add(struct text *text, const char *format, ...)
{
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (len <= 0 || !text_grow(text, text->len + (size_t)len + 1))
		return;
	va_start(ap, format);
	vsnprintf(text->bytes + text->len, (size_t)len + 1, format, ap);
	va_end(ap);
	text->len += (size_t)len;
}

static void
text_byte(struct text *text, uint8_t byte, int digit_follows)
{
	static const char plain[] = "tnvfr";

	if (byte == '"' || byte == '\\')
		text_add(text, "\\%c", byte);
	else if (byte >= 9 && byte <= 13)
		text_add(text, "\\%c", plain[byte - 9]);
	else if (byte >= 32 && byte < 127)
		text_add(text, "%c", byte);
	else
		text_add(text, digit_follows ? "\\%03o" : "\\%o", byte);
}

void
text_quote(struct text *text, const uint8_t *bytes, size_t len, int cut)
{
	size_t i;

	text_add(text, "\"");
	for (i = 0; i < len; i++)
		text_byte(text, bytes[i],
		    i + 1 < len && bytes[i + 1] >= '0' && bytes[i + 1] <= '9');
	text_add(text, cut ? "\"..." : "\"");
}

void
text_quote_most(struct text *text, const char *string, size_t most)
{
	size_t len;

	len = strlen(string);
	if (most == 0)
		most = STRING_MAX;
	text_quote(
	    text, (const uint8_t *)string, len < most ? len : most, len > most);
}

const char *
signal_name(int signal)
{
	static const char *const names[] = { NULL, "SIGHUP", "SIGINT",
		"SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE",
		"SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE",
		"SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT",
		"SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
		"SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",
		"SIGPWR", "SIGSYS" };

	if (signal < 0 || signal > 31)
		return NULL;
	return names[signal];
}

void
text_signal(struct text *text, int signal)
{
	const char *name;

	name = signal_name(signal);
	if (name != NULL)
		text_add(text, "%s", name);
	else if (signal >= 32 && signal <= LX_NSIG)
		text_add(
		    text, signal == 32 ? "SIGRTMIN" : "SIGRT_%d", signal - 32);
	else
		text_add(text, "%d", signal);
}

static int
bits_count(uint64_t set)
{
	int count;

	for (count = 0; set != 0; set &= set - 1)
		count++;
	return count;
}

static void
sigset_add_rt(struct text *text, int first, int number)
{
	if (!first)
		text_add(text, " ");
	if (number == 0)
		text_add(text, "RTMIN");
	else
		text_add(text, "RT_%d", number);
}

/* "[HUP INT]", or "~[...]" when that is shorter. */
void
text_sigset(struct text *text, uint64_t set)
{
	const char *name;
	int first, signal;

	if (set == UINT64_MAX) {
		text_add(text, "~[]");
		return;
	}
	if (bits_count(set) >= LX_NSIG * 2 / 3) {
		text_add(text, "~");
		set = ~set;
	}
	text_add(text, "[");
	for (first = 1, signal = 1; signal <= LX_NSIG; signal++) {
		if ((set & signal_bit(signal)) == 0)
			continue;
		name = signal_name(signal);
		if (name != NULL)
			text_add(text, first ? "%s" : " %s", name + 3);
		else
			sigset_add_rt(text, first, signal - 32);
		first = 0;
	}
	text_add(text, "]");
}

void
text_open_flags(struct text *text, uint64_t flags)
{
	static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR",
		"O_ACCMODE" };

	text_add(text, "%s", modes[flags & 3]);
	flags &= ~UINT64_C(3) & UINT32_MAX;
	if (flags == 0)
		return;
	text_add(text, "|");
	text_name(text, "open", flags);
}

void
text_mode(struct text *text, uint64_t mode)
{
	const char *type;

	type = name_of("file_type", mode & 0170000);
	if (type != NULL)
		text_add(text, "%s|", type);
	text_add(text, "%#03" PRIo64, type != NULL ? mode & 07777 : mode);
}

void
text_sigcode(struct text *text, int signal, int code)
{
	static const struct {
		int signal;
		const char *kind;
	} rows[] = { { LX_SIGSEGV, "segv_code" }, { LX_SIGBUS, "bus_code" },
		{ LX_SIGILL, "ill_code" }, { LX_SIGFPE, "fpe_code" },
		{ LX_SIGTRAP, "trap_code" }, { LX_SIGCHLD, "cld_code" } };
	const char *name;
	size_t i;

	name = name_of("si_code", (uint32_t)code);
	for (i = 0; name == NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].signal == signal)
			name = name_of(rows[i].kind, (uint32_t)code);
	if (name != NULL)
		text_add(text, "%s", name);
	else
		text_add(text, "%d", code);
}
