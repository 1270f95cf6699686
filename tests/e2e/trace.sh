#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Reading recordings: vmspace trace, bisect, golden and pack.  What is expected
# of hello.elf is known from its source.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
guests=$(cd "$here/../guest" && pwd)
exec </dev/null
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

# lines FILE NUMBER
lines() {
	[ "$(wc -l <"$1")" = "$2" ] ||
		complain "$1 has $(wc -l <"$1") lines, expected $2"
}

# all_json NUMBER: out is so many lines, each an object; checked whole where
# there is something to check it with.
all_json() {
	lines out "$1"
	grep -Evq '^\{".*\}$' out && complain "no object: $(head -n 1 out)"
	command -v python3 >/dev/null || return
	python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' <out || complain 'not JSON'
}

record() {
	"$program" record --clear-env --clock=virtual --seed 1 \
		--ids=1000:1000 -o "$@" >/dev/null 2>&1 </dev/null
}

cp "$guests/hello.elf" hello
record a.vmt ./hello one two
record b.vmt ./hello one TWO
record c.vmt ./hello one two three
record smc.vmt "$guests/smc.elf"
record fault.vmt "$guests/write_to_ro_page.elf"

# Wrong usage is 2 and one line.
while read -r pattern arguments; do
	# shellcheck disable=SC2086
	vms 2 $arguments
	one_error "$(echo "$pattern" | tr _ ' ')"
done <<'END'
trace_needs_a_command trace
'peek'_is_not_a_command trace peek a.vmt
trace_info_needs_FILE trace info
trace_info_takes_FILE,_not_also_'b.vmt' trace info a.vmt b.vmt
trace_diff_needs_A_B trace diff a.vmt
'--from'_is_not_an_option_of_trace_info trace info --from 1 a.vmt
'--fast'_is_not_an_option trace events --fast a.vmt
--json_takes_no_value trace events --json=1 a.vmt
--from_needs_a_value trace events a.vmt --from
--from_takes_@N|N,_not_'x' trace events --from x a.vmt
--event_takes_N[[]..M[]],_not_'5..4' trace events --event 5..4 a.vmt
--from_is_behind_--to trace events --from 5 --to 4 a.vmt
--id_takes_N,_not_'0' trace mem --id 0 a.vmt 0x1000
trace_mem_needs_FILE trace mem a.vmt
trace_mem_takes_ADDR[[],LEN[]] trace mem a.vmt here
trace_mem_takes_ADDR[[],LEN[]] trace mem a.vmt 0x1000,0
trace_mem_takes_ADDR[[],LEN[]] trace mem a.vmt 0xffffffffffffffff,2
bisect_needs_A_B bisect a.vmt
golden_takes_record golden
golden_takes_record golden show .
golden_check_needs_a_DIR golden check
pack_needs_FILE pack
missing.vmt:_ trace info missing.vmt
missing.vmt:_ trace diff a.vmt missing.vmt
missing.vmt:_ bisect missing.vmt a.vmt
hello:_ trace insns hello
hello:_ pack hello
END
for command in trace bisect golden pack; do
	vms 0 help $command
	says out "^usage: vmspace $command "
	vms 0 $command --help
done
for ask in 'trace mem --help' 'help trace mem' 'trace mem -h'; do
	# shellcheck disable=SC2086
	vms 0 $ask
	says out 'vmspace trace mem FILE ADDR'
done
for ask in 'golden check --help' 'help golden check'; do
	# shellcheck disable=SC2086
	vms 0 $ask
	says out '^usage: vmspace golden record'
done

# info: counts that the guest's source tells.
vms 0 trace info a.vmt
says out '^note  *command=./hello one two$'
says out '^note  *personality=linux$'
says out '^recording  *declared$'
says out '^ended  *complete$'
says out '^index  *present$'
says out '^system calls  *6$'
says out "^file bytes  *$(($(wc -c <a.vmt)))$"
says out '^stream digest  *[0-9a-f]{32}$'
digest=$(sed -n 's/^stream digest *//p' out)
events=$(sed -n 's/^events  *\([0-9]*\)$/\1/p' out)
insns=$(sed -n 's/^instructions  *//p' out)
"$program" run --stats ./hello >/dev/null 2>err
says err "^  instructions  *$insns$"
"$program" record -o odd.vmt ./hello "$(printf 'a\033\\b')" >/dev/null
vms 0 trace info odd.vmt
says out '^note  *command=./hello a\\x1b\\\\b$'
vms 0 trace info --json a.vmt
all_json 1
says out '"syscalls":6,'
says out "\"stream_digest\":\"$digest\""

"$program" record --clear-env --undeclared --verify=full -o searched.vmt \
	./hello >/dev/null
vms 0 trace info searched.vmt
says out '^recording  *searched digest-run$'

# events, and ranges of them.
vms 0 trace events a.vmt
lines out "$events"
says out '^@0 0 call proc_open '
says out '^@[0-9]+ 0 run .*insns=6 how=trap.* out\[.*rdx=0x1d'
cp out all
vms 0 trace events --json a.vmt
all_json "$events"
vms 0 trace events a.vmt --event 3..5
sed -n '4,6p' all | cmp -s - out || complain 'events 3..5 are others'
vms 0 trace events --from=@3 a.vmt --to @5
lines out 3
vms 0 trace events --event 4 a.vmt
sed -n '5p' all | cmp -s - out || complain 'event 4 is another'
vms 0 trace events --from 11 --to 13 a.vmt
lines out 1
says out '^@[0-9]+ 11 run .*insns=3'
vms 0 trace events --from "@$events" a.vmt
lines out 0

# A range with nothing in it says what there is.
nothing() {
	vms 0 trace "$@"
	lines out 0
	one_error "$range"
}
range="a.vmt: nothing in this range: it holds events 0 to $((events - 1)) and"
range="$range instructions 0 to $((insns - 1))$"
nothing events --event 99999999 a.vmt
nothing events --event 99999999 --json a.vmt
nothing insns --insn 99999999 a.vmt
nothing insns --insn 99999999 --json a.vmt
nothing blocks --insn 99999999 a.vmt
nothing blocks --count --insn 99999999 a.vmt
nothing calls --insn 99999999 a.vmt
nothing mem --insn 99999999 a.vmt 0x401278

# calls
vms 0 trace calls a.vmt
lines out 6
says out '^@[0-9]+  *6  write\(1, "Hello from inside a vmspace!\\n", 29\) *= 29$'
says out '^@[0-9]+  *[0-9]+  write\(1, "104729\\n", 7\) *= 7$'
says out 'exit\(0\) *= \?$'
vms 0 trace calls --to 11 a.vmt
lines out 2
vms 0 trace calls --json a.vmt
all_json 6
says out '"nr":1,"args":\["0x1",.*"result":"0x1d","text":"write'
record rows.vmt "$guests/segv_handler.elf"
vms 0 trace calls rows.vmt
says out 'rt_sigaction\(SIGSEGV, \{sa_handler='

# insns: the page fault that brings the first page, then the program.
vms 0 trace insns --to 4 a.vmt
says out '^  *0 00000000004000e8 .*\(not readable\)$'
says out '^  *run @[0-9]+ ends: page fault, the instruction is not done$'
says out '^  *0 00000000004000e8 48 8b 1c 24  *mov rbx, qword ptr \[rsp\]$'
says out '^  *rbx 0x0 -> 0x3$'
says out '^  *read \[0x7f[0-9a-f]*\] 0300000000000000$'
vms 0 trace insns --insn 5 a.vmt
says out ' syscall$'
says out 'run @[0-9]+ ends: system call$'
grep -q ' 6 0000' out && complain 'insns: one too many'
vms 0 trace insns --insn 12 --json a.vmt
all_json 1
says out '"bytes":"e8[0-9a-f]{8}","text":"call .*"writes":\[\{"address":"0x7f'
vms 0 trace insns --from 15865270 a.vmt
says out ' syscall$'
lines out "$(grep -c . out)"
run=$(sed -n 's/^@\([0-9]*\) 6 run .*/\1/p' all)
vms 0 trace insns --event "$run" --json a.vmt
all_json 5
record fpu.vmt "$guests/fpu.elf"
vms 0 trace insns fpu.vmt
says out '^  *xmm[0-9]+ 0x[0-9a-f]{32} -> 0x[0-9a-f]{32}$'
says out '^  *st0 0x'

# blocks: as many instructions as insns, and the division loop is the hottest.
vms 0 trace blocks --to 60 a.vmt
says out '^  *0 00000000004000e8   28 bytes      6 insns$'
vms 0 trace blocks --count --to 200000 a.vmt
says out '^[0-9a-f]{16} +[0-9]+ bytes +[0-9]+ times +[0-9]+ insns$'
total=$(awk '{ sum += $6 } END { print sum }' out)
[ "$total" = 200001 ] || complain "blocks: $total instructions"
vms 0 trace blocks --json --to 20 a.vmt
all_json 4
says out '"rip":"0x400104","bytes":24,"insns":5'

# mem: the digits of 104729 are stored from the last to the first.
where=$("$program" trace insns --insn 15865211..15865214 a.vmt |
	sed -n 's/^ *write \[\(0x[0-9a-f]*\)\].* -> 0a$/\1/p')
[ -n "$where" ] || where=0x40127f
vms 0 trace mem a.vmt "$where"
says out "mov byte ptr \[rsi\], 0xa  \[$where\] 00 -> 0a$"
vms 0 trace mem a.vmt 0x401278,8
says out '^  *14 @[0-9]+ .*kernel: input  \[0x401278\] \(not mapped\) -> 0{16}$'
digits=$(sed -n 's/.*dl  \[.*-> 3\([0-9]\)$/\1/p' out | tail -n 6 | tr -d '\n')
[ "$digits" = 927401 ] || complain "mem: digits $digits"
vms 0 trace mem --json a.vmt 0x401278,8
says out '"by":"kernel",.*"kind":"input"'
says out '"by":"guest",.*"text":"mov byte ptr \[rsi\], dl",.*"old":"00","new":"33"'
all_json "$(grep -c . out)"
vms 0 trace mem --to 20 a.vmt 0x401278,8
lines out 2
range='a.vmt: it has no vmspace 7$'
nothing mem --id 7 a.vmt 0x401278,8
range='a.vmt: nothing has written to these bytes$'
nothing mem a.vmt 0x10000000

# pages: as many inputs as there are events of them.
vms 0 trace pages a.vmt
[ "$(grep -c '^@' out)" = "$(grep -c '^@[0-9]* [0-9]* input ' all)" ] ||
	complain 'pages: another number of inputs'
says out '^@[0-9]+ 14 object 1 offset 0x[0-9a-f]+ 4096 bytes, first zero$'
says out '^all .* pages entered,'
vms 0 trace pages --json a.vmt
says out '"sum":"object 1","object_bytes":[0-9]+,'
all_json "$(grep -c . out)"

# diff: another letter in an argument, one argument more, another program.
vms 0 trace diff a.vmt a.vmt
says out "^all $events events are the same$"
vms 1 trace diff a.vmt b.vmt
says out '^first difference: event @[0-9]+, after 0 instructions, bytes: '
says out '^A @[0-9]+ 0 input '
says out '^B @[0-9]+ 0 input '
vms 1 trace diff a.vmt c.vmt
says out ', rsp: |, in.rsp: |bytes: '
vms 1 trace diff --json a.vmt b.vmt
all_json 1
says out '"same":false,.*"field":"bytes"'
vms 1 trace diff a.vmt smc.vmt
"$program" record --clear-env --clock=virtual --seed 1 --ids=1000:1000 \
	--max-size 1K -o short.vmt ./hello one two >/dev/null 2>&1
vms 1 trace diff a.vmt short.vmt
says out 'B ends, A goes on'
vms 1 trace diff short.vmt a.vmt
says out 'A ends, B goes on'

# bisect: the argument count is the first thing that hello reads.
vms 0 bisect a.vmt a.vmt
says out '^the recordings are the same$'
vms 1 bisect a.vmt c.vmt
says out '^first instruction that differs: 0$'
says out '^A  *0 .*mov rbx, qword ptr \[rsp\]$'
says out '^  *rbx 0x0 -> 0x3$'
says out '^  *rbx 0x0 -> 0x4$'
says out '^registers before it: rsp 0x7f[0-9a-f]* in A, 0x7f[0-9a-f]* in B$'
vms 1 bisect --json a.vmt c.vmt
all_json 3
says out '"same":false,.*"insn":0'
record d.vmt "$guests/bss_zero.elf" one
record e.vmt "$guests/bss_zero.elf" TWO
vms 1 bisect d.vmt e.vmt
says out '^every instruction that both executed is the same$'

# What is cut short is read as far as it goes, and packed into a whole.
size=$(wc -c <a.vmt)
head -c $((size - 180)) a.vmt >cut.vmt.partial
vms 0 trace info cut.vmt.partial
says out '^ended  *cut short$'
says out '^index  *missing'
vms 0 pack cut.vmt.partial
one_error 'cut.vmt.partial was cut short; packed up to there'
says out '^cut.vmt.packed: [0-9]+ events, 1 file, '
vms 0 replay cut.vmt.packed
vms 0 trace info cut.vmt.packed
says out '^ended  *complete$'

# pack: everything that the trace needs, where the program is not.
vms 0 pack -o packed.vmt a.vmt
says out "^packed.vmt: $events events, 1 file, "
mkdir elsewhere
mv packed.vmt elsewhere
cd elsewhere || exit 1
vms 0 replay packed.vmt
says out "^same: $events events, $insns instructions"
vms 0 trace info packed.vmt
says out '^embedded file  *\./hello, [0-9]+ bytes$'
says out "^stream digest  *$digest$"
vms 2 pack -o packed.vmt packed.vmt
one_error 'into itself'
vms 0 pack packed.vmt
says out '^packed.vmt.packed: .* 1 file, '
vms 0 trace diff packed.vmt packed.vmt.packed
cd .. || exit 1
vms 125 pack -o missing/out a.vmt
one_error 'missing/out: '

# golden
mkdir golden
cp hello golden
cat >golden/golden.txt <<'END'
# Comments and empty lines do not count.

hello: hello one two
status: ./exit.elf
END
cp "$guests/exit_status.elf" golden/exit.elf
vms 0 golden record golden
lines out 2
says out '^hello: written$'
says golden/hello.golden '^program hello one two$'
says golden/status.golden '^status 42$'
says golden/hello.golden "^end [0-9]+ $insns [0-9a-f]{32}$"
grep -q "$work\|Unicorn\|2\.1" golden/*.golden && complain 'golden: the host'
vms 2 golden record golden
grep -Eq 'is there already' err || complain 'golden: overwritten'
vms 0 golden check golden
says out '^2 same, 0 different$'
vms 0 golden check golden status
says out '^1 same, 0 different$'
vms 2 golden check golden stat
one_error "no line 'stat'"
mv golden moved
vms 0 golden check moved
cp moved/hello.golden kept
sed -i.old 's/one two/one Two/' moved/golden.txt
vms 1 golden check moved
says out '^hello: different from line 2 '
says out '^  -     2  program hello one two$'
says out '^  \+     2  program hello one Two$'
says out '^status: same$'
sed 's/^program .*/program hello one Two/' kept >moved/hello.golden
vms 1 golden check moved hello
says out '^  - .* input .*bytes='
says out '^  \+ .* input .*bytes='
vms 0 golden update moved hello
vms 0 golden check moved
cmp -s kept moved/hello.golden && complain 'golden: nothing updated'
sed '$d' kept >moved/hello.golden
mv moved/golden.txt.old moved/golden.txt
vms 1 golden check moved hello
says out '\(no more lines\)'
rm moved/hello.golden
vms 2 golden check moved
one_error 'hello.golden: '
vms 2 golden check elsewhere
one_error 'elsewhere/golden.txt: '
while read -r pattern line; do
	echo "$line" >moved/golden.txt
	vms 2 golden check moved
	one_error "golden.txt: line 1 $(echo "$pattern" | tr _ ' ')"
done <<'END'
has_no_':' hello
names_no_program hello:
has_a_name_that x/y: hello
END
echo 'gone: ./gone' >moved/golden.txt
vms 125 golden record moved
one_error 'moved/golden.txt: line 1: gone could not be recorded: .*no such program'

# Names of functions, where a program with symbols can be made.
symbols() {
	cat >count.c <<'END'
static volatile long counter;
__attribute__((noinline)) void step(long by)
{
	counter += by;
}
void _start(void)
{
	for (long i = 1; i <= 3; i++)
		step(i);
	__asm__ volatile("syscall" : : "a"(60), "D"(counter));
}
END
	cc -static -nostdlib -O1 -fno-pie -no-pie -fno-stack-protector \
		-fcf-protection=none -o count count.c 2>/dev/null || return
	record count.vmt ./count
	vms 0 trace insns --to 12 count.vmt
	says out '; _start$'
	says out '; step\+0x[0-9a-f]+$'
	counter=0x$(nm count | sed -n 's/ . counter$//p')
	vms 0 trace mem count.vmt "$counter,8"
	[ "$(grep -c '; step+0x' out)" = 3 ] || complain 'mem: not three steps'
	says out '03 -> 06$'
	# The eight bytes after it, in the same page, have no store.
	vms 0 trace mem count.vmt "$(printf '0x%x,8' $((counter + 8)))"
	grep -q step out && complain 'mem: stores to other bytes of the page'
	vms 0 trace blocks --count count.vmt
	says out '3 times .* step$'
	vms 0 pack count.vmt
	mv count elsewhere
	vms 0 trace mem count.vmt "$counter,8"
	grep -q step out && complain 'mem: names without the program'
	vms 0 trace mem count.vmt.packed "$counter,8"
	[ "$(grep -c '; step+0x' out)" = 3 ] || complain 'packed: no names'

	# Stores that Capstone takes for loads.
	cat >stores.c <<'END'
static char bytes[512] __attribute__((aligned(16)));
void _start(void)
{
	__asm__ volatile("lock cmpxchg %%rdx, (%0); movups %%xmm0, (%0);"
			 "movq %%xmm0, (%0); fnstcw (%0); stmxcsr (%0);"
			 "rolb $1, (%0); fxsave (%0); mov $60, %%eax; syscall"
	    : : "b"(bytes), "a"(0L), "D"(0L), "d"(1L) : "memory");
}
END
	cc -static -nostdlib -O1 -fno-pie -no-pie -fno-stack-protector \
		-o stores stores.c
	record stores.vmt ./stores
	bytes=0x$(nm stores | sed -n 's/ . bytes$//p' | sed 's/^0*//')
	vms 0 trace insns stores.vmt
	[ "$(grep -c "^ *write \[$bytes\]" out)" = 7 ] ||
		complain 'insns: not seven stores'
	vms 0 trace mem stores.vmt "$bytes,512"
	[ "$(grep -c '; _start' out)" = 7 ] || complain 'mem: not seven stores'
	vms 0 trace mem stores.vmt "$(printf '0x%x,4' $((bytes + 504)))"
	[ "$(grep -c 'fxsave' out)" = 1 ] || complain 'mem: no fxsave'
	[ "$(grep -c '; _start' out)" = 1 ] || complain 'mem: others'
}
on_x86_64_linux && command -v cc >/dev/null && command -v nm >/dev/null &&
	symbols

exit $failed
