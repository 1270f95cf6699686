/* SPDX-License-Identifier: BSD-2-Clause */
/* What the commands of the vmspace program share: the table of commands, the
 * exit statuses, and how an error is said. */
#ifndef VMS_CLI_CLI_H
#define VMS_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/format.h"

/* Defined in docs/cli.md; below 124 the status is the guest's own. */
enum cli_status {
	CLI_OK = 0,
	CLI_UNUSABLE = 1, /* doctor: no guest can run here; --expect-exit */
	CLI_USAGE = 2,
	CLI_LIMIT = 124,     /* a limit was reached */
	CLI_FAILED = 125,    /* vmspace or the host failed */
	CLI_NOT_RUN = 126,   /* PROGRAM exists and cannot be run */
	CLI_NOT_FOUND = 127, /* PROGRAM does not exist */
	CLI_SIGNAL = 128     /* plus the number of the guest's signal */
};

struct command {
	const char *name;
	const char *usage;   /* what follows "vmspace NAME" */
	const char *summary; /* one line, for vmspace --help */
	/* argv[0] is the command's name; returns the exit status. */
	int (*run)(int argc, char **argv);
	void (*help)(
	    FILE *out); /* all that vmspace help NAME says after usage */
};

/* Ends with a row whose name is NULL. */
extern const struct command commands[];

const struct command *command_lookup(const char *name);

int cmd_run(int argc, char **argv);
void cmd_run_help(FILE *out);
int cmd_record(int argc, char **argv);
void cmd_record_help(FILE *out);
int cmd_replay(int argc, char **argv);
void cmd_replay_help(FILE *out);
int cmd_trace(int argc, char **argv);
void cmd_trace_help(FILE *out);
int cmd_bisect(int argc, char **argv);
void cmd_bisect_help(FILE *out);
int cmd_golden(int argc, char **argv);
void cmd_golden_help(FILE *out);
int cmd_pack(int argc, char **argv);
void cmd_pack_help(FILE *out);
int cmd_doctor(int argc, char **argv);
void cmd_doctor_help(FILE *out);
int cmd_help(int argc, char **argv);
void cmd_help_help(FILE *out);

/* "--help" or "-h"? */
bool cli_asks_help(const char *argument);

/* Prints what vmspace help NAME says; the exit status. */
int help_command(const char *name);

/* Says what the program is, its commands and exit statuses. */
void help_print(FILE *out);

/* Prints "vmspace: " and the sentence, on one line of stderr; returns status.
 */
int cli_fail(int status, const char *format, ...) VMS_PRINTF(2, 3);

/* The same for a usage error of a command: adds where help is to be found;
 * returns CLI_USAGE. */
int cli_usage(const char *command, const char *format, ...) VMS_PRINTF(2, 3);

/* CLI_OK, or CLI_FAILED when stdout could not take what was printed. */
int cli_flush(void);

#endif
