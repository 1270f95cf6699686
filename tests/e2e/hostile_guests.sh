#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Guests that attack what carries them: each ends as it would natively, and
# leaves no process and no temporary file. guest/hostile.c says what they do;
# limits.sh has those that do not end by themselves.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
on_x86_64_linux || exit 77
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

${CC:-cc} -static -O1 -D_GNU_SOURCE -pthread -o guest "$here/guest/hostile.c" ||
	exit 77
mkdir tmp run
: >empty # a guest may change the mode of its input
TMPDIR=$work/tmp
export TMPDIR
# A sanitizer's finding has no status of ours.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:exitcode=99"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-}:halt_on_error=1:exitcode=99"

# hostile STATUS WHAT [OPTION...]
hostile() {
	wanted=$1
	what=$2
	shift 2
	# shellcheck disable=SC2086
	vms "$wanted" run "$@" "$work/guest" $what <empty
	! grep -aq '^vmspace: .*assert\|Sanitizer' err || complain "$what: $(cat err)"
	[ -z "$(ls -A tmp)" ] || complain "$what leaves $(ls -A tmp)"
	! pgrep -f "run .*$work/guest" >children ||
		complain "$what leaves processes: $(cat children)"
}

for clock in host virtual; do
	hostile 0 memory --clock=$clock --memory 64M
	hostile 0 descriptors --clock=$clock
	hostile 3 closes --clock=$clock
	for what in unmap_stack unmap_text unmap_all bad_stack return_nowhere \
		return_ones; do
		hostile 139 $what --clock=$clock
	done
	hostile 137 signals --clock=$clock
	mv out signals.$clock
	hostile 0 threads --clock=$clock
	hostile 0 'deep 500' --clock=$clock
	hostile 0 robust --clock=$clock
	hostile 6 leaves --clock=$clock --timeout 60
	says out '^late$'
	hostile 0 bomb --clock=$clock --ids 1000:1000
done
(./guest signals >native </dev/null) 2>/dev/null
cmp -s native signals.host || complain 'signals end otherwise than natively'
cmp -s native signals.virtual || complain 'and under the virtual clock'

for seed in 0 1 2 3 4 5 6 7; do
	hostile 0 race --clock=virtual --seed $seed
done
hostile 0 race

# Calls with arguments without sense, where they cannot do harm.
hostile 0 'fuzz 200' --clock=virtual --read-only

# kib WHAT: the most memory that vmspace had, KiB.
kib() {
	# shellcheck disable=SC2086
	/usr/bin/time -f %M "$program" run "$work/guest" $1 2>&1 >out | tail -n 1
}

# What comes and goes leaves nothing. A sanitizer keeps what was freed.
if [ -z "${VMSPACE_SANITIZED:-}" ] && [ -x /usr/bin/time ]; then
	for what in execs forks; do
		few=$(kib "$what 200")
		many=$(kib "$what 3000")
		[ "$many" -le $((few + 2048)) ] ||
			complain "$what: $few KiB, of 15 times as many $many"
	done
fi
exit $failed
