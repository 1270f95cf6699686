/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/strace_call.h"

#include <inttypes.h>
#include <string.h>

#include "vkernel/errno_map.h"
#include "vkernel/linux_abi.h"
#include "vkernel/nosys.h"
#include "vkernel/strace_formats.h"
#include "vkernel/syscall.h"

#define RESULT_COLUMN 40
#define ERRNO_MAX     4095

static bool
call_has_name(const struct strace_call *call)
{
	return call->row != NULL && call->row->name != NULL;
}

const char *
strace_call_name(const struct strace_call *call, char *buf, size_t room)
{
	if (call_has_name(call))
		return call->row->name;
	(void)snprintf(buf, room, "syscall_%#" PRIx64, call->nr);
	return buf;
}

static const char *
call_formats(const struct strace_call *call)
{
	const char *formats;

	formats = strace_formats(call->nr);
	if (formats != NULL)
		return formats;
	return call_has_name(call) ? call->row->args : "xxxxxx";
}

/* One argument; false: it comes after the call. */
static bool
call_arg(struct strace_call *call, struct arg *arg, const char *format)
{
	enum arg_done done;
	size_t before;

	before = call->text.len;
	arg->begun = call->begun;
	if (arg->i != 0 && !arg->begun)
		text_add(&call->text, ", ");
	done = arg_format(arg, format, arg_format_len(format));
	call->begun = done == ARG_LATER;
	if (done == ARG_LEFT_OUT || done == ARG_NOTE)
		text_cut(&call->text, before);
	return done != ARG_LATER && done != ARG_NOTE;
}

static void
call_args(struct strace_call *call, const struct strace_memory *memory,
    bool before, int64_t result)
{
	const char *formats;
	struct arg arg;

	formats = call_formats(call);
	arg = (struct arg){ &call->text, &call->note, memory, call->args, 0,
		before, false, result, &call->saved };
	while (formats[call->at] != '\0' && call->args_done < 6) {
		arg.i = call->args_done;
		if (!call_arg(call, &arg, formats + call->at))
			break;
		call->at += arg_format_len(formats + call->at);
		call->args_done++;
	}
}

/* How much room there is for an address or an option is known only before the
 * call; its argument may come behind one that waits for the result. */
static void
call_save(struct strace_call *call, const struct strace_memory *memory)
{
	const char *at;
	uint32_t len;
	size_t i;

	at = call_formats(call);
	for (i = 0; *at != '\0' && i < 6; i++) {
		if (strncmp(at, "{sockaddr_len}", 14) == 0 &&
		    call->args[i] != 0 &&
		    memory->read(memory->arg, call->args[i], &len, sizeof(len)))
			call->saved = len;
		at += arg_format_len(at);
	}
}

void
strace_call_begin(struct strace_call *call, uint64_t nr, const uint64_t *args,
    const struct strace_memory *memory)
{
	char name[32];

	text_cut(&call->text, 0);
	text_cut(&call->note, 0);
	call->args_done = 0;
	call->at = 0;
	call->begun = false;
	call->saved = 0;
	call->nr = nr;
	call->row = syscall_row(nr);
	memcpy(call->args, args, sizeof(call->args));
	text_add(
	    &call->text, "%s(", strace_call_name(call, name, sizeof(name)));
	call_save(call, memory);
	call_args(call, memory, true, 0);
}

void
strace_call_args(struct strace_call *call, const int64_t *result,
    const struct strace_memory *memory)
{
	call_args(call, memory, false, result == NULL ? -1 : *result);
	text_add(&call->text, ")");
}

static const struct name_row restarts[] = {
	{ 512, "? ERESTARTSYS (To be restarted if SA_RESTART is set)" },
	{ 513, "? ERESTARTNOINTR (To be restarted)" },
	{ 514, "? ERESTARTNOHAND (To be restarted if no handler)" },
	{ 516, "? ERESTART_RESTARTBLOCK (Interrupted by signal)" },
};

static void
call_error(struct text *text, int number)
{
	size_t i;

	for (i = 0; i < sizeof(restarts) / sizeof(restarts[0]); i++)
		if (restarts[i].value == (uint64_t)number) {
			text_add(text, "%s", restarts[i].name);
			return;
		}
	if (errno_name(number) != NULL)
		text_add(
		    text, "-1 %s (%s)", errno_name(number), errno_text(number));
	else
		text_add(text, "-%d", number);
}

static void
call_success(struct strace_call *call, int64_t result)
{
	bool hex;

	hex = strace_result_format(call->nr) == 'x' ||
	      (call->nr == 72 && call->args[1] <= LX_F_GETFL &&
		  call->note.len != 0);
	if (hex)
		text_add(&call->text, result == 0 ? "0" : "%#" PRIx64,
		    (uint64_t)result);
	else if (strace_result_format(call->nr) == 'o')
		text_add(&call->text, "%#03" PRIo64, (uint64_t)result);
	else
		text_add(&call->text, "%" PRId64, result);
	if (call->note.len != 0)
		text_add(&call->text, " (%s)", text_string(&call->note));
}

/* Calls that are not there say why. */
static void
call_reason(struct strace_call *call)
{
	if (call_has_name(call) && call->row->call == NULL &&
	    nosys_reason(call->nr) != NULL)
		text_add(&call->text, " /* not provided: %s */",
		    nosys_reason(call->nr));
}

void
strace_call_result(
    struct strace_call *call, const int64_t *result, size_t column)
{
	int pad;

	pad =
	    column < RESULT_COLUMN - 1 ? (int)(RESULT_COLUMN - 1 - column) : 0;
	text_add(&call->text, "%*s = ", pad, "");
	if (result == NULL)
		text_add(&call->text, "?");
	else if (*result < 0 && *result >= -ERRNO_MAX)
		call_error(&call->text, (int)-*result);
	else
		call_success(call, *result);
	if (result != NULL && *result == -LX_ENOSYS)
		call_reason(call);
}

void
strace_call_end(struct strace_call *call, const int64_t *result,
    const struct strace_memory *memory)
{
	strace_call_args(call, result, memory);
	strace_call_result(call, result, call->text.len);
}

void
strace_call_finish(struct strace_call *call)
{
	text_finish(&call->text);
	text_finish(&call->note);
}

void
strace_call_print(FILE *file, uint64_t nr, const uint64_t *args,
    const int64_t *result, strace_read *read, void *arg)
{
	struct strace_memory memory = { read, arg, 0, 0 };
	struct strace_call call = { .row = NULL };

	strace_call_begin(&call, nr, args, &memory);
	strace_call_end(&call, result, &memory);
	fprintf(file, "%s\n", text_string(&call.text));
	strace_call_finish(&call);
}
