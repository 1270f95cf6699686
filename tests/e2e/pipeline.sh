#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Recordings of guests that fork: a shell's pipeline is recorded, replayed,
# compared, packed, kept as a golden file and bisected.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
on_x86_64_linux || exit 77
command -v dash >/dev/null || exit 77
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

script='echo one two | wc -w; seq 1 30 | sort -r | head -n 2; (exit 3); echo $?'
printf '2\n9\n8\n3\n' >expected

# record FILE OPTION...: its output is in out.
record() {
	file=$1
	shift
	vms 0 record -o "$file" --clock=virtual --clear-env --ids 0:0 \
		--env PATH=/usr/bin:/bin "$@" dash -c "$script"
	cmp -s out expected || complain "$file: output: $(cat out)"
}

record one.vmt
vms 0 replay one.vmt
says out '^same: '
record two.vmt
cmp -s one.vmt two.vmt || complain 'two recordings, two files'
vms 0 trace diff one.vmt two.vmt
vms 0 trace calls one.vmt
says out 'wait4\(-1, \[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 3\}\], 0, NULL\) = '
says out 'execve\("/usr/bin/sort", \["sort", "-r"\], .* = 0$'
[ "$(grep -c ' = ?$' out)" = "$(grep -c 'exit_group(' out)" ] ||
	complain "calls without an end: $(grep ' = ?$' out | head -n 5)"
vms 0 pack one.vmt
vms 0 replay one.vmt.packed
record other.vmt --seed 5
vms 1 bisect one.vmt other.vmt
says out '^first instruction that differs: '
record checked.vmt --check-declared
record ring.vmt --ring 64K
vms 0 replay ring.vmt

# Threads.
cat >threads.c <<'END'
#include <pthread.h>
#include <stdio.h>

static void *
count(void *arg)
{
	volatile int n = 0;

	while (n < 300000)
		n++;
	return arg;
}

int
main(void)
{
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, count, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return puts("done") < 0;
}
END
if ${CC:-cc} -O1 -pthread -o threads threads.c; then
	vms 0 record -o threads.vmt --clock=virtual ./threads
	vms 0 replay threads.vmt
	vms 0 trace calls threads.vmt
	says out 'futex\(.*\) = 0$'
fi

mkdir golden
cp "$(command -v dash)" shell
echo "pipeline: ../shell -c 'echo a | cat'" >golden/golden.txt
vms 0 golden record golden
vms 0 golden check golden
exit $failed
