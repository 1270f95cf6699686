/* SPDX-License-Identifier: BSD-2-Clause */
/* Traces for tests: events of every kind made from a seed, written to a
 * scratch file and read back. */
#ifndef VMS_TESTS_UNIT_TRACE_FIXTURE_H
#define VMS_TESTS_UNIT_TRACE_FIXTURE_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traces/file.h"

static const struct trace_header plain_header = { .compat =
						      TRACE_COMPAT_WRITTEN,
	.config_flags = 3,
	.era = 1,
	.arena_bytes = 1 << 20,
	.digest_insns = 1 << 20,
	.page_bytes = 4096,
	.cpu_model = "Nehalem",
	.unicorn = "2.1.4",
	.creator = "test 1" };

static char scratch_dir[] = "/tmp/test_trace.XXXXXX";
static char scratch[64], scratch_partial[80];

static inline void
scratch_open(void)
{
	strcpy(scratch_dir, "/tmp/test_trace.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scratch_dir));
	snprintf(scratch, sizeof(scratch), "%s/t", scratch_dir);
	snprintf(
	    scratch_partial, sizeof(scratch_partial), "%s.partial", scratch);
}

static inline void
scratch_close(void)
{
	unlink(scratch);
	unlink(scratch_partial);
	rmdir(scratch_dir);
}

static inline uint64_t
random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *state >> 31;
}

/* Of all sizes, zero included. */
static inline uint64_t
random_size(uint64_t *state)
{
	uint64_t bits = random_next(state) % 65;
	uint64_t value =
	    random_next(state) << 32 ^ random_next(state) << 7 ^ *state;

	return bits == 0 ? 0 : value >> (64 - bits);
}

static inline uint8_t
random_below(uint64_t *state, uint8_t end)
{
	return (uint8_t)(random_next(state) % end);
}

static inline uint32_t
random_u32(uint64_t *state)
{
	return (uint32_t)random_size(state);
}

/* What an event points to. */
struct event_content {
	uint8_t bytes[3 * 4096];
};

static inline void
random_bytes(uint64_t *state, struct event_content *content, size_t len)
{
	/* Pages that come again, and zeroes. */
	uint64_t seed = random_next(state) % 8;

	for (size_t i = 0; i < len; i++)
		content->bytes[i] =
		    seed == 0 ? 0 : (uint8_t)(random_next(&seed) % 5);
}

static inline void
random_frame(uint64_t *state, struct trapframe *tf)
{
	int64_t regs[25];

	for (int i = 0; i < 25; i++)
		regs[i] = (int64_t)random_size(state);
	memcpy(tf, regs, sizeof(*tf));
}

static inline struct trace_bytes
random_page(uint64_t *state, struct event_content *content)
{
	uint32_t len =
	    random_next(state) % 2 ? 4096 : random_next(state) % 4096;
	uint64_t off = random_size(state) & ~UINT64_C(4095);

	random_bytes(state, content, len);
	return (struct trace_bytes){ .object = random_u32(state),
		.off =
		    off + (len == 4096 ? 0 : random_next(state) % (4097 - len)),
		.len = len,
		.bytes = content->bytes };
}

static inline struct trace_call
random_call(uint64_t *state, struct event_content *content)
{
	struct trace_call call = {
		.op =
		    (enum vms_op)(1 + random_next(state) % (VMS_OP_COUNT - 1)),
		.proc = random_u32(state),
		.lwp = random_u32(state),
		.id = random_u32(state),
		.error = (int32_t)random_u32(state),
		.result = random_size(state),
		.vkernel_enable = random_below(state, 2),
		.fd_kind = random_below(state, 4),
		.fd_mode = random_below(state, 3),
		.object = random_u32(state),
	};

	for (int i = 0; i < 5; i++)
		call.args[i] = random_size(state);
	if (random_next(state) % 2) {
		call.data = content->bytes;
		call.data_bytes = random_u32(state) % (3 * 4096);
		random_bytes(state, content, call.data_bytes);
	}
	return call;
}

static inline struct trace_run
random_run(uint64_t *state)
{
	struct trace_run run = {
		.proc = random_u32(state),
		.lwp = random_next(state) % 2 ? 1 : random_u32(state),
		.id = random_u32(state),
		.resumed = random_next(state) % 2,
		.how = random_below(state, VMS_RUN_FAILED + 1),
		.started = random_next(state) % 2,
		.error = (int32_t)random_u32(state),
		.insns = random_next(state) % 1000000,
		.has_frame_out = random_next(state) % 4 != 0,
		.tls_in = { random_size(state), random_size(state) },
	};

	random_frame(state, &run.frame_in);
	if (run.has_frame_out)
		run.frame_out = run.frame_in;
	if (run.has_frame_out && random_next(state) % 2)
		random_frame(state, &run.frame_out);
	return run;
}

static inline void
random_event(
    uint64_t *state, struct trace_event *event, struct event_content *content)
{
	*event = (struct trace_event){
		.kind = (enum trace_kind)(
		    1 + random_next(state) % (TRACE_KIND_COUNT - 1)),
	};
	switch (event->kind) {
	case TRACE_CALL:
		event->u.call = random_call(state, content);
		return;
	case TRACE_OBJECT:
		event->u.object = (struct trace_object){ random_u32(state),
			random_size(state), random_next(state) % 2 };
		return;
	case TRACE_INPUT:
		event->u.input = random_page(state, content);
		event->u.input.first = random_next(state) % 2;
		event->u.input.undeclared = random_next(state) % 2;
		return;
	case TRACE_RUN:
		event->u.run = random_run(state);
		return;
	case TRACE_DIGEST:
		event->u.digest = (struct trace_digest){ random_u32(state),
			random_size(state), random_size(state),
			random_size(state) };
		return;
	case TRACE_CONCURRENT:
		event->u.concurrent =
		    (struct trace_concurrent){ random_u32(state),
			    random_size(state) };
		return;
	case TRACE_WRITTEN:
		event->u.written = random_page(state, content);
		return;
	case TRACE_FP:
		random_bytes(state, content, 512);
		event->u.fp.lwp = random_u32(state);
		event->u.fp.fxsave = content->bytes;
		return;
	case TRACE_CHECKPOINT:
		event->u.checkpoint = (struct trace_blob){ content->bytes,
			(uint32_t)(random_next(state) %
				   sizeof(content->bytes)) };
		random_bytes(state, content, event->u.checkpoint.len);
		return;
	case TRACE_PAGE:
		random_bytes(state, content, 4096);
		event->u.page = (struct trace_page){ random_next(state) % 2,
			random_u32(state), random_size(state), content->bytes };
		return;
	case TRACE_KIND_COUNT:
		break;
	}
	ck_abort();
}

static inline void
same_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	ck_assert_uint_eq(a_len, b_len);
	if (a_len > 0)
		ck_assert_mem_eq(a, b, a_len);
}

static inline bool
same_run(const struct trace_run *a, const struct trace_run *b)
{
	return a->proc == b->proc && a->lwp == b->lwp && a->id == b->id &&
	       a->resumed == b->resumed && a->how == b->how &&
	       a->started == b->started && a->error == b->error &&
	       a->insns == b->insns && a->has_frame_out == b->has_frame_out &&
	       memcmp(&a->frame_in, &b->frame_in, sizeof(a->frame_in)) == 0 &&
	       memcmp(&a->frame_out, &b->frame_out, sizeof(a->frame_out)) ==
		   0 &&
	       memcmp(a->tls_in, b->tls_in, sizeof(a->tls_in)) == 0;
}

static inline void
same_page(const struct trace_bytes *a, const struct trace_bytes *b)
{
	ck_assert_uint_eq(a->object, b->object);
	ck_assert_uint_eq(a->off, b->off);
	ck_assert_int_eq(a->first, b->first);
	ck_assert_int_eq(a->undeclared, b->undeclared);
	same_bytes(a->bytes, a->len, b->bytes, b->len);
}

static inline void
same_call(const struct trace_call *a, const struct trace_call *b)
{
	ck_assert_uint_eq(a->op, b->op);
	ck_assert_uint_eq(a->proc, b->proc);
	ck_assert_uint_eq(a->lwp, b->lwp);
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_mem_eq(a->args, b->args, sizeof(a->args));
	ck_assert_int_eq(a->error, b->error);
	ck_assert_uint_eq(a->result, b->result);
	ck_assert_uint_eq(a->vkernel_enable, b->vkernel_enable);
	ck_assert_uint_eq(a->fd_kind, b->fd_kind);
	ck_assert_uint_eq(a->fd_mode, b->fd_mode);
	ck_assert_uint_eq(a->object, b->object);
	same_bytes(a->data, a->data_bytes, b->data, b->data_bytes);
}

static inline void
same_event(const struct trace_event *a, const struct trace_event *b)
{
	ck_assert_uint_eq(a->kind, b->kind);
	ck_assert_uint_eq(a->number, b->number);
	ck_assert_uint_eq(a->insns, b->insns);
	switch (a->kind) {
	case TRACE_CALL:
		same_call(&a->u.call, &b->u.call);
		return;
	case TRACE_OBJECT:
		ck_assert_uint_eq(a->u.object.number, b->u.object.number);
		ck_assert_uint_eq(a->u.object.bytes, b->u.object.bytes);
		ck_assert_int_eq(a->u.object.fixed_end, b->u.object.fixed_end);
		return;
	case TRACE_INPUT:
		same_page(&a->u.input, &b->u.input);
		return;
	case TRACE_RUN:
		ck_assert(same_run(&a->u.run, &b->u.run));
		return;
	case TRACE_DIGEST:
		ck_assert_uint_eq(a->u.digest.lwp, b->u.digest.lwp);
		ck_assert_uint_eq(a->u.digest.insns, b->u.digest.insns);
		ck_assert_uint_eq(a->u.digest.memory, b->u.digest.memory);
		ck_assert_uint_eq(a->u.digest.registers, b->u.digest.registers);
		return;
	case TRACE_CONCURRENT:
		ck_assert_uint_eq(
		    a->u.concurrent.object, b->u.concurrent.object);
		ck_assert_uint_eq(a->u.concurrent.off, b->u.concurrent.off);
		return;
	case TRACE_WRITTEN:
		same_page(&a->u.written, &b->u.written);
		return;
	case TRACE_FP:
		ck_assert_uint_eq(a->u.fp.lwp, b->u.fp.lwp);
		same_bytes(a->u.fp.fxsave, 512, b->u.fp.fxsave, 512);
		return;
	case TRACE_CHECKPOINT:
		same_bytes(a->u.checkpoint.bytes, a->u.checkpoint.len,
		    b->u.checkpoint.bytes, b->u.checkpoint.len);
		return;
	case TRACE_PAGE:
		ck_assert_uint_eq(a->u.page.file, b->u.page.file);
		ck_assert_uint_eq(a->u.page.object, b->u.page.object);
		ck_assert_uint_eq(a->u.page.index, b->u.page.index);
		same_bytes(a->u.page.bytes, 4096, b->u.page.bytes, 4096);
		return;
	case TRACE_KIND_COUNT:
		break;
	}
	ck_abort();
}

/* Writes count events of seed to scratch; a block ends after each flush_each
 * of them, 0: where the writer likes. */
static inline struct trace_end
trace_make(uint64_t seed, int count, int flush_each)
{
	static struct event_content content;
	struct trace_writer *writer;
	struct trace_event event;
	struct trace_end end;

	ck_assert_int_eq(
	    trace_writer_create(scratch, &plain_header, NULL, &writer), 0);
	for (int i = 0; i < count; i++) {
		random_event(&seed, &event, &content);
		ck_assert_int_eq(trace_write(writer, &event), 0);
		ck_assert_uint_eq(event.number, (uint64_t)i);
		if (flush_each != 0 && i % flush_each == flush_each - 1)
			ck_assert_int_eq(trace_writer_flush(writer), 0);
	}
	ck_assert_int_eq(trace_writer_finish(writer, &end, NULL), 0);
	return end;
}

static inline uint8_t *
file_take(const char *path, size_t *len)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	uint8_t *bytes;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	bytes = malloc((size_t)st.st_size + 1);
	ck_assert_int_eq(read(fd, bytes, (size_t)st.st_size), st.st_size);
	close(fd);
	*len = (size_t)st.st_size;
	return bytes;
}

static inline void
file_put(const char *path, const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

#endif
