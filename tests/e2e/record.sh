#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# vmspace record: what it shows and keeps, what it changes (nothing), and how
# it fails.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
guests=$(cd "$here/../guest" && pwd)
exec </dev/null
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

# record FILE [OPTION...] PROGRAM...: records in the way that can be repeated,
# with the options in "extra".
extra=
record() {
	file=$1
	shift
	# shellcheck disable=SC2086
	"$program" record $extra -o "$file" --clock=virtual --clear-env "$@" \
		</dev/null
}

# unchanged NAME [OPTION...] PROGRAM...: recorded or not, the same output,
# status and system calls.  Recorded twice, the same file; guests ask what
# stdout is, so it is a file that does not change.
unchanged() {
	name=$1
	shift
	"$program" run --clock=virtual --clear-env --strace=calls.run \
		"$@" >out.run 2>err.run </dev/null
	status=$?
	record 1.vmt --strace=calls "$@" >out 2>err
	got=$?
	[ "$got" = "$status" ] || complain "$name: recorded $got, else $status"
	for what in out err calls; do
		cmp -s $what $what.run || {
			complain "$name: recorded, another $what"
			diff $what.run $what | head -n 5
		}
	done
	for i in 1 2; do
		record $i.vmt "$@" >/dev/null 2>&1
	done
	cmp 1.vmt 2.vmt || complain "$name: two recordings, two files"
	[ ! -e 1.vmt.partial ] || complain "$name: 1.vmt.partial is left"
}

# Help and wrong usage.
vms 0 record --help
for option in output undeclared check-declared written verify digest \
	checkpoint max-size ring record-optional strace memory; do
	says out "^  --$option"
done
vms 2 record
one_error 'PROGRAM is missing'
vms 2 run -o x true
one_error "'-o' is not an option of run"
vms 2 run --written true
one_error "'--written' is not an option of run"
vms 2 record -o
one_error '--output needs a value'
vms 2 record --max-size lots true
one_error '--max-size takes a size'
vms 2 record --digest 0 true
one_error '--digest takes a number'
vms 2 record --verify=some true
one_error '--verify takes normal or full'
vms 2 record --undeclared --check-declared true
one_error 'exclude each other'
vms 2 record - true
one_error "'-' is not an option of record"

# The file's name.
vms 42 record "$guests/exit_status.elf"
[ -s exit_status.elf.vmt ] || complain 'no exit_status.elf.vmt'
if [ -s out ] || [ -s err ]; then
	complain "record says: $(cat out err)"
fi
vms 42 record -onamed.vmt "$guests/exit_status.elf"
vms 42 record --output=named2.vmt "$guests/exit_status.elf"
cmp -s named.vmt named2.vmt || complain '-o and --output differ'
vms 42 record --stats -o s.vmt "$guests/exit_status.elf"
says err "^  bytes of the file +$(($(wc -c <s.vmt)))\$"
says err '^  events +[1-9]'
says err '^  instructions recorded +3$'
says err '^  digest [0-9a-f]{32}$'

# A file that cannot be made: the guest does not run.
vms 125 record -o no/such/dir "$guests/hello.elf"
one_error 'no/such/dir cannot be recorded: No such file'
[ ! -s out ] || complain 'the guest ran without its recording'
vms 127 record -o never ./missing
if [ -e never ] || [ -e never.partial ]; then
	complain 'a recording of nothing'
fi

# Recording changes nothing, and twice gives the same bytes.
for guest in atomics auxv brk bss_zero div_zero exit_status fpu hello int3 \
	kill_self page_cross read_null rep_movs_cross segv_handler smc \
	smc_own_page stack_args static_pie syscall_registers; do
	unchanged $guest "$guests/$guest.elf"
done
unchanged chaos --chaos "$guests/smc.elf"
unchanged limit --limit-insns 1000 "$guests/hello.elf"
for options in --undeclared --check-declared --written --verify=full \
	'--digest 1000' '--seed 7 --memory 64M'; do
	# shellcheck disable=SC2086
	vms 0 record $options -o o.vmt "$guests/hello.elf" one two
	says out '^Arguments, with my name: 3$'
	[ ! -s err ] || complain "$options: $(cat err)"
done

# A cap ends the recording, not the guest.
vms 0 record -o capped.vmt --max-size 4K --digest 10 --stats \
	"$guests/hello.elf"
says out 'prime number: 104729$'
[ "$(wc -c <capped.vmt)" -le 4096 ] || complain 'capped.vmt is too large'
says err 'ended at the size of --max-size'
says err '^vmspace: capped.vmt: .* its largest size, after [0-9]+ events$'

busybox=$(busybox_find)
if on_x86_64_linux && [ -n "$busybox" ]; then
	mkdir tree
	for i in 1 2 3 4 5 6; do
		seq "$i" 3000 >tree/$i
	done
	unchanged sha256sum "$busybox" sha256sum tree/1 tree/2 missing
	unchanged find "$busybox" find tree -size +1
	unchanged sort "$busybox" sort -n tree/1 tree/2
	unchanged sh "$busybox" sh -c 'cd tree; echo *; read line <1; exit 3'
	unchanged gzip "$busybox" gzip -c tree/3
	unchanged sleep "$busybox" sleep 1

	# Nothing that was accepted before the cap is lost at the end.
	"$program" record -o uncut.vmt "$busybox" sort -n tree/1 >out 2>err
	size=$(($(wc -c <uncut.vmt) * 3 / 4))
	vms 0 record -o capped.vmt --max-size "$size" "$busybox" sort -n tree/1
	one_error 'capped.vmt: .* ends at its largest size, after'
	events=$(sed -n 's/.* after \([0-9]*\) events$/\1/p' err)
	[ "$events" -ge 50 ] || complain "capped.vmt has $events events"
	[ "$(wc -c <capped.vmt)" -le "$size" ] ||
		complain "capped.vmt has more than $size bytes"
	vms 0 replay capped.vmt
	says out "^same: $events events, .* ends at its largest size$"
	for extra in --undeclared --check-declared '--written --verify=full'; do
		unchanged "find $extra" "$busybox" find tree
	done
	extra=

	# A full disk: what bounds the size of a file stands in for it.  It
	# bounds the guest's memory too.
	head -c 14000000 /dev/urandom >noise
	full='ulimit -f 12000; exec "$@"'
	sh -c "$full" sh "$program" record -o full.vmt --memory 4M "$busybox" \
		md5sum noise noise >out 2>err
	got=$?
	[ "$got" = 125 ] || complain "full disk: status $got"
	says err '^vmspace: .* stays full.vmt.partial: File too large'
	if [ ! -s full.vmt.partial ] || [ -e full.vmt ]; then
		complain 'no full.vmt.partial'
	fi
	[ ! -s out ] || complain 'the guest ran on with a full disk'
	sh -c "$full" sh "$program" record --record-optional -o full.vmt \
		--memory 4M "$busybox" md5sum noise >out 2>err
	got=$?
	[ "$got" = 0 ] || complain "full disk, optional: status $got"
	"$busybox" md5sum noise | cmp -s - out || complain 'full disk: wrong sum'
	[ "$(grep -c 'the rest is not recorded' err)" = 1 ] ||
		complain "full disk, optional: $(cat err)"

	# A recording that is killed leaves what it has.
	mkfifo hang
	"$program" record -o killed.vmt "$busybox" cat noise hang >out &
	pid=$!
	while [ "$(wc -c <out)" -lt 14000000 ]; do
		kill -0 "$pid" || break
	done
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	if [ ! -s killed.vmt.partial ] || [ -e killed.vmt ]; then
		complain 'no killed.vmt.partial'
	fi
	if "$program" help | grep -q '^  trace '; then
		vms 0 trace info killed.vmt.partial
		says out 'cut short|truncated'
	fi
fi

# What is not the same in two runs of the host is what is recorded.
if on_x86_64_linux; then
	cat >clock.c <<-'END'
		#include <stdio.h>
		#include <time.h>

		int
		main(void)
		{
			unsigned low, high;
			struct timespec now;

			__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
			clock_gettime(CLOCK_REALTIME, &now);
			printf("%u %u %ld %ld\n", high, low, (long)now.tv_sec,
			    now.tv_nsec);
			return 0;
		}
	END
	${CC:-cc} -static -O1 -D_GNU_SOURCE -o clock clock.c || failed=1
	unchanged clock ./clock
	extra=--undeclared
	unchanged 'clock, undeclared' ./clock
fi

# What cannot be loaded leaves an older recording as it is.
vms 0 record -o old.vmt "$guests/hello.elf"
cp old.vmt kept.vmt
head -c 300 "$guests/hello.elf" >spoilt
chmod +x spoilt
vms 126 record -o old.vmt ./spoilt
one_error 'is truncated'
cmp -s old.vmt kept.vmt || complain 'the older recording is gone'

exit $failed
