/* SPDX-License-Identifier: BSD-2-Clause */
/* The vmspace program: looks the command up and runs it. */
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <vmspace/vmspace.h>

const struct command commands[] = {
	{ "run", "[OPTIONS] PROGRAM [ARGS...]",
	    "runs a static x86-64 Linux program as a guest", cmd_run,
	    cmd_run_help },
	{ "record", "[-o FILE] [OPTIONS] PROGRAM [ARGS...]",
	    "as run, and keeps all that is needed to do it again", cmd_record,
	    cmd_record_help },
	{ "replay", "[--against COMMAND [--rules RULES]] FILE",
	    "executes a recording again and compares", cmd_replay,
	    cmd_replay_help },
	{ "trace", "COMMAND FILE [OPTIONS]",
	    "shows what a recording holds and what the guest did", cmd_trace,
	    cmd_trace_help },
	{ "bisect", "[--json] A B",
	    "finds the first instruction at which two recordings part",
	    cmd_bisect, cmd_bisect_help },
	{ "golden", "record|check|update DIR [NAME...]",
	    "compares programs with what they did before", cmd_golden,
	    cmd_golden_help },
	{ "pack", "[-o OUT] FILE",
	    "puts a recording and its programs into one file", cmd_pack,
	    cmd_pack_help },
	{ "doctor", "", "says whether guests can run well on this machine",
	    cmd_doctor, cmd_doctor_help },
	{ "help", "[COMMAND]", "explains a command", cmd_help, cmd_help_help },
	{ NULL, NULL, NULL, NULL, NULL },
};

const struct command *
command_lookup(const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static void
complain(const char *format, va_list args)
{
	fflush(stdout);
	fputs("vmspace: ", stderr);
	vfprintf(stderr, format, args);
}

int
cli_fail(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

int
cli_usage(const char *command, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	fprintf(
	    stderr, " (see: vmspace help%s%s)\n", *command ? " " : "", command);
	return CLI_USAGE;
}

int
cli_flush(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return cli_fail(
		    CLI_FAILED, "cannot write to stdout: %s", strerror(errno));
	return CLI_OK;
}

static int
version_print(void)
{
	printf("vmspace %s\n", vms_version());
	return cli_flush();
}

bool
cli_asks_help(const char *argument)
{
	return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

int
main(int argc, char **argv)
{
	const struct command *command;

	/* A file that may not become larger is an error that is told. */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (argc < 2)
		return cli_usage("", "a command is missing");
	if (strcmp(argv[1], "--version") == 0)
		return version_print();
	if (cli_asks_help(argv[1])) {
		help_print(stdout);
		return cli_flush();
	}
	command = command_lookup(argv[1]);
	if (command == NULL)
		return cli_usage("", "'%s' is not a command", argv[1]);
	if (argc > 2 && cli_asks_help(argv[2]))
		return help_command(command->name);
	/* What these commands open is not what is to be recorded. */
	if (command->run != cmd_run)
		unsetenv("VMSPACE_RECORD");
	return command->run(argc - 1, argv + 1);
}
