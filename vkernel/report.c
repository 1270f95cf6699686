/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmspace: sort: killed by SIGSEGV (SEGV_MAPERR)
 *   write to 0x0000000000000000, which is not mapped
 *   by 0000000000401136: c7 00 ...  mov dword ptr [rax], 1   (in main+0x16)
 *   rax ...
 *   mappings near the address and the instruction
 */
#include "vkernel/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/disasm.h"
#include "loader/symbol.h"
#include "vkernel/kernel.h"
#include "vkernel/strace.h"
#include "vkernel/strace_text.h"
#include "vkernel/usercopy.h"

#define INSN_MAX 15

bool
report_is_due(const struct vk_thread *thread, int signal)
{
	uint64_t handler;

	if (thread->process != thread->process->kernel->process)
		return false;
	handler = thread->process->actions->rows[signal].handler;
	return handler == LX_SIG_DFL || handler == LX_SIG_IGN ||
	       (thread->mask & signal_bit(signal)) != 0;
}

static FILE *
report_file(const struct vk_thread *thread)
{
	return thread->process->kernel->options->errors;
}

static void
report_title(const struct vk_thread *thread, const struct lx_siginfo *info)
{
	struct text text = { NULL, 0, 0 };

	text_add(&text, "%s: killed by ", thread->name);
	text_signal(&text, info->si_signo);
	text_add(&text, " (");
	text_sigcode(&text, info->si_signo, info->si_code);
	text_add(&text, ")");
	kernel_message(thread->process->kernel, "%s", text_string(&text));
	text_finish(&text);
}

static const char *
access_name(uint64_t err)
{
	if ((err & PGEX_W) != 0)
		return "write to";
	return (err & PGEX_I) != 0 ? "instruction fetch from" : "read of";
}

static void
prot_letters(char *letters, const struct vk_area *area)
{
	letters[0] = (area->prot & LX_PROT_READ) != 0 ? 'r' : '-';
	letters[1] = (area->prot & LX_PROT_WRITE) != 0 ? 'w' : '-';
	letters[2] = (area->prot & LX_PROT_EXEC) != 0 ? 'x' : '-';
	letters[3] = (area->flags & AREA_SHARED) != 0 ? 's' : 'p';
	letters[4] = '\0';
}

static void
report_access(const struct vk_thread *thread, const struct lx_siginfo *info)
{
	const struct vk_area *area;
	char letters[5];

	if (thread->trap.trapno != 14)
		return;
	area = areas_lookup(&thread->process->mm->areas, thread->trap.cr2);
	fprintf(report_file(thread), "  %s 0x%016" PRIx64 ", ",
	    access_name(thread->trap.err), thread->trap.cr2);
	if (area == NULL) {
		fprintf(report_file(thread), "which is not mapped\n");
		return;
	}
	prot_letters(letters, area);
	fprintf(report_file(thread), "which is mapped %s%s\n", letters,
	    info->si_signo == LX_SIGBUS ? ", beyond the end of its file" : "");
}

/* The longest readable piece at va. */
static size_t
insn_bytes(struct vk_thread *thread, uint64_t va, uint8_t *bytes)
{
	size_t len;

	for (len = INSN_MAX; len > 0; len--)
		if (copyin(thread->process->mm, bytes, va, len) == 0)
			break;
	return len;
}

/* rip is past an int3. */
static uint64_t
insn_address(const struct vk_thread *thread)
{
	uint64_t rip;

	rip = (uint64_t)thread->tf.tf_rip;
	return thread->trap.trapno == 3 ? rip - 1 : rip;
}

static void
report_insn(struct vk_thread *thread)
{
	struct disasm *disasm;
	uint8_t bytes[INSN_MAX];
	char line[320], symbol[160];
	uint64_t va;
	size_t len;

	va = insn_address(thread);
	len = insn_bytes(thread, va, bytes);
	disasm = disasm_create();
	if (disasm == NULL)
		return;
	disasm_line(disasm, va, bytes, len, line, sizeof(line));
	disasm_destroy(disasm);
	fprintf(report_file(thread), "  by %s", line);
	if (symbol_find(thread->process->exe, va - thread->process->load_bias,
		symbol, sizeof(symbol)))
		fprintf(report_file(thread), "   in %s", symbol);
	fprintf(report_file(thread), "\n");
}

static void
report_registers(const struct vk_thread *thread)
{
	const struct trapframe *tf;
	size_t i;

	tf = &thread->tf;
	const struct {
		const char *name;
		int64_t value;
	} rows[] = { { "rax", tf->tf_rax }, { "rbx", tf->tf_rbx },
		{ "rcx", tf->tf_rcx }, { "rdx", tf->tf_rdx },
		{ "rsi", tf->tf_rsi }, { "rdi", tf->tf_rdi },
		{ "rbp", tf->tf_rbp }, { "rsp", tf->tf_rsp },
		{ "r8 ", tf->tf_r8 }, { "r9 ", tf->tf_r9 },
		{ "r10", tf->tf_r10 }, { "r11", tf->tf_r11 },
		{ "r12", tf->tf_r12 }, { "r13", tf->tf_r13 },
		{ "r14", tf->tf_r14 }, { "r15", tf->tf_r15 },
		{ "rip", tf->tf_rip }, { "rfl", tf->tf_rflags },
		{ "fs ", (int64_t)(intptr_t)thread->vf.vx_tls.info[0].base },
		{ "gs ", (int64_t)(intptr_t)thread->vf.vx_tls.info[1].base } };

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(report_file(thread), "%s%s %016" PRIx64 "%s",
		    i % 4 == 0 ? "  " : " ", rows[i].name,
		    (uint64_t)rows[i].value, i % 4 == 3 ? "\n" : "");
}

static const char *
area_name(const struct vk_process *process, const struct vk_area *area)
{
	if ((area->flags & AREA_STACK) != 0)
		return "[stack]";
	if ((area->flags & AREA_HEAP) != 0)
		return "[heap]";
	if (area->object == NULL)
		return "";
	return area->object->ino == process->exe_ino &&
		       area->object->dev == process->exe_dev
		   ? process->exe
		   : "(file)";
}

static void
report_area(const struct vk_thread *thread, const struct vk_area *area,
    const char *mark)
{
	char letters[5];

	prot_letters(letters, area);
	fprintf(report_file(thread),
	    "  %012" PRIx64 "-%012" PRIx64 " %s %08" PRIx64 " %s%s\n",
	    area->start, area->end, letters, area->offset,
	    area_name(thread->process, area), mark);
}

/* The area of va with its neighbours, or the neighbours of the hole. */
static void
report_around(const struct vk_thread *thread, uint64_t va, const char *mark)
{
	const struct vk_areas *areas;
	size_t i, first, last;
	bool here;

	areas = &thread->process->mm->areas;
	first = areas_index(areas, va);
	here = first < areas->count && areas->rows[first].start <= va;
	last = first + (here ? 2 : 1);
	if (first > 0)
		first--;
	for (i = first; i < last && i < areas->count; i++)
		report_area(thread, &areas->rows[i],
		    areas->rows[i].start <= va && va < areas->rows[i].end ? mark
									  : "");
}

static void
report_mappings(const struct vk_thread *thread)
{
	if (thread->trap.trapno == 14) {
		fprintf(
		    report_file(thread), "  mappings around the address:\n");
		report_around(thread, thread->trap.cr2, "  <- address");
	}
	fprintf(report_file(thread), "  mappings around rip:\n");
	report_around(thread, (uint64_t)thread->tf.tf_rip, "  <- rip");
}

void
report_fault(struct vk_thread *thread, const struct lx_siginfo *info)
{
	report_title(thread, info);
	report_access(thread, info);
	report_insn(thread);
	report_registers(thread);
	report_mappings(thread);
	fflush(report_file(thread));
}
