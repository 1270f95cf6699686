/* SPDX-License-Identifier: BSD-2-Clause */
/* One of most calls, for strace.sh: what they answer does not matter. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
static void
h(int s)
{
}
static void *
th(void *a)
{
	return a;
}
int
main()
{
	int p[2];
	pipe(p);
	pipe2(p, O_CLOEXEC);
	pthread_t t;
	pthread_create(&t, 0, th, 0);
	pthread_join(t, 0);
	int sv[2];
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv);
	struct sockaddr_un un = { AF_UNIX, "s" };
	unlink("s");
	int u = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(u, (void *)&un, sizeof un);
	listen(u, 5);
	int c = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(c, (void *)&un, 14);
	struct sockaddr_storage ss;
	socklen_t sl = sizeof ss;
	int a = accept4(u, (void *)&ss, &sl, SOCK_CLOEXEC);
	sl = sizeof ss;
	getsockname(c, (void *)&ss, &sl);
	sl = sizeof ss;
	getpeername(c, (void *)&ss, &sl);
	struct sockaddr_in in = { AF_INET, htons(8080) };
	inet_pton(AF_INET, "127.0.0.1", &in.sin_addr);
	int i4 = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	int one = 1;
	setsockopt(i4, SOL_SOCKET, SO_REUSEADDR, &one, 4);
	bind(i4, (void *)&in, sizeof in);
	sendto(i4, "hello", 5, MSG_NOSIGNAL, (void *)&in, sizeof in);
	char b[100];
	sl = sizeof ss;
	recvfrom(i4, b, 100, MSG_DONTWAIT, (void *)&ss, &sl);
	recvfrom(i4, b, 100, MSG_DONTWAIT, 0, 0);
	sl = 4;
	getsockopt(i4, SOL_SOCKET, SO_ERROR, &one, &sl);
	sl = 4;
	getsockopt(i4, SOL_SOCKET, SO_TYPE, &one, &sl);
	struct sockaddr_in6 i6 = { AF_INET6, htons(8081) };
	i6.sin6_addr = in6addr_loopback;
	int s6 = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
	bind(s6, (void *)&i6, sizeof i6);
	setsockopt(s6, IPPROTO_TCP, TCP_NODELAY, &one, 4);
	setsockopt(s6, IPPROTO_IPV6, IPV6_V6ONLY, &one, 4);
	struct linger li = { 1, 2 };
	setsockopt(s6, SOL_SOCKET, SO_LINGER, &li, 8);
	struct timeval tv = { 1, 2 };
	setsockopt(s6, SOL_SOCKET, SO_RCVTIMEO, &tv, 16);
	struct iovec v[2] = { { "ab", 2 }, { "cde", 3 } };
	char cb[CMSG_SPACE(4)];
	struct msghdr m = { 0, 0, v, 2, cb, sizeof cb };
	struct cmsghdr *cm = CMSG_FIRSTHDR(&m);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(4);
	*(int *)CMSG_DATA(cm) = 1;
	sendmsg(sv[0], &m, 0);
	char rb[50];
	struct iovec rv = { rb, 50 };
	struct msghdr rm = { 0, 0, &rv, 1, cb, sizeof cb };
	recvmsg(sv[1], &rm, MSG_CMSG_CLOEXEC);
	sendmsg(sv[0], &(struct msghdr){ 0, 0, v, 1 }, MSG_DONTWAIT);
	shutdown(sv[0], SHUT_WR);
	int e = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ev = { EPOLLIN | EPOLLET, { .u64 = 7 } };
	epoll_ctl(e, EPOLL_CTL_ADD, sv[1], &ev);
	struct epoll_event evs[4];
	epoll_wait(e, evs, 4, 100);
	epoll_ctl(e, EPOLL_CTL_DEL, sv[1], 0);
	epoll_pwait(e, evs, 4, 0, 0);
	epoll_wait(e, evs, 4, 0);
	struct pollfd pf[2] = { { p[0], POLLIN }, { p[1], POLLOUT | POLLIN } };
	poll(pf, 2, 10);
	poll(pf, 1, 0);
	struct timespec ts = { 0, 1000 };
	ppoll(pf, 1, &ts, 0);
	sigset_t sg;
	sigemptyset(&sg);
	sigaddset(&sg, SIGUSR1);
	ppoll(pf, 2, 0, &sg);
	fd_set r, w;
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(p[0], &r);
	FD_SET(p[1], &w);
	tv.tv_sec = 1;
	tv.tv_usec = 0;
	select(8, &r, &w, 0, &tv);
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	ts.tv_nsec = 1;
	pselect(8, &r, 0, 0, &ts, 0);
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	pselect(8, &r, 0, 0, &ts, &sg);
	tv.tv_sec = 0;
	tv.tv_usec = 5;
	select(0, 0, 0, 0, &tv);
	struct rusage ru;
	getrusage(RUSAGE_SELF, &ru);
	struct rlimit rl;
	getrlimit(RLIMIT_NOFILE, &rl);
	prlimit(0, RLIMIT_CORE, &rl, 0);
	setrlimit(RLIMIT_NOFILE, &rl);
	struct sysinfo si;
	sysinfo(&si);
	struct tms tm;
	times(&tm);
	prctl(PR_SET_NAME, "abc");
	char nm[17];
	prctl(PR_GET_NAME, nm);
	prctl(PR_SET_PDEATHSIG, 9);
	prctl(PR_GET_DUMPABLE);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 1);
	pid_t k = fork();
	if (!k) {
		_exit(3);
	}
	int st;
	wait4(k, &st, 0, &ru);
	k = vfork();
	if (!k)
		_exit(0);
	siginfo_t sig;
	waitid(P_PID, k, &sig, WEXITED | WNOHANG);
	waitpid(-1, &st, WNOHANG | WUNTRACED);
	k = fork();
	if (!k) {
		kill(getpid(), SIGSEGV);
	}
	wait4(k, &st, 0, 0);
	mmap(0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	void *q = mmap(0, 8192, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	mremap(q, 8192, 16384, MREMAP_MAYMOVE);
	madvise(q, 4096, MADV_DONTNEED);
	msync(q, 4096, MS_SYNC | MS_INVALIDATE);
	mprotect(q, 4096, PROT_NONE);
	mlock(q, 1);
	unsigned char mc[4];
	mincore(q, 4096, mc);
	munmap(q, 4096);
	memfd_create("x", MFD_CLOEXEC);
	int ef = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
	int tf = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct itimerspec its = { { 0, 0 }, { 1, 5 } };
	timerfd_settime(tf, 0, &its, 0);
	timerfd_gettime(tf, &its);
	timerfd_settime(tf, TFD_TIMER_ABSTIME, &its, &its);
	int sf = signalfd(-1, &sg, SFD_CLOEXEC);
	struct statfs sfs;
	statfs("/", &sfs);
	fstatfs(1, &sfs);
	struct winsize ws;
	ioctl(1, TIOCGWINSZ, &ws);
	int n;
	ioctl(p[0], FIONREAD, &n);
	ioctl(0, TCGETS, nm);
	n = 1;
	ioctl(p[0], FIONBIO, &n);
	pid_t pg;
	ioctl(0, TIOCGPGRP, &pg);
	getxattr("/", "user.x", nm, 10);
	listxattr("/", nm, 10);
	setxattr("/nonexist", "user.x", "v", 1, XATTR_CREATE);
	struct sigaction sa = { .sa_handler = h, .sa_flags = SA_RESTART };
	sigaction(SIGUSR1, &sa, 0);
	sigaction(SIGUSR1, 0, &sa);
	sigprocmask(SIG_BLOCK, &sg, 0);
	kill(getpid(), SIGUSR1);
	sigpending(&sg);
	sigemptyset(&sg);
	sigprocmask(SIG_SETMASK, &sg, 0);
	raise(SIGUSR1);
	stack_t sst = { malloc(10000), 0, 10000 };
	sigaltstack(&sst, &sst);
	ts.tv_sec = 0;
	ts.tv_nsec = 1000;
	nanosleep(&ts, &ts);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	clock_getres(CLOCK_MONOTONIC, &ts);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, 0);
	alarm(0);
	struct itimerval iv = { { 0, 0 }, { 5, 6 } }, ov;
	setitimer(ITIMER_REAL, &iv, &ov);
	getitimer(ITIMER_REAL, &iv);
	alarm(0);
	sigaddset(&sg, SIGUSR2);
	ts.tv_sec = 0;
	ts.tv_nsec = 10;
	sigtimedwait(&sg, &sig, &ts);
	kill(getpid(), 0);
	cpu_set_t cs;
	sched_getaffinity(0, sizeof cs, &cs);
	sched_setaffinity(0, sizeof cs, &cs);
	struct sched_param sp = { 0 };
	sched_getparam(0, &sp);
	sched_getscheduler(0);
	sched_get_priority_max(SCHED_FIFO);
	sched_yield();
	getpriority(PRIO_PROCESS, 0);
	setpriority(PRIO_PROCESS, 0, 0);
	struct stat sb;
	stat("/etc/passwd", &sb);
	lstat("/dev/null", &sb);
	fstat(0, &sb);
	struct statx sx;
	statx(AT_FDCWD, "/etc/passwd", AT_SYMLINK_NOFOLLOW, STATX_ALL, &sx);
	statx(AT_FDCWD, "/nonexist", AT_STATX_SYNC_AS_STAT,
	    STATX_BASIC_STATS | STATX_BTIME, &sx);
	int f = open("ff", O_RDWR | O_CREAT | O_TRUNC, 0644);
	fcntl(f, F_GETFL);
	fcntl(f, F_GETFD);
	fcntl(f, F_SETFD, FD_CLOEXEC);
	fcntl(f, F_DUPFD, 10);
	fcntl(f, F_DUPFD_CLOEXEC, 10);
	fcntl(f, F_SETFL, O_APPEND | O_NONBLOCK);
	struct flock fl = { F_WRLCK, SEEK_SET, 0, 10 };
	fcntl(f, F_SETLK, &fl);
	fcntl(f, F_GETLK, &fl);
	flock(f, LOCK_EX | LOCK_NB);
	fcntl(f, F_GETOWN);
	fcntl(p[0], F_GETPIPE_SZ);
	fcntl(p[0], F_SETPIPE_SZ, 65536);
	write(f, "0123456789012345678901234567890123456789", 40);
	writev(f, v, 2);
	pwrite(f, "x", 1, 5);
	lseek(f, 0, SEEK_SET);
	read(f, b, 100);
	rv.iov_len = 50;
	lseek(f, 0, SEEK_SET);
	readv(f, &rv, 1);
	pread(f, b, 10, 3);
	preadv(f, &rv, 1, 0);
	pwritev2(f, v, 2, 0, RWF_SYNC);
	lseek(f, 0, SEEK_END);
	posix_fadvise(f, 0, 0, POSIX_FADV_DONTNEED);
	fallocate(f, FALLOC_FL_KEEP_SIZE, 0, 100);
	ftruncate(f, 3);
	fsync(f);
	access("/etc", R_OK | X_OK);
	faccessat(AT_FDCWD, "/etc", F_OK, AT_EACCESS);
	chmod("ff", 0600);
	fchmod(f, 04755);
	chown("ff", -1, -1);
	fchownat(AT_FDCWD, "/nonexist", 0, 0, AT_SYMLINK_NOFOLLOW);
	umask(022);
	utimensat(AT_FDCWD, "ff",
	    (struct timespec[]){ { 1, 2 }, { 0, UTIME_NOW } }, 0);
	utimensat(AT_FDCWD, "ff", 0, AT_SYMLINK_NOFOLLOW);
	struct utimbuf ub = { 1, 2 };
	utime("ff", &ub);
	mkdir("/nonexist/x", 0777);
	mkfifo("fifo", 0600);
	mknod("/nonexist/x", S_IFCHR | 0600, 0x103);
	unlink("fifo");
	rename("/nonexist", "/x");
	renameat2(AT_FDCWD, "/nonexist", AT_FDCWD, "/x", RENAME_NOREPLACE);
	link("/nonexist", "/x");
	symlink("a", "sl");
	readlink("sl", b, 100);
	unlink("sl");
	linkat(AT_FDCWD, "/nonexist", AT_FDCWD, "/x", AT_SYMLINK_FOLLOW);
	unlinkat(AT_FDCWD, "/nonexist", AT_REMOVEDIR);
	rmdir("/nonexist");
	truncate("/nonexist", 0);
	getcwd(b, 100);
	chdir("/nonexist");
	DIR *d = opendir(".");
	readdir(d);
	closedir(d);
	sendfile(sv[1], f, 0, 2);
	off_t off = 0;
	copy_file_range(f, &off, 1, 0, 0, 0);
	splice(p[0], 0, 1, 0, 10, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	uname((void *)rb == 0 ? 0 : (void *)malloc(1000));
	getpgid(0);
	getsid(0);
	setpgid(0, 0);
	gid_t gl[10];
	getgroups(10, gl);
	getresuid((void *)b, (void *)(b + 4), (void *)(b + 8));
	dup(1);
	dup2(1, 20);
	dup3(1, 21, O_CLOEXEC);
	close_range(100, 200, 0);
	timer_t tt;
	timer_create(CLOCK_MONOTONIC, 0, &tt);
	struct itimerspec ii = { { 0, 0 }, { 9, 0 } };
	timer_settime(tt, 0, &ii, 0);
	timer_gettime(tt, &ii);
	timer_getoverrun(tt);
	timer_delete(tt);
	sync();
	return 0;
}
