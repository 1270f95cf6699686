#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: readme.sh TREE BUILD CC GENERATOR (not needed)
#
# The program in README.md after the line "<!-- client -->" is at most 40 lines
# long, compiles against an installed vmspace with nothing but what pkg-config
# says, and prints what README.md shows after "<!-- client output -->".

set -eu

tree=$1
build=$2
cc=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The fenced block that follows a marker line.
block() {
	awk -v marker="$1" '
	$0 == marker { found = 1; next }
	found && /^```/ { if (inside) exit; inside = 1; next }
	inside { print }' "$tree/README.md"
}

block '<!-- client -->' >"$work/client.c"
block '<!-- client output -->' >"$work/expected"
lines=$(wc -l <"$work/client.c")
if [ "$lines" -lt 1 ] || [ "$lines" -gt 40 ]; then
	echo "client: README.md's program has $lines lines, not 1 to 40"
	exit 1
fi

cmake --install "$build" --prefix "$work/prefix" >/dev/null
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name vmspace.pc)")
export PKG_CONFIG_PATH
libs=$(pkg-config --variable=libdir vmspace)
# shellcheck disable=SC2046
"$cc" "$work/client.c" $(pkg-config --cflags --libs vmspace) \
	-Wl,-rpath,"$libs" -o "$work/client"
"$work/client" >"$work/actual"
diff -u "$work/expected" "$work/actual"
