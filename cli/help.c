/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace help, and what vmspace --help prints. */
#include "cli/cli.h"

#include <vmspace/vmspace.h>

void
help_print(FILE *out)
{
	fprintf(out,
	    "usage: vmspace COMMAND ...\n"
	    "       vmspace --help | --version\n"
	    "\n"
	    "Runs x86-64 Linux programs inside a vmspace: an address space in\n"
	    "the sense of DragonFly BSD's virtual kernels.\n"
	    "\n"
	    "Commands:\n");
	for (const struct command *c = commands; c->name != NULL; c++)
		fprintf(out, "  %-8s %s\n", c->name, c->summary);
	fprintf(out,
	    "\n"
	    "Exit status:\n"
	    "  of run and record, the guest's, or 128 plus the number of the signal that\n"
	    "  ended it; else 0, and\n"
	    "    1    doctor: no guest can run here; replay, trace, bisect, golden:\n"
	    "         different\n"
	    "    2    wrong usage; replay, trace, bisect, golden, pack: a file cannot\n"
	    "         be used\n"
	    "    124  a limit was reached (--timeout, --max-...)\n"
	    "    125  vmspace or the host failed\n"
	    "    126  PROGRAM exists but cannot be run\n"
	    "    127  PROGRAM was not found\n"
	    "\n"
	    "vmspace help COMMAND says more.\n");
}

void
cmd_help_help(FILE *out)
{
	fprintf(out, "Explains COMMAND, or lists the commands.\n");
}

/* "help trace mem" is "trace mem --help". */
static int
help_part(const struct command *command, char *name, char *part)
{
	char ask[] = "--help";
	char *argv[] = { name, part, ask, NULL };

	return command->run(3, argv);
}

int
cmd_help(int argc, char **argv)
{
	const struct command *c;

	if (argc == 1 || cli_asks_help(argv[1])) {
		help_print(stdout);
		return cli_flush();
	}
	c = command_lookup(argv[1]);
	if (c == NULL)
		return cli_usage("", "'%s' is not a command", argv[1]);
	if (argc == 2)
		return help_command(argv[1]);
	if (argc == 3 && (c->run == cmd_trace || c->run == cmd_golden))
		return help_part(c, argv[1], argv[2]);
	return cli_usage("help", "help takes one command");
}

int
help_command(const char *name)
{
	const struct command *c = command_lookup(name);

	printf("usage: vmspace %s%s%s\n\n", c->name, *c->usage ? " " : "",
	    c->usage);
	c->help(stdout);
	return cli_flush();
}
