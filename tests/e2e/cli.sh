#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The options, messages and exit statuses of the program (docs/cli.md).
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
guests=$(cd "$here/../guest" && pwd)
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

# count FILE: the number of instructions that --stats printed.
count() {
	sed -n 's/^  instructions  *//p' "$1"
}

# Help and version go to stdout.
vms 0 --version
says out '^vmspace [0-9]+\.[0-9]+\.[0-9]+$'
vms 0 --help
says out '^Exit status:$'
says out '^  run '
says out '^    1 .*replay, trace, bisect, golden:$'
says out '^    2 .*replay, trace, bisect, golden, pack: '
vms 0 help
says out '^Commands:$'
vms 0 help run
for option in strace trace memory env clear-env limit-insns clock seed ids stats \
	chaos lint timeout max-insns max-faults max-procs expect-exit strict aslr \
	strace-filter strace-strings; do
	says out "^  --$option"
done
vms 0 run --help
says out '^usage: vmspace run'
vms 0 run -h
says out "^usage: vmspace run"
vms 0 doctor --help
says out "Exit status"
vms 0 help doctor
says out 'Exit status'

# Wrong usage is 2 and one line.
while read -r pattern arguments; do
	# shellcheck disable=SC2086
	vms 2 $arguments
	one_error "$(echo "$pattern" | tr _ ' ')"
done <<'END'
a_command_is_missing
'launch'_is_not_a_command launch
'launch'_is_not_a_command help launch
PROGRAM_is_missing run
PROGRAM_is_missing run --stats
PROGRAM_is_missing run --
'--fast'_is_not_an_option run --fast true
'-x'_is_not_an_option run -x true
--stats_takes_no_value run --stats=1 true
--memory_needs_a_value run --memory
--against_needs_a_value replay --against
--rules_needs_a_value replay --against x --rules
help_takes_one_command help run it
'peek'_is_not_a_command_of_trace help trace peek
/dev/null:_a_recording_must_be_a_file_that_can_be_read replay /dev/null
--memory_needs_a_value run --memory= true
--memory_takes_a_size run --memory lots true
--memory_takes_a_size run --memory 1MB true
--memory_takes_a_size run --memory -1 true
--memory_takes_a_size run --memory 99999999999999999999 true
--memory_takes_a_size run --memory 17179869184G true
outside_1M run --memory 512K true
outside_1M run --memory 1000G true
multiple_of_4096 run --memory 2000001 true
--limit-insns_takes run --limit-insns 0 true
--limit-insns_takes run --limit-insns many true
--seed_takes run --seed 0x true
--ids_takes run --ids 7 true
--ids_takes run --ids 7:x true
--ids_takes run --ids 4294967295:1 true
--clock_takes run --clock=sundial true
--timeout_takes run --timeout soon true
--timeout_takes run --timeout 0 true
--timeout_takes run --timeout 1.x true
--max-insns_takes run --max-insns 0 true
--max-faults_takes run --max-faults x true
--max-procs_takes run --max-procs -1 true
--expect-exit_takes run --expect-exit 256 true
'peek'_is_no_system_call run -e trace=open,peek true
'%fil'_is_no_system_call run --strace-filter=%fil true
--strace-strings_takes run -s 0 true
--trace_takes run --trace=blocks true
--trace_takes run --trace=insn: true
--env_takes run --env NAME true
--env_takes run --env =value true
--strace_needs run --strace= true
doctor_takes_no_argument doctor run
END

# What cannot be run.
vms 127 run ./missing
one_error '\./missing: no such program'
vms 127 run no-such-program-anywhere
vms 126 run /
one_error '/: Is a directory'
cp "$guests/hello.elf" plain
chmod 644 plain
vms 126 run ./plain
one_error '\./plain: not a file that may be executed'
printf '#! \n' >script
printf 'just text\n' >text
: >empty
head -c 200 "$guests/hello.elf" >short
head -c 300 "$guests/hello.elf" | tail -c 236 >headless
chmod 755 script text empty short headless
vms 126 run ./script
one_error '\./script: is a script .#!. whose first line names no interpreter'
vms 126 run ./text
one_error '\./text: is not an ELF file but text .* name the shell before it'
vms 126 run ./empty
one_error '\./empty: is empty'
vms 126 run ./short
one_error '\./short: is truncated: '
vms 126 run ./headless
one_error 'not an ELF file'

# The guest's stdin, stdout, arguments, directory and status.
vms 0 run "$guests/hello.elf" one two
says out '^Hello from inside a vmspace!$'
says out '^Arguments, with my name: 3$'
vms 42 run -- "$guests/exit_status.elf"
[ ! -s err ] || complain "stderr of a guest that says nothing: $(cat err)"
vms 139 run "$guests/read_null.elf"
says err '^vmspace: '
says err '0x10|0000000000000010'
mkdir bin
cp "$guests/hello.elf" bin/greeting
PATH=/nowhere:$work/bin:$PATH vms 0 run greeting
says out '^Hello'
vms 0 run --env "PATH=$work/bin" greeting
vms 127 run --env PATH=/nowhere greeting

# The environment.
A=inherited vms 0 run --env B=set "$guests/stack_args.elf"
says out '^A=inherited$'
says out '^B=set$'
A=inherited vms 0 run --env A=replaced --env A=again "$guests/stack_args.elf"
says out '^A=again$'
[ "$(grep -c '^A=' out)" = 1 ] || complain 'A is there twice'
A=inherited vms 0 run --clear-env --env B=only "$guests/stack_args.elf"
[ "$(grep -c '=' out)" = 1 ] || complain 'not only B after --clear-env'

# --strace, to stderr and to a file.
vms 0 run --strace "$guests/hello.elf"
says err 'write\(1, '
says err 'exit\(0\)|exit_group\(0\)'
says out '^Hello'
vms 0 run --strace=calls "$guests/hello.elf"
says calls 'write\(1, '
[ ! -s err ] || complain '--strace=FILE writes to stderr'
vms 125 run --strace=no/such/dir "$guests/hello.elf"
one_error 'no/such/dir cannot be written'

# --stats, --limit-insns, --trace=insn count the same instructions.
vms 42 run --stats "$guests/exit_status.elf"
[ "$(count err)" = 3 ] || complain "exit_status runs $(count err) instructions"
says err '^  trap 0x81, system call +1$'
says err '^  system calls +1$'
says err '^  wall time, ms +[0-9.]+$'
vms 0 run --stats "$guests/hello.elf"
total=$(count err)
[ "${total:-0}" -gt 100000 ] || complain "hello runs '$total' instructions"
vms 124 run --limit-insns 1 "$guests/exit_status.elf"
vms 124 run --limit-insns 2 "$guests/exit_status.elf"
one_error 'limit'
vms 42 run --limit-insns 3 "$guests/exit_status.elf"
vms 124 run --limit-insns "$((total - 1))" "$guests/hello.elf"
vms 0 run --limit-insns "$total" --stats "$guests/hello.elf"
[ "$(count err)" = "$total" ] || complain 'two runs, two counts'
vms 42 run --trace=insn:insns "$guests/exit_status.elf"
[ "$(grep -Ec '(mov|syscall)' insns)" = 3 ] ||
	complain "trace: $(cat insns)"
says insns 'syscall'
vms 42 run --trace=insn "$guests/exit_status.elf"
says err 'mov'

# A log that cannot be written ends the run at once.
if [ -w /dev/full ]; then
	for option in --strace --trace=insn; do
		"$program" run $option "$guests/hello.elf" >out 2>/dev/full
		got=$?
		[ "$got" = 125 ] || complain "$option 2>/dev/full: $got"
		grep -q prime out && complain "$option 2>/dev/full: runs on"
	done
	vms 125 run --strace=/dev/full "$guests/exit_status.elf"
	one_error '/dev/full could not be written'
fi

# The other options do not change a result.
for options in --chaos --lint '--clock=virtual' '--clock host' '--seed 7' \
	'--memory 64M' '--memory=2G' '--chaos --stats --clock=virtual'; do
	# shellcheck disable=SC2086
	vms 0 run $options "$guests/hello.elf"
	says out 'prime number: 104729$'
done

# A virtual clock and a seed: the same run twice, byte by byte.
if on_x86_64_linux; then
	cat >repeat.c <<-'END'
		#include <stdio.h>
		#include <sys/random.h>
		#include <time.h>

		int
		main(void)
		{
			unsigned long long number = 0;
			struct timespec a, b;

			getrandom(&number, sizeof(number), 0);
			clock_gettime(CLOCK_REALTIME, &a);
			for (volatile int i = 0; i < 100000; i++)
				;
			clock_gettime(CLOCK_REALTIME, &b);
			printf("%llx %p %ld.%09ld %ld\n", number, (void *)&number,
			    (long)a.tv_sec, a.tv_nsec,
			    (long)((b.tv_sec - a.tv_sec) * 1000000000 +
				b.tv_nsec - a.tv_nsec));
			return 0;
		}
	END
	${CC:-cc} -static -O1 -D_GNU_SOURCE -o repeat repeat.c || failed=1
	vms 0 run --clock=virtual --seed 1 --clear-env ./repeat
	cp out first
	vms 0 run --clock=virtual --seed 1 --clear-env ./repeat
	cmp -s out first || complain "two virtual runs: $(cat first out)"
	vms 0 run --clock=virtual --seed 2 --clear-env ./repeat
	cut -d ' ' -f 1 first >seed1
	cut -d ' ' -f 1 out >seed2
	cmp -s seed1 seed2 && complain 'two seeds, one random number'
	if [ -n "$(command -v ldd)" ]; then
		sed '/sleep/d' repeat.c >dynamic.c
		${CC:-cc} -D_GNU_SOURCE -o dynamic dynamic.c
		vms 0 run --clock=virtual --seed 1 --clear-env ./dynamic
		says out '^[0-9a-f]'
		${CC:-cc} -D_GNU_SOURCE -Wl,--dynamic-linker=/nowhere/ld.so \
			-o lost dynamic.c
		vms 127 run ./lost
		one_error '\./lost: its interpreter /nowhere/ld\.so cannot be'
	fi
fi

# doctor
vms 0 doctor
says out '^unicorn +[0-9.]+, usable$'
says out '^host page +[0-9]+ bytes$'
says out '^guest memory '
says out '^verdict +guests can run$'

# A full disk is an error.
if [ -w /dev/full ]; then
	"$program" --help >/dev/full 2>err
	[ $? = 125 ] || complain 'vmspace --help >/dev/full succeeds'
	one_error 'cannot write to stdout'
fi
exit $failed
