/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a sequence of calls on one struct vms: processes that fork and
 * end, vmspaces, mappings of one file whose pages hold page tables and code,
 * guests that run for a few instructions.  Each call gives an error that it
 * may give, ids exist when a simple model says so, and in the end nothing is
 * left.  Everything is done twice, the second time under VMS_CONFIG_CHAOS;
 * when each change was followed by MADV_INVAL, both times must give the same
 * results, but for bit 0 of tf_err.
 *
 * byte 0: MODE_*.  Then operations, each a byte and its arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vmspace/vmspace.h>

#include "base/page.h"
#include "tests/fuzz/calls/guest_code.h"
#include "tests/fuzz/fuzz.h"

#define MODE_2013  0x01u /* layout of page tables */
#define MODE_EXACT 0x02u /* VMS_CONFIG_EXACT_CODE, and nothing is declared */
#define MODE_INVAL 0x04u /* each change is followed by MADV_INVAL */

#define FILE_PAGES 64u
#define FILE_BYTES (FILE_PAGES * PAGE_BYTES)
#define BIG_BYTES  (UINT64_C(128) << 20) /* more windows than the arena has */
#define MAX_OPS    96
#define PROCS      3
#define IDS        4
#define COPY_BYTES 4500u

/* What one operation gave. */
struct result {
	int op, error;
	uint64_t value;
	struct trapframe tf;
};

/* The model of a registry. */
struct group {
	unsigned procs; /* 0: not in use */
	bool exists[IDS];
};

struct member {
	struct vms_proc *proc; /* NULL: none */
	struct vms_lwp *lwp;
	struct group *group; /* NULL: no registry */
	bool mailbox;
};

struct world {
	struct vms *vms;
	const uint8_t *bytes;
	size_t left;
	unsigned mode;
	int path_fd[4]; /* of the file: read-write, read, write; -1 */
	struct group groups[PROCS];
	struct member members[PROCS];
	bool incomparable;
	bool hidden_tables; /* private or anonymous ones exist */
	uint64_t before[FILE_BYTES / sizeof(uint64_t)];
	struct result results[MAX_OPS];
	int count;
};

static void *const ids[IDS] = { NULL, (void *)1, (void *)0x1000, (void *)-1 };

static void
promise(bool kept, const char *what)
{
	if (kept)
		return;
	fprintf(stderr, "fuzz_calls: broken: %s\n", what);
	abort();
}

static unsigned
byte_next(struct world *w)
{
	if (w->left == 0)
		return 0;
	w->left--;
	return *w->bytes++;
}

/* Both ends of user space, an edge between two tables, the middle. */
static vms_va_t
page_next(struct world *w)
{
	static const vms_va_t bases[] = { 0, 0x1f0000, 0x800000000,
		VMS_VA_END - 32 * VMS_PAGE_SIZE };
	unsigned byte = byte_next(w);

	return bases[byte >> 6] + (byte & 63) * VMS_PAGE_SIZE;
}

static vms_va_t
address_next(struct world *w)
{
	static const unsigned offsets[] = { 0, 8, 0x10, 1, 0xff8, 0xffc, 0xfff,
		GUEST_CODE_OFFSET };
	vms_va_t page = page_next(w);
	unsigned byte = byte_next(w);

	if (byte >> 3 == 31)
		page += VMS_VA_END;
	return page + offsets[byte & 7];
}

/* An entry of a page table.  In the seed's layout W comes with R: else a read
 * would depend on a write before it. */
static vms_vpte_t
entry_next(struct world *w)
{
	unsigned frame = byte_next(w) % (FILE_PAGES + 8);
	unsigned bits = byte_next(w);

	if (!(w->mode & MODE_2013) && (bits & VMS_VPTE_W))
		bits |= VMS_VPTE_R;
	return frame * VMS_PAGE_SIZE | bits;
}

static uint64_t
length_next(struct world *w)
{
	unsigned byte = byte_next(w);

	if (byte == 255)
		return UINT64_MAX - 4096;
	if (byte == 254)
		return VMS_VA_END;
	return (byte & 63) * VMS_PAGE_SIZE + (byte >> 6);
}

static struct member *
member_next(struct world *w, unsigned byte)
{
	struct member *m = &w->members[byte % PROCS];

	return m->proc != NULL ? m : &w->members[0];
}

static int
file_next(struct world *w)
{
	return w->path_fd[byte_next(w) & 3];
}

static bool
id_exists(const struct member *m, unsigned id)
{
	return m->group != NULL && m->group->exists[id];
}

/* The error that a look-up gives, or 0. */
static int
id_error(const struct member *m, unsigned id)
{
	if (m->group == NULL)
		return EINVAL;
	return id_exists(m, id) ? 0 : ENOENT;
}

static void
check_id(int error, int of_id)
{
	if (of_id != 0)
		promise(error == of_id, "error of an id that is not there");
	else
		promise(error != ENOENT, "ENOENT of an id that exists");
}

static void
check_error(int error, const int *allowed)
{
	for (; *allowed != 0; allowed++)
		if (error == *allowed)
			return;
	if (error != 0)
		fprintf(stderr, "fuzz_calls: error %d\n", error);
	promise(error == 0, "an error that the call does not have");
}

static void
member_open(struct world *w, struct member *m, struct vms_proc *parent)
{
	int error = parent == NULL ? vms_proc_open(w->vms, &m->proc)
				   : vms_proc_fork(parent, &m->proc);

	promise(error == 0, "proc_open, proc_fork");
	promise(vms_lwp_open(m->proc, &m->lwp) == 0, "lwp_open");
	m->mailbox = false;
}

static struct group *
group_make(struct world *w)
{
	struct group *group = w->groups;

	while (group->procs != 0)
		group++;
	*group = (struct group){ .procs = 1 };
	return group;
}

static void
group_leave(struct member *m)
{
	if (m->group != NULL)
		m->group->procs--;
	m->group = NULL;
}

static void
op_create(struct world *w, struct result *r)
{
	static const int allowed[] = { EOPNOTSUPP, EEXIST, 0 };
	struct member *m = member_next(w, byte_next(w));
	unsigned byte = byte_next(w), id = byte % IDS;
	bool enabled = vms_vkernel_enable(w->vms) != 0;

	r->error = vms_create(m->proc, ids[id], (int)(byte >> 6), NULL);
	check_error(r->error, allowed);
	promise((r->error == EOPNOTSUPP) == !enabled, "create: EOPNOTSUPP");
	if (enabled && m->group == NULL)
		m->group = group_make(w);
	if (enabled)
		promise((r->error == EEXIST) == id_exists(m, id), "EEXIST");
	if (r->error == 0)
		m->group->exists[id] = true;
}

static void
op_destroy(struct world *w, struct result *r)
{
	struct member *m = member_next(w, byte_next(w));
	unsigned id = byte_next(w) % IDS;

	r->error = vms_destroy(m->proc, ids[id]);
	promise(r->error == id_error(m, id), "destroy's error");
	if (r->error == 0)
		m->group->exists[id] = false;
}

/* A byte's bits in the order of use, so that few bytes make many mappings. */
static int
map_flags(unsigned byte)
{
	static const int flags[] = { VMS_MAP_SHARED, VMS_MAP_VPAGETABLE,
		VMS_MAP_FIXED, VMS_MAP_ANON, VMS_MAP_TRYFIXED, VMS_MAP_STACK,
		VMS_MAP_SIZEALIGN, VMS_MAP_NOSYNC };
	int result = 0;

	for (unsigned i = 0; i < 8; i++)
		if (byte & 1u << i)
			result |= flags[i];
	return result;
}

static int64_t
offset_next(struct world *w)
{
	unsigned byte = byte_next(w);

	if (byte < FILE_PAGES)
		return byte * PAGE_BYTES;
	if (byte < 128)
		return (byte - 64) * (INT64_C(2) << 20);
	return byte == 255 ? INT64_MAX : (byte & 15) * 8;
}

static void
op_mmap(struct world *w, struct result *r)
{
	static const int allowed[] = { EINVAL, ENOENT, EOPNOTSUPP, EBADF,
		EACCES, ENOMEM, 0 };
	struct member *m = member_next(w, byte_next(w));
	unsigned id = byte_next(w) % IDS;
	int flags = map_flags(byte_next(w)), prot = (int)byte_next(w);
	vms_va_t addr = page_next(w), va = 0;
	uint64_t len = length_next(w);
	bool anonymous = flags & (VMS_MAP_ANON | VMS_MAP_STACK);
	int fd = anonymous ? -1 : file_next(w);
	int64_t offset = anonymous ? 0 : offset_next(w);

	r->error =
	    vms_mmap(m->proc, ids[id], addr, len, prot, flags, fd, offset, &va);
	check_error(r->error, allowed);
	check_id(r->error, id_error(m, id));
	r->value = va;
	/* Only a write makes such a page readable. */
	if ((prot & VMS_PROT_WRITE) && !(prot & VMS_PROT_READ))
		w->incomparable = true;
	if ((flags & VMS_MAP_VPAGETABLE) &&
	    (anonymous || !(flags & VMS_MAP_SHARED)))
		w->hidden_tables = true;
	promise(r->error != 0 || va < VMS_VA_END, "mmap's address");
	if (r->error == 0 && (flags & VMS_MAP_FIXED))
		promise(
		    page_trunc(va) == addr - ((uint64_t)offset & PAGE_MASK) ||
			((uint64_t)offset & PAGE_MASK) == 0,
		    "mmap at a fixed address");
}

static void
op_munmap(struct world *w, struct result *r)
{
	static const int allowed[] = { EINVAL, ENOENT, 0 };
	struct member *m = member_next(w, byte_next(w));
	unsigned id = byte_next(w) % IDS;
	vms_va_t addr = page_next(w);

	r->error = vms_munmap(m->proc, ids[id], addr, length_next(w));
	check_error(r->error, allowed);
	check_id(r->error, id_error(m, id));
}

static void
op_mcontrol(struct world *w, struct result *r)
{
	static const int allowed[] = { EINVAL, ENOENT, 0 };
	struct member *m = member_next(w, byte_next(w));
	unsigned id = byte_next(w) % IDS;
	vms_va_t addr = page_next(w);
	uint64_t len = length_next(w);
	int behav = (int)(byte_next(w) % 14) - 1;

	r->error =
	    vms_mcontrol(m->proc, ids[id], addr, len, behav, entry_next(w));
	check_error(r->error, allowed);
	check_id(r->error, id_error(m, id));
}

static void
frame_next(struct world *w, struct trapframe *tf)
{
	vms_va_t code = page_next(w);

	*tf = (struct trapframe){ 0 };
	tf->tf_rip = (int64_t)(code + GUEST_CODE_OFFSET +
			       byte_next(w) % GUEST_SNIPPETS * GUEST_SNIPPET);
	tf->tf_rsi = (int64_t)address_next(w);
	tf->tf_rdi = (int64_t)address_next(w);
	tf->tf_rdx = (int64_t)address_next(w);
	tf->tf_rsp = (int64_t)address_next(w);
	tf->tf_rax = (int64_t)entry_next(w);
	tf->tf_rcx = byte_next(w);
}

static void
op_run(struct world *w, struct result *r)
{
	static const int allowed[] = { EINVAL, ENOENT, EINTR, ENOMEM, 0 };
	static const struct vextframe tls;
	struct member *m = member_next(w, byte_next(w));
	unsigned id = byte_next(w) % IDS;
	struct vextframe vf = tls;
	uint64_t budget = byte_next(w) + 1;

	frame_next(w, &r->tf);
	promise(vms_lwp_set_budget(m->lwp, budget) == 0, "set_budget");
	r->error = vms_ctl(m->lwp, ids[id], VMS_CTL_RUN, &r->tf, &vf);
	check_error(r->error, allowed);
	check_id(r->error, id_error(m, id));
	if (id_error(m, id) == 0) {
		promise((r->error == EINTR) == m->mailbox, "EINTR");
		m->mailbox = false;
	}
	r->value = vms_lwp_retired(m->lwp);
	if (r->tf.tf_trapno == T_PAGEFLT)
		r->tf.tf_err &= ~(int64_t)PGEX_P;
}

static uint64_t
bytes_sum(const uint8_t *bytes, size_t len)
{
	uint64_t sum = len;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

static void
op_copy(struct world *w, struct result *r, bool write)
{
	static const int allowed[] = { EINVAL, ENOENT, EFAULT, ENOMEM, 0 };
	uint8_t buffer[COPY_BYTES];
	struct member *m = member_next(w, byte_next(w));
	unsigned id = byte_next(w) % IDS;
	vms_va_t va = address_next(w);
	size_t len = (byte_next(w) & 1) ? COPY_BYTES : 8, done = len + 1;
	vms_vpte_t entry = entry_next(w);

	for (size_t i = 0; i < len; i++)
		buffer[i] = (uint8_t)(entry >> 8 * (i & 7));
	r->error = write
		       ? vms_mem_write(m->proc, ids[id], va, buffer, len, &done)
		       : vms_mem_read(m->proc, ids[id], va, buffer, len, &done);
	check_error(r->error, allowed);
	check_id(r->error, id_error(m, id));
	promise((done == len) == (r->error == 0) && done <= len, "*done");
	r->value = write ? done : bytes_sum(buffer, done);
}

static void
op_read(struct world *w, struct result *r)
{
	op_copy(w, r, false);
}

static void
op_write(struct world *w, struct result *r)
{
	op_copy(w, r, true);
}

/* Stores of the vkernel, declared unless the library is to find them. */
static void
file_store(struct world *w, const void *bytes, size_t len, uint64_t at)
{
	ssize_t n = pwrite(w->path_fd[0], bytes, len, (off_t)at);

	promise(n == (ssize_t)len, "pwrite of the file");
	if (!(w->mode & MODE_EXACT))
		promise(vms_note_write(
			    w->vms, w->path_fd[0], (int64_t)at, len) == 0,
		    "note_write");
}

/* Beyond the end there is nothing to store to: the file keeps its size. */
static bool
file_holds(struct world *w, uint64_t end)
{
	return lseek(w->path_fd[0], 0, SEEK_END) >= (off_t)end;
}

static void
op_table(struct world *w, struct result *r)
{
	uint64_t page = byte_next(w) % FILE_PAGES, slot = byte_next(w) & 127;
	uint64_t at = page * PAGE_BYTES + slot * sizeof(vms_vpte_t);
	vms_vpte_t entry = entry_next(w);

	if (file_holds(w, at + sizeof(entry)))
		file_store(w, &entry, sizeof(entry), at);
	r->value = at;
}

static void
op_code(struct world *w, struct result *r)
{
	uint64_t page = byte_next(w) % FILE_PAGES;
	unsigned from = byte_next(w) % GUEST_SNIPPETS;
	unsigned to = byte_next(w) % GUEST_SNIPPETS;
	uint64_t at =
	    page * PAGE_BYTES + GUEST_CODE_OFFSET + to * GUEST_SNIPPET;

	if (file_holds(w, at + GUEST_SNIPPET))
		file_store(w, guest_snippets[from], GUEST_SNIPPET, at);
	r->value = at;
}

static void
op_note(struct world *w, struct result *r)
{
	int fd = file_next(w);
	int64_t off = offset_next(w);
	int expected = fd == -1 ? EBADF : 0;

	r->error = vms_note_write(w->vms, fd, off, length_next(w));
	promise(r->error == expected, "note_write's error");
}

/* The arena can come to its end then, at another point under chaos. */
static void
op_truncate(struct world *w, struct result *r)
{
	unsigned byte = byte_next(w);
	uint64_t size = byte < 128
			    ? (byte & 63) * PAGE_BYTES + (byte >> 6) * 100
			    : FILE_BYTES;

	if (byte == 255) {
		size = BIG_BYTES;
		w->incomparable = true;
	}
	promise(ftruncate(w->path_fd[0], (off_t)size) == 0, "ftruncate");
	if (!(w->mode & MODE_EXACT))
		promise(
		    vms_note_write(w->vms, w->path_fd[0], 0, UINT64_MAX) == 0,
		    "note_write");
	r->value = size;
}

static void
op_fork(struct world *w, struct result *r)
{
	struct member *parent = member_next(w, byte_next(w));
	struct member *child = &w->members[byte_next(w) % PROCS];

	r->value = child->proc == NULL;
	if (child->proc != NULL)
		return;
	member_open(w, child, parent->proc);
	child->group = parent->group;
	if (child->group != NULL)
		child->group->procs++;
}

static void
op_exec(struct world *w, struct result *r)
{
	struct member *m = member_next(w, byte_next(w));

	r->error = vms_proc_exec(m->proc);
	promise(r->error == 0, "proc_exec");
	group_leave(m);
}

static void
op_exit(struct world *w, struct result *r)
{
	struct member *m = member_next(w, byte_next(w));

	if (m == &w->members[0])
		return;
	r->error = vms_proc_exit(m->proc);
	promise(r->error == 0, "proc_exit");
	group_leave(m);
	*m = (struct member){ 0 };
}

static void
op_interrupt(struct world *w, struct result *r)
{
	unsigned byte = byte_next(w);
	struct member *m = member_next(w, byte);

	(void)r;
	if (byte & 0x80) {
		vms_proc_mailbox(m->proc);
		m->mailbox = true;
	} else if (byte & 0x40) {
		vms_lwp_interrupt(m->lwp);
	} else {
		promise(vms_lwp_exit(m->lwp) == 0, "lwp_exit");
		promise(vms_lwp_open(m->proc, &m->lwp) == 0, "lwp_open");
	}
}

static void
op_enable(struct world *w, struct result *r)
{
	(void)r;
	vms_set_vkernel_enable(w->vms, byte_next(w) != 0);
}

static void
op_transfer(struct world *w, struct result *r)
{
	struct member *m = member_next(w, byte_next(w));
	unsigned id = byte_next(w) % IDS;
	int error = id_error(m, id);

	r->error = vms_pread(m->proc, ids[id], NULL, 1, 0, 0);
	promise(r->error == (error != 0 ? error : EINVAL), "pread");
	promise(
	    vms_pwrite(m->proc, ids[id], NULL, 0, 0, 0) == r->error, "pwrite");
}

typedef void op_fn(struct world *w, struct result *r);

static op_fn *const ops[] = { op_create, op_destroy, op_mmap, op_mmap,
	op_munmap, op_mcontrol, op_mcontrol, op_run, op_run, op_run, op_read,
	op_write, op_table, op_table, op_code, op_note, op_truncate, op_fork,
	op_exec, op_exit, op_interrupt, op_enable, op_transfer };

#define OPS (sizeof(ops) / sizeof(ops[0]))

static void
file_read(struct world *w, uint64_t *words)
{
	memset(words, 0, FILE_BYTES);
	promise(pread(w->path_fd[0], words, FILE_BYTES, 0) >= 0, "pread");
}

/* A read of a page that only its table's W permits depends on the past. */
static void
tables_look(struct world *w, const uint64_t *words)
{
	for (size_t i = 0; i < FILE_BYTES / sizeof(*words); i++)
		if ((words[i] & (VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W)) ==
		    (VMS_VPTE_V | VMS_VPTE_W))
			w->incomparable |= !(w->mode & MODE_2013);
}

static void
inval_all(struct world *w)
{
	for (unsigned i = 0; i < PROCS * IDS; i++) {
		struct member *m = &w->members[i / IDS];
		if (m->proc == NULL || !id_exists(m, i % IDS))
			continue;
		promise(vms_mcontrol(m->proc, ids[i % IDS], 0, VMS_VA_END,
			    VMS_MADV_INVAL, 0) == 0,
		    "INVAL of everything");
	}
}

/*
 * Translations live on while no table has changed.  Private and anonymous
 * tables cannot be looked at, so with them every access is a change.
 */
static void
changes_declare(struct world *w, op_fn *op)
{
	static uint64_t after[FILE_BYTES / sizeof(uint64_t)];
	bool access = op == op_run || op == op_read || op == op_write;

	file_read(w, after);
	if (!access || w->hidden_tables ||
	    memcmp(after, w->before, sizeof(after)) != 0)
		inval_all(w);
	tables_look(w, after);
	memcpy(w->before, after, sizeof(after));
}

static void
world_play(struct world *w)
{
	while (w->left > 0 && w->count < MAX_OPS) {
		struct result *r = &w->results[w->count++];
		unsigned op = byte_next(w) % OPS;
		*r = (struct result){ .op = (int)op };
		ops[op](w, r);
		if (w->mode & MODE_INVAL)
			changes_declare(w, ops[op]);
	}
}

static void
file_make(struct world *w)
{
	char path[] = "/tmp/fuzz_calls.XXXXXX";
	uint8_t page[PAGE_BYTES] = { 0 };

	w->path_fd[0] = mkstemp(path);
	w->path_fd[1] = open(path, O_RDONLY);
	w->path_fd[2] = open(path, O_WRONLY);
	w->path_fd[3] = -1;
	promise(w->path_fd[0] >= 0 && w->path_fd[1] >= 0 &&
		    w->path_fd[2] >= 0 && unlink(path) == 0,
	    "temporary file");
	memcpy(
	    page + GUEST_CODE_OFFSET, guest_snippets, sizeof(guest_snippets));
	for (unsigned i = 0; i < FILE_PAGES; i++)
		promise(write(w->path_fd[0], page, sizeof(page)) ==
			    (ssize_t)sizeof(page),
		    "temporary file's bytes");
	file_read(w, w->before);
}

static void
stats_read(struct world *w, struct vms_stats *stats)
{
	*stats = (struct vms_stats){ .size = sizeof(*stats) };
	promise(vms_stats(w->vms, stats) == 0, "stats");
}

/* Everything that the operations left is taken away. */
static void
world_end(struct world *w, const struct vms_stats *first)
{
	struct vms_stats last;

	for (unsigned i = 0; i < PROCS; i++)
		promise(vms_proc_exit(w->members[i].proc) == 0, "proc_exit");
	stats_read(w, &last);
	promise(last.vmspaces == 0, "no vmspace is left");
	promise(last.objects == 0, "no object is left");
	promise(last.arena_used == first->arena_used, "no page is left");
	promise(vms_close(w->vms) == 0, "close");
	for (unsigned i = 0; i < 3; i++)
		close(w->path_fd[i]);
}

static void
world_run(struct world *w, const uint8_t *bytes, size_t len, uint32_t flags)
{
	struct vms_config config = { .size = sizeof(config),
		.flags = flags,
		.arena_bytes = UINT64_C(64) << 20,
		.code_bytes = UINT64_C(2) << 20,
		.max_map_entries = 24 };
	struct vms_stats first;

	memset(w, 0, sizeof(*w));
	w->mode = len > 0 ? bytes[0] : 0;
	w->bytes = bytes + (len > 0);
	w->left = len > 0 ? len - 1 : 0;
	config.era = w->mode & MODE_2013 ? VMS_ERA_2013 : VMS_ERA_SEED;
	if (w->mode & MODE_EXACT)
		config.flags |= VMS_CONFIG_EXACT_CODE;
	file_make(w);
	promise(vms_open(&config, &w->vms) == 0, "open");
	stats_read(w, &first);
	member_open(w, &w->members[0], NULL);
	world_play(w);
	world_end(w, &first);
}

static void
results_compare(const struct world *a, const struct world *b)
{
	promise(a->count == b->count, "as many operations under chaos");
	for (int i = 0; i < a->count; i++) {
		const struct result *x = &a->results[i], *y = &b->results[i];
		if (memcmp(x, y, sizeof(*x)) == 0)
			continue;
		fprintf(stderr,
		    "fuzz_calls: %d: operation %d gives %d %#" PRIx64
		    " trap %" PRId64 " rip %#" PRIx64
		    ", under chaos %d %#" PRIx64 " trap %" PRId64
		    " rip %#" PRIx64 "\n",
		    i, x->op, x->error, x->value, x->tf.tf_trapno,
		    (uint64_t)x->tf.tf_rip, y->error, y->value, y->tf.tf_trapno,
		    (uint64_t)y->tf.tf_rip);
		promise(false, "the same results under chaos");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct world plain, chaos;

	world_run(&plain, bytes, len, 0);
	world_run(&chaos, bytes, len, VMS_CONFIG_CHAOS);
	if ((plain.mode & MODE_INVAL) && !plain.incomparable &&
	    !chaos.incomparable)
		results_compare(&plain, &chaos);
	return 0;
}
