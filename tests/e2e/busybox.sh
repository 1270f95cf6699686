#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs one case of cases.sh natively and in a vmspace, in the same directory
# one after the other, and compares stdout, stderr, each exit status and the
# files left behind.
#
# usage: busybox.sh DATA CASE [OPTION of vmspace run...]
#
# shellcheck disable=SC2317
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
# shellcheck source=tests/e2e/cases.sh
. "$here/cases.sh"
on_x86_64_linux || exit 77
busybox=$(busybox_find)
[ -n "$busybox" ] || exit 77
data=$1
case=$2
shift 2
options=$*
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

native() {
	"$busybox" "$@"
}

bb() {
	if [ "$side" = native ]; then
		"$busybox" "$@"
	else
		# shellcheck disable=SC2086
		"$program" run $options "$busybox" "$@"
	fi
	rc=$?
	echo "$1: status $rc" >>"$work/status.$side"
	return "$rc"
}

side_run() {
	side=$1
	mkdir "$work/run"
	cp -a "$data/." "$work/run"
	cd "$work/run" || exit 1
	TREE_TIMES=
	"case_$case" >"$work/out.$side" 2>"$work/err.$side" </dev/null
	{
		tree_list
		if [ -n "$TREE_TIMES" ]; then
			find tree -type f -printf '%p %t\n' | sort
		fi
	} >"$work/tree.$side"
	cd "$here" || exit 1
	mv "$work/run" "$work/$side"
}

side_run native
side_run guest

failed=0
for what in status out err tree; do
	if ! cmp -s "$work/$what.native" "$work/$what.guest"; then
		echo "$case: $what differs (native, guest)"
		diff -a "$work/$what.native" "$work/$what.guest" |
			head -n 20 | cut -c 1-300
		failed=1
	fi
done
if ! diff -r --no-dereference "$work/native" "$work/guest" \
	>"$work/files"; then
	echo "$case: files differ"
	head -n 20 "$work/files" | cut -c 1-300
	failed=1
fi
[ "$failed" = 0 ] || head -n 5 "$work/err.guest" | cut -c 1-300
exit $failed
