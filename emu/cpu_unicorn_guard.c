/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions whose translation aborts the process: LOCK bt, bts, btr, btc
 * with a register.  Every place where one may start is found by its bytes
 * before its page can be executed, and becomes an *exit address*: the engine
 * stops before it translates there.  What really is there is decided then, by
 * decoding.  With too many of them every instruction is stepped.  Exits cost at
 * each start of the engine, so only those are set whose page can be executed.
 *
 *   prefixes, one of them F0 | 0F | A3 AB B3 BB | modrm >= C0
 *                            | 0F | BA          | modrm >= E0
 *
 * A seam is the boundary of two pages that are neighbours somewhere; since
 * the CPU does not know where, it notes by page number of the second page
 * what the first may begin and what the second may complete.
 */
#include "emu/cpu_unicorn.h"

#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "emu/arena.h"
#include "emu/pte.h"

#define PAGE_GUARDS_MAX 64 /* more on one page: GUARD_WHOLE_PAGE */
#define SEAMS_MAX       (1u << 20)
#define PREFIXES_MAX    14

/* A value of cu->seams: how far before the seam an instruction may start,
 * what the first page ends with, what the second begins with. */
#define SEAM_BACK        0x0fu
#define SEAM_TAIL_LOCK   0x10u /* ... F0 ... */
#define SEAM_TAIL_ESCAPE 0x20u /* ... F0 ... 0F */
#define SEAM_HEAD_LOCK   0x40u /* prefixes 0F A3 C0 */
#define SEAM_HEAD_ESCAPE 0x80u /* A3 C0 */

/* The page that is looked at. */
struct scan {
	struct cpu_unicorn *cu;
	uint64_t va, pa;
	const uint8_t *bytes;
	unsigned found;
};

static void lock_look(struct scan *scan, size_t at);
static void head_look(struct scan *scan);
static void guard_add(struct scan *scan, uint64_t va);
static void exits_set(struct cpu_unicorn *cu, uint64_t armed);
static void seam_note(struct scan *scan, uint64_t seam_va, uint32_t what);

static struct searched *
searched_slot(struct cpu_unicorn *cu, uint64_t pa)
{
	return &cu->searched[pa >> PAGE_SHIFT & (SEARCHED_PAGES - 1)];
}

void
unicorn_code_enter(struct cpu *cpu, uint64_t va, uint64_t pa)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);
	struct scan scan = { cu, va, pa, arena_host(cu->arena, pa), 0 };
	const uint8_t *end = scan.bytes + PAGE_BYTES;
	const uint8_t *at = scan.bytes;
	size_t before = cu->guard_count;
	struct searched *searched = searched_slot(cu, pa);

	if (searched->pa == pa && searched->va == va)
		return;
	*searched = (struct searched){ va, pa };
	while (
	    at < end && (at = memchr(at, 0xf0, (size_t)(end - at))) != NULL) {
		lock_look(&scan, (size_t)(at - scan.bytes));
		at++;
	}
	head_look(&scan);
	if (cu->guard_count != before)
		exits_set(cu, 0);
}

static bool
is_prefix(uint8_t byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x64:
	case 0x65:
	case 0x66:
	case 0x67:
	case 0xf0:
	case 0xf2:
	case 0xf3:
		return true;
	default:
		return (byte & 0xf0) == 0x40;
	}
}

static bool
is_bit_opcode(uint8_t byte)
{
	return byte == 0xba || (byte & 0xe7) == 0xa3;
}

static bool
is_register(uint8_t opcode, uint8_t modrm)
{
	return modrm >= (opcode == 0xba ? 0xe0 : 0xc0);
}

/* A guard for each byte from which prefixes lead to the F0 at at. */
static void
starts_add(struct scan *scan, size_t at)
{
	for (size_t n = 0; n <= at && n <= PREFIXES_MAX; n++) {
		if (!is_prefix(scan->bytes[at - n]))
			return;
		guard_add(scan, scan->va + at - n);
	}
}

/* How many bytes before the end of the page the prefixes around the F0 at at
 * begin. */
static uint32_t
reach_back(const struct scan *scan, size_t at)
{
	size_t first = at;

	while (first > 0 && PAGE_BYTES - first < PREFIXES_MAX &&
	       is_prefix(scan->bytes[first - 1]))
		first--;
	return (uint32_t)(PAGE_BYTES - first);
}

/* The F0 at at: does what follows make it a killer? */
static void
lock_look(struct scan *scan, size_t at)
{
	const uint8_t *b = scan->bytes;
	const uint64_t next_va = scan->va + PAGE_BYTES;
	size_t i = at;

	while (i < PAGE_BYTES && is_prefix(b[i]) && i - at < PREFIXES_MAX)
		i++;
	if (i == PAGE_BYTES)
		seam_note(scan, next_va, SEAM_TAIL_LOCK | reach_back(scan, at));
	else if (b[i] != 0x0f)
		return;
	else if (i + 1 == PAGE_BYTES)
		seam_note(
		    scan, next_va, SEAM_TAIL_ESCAPE | reach_back(scan, at));
	else if (!is_bit_opcode(b[i + 1]))
		return;
	else if (i + 2 == PAGE_BYTES || is_register(b[i + 1], b[i + 2]))
		starts_add(scan, at);
}

/* What an instruction that began on the page before may end with here. */
static void
head_look(struct scan *scan)
{
	const uint8_t *b = scan->bytes;
	bool lock = false;
	size_t i = 0;

	if (is_bit_opcode(b[0]) && is_register(b[0], b[1]))
		seam_note(scan, scan->va, SEAM_HEAD_ESCAPE);
	while (i < PREFIXES_MAX && is_prefix(b[i]))
		lock = b[i++] == 0xf0 || lock;
	if (b[i] != 0x0f || !is_bit_opcode(b[i + 1]) ||
	    !is_register(b[i + 1], b[i + 2]))
		return;
	seam_note(scan, scan->va, SEAM_HEAD_LOCK);
	for (uint64_t back = 1; lock && back <= PREFIXES_MAX; back++)
		guard_add(scan, scan->va - back);
}

/* Adds what is known about a seam; when both sides fit, guards it. */
static void
seam_note(struct scan *scan, uint64_t seam_va, uint32_t what)
{
	struct cpu_unicorn *cu = scan->cu;
	uint64_t known = 0, back;

	u64map_get(&cu->seams, seam_va >> PAGE_SHIFT, &known);
	back = known & SEAM_BACK;
	if ((what & SEAM_BACK) > back)
		back = what & SEAM_BACK;
	known = ((known | what) & ~(uint64_t)SEAM_BACK) | back;
	if (cu->seams.count >= SEAMS_MAX ||
	    u64map_put(&cu->seams, seam_va >> PAGE_SHIFT, known) != 0)
		cu->guards_overflow = true;
	if (((known & SEAM_TAIL_LOCK) && (known & SEAM_HEAD_LOCK)) ||
	    ((known & SEAM_TAIL_ESCAPE) && (known & SEAM_HEAD_ESCAPE)))
		for (uint64_t i = 1; i <= back; i++)
			guard_add(scan, seam_va - i);
}

static bool
guard_known(const struct cpu_unicorn *cu, uint64_t va, uint64_t pa)
{
	for (size_t i = 0; i < cu->guard_count; i++)
		if (cu->guards[i].va == va && cu->guards[i].pa == pa)
			return true;
	return false;
}

static bool
guard_append(struct cpu_unicorn *cu, uint64_t va, uint64_t pa)
{
	size_t capacity = cu->guard_capacity ? cu->guard_capacity * 2 : 16;
	struct guard *guards;

	if (cu->guard_count == cu->guard_capacity) {
		guards = realloc(cu->guards, capacity * sizeof(*guards));
		if (guards == NULL)
			return false;
		cu->guards = guards;
		cu->guard_capacity = capacity;
	}
	cu->guards[cu->guard_count++] = (struct guard){ va, pa };
	return true;
}

static void
guard_add(struct scan *scan, uint64_t va)
{
	struct cpu_unicorn *cu = scan->cu;

	if (scan->found > PAGE_GUARDS_MAX)
		return;
	if (++scan->found > PAGE_GUARDS_MAX)
		va = GUARD_WHOLE_PAGE;
	if (guard_known(cu, va, scan->pa))
		return;
	if (!guard_append(cu, va, scan->pa))
		cu->guards_overflow = true;
	else if (va == GUARD_WHOLE_PAGE)
		cu->whole_pages++;
}

void
unicorn_guards_drop(struct cpu_unicorn *cu, uint64_t pa)
{
	struct searched *searched = searched_slot(cu, pa);
	size_t kept = 0;

	if (searched->pa == pa)
		searched->pa = 0;
	for (size_t i = 0; i < cu->guard_count; i++) {
		if (cu->guards[i].pa != pa)
			cu->guards[kept++] = cu->guards[i];
		else if (cu->guards[i].va == GUARD_WHOLE_PAGE)
			cu->whole_pages--;
	}
	if (kept == cu->guard_count)
		return;
	cu->guard_count = kept;
	exits_set(cu, 0);
}

/* Makes exits of the guards whose bits are set. */
static void
exits_set(struct cpu_unicorn *cu, uint64_t armed)
{
	uint64_t exits[EXIT_MAX];
	size_t count = 0;

	for (size_t i = 0; i < EXIT_MAX; i++)
		if (armed >> i & 1)
			exits[count++] = cu->guards[i].va;
	uc_ctl_set_exits(cu->uc, exits, count);
	cu->armed = armed;
	cu->exit_count = count;
	cu->capture = count > 0;
}

/* Where nothing can be executed nothing is translated. */
static bool
is_reachable(const struct cpu_unicorn *cu, uint64_t va)
{
	const uint64_t *leaf = unicorn_leaf(cu, va);

	return leaf != NULL && !(*leaf & PTE_NX);
}

/* When there are too many, all are stepped and none is needed. */
void
unicorn_guards_arm(struct cpu_unicorn *cu)
{
	uint64_t armed = 0;

	if (!unicorn_must_step(cu))
		for (size_t i = 0; i < cu->guard_count; i++)
			if (is_reachable(cu, cu->guards[i].va))
				armed |= UINT64_C(1) << i;
	if (armed != cu->armed)
		exits_set(cu, armed);
}

bool
unicorn_guarded(const struct cpu_unicorn *cu, uint64_t va)
{
	for (size_t i = 0; i < cu->guard_count; i++)
		if (cu->guards[i].va == va)
			return true;
	return false;
}

bool
unicorn_must_step(const struct cpu_unicorn *cu)
{
	return cu->guards_overflow || cu->whole_pages > 0 ||
	       cu->guard_count > EXIT_MAX;
}
