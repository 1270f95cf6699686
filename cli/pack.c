/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace pack: a trace with the files that its notes name, in one file. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/trace.h"

#define PATH_ROOM      4096
#define FILE_MAX_BYTES (256L << 20)

struct pack {
	const char *from;
	char out[PATH_ROOM];
	struct trace_reader *reader;
	struct trace_writer *writer;
	size_t files;
	struct trace_writer_options options;
};

void
cmd_pack_help(FILE *out)
{
	fprintf(out,
	    "Copies a trace together with the guest's programs into one file,\n"
	    "which replays and shows symbols on any machine.  Of a recording\n"
	    "that was cut short (FILE.partial) the copy has what can be read,\n"
	    "and is complete.\n"
	    "\n"
	    "Options:\n");
	trace_args_help(out, TRACE_OPT_OUT);
	fprintf(out,
	    "\n"
	    "Without -o the name is FILE.packed, without '.partial'.\n"
	    "\n"
	    "Exit status: 0; 2 FILE cannot be used, or wrong usage; 125 the\n"
	    "copy could not be written.\n");
}

static int
out_failed(const struct pack *pack, int error)
{
	return cli_fail(CLI_FAILED, "%s: %s", pack->out, strerror(error));
}

/* "x.partial" and "x" are packed into "x.packed". */
static int
out_name(struct pack *pack, const char *out)
{
	size_t len = strlen(pack->from);
	int used;

	if (len > 8 && strcmp(pack->from + len - 8, ".partial") == 0)
		len -= 8;
	used = out != NULL ? snprintf(pack->out, sizeof(pack->out), "%s", out)
			   : snprintf(pack->out, sizeof(pack->out),
				 "%.*s.packed", (int)len, pack->from);
	if (used < 0 || (size_t)used >= sizeof(pack->out))
		return cli_fail(CLI_USAGE, "the name of the copy is too long");
	return CLI_OK;
}

static uint8_t *
file_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "re");
	uint8_t *bytes = NULL;
	long end;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) > 0 &&
	    end <= FILE_MAX_BYTES && fseek(file, 0, SEEK_SET) == 0)
		bytes = malloc((size_t)end);
	if (bytes != NULL)
		*len = fread(bytes, 1, (size_t)end, file);
	fclose(file);
	return bytes;
}

static int
file_add(struct pack *pack, const char *name, const uint8_t *bytes, size_t len)
{
	int error = trace_write_file(pack->writer, name, bytes, len);

	if (error != 0)
		return out_failed(pack, error);
	pack->files++;
	return CLI_OK;
}

/* What an earlier pack has put in stays. */
static int
embedded_copy(struct pack *pack)
{
	const uint8_t *bytes;
	const char *name;
	size_t len;
	int status = CLI_OK;

	for (size_t i = 0; status == CLI_OK && (name = trace_reader_file_name(
						    pack->reader, i)) != NULL;
	     i++)
		if (trace_reader_file(pack->reader, name, &bytes, &len) == 0)
			status = file_add(pack, name, bytes, len);
	return status;
}

static int
noted_file_add(struct pack *pack, const char *path)
{
	const uint8_t *there;
	uint8_t *bytes;
	size_t len;
	int status;

	if (trace_reader_file(pack->reader, path, &there, &len) == 0)
		return CLI_OK;
	bytes = file_read(path, &len);
	if (bytes == NULL) {
		fprintf(
		    stderr, "vmspace: %s is not here and not packed\n", path);
		return CLI_OK;
	}
	status = file_add(pack, path, bytes, len);
	free(bytes);
	return status;
}

static int
noted_files_add(struct pack *pack)
{
	const char *const *notes = trace_reader_header(pack->reader)->notes;
	int status = CLI_OK;

	for (; status == CLI_OK && notes != NULL && *notes != NULL; notes++)
		if (strncmp(*notes, "file=", 5) == 0)
			status = noted_file_add(pack, *notes + 5);
	return status;
}

/* Damage ends the copy as the end of a recording cut short does. */
static int
events_copy(struct pack *pack)
{
	struct trace_problem problem = { .offset = 0 };
	struct trace_event event;
	int error, written;

	while ((error = trace_next(pack->reader, &event, &problem)) == 0) {
		written = trace_write(pack->writer, &event);
		if (written != 0)
			return out_failed(pack, written);
	}
	if (error != ENOENT)
		fprintf(stderr, "vmspace: %s: %s; packed up to there\n",
		    pack->from, problem.text);
	else if (trace_reader_end(pack->reader)->how == TRACE_END_TRUNCATED)
		fprintf(stderr,
		    "vmspace: %s was cut short; packed up to there\n",
		    pack->from);
	return CLI_OK;
}

static int
pack_finish(struct pack *pack, int status)
{
	struct trace_end end;
	uint64_t bytes;
	int error = trace_writer_finish(pack->writer, &end, &bytes);

	if (status != CLI_OK)
		return status;
	if (error != 0)
		return out_failed(pack, error);
	printf("%s: %" PRIu64 " events, %zu file%s, %" PRIu64 " bytes\n",
	    pack->out, end.events - pack->options.first_event, pack->files,
	    pack->files == 1 ? "" : "s", bytes);
	return CLI_OK;
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Events keep the numbers that they have in a ring.  What is wrong with it is
 * said when it is copied. */
static void
first_find(struct pack *pack)
{
	struct trace_reader *reader;
	struct trace_event event;

	if ((trace_reader_header(pack->reader)->incompat &
		TRACE_INCOMPAT_RING) == 0 ||
	    trace_reader_open(pack->from, &reader, NULL) != 0)
		return;
	if (trace_next(reader, &event, NULL) == 0) {
		pack->options.first_event = event.number;
		pack->options.first_insn = event.insns;
	}
	trace_reader_close(reader);
}

static int
pack_do(struct pack *pack)
{
	int status, error;

	if (same_file(pack->from, pack->out))
		return cli_usage(
		    "pack", "%s cannot be packed into itself", pack->from);
	first_find(pack);
	error = trace_writer_create(pack->out,
	    trace_reader_header(pack->reader), &pack->options, &pack->writer);
	if (error != 0)
		return out_failed(pack, error);
	status = embedded_copy(pack);
	if (status == CLI_OK)
		status = noted_files_add(pack);
	if (status == CLI_OK)
		status = events_copy(pack);
	return pack_finish(pack, status);
}

int
cmd_pack(int argc, char **argv)
{
	const struct trace_shape shape = { "pack", "pack", TRACE_OPT_OUT,
		"FILE", 1 };
	struct pack pack = { .files = 0 };
	struct trace_args args;
	int status, flushed;

	status = trace_args_parse(&shape, argc, argv, &args);
	if (status != CLI_OK)
		return status;
	pack.from = args.words[0];
	status = out_name(&pack, args.out);
	if (status == CLI_OK)
		status = trace_open(pack.from, &pack.reader);
	if (status != CLI_OK)
		return status;
	status = pack_do(&pack);
	trace_reader_close(pack.reader);
	flushed = cli_flush();
	return flushed != CLI_OK ? flushed : status;
}
