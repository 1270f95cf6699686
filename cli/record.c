/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace record: a run with a recording around it.  The notes say what was
 * run and depend on nothing else, so that recording twice gives the same
 * file. */
#include "cli/record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vmspace/trace.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/run.h"
#include "cli/stats.h"
#include "loader/elf.h"
#include "loader/script.h"

void
cmd_record_help(FILE *out)
{
	fprintf(out,
	    "Runs PROGRAM as 'vmspace run' does and writes all that enters\n"
	    "the guest from outside to FILE, so that 'vmspace replay FILE'\n"
	    "can execute it again.  Until the end the file is called\n"
	    "FILE.partial, and it stays so when the recording is cut short;\n"
	    "what is in it can be read.\n"
	    "\n"
	    "Options:\n");
	options_help(out, true);
	fprintf(out, "\nOptions of run:\n");
	options_help(out, false);
	fprintf(out,
	    "\n"
	    "Exit status: as of run; 125 also when FILE could not be written\n"
	    "to its end, unless --record-optional is given, and when\n"
	    "--check-declared found something.\n");
}

int
cmd_record(int argc, char **argv)
{
	return run_command(argc, argv);
}

static char *
joined(const char *a, const char *b)
{
	size_t bytes = strlen(a) + strlen(b) + 1;
	char *text = malloc(bytes);

	if (text != NULL)
		(void)snprintf(text, bytes, "%s%s", a, b);
	return text;
}

/* "command=PROGRAM ARGS..." */
static char *
note_command(char **arguments)
{
	char *text = joined("command=", arguments[0]);

	for (size_t i = 1; text != NULL && arguments[i] != NULL; i++) {
		char *spaced = joined(text, " ");

		free(text);
		text = spaced == NULL ? NULL : joined(spaced, arguments[i]);
		free(spaced);
	}
	return text;
}

static char *
file_after(const char *program)
{
	const char *slash = strrchr(program, '/');

	return joined(slash == NULL ? program : slash + 1, ".vmt");
}

static void
report_print(void *arg, const char *sentence)
{
	fprintf(arg, "vmspace: record: %s\n", sentence);
}

static int
record_start(struct recording *recording, struct vms *vms,
    const struct run_options *o, const char *command, const char *file)
{
	struct vms_record_options options = o->record;
	char seed[32], memory[32];
	const char *notes[] = { command, file, "personality=linux",
		o->clock == VK_CLOCK_VIRTUAL ? "clock=virtual" : "clock=host",
		seed, memory, NULL };

	(void)snprintf(seed, sizeof(seed), "seed=%" PRIu64, o->seed);
	(void)snprintf(
	    memory, sizeof(memory), "memory=%" PRIu64, o->memory_bytes);
	if (o->memory_bytes == 0)
		notes[5] = NULL;
	options.notes = notes;
	options.report = report_print;
	options.arg = stderr;
	return vms_record_start(
	    vms, recording->file, &options, &recording->record);
}

/* What cannot be loaded leaves an older recording of that name alone: the
 * vkernel will refuse it, and say why. */
static bool
is_loadable(const char *program)
{
	char message[512];
	struct elf_image image;
	struct script script;
	int fd = open(program, O_RDONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return false;
	error = script_read(fd, program, &script, message, sizeof(message));
	if (error == 0 && script.interp[0] == '\0')
		error = elf_read(fd, program, &image, message, sizeof(message));
	close(fd);
	return error == 0;
}

int
recording_start(struct recording *recording, struct vms *vms,
    const struct run_options *o, const char *program, char **argv)
{
	char **arguments = argv + o->program;
	char *command = note_command(arguments);
	char *file = joined("file=", program);
	int error = ENOMEM;

	if (o->root == NULL && !is_loadable(program)) {
		free(command);
		free(file);
		recording->refused = true;
		return 0;
	}
	recording->file = o->record_file != NULL ? joined(o->record_file, "")
						 : file_after(arguments[0]);
	if (command != NULL && file != NULL && recording->file != NULL)
		error = record_start(recording, vms, o, command, file);
	free(command);
	free(file);
	if (error == 0)
		return 0;
	return cli_fail(CLI_FAILED, "%s cannot be recorded: %s",
	    recording->file == NULL ? arguments[0] : recording->file,
	    strerror(error));
}

static int
result_judge(const struct recording *recording, const struct run_options *o,
    const struct vms_record_result *result, int status)
{
	if (result->error != 0) {
		bool fails = (o->record.flags & VMS_RECORD_OPTIONAL) == 0;

		return cli_fail(fails ? CLI_FAILED : status,
		    "the recording is incomplete, it stays %s.partial: %s",
		    recording->file, strerror(result->error));
	}
	if (result->capped)
		(void)cli_fail(status,
		    "%s: the recording ends at its largest size, after "
		    "%" PRIu64 " events",
		    recording->file, result->events);
	if (result->missed != 0)
		return cli_fail(CLI_FAILED,
		    "%" PRIu64 " stores of the vkernel were not declared",
		    result->missed);
	return status;
}

int
recording_stop(
    struct recording *recording, const struct run_options *o, int status)
{
	struct vms_record_result result = { .size = sizeof(result) };
	int error;

	if (recording->record != NULL) {
		error = vms_record_stop(recording->record, &result);
		if (result.error == 0)
			result.error = error;
		if (o->stats)
			stats_print_record(stderr, &result);
		status = result_judge(recording, o, &result, status);
	}
	if (recording->refused && status != CLI_NOT_RUN &&
	    status != CLI_NOT_FOUND)
		status = cli_fail(
		    CLI_FAILED, "the program changed, and was not recorded");
	free(recording->file);
	*recording = (struct recording){ .record = NULL };
	return status;
}
