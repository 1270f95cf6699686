#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Rebuilds every guest and compares it with the prebuilt file: all bytes, or,
# where another toolchain laid the file out otherwise, what is loaded.  Also
# every prebuilt file has a source, a line in expected.txt, and less than
# 64 KiB.  77: this host cannot build guests.
set -u

here=$(cd "$(dirname "$0")" && pwd)
if [ "$(uname -s) $(uname -m)" != "Linux x86_64" ]; then
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/build.sh" "$work" || exit 1

# sections FILE: the bytes of .text, .rodata and .data.
sections() {
	for section in .text .rodata .data; do
		objcopy -O binary --only-section=$section "$1" "$work/part" \
			2>/dev/null && cat "$work/part"
	done
}

failed=0
complain() {
	echo "$1"
	failed=1
}

for source in "$here"/*.S; do
	name=$(basename "$source" .S)
	old=$here/$name.elf
	new=$work/$name.elf
	grep -q "^$name	" "$here/expected.txt" ||
		complain "$name has no line in expected.txt"
	if [ ! -x "$old" ]; then
		complain "$name.elf is missing or not executable: run build.sh"
		continue
	fi
	[ "$(wc -c <"$old")" -lt 65536 ] || complain "$name.elf is too large"
	cmp -s "$old" "$new" && continue
	sections "$old" >"$work/old"
	sections "$new" >"$work/new"
	cmp -s "$work/old" "$work/new" ||
		complain "$name.elf is not what its source gives: run build.sh"
done
for old in "$here"/*.elf; do
	[ -e "${old%.elf}.S" ] || complain "$old has no source"
done
exit $failed
