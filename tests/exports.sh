#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: exports.sh LIBRARY
#
# The symbols that the shared library exports, the names that the public
# headers declare, and tests/exports.txt must be the same.

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

case $(uname) in
Darwin) nm -gU "$1" | awk '{ sub(/^_/, "", $3); print $3 }' ;;
*) nm -D --defined-only "$1" | awk '{ print $3 }' ;;
esac | grep -v '^__' | sort >"$work/exported"

# Every prototype marked VMS_API: its first name before a parenthesis.
find "$here/../include" -name '*.h' -exec cat {} + | awk '
	/^#/ || macro { macro = /\\$/; next }
	{ text = text " " $0 }
	END {
		while ((from = index(text, "/*")) > 0) {
			rest = substr(text, from + 2)
			text = substr(text, 1, from - 1) \
				substr(rest, index(rest, "*/") + 2)
		}
		count = split(text, part, /[;{}]/)
		for (i = 1; i <= count; i++)
			if (sub(/.*VMS_API/, "", part[i]) && \
			    match(part[i], /vms(pace)?_[a-z0-9_]+\(/))
				print substr(part[i], RSTART, RLENGTH - 1)
	}' | sort -u >"$work/declared"

status=0
compare() {
	diff -u "$here/exports.txt" "$work/$1" >"$work/diff" && return
	echo "exports: tests/exports.txt (-) and what is $1 (+) differ:"
	grep '^[-+][^-+]' "$work/diff"
	status=1
}
compare exported
compare declared
exit $status
