/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/trap_name.h"

#include <stddef.h>

#include <vmspace/frame.h>

static const struct {
	int64_t trapno;
	const char *name;
} names[] = {
	{ 0, "interrupted or out of budget" },
	{ T_PRIVINFLT, "undefined instruction" },
	{ T_BPTFLT, "breakpoint" },
	{ T_ARITHTRAP, "x87 error" },
	{ T_PROTFLT, "general protection" },
	{ T_TRCTRAP, "single step" },
	{ T_PAGEFLT, "page fault" },
	{ T_ALIGNFLT, "alignment" },
	{ T_DIVIDE, "division" },
	{ T_OFLOW, "overflow" },
	{ T_BOUND, "bound" },
	{ T_DNA, "no FPU" },
	{ T_SEGNPFLT, "segment not present" },
	{ T_STKFLT, "stack segment" },
	{ T_XMMFLT, "SSE error" },
	{ T_SYSCALL80, "int 0x80" },
	{ T_FAST_SYSCALL, "system call" },
};

const char *
trap_name(int64_t trapno)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].trapno == trapno)
			return names[i].name;
	return NULL;
}
