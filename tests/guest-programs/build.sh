#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: build.sh NAME LINK DIR: builds prog/NAME.* as DIR/NAME.LINK.
#
# LINK is static or dynamic (the system's C library), pie (a static PIE), musl
# or muslstatic.  Status 77 and a word: that is missing.

set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
output=$3/$1.$2
PATH=${build_path:-$PATH}
source=$here/prog/$1.c
flags='-std=c11 -D_GNU_SOURCE'
compiler=${CC:-cc}
[ -e "$source" ] || {
	source=$here/prog/$1.cc
	flags='-std=c++17'
	compiler=${CXX:-c++}
}
[ -e "$source" ] || {
	source=$here/prog/$1.rs
	compiler=rustc
}

case $2 in
static) flags="$flags -static" ;;
pie) flags="$flags -static-pie" ;;
dynamic) ;;
musl) compiler=musl-gcc ;;
muslstatic)
	compiler=musl-gcc
	flags="$flags -static"
	;;
*) exit 1 ;;
esac
command -v "$compiler" >/dev/null || {
	echo "$compiler"
	exit 77
}
[ -z "$(find "$output" -newer "$source" -newer "$here/prog/say.h" 2>/dev/null)" ] ||
	exit 0
new=$output.$$
trap 'rm -f "$new"' EXIT
# shellcheck disable=SC2086
case $source in
*.rs) "$compiler" -O -o "$new" "$source" ;;
*) "$compiler" $flags -iquote "$root" -O1 -g0 -pthread -o "$new" "$source" -lm ;;
esac && mv "$new" "$output"
