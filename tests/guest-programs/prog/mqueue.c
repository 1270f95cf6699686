/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX message queues: order, waiting, limits, notices, errors. */
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/guest-programs/prog/say.h"

static char name[32];
static volatile sig_atomic_t noticed, value, code, sender;

static void
on_notice(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	noticed++;
	value = info->si_value.sival_int;
	code = info->si_code;
	sender = info->si_pid == getpid();
}

static void
tell(mqd_t queue)
{
	struct mq_attr attr;

	if (mq_getattr(queue, &attr) != 0)
		return;
	printf("flags %ld, at most %ld of %ld, now %ld\n", attr.mq_flags,
	    attr.mq_maxmsg, attr.mq_msgsize, attr.mq_curmsgs);
}

static void
receive(mqd_t queue)
{
	char text[8192];
	unsigned priority;
	ssize_t len;

	len = mq_receive(queue, text, sizeof(text), &priority);
	if (len < 0)
		SHOW(len);
	else
		printf("%.*s, priority %u\n", (int)len, text, priority);
}

static void
errors(mqd_t queue)
{
	struct timespec soon = { 0, 0 };
	struct mq_attr attr = { .mq_flags = 1 };
	char text[8192];
	int pipes[2];
	mqd_t other;

	SHOW(mq_open("/none", O_RDONLY));
	SHOW(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
	SHOW(mq_open("/a/b", O_RDWR | O_CREAT, 0600, NULL));
	SHOW(mq_open("/zero", O_RDWR | O_CREAT, 0600, &attr));
	SHOW(mq_send(queue, "x", 1, 32768));
	SHOW(mq_send(queue, text, 20, 0));
	SHOW(mq_send(-1, "x", 1, 0));
	SHOW(mq_receive(queue, text, 5, NULL));
	SHOW(mq_timedreceive(queue, text, sizeof(text), NULL, &soon));
	soon.tv_nsec = 1000000000;
	SHOW(mq_timedreceive(queue, text, sizeof(text), NULL, &soon));
	SHOW(mq_setattr(queue, &attr, NULL));
	SHOW(mq_unlink("/none"));
	if (pipe(pipes) == 0)
		SHOW(mq_receive(pipes[0], text, sizeof(text), NULL));
	other = mq_open(name, O_WRONLY);
	SHOW(mq_receive(other, text, sizeof(text), NULL));
	SHOW(write(other, "x", 1));
	SHOW(fcntl(other, F_GETFD));
	SHOW(mq_close(other));
	SHOW(mq_close(other));
}

static void
notices(mqd_t queue)
{
	struct sigaction action = { .sa_sigaction = on_notice,
		.sa_flags = SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1,
		.sigev_value.sival_int = 42 };

	sigaction(SIGUSR1, &action, NULL);
	SHOW(mq_notify(queue, &event));
	SHOW(mq_notify(queue, &event));
	if (fork() == 0) {
		SHOW(mq_notify(queue, &event));
		_exit(0);
	}
	wait(NULL);
	mq_send(queue, "first", 5, 1);
	mq_send(queue, "second", 6, 1);
	printf("%d, %d, %d, %d\n", noticed, value, code == SI_MESGQ, sender);
	receive(queue);
	receive(queue);
	SHOW(mq_notify(queue, &event));
	SHOW(mq_notify(queue, NULL));
	mq_send(queue, "quiet", 5, 1);
	receive(queue);
	printf("%d\n", noticed);
	event.sigev_notify = SIGEV_NONE;
	SHOW(mq_notify(queue, &event));
	event.sigev_notify = 77;
	SHOW(mq_notify(queue, &event));
}

static void
children(mqd_t queue)
{
	char text[16];
	int i;

	if (fork() == 0) {
		for (i = 0; i < 20; i++) {
			snprintf(text, sizeof(text), "m%d", i);
			mq_send(queue, text, strlen(text), 3);
		}
		_exit(0);
	}
	for (i = 0; i < 20; i++)
		receive(queue);
	wait(NULL);
}

int
main(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	struct pollfd watched;
	struct rlimit limit = { 1000, 1000 };
	mqd_t queue;

	snprintf(name, sizeof(name), "/vms%d", (int)getpid());
	queue = mq_open(name, O_RDWR | O_CREAT, 0640, &attr);
	tell(queue);
	errors(queue);
	mq_send(queue, "low", 3, 1);
	mq_send(queue, "high", 4, 9);
	mq_send(queue, "low too", 7, 1);
	mq_send(queue, "", 0, 5);
	watched = (struct pollfd){ queue, POLLIN | POLLOUT, 0 };
	SHOW(poll(&watched, 1, 0));
	SHOW(watched.revents);
	attr.mq_flags = O_NONBLOCK;
	SHOW(mq_setattr(queue, &attr, NULL));
	tell(queue);
	SHOW(mq_send(queue, "full", 4, 2));
	receive(queue);
	receive(queue);
	receive(queue);
	receive(queue);
	receive(queue);
	SHOW(poll(&watched, 1, 0));
	SHOW(watched.revents);
	attr.mq_flags = 0;
	SHOW(mq_setattr(queue, &attr, NULL));
	notices(queue);
	children(queue);
	SHOW(mq_unlink(name));
	SHOW(mq_unlink(name));
	SHOW(mq_open(name, O_RDWR));
	SHOW(mq_send(queue, "still", 5, 0));
	receive(queue);
	setrlimit(RLIMIT_MSGQUEUE, &limit);
	SHOW(mq_open(name, O_RDWR | O_CREAT, 0600, NULL));
	return 0;
}
