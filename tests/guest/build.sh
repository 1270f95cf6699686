#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Builds every guest of this directory: NAME.S becomes DIR/NAME.elf.  Without
# DIR the prebuilt files beside the sources are replaced.  Needs the compiler
# and the linker of an x86-64 Linux host, or CC and LD that make such files.
#
# usage: build.sh [DIR]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
object=$(mktemp)
trap 'rm -f "$object"' EXIT

for source in "$here"/*.S; do
	name=$(basename "$source" .S)
	place=-static
	if [ "$name" = static_pie ]; then
		place="-pie --no-dynamic-linker -z text"
	fi
	${CC:-cc} -c -I"$here" -Wa,-mx86-used-note=no -o "$object" "$source"
	# shellcheck disable=SC2086
	${LD:-ld} -m elf_x86_64 -nostdlib $place --build-id=none --hash-style=gnu \
		-z noseparate-code -z noexecstack -z max-page-size=4096 \
		-s -o "$out/$name.elf" "$object"
	chmod 755 "$out/$name.elf"
done
