/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers that send signals or are read, CPU time, and descriptors that stand
 * for signals and processes.  Each case runs in a child of its own. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t ticks, last_code, last_value, last_tid,
    last_overrun;

static void
tick(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	last_tid = (int)syscall(SYS_gettid);
	last_code = info->si_code;
	last_value = info->si_value.sival_int;
	last_overrun = info->si_overrun;
	ticks++; /* at last: somebody waits for it */
}

static void
handle(int signal)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = tick;
	action.sa_flags = SA_SIGINFO;
	sigaction(signal, &action, NULL);
	ticks = 0;
}

static void
show(const char *what, long result)
{
	printf(
	    "%s %ld %s\n", what, result, result < 0 ? strerror(errno) : "ok");
	fflush(stdout);
}

static void
ms(int count)
{
	struct timespec ts = { count / 1000, count % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) != 0 && errno == EINTR)
		continue;
}

static void
spin_until(volatile sig_atomic_t *count, int wanted)
{
	volatile unsigned long n = 0;

	while (*count < wanted)
		n++;
}

static int
near_ms(long took, long wanted)
{
	return took >= wanted && took < wanted + 2000;
}

static long
now_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
interval_real(void)
{
	struct itimerval value = { { 0, 10000 }, { 0, 20000 } }, old;

	handle(SIGALRM);
	show("set", setitimer(ITIMER_REAL, &value, NULL));
	while (ticks < 5)
		pause();
	getitimer(ITIMER_REAL, &old);
	printf("interval %ld left %d\n", (long)old.it_interval.tv_usec,
	    old.it_value.tv_sec == 0 && old.it_value.tv_usec <= 10000);
	memset(&value, 0, sizeof(value));
	setitimer(ITIMER_REAL, &value, &old);
	ticks = 0;
	ms(30);
	printf("off %d code %d\n", (int)ticks, (int)last_code);
	printf("alarm %u", alarm(100));
	printf(" %u", alarm(1));
	printf(" %u\n", alarm(0));
	value.it_value.tv_usec = 1000000;
	show("bad", setitimer(ITIMER_REAL, &value, NULL));
	show("which", setitimer(3, NULL, NULL));
}

static void
interval_cpu(void)
{
	struct itimerval value = { { 0, 2000 }, { 0, 5000 } };

	handle(SIGVTALRM);
	setitimer(ITIMER_VIRTUAL, &value, NULL);
	ms(50);
	printf("asleep %d\n", (int)ticks);
	spin_until(&ticks, 3);
	memset(&value, 0, sizeof(value));
	setitimer(ITIMER_VIRTUAL, &value, NULL);
	handle(SIGPROF);
	value.it_value.tv_usec = 3000;
	setitimer(ITIMER_PROF, &value, NULL);
	spin_until(&ticks, 1);
	printf("prof %d\n", (int)ticks);
}

static void
kept_by_exec_not_fork(void)
{
	struct itimerval value = { { 0, 0 }, { 100, 0 } };
	int status;

	setitimer(ITIMER_REAL, &value, NULL);
	fflush(stdout);
	if (fork() == 0) {
		getitimer(ITIMER_REAL, &value);
		printf("child %ld\n", (long)value.it_value.tv_sec);
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
}

static void
posix_signal(void)
{
	struct sigevent event;
	struct itimerspec value = { { 0, 5000000 }, { 0, 5000000 } }, old;
	timer_t timer;

	handle(SIGRTMIN + 1);
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGRTMIN + 1;
	event.sigev_value.sival_int = 77;
	show("create", timer_create(CLOCK_MONOTONIC, &event, &timer));
	show("set", timer_settime(timer, 0, &value, NULL));
	while (ticks < 3)
		pause();
	printf("code %d value %d\n", (int)last_code, (int)last_value);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ms(60);
	ticks = 0;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	printf("once %d overrun %d\n",
	    (int)ticks > 0 && ticks<3, timer_getoverrun(timer)> 0 ||
		last_overrun > 0);
	timer_gettime(timer, &old);
	printf("interval %ld armed %d\n", old.it_interval.tv_nsec,
	    old.it_value.tv_nsec > 0);
	memset(&value, 0, sizeof(value));
	show("off", timer_settime(timer, 0, &value, &old));
	timer_gettime(timer, &old);
	printf("armed %d\n", old.it_value.tv_nsec > 0);
	clock_gettime(CLOCK_REALTIME, &value.it_value);
	value.it_value.tv_sec -= 10;
	ticks = 0;
	timer_settime(timer, TIMER_ABSTIME, &value, NULL);
	ms(5);
	printf("past %d\n", (int)ticks);
	show("delete", timer_delete(timer));
	show("again", syscall(SYS_timer_delete, 99));
}

static void
posix_others(void)
{
	struct sigevent event;
	struct itimerspec value = { { 0, 0 }, { 0, 3000000 } };
	timer_t timer;
	clockid_t clock;

	handle(SIGUSR1);
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_NONE;
	show("none", timer_create(CLOCK_REALTIME, &event, &timer));
	timer_settime(timer, 0, &value, NULL);
	ms(10);
	timer_gettime(timer, &value);
	printf("left %ld\n", value.it_value.tv_nsec);
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGUSR1;
	show("cpu", timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer));
	value.it_value.tv_nsec = 4000000;
	timer_settime(timer, 0, &value, NULL);
	ms(20);
	printf("asleep %d\n", (int)ticks);
	spin_until(&ticks, 1);
	ticks = 0;
	show("thread", timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer));
	timer_settime(timer, 0, &value, NULL);
	spin_until(&ticks, 1);
	clock_getcpuclockid(getpid(), &clock);
	ticks = 0;
	show("pid", timer_create(clock, &event, &timer));
	timer_settime(timer, 0, &value, NULL);
	spin_until(&ticks, 1);
	event.sigev_signo = 65;
	show("signal", timer_create(CLOCK_MONOTONIC, &event, &timer));
	event.sigev_signo = SIGUSR1;
	show("clock", timer_create(77, &event, &timer));
	show("raw", timer_create(CLOCK_MONOTONIC_RAW, &event, &timer));
	value.it_value.tv_nsec = 1000000000;
	show("value", timer_settime(timer, 0, &value, NULL));
}

static volatile int helper_tid, helper_end;

static void *
helper(void *arg)
{
	helper_tid = (int)syscall(SYS_gettid);
	while (!helper_end)
		ms(1);
	return arg;
}

static void
to_thread(void)
{
	struct {
		uint64_t value;
		int signal, notify, tid, pad[11];
	} event;
	struct itimerspec value = { { 0, 0 }, { 0, 1000000 } };
	pthread_t thread;
	int timer;

	handle(SIGUSR1);
	pthread_create(&thread, NULL, helper, NULL);
	while (helper_tid == 0)
		ms(1);
	memset(&event, 0, sizeof(event));
	event.signal = SIGUSR1;
	event.notify = 4; /* SIGEV_THREAD_ID */
	event.tid = helper_tid;
	show("create",
	    syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer));
	syscall(SYS_timer_settime, timer, 0, &value, NULL);
	while (ticks == 0)
		ms(1);
	printf("by thread %d\n", last_tid == helper_tid);
	event.tid = 1;
	show("nobody",
	    syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer));
	helper_end = 1;
	pthread_join(thread, NULL);
}

static void
timer_files(void)
{
	struct itimerspec value = { { 0, 10000000 }, { 0, 20000000 } }, old;
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd fds;
	uint64_t count;
	int epoll, fd;

	fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	show("read", read(fd, &count, 8));
	show("short", read(fd, &count, 4));
	show("set", timerfd_settime(fd, 0, &value, NULL));
	fds = (struct pollfd){ fd, POLLIN | POLLOUT, 0 };
	show("poll", poll(&fds, 1, 5000));
	printf("events %x\n", (unsigned)fds.revents);
	show("read", read(fd, &count, 8));
	printf("count %d\n", count >= 1);
	ms(55);
	show("read", read(fd, &count, 8));
	printf("count %d\n", count >= 5);
	timerfd_gettime(fd, &old);
	printf("interval %ld\n", old.it_interval.tv_nsec);
	epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	show("epoll", epoll_wait(epoll, &event, 1, 5000));
	memset(&value, 0, sizeof(value));
	timerfd_settime(fd, 0, &value, NULL);
	show("off", read(fd, &count, 8));
	close(fd);
	fd = timerfd_create(CLOCK_REALTIME, 0);
	clock_gettime(CLOCK_REALTIME, &value.it_value);
	value.it_value.tv_sec -= 1;
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &value, NULL);
	show("blocking", read(fd, &count, 8));
	printf("count %d\n", (int)count);
	show("write", write(fd, &count, 8));
	show("clock", timerfd_create(77, 0));
	show("flags", timerfd_create(CLOCK_MONOTONIC, 1));
	show("other", timerfd_settime(1, 0, &value, NULL));
	show("closed", timerfd_settime(99, 0, &value, NULL));
	show("bits", timerfd_settime(fd, 8, &value, NULL));
}

static void
signal_files(void)
{
	struct signalfd_siginfo info[4];
	union sigval value = { .sival_int = 42 };
	struct pollfd fds;
	sigset_t set;
	int fd;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	show("read", read(fd, info, sizeof(info)));
	show("small", read(fd, info, 100));
	kill(getpid(), SIGUSR1);
	sigqueue(getpid(), SIGRTMIN, value);
	fds = (struct pollfd){ fd, POLLIN, 0 };
	show("poll", poll(&fds, 1, 0));
	show("read", read(fd, info, sizeof(info)));
	for (int i = 0; i < 2; i++)
		printf("%u code %d self %d value %d\n",
		    info[i].ssi_signo == (unsigned)SIGRTMIN ? 1000
							    : info[i].ssi_signo,
		    info[i].ssi_code, info[i].ssi_pid == (unsigned)getpid(),
		    info[i].ssi_int);
	pid = fork();
	if (pid == 0)
		_exit(9);
	show("poll", poll(&fds, 1, 5000));
	show("read", read(fd, info, sizeof(info)));
	printf("%u code %d child %d status %d\n", info[0].ssi_signo,
	    info[0].ssi_code, info[0].ssi_pid == (unsigned)pid,
	    info[0].ssi_status);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	show("change", signalfd(fd, &set, 0) - fd);
	kill(getpid(), SIGUSR1);
	show("not that", read(fd, info, sizeof(info)));
	if (fork() == 0) {
		ms(20);
		kill(getppid(), SIGUSR2);
		_exit(0);
	}
	show("poll", poll(&fds, 1, 5000));
	show("read", read(fd, info, sizeof(info)));
	show("other", signalfd(1, &set, 0));
	show("closed", signalfd(99, &set, 0));
	show("flags", signalfd(-1, &set, 1));
}

static void
process_files(void)
{
	struct pollfd fds;
	siginfo_t info;
	int fd;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	fds = (struct pollfd){ fd, POLLIN, 0 };
	show("poll", poll(&fds, 1, 0));
	show("probe", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	show("kill", syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
	show("poll", poll(&fds, 1, 5000));
	memset(&info, 0, sizeof(info));
	show("waitid", waitid(3, (id_t)fd, &info, WEXITED));
	printf("code %d status %d\n", info.si_code, info.si_status);
	show("gone", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	show("poll", poll(&fds, 1, 0));
	show("read", read(fd, &info, 1));
	show("nobody", syscall(SYS_pidfd_open, 4194000, 0));
	show("zero", syscall(SYS_pidfd_open, 0, 0));
	show("flags", syscall(SYS_pidfd_open, getpid(), 1));
	show("other", syscall(SYS_pidfd_send_signal, 1, 0, NULL, 0));
	show("closed", syscall(SYS_pidfd_send_signal, 99, 0, NULL, 0));
	fflush(stdout);
	pid =
	    (pid_t)syscall(SYS_clone, 0x1000 | SIGCHLD, NULL, &fd, NULL, NULL);
	if (pid == 0)
		_exit(4);
	fds = (struct pollfd){ fd, POLLIN, 0 };
	show("poll", poll(&fds, 1, 5000));
	show("waitid", waitid(3, (id_t)fd, &info, WEXITED));
	printf("status %d\n", info.si_status);
}

static void
sleeps(void)
{
	struct timespec ts;
	long start;

	start = now_ms(CLOCK_MONOTONIC);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec++;
	show("absolute",
	    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
	printf("%d\n", near_ms(now_ms(CLOCK_MONOTONIC) - start, 999));
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec--;
	show("past", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL));
	ts = (struct timespec){ 0, 1000000 };
	show("boot", clock_nanosleep(CLOCK_BOOTTIME, 0, &ts, NULL));
	show("raw",
	    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &ts, 0));
	show("thread",
	    syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &ts, 0));
	show("none", syscall(SYS_clock_nanosleep, 77, 0, &ts, 0));
	ts.tv_nsec = -1;
	show("negative", syscall(SYS_nanosleep, &ts, 0));
}

static void
cpu_clocks(void)
{
	struct timespec ts;
	struct rusage usage;
	clockid_t clock;
	struct tms tms;
	volatile int n;

	for (n = 0; n < 20000000;)
		n++;
	printf("process %d thread %d\n", now_ms(CLOCK_PROCESS_CPUTIME_ID) > 0,
	    now_ms(CLOCK_THREAD_CPUTIME_ID) > 0);
	fflush(stdout);
	pid_t pid = fork();

	if (pid == 0) {
		printf("fresh %d\n", now_ms(CLOCK_PROCESS_CPUTIME_ID) < 10);
		fflush(stdout);
		for (n = 0; n < 100000000;)
			n++;
		for (;;)
			pause();
	}
	n = clock_getcpuclockid(pid, &clock);
	do
		ms(1);
	while (now_ms(clock) < 20);
	show("clock id", n);
	kill(pid, SIGKILL);
	wait4(pid, NULL, 0, &usage);
	printf("waited %d\n",
	    usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000 >= 10);
	getrusage(RUSAGE_CHILDREN, &usage);
	times(&tms);
	printf(
	    "children %d %d\n", usage.ru_utime.tv_usec > 0, tms.tms_cutime > 0);
	show("gone", clock_gettime(clock, &ts));
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = { { "interval_real", interval_real },
	{ "interval_cpu", interval_cpu },
	{ "kept_by_exec_not_fork", kept_by_exec_not_fork },
	{ "posix_signal", posix_signal }, { "posix_others", posix_others },
	{ "to_thread", to_thread }, { "timer_files", timer_files },
	{ "signal_files", signal_files }, { "process_files", process_files },
	{ "sleeps", sleeps }, { "cpu_clocks", cpu_clocks } };

int
main(void)
{
	int status;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		printf("-- %s\n", cases[i].name);
		fflush(stdout);
		if (fork() == 0) {
			cases[i].run();
			fflush(stdout);
			_exit(0);
		}
		wait(&status);
		printf("%s: %d %d\n", cases[i].name, WIFEXITED(status),
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	}
	return 0;
}
