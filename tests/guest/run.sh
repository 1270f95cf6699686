#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs one guest in a vmspace, and on x86-64 Linux also natively, and compares
# exit status and stdout with its line of expected.txt.  differs.txt, which may
# only shrink, has what a vmspace gives instead where that is a known limit
# (docs/limits.md).  Arguments after NAME are options of vmspace run.
#
# usage: run.sh NAME [OPTION...]
set -u

name=$1
shift
cd "$(dirname "$0")" || exit 1
program=${VMSPACE_PROGRAM:?is the path of vmspace}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC3045
ulimit -c 0 2>/dev/null

tab=$(printf '\t')

# expect FILE: what the guest's line in FILE says becomes status and expected.
expect() {
	line=$(grep "^$name$tab" "$1") || return 1
	status=$(printf '%s' "$line" | cut -f 2)
	# shellcheck disable=SC2059
	printf "$(printf '%s' "$line" | cut -f 3)" >"$work/expected"
}

# judge WHO STATUS: compares with what was expected.
judge() {
	if [ "$2" != "$status" ] || ! cmp -s "$work/expected" "$work/out"; then
		echo "$name, $1: status $2, expected $status"
		diff "$work/expected" "$work/out"
		cat "$work/err"
		failed=1
	fi
}

failed=0
expect differs.txt || expect expected.txt || exit 1
"$program" run "$@" --clear-env --env A=1 --env B=two \
	"./$name.elf" one 'two words' >"$work/out" 2>"$work/err"
judge vmspace $?
if [ "$(uname -s) $(uname -m)" = "Linux x86_64" ]; then
	expect expected.txt
	env -i A=1 B=two "./$name.elf" one 'two words' \
		>"$work/out" 2>"$work/err"
	judge native $?
fi
exit $failed
