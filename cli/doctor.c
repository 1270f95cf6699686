/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace doctor: what the machine offers, and for what would hurt, what it
 * does and what to do about it. */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include <vmspace/vmspace.h>

#include "cli/cli.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* An arena below it makes vms_open() fail. */
#define ARENA_MIN (64 * MIB)
/* Below it a guest with the default of --memory may not fit. */
#define ARENA_GOOD (4 * GIB)
/* Linux's default; each extent of 2 MiB may need one mapping. */
#define MAPS_GOOD 65530

void
cmd_doctor_help(FILE *out)
{
	fprintf(out,
	    "Prints the version of the CPU engine, its calibration, and the\n"
	    "limits of this machine, one a line; under a line that would "
	    "hurt,\n"
	    "what it does and what to do.\n"
	    "\n"
	    "Exit status: 0 guests can run; 1 they cannot.\n");
}

static void
size_print(const char *name, uint64_t bytes)
{
	if (bytes >= 10 * GIB)
		printf("%-20s %" PRIu64 " GiB\n", name, bytes / GIB);
	else if (bytes >= 10 * MIB)
		printf("%-20s %" PRIu64 " MiB\n", name, bytes / MIB);
	else
		printf("%-20s %" PRIu64 " bytes\n", name, bytes);
}

static void
advice(const char *sentence)
{
	printf("  ! %s\n", sentence);
}

static void
engine_print(const struct vms_doctor *d)
{
	printf("%-20s %s, %s\n", "unicorn",
	    *d->unicorn_version ? d->unicorn_version : "unknown",
	    d->unicorn_usable ? "usable" : "not usable");
	if (!d->unicorn_usable)
		advice(d->unicorn_problem);
}

static void
calibration_print(const char *name, int offset)
{
	if (offset >= 0) {
		printf("%-20s found at offset %d of a context\n", name, offset);
		return;
	}
	printf("%-20s not found\n", name);
	advice("Faults of a guest cannot be told apart exactly.  Use Unicorn "
	       "2.1.4 or newer.");
}

static void
stops_print(bool precise)
{
	printf("%-20s %s\n", "stops",
	    precise ? "seen between blocks" : "looked for by a hook");
	if (!precise)
		advice("Guests run slower: this Unicorn cannot be told where "
		       "to look for stops.  Use Unicorn 2.1.4.");
}

static void
pages_print(const struct vms_doctor *d)
{
	printf("%-20s %" PRIu64 " bytes\n", "host page", d->host_page_bytes);
	if (d->host_page_bytes > VMS_PAGE_SIZE)
		advice("Guest pages stay 4096 bytes; a file that is mapped "
		       "shared needs offsets that fit the host's pages.");
}

static void
maps_print(const struct vms_doctor *d)
{
	if (d->map_count_limit == 0) {
		printf("%-20s none\n", "mapping limit");
		return;
	}
	printf("%-20s %" PRIu64 "\n", "mapping limit", d->map_count_limit);
	if (d->map_count_limit < MAPS_GOOD)
		advice("Large guests will run out of mappings.  Raise it: "
		       "sysctl vm.max_map_count=262144.");
}

static void
limit_print(const struct vms_doctor *d)
{
	if (d->address_space_limit == UINT64_MAX) {
		printf("%-20s none\n", "address space limit");
		return;
	}
	size_print("address space limit", d->address_space_limit);
	advice("It bounds the memory of all guests.  Lift it: "
	       "ulimit -v unlimited.");
}

static void
arena_print(const struct vms_doctor *d)
{
	size_print("guest memory", d->arena_bytes);
	if (d->arena_bytes < ARENA_MIN)
		advice("That is too little to run a guest.  Free address space "
		       "or lift the limit of this process.");
	else if (d->arena_bytes < ARENA_GOOD)
		advice("Guests with much memory will not fit; give them less "
		       "with --memory.");
}

int
cmd_doctor(int argc, char **argv)
{
	struct vms_doctor report = { .size = sizeof(report) };
	bool usable;
	int error;

	(void)argv;
	if (argc > 1)
		return cli_usage("doctor", "doctor takes no argument");
	error = vms_doctor(&report);
	if (error != 0)
		return cli_fail(CLI_UNUSABLE,
		    "the machine could not be examined: %s", strerror(error));
	usable = report.unicorn_usable && report.arena_bytes >= ARENA_MIN;
	engine_print(&report);
	calibration_print("error code", report.error_code_offset);
	calibration_print("exception latch", report.old_exception_offset);
	stops_print(report.precise_stops);
	pages_print(&report);
	maps_print(&report);
	limit_print(&report);
	arena_print(&report);
	printf("%-20s %s\n", "verdict",
	    usable ? "guests can run" : "guests cannot run");
	error = cli_flush();
	return error != CLI_OK ? error : usable ? CLI_OK : CLI_UNUSABLE;
}
