/* SPDX-License-Identifier: BSD-2-Clause */
/* C47-C51: P_MAILBOX (sys_vmspace_ctl; postsig, kern_sig.c). */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

static const uint8_t loop_code[] = {
	0x48, 0xff, 0x07, /* inc QWORD PTR [rdi] */
	0xeb, 0xfb,       /* jmp 0x0 */
};
static const uint8_t int3_code[] = {
	0xcc, /* int3 */
};

static int box;

/* Delivers the mailbox signal to this thread. */
static void
mail(void)
{
	box = 0;
	F->on_mailbox(SIGUSR1, &box);
	EXPECT(raise(SIGUSR1) == 0);
	EXPECT_EQ(box, SIGUSR1);
}

static void
c47_eintr_once(void)
{
	struct guest g, before;

	guest_open(&g, id_of(1));
	guest_code(&g, int3_code, sizeof(int3_code));
	mail();
	before = g;
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), EINTR);
	EXPECT(memcmp(&g.tf, &before.tf, sizeof(g.tf)) == 0);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
}

/* Neither frame is looked at. */
static void
c47_frames_not_read(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	mail();
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, NULL, NULL), EINTR);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, NULL, NULL), EFAULT);
}

static void
c48_unknown_id_keeps_it(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, int3_code, sizeof(int3_code));
	mail();
	EXPECT_EQ(F->ctl(id_of(2), VMS_CTL_RUN, &g.tf, &g.vf), ENOENT);
	EXPECT_EQ(F->ctl(id_of(2), VMS_CTL_RUN, &g.tf, &g.vf), ENOENT);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), EINTR);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
}

static void
c49_before_cmd(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	mail();
	EXPECT_EQ(F->ctl(g.id, 0, &g.tf, &g.vf), EINTR);
	EXPECT_EQ(F->ctl(g.id, 0, &g.tf, &g.vf), EOPNOTSUPP);
}

struct postman {
	struct guest *g;
	pthread_t target;
};

static void *
postman_main(void *arg)
{
	struct postman *p = arg;

	wait_word(p->g, DATA_OFF, 1000);
	pthread_kill(p->target, SIGUSR1);
	return NULL;
}

static void
c50_during_the_guest(void)
{
	struct guest g;
	struct postman p = { &g, pthread_self() };
	pthread_t thread;

	guest_open(&g, id_of(1));
	guest_code(&g, loop_code, sizeof(loop_code));
	g.tf.tf_rdi = (int64_t)DATA;
	box = 0;
	F->on_mailbox(SIGUSR1, &box);
	EXPECT(pthread_create(&thread, NULL, postman_main, &p) == 0);
	EXPECT_EQ(guest_run(&g), 0);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT_EQ(box, SIGUSR1);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), EINTR);
	EXPECT_EQ(GUEST_EXEC(&g, int3_code), T_BPTFLT);
}

static void
c51_shared_by_threads(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, int3_code, sizeof(int3_code));
	mail();
	EXPECT_EQ(runner_join(runner_start(&g)), EINTR);
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	guest_frame(&g);
	EXPECT_EQ(runner_join(runner_start(&g)), 0);
	EXPECT_EQ(g.tf.tf_trapno, T_BPTFLT);
}

static const struct row rows[] = {
	{ "C47", "P_MAILBOX: EINTR once", c47_eintr_once, 0 },
	{ "C47", "P_MAILBOX: frames are not looked at", c47_frames_not_read,
	    0 },
	{ "C48", "P_MAILBOX stays when the id is unknown",
	    c48_unknown_id_keeps_it, 0 },
	{ "C49", "P_MAILBOX is looked at before cmd", c49_before_cmd, 0 },
	{ "C50", "a mailbox signal during the guest", c50_during_the_guest,
	    ROW_SIGNALS },
	{ "C51", "P_MAILBOX belongs to the process", c51_shared_by_threads, 0 },
};
ROW_GROUP(mailbox, rows);
