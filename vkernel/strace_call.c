/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/strace_call.h"

#include <inttypes.h>
#include <string.h>

#include "vkernel/errno_map.h"
#include "vkernel/linux_abi.h"
#include "vkernel/syscall.h"

#define RESULT_COLUMN 40

static bool
call_has_name(const struct strace_call *call)
{
	return call->row != NULL && call->row->name != NULL;
}

/* Formats arguments from the last one done; before the call it stops at the
 * first that the call writes. */
static void
call_args(struct strace_call *call, const struct strace_memory *memory,
    bool before, int64_t result)
{
	const char *formats;
	struct arg arg;

	formats = call_has_name(call) ? call->row->args : "xxxxxx";
	arg = (struct arg){ &call->text, memory, call->args, 0, result };
	for (; formats[call->args_done] != '\0'; call->args_done++) {
		arg.i = call->args_done;
		if (before && arg_is_written(formats[arg.i]))
			break;
		if (arg.i != 0)
			text_add(&call->text, ", ");
		arg_format(&arg, formats[arg.i]);
	}
}

void
strace_call_begin(struct strace_call *call, uint64_t nr, const uint64_t *args,
    const struct strace_memory *memory)
{
	call->text.len = 0;
	call->args_done = 0;
	call->row = syscall_row(nr);
	memcpy(call->args, args, sizeof(call->args));
	if (call_has_name(call))
		text_add(&call->text, "%s(", call->row->name);
	else
		text_add(&call->text, "syscall_%#" PRIx64 "(", nr);
	call_args(call, memory, true, 0);
}

static bool
returns_address(const struct strace_call *call)
{
	const char *name;

	if (!call_has_name(call))
		return false;
	name = call->row->name;
	return strcmp(name, "mmap") == 0 || strcmp(name, "brk") == 0 ||
	       strcmp(name, "mremap") == 0;
}

static void
call_result(struct strace_call *call, int64_t result)
{
	struct text *text;

	text = &call->text;
	if (result == -LX_ERESTART)
		text_add(text, "? ERESTARTSYS (To be restarted if SA_RESTART "
			       "is set)");
	else if (result == -LX_ERESTARTNOHAND)
		text_add(
		    text, "? ERESTARTNOHAND (To be restarted if no handler)");
	else if (result == -LX_ERESTARTNOINTR)
		text_add(text, "? ERESTARTNOINTR (To be restarted)");
	else if (result == -LX_ERESTART_RESTARTBLOCK)
		text_add(
		    text, "? ERESTART_RESTARTBLOCK (Interrupted by signal)");
	else if (result < 0 && errno_name((int)-result) != NULL)
		text_add(text, "-1 %s (%s)", errno_name((int)-result),
		    errno_text((int)-result));
	else if (returns_address(call))
		text_add(text, "%#" PRIx64, (uint64_t)result);
	else
		text_add(text, "%" PRId64, result);
}

void
strace_call_end(struct strace_call *call, const int64_t *result,
    const struct strace_memory *memory)
{
	struct text *text;
	int pad;

	text = &call->text;
	call_args(call, memory, false, result == NULL ? -1 : *result);
	text_add(text, ")");
	pad = text->len < RESULT_COLUMN - 1
		  ? (int)(RESULT_COLUMN - 1 - text->len)
		  : 0;
	text_add(text, "%*s = ", pad, "");
	if (result == NULL)
		text_add(text, "?");
	else
		call_result(call, *result);
}

void
strace_call_print(FILE *file, uint64_t nr, const uint64_t *args,
    const int64_t *result, strace_read *read, void *arg)
{
	struct strace_memory memory = { read, arg };
	struct strace_call call;

	strace_call_begin(&call, nr, args, &memory);
	strace_call_end(&call, result, &memory);
	fprintf(file, "%s\n", call.text.bytes);
}
