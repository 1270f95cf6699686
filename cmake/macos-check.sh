#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Compiles every C file for aarch64 macOS, with the compiler and macOS headers
# of the npm package that cmake/zig.pin names (name, version, integrity).
# Headers of foreign libraries are staged from this machine, one by one, so
# that no header of this machine's C library can help.  <elf.h>, a file format
# that libelf's headers need, comes with the compiler.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
work=$root/build/macos-check
mkdir -p "$work"
{
	read -r package
	read -r version
	read -r integrity
} <"$root/cmake/zig.pin"
zig=$work/zig-$version/package/zig

die() {
	echo "macos-check: $*" >&2
	exit 1
}

fetch_zig() {
	command -v npm >/dev/null || die "npm is needed to fetch $package"
	rm -rf "$work/zig-$version" "$work/fetched"
	mkdir -p "$work/zig-$version" "$work/fetched"
	echo "macos-check: fetching $package $version" >&2
	(cd "$work/fetched" && npm pack --silent "$package@$version" >/dev/null)
	set -- "$work"/fetched/*.tgz
	[ "$(integrity_of "$1")" = "$integrity" ] ||
		die "$package $version does not have the integrity in zig.pin"
	tar -xzf "$1" -C "$work/zig-$version"
	rm -rf "$work/fetched"
}

integrity_of() {
	node -e 'const h = require("crypto").createHash("sha512");
		h.update(require("fs").readFileSync(process.argv[1]));
		console.log("sha512-" + h.digest("base64"));' "$1"
}

# stage NAME: a header, or a directory of them, from the usual places.
stage() {
	for dir in /usr/include /usr/local/include \
		"/usr/include/$(cc -dumpmachine)"; do
		if [ -e "$dir/$1" ]; then
			ln -s "$dir/$1" "$work/include/$1"
			return
		fi
	done
	die "$1 is not installed: run ./dev build first"
}

stage_headers() {
	rm -rf "$work/include"
	mkdir -p "$work/include"
	for name in unicorn capstone libelf.h gelf.h zstd.h xxhash.h check.h \
		check_stdint.h; do
		stage "$name"
	done
	ln -s "$(dirname "$zig")/lib/libc/include/generic-musl/elf.h" \
		"$work/include/elf.h"
}

# Every C file but the guests, which are programs for Linux: of the end-to-end
# tests all those in directories.
sources() {
	find base emu vmspace loader traces vkernel cli tests bench -name '*.c' \
		! -path '*/guest/*' ! -path '*/prog/*' \
		! -path 'tests/e2e/*/*' | LC_ALL=C sort
}

[ -x "$zig" ] || fetch_zig
stage_headers
cd "$root"
export ZIG_GLOBAL_CACHE_DIR="$work/cache" ZIG_LOCAL_CACHE_DIR="$work/cache"
# A program in DragonFly's words needs its headers, which hide the host's.
# shellcheck disable=SC2016
sources | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I '{}' sh -c '
	dropin=
	! grep -q "^#include <sys/v[km][a-z]*.h>" "$3" ||
		dropin=-Iinclude/dragonfly
	"$1" cc -target aarch64-macos -std=c11 -D_DARWIN_C_SOURCE -iquote . \
		$dropin -Iinclude -isystem "$2" -Wall -Wextra -Werror \
		-DCONFORM_DIR=\"\" -ferror-limit=3 -c "$3" -o "$4/check-$$.o" ||
		{ echo "macos-check: $3 does not compile" >&2; exit 1; }
' sh "$zig" "$work/include" '{}' "$work" || die "failed"
rm -f "$work"/check-*.o
echo "macos-check: $(sources | wc -l | tr -d ' ') files compile"
