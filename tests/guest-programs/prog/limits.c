// SPDX-License-Identifier: BSD-2-Clause
// Limits, priorities, identities, names and other facts of a process.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>

static void
descriptors(void)
{
	struct rlimit limit;
	int last = -1, fd;

	SHOW(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 12;
	SHOW(setrlimit(RLIMIT_NOFILE, &limit));
	while ((fd = dup(0)) >= 0)
		last = fd;
	SHOW(fd);
	SHOW(last);
	SHOW(dup2(0, 12));
	SHOW(fcntl(0, F_DUPFD, 12));
	int ends[2];
	SHOW(pipe(ends));
	SHOW(open(".", O_RDONLY));
	for (fd = 3; fd < 12; fd++)
		close(fd);
	limit.rlim_cur = limit.rlim_max + 1;
	SHOW(setrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur == 0);
	SHOW(syscall(SYS_prlimit64, 0, 99, NULL, &limit));
}

static void
memory(void)
{
	IN_CHILD("address space", {
		struct rlimit limit = { 64 << 20, 64 << 20 };
		SHOW(setrlimit(RLIMIT_AS, &limit));
		SHOW(malloc(200 << 20) == NULL);
		SHOW(mmap(NULL, 100 << 20, PROT_READ,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
		SHOW(errno == ENOMEM);
	});
}

int
main(void)
{
	struct utsname names;
	struct tms times_used;
	struct sched_param param;
	struct rusage usage;
	char name[16] = "";
	uid_t real, effective, saved;

	descriptors();
	memory();
	SHOW(uname(&names));
	puts(names.sysname);
	puts(names.machine);
	SHOW(prctl(PR_SET_NAME, "a name that is too long"));
	SHOW(prctl(PR_GET_NAME, name));
	puts(name);
	SHOW(prctl(PR_GET_DUMPABLE));
	SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(prctl(PR_SET_PDEATHSIG, 99));
	SHOW(prctl(12345));
	SHOW(getresuid(&real, &effective, &saved));
	SHOW(real == getuid() && effective == geteuid() && saved == real);
	SHOW(getgid() == getegid());
	SHOW(getgroups(0, NULL) >= 0);
	errno = 0;
	SHOW(getpriority(PRIO_PROCESS, 0));
	IN_CHILD("nice", SHOW(nice(5)));
	SHOW(sched_getscheduler(0));
	SHOW(sched_getparam(0, &param));
	SHOW(sched_get_priority_max(SCHED_FIFO));
	cpu_set_t set;
	SHOW(sched_getaffinity(0, sizeof(set), &set));
	SHOW(CPU_COUNT(&set) > 0);
	SHOW(getrusage(RUSAGE_SELF, &usage));
	SHOW(usage.ru_maxrss > 0);
	SHOW(times(&times_used) != (clock_t)-1);
	SHOW(sysconf(_SC_CLK_TCK));
	SHOW(sysconf(_SC_PAGESIZE));
	struct timespec resolution;
	SHOW(clock_getres(CLOCK_MONOTONIC, &resolution));
	SHOW(resolution.tv_nsec);
	SHOW(clock_gettime((clockid_t)99, &resolution));
	SHOW(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &resolution));
	SHOW(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &resolution));
	SHOW(umask(0123));
	SHOW(umask(022));
	return 0;
}
