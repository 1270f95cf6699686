#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: layers.sh [TREE]
#
# Reads the includes of every C file and fails on one that breaks the order of
# the rooms (docs/architecture.md): quotes are ours and go downwards only,
# foreign libraries and host headers have their places.

set -eu

cd "${1:-$(dirname -- "$0")/..}"

# Files that one of the rules is about, with their includes: "FILE INCLUDE".
# shellcheck disable=SC2016
includes() {
	find base emu vmspace loader traces vkernel cli tests bench include \
		-name '*.[ch]' ! -path '*/guest/*' 2>/dev/null | LC_ALL=C sort |
		xargs awk '/^[ \t]*#[ \t]*include[ \t]/ {
			sub(/^[ \t]*#[ \t]*include[ \t]*/, "")
			sub(/[ \t]*(\/\*.*)?$/, "")
			print FILENAME, $0
		}'
}

existing() {
	find base emu vmspace loader traces vkernel cli tests bench include \
		-name '*.[ch]' 2>/dev/null | sed 's/^/EXISTS /'
}

{ existing; includes; } | awk '
function bad(why) {
	print "layers: " $1 " includes " $2 ": " why
	failed = 1
}
BEGIN {
	below["cli"] = " cli vkernel traces loader base "
	below["vkernel"] = " vkernel loader base "
	below["traces"] = " traces base "
	below["loader"] = " loader base "
	below["vmspace"] = " vmspace emu base "
	below["emu"] = " emu base "
	below["base"] = " base "
	below["include"] = " "
	# Foreign header -> the files that may include it.
	place["unicorn/"] = "^(emu/cpu_unicorn|bench/)"
	place["capstone/"] = "^(base/disasm|cli/|tests/)"
	place["(libelf|gelf|elf)\\.h"] = "^(loader/|tests/)"
	place["zstd\\.h"] = "^traces/"
	place["xxhash\\.h"] = "^(traces|vmspace)/"
	place["check\\.h"] = "^tests/"
	place["(linux|mach|asm|libkern)/"] = "^(base/os_|tests/|bench/)"
	place["sys/(memfd|prctl|syscall|random|epoll|eventfd|personality)\\.h"] = \
		"^(base/os_|tests/|bench/)"
}
$1 == "EXISTS" { exists[$2] = 1; next }
{
	room = $1
	sub(/\/.*/, "", room)
	target = substr($2, 2, length($2) - 2)
	target_room = target
	sub(/\/.*/, "", target_room)
}
$2 ~ /^"/ {
	if (!(target in exists))
		bad("quotes name a file from the top of the tree")
	else if (room in below && !index(below[room], " " target_room " "))
		bad(room " may include only" below[room] "and public headers")
	own = $1
	if (sub(/\.c$/, ".h", own) && own in exists && !($1 in seen) && \
	    target != own)
		bad("the first include is \"" own "\"")
}
$2 ~ /^</ {
	for (header in place)
		if (target ~ "^" header && $1 !~ place[header])
			bad("only " substr(place[header], 2) " may")
	own = $1
	if (sub(/\.c$/, ".h", own) && own in exists && !($1 in seen))
		bad("the first include is \"" own "\"")
}
{ seen[$1] = 1 }
END { exit failed }'
