/* SPDX-License-Identifier: BSD-2-Clause */
/* C30-C32, C64, C65, C138, C158, C165, C205, C209: several threads. */
#include <errno.h>
#include <pthread.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

static const uint8_t int3_code[] = {
	0xcc, /* int3 */
};

/* Counts at rdi until the word at rdi + 64 is set. */
static const uint8_t loop_code[] = {
	0x48, 0xff, 0xc0,             /* inc rax */
	0x48, 0xff, 0x07,             /* inc QWORD PTR [rdi] */
	0x48, 0x83, 0x7f, 0x40, 0x00, /* cmp QWORD PTR [rdi+0x40],0x0 */
	0x74, 0xf3,                   /* je 0x0 */
	0xcc,                         /* int3 */
};

static void
loop_at(struct guest *g, uint64_t off)
{
	guest_code(g, loop_code, sizeof(loop_code));
	guest_frame(g);
	g->tf.tf_rdi = (int64_t)(DATA + off);
}

static void
c30_destroy_while_running(void)
{
	struct guest g;
	struct runner *r;

	guest_open(&g, id_of(1));
	loop_at(&g, 0);
	r = runner_start(&g);
	EXPECT(runner_progress(r, &g, DATA_OFF, 1000));
	EXPECT_EQ(F->destroy(g.id), EBUSY);
	EXPECT(runner_progress(r, &g, DATA_OFF, 100000));
	EXPECT_EQ(F->destroy(g.id), EBUSY);
	word_store(&g, DATA_OFF + 64, 1);
	EXPECT_EQ(runner_join(r), 0);
	EXPECT_EQ(g.tf.tf_trapno, T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rax, word_load(&g, DATA_OFF));
	/* C31 */
	EXPECT_EQ(F->destroy(g.id), 0);
}

static void *
destroys(void *arg)
{
	struct guest *g = arg;

	F->thread_begin();
	g->tf.tf_rax = F->destroy(g->id);
	F->thread_end();
	return NULL;
}

static void
c32_destroy_from_another_thread(void)
{
	struct guest g;
	pthread_t thread;

	guest_open(&g, id_of(1));
	EXPECT_EQ(GUEST_EXEC(&g, int3_code), T_BPTFLT);
	EXPECT(pthread_create(&thread, NULL, destroys, &g) == 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT_EQ(g.tf.tf_rax, 0);
	EXPECT_EQ(F->destroy(g.id), ENOENT);
}

/* a and b run together until both have gone far, then end. */
static void
run_both(struct guest *a, struct guest *b)
{
	struct runner *ra, *rb;

	loop_at(a, 0x000);
	loop_at(b, 0x200);
	ra = runner_start(a);
	rb = runner_start(b);
	for (int i = 0; i < 5; i++) {
		EXPECT(runner_progress(ra, a, DATA_OFF, 1000));
		EXPECT(runner_progress(rb, b, DATA_OFF + 0x200, 1000));
	}
	word_store(a, DATA_OFF + 0x40, 1);
	word_store(b, DATA_OFF + 0x240, 1);
	EXPECT_EQ(runner_join(ra), 0);
	EXPECT_EQ(runner_join(rb), 0);
	EXPECT_EQ(a->tf.tf_trapno, T_BPTFLT);
	EXPECT_EQ(b->tf.tf_trapno, T_BPTFLT);
	EXPECT_EQ(a->tf.tf_rax, word_load(a, DATA_OFF));
	EXPECT_EQ(b->tf.tf_rax, word_load(b, DATA_OFF + 0x200));
}

static void
c64_same_id_twice(void)
{
	struct guest a, b;

	guest_open(&a, id_of(1));
	b = a;
	run_both(&a, &b);
}

static void
c65_two_ids(void)
{
	struct guest a, b;

	guest_open(&a, id_of(1));
	guest_open_over(&b, id_of(2), &a);
	run_both(&a, &b);
}

/* Copies the word at rsi to rdi + 8 and counts, until rdi + 64 is set. */
static const uint8_t copy_code[] = {
	0x48, 0x8b, 0x06,             /* mov rax,QWORD PTR [rsi] */
	0x48, 0x89, 0x47, 0x08,       /* mov QWORD PTR [rdi+0x8],rax */
	0x48, 0xff, 0x07,             /* inc QWORD PTR [rdi] */
	0x48, 0x83, 0x7f, 0x40, 0x00, /* cmp QWORD PTR [rdi+0x40],0x0 */
	0x74, 0xef,                   /* je 0x0 */
	0xcc,                         /* int3 */
};

static struct runner *
copy_start(struct guest *g, uint64_t from)
{
	struct runner *r;

	guest_code(g, copy_code, sizeof(copy_code));
	guest_frame(g);
	g->tf.tf_rdi = (int64_t)DATA;
	g->tf.tf_rsi = (int64_t)from;
	r = runner_start(g);
	EXPECT(runner_progress(r, g, DATA_OFF, 1000));
	return r;
}

static void
copy_end(struct runner *r, struct guest *g)
{
	word_store(g, DATA_OFF + 64, 1);
	EXPECT_EQ(runner_join(r), 0);
	EXPECT_EQ(g->tf.tf_trapno, T_BPTFLT);
}

/* What the guest reads, once it has gone round twice more. */
static uint64_t
copy_sees(struct runner *r, struct guest *g)
{
	EXPECT(runner_progress(r, g, DATA_OFF, 2));
	return word_load(g, DATA_OFF + 8);
}

static void
c138_mmap_while_running(void)
{
	struct guest g, other;
	struct runner *r;

	guest_open(&g, id_of(1));
	other = g;
	word_store(&g, DATA_OFF + 0x400, 5);
	r = copy_start(&g, DATA + 0x400);
	EXPECT_EQ(copy_sees(r, &g), 5);
	map_anon(&other, HOLE, PAGE, RW);
	EXPECT(runner_progress(r, &g, DATA_OFF, 1000));
	/* Replaced below its feet: the next access uses the new mapping. */
	*frame_word(&g, 0) = 6;
	map_at(&other, DATA + PAGE, PAGE, RW, VMS_MAP_SHARED | VMS_MAP_FIXED,
	    g.fd, (int64_t)FRAME(0));
	copy_end(r, &g);
	EXPECT_EQ(poke(&g, HOLE, 1), 0);
	word_store(&g, DATA_OFF + 64, 0);
	r = copy_start(&g, DATA + PAGE);
	EXPECT_EQ(copy_sees(r, &g), 6);
	*frame_word(&g, 1) = 7;
	map_at(&other, DATA + PAGE, PAGE, RW, VMS_MAP_SHARED | VMS_MAP_FIXED,
	    g.fd, (int64_t)FRAME(1));
	EXPECT_EQ(copy_sees(r, &g), 7);
	copy_end(r, &g);
}

static void
c158_setmap_while_running(void)
{
	struct guest g;
	struct runner *r;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	*frame_word(&g, 0) = 100;
	*frame_word(&g, 7) = 107;
	r = copy_start(&g, VP);
	EXPECT_EQ(copy_sees(r, &g), 100);
	vp_master(&g, 1, FRAME(7) | VRW | PS);
	EXPECT_EQ(copy_sees(r, &g), 107);
	vp_master(&g, 1, vp_table_off(1) | VRW);
	EXPECT_EQ(copy_sees(r, &g), 100);
	copy_end(r, &g);
}

static void
c165_inval_while_running(void)
{
	struct guest g;
	struct runner *r;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	for (unsigned n = 0; n < 50; n++)
		*frame_word(&g, n) = 100 + n;
	r = copy_start(&g, VP);
	for (unsigned n = 0; n < 50; n++) {
		word_store(&g, vp_table_off(4), FRAME(n) | VRW);
		vp_inval(&g, VP, PAGE);
		EXPECT_EQ(copy_sees(r, &g), 100 + n);
	}
	copy_end(r, &g);
}

/* munmap under a running guest: its next access faults. */
static void
c138_munmap_while_running(void)
{
	struct guest g;
	struct runner *r;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, PAGE, RW);
	r = copy_start(&g, HOLE);
	EXPECT_EQ(F->munmap(g.id, HOLE, PAGE), 0);
	EXPECT_EQ(runner_join(r), 0);
	EXPECT_EQ(g.tf.tf_trapno, T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_addr, HOLE);
}

static void *
comes_and_goes(void *arg)
{
	(void)arg;
	F->thread_begin();
	F->thread_end();
	return NULL;
}

static void
c205_idle_thread_exits(void)
{
	struct guest g;
	struct runner *r;
	pthread_t thread;

	guest_open(&g, id_of(1));
	loop_at(&g, 0);
	r = runner_start(&g);
	EXPECT(runner_progress(r, &g, DATA_OFF, 1000));
	for (int i = 0; i < 10; i++) {
		EXPECT(
		    pthread_create(&thread, NULL, comes_and_goes, NULL) == 0);
		EXPECT(pthread_join(thread, NULL) == 0);
	}
	EXPECT(runner_progress(r, &g, DATA_OFF, 1000));
	word_store(&g, DATA_OFF + 64, 1);
	EXPECT_EQ(runner_join(r), 0);
	EXPECT_EQ(F->create(g.id, 0, NULL), EEXIST);
	/* Also a thread that has run a guest. */
	guest_frame(&g);
	guest_code(&g, int3_code, sizeof(int3_code));
	EXPECT_EQ(runner_join(runner_start(&g)), 0);
	EXPECT_EQ(GUEST_EXEC(&g, int3_code), T_BPTFLT);
	EXPECT_EQ(F->destroy(g.id), 0);
}

static void
c209_threads_and_ids(void)
{
	enum { N = 4 };
	struct guest g[N];
	struct runner *r[N];

	guest_open(&g[0], id_of(1));
	for (uintptr_t i = 1; i < N; i++)
		guest_open_over(&g[i], id_of(i + 1), &g[0]);
	for (unsigned i = 0; i < N; i++) {
		loop_at(&g[i], i * 0x200);
		r[i] = runner_start(&g[i]);
	}
	for (unsigned i = 0; i < N; i++) {
		EXPECT(
		    runner_progress(r[i], &g[i], DATA_OFF + i * 0x200, 1000));
		EXPECT_EQ(F->destroy(g[i].id), EBUSY);
	}
	for (unsigned i = 0; i < N; i++) {
		word_store(&g[i], DATA_OFF + i * 0x200 + 64, 1);
		EXPECT_EQ(runner_join(r[i]), 0);
		EXPECT_EQ(
		    g[i].tf.tf_rax, word_load(&g[i], DATA_OFF + i * 0x200));
		EXPECT_EQ(F->destroy(g[i].id), 0);
	}
}

static const struct row rows[] = {
	{ "C30", "destroy of a running id: EBUSY, the guest goes on",
	    c30_destroy_while_running, 0 },
	{ "C31", "destroy after its return: 0", c30_destroy_while_running, 0 },
	{ "C32", "destroy from another thread", c32_destroy_from_another_thread,
	    0 },
	{ "C64", "two threads run one id", c64_same_id_twice, 0 },
	{ "C65", "two threads run two ids", c65_two_ids, 0 },
	{ "C138", "mmap while a guest runs", c138_mmap_while_running, 0 },
	{ "C138", "munmap while a guest runs", c138_munmap_while_running, 0 },
	{ "C158", "SETMAP reaches a running guest", c158_setmap_while_running,
	    0 },
	{ "C165", "INVAL reaches a running guest", c165_inval_while_running,
	    0 },
	{ "C205", "an idle thread's exit changes nothing",
	    c205_idle_thread_exits, 0 },
	{ "C209", "several threads and ids", c209_threads_and_ids, 0 },
};
ROW_GROUP(threads, rows);
