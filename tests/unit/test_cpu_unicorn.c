/* SPDX-License-Identifier: BSD-2-Clause */
/* Every trap that ring 3 can cause, one row each, and the registers at it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/cpu_guest.h"

#define NONCANON UINT64_C(0x8000000000000000)

/* The bytes run at CODE.  rax is HOLE, rbx RO, rcx DATA, rdx NONCANON; rsi is
 * 0 and rdi 3.  at is where rip must be, from CODE. */
static const struct row {
	const char *name, *bytes;
	size_t len;
	enum cpu_exit_kind kind;
	uint8_t vector;
	uint64_t at;
	uint32_t error;
	enum cpu_access access;
	uint64_t addr;
} rows[] = {
	{ "syscall", "\x90\x0f\x05", 3, CPU_EXIT_SYSCALL, 0, 3, 0, 0, 0 },
	{ "int3", "\xcc", 1, CPU_EXIT_TRAP, 3, 1, 0, 0, 0 },
	{ "int 3, two bytes", "\xcd\x03", 2, CPU_EXIT_TRAP, 3, 2, 0, 0, 0 },
	{ "int 3 with prefix", "\x66\xcd\x03", 3, CPU_EXIT_TRAP, 3, 3, 0, 0,
	    0 },
	{ "int 0x80", "\x90\xcd\x80", 3, CPU_EXIT_INT, 0x80, 1, 0, 0, 0 },
	{ "int 0x80 with prefixes", "\x66\x48\xcd\x80", 4, CPU_EXIT_INT, 0x80,
	    0, 0, 0, 0 },
	{ "int 14 is no page fault", "\xcd\x0e", 2, CPU_EXIT_INT, 14, 0, 0, 0,
	    0 },
	{ "int 6", "\xcd\x06", 2, CPU_EXIT_INT, 6, 0, 0, 0, 0 },
	{ "int 1", "\xcd\x01", 2, CPU_EXIT_INT, 1, 0, 0, 0, 0 },
	{ "int 13", "\xcd\x0d", 2, CPU_EXIT_INT, 13, 0, 0, 0, 0 },
	{ "bytes of int 14 before a fault", "\xeb\x02\xcd\x0e\x8b\x00", 6,
	    CPU_EXIT_FAULT, 0, 4, 4, CPU_READ, HOLE },
	{ "icebp", "\xf1", 1, CPU_EXIT_TRAP, 1, 1, 0, 0, 0 },
	{ "ud2", "\x90\x0f\x0b", 3, CPU_EXIT_TRAP, 6, 1, 0, 0, 0 },
	{ "vex", "\xc5\xf8\x77", 3, CPU_EXIT_TRAP, 6, 0, 0, 0, 0 },
	{ "push es", "\x06", 1, CPU_EXIT_TRAP, 6, 0, 0, 0, 0 },
	{ "rdrand", "\x0f\xc7\xf0", 3, CPU_EXIT_TRAP, 6, 0, 0, 0, 0 },
	{ "xgetbv", "\x0f\x01\xd0", 3, CPU_EXIT_TRAP, 6, 0, 0, 0, 0 },
	{ "rdfsbase", "\xf3\x48\x0f\xae\xc0", 5, CPU_EXIT_TRAP, 6, 0, 0, 0, 0 },
	{ "divide by 0", "\x31\xc9\xf7\xf1", 4, CPU_EXIT_TRAP, 0, 2, 0, 0, 0 },
	{ "cli", "\xfa", 1, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "sti", "\xfb", 1, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "hlt", "\xf4", 1, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "rdmsr", "\x0f\x32", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "wrmsr", "\x0f\x30", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "mov cr3,rax", "\x0f\x22\xd8", 3, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "mov rax,cr0", "\x0f\x20\xc0", 3, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "lgdt", "\x0f\x01\x11", 3, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "ltr", "\x0f\x00\xd8", 3, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "clts", "\x0f\x06", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "invlpg", "\x0f\x01\x38", 3, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "wbinvd", "\x0f\x09", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "swapgs", "\x0f\x01\xf8", 3, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "sysret", "\x48\x0f\x07", 3, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "sysexit", "\x0f\x35", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "sysenter", "\x90\x0f\x34", 3, CPU_EXIT_TRAP, 13, 1, 0, 0, 0 },
	{ "rdpmc", "\x0f\x33", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "in al,dx", "\x90\xec", 2, CPU_EXIT_TRAP, 13, 1, 0, 0, 0 },
	{ "in eax,8", "\xe5\x08", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "out dx,al", "\xee", 1, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "out 8,al", "\xe6\x08", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "insb", "\x6c", 1, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "rep outsd", "\xf3\x6f", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "lock nop", "\x90\xf0\x90", 3, CPU_EXIT_TRAP, 6, 1, 0, 0, 0 },
	{ "lock mov", "\xf0\x89\x01", 3, CPU_EXIT_TRAP, 6, 0, 0, 0, 0 },
	{ "lock bt reg", "\x90\xf0\x0f\xa3\xc0", 5, CPU_EXIT_TRAP, 6, 1, 0, 0,
	    0 },
	{ "lock bts reg,imm", "\xf0\x0f\xba\xe8\x01", 5, CPU_EXIT_TRAP, 6, 0, 0,
	    0, 0 },
	{ "mov ss,0", "\x8e\xd6", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "mov ds,8", "\xb8\x08\x00\x00\x00\x8e\xd8", 7, CPU_EXIT_TRAP, 13, 5,
	    8, 0, 0 },
	{ "mov (noncanonical)", "\x8b\x02", 2, CPU_EXIT_TRAP, 13, 0, 0, 0, 0 },
	{ "push, rsp not canonical", "\x48\x89\xd4\x50", 4, CPU_EXIT_TRAP, 12,
	    3, 0, 0, 0 },
	{ "mov (rbp), rbp not canonical", "\x48\x89\xd5\x8b\x45\x00", 6,
	    CPU_EXIT_TRAP, 12, 3, 0, 0, 0 },
	{ "load, nothing there", "\x8b\x00", 2, CPU_EXIT_FAULT, 0, 0, 4,
	    CPU_READ, HOLE },
	{ "load, exact address", "\x8b\x40\x05", 3, CPU_EXIT_FAULT, 0, 0, 4,
	    CPU_READ, HOLE + 5 },
	{ "store, nothing there", "\x90\x89\x00", 3, CPU_EXIT_FAULT, 0, 1, 6,
	    CPU_WRITE, HOLE },
	{ "store, read-only", "\x89\x03", 2, CPU_EXIT_FAULT, 0, 0, 7, CPU_WRITE,
	    RO },
	{ "add to nothing is a write", "\x01\x00", 2, CPU_EXIT_FAULT, 0, 0, 6,
	    CPU_WRITE, HOLE },
	{ "lock xadd to nothing", "\xf0\x0f\xc1\x00", 4, CPU_EXIT_FAULT, 0, 0,
	    6, CPU_WRITE, HOLE },
	{ "cmp with nothing is a read", "\x39\x00", 2, CPU_EXIT_FAULT, 0, 0, 4,
	    CPU_READ, HOLE },
	{ "cmpxchg, read-only", "\x0f\xb1\x0b", 3, CPU_EXIT_FAULT, 0, 0, 7,
	    CPU_WRITE, RO },
	{ "load of the supervisor's", "\x48\xc7\xc0\x00\x00\x00\x80\x8b\x00", 9,
	    CPU_EXIT_FAULT, 0, 7, 5, CPU_READ, UINT64_C(0xffffffff80000000) },
	{ "jump to nothing", "\xff\xe0", 2, CPU_EXIT_FAULT, 0, HOLE - CODE,
	    0x14, CPU_FETCH, HOLE },
	{ "jump to data", "\xff\xe1", 2, CPU_EXIT_FAULT, 0, DATA - CODE, 0x15,
	    CPU_FETCH, DATA },
	{ "jump out of canonical space", "\xff\xe2", 2, CPU_EXIT_TRAP, 13,
	    NONCANON - CODE, 0, 0, 0 },
};

static void
registers_set(void)
{
	g.regs = (struct cpu_regs){ .rip = CODE,
		.rsp = STACK + 4096,
		.rflags = FIXED_FLAGS,
		.rax = HOLE,
		.rbx = RO,
		.rcx = DATA,
		.rdx = NONCANON,
		.rdi = 3 };
}

/* Twice: freshly translated, and from the cache. */
START_TEST(test_traps)
{
	const struct row *row = &rows[_i];

	guest_code(CODE, row->bytes, row->len);
	for (int i = 0; i < 2; i++) {
		registers_set();
		guest_run();
		ck_assert_msg(g.exit.kind == row->kind, "%s: kind %d",
		    row->name, (int)g.exit.kind);
		ck_assert_msg(g.exit.vector == row->vector, "%s: vector %u",
		    row->name, g.exit.vector);
		ck_assert_msg(g.exit.error == row->error, "%s: error %x",
		    row->name, g.exit.error);
		ck_assert_msg(g.exit.access == row->access, "%s: access %d",
		    row->name, (int)g.exit.access);
		ck_assert_msg(g.exit.addr == row->addr, "%s: addr %llx",
		    row->name, (unsigned long long)g.exit.addr);
		ck_assert_msg(g.regs.rip == CODE + row->at, "%s: rip %llx",
		    row->name, (unsigned long long)g.regs.rip);
		ck_assert_msg(g.regs.rflags == FIXED_FLAGS ||
				  g.exit.kind == CPU_EXIT_TRAP,
		    "%s: rflags %llx", row->name,
		    (unsigned long long)g.regs.rflags);
	}
}
END_TEST

START_TEST(test_syscall_changes_no_register)
{
	struct cpu_regs before;

	guest_code(CODE, "\x0f\x05", 2);
	g.regs = (struct cpu_regs){ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
		14, 15, 16, CODE, FIXED_FLAGS | 0xcd5, 17, 18 };
	before = g.regs;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	before.rip += 2;
	ck_assert_mem_eq(&g.regs, &before, sizeof(before));
}
END_TEST

/* What only supervisors may set does not reach the engine. */
START_TEST(test_flags_are_sanitised)
{
	guest_code(CODE, "\x9c\x58\x0f\x05", 4); /* pushf; pop rax; syscall */
	g.regs.rflags = UINT64_C(0xffffffffffff) & ~UINT64_C(0x100);
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.regs.rax, 0x244cd5 | FIXED_FLAGS);
	ck_assert_uint_eq(g.regs.rflags, 0x244cd5 | FIXED_FLAGS);
}
END_TEST

START_TEST(test_fault_is_repeated_until_mended)
{
	guest_code(CODE, "\x89\x00\x0f\x05", 4); /* mov [rax],eax; syscall */
	registers_set();
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(guest_run(), CPU_EXIT_FAULT);
		ck_assert_uint_eq(g.exit.error, 6);
		ck_assert_uint_eq(g.exit.addr, HOLE);
	}
	guest_map(HOLE, PTE_W | PTE_NX);
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(*(uint32_t *)(void *)guest_host(HOLE), HOLE);
}
END_TEST

START_TEST(test_rip_not_canonical_at_entry_is_gp)
{
	g.regs.rip = NONCANON + 7;
	ck_assert_int_eq(guest_run(), CPU_EXIT_TRAP);
	ck_assert_uint_eq(g.exit.vector, 13);
	ck_assert_uint_eq(g.regs.rip, NONCANON + 7);
}
END_TEST

START_TEST(test_single_step)
{
	guest_code(CODE, "\xff\xc0\xff\xc0\x0f\x05", 6); /* inc eax, twice */
	g.regs.rflags |= 0x100;
	for (uint64_t i = 1; i <= 2; i++) {
		ck_assert_int_eq(guest_run(), CPU_EXIT_TRAP);
		ck_assert_uint_eq(g.exit.vector, 1);
		ck_assert_uint_eq(g.regs.rax, i);
		ck_assert_uint_eq(g.regs.rip, CODE + 2 * i);
	}
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
}
END_TEST

START_TEST(test_single_step_over_rdtsc_traps)
{
	guest_code(CODE, "\x0f\x31\x90\x0f\x05", 5);
	g.regs.rflags |= 0x100;
	ck_assert_int_eq(guest_run(), CPU_EXIT_TRAP);
	ck_assert_uint_eq(g.exit.vector, 1);
	ck_assert_uint_eq(g.regs.rip, CODE + 2);
}
END_TEST

static uint64_t
clock_of_guest(void)
{
	g.regs.rip = CODE;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	return g.regs.rdx << 32 | g.regs.rax;
}

/* The same each time the same is done; always larger. */
START_TEST(test_rdtsc_is_a_clock_without_host_time)
{
	uint64_t first[4], now;

	guest_code(CODE, "\x0f\x31\x0f\x05", 4);
	for (int i = 0; i < 4; i++) {
		first[i] = clock_of_guest();
		if (i > 0)
			ck_assert_uint_gt(first[i], first[i - 1]);
	}
	g.cpu->ops->state_destroy(g.cpu, g.state);
	ck_assert_int_eq(g.cpu->ops->state_create(g.cpu, &g.state), 0);
	for (int i = 0; i < 4; i++) {
		now = clock_of_guest();
		ck_assert_uint_eq(now, first[i]);
	}
}
END_TEST

START_TEST(test_rdtscp_sets_ecx)
{
	guest_code(CODE, "\x0f\x01\xf9\x0f\x05", 5);
	g.regs.rcx = 99;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.regs.rcx, 0);
	ck_assert_uint_gt(g.regs.rax, 0);
}
END_TEST

START_TEST(test_fp_off_traps_until_allowed)
{
	guest_code(CODE, "\x0f\x57\xc0\x0f\x05", 5); /* xorps xmm0,xmm0 */
	g.fp_off = true;
	ck_assert_int_eq(guest_run(), CPU_EXIT_TRAP);
	ck_assert_uint_eq(g.exit.vector, 7);
	ck_assert_uint_eq(g.regs.rip, CODE);
	ck_assert_int_eq(guest_run(), CPU_EXIT_TRAP);
	g.fp_off = false;
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
}
END_TEST

START_TEST(test_fp_image_as_after_reset)
{
	uint8_t image[512];
	uint32_t mxcsr;

	g.cpu->ops->state_getfp(g.cpu, g.state, image);
	memcpy(&mxcsr, image + 24, 4);
	ck_assert_uint_eq(mxcsr, 0x1f80);
	ck_assert_int_eq(image[0] | image[1] << 8, 0x37f);
	for (int i = 160; i < 512; i++)
		ck_assert_uint_eq(image[i], 0);
	ck_assert_uint_eq(image[4], 0);
}
END_TEST

/* The guest's own fxsave64 writes what getfp says, and setfp brings it back. */
START_TEST(test_fp_image_is_that_of_fxsave)
{
	uint8_t image[512], back[512];

	/* fldpi; fld1; movq xmm9,rax; fxsave64 [rcx]; syscall */
	guest_code(CODE,
	    "\xd9\xeb\xd9\xe8\x66\x4c\x0f\x6e\xc8\x48\x0f\xae\x01\x0f\x05", 15);
	registers_set();
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	g.cpu->ops->state_getfp(g.cpu, g.state, image);
	ck_assert_uint_eq(image[4], 0xc0); /* two registers in use */
	ck_assert_mem_eq(image + 160 + 9 * 16, &g.regs.rax, 8);
	for (int i = 32; i < 416; i++)
		ck_assert_msg(i < 160 && i % 16 >= 10
				  ? 1
				  : image[i] == guest_host(DATA)[i],
		    "byte %d", i);
	ck_assert_mem_eq(image, guest_host(DATA), 5);

	for (int i = 0; i < 16; i++)
		image[160 + i] = (uint8_t)(i + 1);
	g.cpu->ops->state_setfp(g.cpu, g.state, image);
	g.cpu->ops->state_getfp(g.cpu, g.state, back);
	ck_assert_mem_eq(image, back, 512);
	guest_code(CODE, "\x0f\x11\x01\x0f\x05", 5); /* movups [rcx],xmm0 */
	registers_set();
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_mem_eq(guest_host(DATA), image + 160, 16);
}
END_TEST

/* Two states take turns; each keeps its own FP registers, and a fault of one
 * is not remembered against the other. */
START_TEST(test_states_are_apart)
{
	struct cpu_state *other;
	struct cpu_regs regs;
	struct cpu_state *mine = g.state;

	ck_assert_int_eq(g.cpu->ops->state_create(g.cpu, &other), 0);
	guest_code(CODE, "\x66\x48\x0f\x6e\xc0\x0f\x05", 7); /* xmm0 = rax */
	guest_code(
	    CODE + 16, "\x66\x48\x0f\x7e\xc3\x0f\x05", 7); /* rbx = xmm0 */
	guest_code(CODE + 32, "\x8b\x00", 2);
	regs = g.regs;
	for (uint64_t i = 0; i < 2; i++) {
		g.state = i ? other : mine;
		g.regs = regs;
		g.regs.rax = 1000 + i;
		ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	}
	for (uint64_t i = 0; i < 6; i++) {
		g.state = i & 1 ? other : mine;
		g.regs = regs;
		g.regs.rip = CODE + 32;
		g.regs.rax = HOLE;
		ck_assert_int_eq(guest_run(), CPU_EXIT_FAULT);
		g.regs.rip = CODE + 16;
		ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rbx, 1000 + (i & 1));
	}
	g.state = mine;
	g.cpu->ops->state_destroy(g.cpu, other);
}
END_TEST

START_TEST(test_roots_are_apart)
{
	uint64_t other = guest_page(), pa = guest_page(), data = guest_page();

	guest_code(CODE, "\x8b\x01\x0f\x05", 4); /* mov eax,[rcx] */
	*guest_host(DATA) = 1;
	g.cpu->ops->root_init(g.cpu, other);
	guest_map_in(other, CODE, pa, 0);
	guest_map_in(other, DATA, data, PTE_W | PTE_NX);
	memcpy(arena_host(g.arena, pa), "\x8b\x19\x0f\x05", 4); /* ebx */
	*arena_host(g.arena, data) = 2;
	g.cpu->ops->code_enter(g.cpu, CODE, pa);
	for (int i = 0; i < 50; i++) {
		registers_set();
		g.cpu->ops->set_root(g.cpu, i & 1 ? other : g.root);
		ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rax, i & 1 ? HOLE : 1);
		ck_assert_uint_eq(g.regs.rbx, i & 1 ? 2 : RO);
	}
}
END_TEST

START_TEST(test_flush_page_makes_a_change_visible)
{
	uint64_t pa = guest_page();

	guest_code(CODE, "\x8b\x01\x0f\x05", 4);
	*guest_host(DATA) = 1;
	*arena_host(g.arena, pa) = 2;
	registers_set();
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.regs.rax, 1);
	*guest_leaf(DATA) = pa | PTE_P | PTE_U | PTE_NX;
	g.cpu->ops->flush_page(g.cpu, DATA);
	registers_set();
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
	ck_assert_uint_eq(g.regs.rax, 2);
	*guest_leaf(DATA) = 0;
	g.cpu->ops->flush_page(g.cpu, DATA);
	registers_set();
	ck_assert_int_eq(guest_run(), CPU_EXIT_FAULT);
	ck_assert_uint_eq(g.exit.addr, DATA);
}
END_TEST

START_TEST(test_code_drop_makes_a_host_store_visible)
{
	for (int i = 0; i < 100; i++) {
		*guest_host(CODE) = 0xb0; /* mov al,i; syscall */
		*guest_host(CODE + 1) = (uint8_t)i;
		memcpy(guest_host(CODE + 2), "\x0f\x05", 2);
		g.cpu->ops->code_drop(g.cpu, *guest_leaf(CODE) & PTE_FRAME);
		g.regs.rip = CODE;
		ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
		ck_assert_uint_eq(g.regs.rax & 0xff, (unsigned)i);
	}
}
END_TEST

/* A block that begins on one page and cannot be fetched from the next: rip is
 * that of the instruction, and the ones before it have run. */
START_TEST(test_fetch_fault_is_settled)
{
	*guest_leaf(CODE + 4096) = 0;
	g.cpu->ops->flush_page(g.cpu, CODE + 4096);
	/* inc eax; inc eax; mov ecx,imm32 across the end of the page */
	guest_code(CODE + 4096 - 6, "\xff\xc0\xff\xc0\xb9\x01", 6);
	g.regs.rip = CODE + 4096 - 6;
	ck_assert_int_eq(guest_run(), CPU_EXIT_FAULT);
	ck_assert_int_eq(g.exit.access, CPU_FETCH);
	ck_assert_uint_eq(g.exit.addr, CODE + 4096);
	ck_assert_uint_eq(g.regs.rip, CODE + 4096 - 2);
	ck_assert_uint_eq(g.regs.rax, 2);
}
END_TEST

/* ... unless something else happens on the way. */
START_TEST(test_settled_fetch_fault_can_become_another)
{
	*guest_leaf(CODE + 4096) = 0;
	g.cpu->ops->flush_page(g.cpu, CODE + 4096);
	guest_code(CODE + 4096 - 6, "\xff\xc1\x8b\x00\x90\x90", 6);
	registers_set();
	g.regs.rip = CODE + 4096 - 6;
	ck_assert_int_eq(guest_run(), CPU_EXIT_FAULT);
	ck_assert_int_eq(g.exit.access, CPU_READ);
	ck_assert_uint_eq(g.exit.addr, HOLE);
	ck_assert_uint_eq(g.regs.rip, CODE + 4096 - 4);
	ck_assert_uint_eq(g.regs.rcx, DATA + 1);
}
END_TEST

START_TEST(test_probe_finds_both_offsets)
{
	struct cpu_probe probe;

	cpu_unicorn_probe(&probe);
	ck_assert_str_eq(probe.problem, "");
	ck_assert_int_gt(probe.error_code_offset, 0);
	ck_assert_int_gt(probe.old_exception_offset, 0);
	ck_assert_int_eq(probe.version[0], '2');
}
END_TEST

START_TEST(test_supervisor_pages_come_back)
{
	struct cpu *cpu;
	uint64_t before = arena_used(g.arena);

	ck_assert_int_eq(
	    cpu_unicorn_create(g.arena, UINT64_C(8) << 20, &cpu), 0);
	ck_assert_uint_gt(arena_used(g.arena), before);
	cpu->ops->destroy(cpu);
	ck_assert_uint_eq(arena_used(g.arena), before);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cpu_unicorn");
	TCase *tc = tcase_create("traps");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, guest_open, guest_close);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(
	    tc, test_traps, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, test_syscall_changes_no_register);
	tcase_add_test(tc, test_flags_are_sanitised);
	tcase_add_test(tc, test_fault_is_repeated_until_mended);
	tcase_add_test(tc, test_rip_not_canonical_at_entry_is_gp);
	tcase_add_test(tc, test_single_step);
	tcase_add_test(tc, test_single_step_over_rdtsc_traps);
	tcase_add_test(tc, test_rdtsc_is_a_clock_without_host_time);
	tcase_add_test(tc, test_rdtscp_sets_ecx);
	tcase_add_test(tc, test_fp_off_traps_until_allowed);
	tcase_add_test(tc, test_fp_image_as_after_reset);
	tcase_add_test(tc, test_fp_image_is_that_of_fxsave);
	tcase_add_test(tc, test_states_are_apart);
	tcase_add_test(tc, test_roots_are_apart);
	tcase_add_test(tc, test_flush_page_makes_a_change_visible);
	tcase_add_test(tc, test_code_drop_makes_a_host_store_visible);
	tcase_add_test(tc, test_fetch_fault_is_settled);
	tcase_add_test(tc, test_settled_fetch_fault_can_become_another);
	tcase_add_test(tc, test_probe_finds_both_offsets);
	tcase_add_test(tc, test_supervisor_pages_come_back);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
