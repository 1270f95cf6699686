/* SPDX-License-Identifier: BSD-2-Clause */
/* The recorded calls, made again: a row for each. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/page.h"
#include "traces/errno_map.h"
#include "traces/replay_impl.h"

/* A descriptor that is not open. */
#define FD_BAD (1 << 30)

/* What a call of the replay gave. */
struct answer {
	int error;
	uint64_t result;
};

typedef enum replay_result call_fn(
    struct replay *replay, const struct trace_call *call, struct answer *to);

/* What has to exist for a call. */
enum { NOBODY, A_PROC, A_LWP };

/* When a call has a result to compare. */
enum { NO_RESULT, RESULT, RESULT_ALWAYS };

struct row {
	call_fn *fn;
	int needs, result;
};

static enum replay_result actor_check(
    struct replay *replay, const struct trace_call *call, int needs);
static bool refused_by_pause(
    const struct replay *replay, const struct trace_call *call);
static enum replay_result answer_compare(
    struct replay *replay, const struct row *row, const struct answer *answer);
static call_fn proc_open, proc_fork, proc_exec, proc_exit, lwp_open, lwp_exit,
    lwp_set_budget, lwp_setfp, set_counting, create, destroy, ctl, map_file,
    unmap, control, pread_guest, pwrite_guest, mem_read, mem_write;

static const struct row rows[VMS_OP_COUNT] = {
	[VMS_OP_PROC_OPEN] = { proc_open, NOBODY, RESULT },
	[VMS_OP_PROC_FORK] = { proc_fork, A_PROC, RESULT },
	[VMS_OP_PROC_EXEC] = { proc_exec, A_PROC, NO_RESULT },
	[VMS_OP_PROC_EXIT] = { proc_exit, A_PROC, NO_RESULT },
	[VMS_OP_LWP_OPEN] = { lwp_open, A_PROC, RESULT },
	[VMS_OP_LWP_EXIT] = { lwp_exit, A_LWP, NO_RESULT },
	[VMS_OP_LWP_SET_BUDGET] = { lwp_set_budget, A_LWP, NO_RESULT },
	[VMS_OP_LWP_SETFP] = { lwp_setfp, A_LWP, NO_RESULT },
	[VMS_OP_SET_COUNTING] = { set_counting, NOBODY, NO_RESULT },
	[VMS_OP_CREATE] = { create, A_PROC, NO_RESULT },
	[VMS_OP_DESTROY] = { destroy, A_PROC, NO_RESULT },
	[VMS_OP_CTL] = { ctl, A_LWP, NO_RESULT },
	[VMS_OP_MMAP] = { map_file, A_PROC, RESULT },
	[VMS_OP_MUNMAP] = { unmap, A_PROC, NO_RESULT },
	[VMS_OP_MCONTROL] = { control, A_PROC, NO_RESULT },
	[VMS_OP_PREAD] = { pread_guest, A_PROC, NO_RESULT },
	[VMS_OP_PWRITE] = { pwrite_guest, A_PROC, NO_RESULT },
	[VMS_OP_MEM_READ] = { mem_read, A_PROC, RESULT_ALWAYS },
	[VMS_OP_MEM_WRITE] = { mem_write, A_PROC, RESULT_ALWAYS },
};

enum replay_result
replay_call(struct replay *replay)
{
	const struct trace_call *call = &replay->event.u.call;
	struct answer answer = { 0, 0 };
	enum replay_result result;
	const struct row *row;

	if (call->op <= 0 || call->op >= VMS_OP_COUNT)
		return replay_unusable(
		    replay, "there is no call %d", (int)call->op);
	row = &rows[call->op];
	if ((result = actor_check(replay, call, row->needs)) != REPLAY_DONE)
		return result;
	if (refused_by_pause(replay, call))
		return REPLAY_DONE;
	if (vms_vkernel_enable(replay->vms) != call->vkernel_enable)
		vms_set_vkernel_enable(replay->vms, call->vkernel_enable);
	replay->extra_digests = false;
	if ((result = row->fn(replay, call, &answer)) != REPLAY_DONE ||
	    (result = answer_compare(replay, row, &answer)) != REPLAY_DONE)
		return result;
	return replay_digests_compare(replay);
}

static enum replay_result
actor_check(struct replay *replay, const struct trace_call *call, int needs)
{
	if (needs == A_PROC && replay_proc(replay, call->proc) == NULL)
		return replay_unusable(
		    replay, "there is no proc %" PRIu32, call->proc);
	if (needs == A_LWP && replay_lwp(replay, call->lwp) == NULL)
		return replay_unusable(
		    replay, "there is no lwp %" PRIu32, call->lwp);
	return REPLAY_DONE;
}

static bool
proc_pauses(const struct replay *replay, uint32_t proc)
{
	for (size_t i = 1; i < replay->lwp_count; i++)
		if (replay->lwps[i].paused && replay->lwps[i].proc == proc)
			return true;
	return false;
}

/* A paused run holds its vmspace and lwp; here it has been left, so what it
 * made impossible is judged and not tried. */
static bool
refused_by_pause(const struct replay *replay, const struct trace_call *call)
{
	if (errno_from_dragonfly(call->error) != EBUSY)
		return false;
	switch (call->op) {
	case VMS_OP_DESTROY:
		return replay_pauses(replay, call->id);
	case VMS_OP_PROC_EXEC:
	case VMS_OP_PROC_EXIT:
		return proc_pauses(replay, call->proc);
	case VMS_OP_LWP_EXIT:
	case VMS_OP_CTL:
		return replay->lwps[call->lwp].paused;
	default:
		return false;
	}
}

static enum replay_result
answer_compare(
    struct replay *replay, const struct row *row, const struct answer *answer)
{
	const struct trace_call *call = &replay->event.u.call;
	int32_t error = errno_to_dragonfly(answer->error);
	char a[32], b[32];

	if (error != call->error) {
		snprintf(a, sizeof(a), "%" PRId32, call->error);
		snprintf(b, sizeof(b), "%" PRId32, error);
		return replay_different(replay, "error", a, b);
	}
	if ((row->result == RESULT_ALWAYS ||
		(row->result == RESULT && error == 0)) &&
	    answer->result != call->result)
		return replay_differs_hex(
		    replay, "result", call->result, answer->result);
	return replay->difference.field[0] != '\0' ? REPLAY_DIFFERENT
						   : REPLAY_DONE;
}

static enum replay_result
proc_add(struct replay *replay, struct vms_proc *proc, struct answer *to)
{
	struct replay_proc *procs =
	    replay_grow(replay->procs, replay->proc_count, sizeof(*procs));

	if (procs == NULL) {
		vms_proc_exit(proc);
		return replay_unusable(replay, "too many procs");
	}
	replay->procs = procs;
	to->result = replay->proc_count;
	procs[replay->proc_count++].proc = proc;
	return REPLAY_DONE;
}

static enum replay_result
proc_open(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	struct vms_proc *proc;

	(void)call;
	if ((to->error = vms_proc_open(replay->vms, &proc)) != 0)
		return REPLAY_DONE;
	return proc_add(replay, proc, to);
}

static enum replay_result
proc_fork(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	struct vms_proc *child;

	to->error = vms_proc_fork(replay_proc(replay, call->proc), &child);
	return to->error == 0 ? proc_add(replay, child, to) : REPLAY_DONE;
}

static enum replay_result
proc_exec(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	to->error = vms_proc_exec(replay_proc(replay, call->proc));
	return REPLAY_DONE;
}

/* Its lwps go with it. */
static enum replay_result
proc_exit(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	to->error = vms_proc_exit(replay_proc(replay, call->proc));
	if (to->error != 0)
		return REPLAY_DONE;
	replay->procs[call->proc].proc = NULL;
	for (size_t i = 1; i < replay->lwp_count; i++)
		if (replay->lwps[i].proc == call->proc)
			replay->lwps[i] = (struct replay_lwp){ .lwp = NULL };
	return REPLAY_DONE;
}

static enum replay_result
lwp_open(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	struct replay_lwp *lwps =
	    replay_grow(replay->lwps, replay->lwp_count, sizeof(*lwps));
	struct vms_lwp *lwp;

	if (lwps == NULL)
		return replay_unusable(replay, "too many lwps");
	replay->lwps = lwps;
	to->error = vms_lwp_open(replay_proc(replay, call->proc), &lwp);
	if (to->error != 0)
		return REPLAY_DONE;
	to->result = replay->lwp_count;
	lwps[replay->lwp_count++] =
	    (struct replay_lwp){ .lwp = lwp, .proc = call->proc };
	return REPLAY_DONE;
}

static enum replay_result
lwp_exit(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	struct replay_lwp *lwp = replay_lwp(replay, call->lwp);

	to->error = vms_lwp_exit(lwp->lwp);
	if (to->error == 0)
		*lwp = (struct replay_lwp){ .lwp = NULL };
	return REPLAY_DONE;
}

static enum replay_result
lwp_set_budget(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	to->error = vms_lwp_set_budget(
	    replay_lwp(replay, call->lwp)->lwp, call->args[0]);
	return REPLAY_DONE;
}

static enum replay_result
lwp_setfp(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	if (call->data_bytes != 512)
		return replay_unusable(replay, "FP registers have 512 bytes");
	to->error =
	    vms_lwp_setfp(replay_lwp(replay, call->lwp)->lwp, call->data);
	return REPLAY_DONE;
}

static enum replay_result
set_counting(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	to->error = vms_set_counting(replay->vms, call->args[0] != 0);
	return REPLAY_DONE;
}

static int
to_int(uint64_t arg)
{
	return (int)(int64_t)arg;
}

static enum replay_result
create(struct replay *replay, const struct trace_call *call, struct answer *to)
{
	static char something;

	to->error =
	    vms_create(replay_proc(replay, call->proc), replay_id(call->id),
		to_int(call->args[0]), call->args[1] != 0 ? &something : NULL);
	if (to->error == 0 && call->id == replay->watch.id)
		replay_watch_apply(replay, call->proc);
	return REPLAY_DONE;
}

static enum replay_result
destroy(struct replay *replay, const struct trace_call *call, struct answer *to)
{
	to->error =
	    vms_destroy(replay_proc(replay, call->proc), replay_id(call->id));
	return REPLAY_DONE;
}

/* One that failed before it ran anything. */
static enum replay_result
ctl(struct replay *replay, const struct trace_call *call, struct answer *to)
{
	struct replay_lwp *lwp = replay_lwp(replay, call->lwp);

	if (errno_from_dragonfly(call->error) == EINTR)
		vms_proc_mailbox(replay_proc(replay, lwp->proc));
	to->error = vms_ctl(
	    lwp->lwp, replay_id(call->id), to_int(call->args[0]), NULL, NULL);
	return REPLAY_DONE;
}

/* The zero device is the only thing that is no file and can be mapped. */
static int
other_fd(const struct trace_call *call)
{
	static const int modes[3] = { O_RDONLY, O_WRONLY, O_RDWR };

	return open("/dev/zero",
	    (call->fd_mode < 3 ? modes[call->fd_mode] : O_RDWR) | O_CLOEXEC);
}

/* With MAP_ANON any descriptor but -1 is refused before it is looked at. */
static int
map_fd(struct replay *replay, const struct trace_call *call)
{
	const uint64_t anonymous = VMS_MAP_ANON | VMS_MAP_STACK;

	switch (call->fd_kind) {
	case VMS_FD_BAD:
		return FD_BAD;
	case VMS_FD_FILE:
		return replay_object_fd(replay, call->object, call->fd_mode);
	case VMS_FD_OTHER:
		return other_fd(call);
	default:
		return (call->args[3] & anonymous) &&
			       errno_from_dragonfly(call->error) == EINVAL
			   ? FD_BAD
			   : -1;
	}
}

/* Errors that say something about the host's file alone. */
static bool
is_host_answer(const struct trace_call *call)
{
	return call->fd_kind == VMS_FD_OTHER ||
	       (call->fd_kind == VMS_FD_FILE &&
		   errno_from_dragonfly(call->error) == EPERM);
}

static enum replay_result
map_file(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	vms_va_t va = 0;
	int fd;

	if (call->error != 0 && is_host_answer(call)) {
		to->error = errno_from_dragonfly(call->error);
		return REPLAY_DONE;
	}
	fd = map_fd(replay, call);
	if (fd == -1 && call->fd_kind == VMS_FD_FILE)
		return replay_unusable(
		    replay, "there is no object %" PRIu32, call->object);
	to->error =
	    vms_mmap(replay_proc(replay, call->proc), replay_id(call->id),
		call->args[0], call->args[1], to_int(call->args[2]),
		to_int(call->args[3]), fd, (int64_t)call->args[4], &va);
	to->result = va;
	if (call->fd_kind == VMS_FD_OTHER && fd >= 0)
		close(fd);
	return REPLAY_DONE;
}

static enum replay_result
unmap(struct replay *replay, const struct trace_call *call, struct answer *to)
{
	to->error = vms_munmap(replay_proc(replay, call->proc),
	    replay_id(call->id), call->args[0], call->args[1]);
	return REPLAY_DONE;
}

static enum replay_result
control(struct replay *replay, const struct trace_call *call, struct answer *to)
{
	to->error = vms_mcontrol(replay_proc(replay, call->proc),
	    replay_id(call->id), call->args[0], call->args[1],
	    to_int(call->args[2]), call->args[3]);
	return REPLAY_DONE;
}

static enum replay_result
pread_guest(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	to->error = vms_pread(replay_proc(replay, call->proc),
	    replay_id(call->id), NULL, 0, 0, 0);
	return REPLAY_DONE;
}

static enum replay_result
pwrite_guest(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	to->error = vms_pwrite(replay_proc(replay, call->proc),
	    replay_id(call->id), NULL, 0, 0, 0);
	return REPLAY_DONE;
}

static enum replay_result
read_compare(struct replay *replay, const struct trace_call *call,
    const uint8_t *buf, size_t len)
{
	for (size_t i = 0; i < len && i < call->data_bytes; i++) {
		if (buf[i] == call->data[i])
			continue;
		replay_differs_hex(replay, "byte read", call->data[i], buf[i]);
		replay->difference.in_memory = true;
		replay->difference.id = call->id;
		replay->difference.va = call->args[0] + i;
		replay_explain(replay, "It is at address 0x%" PRIx64 ".\n",
		    replay->difference.va);
		return REPLAY_DIFFERENT;
	}
	return REPLAY_DONE;
}

/* However long the trace says it was, no more than one piece beyond what was
 * recorded is read; in one call, as mem_write(). */
static enum replay_result
mem_read(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	enum replay_result result;
	uint64_t len = call->args[1];
	uint8_t *bytes;
	size_t done;

	if (len > (uint64_t)call->data_bytes + PAGE_BYTES)
		len = (uint64_t)call->data_bytes + PAGE_BYTES;
	if ((bytes = malloc((size_t)len + 1)) == NULL)
		return replay_unusable(replay, "out of memory");
	to->error = vms_mem_read(replay_proc(replay, call->proc),
	    replay_id(call->id), call->args[0], bytes, (size_t)len, &done);
	to->result = done;
	result = read_compare(replay, call, bytes, done);
	free(bytes);
	return result;
}

/* After what was written comes a byte that could not be.  One call, as in the
 * recording: it is counted when stores are searched for (vmspace/watch.h). */
static enum replay_result
mem_write(
    struct replay *replay, const struct trace_call *call, struct answer *to)
{
	size_t done, len = call->data_bytes;
	uint8_t *bytes;

	if (len > call->args[1])
		return replay_unusable(replay, "more is written than asked");
	if ((bytes = calloc(len + 1, 1)) == NULL)
		return replay_unusable(replay, "out of memory");
	if (len > 0)
		memcpy(bytes, call->data, len);
	to->error = vms_mem_write(replay_proc(replay, call->proc),
	    replay_id(call->id), call->args[0], bytes,
	    len == call->args[1] ? len : len + 1, &done);
	to->result = done;
	free(bytes);
	return REPLAY_DONE;
}
