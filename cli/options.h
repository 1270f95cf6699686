/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of vmspace run, and of vmspace record, which has more. */
#ifndef VMS_CLI_OPTIONS_H
#define VMS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <vmspace/trace.h>

#include "vkernel/strace_filter.h"
#include "vkernel/vkernel.h"

struct run_options {
	const char *command; /* "run" or "record" */
	bool strace, trace_insn, stats, chaos, lint, clear_env, help;
	const char *strace_file; /* NULL: stderr */
	const char *trace_file;  /* NULL: stderr */
	uint64_t memory_bytes;   /* 0: the vkernel's default */
	uint64_t limit_insns, max_insns, max_faults, max_procs; /* 0: none */
	uint64_t timeout_ns;                                    /* 0: none */
	bool strict, aslr;
	int expect_exit; /* -1: any */
	bool filtered;   /* strace_filter is set */
	struct strace_filter strace_filter;
	uint64_t strace_strings; /* 0: the vkernel's default */
	uint64_t seed;
	bool seeded;  /* seed was given */
	bool own_ids; /* else the host's */
	uint32_t uid, gid;
	enum vk_clock clock;
	const char *root;      /* NULL: the host's "/" */
	struct vk_bind *binds; /* bind_count of them; free() it */
	size_t bind_count;
	bool read_only, no_network, paths_by_name;
	const char **env; /* NAME=VALUE, env_count of them; free() it */
	size_t env_count;
	int program; /* index of PROGRAM in argv */
	/* Of record: */
	struct vms_record_options record; /* without notes and report() */
	const char *record_file;          /* NULL: after PROGRAM */
};

/* argv[0] is the command.  0, or the exit status, when a sentence is on
 * stderr.  Whatever happens, options is to be finished.  Strings are argv's. */
int options_parse(int argc, char **argv, struct run_options *options);
void options_finish(struct run_options *options);

/* The list of options for vmspace help: those that record adds to run's, or
 * run's. */
void options_help(FILE *out, bool of_record);

#endif
