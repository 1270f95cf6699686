/* SPDX-License-Identifier: BSD-2-Clause */
/* What vmspace run and vmspace record share: all of it. */
#ifndef VMS_CLI_RUN_H
#define VMS_CLI_RUN_H

/* argv[0] is "run" or "record".  Returns the exit status. */
int run_command(int argc, char **argv);

#endif
