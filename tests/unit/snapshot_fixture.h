/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world: an observed struct vms on the real engine, a memory file that holds
 * code, page tables and data, and a log of all that its observer is told.  A
 * snapshot of it is kept in memory.
 */
#ifndef VMS_TESTS_UNIT_SNAPSHOT_FIXTURE_H
#define VMS_TESTS_UNIT_SNAPSHOT_FIXTURE_H

#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmspace/snapshot.h>

#include "base/os.h"

#define PAGE       ((size_t)VMS_PAGE_SIZE)
#define FILE_PAGES 32
#define RW         (VMS_PROT_READ | VMS_PROT_WRITE)
#define HANDLES    16
#define LOG_BYTES  (1 << 20)
#define SAVED_MAX  4096

struct saved_page {
	struct vms_snapshot_page where;
	uint8_t bytes[VMS_PAGE_SIZE];
};

struct saved {
	uint8_t *structure;
	size_t len;
	struct saved_page *pages;
	size_t count, next;
};

struct world {
	struct vms *vms;
	int fds[3]; /* of the file, by access mode */
	uint8_t *memory;
	struct vms_proc *procs[HANDLES];
	struct vms_lwp *lwps[HANDLES];
	uint32_t proc_of[HANDLES]; /* of an lwp */
	struct trapframe tf;
	struct vextframe vf;
	uint64_t limit;
	char *log;
	size_t log_len;
	struct saved *save_after_run; /* NULL: no */
	int save_error;
};

static inline void
tell(struct world *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	w->log_len += (size_t)vsnprintf(
	    w->log + w->log_len, LOG_BYTES - w->log_len, format, args);
	va_end(args);
	ck_assert_uint_lt(w->log_len, LOG_BYTES);
}

/* FNV-1a: what is long is told short. */
static inline uint64_t
hash(const void *bytes, size_t len)
{
	uint64_t value = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		value = (value ^ ((const uint8_t *)bytes)[i]) *
			UINT64_C(0x100000001b3);
	return value;
}

/* --- What is told --- */

static inline void
told_call(void *arg, const struct vms_call *call)
{
	tell(arg, "call %d proc %u lwp %u id %p error %d result %llx %llx\n",
	    call->op, call->proc, call->lwp, call->id, call->error,
	    (unsigned long long)call->result,
	    (unsigned long long)hash(call->data, call->data_bytes));
}

static inline void
told_object(void *arg, const struct vms_object_info *object)
{
	tell(arg, "object %u bytes %llu\n", object->number,
	    (unsigned long long)object->bytes);
}

static inline int
told_run_start(
    void *arg, const struct vms_run_start *start, uint64_t *limit_insns)
{
	struct world *w = arg;

	(void)start;
	*limit_insns = w->limit;
	return 0;
}

static inline void
told_run_end(void *arg, const struct vms_run_end *end)
{
	tell(arg,
	    "run proc %u lwp %u id %p how %d error %d insns %llu trap %d err "
	    "%llx addr %llx rip %llx frame %llx\n",
	    end->proc, end->lwp, end->id, end->how, end->error,
	    (unsigned long long)end->insns, (int)end->tf->tf_trapno,
	    (unsigned long long)end->tf->tf_err,
	    (unsigned long long)end->tf->tf_addr,
	    (unsigned long long)end->tf->tf_rip,
	    (unsigned long long)hash(end->tf, sizeof(*end->tf)));
	if (end->fxsave != NULL)
		tell(arg, "fp %llx\n",
		    (unsigned long long)hash(end->fxsave, 512));
}

static inline void
told_input(void *arg, const struct vms_input *input)
{
	tell(arg, "input %u %llx+%zu first %d undeclared %d %llx\n",
	    input->object, (unsigned long long)input->off, input->len,
	    input->first, input->undeclared,
	    (unsigned long long)hash(input->bytes, input->len));
}

static inline void
told_digest(void *arg, const struct vms_digest *digest)
{
	tell(arg, "digest lwp %u insns %llu memory %llx registers %llx\n",
	    digest->lwp, (unsigned long long)digest->insns,
	    (unsigned long long)digest->memory,
	    (unsigned long long)digest->registers);
}

static inline void
told_written(
    void *arg, uint32_t object, uint64_t off, const void *bytes, size_t len)
{
	tell(arg, "written %u %llx+%zu %llx\n", object, (unsigned long long)off,
	    len, (unsigned long long)hash(bytes, len));
}

/* --- Saving --- */

static inline uint64_t
sink_id(void *arg, const void *id)
{
	(void)arg;
	return (uintptr_t)id;
}

static inline int
sink_structure(void *arg, const void *bytes, size_t len)
{
	struct saved *saved = arg;

	saved->structure = malloc(len);
	memcpy(saved->structure, bytes, len);
	saved->len = len;
	return 0;
}

static inline int
sink_page(void *arg, const struct vms_snapshot_page *page, const void *bytes)
{
	struct saved *saved = arg;

	ck_assert_uint_lt(saved->count, SAVED_MAX);
	saved->pages[saved->count].where = *page;
	memcpy(saved->pages[saved->count++].bytes, bytes, PAGE);
	return 0;
}

static const struct vms_snapshot_sink sink = { sizeof(sink), sink_id,
	sink_structure, sink_page };

static inline int
world_save(struct world *w, struct saved *saved)
{
	*saved =
	    (struct saved){ .pages = calloc(SAVED_MAX, sizeof(*saved->pages)) };
	return vms_snapshot_save(w->vms, &sink, saved);
}

static inline void
saved_free(struct saved *saved)
{
	free(saved->structure);
	free(saved->pages);
}

static inline void
told_after_run(void *arg)
{
	struct world *w = arg;
	struct saved *saved = w->save_after_run;

	if (saved == NULL)
		return;
	w->save_after_run = NULL;
	w->save_error = world_save(w, saved);
	w->log_len = 0;
}

/* --- Worlds --- */

static inline void
world_observe(struct world *w, uint32_t flags, uint64_t digest_insns)
{
	const struct vms_observer observer = { .size = sizeof(observer),
		.flags = flags,
		.digest_insns = digest_insns,
		.call = told_call,
		.object = told_object,
		.run_start = told_run_start,
		.run_end = told_run_end,
		.input = told_input,
		.digest = told_digest,
		.written = told_written,
		.after_run = told_after_run };

	ck_assert_int_eq(vms_observe(w->vms, &observer, w), 0);
}

/* Nobody observes it yet. */
static inline void
world_make(struct world *w, uint32_t config_flags)
{
	const struct vms_config config = { .size = sizeof(config),
		.flags = config_flags,
		.arena_bytes = UINT64_C(256) << 20 };

	*w = (struct world){ .limit = UINT64_MAX };
	w->log = malloc(LOG_BYTES);
	ck_assert_int_eq(vms_open(&config, &w->vms), 0);
	ck_assert_int_eq(os_memfile_modes("snapshot", w->fds), 0);
	ck_assert_int_eq(ftruncate(w->fds[2], FILE_PAGES * (off_t)PAGE), 0);
	w->memory = mmap(NULL, FILE_PAGES * PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED, w->fds[2], 0);
	ck_assert_ptr_ne(w->memory, MAP_FAILED);
}

static inline void
world_open(struct world *w, uint32_t config_flags, uint32_t flags,
    uint64_t digest_insns)
{
	world_make(w, config_flags);
	world_observe(w, flags, digest_insns);
}

static inline void
world_end(struct world *w)
{
	for (int i = 0; i < HANDLES; i++) {
		ck_assert_int_eq(vms_proc_exit(w->procs[i]), 0);
		w->procs[i] = NULL;
	}
}

static inline void
world_close(struct world *w)
{
	struct vms_stats stats = { .size = sizeof(stats) };

	world_end(w);
	ck_assert_int_eq(vms_stats(w->vms, &stats), 0);
	ck_assert_uint_eq(stats.objects, 0);
	ck_assert_uint_eq(stats.vmspaces, 0);
	ck_assert_int_eq(vms_observe(w->vms, NULL, NULL), 0);
	ck_assert_int_eq(vms_close(w->vms), 0);
	munmap(w->memory, FILE_PAGES * PAGE);
	for (int i = 0; i < 3; i++)
		close(w->fds[i]);
	free(w->log);
}

/* --- Loading --- */

struct loading {
	struct world *w;
	struct saved *saved;
};

static inline void *
source_id(void *arg, uint64_t id)
{
	(void)arg;
	return (void *)(uintptr_t)id;
}

static inline int
source_numbers(void *arg, uint32_t procs, uint32_t lwps, uint32_t files)
{
	(void)arg;
	(void)files;
	return procs < HANDLES && lwps < HANDLES ? 0 : EBADMSG;
}

static inline int
source_file(void *arg, const struct vms_snapshot_file *file, int *fd)
{
	const struct loading *loading = arg;

	*fd = loading->w->fds[file->mode];
	return 0;
}

static inline int
source_page(void *arg, const struct vms_snapshot_page *page, void *bytes)
{
	const struct loading *loading = arg;
	struct saved *saved = loading->saved;
	const struct saved_page *from;

	if (saved->next == saved->count)
		return EBADMSG;
	from = &saved->pages[saved->next++];
	if (from->where.file != page->file ||
	    from->where.object != page->object ||
	    from->where.index != page->index)
		return EBADMSG;
	memcpy(bytes, from->bytes, PAGE);
	if (page->file && page->index < FILE_PAGES)
		memcpy(
		    loading->w->memory + page->index * PAGE, from->bytes, PAGE);
	return 0;
}

static inline void
source_proc(void *arg, uint32_t number, struct vms_proc *proc)
{
	const struct loading *loading = arg;

	loading->w->procs[number] = proc;
}

static inline void
source_lwp(void *arg, uint32_t number, uint32_t proc, struct vms_lwp *lwp)
{
	const struct loading *loading = arg;

	loading->w->lwps[number] = lwp;
	loading->w->proc_of[number] = proc;
}

static const struct vms_snapshot_source source = { sizeof(source), source_id,
	source_numbers, source_file, source_page, source_proc, source_lwp };

static inline int
world_load(struct world *w, struct saved *saved)
{
	struct loading loading = { w, saved };

	saved->next = 0;
	return vms_snapshot_load(
	    w->vms, saved->structure, saved->len, &source, &loading);
}

#endif
