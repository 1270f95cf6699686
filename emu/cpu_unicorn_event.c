/* SPDX-License-Identifier: BSD-2-Clause */
/* What stopped the engine, in the words of struct cpu_exit. */
#include "emu/cpu_unicorn.h"

#include <stddef.h>

#include "base/page.h"

#define PF_WRITE    0x2u
#define PF_FETCH    0x10u
#define RDTSC_TICKS 100

static bool vector_exit(struct cpu_unicorn *cu, struct cpu_exit *exit);
static bool invalid_exit(struct cpu_unicorn *cu, struct cpu_exit *exit);
static bool hazard_found(struct cpu_unicorn *cu);
static bool engine_exit(struct cpu_exit *exit, const char *why);

bool
unicorn_event_exit(struct cpu_unicorn *cu, uc_err err, struct cpu_exit *exit)
{
	if (cu->regs.rflags & FLAG_VM)
		return engine_exit(exit, "the guest left 64-bit mode");
	switch (cu->event.kind) {
	case EVENT_NONE:
		if (err != UC_ERR_OK)
			return engine_exit(exit, uc_strerror(err));
		return false;
	case EVENT_VECTOR:
		return vector_exit(cu, exit);
	case EVENT_SYSCALL:
		exit->kind = CPU_EXIT_SYSCALL;
		return true;
	case EVENT_INVALID:
		return invalid_exit(cu, exit);
	case EVENT_HAZARD:
		return hazard_found(cu);
	case EVENT_SHORT:
		cu->short_left = true;
		return false;
	case EVENT_STEPPED:
	case EVENT_FULL:
		return false;
	}
	return engine_exit(exit, "unknown event");
}

bool
unicorn_insn(const struct cpu_unicorn *cu, struct insn *insn)
{
	uint8_t bytes[INSN_MAX_BYTES];
	size_t len = unicorn_peek(cu, cu->regs.rip, bytes, sizeof(bytes));

	return insn_decode(bytes, len, insn);
}

static bool
engine_exit(struct cpu_exit *exit, const char *why)
{
	exit->kind = CPU_EXIT_ENGINE;
	exit->why = why;
	return true;
}

static bool
trap_exit(struct cpu_exit *exit, uint8_t vector, uint32_t error)
{
	exit->kind = CPU_EXIT_TRAP;
	exit->vector = vector;
	exit->error = error;
	return true;
}

static bool
int_exit(struct cpu_exit *exit, uint8_t number)
{
	exit->kind = CPU_EXIT_INT;
	exit->vector = number;
	return true;
}

/* RDTSC or RDTSCP at rip, which nothing has counted. */
static bool
clock_read(
    struct cpu_unicorn *cu, const struct insn *insn, struct cpu_exit *exit)
{
	uint64_t now;

	if (unicorn_clock_counts(cu))
		now = cu->entered->clock + cu->retired;
	else
		now = cu->entered->clock += RDTSC_TICKS;
	cu->retired += cu->counting;
	cu->regs.rax = now & UINT32_MAX;
	cu->regs.rdx = now >> 32;
	if (insn_is_rdtscp(insn))
		cu->regs.rcx = 0;
	cu->regs.rip += insn->length;
	return (cu->regs.rflags & FLAG_TF) && trap_exit(exit, 1, 0);
}

/* An int instruction; vector 3 may pass, as its gate is open to ring 3. */
static bool
software_exit(struct cpu_unicorn *cu, struct cpu_exit *exit)
{
	if (cu->event.vector == 3)
		return trap_exit(exit, 3, 0);
	cu->regs.rip -= 2;
	unicorn_uncount(cu, cu->regs.rip);
	return int_exit(exit, (uint8_t)cu->event.vector);
}

static bool
page_exit(struct cpu_unicorn *cu, struct cpu_exit *exit)
{
	struct insn insn;

	exit->kind = CPU_EXIT_FAULT;
	exit->addr = cu->event.addr;
	exit->error = cu->event.error;
	exit->access = CPU_READ;
	if (exit->error & PF_FETCH) {
		exit->access = CPU_FETCH; /* the block did not begin */
		return true;
	}
	unicorn_uncount(cu, cu->regs.rip);
	if (!(exit->error & PF_WRITE) && unicorn_insn(cu, &insn) &&
	    insn_is_rmw(&insn))
		exit->error |= PF_WRITE;
	if (exit->error & PF_WRITE)
		exit->access = CPU_WRITE;
	return true;
}

static bool
protection_exit(struct cpu_unicorn *cu, struct cpu_exit *exit)
{
	struct insn insn;

	unicorn_uncount(cu, cu->regs.rip);
	if (cu->event.error == 0 && unicorn_insn(cu, &insn)) {
		if (insn_is_rdtsc(&insn))
			return clock_read(cu, &insn, exit);
		if (insn_stack_fault(&insn, &cu->regs))
			return trap_exit(exit, 12, 0);
	}
	return trap_exit(exit, 13, cu->event.error);
}

static bool
has_error_code(uint32_t vector)
{
	return (vector >= 10 && vector <= 12) || vector == 17;
}

static bool
vector_exit(struct cpu_unicorn *cu, struct cpu_exit *exit)
{
	uint32_t vector = cu->event.vector;

	if (cu->event.is_int)
		return software_exit(cu, exit);
	switch (vector) {
	case 14:
		return page_exit(cu, exit);
	case 13:
		return protection_exit(cu, exit);
	case 8:
		return engine_exit(exit, "double fault");
	case 1:
	case 3:
		return trap_exit(exit, (uint8_t)vector, 0);
	default:
		unicorn_uncount(cu, cu->regs.rip);
		return trap_exit(exit, (uint8_t)vector,
		    has_error_code(vector) ? cu->event.error : 0);
	}
}

static bool
invalid_exit(struct cpu_unicorn *cu, struct cpu_exit *exit)
{
	struct insn insn;

	unicorn_uncount(cu, cu->regs.rip);
	if (!unicorn_insn(cu, &insn) || insn.lock)
		return trap_exit(exit, 6, 0);
	if (insn_is_int(&insn))
		return int_exit(exit, insn.imm8);
	if (insn_is_rdtscp(&insn))
		return clock_read(cu, &insn, exit);
	if (insn.map == 0 && insn.opcode == 0xf1) { /* icebp */
		cu->regs.rip += insn.length;
		cu->retired += cu->counting;
		return trap_exit(exit, 1, 0);
	}
	if (insn.map == 1 && insn.opcode == 0x33) /* rdpmc */
		return trap_exit(exit, 13, 0);
	return trap_exit(exit, 6, 0);
}

/* The block goes out of the cache, so that it is seen the next time too, and
 * is stepped through now. */
static bool
hazard_found(struct cpu_unicorn *cu)
{
	uc_ctl_remove_cache(cu->uc, cu->event.addr, cu->event.addr + 1);
	cu->hazard_va = cu->event.addr;
	cu->hazard_size = cu->event.size;
	return false;
}

/* The third word of an iret frame with 32-bit operands is EFLAGS. */
static bool
iret_enters_vm86(const struct cpu_unicorn *cu)
{
	uint32_t flags = 0;

	return unicorn_peek(cu, cu->regs.rsp + 8, &flags, sizeof(flags)) ==
		   sizeof(flags) &&
	       (flags & FLAG_VM);
}

bool
unicorn_hazard_exit(
    struct cpu_unicorn *cu, const struct insn *insn, struct cpu_exit *exit)
{
	switch (insn_hazard(insn)) {
	case INSN_SAFE:
	case INSN_FUNCTION:
		return false;
	case INSN_UNDEFINED:
		return trap_exit(exit, 6, 0);
	case INSN_PORT:
	case INSN_SYSENTER:
		return trap_exit(exit, 13, 0);
	case INSN_IRETD:
		return iret_enters_vm86(cu) && trap_exit(exit, 13, 0);
	case INSN_LONG_INT:
		if (insn->imm8 != 3)
			return int_exit(exit, insn->imm8);
		cu->regs.rip += insn->length;
		cu->retired += cu->counting;
		return trap_exit(exit, 3, 0);
	}
	return false;
}
