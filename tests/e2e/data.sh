#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes the input of the busybox cases in DIR: the same bytes and times on
# every host.
#
# usage: data.sh DIR
#
# shellcheck disable=SC2016
set -eu

# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
busybox=$(busybox_find)
[ -n "$busybox" ] || exit 77
rm -rf "$1"
mkdir -p "$1/tree"
cd "$1"

# words SEED LINES: lines of six words and a number, about 43 bytes each.
words() {
	"$busybox" awk -v x="$1" -v lines="$2" '
	function next_random() {
		x = (x * 16807) % 2147483647
		return x
	}
	BEGIN {
		split("alpha beta gamma delta epsilon zeta eta theta iota " \
			"kappa lambda mu nu xi omicron pi rho sigma tau " \
			"upsilon phi chi psi omega", word, " ")
		for (i = 0; i < lines; i++) {
			line = next_random() % 100000
			for (j = 0; j < 6; j++)
				line = line " " word[next_random() % 24 + 1]
			print line
		}
	}'
}

words 1 32000 >text.txt
"$busybox" awk 'NR % 1000 == 7 { next }
	NR % 900 == 3 { print "inserted", NR }
	NR % 800 == 5 { $2 = "changed" }
	{ print }' text.txt >text2.txt
"$busybox" awk 'BEGIN { x = 3; for (i = 0; i < 160000; i++) {
	x = (x * 16807) % 2147483647; print x % 1000003 } }' >num.txt
"$busybox" awk 'BEGIN { x = 5; for (i = 0; i < 300000; i++) {
	x = (x * 16807) % 2147483647
	printf "%04x%04x", x % 65536, int(x / 256) % 65536 } }' |
	"$busybox" xxd -r -p >bin.dat
"$busybox" awk '{ printf "%d %d + %d * p\n", $1, NR, $1 % 17 }
	END { print "40k 2v p 2 300^p 16o 48879p" }' num.txt | head -n 60000 >sum.dc
"$busybox" awk '{ printf "%d %d + %d * p\n", $1, NR, $1 % 17 }' num.txt |
	tail -n 10000 >>sum.dc
echo '40k 2v p 2 300^p 7 3/p' >>sum.dc

for dir in 0 1 2 3 4 5 6 7 8 9; do
	mkdir "tree/d$dir"
	for file in 0 1 2 3 4 5 6 7 8 9 a b; do
		words $((dir * 1000 + 17 + 0x$file)) $((40 + dir * 20)) \
			>"tree/d$dir/f$file.txt"
	done
	ln -s "f$dir.txt" "tree/d$dir/link"
done
: >tree/empty
chmod 600 tree/d3/f3.txt
chmod 755 tree/d4/f4.txt
find . -depth -exec touch -h -d '2011-02-03 04:05:06 UTC' {} +
