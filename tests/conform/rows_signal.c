/* SPDX-License-Identifier: BSD-2-Clause */
/* C101-C108: signals for the vkernel (userret, trap.c; kern_sig.c). */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

/* Guests count at DATA and end by int3 when the word at DATA + 64 is set. */
#define COUNT DATA_OFF
#define END   (DATA_OFF + 64)

static const uint8_t loop_code[] = {
	0x48, 0xff, 0xc0,             /* inc rax */
	0x48, 0x01, 0xc3,             /* add rbx,rax */
	0x48, 0xff, 0x07,             /* inc QWORD PTR [rdi] */
	0x48, 0x83, 0x7f, 0x40, 0x00, /* cmp QWORD PTR [rdi+0x40],0x0 */
	0x74, 0xf0,                   /* je 0x0 */
	0xcc,                         /* int3 */
};

static atomic_int handled;

static void
handler(int sig)
{
	(void)sig;
	atomic_fetch_add(&handled, 1);
}

/* A thread that signals another one while its guest makes progress. */
struct sender {
	struct guest *g;
	pthread_t thread, target;
	int sig;
	int times;
	bool end; /* lets the guest end afterwards */
};

static void *
sender_main(void *arg)
{
	struct sender *s = arg;

	for (int i = 0; i < s->times; i++) {
		uint64_t seen = word_load(s->g, COUNT);

		if (!wait_word(s->g, COUNT, seen + 1))
			break;
		pthread_kill(s->target, s->sig);
	}
	if (s->end) {
		wait_word(s->g, COUNT, word_load(s->g, COUNT) + 1000);
		word_store(s->g, END, 1);
	}
	return NULL;
}

static void
sender_start(struct sender *s)
{
	EXPECT(pthread_create(&s->thread, NULL, sender_main, s) == 0);
}

static void
sender_join(struct sender *s)
{
	EXPECT(pthread_join(s->thread, NULL) == 0);
}

static void
loop_guest(struct guest *g)
{
	guest_open(g, id_of(1));
	guest_code(g, loop_code, sizeof(loop_code));
	g->tf.tf_rdi = (int64_t)DATA;
}

static void
c101_handler_then_return(void)
{
	struct guest g;
	struct sender s = { &g, .target = pthread_self(), .sig = SIGUSR1,
		.times = 1 };

	loop_guest(&g);
	F->on_signal(SIGUSR1, handler, false);
	sender_start(&s);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), 0);
	EXPECT_EQ(atomic_load(&handled), 1);
	EXPECT_EQ(g.tf.tf_trapno, 0);
	EXPECT_EQ(g.tf.tf_cs, 0x2B);
	EXPECT_EQ(g.tf.tf_ss, 0x23);
	EXPECT_EQ(g.tf.tf_xflags, 0);
	sender_join(&s);
}

/* Runs a guest that is signalled 300 times to its end; how often it was
 * kicked out. */
static int
run_signalled(struct guest *g, bool restart)
{
	struct sender s = { g, .target = pthread_self(), .sig = SIGUSR1,
		.times = 300, .end = true };
	int kicks = 0;

	F->on_signal(SIGUSR1, handler, restart);
	sender_start(&s);
	for (;;) {
		EXPECT_EQ(F->ctl(g->id, VMS_CTL_RUN, &g->tf, &g->vf), 0);
		if (g->tf.tf_trapno != 0)
			break;
		kicks++;
	}
	sender_join(&s);
	EXPECT_EQ(g->tf.tf_trapno, T_BPTFLT);
	return kicks;
}

static void
c102_nothing_lost(void)
{
	struct guest g;
	uint64_t n;

	loop_guest(&g);
	EXPECT(run_signalled(&g, false) > 0);
	n = (uint64_t)g.tf.tf_rax;
	EXPECT_EQ(word_load(&g, COUNT), n);
	EXPECT_EQ(g.tf.tf_rbx, n % 2 ? (n + 1) / 2 * n : n / 2 * (n + 1));
	EXPECT_EQ(g.tf.tf_rip, CODE + sizeof(loop_code));
}

/* Before an entry: the frame comes back as it was given. */
static void
c103_pending_interrupt(void)
{
	struct guest g, before;

	loop_guest(&g);
	g.tf.tf_err = 0x5555;
	g.tf.tf_addr = 0x6666;
	g.tf.tf_trapno = 77;
	g.tf.tf_cs = 0x2B;
	g.tf.tf_ss = 0x23;
	before = g;
	vms_lwp_interrupt(handle_lwp());
	EXPECT_EQ(guest_run(&g), 0);
	before.tf.tf_trapno = 0;
	EXPECT(memcmp(&g.tf, &before.tf, sizeof(g.tf)) == 0);
	EXPECT_EQ(word_load(&g, COUNT), 0);
	/* Only once. */
	word_store(&g, END, 1);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
}

static atomic_bool flood_end;

static void *
flood_main(void *arg)
{
	pthread_t target = *(pthread_t *)arg;

	while (!atomic_load(&flood_end))
		pthread_kill(target, SIGUSR1);
	return NULL;
}

/*
 * A signal storm: every return has trapno 0, and sooner or later one came
 * before the guest's first instruction, which shows in tf_err as it was given.
 */
static void
c103_pending_signal(void)
{
	enum { MARK = 0x5555, TRIES = 1000000 };
	pthread_t self = pthread_self(), thread;
	struct guest g;
	bool seen = false;

	loop_guest(&g);
	F->on_signal(SIGUSR1, handler, false);
	EXPECT(pthread_create(&thread, NULL, flood_main, &self) == 0);
	for (int i = 0; i < TRIES && !seen; i++) {
		struct guest before;

		g.tf.tf_err = MARK;
		before = g;
		EXPECT_EQ(guest_run(&g), 0);
		if (g.tf.tf_err != MARK)
			continue;
		seen = true;
		EXPECT_EQ(g.tf.tf_rip, before.tf.tf_rip);
		EXPECT_EQ(g.tf.tf_rax, before.tf.tf_rax);
		EXPECT_EQ(g.tf.tf_rbx, before.tf.tf_rbx);
	}
	atomic_store(&flood_end, true);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT(seen);
}

static void
mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	EXPECT(pthread_sigmask(how, &set, NULL) == 0);
}

static void
c104_blocked(void)
{
	struct guest g;
	struct sender s = { &g, .target = pthread_self(), .sig = SIGUSR1,
		.times = 1, .end = true };

	loop_guest(&g);
	F->on_signal(SIGUSR1, handler, false);
	mask(SIG_BLOCK);
	sender_start(&s);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(atomic_load(&handled), 0);
	sender_join(&s);
	mask(SIG_UNBLOCK);
	EXPECT_EQ(atomic_load(&handled), 1);
}

static void
c105_ignored(void)
{
	struct guest g;
	struct sender s = { &g, .target = pthread_self(), .sig = SIGUSR1,
		.times = 5, .end = true };

	loop_guest(&g);
	F->on_signal(SIGUSR1, SIG_IGN, false);
	sender_start(&s);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	sender_join(&s);
}

/* SIGCHLD, SIGURG and the like are ignored by default. */
static void
c105_ignored_by_default(void)
{
	struct guest g;
	struct sender s = { &g, .target = pthread_self(), .sig = SIGURG,
		.times = 5, .end = true };

	loop_guest(&g);
	sender_start(&s);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	sender_join(&s);
}

/* Signals itself while another thread's guest runs. */
static void *
self_signalling(void *arg)
{
	struct sender *s = arg;

	s->target = pthread_self();
	return sender_main(s);
}

static void
c106_other_thread(void)
{
	struct guest g;
	struct sender s = { &g, .sig = SIGUSR1, .times = 5, .end = true };

	loop_guest(&g);
	F->on_signal(SIGUSR1, handler, false);
	EXPECT(pthread_create(&s.thread, NULL, self_signalling, &s) == 0);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT(pthread_join(s.thread, NULL) == 0);
	EXPECT_EQ(atomic_load(&handled), 5);
}

static void
c107_never_eintr(void)
{
	struct guest g;

	loop_guest(&g);
	EXPECT(run_signalled(&g, true) > 0);
	word_store(&g, END, 0);
	guest_frame(&g);
	g.tf.tf_rdi = (int64_t)DATA;
	EXPECT(run_signalled(&g, false) > 0);
}

static void
c108_endless(void)
{
	struct guest g;
	struct runner *r;

	loop_guest(&g);
	r = runner_start(&g);
	EXPECT(runner_progress(r, &g, COUNT, 20000000));
	EXPECT(!runner_done(r));
	EXPECT_EQ(runner_kick(r), 0);
	EXPECT_EQ(g.tf.tf_trapno, 0);
}

/* A handler may leave the call by siglongjmp: the vmspace is idle then. */
static sigjmp_buf jump;

static void
jump_out(int sig)
{
	(void)sig;
	siglongjmp(jump, 1);
}

static void
c101_handler_jumps_out(void)
{
	struct guest g;
	struct sender s = { &g, .target = pthread_self(), .sig = SIGUSR1,
		.times = 1 };

	loop_guest(&g);
	F->on_signal(SIGUSR1, jump_out, false);
	sender_start(&s);
	if (sigsetjmp(jump, 1) == 0) {
		guest_run(&g);
		EXPECT(false);
	}
	sender_join(&s);
	EXPECT_EQ(g.tf.tf_trapno, 0);
	F->on_signal(SIGUSR1, handler, false);
	word_store(&g, END, 1);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(F->destroy(g.id), 0);
}

/* A handler may make calls, also on the vmspace that it interrupted. */
static struct guest *calls_on;
static int call_results[3];

static void
make_calls(int sig)
{
	uint64_t out;

	(void)sig;
	call_results[0] = F->mmap(calls_on->id, HOLE, PAGE, RW,
	    VMS_MAP_ANON | VMS_MAP_PRIVATE | VMS_MAP_FIXED, -1, 0, &out);
	call_results[1] = F->create(id_of(77), 0, NULL);
	call_results[2] = F->destroy(id_of(77));
}

static void
c101_handler_makes_calls(void)
{
	struct guest g;
	struct sender s = { &g, .target = pthread_self(), .sig = SIGUSR1,
		.times = 1 };

	loop_guest(&g);
	calls_on = &g;
	memset(call_results, 0xff, sizeof(call_results));
	F->on_signal(SIGUSR1, make_calls, false);
	sender_start(&s);
	EXPECT_EQ(guest_run(&g), 0);
	sender_join(&s);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(call_results[i], 0);
	EXPECT_EQ(poke(&g, HOLE, 1), 0);
}

static const struct row rows[] = {
	{ "C101", "the handler runs, then ctl returns with trapno 0",
	    c101_handler_then_return, ROW_SIGNALS },
	{ "C101", "the handler may siglongjmp", c101_handler_jumps_out,
	    ROW_DROPIN | ROW_SIGNALS },
	{ "C101", "the handler may make calls", c101_handler_makes_calls,
	    ROW_DROPIN | ROW_SIGNALS },
	{ "C102", "no instruction is lost or repeated", c102_nothing_lost,
	    ROW_SIGNALS },
	{ "C103", "interrupted before entry: nothing is executed",
	    c103_pending_interrupt, ROW_HANDLE },
	{ "C103", "a signal before entry: nothing is executed",
	    c103_pending_signal, ROW_DROPIN | ROW_SIGNALS },
	{ "C104", "a blocked signal does not interrupt", c104_blocked, 0 },
	{ "C105", "an ignored signal does not interrupt", c105_ignored, 0 },
	{ "C105", "nor does one ignored by default", c105_ignored_by_default,
	    0 },
	{ "C106", "a signal to another thread does not interrupt",
	    c106_other_thread, 0 },
	{ "C107", "an ordinary handler gives no EINTR and no restart",
	    c107_never_eintr, ROW_SIGNALS },
	{ "C108", "an endless loop never returns", c108_endless, ROW_SIGNALS },
};
ROW_GROUP(signal, rows);
