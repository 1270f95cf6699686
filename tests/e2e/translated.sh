#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A program that runs again in the same kernel translates nothing: its text is
# that of the first run.  So it is for one linked dynamically.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
on_x86_64_linux || exit 77
busybox=$(busybox_find)
[ -n "$busybox" ] || exit 77

# drops TIMES COMMAND: pages of code translated, when a shell runs it so often.
drops() {
	# shellcheck disable=SC2016
	"$program" run --stats "$busybox" sh -c '
		i=0
		while [ $i -lt '"$1"' ]; do
			'"$2"' >/dev/null || exit 1
			i=$((i + 1))
		done' 2>&1 | sed -n 's/^ *code drops *//p'
}

failed=0
for command in "$busybox true" "$busybox ls /" "/usr/bin/env true"; do
	few=$(drops 2 "$command")
	many=$(drops 12 "$command")
	[ -n "$few" ] && [ "$few" = "$many" ] && continue
	echo "$command: translated $few pages in 2 runs, $many in 12"
	failed=1
done
exit $failed
