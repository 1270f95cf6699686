/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/conform/guest.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/conform/conform.h"

enum { PEEK_OFF = 0x00, POKE_OFF = 0x10 };

static const uint8_t peek_code[] = {
	0x48, 0x8b, 0x07, /* mov rax,QWORD PTR [rdi] */
	0xcc,             /* int3 */
};

static const uint8_t poke_code[] = {
	0x48, 0x89, 0x07, /* mov QWORD PTR [rdi],rax */
	0xcc,             /* int3 */
};

int
file_make(uint64_t len)
{
	const char *dir = getenv("TMPDIR");
	char path[256];
	int fd, len_path;

	len_path = snprintf(path, sizeof(path), "%s/conform.XXXXXX",
	    dir != NULL ? dir : "/tmp");
	EXPECT(len_path > 0 && (size_t)len_path < sizeof(path));
	fd = mkstemp(path);
	EXPECT(fd >= 0);
	EXPECT(unlink(path) == 0);
	EXPECT(ftruncate(fd, (off_t)len) == 0);
	return fd;
}

uint8_t *
file_map(int fd, uint64_t len)
{
	void *p =
	    mmap(NULL, (size_t)len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	EXPECT(p != MAP_FAILED);
	return p;
}

void *
id_of(uintptr_t n)
{
	return (void *)n; /* an id is a name, never dereferenced */
}

void
guest_memory(struct guest *g)
{
	memset(g, 0, sizeof(*g));
	g->fd = file_make(MEM_BYTES);
	g->mem = file_map(g->fd, MEM_BYTES);
	memcpy(g->mem + CODE_OFF + 3 * PAGE + PEEK_OFF, peek_code,
	    sizeof(peek_code));
	memcpy(g->mem + CODE_OFF + 3 * PAGE + POKE_OFF, poke_code,
	    sizeof(poke_code));
	guest_frame(g);
}

void
guest_map(struct guest *g)
{
	int flags = VMS_MAP_SHARED | VMS_MAP_FIXED;

	map_at(g, CODE, CODE_LEN, RX, flags, g->fd, (int64_t)CODE_OFF);
	map_at(g, DATA, DATA_LEN, RW, flags, g->fd, (int64_t)DATA_OFF);
}

void
guest_open(struct guest *g, void *id)
{
	guest_memory(g);
	g->id = id;
	EXPECT_EQ(F->create(id, 0, NULL), 0);
	guest_map(g);
}

void
guest_open_over(struct guest *g, void *id, const struct guest *memory)
{
	*g = *memory;
	g->id = id;
	guest_frame(g);
	EXPECT_EQ(F->create(id, 0, NULL), 0);
	guest_map(g);
}

void
guest_frame(struct guest *g)
{
	memset(&g->tf, 0, sizeof(g->tf));
	g->tf.tf_rip = (int64_t)CODE;
	g->tf.tf_rsp = (int64_t)STACK_TOP;
	g->tf.tf_rflags = 0x202;
}

void
guest_code(struct guest *g, const void *code, size_t len)
{
	memcpy(g->mem + CODE_OFF, code, len);
	F->note_write(g->fd, (int64_t)CODE_OFF, len);
}

int
guest_run(struct guest *g)
{
	EXPECT_EQ(F->ctl(g->id, VMS_CTL_RUN, &g->tf, &g->vf), 0);
	return (int)g->tf.tf_trapno;
}

int
guest_exec(struct guest *g, const void *code, size_t len)
{
	guest_code(g, code, len);
	guest_frame(g);
	return guest_run(g);
}

uint64_t
map_at(struct guest *g, uint64_t addr, uint64_t len, int prot, int flags,
    int fd, int64_t offset)
{
	uint64_t out = 0;

	EXPECT_EQ(F->mmap(g->id, addr, len, prot, flags, fd, offset, &out), 0);
	if (flags & (VMS_MAP_FIXED | VMS_MAP_TRYFIXED))
		EXPECT_EQ(out, addr);
	return out;
}

uint64_t
map_anon(struct guest *g, uint64_t addr, uint64_t len, int prot)
{
	return map_at(g, addr, len, prot,
	    VMS_MAP_ANON | VMS_MAP_PRIVATE | VMS_MAP_FIXED, -1, 0);
}

uint8_t *
data_at(struct guest *g, uint64_t off)
{
	return g->mem + DATA_OFF + off;
}

uint64_t *
word_at(struct guest *g, uint64_t file_off)
{
	return (uint64_t *)(void *)(g->mem + file_off);
}

uint64_t
word_load(struct guest *g, uint64_t file_off)
{
	return atomic_load((_Atomic uint64_t *)word_at(g, file_off));
}

struct store {
	_Atomic uint64_t *word;
	uint64_t value;
};

static void
store(void *arg)
{
	const struct store *s = arg;

	atomic_store(s->word, s->value);
}

/* A store while a guest runs must have its place among the instructions of the
 * guest, if it is to be replayed. */
void
word_store(struct guest *g, uint64_t file_off, uint64_t value)
{
	struct store s = { (_Atomic uint64_t *)word_at(g, file_off), value };

	if (recording == UNRECORDED || vms_atomic(handle_vms(), store, &s) != 0)
		store(&s);
}

/* Runs the probe at PROBE + off with rdi = va and rax = *value. */
static int
probe(struct guest *g, uint64_t off, uint64_t va, uint64_t *value)
{
	int trap;

	guest_frame(g);
	g->tf.tf_rip = (int64_t)(PROBE + off);
	g->tf.tf_rdi = (int64_t)va;
	g->tf.tf_rax = (int64_t)*value;
	trap = guest_run(g);
	if (trap != T_BPTFLT)
		return trap;
	*value = (uint64_t)g->tf.tf_rax;
	return 0;
}

int
peek(struct guest *g, uint64_t va, uint64_t *value)
{
	*value = 0;
	return probe(g, PEEK_OFF, va, value);
}

int
poke(struct guest *g, uint64_t va, uint64_t value)
{
	return probe(g, POKE_OFF, va, &value);
}

int
fetch(struct guest *g, uint64_t va)
{
	int trap;

	guest_frame(g);
	g->tf.tf_rip = (int64_t)va;
	trap = guest_run(g);
	return trap == T_BPTFLT ? 0 : trap;
}

uint64_t
peek_ok(struct guest *g, uint64_t va)
{
	uint64_t value;

	EXPECT_EQ(peek(g, va, &value), 0);
	return value;
}

uint64_t
err_of(const struct guest *g)
{
	return ERR(g->tf.tf_err);
}

uint64_t
vp_table_off(int level)
{
	return TABLE_OFF + (uint64_t)(level - 1) * PAGE;
}

uint64_t *
vp_entry(struct guest *g, uint64_t table_off, uint64_t index)
{
	return word_at(g, table_off + index * 8);
}

uint64_t *
vp_level(struct guest *g, int level)
{
	return vp_entry(g, vp_table_off(level), 0);
}

void
vp_tables(struct guest *g, unsigned pages, uint64_t flags)
{
	for (int level = 1; level < 4; level++)
		*vp_level(g, level) = vp_table_off(level + 1) | flags;
	for (unsigned i = 0; i < pages; i++)
		*vp_entry(g, vp_table_off(4), i) = FRAME(i) | flags;
}

void
vp_map(struct guest *g, unsigned pages)
{
	map_at(g, VP, pages * PAGE, RW,
	    VMS_MAP_SHARED | VMS_MAP_FIXED | VMS_MAP_VPAGETABLE, g->fd, 0);
}

void
vp_master(struct guest *g, unsigned pages, uint64_t master)
{
	EXPECT_EQ(
	    F->mcontrol(g->id, VP, pages * PAGE, VMS_MADV_SETMAP, master), 0);
}

void
vp_open(struct guest *g, unsigned pages)
{
	vp_tables(g, pages, VRW);
	vp_map(g, pages);
	vp_master(g, pages, vp_table_off(1) | VRW);
}

void
vp_inval(struct guest *g, uint64_t va, uint64_t len)
{
	EXPECT_EQ(F->mcontrol(g->id, va, len, VMS_MADV_INVAL, 0), 0);
}

uint64_t *
frame_word(struct guest *g, unsigned n)
{
	return word_at(g, FRAME(n));
}
