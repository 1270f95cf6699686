/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the replay share.  Everything in a struct replay that a
 * number of the trace names is found through a function that checks it.
 *
 * The functions answer REPLAY_DONE, or what has been noted by
 * replay_different() or replay_unusable().
 */
#ifndef VMS_TRACES_REPLAY_IMPL_H
#define VMS_TRACES_REPLAY_IMPL_H

#include "base/format.h"
#include "base/u64map.h"
#include "traces/replay.h"

/* Procs, lwps and objects of one trace, each. */
#define REPLAY_NUMBERS_MAX 65536

struct replay_proc {
	struct vms_proc *proc; /* NULL: gone */
};

struct replay_lwp {
	struct vms_lwp *lwp; /* NULL: gone */
	uint32_t proc;
	bool paused; /* in the middle of a run of vmspace id */
	uint32_t id;
	struct trapframe tf;  /* paused: where it goes on */
	int64_t xflags, addr; /* with which the run was begun */
	uint64_t tls[2];
};

/* A memory file that stands for a file of the recorded vkernel. */
struct replay_object {
	bool exists;
	bool fixed_end;
	int fds[3]; /* by O_RDONLY, O_WRONLY, O_RDWR */
	uint64_t bytes;
	uint8_t *map; /* all pages; NULL: none */
	uint64_t map_bytes;
	struct u64map given; /* pages whose content the trace gave and that no
				guest has used since */
};

/* The part of a RUN that the engine executes. */
struct replay_part {
	bool active, entered, ended;
	uint64_t limit_insns;
	struct vms_run_end end;
};

struct replay_digests {
	struct trace_digest *list;
	uint64_t *events; /* their numbers; of expected ones only */
	size_t count, capacity;
};

struct replay_watch {
	replay_store_fn *fn;
	void *arg;
	uint32_t id;
	vms_va_t start, end;
};

struct replay {
	struct trace_reader *reader;
	struct vms *vms;
	struct trace_event event; /* being executed */
	enum replay_result ended; /* REPLAY_DONE: not yet */
	struct trace_problem problem;
	struct replay_difference difference;
	bool begun;          /* an event has been executed */
	uint8_t *checkpoint; /* content of that at which it began, or NULL */
	struct replay_proc *procs; /* by number */
	struct replay_lwp *lwps;
	struct replay_object *objects; /* 0: for mappings that failed */
	size_t proc_count, lwp_count, object_count; /* the next number */
	struct replay_digests expected, got;
	struct replay_part part;
	uint64_t insns;     /* retired before the part */
	bool extra_digests; /* may have been taken in the event in progress */
	uint64_t insn_from, insn_to;
	replay_insn_fn *insn_fn;
	void *insn_arg;
	struct replay_watch watch;
	replay_tick_fn *tick_fn;
	void *tick_arg;
	uint64_t same_event, same_insns; /* of the last digest that agreed */
	bool concurrent; /* the recording saw undeclared concurrent stores */
};

/* Notes why the trace cannot be replayed; answers REPLAY_UNUSABLE. */
enum replay_result replay_unusable(
    struct replay *replay, const char *format, ...) VMS_PRINTF(2, 3);
/* Notes a difference of the event in progress, unless there is one already;
 * its text is empty.  Answers REPLAY_DIFFERENT. */
enum replay_result replay_different(struct replay *replay, const char *field,
    const char *recorded, const char *replayed);
/* The same for numbers. */
enum replay_result replay_differs_hex(struct replay *replay, const char *field,
    uint64_t recorded, uint64_t replayed);
/* Adds to the text of the difference. */
void replay_explain(struct replay *replay, const char *format, ...)
    VMS_PRINTF(2, 3);
/* What may lie behind a run that is different. */
void replay_concurrent_explain(struct replay *replay);

/* array, which has count elements of size bytes, with room for one more.  NULL:
 * no memory, or there are REPLAY_NUMBERS_MAX. */
void *replay_grow(void *array, size_t count, size_t size);

/* The proc or lwp of a number; NULL: there is none. */
struct vms_proc *replay_proc(struct replay *replay, uint32_t number);
struct replay_lwp *replay_lwp(struct replay *replay, uint32_t number);
/* Is a run of vmspace id paused? */
bool replay_pauses(const struct replay *replay, uint32_t id);

static inline void *
replay_id(uint32_t ordinal)
{
	return (void *)(uintptr_t)ordinal;
}

/* Everything is as the CHECKPOINT in progress has it (replay_checkpoint.c). */
enum replay_result replay_checkpoint(struct replay *replay);

enum replay_result replay_call(struct replay *replay);
enum replay_result replay_run(struct replay *replay);

/* Memory files (replay_memory.c). */
int replay_memory_open(struct replay *replay);
void replay_memory_close(struct replay *replay);
enum replay_result replay_object(struct replay *replay);
enum replay_result replay_input(struct replay *replay);
enum replay_result replay_written(struct replay *replay);
/* Digests of memory differ: says which bytes, if WRITTEN events follow. */
void replay_written_explain(struct replay *replay);
/* The descriptor of object with an access mode; -1: there is none. */
int replay_object_fd(struct replay *replay, uint32_t number, unsigned mode);

/* For a checkpoint.  Numbers of objects up to last have been given: none of
 * them exists. */
int replay_objects_skip(struct replay *replay, uint32_t last);
/* One does.  ENOSPC: its number is too large. */
int replay_object_restore(
    struct replay *replay, uint32_t number, uint64_t bytes, bool fixed_end);
/* PAGE_BYTES of one that exists.  EBADMSG: there is no such page. */
int replay_object_put(struct replay *replay, uint32_t number, uint64_t index,
    const uint8_t *bytes);

/* Digests (replay_digest.c).  A recorded one waits for the call or run in
 * which it was taken. */
enum replay_result replay_digest(struct replay *replay);
/* Keeps one that this replay has taken. */
void replay_digest_taken(void *arg, const struct vms_digest *digest);
/* A call or run has ended: are its digests the recorded ones? */
enum replay_result replay_digests_compare(struct replay *replay);
/* Digests that wait for no call: they were taken by vms_observe_digest(). */
enum replay_result replay_digests_asked(struct replay *replay);
/* Forgets those of an event that cannot be compared. */
void replay_digests_drop(struct replay *replay);
void replay_digests_finish(struct replay *replay);

/* Tells the engine which stores replay_set_store() asked for. */
void replay_watch_apply(struct replay *replay, uint32_t proc);

/* Functions of the observer (replay_run.c). */
int replay_run_started(
    void *arg, const struct vms_run_start *start, uint64_t *limit_insns);
void replay_run_ended(void *arg, const struct vms_run_end *end);
void replay_stored(void *arg, const struct vms_store *store);
/* (replay_memory.c) */
void replay_input_used(void *arg, const struct vms_input *input);
void replay_object_told(void *arg, const struct vms_object_info *info);

#endif
