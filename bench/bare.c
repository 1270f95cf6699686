/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <unicorn/unicorn.h>

#define PTE_P  UINT64_C(0x1)
#define PTE_W  UINT64_C(0x2)
#define PTE_U  UINT64_C(0x4)
#define PTE_NX (UINT64_C(1) << 63)
#define PTE_PA UINT64_C(0x000ffffffffff000)

/* Supervisor pages, in the last slot of the root table. */
#define KERNEL_VA UINT64_C(0xffffffff80000000)
#define GDT_VA    KERNEL_VA
#define STUB_VA   (KERNEL_VA + 0x1000)
#define STACK_VA  (KERNEL_VA + 0x2000)

#define PAGE UINT64_C(4096)

struct bare {
	uc_engine *uc;
	uint8_t *ram;
	size_t ram_bytes;
	uint64_t next;   /* first page that is free */
	uint64_t kernel; /* root entry of the supervisor pages */
	uint64_t regs[BARE_REGS];
	void *values[BARE_REGS];
	int event;
};

static const int reg_ids[BARE_REGS] = { UC_X86_REG_RAX, UC_X86_REG_RBX,
	UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RSI, UC_X86_REG_RDI,
	UC_X86_REG_RBP, UC_X86_REG_RSP, UC_X86_REG_R8, UC_X86_REG_R9,
	UC_X86_REG_R10, UC_X86_REG_R11, UC_X86_REG_R12, UC_X86_REG_R13,
	UC_X86_REG_R14, UC_X86_REG_R15, UC_X86_REG_RIP, UC_X86_REG_RFLAGS };

uint8_t *
bare_host(struct bare *bare, uint64_t pa)
{
	return bare->ram + pa;
}

uint64_t *
bare_regs(struct bare *bare)
{
	return bare->regs;
}

uint64_t
bare_page(struct bare *bare)
{
	uint64_t pa = bare->next;

	if (pa + PAGE > bare->ram_bytes)
		return 0;
	bare->next += PAGE;
	return pa;
}

static uint64_t *
table_entry(struct bare *bare, uint64_t table, uint64_t va, int shift)
{
	void *page = bare_host(bare, table);

	return (uint64_t *)page + ((va >> shift) & 511);
}

static bool
map_raw(struct bare *bare, uint64_t cr3, uint64_t va, uint64_t leaf)
{
	uint64_t table = cr3;

	for (int shift = 39; shift > 12; shift -= 9) {
		uint64_t *entry = table_entry(bare, table, va, shift);

		if (*entry == 0) {
			uint64_t page = bare_page(bare);

			if (page == 0)
				return false;
			*entry = page | PTE_P | PTE_W | PTE_U;
		}
		table = *entry & PTE_PA;
	}
	*table_entry(bare, table, va, 12) = leaf;
	return true;
}

bool
bare_map(
    struct bare *bare, uint64_t cr3, uint64_t va, uint64_t pa, unsigned how)
{
	uint64_t leaf = pa | PTE_P | PTE_U;

	if ((how & BARE_WRITE) != 0)
		leaf |= PTE_W;
	if ((how & BARE_EXEC) == 0)
		leaf |= PTE_NX;
	return map_raw(bare, cr3, va, leaf);
}

uint64_t
bare_lookup(struct bare *bare, uint64_t cr3, uint64_t va)
{
	uint64_t at = cr3;

	for (int shift = 39; shift >= 12; shift -= 9) {
		uint64_t entry = *table_entry(bare, at, va, shift);

		if ((entry & PTE_P) == 0)
			return 0;
		at = entry & PTE_PA;
	}
	return at + va % PAGE;
}

uint64_t
bare_space(struct bare *bare)
{
	uint64_t root = bare_page(bare);

	if (root != 0)
		*table_entry(bare, root, KERNEL_VA, 39) = bare->kernel;
	return root;
}

void
bare_set_cr3(struct bare *bare, uint64_t cr3)
{
	uc_reg_write(bare->uc, UC_X86_REG_CR3, &cr3);
}

void
bare_set_fs(struct bare *bare, uint64_t base)
{
	uc_reg_write(bare->uc, UC_X86_REG_FS_BASE, &base);
}

static void
on_interrupt(uc_engine *uc, uint32_t vector, void *arg)
{
	struct bare *bare = arg;

	bare->event = (int)vector;
	uc_emu_stop(uc);
}

static void
on_syscall(uc_engine *uc, void *arg)
{
	struct bare *bare = arg;

	bare->event = BARE_SYSCALL;
	uc_emu_stop(uc);
}

static bool
on_undefined(uc_engine *uc, void *arg)
{
	struct bare *bare = arg;

	(void)uc;
	bare->event = BARE_UNDEFINED;
	return false;
}

int
bare_run(struct bare *bare)
{
	uc_err error;

	bare->event = BARE_FAILED;
	uc_reg_write_batch(bare->uc, reg_ids, bare->values, BARE_REGS);
	error = uc_emu_start(bare->uc, bare->regs[BARE_RIP], 0, 0, 0);
	uc_reg_read_batch(bare->uc, reg_ids, bare->values, BARE_REGS);
	if (error != UC_ERR_OK && bare->event == BARE_FAILED)
		fprintf(stderr, "bare Unicorn: %s\n", uc_strerror(error));
	return bare->event;
}

/* uc_hook_add() takes every callback as void *: a cast that ISO C has only
 * through a copy. */
static bool
hook_add(struct bare *bare, int type, const void *fn, int insn)
{
	uc_hook hook;
	void *callback;

	memcpy(&callback, fn, sizeof(callback));
	return uc_hook_add(bare->uc, &hook, type, callback, bare, 1, 0, insn) ==
	       UC_ERR_OK;
}

static bool
hooks_add(struct bare *bare)
{
	void (*interrupt)(uc_engine *, uint32_t, void *) = on_interrupt;
	void (*syscall)(uc_engine *, void *) = on_syscall;
	bool (*undefined)(uc_engine *, void *) = on_undefined;

	return hook_add(bare, UC_HOOK_INTR, &interrupt, 0) &&
	       hook_add(bare, UC_HOOK_INSN, &syscall, UC_X86_INS_SYSCALL) &&
	       hook_add(bare, UC_HOOK_INSN_INVALID, &undefined, 0);
}

static bool
reg_set(struct bare *bare, int reg, uint64_t value)
{
	return uc_reg_write(bare->uc, reg, &value) == UC_ERR_OK;
}

/* Long mode with paging, as an operating system would leave it. */
static bool
control_set(struct bare *bare, uint64_t cr3)
{
	uc_x86_msr efer = { 0xc0000080, 0xd01 }; /* NXE LMA LME SCE */
	uc_x86_mmr gdtr = { 0, GDT_VA, 6 * 8 - 1, 0 };

	return reg_set(bare, UC_X86_REG_CR4, 0x620) && /* PAE OSFXSR OSXMM */
	       reg_set(bare, UC_X86_REG_CR3, cr3) &&
	       uc_reg_write(bare->uc, UC_X86_REG_MSR, &efer) == UC_ERR_OK &&
	       reg_set(
		   bare, UC_X86_REG_CR0, 0x80010033) && /* PG WP NE ET MP PE */
	       uc_reg_write(bare->uc, UC_X86_REG_GDTR, &gdtr) == UC_ERR_OK &&
	       reg_set(bare, UC_X86_REG_CS, 0x08) &&
	       reg_set(bare, UC_X86_REG_SS, 0x10);
}

/* Leaves ring 0 through an iretq to a syscall instruction. */
static bool
ring3_enter(struct bare *bare, uint64_t cr3, uint64_t gdt, uint64_t stub,
    uint64_t stack)
{
	const uint64_t user_va = 0x1000;
	const uint64_t descriptors[6] = { 0, 0x00af9b000000ffff,
		0x00cf93000000ffff, 0, 0x00cff3000000ffff, 0x00affb000000ffff };
	const uint64_t frame[5] = { user_va, 0x2b, 0x202, 0, 0x23 };
	const uint8_t code[] = { 0x48, 0xcf, 0x0f, 0x05 };

	memcpy(bare_host(bare, gdt), descriptors, sizeof(descriptors));
	memcpy(bare_host(bare, stub), code, 2);
	memcpy(bare_host(bare, stub) + PAGE, code + 2, 2);
	memcpy(bare_host(bare, stack) + 0xf00, frame, sizeof(frame));
	if (!map_raw(bare, cr3, GDT_VA, gdt | PTE_P | PTE_W | PTE_NX) ||
	    !map_raw(bare, cr3, STUB_VA, stub | PTE_P) ||
	    !map_raw(bare, cr3, STACK_VA, stack | PTE_P | PTE_W | PTE_NX) ||
	    !bare_map(bare, cr3, user_va, stub + PAGE, BARE_EXEC))
		return false;
	bare->kernel = *table_entry(bare, cr3, KERNEL_VA, 39);
	return control_set(bare, cr3) &&
	       reg_set(bare, UC_X86_REG_RSP, STACK_VA + 0xf00) &&
	       uc_emu_start(bare->uc, STUB_VA, 0, 0, 0) == UC_ERR_OK &&
	       bare->event == BARE_SYSCALL &&
	       reg_set(bare, UC_X86_REG_MXCSR, 0x1f80) &&
	       reg_set(bare, UC_X86_REG_FPCW, 0x37f);
}

static bool
boot(struct bare *bare)
{
	uint64_t cr3 = bare_page(bare), gdt = bare_page(bare);
	uint64_t stub = bare_page(bare);

	bare_page(bare); /* the user's page, after the stub */
	return ring3_enter(bare, cr3, gdt, stub, bare_page(bare));
}

static bool
engine_open(struct bare *bare)
{
	return uc_open(UC_ARCH_X86, UC_MODE_64, &bare->uc) == UC_ERR_OK &&
	       uc_ctl_set_cpu_model(bare->uc, UC_CPU_X86_NEHALEM) ==
		   UC_ERR_OK &&
	       uc_ctl_set_tcg_buffer_size(bare->uc, 64 << 20) == UC_ERR_OK &&
	       uc_mem_map_ptr(bare->uc, 0, bare->ram_bytes, UC_PROT_ALL,
		   bare->ram) == UC_ERR_OK &&
	       uc_ctl_exits_enable(bare->uc) == UC_ERR_OK && hooks_add(bare);
}

struct bare *
bare_open(size_t ram_bytes)
{
	struct bare *bare = calloc(1, sizeof(*bare));

	if (bare == NULL)
		return NULL;
	bare->ram_bytes = ram_bytes;
	bare->next = PAGE;
	bare->regs[BARE_RFLAGS] = 0x202;
	for (int i = 0; i < BARE_REGS; i++)
		bare->values[i] = &bare->regs[i];
	bare->ram = mmap(NULL, ram_bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
	if (bare->ram == MAP_FAILED || !engine_open(bare) || !boot(bare)) {
		bare_close(bare);
		return NULL;
	}
	return bare;
}

void
bare_close(struct bare *bare)
{
	if (bare->uc != NULL)
		uc_close(bare->uc);
	if (bare->ram != MAP_FAILED)
		munmap(bare->ram, bare->ram_bytes);
	free(bare);
}
