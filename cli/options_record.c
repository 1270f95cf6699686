/* SPDX-License-Identifier: BSD-2-Clause */
/* The options that vmspace record has and run has not. */
#include <string.h>

#include "cli/cli.h"
#include "cli/options_row.h"

static int
set_undeclared(struct run_options *o, const char *value)
{
	(void)value;
	o->record.flags &= ~(uint32_t)VMS_RECORD_DECLARED;
	return 0;
}

static int
set_check_declared(struct run_options *o, const char *value)
{
	(void)value;
	o->record.flags |= VMS_RECORD_CHECK;
	return 0;
}

static int
set_written(struct run_options *o, const char *value)
{
	(void)value;
	o->record.flags |= VMS_RECORD_WRITTEN;
	return 0;
}

static int
set_verify(struct run_options *o, const char *value)
{
	bool full = strcmp(value, "full") == 0;

	if (!full && strcmp(value, "normal") != 0)
		return cli_usage(o->command,
		    "--verify takes normal or full, not '%s'", value);
	o->record.flags &= ~(uint32_t)VMS_RECORD_VERIFY_FULL;
	if (full)
		o->record.flags |= VMS_RECORD_VERIFY_FULL;
	return 0;
}

static int
set_record_optional(struct run_options *o, const char *value)
{
	(void)value;
	o->record.flags |= VMS_RECORD_OPTIONAL;
	return 0;
}

const struct option_row record_rows[] = {
	{ "output", " FILE",
	    "or -o FILE: records into FILE; default PROGRAM.vmt", OPTION_TEXT,
	    OPTION_FIELD(record_file), .letter = 'o' },
	{ "undeclared", "",
	    "searches for what the vkernel wrote instead of trusting it",
	    OPTION_SET, .set = set_undeclared },
	{ "check-declared", "",
	    "searches, and fails on what the vkernel did not declare",
	    OPTION_SET, .set = set_check_declared },
	{ "written", "", "keeps what guests wrote too, for replay --against",
	    OPTION_SET, .set = set_written },
	{ "verify", "=normal|full", "full: a digest of memory after every run",
	    OPTION_SET_VALUE, .set = set_verify },
	{ "digest", " N",
	    "a digest of memory every N instructions; default 1048576",
	    OPTION_COUNT, OPTION_FIELD(record.digest_insns) },
	{ "checkpoint", " N", "keeps all of memory every N instructions",
	    OPTION_COUNT, OPTION_FIELD(record.checkpoint_insns) },
	{ "max-size", " SIZE", "ends the recording when FILE has SIZE bytes",
	    OPTION_SIZE, OPTION_FIELD(record.max_bytes) },
	{ "ring", " SIZE", "keeps about the last SIZE bytes of the recording",
	    OPTION_SIZE, OPTION_FIELD(record.ring_bytes) },
	{ "record-optional", "",
	    "the guest goes on when FILE cannot be written", OPTION_SET,
	    .set = set_record_optional },
	{ .name = NULL },
};
