/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <unicorn/unicorn.h>

#include <vmspace/vmspace.h>

#include "bench/spawn.h"

#ifndef BENCH_BUILD
#define BENCH_BUILD "unknown"
#endif

static void
processor_name(char *name, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	snprintf(name, size, "unnamed processor");
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || colon == NULL)
			continue;
		colon[strcspn(colon, "\n")] = '\0';
		snprintf(name, size, "%s", colon + 2);
		break;
	}
	fclose(file);
}

static void
qemu_version(char *text, size_t size)
{
	char *argv[] = { (char[]){ "qemu-x86_64" }, (char[]){ "--version" },
		NULL };
	struct spawned result = { 0 };
	struct figure figure = { 0 };

	if (!spawn_wait(argv, &result, &figure) || result.status != 0) {
		snprintf(text, size, "no qemu-x86_64");
		return;
	}
	result.output[strcspn(result.output, "(\n")] = '\0';
	snprintf(text, size, "%s", result.output);
}

void
machine_print(FILE *out, const char *prefix)
{
	char processor[128], qemu[sizeof(((struct spawned *)0)->output)];
	unsigned major, minor;
	struct utsname name;
	double load = -1;

	memset(&name, 0, sizeof(name));
	uname(&name);
	processor_name(processor, sizeof(processor));
	qemu_version(qemu, sizeof(qemu));
	uc_version(&major, &minor);
	if (getloadavg(&load, 1) != 1)
		load = -1;
	fprintf(out, "%smachine: %s, %ld processors, %s %s %s, load %.2f%s\n",
	    prefix, processor, sysconf(_SC_NPROCESSORS_ONLN), name.sysname,
	    name.release, name.machine, load,
	    load > 0.5 ? " (busy: figures are unsteady)" : "");
	fprintf(out,
	    "%sversions: vmspace %s (%s build), Unicorn %u.%u.%u, %s\n"
	    "%sfigures are medians of several runs by turns; ratio is the "
	    "median of ours/theirs of each turn\n\n",
	    prefix, vms_version(), BENCH_BUILD, major, minor,
	    uc_version(NULL, NULL) >> 8 & 0xff, qemu, prefix);
}
