/* SPDX-License-Identifier: BSD-2-Clause */
/* A small vkernel that is recorded, and what the file then says. */
#ifndef VMS_TESTS_UNIT_RECORD_FIXTURE_H
#define VMS_TESTS_UNIT_RECORD_FIXTURE_H

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmspace/trace.h>

#include "base/os.h"
#include "traces/errno_map.h"
#include "traces/file.h"

#define PAGE  UINT64_C(4096)
#define CODE  UINT64_C(0x400000)
#define PAGES 64 /* of the guest's memory, seen at CODE */
#define STACK (CODE + PAGES * PAGE - 64)
#define RWX   (VMS_PROT_READ | VMS_PROT_WRITE | VMS_PROT_EXEC)

static char directory[] = "/tmp/vmspace-record-XXXXXX";
static char path[64], partial[72];

static struct vms *vms;
static struct vms_proc *proc;
static struct vms_lwp *lwp;
static struct vms_record *record;
static struct trapframe tf;
static struct vextframe vf;
static uint8_t *memory;
static int memory_fd;

/* What report() was told. */
static unsigned reports;
static char last_report[200];

static inline void
keep_report(void *arg, const char *sentence)
{
	ck_assert_ptr_eq(arg, last_report);
	reports++;
	snprintf(last_report, sizeof(last_report), "%s", sentence);
}

static inline struct vms_record_options
options_with(uint32_t flags)
{
	struct vms_record_options options = { .size = sizeof(options),
		.flags = flags,
		.report = keep_report,
		.arg = last_report };

	return options;
}

static inline void
fixture_open(void)
{
	struct vms_config config = { .size = sizeof(config),
		.arena_bytes = UINT64_C(64) << 20 };

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/t.vmt", directory);
	snprintf(partial, sizeof(partial), "%s.partial", path);
	ck_assert_int_eq(vms_open(&config, &vms), 0);
	ck_assert_int_eq(os_memfile("record", &memory_fd), 0);
	ck_assert_int_eq(ftruncate(memory_fd, PAGES * PAGE), 0);
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    memory_fd, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
}

static inline void
fixture_close(void)
{
	ck_assert_int_eq(vms_proc_exit(proc), 0);
	ck_assert_int_eq(vms_close(vms), 0);
	munmap(memory, PAGES * PAGE);
	close(memory_fd);
	unlink(path);
	unlink(partial);
	ck_assert_int_eq(rmdir(directory), 0);
}

static inline void
start(const struct vms_record_options *options)
{
	ck_assert_int_eq(vms_record_start(vms, path, options, &record), 0);
}

/* A process whose vmspace id shows the memory at CODE. */
static inline void
guest_open(void *id)
{
	vms_va_t at;

	ck_assert_int_eq(vms_proc_open(vms, &proc), 0);
	ck_assert_int_eq(vms_lwp_open(proc, &lwp), 0);
	ck_assert_int_eq(vms_create(proc, id, 0, NULL), 0);
	ck_assert_int_eq(vms_mmap(proc, id, CODE, PAGES * PAGE, RWX,
			     VMS_MAP_SHARED | VMS_MAP_FIXED, memory_fd, 0, &at),
	    0);
}

/* Runs code, put at CODE, from its start. */
static inline int
guest_run(void *id, const uint8_t *code, size_t len)
{
	memcpy(memory, code, len);
	ck_assert_int_eq(vms_note_write(vms, memory_fd, 0, len), 0);
	memset(&tf, 0, sizeof(tf));
	tf.tf_rip = CODE;
	tf.tf_rsp = STACK;
	return vms_ctl(lwp, id, VMS_CTL_RUN, &tf, &vf);
}

#define RUN(id, ...)                                                           \
	guest_run(id, (const uint8_t[]){ __VA_ARGS__ },                        \
	    sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* What events_each() tells of a file. */
typedef void event_fn(void *arg, const struct trace_event *event);

static inline struct trace_end
events_each(const char *name, event_fn *fn, void *arg)
{
	struct trace_problem problem = { .text = "" };
	struct trace_reader *reader;
	struct trace_event event;
	struct trace_end end;
	int error;

	error = trace_reader_open(name, &reader, &problem);
	ck_assert_msg(error == 0, "%s: %s", name, problem.text);
	while ((error = trace_next(reader, &event, &problem)) == 0)
		if (fn != NULL)
			fn(arg, &event);
	ck_assert_msg(error == ENOENT, "%s: %s", name, problem.text);
	end = *trace_reader_end(reader);
	trace_reader_close(reader);
	return end;
}

static inline size_t
file_read(const char *name, char **bytes)
{
	FILE *file = fopen(name, "rb");
	size_t len;

	ck_assert_ptr_nonnull(file);
	*bytes = malloc(1 << 22);
	ck_assert_ptr_nonnull(*bytes);
	len = fread(*bytes, 1, 1 << 22, file);
	ck_assert_uint_lt(len, 1 << 22);
	fclose(file);
	return len;
}

#endif
