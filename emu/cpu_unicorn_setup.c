/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine around the guest: page tables of the supervisor, descriptors,
 * and the only passage from ring 0 to ring 3.
 *
 *   SUPER_VA  +0x0000  GDT
 *             +0x1000  code: iretq; invlpg stub at +16
 *             +0x2000  stack
 *   WINDOW_VA          all of the arena, executable, in 1 GiB leaves
 */
#include "emu/cpu_unicorn.h"

#include <errno.h>
#include <string.h>

#include "base/page.h"
#include "emu/arena.h"
#include "emu/pte.h"

#define CODE_BYTES_DEFAULT (UINT64_C(64) << 20)
#define GIB                (UINT64_C(1) << 30)
#define INVLPG_OFFSET      16
#define SEL_UCODE          0x2b
#define SEL_UDATA          0x23

static int engine_make(struct cpu_unicorn *cu, uint64_t code_bytes);
static int trial_make(struct cpu_unicorn *cu);
static int hooks_add(struct cpu_unicorn *cu);
static int super_map(struct cpu_unicorn *cu);
static int window_map(struct cpu_unicorn *cu);
static int page_take(struct cpu_unicorn *cu, uint64_t *pa);
static uint64_t *table(const struct cpu_unicorn *cu, uint64_t pa);
static void gdt_fill(uint8_t *page);
static int long_mode_enter(struct cpu_unicorn *cu);
static bool reg_set(struct cpu_unicorn *cu, int reg, uint64_t value);

int
unicorn_engine_open(
    struct arena *arena, uint64_t code_bytes, struct cpu_unicorn *cu)
{
	int error;

	cu->arena = arena;
	if ((error = engine_make(cu, code_bytes)) != 0 ||
	    (error = hooks_add(cu)) != 0 || (error = super_map(cu)) != 0 ||
	    (error = window_map(cu)) != 0)
		return error;
	return long_mode_enter(cu);
}

void
unicorn_engine_close(struct cpu_unicorn *cu)
{
	if (cu->pristine != NULL)
		uc_context_free(cu->pristine);
	if (cu->ring0 != NULL)
		uc_context_free(cu->ring0);
	if (cu->scratch != NULL)
		uc_context_free(cu->scratch);
	if (cu->uc != NULL)
		uc_close(cu->uc);
	while (cu->super_count > 0)
		arena_page_free(cu->arena, cu->super_pages[--cu->super_count]);
}

static int
engine_make(struct cpu_unicorn *cu, uint64_t code_bytes)
{
	uint64_t size = arena_size(cu->arena);
	int error;

	if (code_bytes == 0)
		code_bytes = CODE_BYTES_DEFAULT;
	if (code_bytes > UINT32_MAX)
		return EINVAL;
	cu->code_bytes = code_bytes;
	if (uc_open(UC_ARCH_X86, UC_MODE_64, &cu->uc) != UC_ERR_OK)
		return ENOMEM;
	if (uc_ctl_set_cpu_model(cu->uc, UC_CPU_X86_NEHALEM) != UC_ERR_OK ||
	    uc_ctl_set_tcg_buffer_size(cu->uc, (uint32_t)code_bytes) !=
		UC_ERR_OK)
		return ENOTSUP;
	if (uc_context_alloc(cu->uc, &cu->pristine) != UC_ERR_OK ||
	    uc_context_alloc(cu->uc, &cu->ring0) != UC_ERR_OK ||
	    uc_context_alloc(cu->uc, &cu->scratch) != UC_ERR_OK)
		return ENOTSUP;
	cu->at.bytes = uc_context_size(cu->uc);
	if ((error = trial_make(cu)) != 0)
		return error;
	if (uc_mem_map_ptr(cu->uc, 0, size, UC_PROT_ALL,
		arena_host(cu->arena, 0)) != UC_ERR_OK)
		return ENOMEM;
	return uc_ctl_exits_enable(cu->uc) == UC_ERR_OK ? 0 : ENOTSUP;
}

/* Before the engine has memory; leaves its registers as they were. */
static int
trial_make(struct cpu_unicorn *cu)
{
	size_t at;

	if (uc_context_save(cu->uc, cu->scratch) != UC_ERR_OK)
		return ENOTSUP;
	at = unicorn_precise_find(cu->uc, &cu->argument);
	if (uc_context_restore(cu->uc, cu->scratch) != UC_ERR_OK ||
	    uc_ctl_flush_tb(cu->uc) != UC_ERR_OK)
		return ENOTSUP;
	cu->precise = unicorn_precise_set(cu->uc, at);
	return 0;
}

/* The first event of a run is what happened; a single step that ends a
 * system call, for one, comes after it. */
static void
event_set(struct cpu_unicorn *cu, enum event_kind kind, uint32_t vector)
{
	uc_emu_stop(cu->uc);
	if (cu->event.kind != EVENT_NONE)
		return;
	cu->event.kind = kind;
	cu->event.vector = vector;
}

/* Leaving the engine can overwrite CR2 and the error code when there are exit
 * addresses, so they are taken here. */
static void
on_interrupt(uc_engine *uc, uint32_t vector, void *arg)
{
	struct cpu_unicorn *cu = arg;
	bool first = cu->event.kind == EVENT_NONE;

	event_set(cu, EVENT_VECTOR, vector);
	if (first && cu->capture &&
	    uc_context_save(uc, cu->scratch) == UC_ERR_OK) {
		unicorn_event_take(cu, cu->scratch);
		cu->event.captured = true;
	}
}

static void
on_syscall(uc_engine *uc, void *arg)
{
	(void)uc;
	event_set(arg, EVENT_SYSCALL, 0);
}

static bool
on_invalid(uc_engine *uc, void *arg)
{
	(void)uc;
	event_set(arg, EVENT_INVALID, 0);
	return false;
}

/* Converts a hook to what uc_hook_add() takes; ISO C has no cast for it. */
static void *
hook_pointer(void (*fn)(void))
{
	void *pointer;

	memcpy(&pointer, &fn, sizeof(pointer));
	return pointer;
}

#define HOOK(fn) hook_pointer((void (*)(void))(fn))

static int
hooks_add(struct cpu_unicorn *cu)
{
	uc_hook hook;

	if (uc_hook_add(cu->uc, &hook, UC_HOOK_INTR, HOOK(on_interrupt), cu, 1,
		0) != UC_ERR_OK ||
	    uc_hook_add(cu->uc, &hook, UC_HOOK_INSN, HOOK(on_syscall), cu, 1, 0,
		UC_X86_INS_SYSCALL) != UC_ERR_OK ||
	    uc_hook_add(cu->uc, &hook, UC_HOOK_INSN_INVALID, HOOK(on_invalid),
		cu, 1, 0) != UC_ERR_OK ||
	    uc_hook_add(cu->uc, &hook, UC_HOOK_EDGE_GENERATED,
		HOOK(unicorn_on_edge), cu, 1, 0) != UC_ERR_OK)
		return ENOTSUP;
	return cu->precise ? 0 : unicorn_stop_hook_add(cu);
}

static int
super_map(struct cpu_unicorn *cu)
{
	uint64_t pdpt, pd, pt, gdt, code;
	uint64_t *leaf;
	int error;

	if ((error = page_take(cu, &cu->own_root)) != 0 ||
	    (error = page_take(cu, &pdpt)) != 0 ||
	    (error = page_take(cu, &pd)) != 0 ||
	    (error = page_take(cu, &pt)) != 0 ||
	    (error = page_take(cu, &gdt)) != 0 ||
	    (error = page_take(cu, &code)) != 0 ||
	    (error = page_take(cu, &cu->stack_pa)) != 0)
		return error;
	cu->super_pml4 = pdpt | PTE_P | PTE_W;
	table(cu, cu->own_root)[pte_index(SUPER_VA, 3)] = cu->super_pml4;
	table(cu, pdpt)[pte_index(SUPER_VA, 2)] = pd | PTE_P | PTE_W;
	table(cu, pd)[pte_index(SUPER_VA, 1)] = pt | PTE_P | PTE_W;
	leaf = table(cu, pt);
	leaf[0] = gdt | PTE_P | PTE_W | PTE_NX;
	leaf[1] = code | PTE_P;
	leaf[2] = cu->stack_pa | PTE_P | PTE_W | PTE_NX;
	gdt_fill(arena_host(cu->arena, gdt));
	memcpy(arena_host(cu->arena, code), "\x48\xcf", 2); /* iretq */
	memcpy(arena_host(cu->arena, code + INVLPG_OFFSET), "\x0f\x01\x38\xf4",
	    4); /* invlpg [rax]; hlt */
	return 0;
}

static int
window_map(struct cpu_unicorn *cu)
{
	uint64_t pdpt;
	int error = page_take(cu, &pdpt);

	if (error != 0)
		return error;
	cu->window_pml4 = pdpt | PTE_P | PTE_W;
	table(cu, cu->own_root)[pte_index(WINDOW_VA, 3)] = cu->window_pml4;
	for (unsigned i = 0; i * GIB < arena_size(cu->arena); i++)
		table(cu, pdpt)[i] = i * GIB | PTE_P | PTE_PS;
	return 0;
}

static int
page_take(struct cpu_unicorn *cu, uint64_t *pa)
{
	int error = arena_page_alloc(cu->arena, pa);

	if (error == 0)
		cu->super_pages[cu->super_count++] = *pa;
	return error;
}

static uint64_t *
table(const struct cpu_unicorn *cu, uint64_t pa)
{
	return (uint64_t *)(void *)arena_host(cu->arena, pa);
}

/* No 32-bit code segment: compatibility mode does not exist for guests. */
static void
gdt_fill(uint8_t *page)
{
	const uint64_t gdt[6] = {
		0, UINT64_C(0x00af9b000000ffff), /* 0x08 supervisor code */
		UINT64_C(0x00cf93000000ffff),    /* 0x10 supervisor data */
		0, UINT64_C(0x00cff3000000ffff), /* 0x23 user data */
		UINT64_C(0x00affb000000ffff),    /* 0x2b user code */
	};

	memcpy(page, gdt, sizeof(gdt));
}

static int
long_mode_enter(struct cpu_unicorn *cu)
{
	uc_x86_msr efer = { 0xc0000080, 0xd01 }; /* SCE LME LMA NXE */
	uc_x86_mmr gdtr = { 0, SUPER_GDT, 0x2f, 0 };

	/* CR4: TSD PAE OSFXSR OSXMMEXCPT; CR0: PG WP NE ET MP PE */
	if (!reg_set(cu, UC_X86_REG_CR4, 0x624) ||
	    !reg_set(cu, UC_X86_REG_CR3, cu->own_root) ||
	    uc_reg_write(cu->uc, UC_X86_REG_MSR, &efer) != UC_ERR_OK ||
	    !reg_set(cu, UC_X86_REG_CR0, 0x80010033) ||
	    uc_reg_write(cu->uc, UC_X86_REG_GDTR, &gdtr) != UC_ERR_OK ||
	    !reg_set(cu, UC_X86_REG_CS, 0x08) ||
	    !reg_set(cu, UC_X86_REG_SS, 0x10) ||
	    !reg_set(cu, UC_X86_REG_RSP, SUPER_TOP - 0x100) ||
	    uc_context_save(cu->uc, cu->ring0) != UC_ERR_OK)
		return ENOTSUP;
	cu->root_pa = cu->own_root;
	return 0;
}

int
unicorn_ring3_enter(struct cpu_unicorn *cu, uint64_t rip)
{
	const uint64_t frame[5] = { rip, SEL_UCODE, 0x202, 0, SEL_UDATA };
	const int clear[] = { UC_X86_REG_RCX, UC_X86_REG_R11, UC_X86_REG_RIP };
	uint64_t cs = 0;

	memcpy(arena_host(cu->arena, cu->stack_pa + PAGE_BYTES - 0x100), frame,
	    sizeof(frame));
	cu->event = (struct event){ 0 };
	uc_emu_start(cu->uc, SUPER_CODE, 0, 0, 0);
	if (cu->event.kind != EVENT_SYSCALL ||
	    uc_reg_read(cu->uc, UC_X86_REG_CS, &cs) != UC_ERR_OK ||
	    (cs & 0xffff) != SEL_UCODE)
		return ENOTSUP;
	for (size_t i = 0; i < sizeof(clear) / sizeof(clear[0]); i++)
		if (!reg_set(cu, clear[i], 0))
			return ENOTSUP;
	if (!reg_set(cu, UC_X86_REG_MXCSR, 0x1f80) ||
	    !reg_set(cu, UC_X86_REG_FPCW, 0x37f) ||
	    !reg_set(cu, UC_X86_REG_FPTAG, 0xffff) || /* all empty */
	    uc_context_save(cu->uc, cu->pristine) != UC_ERR_OK)
		return ENOTSUP;
	return 0;
}

static bool
reg_set(struct cpu_unicorn *cu, int reg, uint64_t value)
{
	return uc_reg_write(cu->uc, reg, &value) == UC_ERR_OK;
}

uint64_t *
unicorn_leaf(const struct cpu_unicorn *cu, uint64_t va)
{
	uint64_t pa = cu->root_pa, *entry;

	if (va >> 47 != 0)
		return NULL;
	for (int level = PTE_LEVELS - 1;; level--) {
		entry = &table(cu, pa)[pte_index(va, level)];
		pa = *entry & PTE_FRAME;
		if ((*entry & (PTE_P | PTE_U)) != (PTE_P | PTE_U) ||
		    pa >= arena_size(cu->arena))
			return NULL;
		if (level == 0)
			return entry;
	}
}

size_t
unicorn_peek(const struct cpu_unicorn *cu, uint64_t va, void *buf, size_t len)
{
	uint8_t *to = buf;
	size_t done = 0;

	while (done < len) {
		const uint64_t *leaf = unicorn_leaf(cu, va + done);
		size_t in_page = (size_t)((va + done) & PAGE_MASK);
		size_t n = (size_t)PAGE_BYTES - in_page;
		if (leaf == NULL)
			break;
		if (n > len - done)
			n = len - done;
		memcpy(to + done,
		    arena_host(cu->arena, (*leaf & PTE_FRAME) + in_page), n);
		done += n;
	}
	return done;
}

/* The page is one that the guest itself has just stored to. */
bool
unicorn_poke(struct cpu_unicorn *cu, uint64_t va, uint8_t byte)
{
	const uint64_t *leaf = unicorn_leaf(cu, va);

	if (leaf == NULL || !(*leaf & PTE_W))
		return false;
	*arena_host(cu->arena, (*leaf & PTE_FRAME) + (va & PAGE_MASK)) = byte;
	if (!(*leaf & PTE_NX))
		unicorn_code_drop(&cu->cpu, *leaf & PTE_FRAME);
	return true;
}

/* The engine's user registers are in the entered state's blob already. */
void
unicorn_super_enter(struct cpu_unicorn *cu)
{
	blob_put64(cu->ring0, cu->at.cr3, cu->root_pa);
	uc_context_restore(cu->uc, cu->ring0);
	cu->live = NULL;
}

/* A stop that arrives late can end the engine's run too early. */
bool
unicorn_super_run(struct cpu_unicorn *cu, uint64_t va, uint64_t rax)
{
	uint64_t rip = 0;

	for (int tries = 0; tries < 1000; tries++) {
		unicorn_super_enter(cu);
		uc_reg_write(cu->uc, UC_X86_REG_RAX, &rax);
		uc_emu_start(cu->uc, va, 0, 0, 0);
		uc_reg_read(cu->uc, UC_X86_REG_RIP, &rip);
		if (rip == va + 4)
			return true;
	}
	return false;
}

void
unicorn_flush_page(struct cpu *cpu, uint64_t va)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);
	uint64_t root = cu->root_pa;

	if (!unicorn_super_run(cu, SUPER_CODE + INVLPG_OFFSET, va))
		uc_reg_write(cu->uc, UC_X86_REG_CR3, &root);
}
