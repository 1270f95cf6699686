#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Compiles prog/NAME.c statically with glibc or musl and compares what it
# prints, its exit status and the files it leaves, natively and in a vmspace.
#
# usage: prog.sh glibc|musl NAME [OPTION of vmspace run...]
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
on_x86_64_linux || exit 77
libc=$1
name=$2
shift 2
case $libc in
glibc) compiler=${CC:-cc} ;;
musl) compiler=musl-gcc ;;
esac
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

# A host whose own libc is musl has no musl-gcc, and cannot link with glibc.
command -v "$compiler" >/dev/null || exit 77
printf '#include <features.h>\n#ifndef __GLIBC__\nmusl\n#else\nglibc\n#endif\n' |
	"$compiler" -E -P - | grep -qx "$libc" || exit 77
"$compiler" -static -O2 -std=c11 -D_GNU_SOURCE -o "$work/prog" \
	"$here/prog/$name.c" -lm || exit 1

# side NAME COMMAND...: runs it in a fresh directory of one name.
side() {
	side=$1
	shift
	mkdir "$work/run"
	cd "$work/run" || exit 1
	printf 'a line on stdin\nand another' |
		WORD=environment "$@" "$work/prog" one '' 'two words' \
			>"$work/out.$side" 2>"$work/err.$side"
	echo "status $?" >>"$work/out.$side"
	tree_list >>"$work/out.$side"
	cd "$here" || exit 1
	mv "$work/run" "$work/$side"
}

side native env
side guest "$program" run "$@"

if ! grep -qx 'status 0' "$work/out.native"; then
	echo "$libc $name: fails natively:"
	tail -n 5 "$work/out.native" "$work/err.native"
	exit 1
fi
if cmp -s "$work/out.native" "$work/out.guest" &&
	cmp -s "$work/err.native" "$work/err.guest" &&
	diff -r --no-dereference "$work/native" "$work/guest" >/dev/null; then
	exit 0
fi
echo "$libc $name: differs (native, guest)"
diff -a "$work/out.native" "$work/out.guest" | head -n 30 | cut -c 1-200
diff -a "$work/err.native" "$work/err.guest" | head -n 30 | cut -c 1-200
exit 1
