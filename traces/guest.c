/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening and ending a struct vms whose guests are played, going through its
 * trace, and the report. */
#include "traces/guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static int guest_open(struct guest *guest, const char *path, const char *rules);
static int guest_open_vms(struct guest *guest);
static void guest_free(struct guest *guest);
static bool guest_take(struct guest *guest, enum guest_mode mode);
static void guest_stopped(struct guest *guest);
static void say(struct guest *guest, const char *format, va_list args)
    VMS_PRINTF(2, 0);
static void report(struct guest *guest, int result);

int
vms_replay_guest(
    const char *path, const char *rules, FILE *report_to, struct vms **out)
{
	struct guest *guest;
	int error;

	if (path == NULL || out == NULL)
		return EINVAL;
	if ((guest = calloc(1, sizeof(*guest))) == NULL)
		return ENOMEM;
	guest->report = report_to;
	if ((error = guest_open(guest, path, rules)) == 0)
		*out = guest->vms;
	else
		guest_free(guest);
	return error;
}

/* NULL: it can be played. */
static const char *
header_refuse(const struct trace_header *header)
{
	if (!(header->compat & TRACE_COMPAT_WRITTEN))
		return "it was recorded without what guests wrote "
		       "(record --written, VMS_RECORD_WRITTEN)";
	if (header->incompat & TRACE_INCOMPAT_RING)
		return "it has only the end of a recording";
	return NULL;
}

static int
guest_open(struct guest *guest, const char *path, const char *rules)
{
	struct trace_problem problem = { .text = "" };
	char bad_rule[400] = "";
	const char *why;
	int error;

	error = verdict_open(&guest->verdict, getenv("VMSPACE_REPLAY_VERDICT"));
	if (error != 0)
		return error;
	if ((error = trace_reader_open(path, &guest->reader, &problem)) != 0) {
		guest_unusable(guest, "%s: %s", path, problem.text);
		return error;
	}
	why = header_refuse(trace_reader_header(guest->reader));
	if (why != NULL) {
		guest_unusable(guest, "%s: %s", path, why);
		return ENOTSUP;
	}
	if (rules != NULL && (error = rules_read(&guest->rules, rules, bad_rule,
				  sizeof(bad_rule))) != 0) {
		guest_unusable(guest, "%s", bad_rule);
		return error;
	}
	return guest_open_vms(guest);
}

static int
guest_open_vms(struct guest *guest)
{
	const struct trace_header *header = trace_reader_header(guest->reader);
	const struct vms_config config = { .size = sizeof(config),
		.flags = header->config_flags,
		.era = header->era,
		.max_map_entries = header->max_map_entries };
	const struct vms_observer observer = { .size = sizeof(observer),
		.flags = header->observe_flags & VMS_OBSERVE_DECLARED,
		.call = guest_called,
		.object = guest_object_told,
		.play = guest_play,
		.play_before = guest_copy_starts,
		.play_read = guest_copied };
	int error = vms_open_played(&config, &observer, guest, &guest->vms);

	if (error == EINVAL) {
		guest_unusable(guest, "its configuration is unknown");
		return EBADMSG;
	}
	return error;
}

int
vms_replay_guest_end(struct vms *vms)
{
	static const int results[] = {
		[GUEST_SAME] = VMS_REPLAY_SAME,
		[GUEST_ENDED] = VMS_REPLAY_SAME,
		[GUEST_DIFFERENT] = VMS_REPLAY_DIFFERENT,
		[GUEST_UNUSABLE] = VMS_REPLAY_UNUSABLE,
	};
	const struct vms_observer *observer;
	struct guest *guest;
	void *arg = NULL;
	int result;

	observer = vms == NULL ? NULL : vms_observer(vms, &arg);
	if (observer == NULL || observer->play != guest_play)
		return VMS_REPLAY_UNUSABLE;
	guest = arg;
	guest_stopped(guest);
	if (vms_observe(vms, NULL, NULL) != 0)
		return VMS_REPLAY_UNUSABLE;
	result = results[guest->state];
	if (guest->state == GUEST_SAME)
		verdict_progress(&guest->verdict, guest->passed, guest->passed);
	verdict_give(&guest->verdict, result);
	guest_free(guest);
	return result;
}

static void
guest_free(struct guest *guest)
{
	verdict_close(&guest->verdict);
	trace_reader_close(guest->reader);
	rules_finish(&guest->rules);
	u64map_finish(&guest->by_id);
	u64map_finish(&guest->by_ordinal);
	guest_memory_finish(guest);
	free(guest);
}

/* --- Going through the trace --------------------------------------------- */

bool
guest_advance(struct guest *guest, enum guest_mode mode)
{
	struct trace_problem problem = { .text = "" };
	int error = 0;

	while (guest->state == GUEST_SAME && !guest->has_next) {
		if (!guest->pushed)
			error =
			    trace_next(guest->reader, &guest->next, &problem);
		if (error != 0)
			break;
		guest->pushed = false;
		guest->has_next = guest_take(guest, mode);
		if (!guest->has_next)
			guest->passed = guest->next.number + 1;
	}
	if (error != 0 && error != ENOENT)
		guest_unusable(guest, "%s", problem.text);
	if (guest->state == GUEST_SAME && mode != GUEST_CALL)
		guest_inputs_compare(guest);
	return guest->state == GUEST_SAME && guest->has_next;
}

/* Does what the event asks for; true: it is the vkernel's turn. */
static bool
guest_take(struct guest *guest, enum guest_mode mode)
{
	const struct trace_event *event = &guest->next;

	switch (event->kind) {
	case TRACE_CALL:
		return !rules_has(&guest->rules, event->u.call.op, RULE_IGNORE);
	case TRACE_RUN:
		return true;
	case TRACE_INPUT:
		guest_input(guest, &event->u.input, mode != GUEST_CALL);
		return false;
	case TRACE_OBJECT:
		guest_object(guest, &event->u.object);
		return false;
	default:
		return false;
	}
}

/* The vkernel makes no more calls.  What it may leave out is passed over. */
static void
guest_stopped(struct guest *guest)
{
	char what[400];
	uint64_t passed = guest->passed;

	while (guest_advance(guest, GUEST_CALL)) {
		const struct trace_event *next = &guest->next;

		if (next->kind == TRACE_CALL &&
		    rules_has(&guest->rules, next->u.call.op, RULE_MISSING)) {
			guest->has_next = false;
			continue;
		}
		if (next->kind == TRACE_RUN)
			snprintf(what, sizeof(what),
			    "a run of vmspace %" PRIu32, next->u.run.id);
		else
			guest_call_text(&next->u.call, what, sizeof(what));
		guest_say(guest, "  recorded next: event %" PRIu64 ", %s",
		    next->number, what);
		guest_differ(
		    guest, "the kernel stopped after event %" PRIu64, passed);
		return;
	}
}

void
guest_past_end(struct guest *guest, const char *what)
{
	if (guest->state != GUEST_SAME)
		return;
	if (trace_reader_end(guest->reader)->how != TRACE_END_COMPLETE) {
		guest->state = GUEST_ENDED;
		return;
	}
	guest_say(guest, "  recorded:   nothing more");
	guest_say(guest, "  the kernel: %s", what);
	guest_differ(guest, "the kernel went on after the last event");
}

/* --- The report ---------------------------------------------------------- */

static void
say(struct guest *guest, const char *format, va_list args)
{
	struct guest_verdict *verdict = &guest->verdict;
	size_t room = sizeof(verdict->text) - verdict->len;
	int len = vsnprintf(verdict->text + verdict->len, room, format, args);

	if (len < 0 || (size_t)len + 1 >= room)
		return; /* what does not fit is cut off */
	verdict->len += (size_t)len;
	verdict->text[verdict->len++] = '\n';
	verdict->text[verdict->len] = '\0';
}

void
guest_say(struct guest *guest, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(guest, format, args);
	va_end(args);
}

/* Before what has been said already. */
static void
headline(struct guest *guest, const char *format, va_list args)
{
	struct guest_verdict *verdict = &guest->verdict;
	char *said = malloc(verdict->len + 1);
	size_t len = verdict->len;

	if (said != NULL)
		memcpy(said, verdict->text, len + 1);
	verdict->len = 0;
	say(guest, format, args);
	if (said != NULL)
		guest_say(guest, "%.*s", len > 0 ? (int)len - 1 : 0, said);
	free(said);
	if (len == 0)
		verdict->len--; /* no empty line */
}

static const char *
last_text(const struct trapframe *left, char *text, size_t size)
{
	switch (left->tf_trapno) {
	case T_FAST_SYSCALL:
	case T_SYSCALL80:
		snprintf(text, size, "system call %" PRId64, left->tf_rax);
		break;
	case T_PAGEFLT:
		snprintf(text, size,
		    "a page fault at 0x%" PRIx64 ", error 0x%" PRIx64,
		    (uint64_t)left->tf_addr, (uint64_t)left->tf_err);
		break;
	case 0:
		snprintf(text, size, "an interruption");
		break;
	default:
		snprintf(
		    text, size, "trap 0x%" PRIx64, (uint64_t)left->tf_trapno);
	}
	return text;
}

/* How many events there are; the rest of the trace is of no other use. */
static uint64_t
events_total(struct guest *guest)
{
	struct trace_problem problem;
	int error;

	while ((error = trace_next(guest->reader, &guest->next, &problem)) == 0)
		continue;
	return error == ENOENT ? trace_reader_end(guest->reader)->events : 0;
}

void
guest_differ(struct guest *guest, const char *format, ...)
{
	const struct guest_last *last = &guest->last;
	char text[120];
	va_list args;

	if (guest->state != GUEST_SAME)
		return;
	va_start(args, format);
	headline(guest, format, args);
	va_end(args);
	if (last->any)
		guest_say(guest,
		    "  before it, event %" PRIu64
		    " left the guest at 0x%" PRIx64 " with %s",
		    last->event, (uint64_t)last->left.tf_rip,
		    last_text(&last->left, text, sizeof(text)));
	verdict_progress(&guest->verdict, guest->passed, events_total(guest));
	guest->state = GUEST_DIFFERENT;
	report(guest, VMS_REPLAY_DIFFERENT);
}

void
guest_unusable(struct guest *guest, const char *format, ...)
{
	va_list args;

	guest->verdict.len = 0;
	va_start(args, format);
	say(guest, format, args);
	va_end(args);
	guest->state = GUEST_UNUSABLE;
	report(guest, VMS_REPLAY_UNUSABLE);
}

static void
report(struct guest *guest, int result)
{
	verdict_give(&guest->verdict, result);
	if (guest->verdict.fd >= 0 || guest->report == NULL)
		return;
	fwrite(guest->verdict.text, 1, guest->verdict.len, guest->report);
	fflush(guest->report);
}
