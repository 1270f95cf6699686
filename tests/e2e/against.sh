#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# vmspace replay --against: kernels that are tested with a trace.
#
# usage: against.sh DIRECTORY DATA; DIRECTORY has tiny_vkernel_BUG, the example
# without a mistake (0), with one (1 to 4), and one that
# ends without a word (exits)
# shellcheck disable=SC2016
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
kernels=$1
data=$2
guests=$(cd "$here/../guest" && pwd)
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

# against STATUS COMMAND [OPTION...] FILE
against() {
	wanted=$1
	command=$2
	shift 2
	"$program" replay --against "$command" "$@" >out 2>err </dev/null
	got=$?
	[ "$got" = "$wanted" ] || {
		complain "$command: status $got, expected $wanted"
		cat out err
	}
}

# prints FILE: out is exactly stdin.
prints() {
	cat >wanted
	cmp -s wanted "$1" || {
		complain "$command: $1 is not what was expected"
		diff wanted "$1"
	}
}

says() {
	grep -Eq -e "$2" "$1" || {
		complain "$1 does not say: $2"
		head -n 5 "$1"
	}
}

tiny=$kernels/tiny_vkernel
VMSPACE_RECORD=tiny.vmt VMSPACE_RECORD_OPTIONS=written "${tiny}_0" >out ||
	complain "cannot be recorded"
prints out <<'END'
tiny
END

against 0 "${tiny}_0" tiny.vmt
prints out <<'END'
tiny
same: 37 events
END
against 1 "${tiny}_1" tiny.vmt
prints out <<'END'
tiny
different at event 29: a run where a call is recorded
  recorded:   mcontrol(proc 1, vmspace 1, addr 0x401000, len 0x1000, behav 0xa (inval), value 0x0)
  the kernel: a run of vmspace 1 by lwp 1 at 0x40003c
  before it, event 28 left the guest at 0x40003c with system call 11
END
against 1 "${tiny}_2" tiny.vmt
prints out <<'END'
different at event 17: a run of vmspace 1 at 0x400007
  rax: recorded 0x2a, the kernel gave 0x2b
  before it, event 11 left the guest at 0x400007 with system call 39
END
against 1 "${tiny}_3" tiny.vmt
prints out <<'END'
different at event 27: a run of vmspace 1 at 0x40001a
  memory: object 1, offset 0x5014: recorded 0a, the kernel has 00
  offset 0x5014 is 0x401014 of the guest
  before it, event 23 left the guest at 0x40001a with system call 63
END
against 1 "${tiny}_4" tiny.vmt
prints out <<'END'
different at event 11: a run of vmspace 1 at 0x400000
  memory: object 1, offset 0x3000: recorded 9d, the kernel has 95
  offset 0x3000 is in the page tables, for 0x400000
END

# What may differ.
echo 'allow missing call mcontrol # forgotten' >rules
against 0 "${tiny}_1" --rules rules tiny.vmt
echo 'ignore field tf_rax' >rules
against 0 "${tiny}_2" --rules=rules tiny.vmt
printf '\nignore memory 1 0x5014-0x5015\n' >rules
against 0 "${tiny}_3" --rules rules tiny.vmt
printf '# a comment\nignore field tf_nax\n' >rules
against 2 "${tiny}_3" --rules rules tiny.vmt
says err 'vmspace: rules:2: there is no such register: tf_nax'

# Kernels that come to no verdict.
against 1 "sh -c 'kill -SEGV \$\$'" tiny.vmt
says out 'killed by signal 11 .* had not opened a struct vms'
against 1 false tiny.vmt
says out 'ended with status 1, and had not opened'
against 2 ./missing tiny.vmt
says err "'./missing' cannot be run"

against 0 "${tiny}_exits" tiny.vmt
says out '^same: '

# Traces that are of no use.
"$program" record --clock=virtual -o plain.vmt "$guests/hello.elf" \
	>out 2>err </dev/null || complain "hello: cannot be recorded"
against 2 "$program run $guests/hello.elf" plain.vmt
says err 'recorded without what guests wrote'
"$program" record --written --clock=virtual --checkpoint=100000 --ring=16K \
	-o ring.vmt "$guests/hello.elf" >out 2>err </dev/null ||
	complain "hello: cannot be recorded"
against 2 "$program run --clock=virtual $guests/hello.elf" ring.vmt
says err 'only the end of a recording'
against 2 "${tiny}_0" missing.vmt
printf 'not a trace at all, whatever its name says' >bad.vmt
against 2 "${tiny}_0" bad.vmt

# self PROGRAM [ARGUMENT...]: the reference kernel against itself.
# The recording's options are in "extra".
extra=
self() {
	# shellcheck disable=SC2086
	"$program" record $extra --written --clock=virtual -o self.vmt "$@" \
		>out.1 2>err.1 </dev/null
	[ -e self.vmt ] || complain "$1: cannot be recorded"
	"$program" replay --against "$program run --clock=virtual $*" self.vmt \
		>out 2>err </dev/null || complain "$*: status $?: $(cat out err)"
	sed '$d' out >out.2
	cmp -s out.1 out.2 || complain "$*: prints something else"
	tail -n 1 out | grep -q '^same: [0-9]* events$' ||
		complain "$*: $(tail -n 1 out)"
	rm -f self.vmt
}

for guest in hello exit_status write_to_ro_page; do
	self "$guests/$guest.elf"
done
extra=--undeclared
self "$guests/hello.elf"
extra=

if on_x86_64_linux && busybox=$(busybox_find) && [ -n "$busybox" ]; then
	self "$busybox" echo one two
	self "$busybox" sha256sum "$data/text.txt"
	self "$busybox" sort -r "$data/num.txt"
	self "$busybox" awk '/7/{s+=$1}END{print(s)}' "$data/num.txt"
	self "$busybox" ls -l "$data"
	self "$busybox" find "$data" -name '*1*'
	self "$busybox" ls missing
	extra="--undeclared --chaos"
	self "$busybox" wc "$data/text.txt"
	extra=

	"$program" record --written --clock=virtual -o self.vmt \
		"$busybox" wc "$data/text.txt" >out.1 2>&1
	against 1 "$program run --clock=virtual $busybox wc $data/num.txt" \
		self.vmt
	says out '^different at event'
	against 1 "$program run --clock=virtual --seed=7 $busybox wc $data/text.txt" \
		self.vmt
	says out '^  memory: object 1, offset'
	against 1 "$program run --limit-insns=20000 --clock=virtual $busybox wc $data/text.txt" \
		self.vmt
	says out 'different at event'
fi
exit $failed
