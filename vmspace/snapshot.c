/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 32
#define NAME_MAX    32

struct column {
	const char *name;
	uint64_t max;
};

static const struct column vms_columns[] = {
	{ "counting", 1 },
	{ "vkernel_enable", UINT32_MAX },
	{ "procs", UINT32_MAX },
	{ "lwps", UINT32_MAX },
	{ "files", UINT32_MAX },
	{ "made", UINT32_MAX },
	{ "insns", UINT64_MAX },
	{ "next_digest", UINT64_MAX },
	{ "age", UINT32_MAX },
};

static const struct column proc_columns[] = {
	{ "number", UINT32_MAX },
	{ "registry", UINT32_MAX },
	{ "mailbox", 1 },
};

static const struct column lwp_columns[] = {
	{ "number", UINT32_MAX },
	{ "proc", UINT32_MAX },
	{ "budget", UINT64_MAX },
	{ "retired", UINT64_MAX },
	{ "clock", UINT64_MAX },
};

static const struct column fp_columns[] = {
	{ "lwp", UINT32_MAX },
	{ "word", 63 },
	{ "value", UINT64_MAX },
};

static const struct column file_columns[] = {
	{ "number", UINT32_MAX },
	{ "bytes", INT64_MAX },
	{ "fixed_end", 1 },
	{ "access", 2 },
};

static const struct column made_columns[] = {
	{ "number", UINT32_MAX },
	{ "pages", UINT64_C(1) << 51 },
	{ "backing", UINT32_MAX },
	{ "backing_pages", UINT64_C(1) << 51 },
};

static const struct column space_columns[] = {
	{ "registry", UINT32_MAX },
	{ "id", UINT64_MAX },
};

static const struct column entry_columns[] = {
	{ "space", UINT32_MAX },
	{ "start", UINT64_MAX },
	{ "end", UINT64_MAX },
	{ "prot", 7 },
	{ "max_prot", 7 },
	{ "inherit", 1 },
	{ "advice", 2 },
	{ "vpagetable", 1 },
	{ "needs_copy", 1 },
	{ "cow", 1 },
	{ "nosync", 1 },
	{ "nocore", 1 },
	{ "stack", 1 },
	{ "file", 1 },
	{ "object", UINT32_MAX },
	{ "offset", INT64_MAX },
	{ "avail_ssize", UINT64_MAX },
	{ "master", UINT64_MAX },
};

static const struct column page_columns[] = {
	{ "file", 1 },
	{ "object", UINT32_MAX },
	{ "index", UINT64_C(1) << 51 },
	{ "dirty", 1 },
};

static const struct column live_columns[] = {
	{ "page", UINT64_MAX },
};

static const struct column translation_columns[] = {
	{ "space", UINT32_MAX },
	{ "va", UINT64_MAX },
	{ "page", UINT64_MAX },
	{ "writable", 1 },
};

static const struct table {
	const char *name;
	const struct column *columns;
	size_t count;
} tables[SNAP_TABLES] = {
#define TABLE(name, columns, row)                                              \
	{                                                                      \
		name, columns, sizeof(row) / sizeof(uint64_t)                  \
	}
	[SNAP_VMS] = TABLE("vms", vms_columns, struct snap_vms),
	[SNAP_PROCS] = TABLE("procs", proc_columns, struct snap_proc),
	[SNAP_LWPS] = TABLE("lwps", lwp_columns, struct snap_lwp),
	[SNAP_FP] = TABLE("fp", fp_columns, struct snap_fp),
	[SNAP_FILES] = TABLE("files", file_columns, struct snap_file),
	[SNAP_MADE] = TABLE("made", made_columns, struct snap_made),
	[SNAP_SPACES] = TABLE("spaces", space_columns, struct snap_space),
	[SNAP_ENTRIES] = TABLE("entries", entry_columns, struct snap_entry),
	[SNAP_PAGES] = TABLE("pages", page_columns, struct snap_page),
	[SNAP_LIVE] = TABLE("live", live_columns, struct snap_live),
	[SNAP_TRANSLATIONS] =
	    TABLE("translations", translation_columns, struct snap_translation),
};

#define SAME_COLUMNS(columns, row)                                             \
	_Static_assert(sizeof(columns) / sizeof((columns)[0]) ==               \
			   sizeof(row) / sizeof(uint64_t),                     \
	    #row)
SAME_COLUMNS(vms_columns, struct snap_vms);
SAME_COLUMNS(proc_columns, struct snap_proc);
SAME_COLUMNS(lwp_columns, struct snap_lwp);
SAME_COLUMNS(fp_columns, struct snap_fp);
SAME_COLUMNS(file_columns, struct snap_file);
SAME_COLUMNS(made_columns, struct snap_made);
SAME_COLUMNS(space_columns, struct snap_space);
SAME_COLUMNS(entry_columns, struct snap_entry);
SAME_COLUMNS(page_columns, struct snap_page);
SAME_COLUMNS(live_columns, struct snap_live);
SAME_COLUMNS(translation_columns, struct snap_translation);

/* --- Rows --- */

void
snapshot_finish(struct snapshot *snapshot)
{
	for (int i = 0; i < SNAP_TABLES; i++)
		free(snapshot->tables[i].at);
	*snapshot = (struct snapshot){ 0 };
}

void *
snapshot_add(struct snapshot *snapshot, enum snap_what what)
{
	struct snap_rows *rows = &snapshot->tables[what];
	size_t columns = tables[what].count;
	size_t capacity = rows->capacity ? rows->capacity * 2 : 16;
	uint64_t *at;

	if (rows->count == rows->capacity) {
		at = realloc(rows->at, capacity * columns * sizeof(*at));
		if (at == NULL)
			return NULL;
		rows->at = at;
		rows->capacity = capacity;
	}
	at = rows->at + rows->count++ * columns;
	memset(at, 0, columns * sizeof(*at));
	return at;
}

void *
snapshot_row(const struct snapshot *snapshot, enum snap_what what, size_t i)
{
	return snapshot->tables[what].at + i * tables[what].count;
}

size_t
snapshot_count(const struct snapshot *snapshot, enum snap_what what)
{
	return snapshot->tables[what].count;
}

size_t
snapshot_find(
    const struct snapshot *snapshot, enum snap_what what, uint64_t number)
{
	size_t low = 0, high = snapshot_count(snapshot, what);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t at = *(uint64_t *)snapshot_row(snapshot, what, middle);
		if (at == number)
			return middle;
		if (at < number)
			low = middle + 1;
		else
			high = middle;
	}
	return SIZE_MAX;
}

/* --- Encoding --- */

struct out {
	uint8_t *at;
	size_t len, capacity;
	bool failed;
};

static void
put_byte(struct out *out, uint8_t byte)
{
	size_t capacity = out->capacity ? out->capacity * 2 : 4096;
	uint8_t *at;

	if (out->len == out->capacity) {
		at = out->failed ? NULL : realloc(out->at, capacity);
		if (at == NULL) {
			out->failed = true;
			return;
		}
		out->at = at;
		out->capacity = capacity;
	}
	out->at[out->len++] = byte;
}

static void
put_number(struct out *out, uint64_t value)
{
	for (; value > 0x7f; value >>= 7)
		put_byte(out, (uint8_t)(value | 0x80));
	put_byte(out, (uint8_t)value);
}

static void
put_name(struct out *out, const char *name)
{
	size_t len = strlen(name);

	put_number(out, len);
	for (size_t i = 0; i < len; i++)
		put_byte(out, (uint8_t)name[i]);
}

static void
put_table(
    struct out *out, const struct table *table, const struct snap_rows *rows)
{
	uint64_t last[COLUMNS_MAX] = { 0 };

	put_name(out, table->name);
	put_number(out, table->count);
	for (size_t i = 0; i < table->count; i++)
		put_name(out, table->columns[i].name);
	put_number(out, rows->count);
	for (size_t i = 0; i < rows->count * table->count; i++) {
		uint64_t delta = rows->at[i] - last[i % table->count];
		put_number(out, (delta << 1) ^ (0 - (delta >> 63)));
		last[i % table->count] = rows->at[i];
	}
}

int
snapshot_encode(const struct snapshot *snapshot, uint8_t **bytes, size_t *len)
{
	struct out out = { 0 };

	put_number(&out, SNAP_VERSION);
	put_number(&out, SNAP_TABLES);
	for (int i = 0; i < SNAP_TABLES; i++)
		put_table(&out, &tables[i], &snapshot->tables[i]);
	if (out.failed) {
		free(out.at);
		return ENOMEM;
	}
	*bytes = out.at;
	*len = out.len;
	return 0;
}

/* --- Decoding --- */

struct in {
	const uint8_t *at, *end;
	bool bad;
};

/* 0 when it is bad. */
static uint64_t
get_number(struct in *in)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
		uint8_t byte = *in->at++;
		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	in->bad = true;
	return 0;
}

static void
get_name(struct in *in, char name[NAME_MAX])
{
	uint64_t len = get_number(in);

	name[0] = '\0';
	if (len >= NAME_MAX || len > (size_t)(in->end - in->at)) {
		in->bad = true;
		return;
	}
	memcpy(name, in->at, (size_t)len);
	name[len] = '\0';
	in->at += len;
}

/* Where the columns of the file are in our rows; COLUMNS_MAX: nowhere. */
struct layout {
	size_t count, ours[COLUMNS_MAX];
};

static size_t
column_find(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return i;
	return COLUMNS_MAX;
}

/* Each of our columns must be there once; others may be. */
static void
get_layout(struct in *in, const struct table *table, struct layout *layout)
{
	uint64_t count = get_number(in);
	size_t known = 0;
	uint32_t seen = 0;
	char name[NAME_MAX];

	*layout = (struct layout){ 0 };
	if (count == 0 || count > COLUMNS_MAX) {
		in->bad = true;
		return;
	}
	for (layout->count = 0; layout->count < count; layout->count++) {
		size_t ours;
		get_name(in, name);
		ours = table == NULL ? COLUMNS_MAX : column_find(table, name);
		layout->ours[layout->count] = ours;
		if (ours == COLUMNS_MAX)
			continue;
		in->bad |= (seen >> ours & 1) != 0;
		seen |= UINT32_C(1) << ours;
		known++;
	}
	if (table != NULL && known != table->count)
		in->bad = true;
}

static void
get_row(struct in *in, const struct layout *layout, const struct table *table,
    uint64_t *last, uint64_t *row)
{
	for (size_t i = 0; i < layout->count; i++) {
		uint64_t delta = get_number(in);
		last[i] += (delta >> 1) ^ (0 - (delta & 1));
		if (table == NULL || layout->ours[i] == COLUMNS_MAX)
			continue;
		row[layout->ours[i]] = last[i];
		if (last[i] > table->columns[layout->ours[i]].max)
			in->bad = true;
	}
}

static size_t
table_find(const char *name)
{
	size_t i = 0;

	while (i < SNAP_TABLES && strcmp(tables[i].name, name) != 0)
		i++;
	return i;
}

/* A table that we do not know is passed over. */
static int
get_table(struct snapshot *snapshot, struct in *in, uint32_t *seen)
{
	uint64_t last[COLUMNS_MAX] = { 0 }, none[1], *row = none;
	struct layout layout;
	char name[NAME_MAX];
	uint64_t count;
	size_t what;

	get_name(in, name);
	what = table_find(name);
	get_layout(in, what == SNAP_TABLES ? NULL : &tables[what], &layout);
	count = get_number(in);
	if (in->bad || layout.count == 0 ||
	    count > (size_t)(in->end - in->at) / layout.count)
		return EBADMSG;
	if (what < SNAP_TABLES && (*seen >> what & 1))
		return EBADMSG;
	*seen |= UINT32_C(1) << what;
	for (uint64_t i = 0; i < count && !in->bad; i++) {
		if (what < SNAP_TABLES && (row = snapshot_add(snapshot,
					       (enum snap_what)what)) == NULL)
			return ENOMEM;
		get_row(in, &layout, what == SNAP_TABLES ? NULL : &tables[what],
		    last, row);
	}
	return in->bad ? EBADMSG : 0;
}

int
snapshot_decode(struct snapshot *snapshot, const uint8_t *bytes, size_t len)
{
	struct in in = { bytes, bytes + len, false };
	uint64_t version = get_number(&in);
	uint64_t count = get_number(&in);
	uint32_t seen = 0, all = (UINT32_C(1) << SNAP_TABLES) - 1;
	int error = 0;

	if (in.bad || version != SNAP_VERSION || count > len)
		return EBADMSG;
	for (uint64_t i = 0; i < count && error == 0; i++)
		error = get_table(snapshot, &in, &seen);
	if (error == 0 && ((seen & all) != all || in.at != in.end))
		error = EBADMSG;
	return error;
}
