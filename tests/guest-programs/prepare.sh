#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: prepare.sh DATA BIN: makes DATA, which each case gets a copy of, the
# same bytes and times on every host, and BIN, which is first in its PATH.
#
# shellcheck disable=SC2016
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
VMSPACE_PROGRAM=${VMSPACE_PROGRAM:-none}
# shellcheck source=tests/e2e/common.sh
. "$here/../e2e/common.sh"
mkdir -p "$1/tree" "$2"
busybox=$(busybox_find)
for name in busybox ash; do
	[ -z "$busybox" ] || ln -sf "$busybox" "$2/$name"
done
cd "$1"

# words SEED LINES: lines of a number and six words.
words() {
	awk -v x="$1" -v lines="$2" '
	function next_random() {
		x = (x * 16807) % 2147483647
		return x
	}
	BEGIN {
		split("alpha beta gamma delta epsilon zeta eta theta iota " \
			"kappa lambda mu nu xi omicron pi rho sigma tau " \
			"upsilon phi chi psi omega", word, " ")
		for (i = 0; i < lines; i++) {
			line = next_random() % 10000
			for (j = 0; j < 6; j++)
				line = line " " word[next_random() % 24 + 1]
			print line
		}
	}'
}

words 1 1500 >text.txt
awk 'NR % 100 == 7 { next }
	NR % 90 == 3 { print "inserted", NR }
	NR % 80 == 5 { $2 = "changed" }
	{ print }' text.txt >text2.txt
awk 'BEGIN { x = 3; for (i = 0; i < 3000; i++) {
	x = (x * 16807) % 2147483647; print x % 10007 } }' >num.txt
awk 'BEGIN { for (i = 0; i < 200; i++)
	printf "%d,%s%d,%d.%02d\n", i, "name", i * 7 % 50, i * i % 97, i % 100 }' \
	>table.csv
i=0
while [ $i -lt 256 ]; do
	# shellcheck disable=SC2059
	printf "\\$(printf %03o $i)"
	i=$((i + 1))
done >bytes.bin
cat bytes.bin text.txt bytes.bin num.txt >bin.dat
printf 'no end of line' >noeol.txt
: >empty.txt
for dir in 0 1 2; do
	mkdir tree/d$dir
	for file in 0 1 2 3; do
		words $((dir * 100 + file + 7)) $((5 + dir * 4 + file)) \
			>tree/d$dir/f$file.txt
	done
done
mkdir tree/empty
ln -s ../text.txt tree/link
ln -s missing tree/dangling
printf '#!/bin/sh\necho "script: $0 $*"\nexit 3\n' >tree/script
chmod 755 tree/script
chmod 600 tree/d1/f1.txt
cp -R "$here/scripts" scripts
chmod -R u+rwX,go+rX,go-w scripts
find . -exec touch -h -d '2020-02-03 04:05:06 UTC' {} +
