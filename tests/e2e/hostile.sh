#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Every command that reads recordings, with recordings that were cut, flipped,
# reordered and stretched, with and without checksums that agree: each ends
# with 0, 1 or 2, in bounded memory; 2 comes with one line that names a place.
#
# usage: hostile.sh DIRECTORY; it has mutate and tiny_vkernel_0
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
tools=$1
guests=$(cd "$here/../guest" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
# A sanitizer's finding has no status of ours.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:exitcode=99"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-}:halt_on_error=1:exitcode=99"
# Memory of its own, in KiB; a sanitizer's shadow does not fit.
# shellcheck disable=SC3045
[ -n "${VMSPACE_SANITIZED:-}" ] || ulimit -d 2000000

complain() {
	echo "FAILED: $*"
	failed=1
}

# read_with NAME ARGUMENT...: runs vmspace.
read_with() {
	name=$1
	shift
	"$program" "$@" >out 2>err </dev/null
	got=$?
	case $got in
	0 | 1) return ;;
	2) ;;
	*)
		complain "$name: status $got: $program $*"
		head -n 5 err
		return
		;;
	esac
	if [ "$(wc -l <err)" != 1 ] ||
		! grep -Eq '^vmspace: .*at (byte|event) [0-9]+: ' err; then
		complain "$name: $*: not one line with a place"
		head -n 5 err
	fi
}

# The nth way to read FILE.
read_nth() {
	case $(($2 % 10)) in
	0) read_with "$1" trace info "$1" ;;
	1) read_with "$1" trace events "$1" ;;
	2) read_with "$1" trace insns "$1" ;;
	3) read_with "$1" trace blocks "$1" ;;
	4) read_with "$1" trace mem "$1" 0x400000 ;;
	5) read_with "$1" trace calls --json "$1" ;;
	6) read_with "$1" trace pages "$1" ;;
	7) read_with "$1" trace diff "$whole" "$1" ;;
	8) read_with "$1" bisect "$1" "$whole" ;;
	9) read_with "$1" pack -o packed "$1" ;;
	esac
}

# mutants FILE WAY COUNT: each is replayed, and read in another way.
turn=0
mutants() {
	whole=$1
	seed=0
	while [ $seed -lt "$3" ]; do
		mutant=$2-$seed.vmt
		"$tools/mutate" "$2" "$seed" "$whole" "$mutant" ||
			complain "mutate $2 $seed"
		read_with "$mutant" replay "$mutant"
		read_nth "$mutant" $turn
		seed=$((seed + 1))
		turn=$((turn + 1))
	done
}

"$program" record --clock=virtual --clear-env --checkpoint 1000 --digest 500 \
	--written -o guest.vmt "$guests/segv_handler.elf" >out 2>err ||
	{ cat err; exit 1; }
"$program" replay guest.vmt >out 2>err || complain 'the replay'
for way in cut flip flip-mended header-mended; do
	mutants guest.vmt $way 10
done
for way in huge huge-mended drop drop-mended twice twice-mended swap \
	swap-mended copy-mended; do
	mutants guest.vmt $way 3
done

# A kernel that is tested with such a file says what it says, and ends.
VMSPACE_RECORD=tiny.vmt VMSPACE_RECORD_OPTIONS=written \
	"$tools/tiny_vkernel_0" >out 2>&1 || complain "tiny: $(cat out)"
for way in cut flip-mended header-mended copy-mended; do
	for seed in 1 2 3; do
		"$tools/mutate" $way $seed tiny.vmt bad.vmt
		"$program" replay --against "$tools/tiny_vkernel_0" bad.vmt \
			>out 2>err </dev/null
		got=$?
		[ $got -le 2 ] || complain "against, $way $seed: status $got"
	done
done

# What cannot be recorded to says so before the guest runs.
mkdir directory
mkfifo pipe
for path in directory pipe no/such/file; do
	"$program" record -o "$path" "$guests/hello.elf" >out 2>err
	got=$?
	[ $got = 125 ] || complain "record -o $path: status $got"
	[ "$(wc -l <err)" = 1 ] || complain "record -o $path: $(cat err)"
	[ ! -s out ] || complain "record -o $path: the guest ran"
done
if [ ! -p pipe ] || [ ! -d directory ]; then
	complain 'record has replaced what is no file'
fi

# A caller's VMSPACE_RECORD is for `vmspace run`.
for command in "record -o own.vmt $guests/exit_status.elf" \
	'replay guest.vmt' 'trace insns guest.vmt'; do
	# shellcheck disable=SC2086
	VMSPACE_RECORD=no/such/file "$program" $command >out 2>err
	[ ! -s err ] || complain "VMSPACE_RECORD, $command: $(cat err)"
done
VMSPACE_RECORD=run.vmt "$program" run "$guests/exit_status.elf"
[ -s run.vmt ] || complain 'VMSPACE_RECORD: run was not recorded'
exit $failed
