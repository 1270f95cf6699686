// SPDX-License-Identifier: BSD-2-Clause
// alarm, interval timers and POSIX timers; sleeps that a signal ends.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t alarms, value;

static void
count(int number, siginfo_t *info, void *unused)
{
	(void)number;
	(void)unused;
	alarms++;
	value = info->si_value.sival_int;
}

static void
in_thread(union sigval sent)
{
	value = sent.sival_int;
}

static void
posix_timers(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN + 1,
		.sigev_value.sival_int = 77 };
	struct itimerspec time = { { 0, 3000000 }, { 0, 5000000 } }, left;
	timer_t timer, silent;

	SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
	alarms = 0;
	SHOW(timer_settime(timer, 0, &time, NULL));
	while (alarms < 4)
		pause();
	SHOW(value);
	time.it_value.tv_nsec = 0;
	SHOW(timer_settime(timer, 0, &time, &left));
	SHOW(left.it_interval.tv_nsec);
	SHOW(timer_delete(timer));
	SHOW(timer_delete(timer));

	event.sigev_notify = SIGEV_NONE;
	SHOW(timer_create(CLOCK_REALTIME, &event, &silent));
	time.it_value = (struct timespec){ 100, 0 };
	SHOW(timer_settime(silent, 0, &time, NULL));
	SHOW(timer_gettime(silent, &left));
	SHOW(left.it_value.tv_sec >= 99);

	event.sigev_notify = SIGEV_THREAD;
	event.sigev_notify_function = in_thread;
	event.sigev_value.sival_int = 88;
	SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
	time = (struct itimerspec){ { 0, 0 }, { 0, 1000000 } };
	SHOW(timer_settime(timer, 0, &time, NULL));
	while (value != 88)
		usleep(1000);
	SHOW(value);
	SHOW(timer_create(4711, &event, &timer));
}

int
main(void)
{
	struct sigaction action = { .sa_sigaction = count,
		.sa_flags = SA_SIGINFO };
	struct itimerval every = { { 0, 2000 }, { 0, 2000 } }, left;
	struct timespec rest;

	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGRTMIN + 1, &action, NULL);
	sigaction(SIGVTALRM, &action, NULL);
	sigaction(SIGPROF, &action, NULL);
	SHOW(alarm(100));
	SHOW(alarm(1) >= 99);
	SHOW(pause());
	SHOW(alarms);
	SHOW(alarm(0));
	SHOW(setitimer(ITIMER_REAL, &every, NULL));
	while (alarms < 6)
		pause();
	SHOW(setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, &left));
	SHOW(left.it_interval.tv_usec);
	alarms = 0;
	SHOW(setitimer(ITIMER_VIRTUAL, &every, NULL));
	while (alarms < 2)
		;
	SHOW(setitimer(ITIMER_VIRTUAL, &(struct itimerval){ 0 }, NULL));
	alarms = 0;
	SHOW(setitimer(ITIMER_PROF, &every, NULL));
	while (alarms < 2)
		getppid();
	SHOW(setitimer(ITIMER_PROF, &(struct itimerval){ 0 }, NULL));

	SHOW(setitimer(
	    ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 20000 } }, NULL));
	SHOW(nanosleep(&(struct timespec){ 5, 0 }, &rest));
	SHOW(rest.tv_sec);
	SHOW(clock_nanosleep(
	    CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){ 1, 0 }, NULL));
	posix_timers();
	IN_CHILD("no handler", {
		signal(SIGALRM, SIG_DFL);
		ualarm(5000, 0);
		pause();
	});
	return 0;
}
