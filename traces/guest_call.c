/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of the vkernel under test against recorded ones. */
#include "traces/guest.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "traces/errno_map.h"

/* --- Vmspace ids --------------------------------------------------------- */

/* Ids are addresses and differ from process to process.  While a vmspace
 * exists, the recorded one and the actual one belong together; afterwards
 * either may be used again. */
static uint64_t
id_key(const void *id)
{
	return (uint64_t)(uintptr_t)id - 1;
}

bool
guest_id_same(struct guest *guest, uint32_t ordinal, const void *id)
{
	uint64_t known_ordinal = 0, known_id = 0;
	bool has_ordinal, has_id;

	if (ordinal == 0 || id == NULL)
		return ordinal == 0 && id == NULL;
	has_id = u64map_get(&guest->by_ordinal, ordinal, &known_id);
	has_ordinal = u64map_get(&guest->by_id, id_key(id), &known_ordinal);
	if (!has_id || !has_ordinal)
		return has_id == has_ordinal;
	return known_ordinal == ordinal && known_id == id_key(id);
}

static void
id_forget(struct guest *guest, uint32_t ordinal, const void *id)
{
	uint64_t other;

	if (u64map_remove(&guest->by_ordinal, ordinal, &other))
		u64map_remove(&guest->by_id, other, NULL);
	if (u64map_remove(&guest->by_id, id_key(id), &other))
		u64map_remove(&guest->by_ordinal, other, NULL);
}

static void
id_learn(struct guest *guest, const struct trace_call *recorded,
    const struct vms_call *call)
{
	if (call->error != 0 || call->id == NULL)
		return;
	if (call->op == VMS_OP_DESTROY || call->op == VMS_OP_CREATE)
		id_forget(guest, recorded->id, call->id);
	if (call->op == VMS_OP_CREATE &&
	    (u64map_put(&guest->by_ordinal, recorded->id, id_key(call->id)) !=
		    0 ||
		u64map_put(&guest->by_id, id_key(call->id), recorded->id) != 0))
		guest_unusable(guest, "out of memory");
}

/* --- Text ---------------------------------------------------------------- */

struct text {
	char *at;
	size_t left;
};

static void text_add(struct text *text, const char *format, ...)
    VMS_PRINTF(2, 3);

static void
text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->at, text->left, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= text->left)
		len = text->left > 0 ? (int)text->left - 1 : 0;
	text->at += len;
	text->left -= (size_t)len;
}

static const char *
behav_name(uint64_t behav)
{
	static const char *const names[] = { "normal", "random", "sequential",
		"willneed", "dontneed", "free", "nosync", "autosync", "nocore",
		"core", "inval", "setmap" };

	return behav < sizeof(names) / sizeof(names[0]) ? names[behav] : "?";
}

static void
arg_add(struct text *text, unsigned op, unsigned arg, uint64_t value)
{
	text_add(text, ", %s 0x%" PRIx64, trace_op_arg(op, arg), value);
	if (op == VMS_OP_MCONTROL && arg == 2)
		text_add(text, " (%s)", behav_name(value));
}

void
guest_call_text(const struct trace_call *call, char *text, size_t size)
{
	struct text out = { text, size };
	const char *name = trace_op_name(call->op);

	text_add(&out, "%s(", name == NULL ? "?" : name);
	if (call->lwp != 0)
		text_add(&out, "lwp %" PRIu32, call->lwp);
	else
		text_add(&out, "proc %" PRIu32, call->proc);
	if (call->id != 0 && call->id != UINT32_MAX)
		text_add(&out, ", vmspace %" PRIu32, call->id);
	else if (call->id != 0)
		text_add(&out, ", a vmspace not seen so far");
	for (unsigned arg = 0; arg < 5 && *trace_op_arg(call->op, arg) != '\0';
	     arg++)
		arg_add(&out, call->op, arg, call->args[arg]);
	text_add(&out, ")");
	if (call->error != 0)
		text_add(&out, " = error %" PRId32, call->error);
}

/* --- Comparing ----------------------------------------------------------- */

/* The id becomes the recorded ordinal where it is known, or the next
 * event's where that belongs to nobody else. */
static uint32_t
ordinal_of(struct guest *guest, const void *id, uint32_t expected)
{
	uint64_t ordinal;

	if (id == NULL)
		return 0;
	if (guest_id_same(guest, expected, id))
		return expected;
	if (u64map_get(&guest->by_id, id_key(id), &ordinal))
		return (uint32_t)ordinal;
	return UINT32_MAX;
}

static struct trace_call
call_of(struct guest *guest, const struct vms_call *call, uint32_t expected)
{
	struct trace_call actual = { .op = call->op,
		.proc = call->proc,
		.lwp = call->lwp,
		.id = ordinal_of(guest, call->id, expected),
		.error = errno_to_dragonfly(call->error),
		.result = call->result,
		.data = call->data,
		.data_bytes = (uint32_t)call->data_bytes,
		.vkernel_enable = call->vkernel_enable != 0,
		.fd_kind = (uint8_t)call->fd_kind,
		.fd_mode = (uint8_t)call->fd_mode,
		.object = call->object };

	memcpy(actual.args, call->args, sizeof(actual.args));
	return actual;
}

static void
field_compare(
    struct guest *guest, const char *name, uint64_t recorded, uint64_t actual)
{
	if (recorded != actual)
		guest_say(guest,
		    "  %s: recorded 0x%" PRIx64 ", the kernel 0x%" PRIx64, name,
		    recorded, actual);
}

static void
args_compare(struct guest *guest, const struct trace_call *recorded,
    const struct trace_call *actual)
{
	for (unsigned arg = 0; arg < 5; arg++)
		if (!(guest->rules.args[actual->op] & (1u << arg)))
			field_compare(guest, trace_op_arg(actual->op, arg),
			    recorded->args[arg], actual->args[arg]);
}

static void
result_compare(struct guest *guest, const struct trace_call *recorded,
    const struct trace_call *actual)
{
	if (rules_has(&guest->rules, actual->op, RULE_RESULT))
		return;
	if (recorded->error != actual->error)
		guest_say(guest,
		    "  error: recorded %" PRId32 ", the kernel got %" PRId32,
		    recorded->error, actual->error);
	else
		field_compare(
		    guest, "result", recorded->result, actual->result);
}

/* What a MEM_READ has found was played, or compared as an INPUT. */
static void
data_compare(struct guest *guest, const struct trace_call *recorded,
    const struct trace_call *actual)
{
	uint32_t at = 0, len = actual->data_bytes;

	if (actual->op == VMS_OP_MEM_READ ||
	    rules_has(&guest->rules, actual->op, RULE_DATA))
		return;
	if (recorded->data_bytes != len) {
		field_compare(
		    guest, "bytes of data", recorded->data_bytes, len);
		return;
	}
	while (at < len && recorded->data[at] == actual->data[at])
		at++;
	if (at < len)
		guest_say(guest,
		    "  data, byte %" PRIu32 ": recorded 0x%02x, the kernel "
		    "0x%02x",
		    at, recorded->data[at], actual->data[at]);
}

static void
call_compare(struct guest *guest, const struct trace_call *recorded,
    const struct trace_call *actual)
{
	field_compare(guest, "proc", recorded->proc, actual->proc);
	field_compare(guest, "lwp", recorded->lwp, actual->lwp);
	if (actual->id == UINT32_MAX && recorded->id != UINT32_MAX)
		guest_say(guest,
		    "  vmspace: recorded number %" PRIu32
		    ", the kernel's has not been created",
		    recorded->id);
	else
		field_compare(guest, "vmspace", recorded->id, actual->id);
	args_compare(guest, recorded, actual);
	result_compare(guest, recorded, actual);
	field_compare(guest, "vm.vkernel_enable", recorded->vkernel_enable,
	    actual->vkernel_enable);
	field_compare(
	    guest, "kind of descriptor", recorded->fd_kind, actual->fd_kind);
	field_compare(guest, "access mode of descriptor", recorded->fd_mode,
	    actual->fd_mode);
	field_compare(guest, "object", recorded->object, actual->object);
	data_compare(guest, recorded, actual);
}

/* The recorded event is not this call at all. */
static void
other_event(struct guest *guest, const struct trace_call *actual)
{
	const struct trace_event *next = &guest->next;
	char recorded[400], made[400];

	if (next->kind == TRACE_RUN)
		snprintf(recorded, sizeof(recorded),
		    "a run of vmspace %" PRIu32 " by lwp %" PRIu32,
		    next->u.run.id, next->u.run.lwp);
	else
		guest_call_text(&next->u.call, recorded, sizeof(recorded));
	guest_call_text(actual, made, sizeof(made));
	guest_say(guest, "  recorded:   %s", recorded);
	guest_say(guest, "  the kernel: %s", made);
	guest_differ(guest, "different at event %" PRIu64 ": %s", next->number,
	    next->kind == TRACE_RUN ? "a call where a run is recorded"
				    : "another call");
}

/* Recorded calls that may be missing are passed over until op comes; so are
 * none when op may be extra and is not there.  false: nothing to compare. */
static bool
call_find(struct guest *guest, enum vms_op op)
{
	while (guest_advance(guest, GUEST_CALL)) {
		const struct trace_event *next = &guest->next;

		if (next->kind == TRACE_CALL && next->u.call.op == op)
			return true;
		if (rules_has(&guest->rules, op, RULE_EXTRA))
			return false;
		if (next->kind != TRACE_CALL ||
		    !rules_has(&guest->rules, next->u.call.op, RULE_MISSING))
			return true;
		guest->has_next = false;
	}
	return false;
}

/* A call that no event stands for. */
static void
call_past_end(struct guest *guest, const struct vms_call *call)
{
	struct trace_call actual = call_of(guest, call, 0);
	char text[400];

	if (rules_has(&guest->rules, call->op, RULE_EXTRA))
		return;
	guest_call_text(&actual, text, sizeof(text));
	guest_past_end(guest, text);
}

void
guest_called(void *arg, const struct vms_call *call)
{
	struct guest *guest = arg;
	const struct trace_call *recorded = &guest->next.u.call;
	struct trace_call actual;

	if (guest->state != GUEST_SAME ||
	    rules_has(&guest->rules, call->op, RULE_IGNORE))
		return;
	if (!call_find(guest, call->op)) {
		if (guest->state == GUEST_SAME && !guest->has_next)
			call_past_end(guest, call);
		return;
	}
	actual = call_of(
	    guest, call, guest->next.kind == TRACE_CALL ? recorded->id : 0);
	guest->verdict.len = 0;
	if (guest->next.kind != TRACE_CALL || recorded->op != call->op) {
		other_event(guest, &actual);
		return;
	}
	call_compare(guest, recorded, &actual);
	guest_objects_compare(guest);
	if (guest->verdict.len > 0) {
		char text[400];

		guest_call_text(recorded, text, sizeof(text));
		guest_differ(guest, "different at event %" PRIu64 ": %s",
		    guest->next.number, text);
		return;
	}
	id_learn(guest, recorded, call);
	guest_view_learn(guest, recorded);
	guest->has_next = false;
	guest->passed = guest->next.number + 1;
	verdict_progress(&guest->verdict, guest->passed, 0);
}

/* --- Copies from and to guest memory ------------------------------------- */

void
guest_copy_starts(void *arg, const struct vms_call *call)
{
	struct guest *guest = arg;
	const struct trace_event *next = &guest->next;

	if (guest->state != GUEST_SAME ||
	    rules_has(&guest->rules, call->op, RULE_IGNORE | RULE_EXTRA))
		return;
	guest->verdict.len = 0;
	guest->memory_lines = 0;
	if (!guest_advance(guest, GUEST_COPY) || guest->memory_lines == 0)
		return;
	if (next->kind == TRACE_CALL && next->u.call.op == call->op)
		guest_differ(guest,
		    "different at event %" PRIu64 ": memory that %s(0x%" PRIx64
		    ", 0x%" PRIx64 ") uses",
		    next->number, trace_op_name(call->op), call->args[0],
		    call->args[1]);
}

/* Guests store to memory without a file, too, and those stores are in the
 * trace only as far as they are read back. */
void
guest_copied(void *arg, const struct vms_call *call, void *bytes)
{
	struct guest *guest = arg;
	const struct trace_call *recorded = &guest->next.u.call;

	if (guest->state != GUEST_SAME || !guest->has_next ||
	    guest->next.kind != TRACE_CALL || recorded->op != VMS_OP_MEM_READ ||
	    recorded->args[0] != call->args[0] ||
	    recorded->data_bytes != call->data_bytes ||
	    recorded->data_bytes == 0)
		return;
	memcpy(bytes, recorded->data, recorded->data_bytes);
}
