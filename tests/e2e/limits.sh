#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Guests that do not end by themselves, that want too much or that are refused:
# a defined status and message, and nothing left behind.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
on_x86_64_linux || exit 77
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

cat >odd.c <<'END'
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "spin") == 0)
		for (volatile unsigned n = 0;; n++)
			;
	if (strcmp(what, "sleep") == 0)
		for (;;)
			sleep(1000);
	if (strcmp(what, "bomb") == 0)
		for (;;)
			fork();
	if (strcmp(what, "exec") == 0)
		execv("/proc/self/exe", argv);
	if (strcmp(what, "execs") == 0)
		execv(argv[2], argv);
	if (strcmp(what, "children") == 0) {
		for (int i = 0; i < 3; i++)
			if (fork() == 0)
				return 0;
		while (wait(NULL) > 0)
			;
	}
	if (strcmp(what, "ignore") == 0) {
		if (fork() == 0)
			for (;;)
				;
		for (;;)
			pause();
	}
	if (strcmp(what, "closed") == 0) {
		for (int fd = 0; fd < 1024; fd++)
			close(fd);
		for (;;)
			;
	}
	if (strcmp(what, "unknown") == 0)
		return syscall(212, 1, 0) == -1 && syscall(480) == -1 &&
				syscall(5000) == -1 && syscall(212, 1, 0) == -1
			? 0
			: 1;
	if (strcmp(what, "probe") == 0) /* inotify_init1, quiet */
		return syscall(294, 0) == -1 ? 0 : 1;
	if (strcmp(what, "killed") == 0)
		kill(getpid(), 15);
	return argc > 2 ? atoi(argv[2]) : 0;
}
END
${CC:-cc} -static -O1 -D_GNU_SOURCE -o odd odd.c || exit 77

# left: nothing of this run is there any more.
mkdir tmp
export TMPDIR="$PWD/tmp"
left() {
	if [ -r /proc/self/stat ] && pgrep -P $$ -f "run.*odd" >children; then
		complain "$1 leaves processes: $(cat children)"
	fi
	[ -z "$(find tmp -mindepth 1)" ] || complain "$1 leaves files"
}

# The host's time, whatever the guest does and whichever clock it has.
for clock in host virtual; do
	for what in spin ignore closed "execs $work/odd"; do
		# shellcheck disable=SC2086
		vms 124 run --clock=$clock --timeout 0.3 ./odd $what
		one_error 'stopped: the limit of --timeout was reached'
		left "$what"
	done
done
vms 124 run --timeout 0.3 ./odd sleep
one_error 'stopped: the limit of --timeout was reached'
vms 0 run --timeout 100 ./odd

# The line of progress, on a terminal, erased at the end.
if command -v script >/dev/null; then
	script -qec "$program run --timeout 2.7 ./odd spin </dev/null >/dev/null" \
		typescript >/dev/null </dev/null
	says typescript 'vmspace: 2 s, [0-9]+ system calls, 1 process'
	tail -n 3 typescript | tr '\r' '\n' >typescript.lines
	says typescript.lines '\[Kvmspace: stopped: the limit of --timeout'
	script -qec "$program run --timeout 2.5 ./odd spin </dev/null" \
		typescript >/dev/null </dev/null
	grep -q 'system calls' typescript &&
		complain 'progress beside a guest that has the terminal'
fi

# Budgets.
vms 124 run --max-procs 20 ./odd bomb
one_error 'stopped: the limit of --max-procs was reached'
left bomb
vms 124 run --clock=virtual --max-procs 20 ./odd bomb
vms 124 run --max-procs 3 ./odd children
vms 0 run --max-procs 4 ./odd children
vms 124 run --max-insns 1000000 ./odd exec "$work/odd"
one_error 'stopped: the limit of --max-insns was reached'
left exec
vms 124 run --max-insns 100 ./odd
vms 124 run --max-insns 100 --limit-insns 50 ./odd
one_error 'limit-insns'
vms 124 run --max-insns 50 --limit-insns 100 ./odd
one_error 'max-insns'
vms 124 run --max-faults 3 ./odd
one_error 'stopped: the limit of --max-faults was reached'
vms 0 run --max-faults 100000 ./odd

# An expected status.
vms 0 run --expect-exit 7 ./odd x 7
[ ! -s err ] || complain "what was expected is said: $(cat err)"
vms 1 run --expect-exit 7 ./odd x 8
one_error "the guest's status is 8, --expect-exit is 7"
vms 0 run --expect-exit 143 ./odd killed
vms 124 run --expect-exit 0 --timeout 0.3 ./odd spin
vms 126 run --expect-exit 126 /

# Calls that nobody knows.
vms 0 run ./odd unknown
one_error 'not provided .ENOSYS.: lookup_dcookie .2 times., number 480, numbers above'
vms 125 run --strict ./odd unknown
one_error 'odd .process [0-9]+. made system call 212 .lookup_dcookie., which is not'
vms 0 run --strict ./odd probe
[ ! -s err ] || complain "a probe is no news: $(cat err)"
vms 0 run --strace ./odd probe
says err 'inotify_init1\(0\) .*ENOSYS .*/\* not provided: the host'

# Random addresses, the same for the same seed.
vms 0 run --aslr --seed 1 --clock=virtual --strace=one ./odd
vms 0 run --aslr --seed 1 --clock=virtual --strace=again ./odd
vms 0 run --aslr --seed 2 --clock=virtual --strace=two ./odd
cmp -s one again || complain '--aslr: one seed, two runs'
cmp -s one two && complain '--aslr: two seeds, one run'

# Statistics of calls: the same under the virtual clock.
vms 0 run --stats --clock=virtual ./odd children
says err '^  processes +4$'
says err '^ +3 +clone$|^ +3 +fork$'
sed -n '/^ *calls/,$p' err >first
vms 0 run --stats --clock=virtual ./odd children
sed -n '/^ *calls/,$p' err | cmp -s - first || complain '--stats differs'
vms 0 run --stats ./odd children
says err '^% time     seconds  usecs/call     calls    errors syscall$'
says err '^100\.00 .* total$'
exit $failed
