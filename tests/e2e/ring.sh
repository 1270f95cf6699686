#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Recordings with checkpoints, and rings: each is replayed, and instructions are
# shown from the middle on as they are from the start.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
guests=$(cd "$here/../guest" && pwd)
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

# record FILE OPTIONS PROGRAM...
record() {
	file=$1
	options=$2
	shift 2
	# shellcheck disable=SC2086
	"$program" record -o "$file" --clock=virtual --clear-env $options "$@" \
		>out 2>err </dev/null
}

# first FILE: kind of the first event.
first() {
	"$program" trace events "$1" | sed -n '1s/^@[0-9]* [0-9]* //; 1s/ .*//p'
}

# count FILE KIND
count() {
	"$program" trace events "$1" | grep -c "^@[0-9]* [0-9]* $2 "
}

same() {
	"$program" replay "$1" >replayed 2>&1
	grep -q '^same: ' replayed ||
		complain "$1 is not replayed: $(head -n 3 replayed)"
}

# info FILE NAME: a number, or what stands there.
info() {
	"$program" trace info "$1" | sed -n "s/^$2  *//p" | tail -n 1
}

instructions() {
	info "$1" instructions
}

# Of a ring: what is said of it is what is in it, and a copy has it as well.
said_of_ring() {
	"$program" trace events "$1" >all
	number=$(sed -n '1s/^@\([0-9]*\) .*/\1/p' all)
	before=$(sed -n '1s/^@[0-9]* \([0-9]*\) .*/\1/p' all)
	events=$(info "$1" events)
	[ "$number" -gt 0 ] || complain "$1 starts at event $number"
	[ "$(info "$1" 'starts at')" = \
		"event $number, after $before instructions" ] ||
		complain "$1 starts at $(info "$1" 'starts at'), not $number"
	[ "$events" = "$(wc -l <all)" ] || complain "$1: $events events"
	[ $((before + $(instructions "$1"))) = "$total" ] ||
		complain "$1: $(instructions "$1") instructions"
	from="from a checkpoint at event $number on"
	grep -qx "same: $events events, $(instructions "$1") instructions, $from" \
		replayed || complain "$1: $(cat replayed)"
	rm -f packed
	"$program" pack -o packed "$1" >out 2>&1
	grep -q "^packed: $events events, " out || complain "$(cat out)"
	"$program" trace events packed | cmp -s - all ||
		complain "a copy of $1 has other events"
	[ "$(info packed 'stream digest')" = "$(info "$1" 'stream digest')" ] ||
		complain "a copy of $1 has another digest"
	"$program" replay packed | cmp -s - replayed ||
		complain "a copy of $1 is replayed in another way"
}

# insns FILE N: instructions from N on, without the numbers of events, of which
# there are more where there are checkpoints.
insns() {
	"$program" trace insns --from "$2" "$1" | sed 's/@[0-9]*/@/'
}

busybox=$(busybox_find)
if [ -z "$busybox" ]; then
	echo "no static busybox"
	exit 77
fi
cat >loop.sh <<'EOF'
i=0
while [ $i -lt 2000 ]; do
	i=$((i + 1))
	echo "line $i"
done
EOF

record plain "" "$busybox" sh loop.sh
record whole "--checkpoint 1000000" "$busybox" sh loop.sh
record again "--checkpoint 1000000" "$busybox" sh loop.sh
cmp -s whole again || complain "two recordings with checkpoints differ"
[ "$(count whole checkpoint)" -gt 10 ] || complain "too few checkpoints"
[ "$(first whole)" = call ] || complain "whole does not start at the start"
same whole
total=$(instructions plain)
[ "$(instructions whole)" = "$total" ] || complain "checkpoints cost a guest"
for back in 1000 300000 1500000; do
	insns plain $((total - back)) | head -n 2000 >a
	insns whole $((total - back)) | head -n 2000 >b
	[ -s a ] || complain "no instructions from $back before the end on"
	cmp -s a b || complain "instructions differ, $back before the end"
done

for options in "" "--written" "--undeclared" "--verify=full"; do
	record ring "--ring 128K $options" "$busybox" sh loop.sh
	[ "$(first ring)" = checkpoint ] ||
		complain "ring $options starts with $(first ring)"
	[ -e ring.partial.old ] && complain "ring $options leaves a file behind"
	same ring
	"$program" trace insns --insn 5 ring >a 2>&1
	grep -Eq '^vmspace: ring: nothing in this range: it holds events [1-9]' \
		a || complain "ring $options: no word on instruction 5"
	said_of_ring ring
	insns plain $((total - 1000)) >a
	insns ring $((total - 1000)) >b
	cmp -s a b || complain "ring $options: other instructions"
done

# A guest that is too short for its ring is there from the start.
record short "--ring 64M" "$guests/hello.elf"
[ "$(first short)" = call ] || complain "a short ring has lost its start"
same short

# What was cut short can be replayed as far as it goes.
size=$(wc -c <whole)
head -c $((size * 9 / 10)) whole >"cut"
same "cut"

exit $failed
