/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, strings and bytes; and the look-up of formats. */
#include "vkernel/strace_args.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/linux_abi.h"

#define STRING_PART 256
#define PATH_SHOWN  4095
#define VEC_SHOWN   32

bool
arg_failed(const struct arg *arg)
{
	return arg->result < 0 && arg->result >= -4095;
}

bool
arg_only_address(const struct arg *arg)
{
	if (!arg_failed(arg))
		return false;
	arg_pointer(arg->text, arg_value(arg));
	return true;
}

void
arg_int(const struct arg *arg, uint64_t va)
{
	int32_t value;

	if (arg_get(arg, va, &value, sizeof(value)))
		text_add(arg->text, "[%d]", value);
}

bool
arg_read(const struct arg *arg, uint64_t va, void *buf, size_t len)
{
	return arg->memory->read(arg->memory->arg, va, buf, len);
}

bool
arg_get(const struct arg *arg, uint64_t va, void *buf, size_t len)
{
	if (va != 0 && arg_read(arg, va, buf, len))
		return true;
	arg_pointer(arg->text, va);
	return false;
}

static size_t
string_max(const struct arg *arg)
{
	return arg->memory->string_max == 0 ? STRACE_STRING_MAX
					    : arg->memory->string_max;
}

/* Up to room bytes of the string at va, never from a page beyond the one that
 * holds its end.  False: the end is not readable. */
static bool
read_string(
    const struct arg *arg, uint64_t va, char *string, size_t room, size_t *len)
{
	const char *end;
	size_t part;

	for (*len = 0; *len < room; *len += part) {
		part = STRING_PART - (size_t)((va + *len) % STRING_PART);
		if (part > room - *len)
			part = room - *len;
		if (!arg_read(arg, va + *len, string + *len, part))
			return false;
		end = memchr(string + *len, 0, part);
		if (end != NULL) {
			*len = (size_t)(end - string);
			return true;
		}
	}
	return true;
}

void
arg_pointer(struct text *text, uint64_t va)
{
	if (va == 0)
		text_add(text, "NULL");
	else
		text_add(text, "%#" PRIx64, va);
}

void
arg_bytes(const struct arg *arg, uint64_t va, uint64_t len)
{
	uint8_t *bytes;
	size_t shown;

	shown = len < string_max(arg) ? (size_t)len : string_max(arg);
	bytes = malloc(shown + 1);
	if (bytes == NULL || va == 0 || !arg_read(arg, va, bytes, shown))
		arg_pointer(arg->text, va);
	else
		text_quote(arg->text, bytes, shown, len > shown);
	free(bytes);
}

static void
string_upto(const struct arg *arg, uint64_t va, size_t most)
{
	char *string;
	size_t len;

	string = malloc(most + 1);
	if (string == NULL || va == 0 ||
	    !read_string(arg, va, string, most + 1, &len))
		arg_pointer(arg->text, va);
	else
		text_quote(arg->text, (const uint8_t *)string,
		    len < most ? len : most, len > most);
	free(string);
}

void
arg_string(const struct arg *arg, uint64_t va)
{
	string_upto(arg, va, string_max(arg));
}

void
arg_path(const struct arg *arg, uint64_t va)
{
	string_upto(arg, va, PATH_SHOWN);
}

void
arg_vector(const struct arg *arg, uint64_t va, uint64_t count, uint64_t len)
{
	struct lx_iovec row;
	uint64_t i, part;

	if (va == 0 || (count != 0 && !arg_read(arg, va, &row, sizeof(row)))) {
		arg_pointer(arg->text, va);
		return;
	}
	text_add(arg->text, "[");
	for (i = 0; i < count && i < VEC_SHOWN; i++) {
		if (!arg_read(arg, va + i * sizeof(row), &row, sizeof(row)))
			break;
		part = row.iov_len < len ? row.iov_len : len;
		text_add(arg->text, i == 0 ? "{iov_base=" : ", {iov_base=");
		arg_bytes(arg, row.iov_base, part);
		text_add(arg->text, ", iov_len=%" PRIu64 "}", row.iov_len);
		len -= part;
	}
	text_add(arg->text, i < count ? ", ...]" : "]");
}

static enum arg_done
format_d(struct arg *arg)
{
	text_add(arg->text, "%d", (int)arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_u(struct arg *arg)
{
	text_add(arg->text, "%" PRIu64, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_u32(struct arg *arg)
{
	text_add(arg->text, "%u", (unsigned)arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_l(struct arg *arg)
{
	text_add(arg->text, "%" PRId64, (int64_t)arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_x(struct arg *arg)
{
	text_add(
	    arg->text, arg_value(arg) == 0 ? "0" : "%#" PRIx64, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_p(struct arg *arg)
{
	arg_pointer(arg->text, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_o(struct arg *arg)
{
	text_mode(arg->text, (uint32_t)arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_dirfd(struct arg *arg)
{
	if ((int)arg_value(arg) == LX_AT_FDCWD)
		text_add(arg->text, "AT_FDCWD");
	else
		text_add(arg->text, "%d", (int)arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_signal(struct arg *arg)
{
	text_signal(arg->text, (int)arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_path(struct arg *arg)
{
	arg_path(arg, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_string(struct arg *arg)
{
	arg_string(arg, arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_path_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (arg_failed(arg))
		return format_p(arg);
	return format_path(arg);
}

static enum arg_done
format_bytes(struct arg *arg)
{
	arg_bytes(arg, arg_value(arg), arg->args[arg->i + 1]);
	return ARG_DONE;
}

static enum arg_done
format_bytes_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (arg_failed(arg))
		return format_p(arg);
	arg_bytes(arg, arg_value(arg), (uint64_t)arg->result);
	return ARG_DONE;
}

static enum arg_done
format_vector(struct arg *arg)
{
	arg_vector(arg, arg_value(arg), arg->args[arg->i + 1], UINT64_MAX);
	return ARG_DONE;
}

static enum arg_done
format_vector_out(struct arg *arg)
{
	if (arg->before)
		return ARG_LATER;
	if (arg_failed(arg))
		arg_vector(arg, arg_value(arg), arg->args[arg->i + 1], 0);
	else
		arg_vector(arg, arg_value(arg), arg->args[arg->i + 1],
		    (uint64_t)arg->result);
	return ARG_DONE;
}

static enum arg_done
format_open_flags(struct arg *arg)
{
	text_open_flags(arg->text, (uint32_t)arg_value(arg));
	return ARG_DONE;
}

/* Of open: the flags before it say whether there is one. */
static enum arg_done
format_open_mode(struct arg *arg)
{
	uint64_t flags;

	flags = arg->args[arg->i - 1];
	if ((flags & LX_O_CREAT) == 0 && (flags & LX_O_TMPFILE) != LX_O_TMPFILE)
		return ARG_LEFT_OUT;
	text_mode(arg->text, (uint32_t)arg_value(arg));
	return ARG_DONE;
}

static enum arg_done
format_map_flags(struct arg *arg)
{
	uint64_t flags, huge;

	flags = (uint32_t)arg_value(arg);
	huge = flags >> 26;
	text_name(arg->text, "map", flags & 0x3ffffff);
	if (huge != 0)
		text_add(arg->text, "|%" PRIu64 "<<MAP_HUGE_SHIFT", huge);
	return ARG_DONE;
}

static enum arg_done
format_dev(struct arg *arg)
{
	uint64_t dev, mode;

	dev = arg_value(arg);
	mode = arg->args[arg->i - 1] & 0170000;
	if (mode != 0020000 && mode != 0060000)
		return ARG_LEFT_OUT;
	text_add(arg->text, "makedev(%#x, %#x)",
	    (unsigned)((dev >> 8 & 0xfff) | (dev >> 32 & ~UINT64_C(0xfff))),
	    (unsigned)((dev & 0xff) | (dev >> 12 & 0xfff00)));
	return ARG_DONE;
}

/* The upper half of an offset, which x86-64 has no use for. */
static enum arg_done
format_skip(struct arg *arg)
{
	(void)arg;
	return ARG_LEFT_OUT;
}

static const struct arg_row rows[] = {
	{ "d", format_d },
	{ "f", format_d },
	{ "u", format_u },
	{ "u32", format_u32 },
	{ "l", format_l },
	{ "x", format_x },
	{ "p", format_p },
	{ "o", format_o },
	{ "a", format_dirfd },
	{ "S", format_signal },
	{ "s", format_path },
	{ "str", format_string },
	{ "G", format_path_out },
	{ "b", format_bytes },
	{ "B", format_bytes_out },
	{ "v", format_vector },
	{ "V", format_vector_out },
	{ "O", format_open_flags },
	{ "open_mode", format_open_mode },
	{ "M", format_map_flags },
	{ "dev", format_dev },
	{ "skip", format_skip },
	{ NULL, NULL },
};

/* Letters of syscall_list.h for kinds of names. */
static const struct {
	char letter;
	const char *kind;
} kinds[] = { { 'P', "prot" }, { 'L', "at" }, { 'k', "access" },
	{ 'w', "whence" }, { 'c', "clock" }, { 'h', "how" }, { 'r', "rlimit" },
	{ 'g', "arch" }, { 'q', "madvise" } };

size_t
arg_format_len(const char *formats)
{
	const char *end;

	if (*formats != '{')
		return *formats == '\0' ? 0 : 1;
	end = strchr(formats, '}');
	return end == NULL ? strlen(formats) : (size_t)(end - formats) + 1;
}

static const struct arg_row *
rows_lookup(const struct arg_row *table, const char *name, size_t len)
{
	for (; table->name != NULL; table++)
		if (strlen(table->name) == len &&
		    memcmp(table->name, name, len) == 0)
			return table;
	return NULL;
}

static const struct name_table *
kind_lookup(const char *name, size_t len)
{
	size_t i;

	if (len != 1)
		return names_lookup(name, len);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].letter == *name)
			return names_lookup(
			    kinds[i].kind, strlen(kinds[i].kind));
	return NULL;
}

enum arg_done
arg_format(struct arg *arg, const char *format, size_t len)
{
	static const struct arg_row *const all[] = { rows,
		strace_memory_formats, strace_time_formats,
		strace_signal_formats, strace_process_formats,
		strace_call_formats, strace_net_formats };
	const struct name_table *table;
	const struct arg_row *row;
	size_t i;

	if (*format == '{') {
		format++;
		len -= 2;
	}
	row = NULL;
	for (i = 0; row == NULL && i < sizeof(all) / sizeof(all[0]); i++)
		row = rows_lookup(all[i], format, len);
	if (row != NULL)
		return row->format(arg);
	table = kind_lookup(format, len);
	if (table == NULL)
		return format_x(arg);
	names_format(arg->text, table, (uint32_t)arg_value(arg));
	return ARG_DONE;
}
