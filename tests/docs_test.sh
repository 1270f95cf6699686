#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# docs.sh must find each kind of gap, and nothing in a complete tree.
#
# shellcheck disable=SC2016 # the backquotes are Markdown's

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

mkdir -p "$tree/docs" "$tree/tests" "$tree/include/vmspace" "$tree/build"
echo vms_open >"$tree/tests/exports.txt"
printf '#define GUARD_H\n#define VMS_ONE 1\n' >"$tree/include/vmspace/v.h"
echo '[gone](gone.md)' >"$tree/build/ignored.md"
numbers=$(awk 'BEGIN { for (i = 1; i <= 210; i++) if (i != 7) print "C" i }')

# expect STATUS SEMANTICS README
expect() {
	printf '%s\n' "$numbers" "$2" >"$tree/docs/semantics.md"
	printf '%s\n' "$3" >"$tree/README.md"
	status=0
	"$here/docs.sh" "$tree" >"$tree/said" || status=$?
	[ "$status" = "$1" ] && return
	echo "docs_test: status $status, not $1, for: $2 / $3"
	cat "$tree/said"
	failed=1
}

all='# A `b` C_d

vms_open VMS_ONE C7'
expect 0 "$all" 'none'
expect 0 "$all" 'a [b](docs/semantics.md) [c](https://host/x) `[d](e.md)`'
expect 0 "$all" 'a [b](docs/semantics.md#a-b-c_d), [c](docs)'
expect 1 'VMS_ONE C7' 'a symbol is missing'
expect 1 'vms_open C7' 'a macro is missing'
expect 1 'vms_open VMS_ONE' 'a number is missing'
expect 1 'vms_open VMS_ONE C6-C8' 'a number is only in a range'
expect 1 "$all" 'a [b](docs/other.md)'
expect 1 "$all" '[b]: docs/other.md'
expect 1 "$all" 'a [b](docs/semantics.md#other)'
expect 1 "$all" 'a [b](#other)'
exit $failed
