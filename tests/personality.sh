#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: personality.sh [--write] [TREE]
#
# docs/personality.md has a row for each system call of Linux, 0 to 462, and
# says of each what vkernel/syscall_list.h and vkernel/nosys.c say.  --write
# makes the rows anew and keeps what is written in those of calls that are
# there: "partly" and the remarks are an author's.
set -eu

write=
if [ "${1:-}" = --write ]; then
	write=1
	shift
fi
cd "${1:-$(dirname -- "$0")/..}"
page=docs/personality.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

# NUMBER NAME STATUS REASON, from the sources and the rows of the page.
rows() {
	awk -F '"' '/^\t\{ [0-9]+, [0-9]+, / {
		split($1, n, /[^0-9]+/)
		print "WHY", n[2], n[3], $2
	}' vkernel/nosys.c
	sed -n 's/^| *\([0-9][0-9]*\) | \([^|]*\) | \([^|]*\) | \(.*\) |$/ROW \1 \3 \4/p' "$page"
	sed -n 's/^\([A-Z]*\)(\([0-9]*\), \([a-z0-9_]*\)\(.*\))$/\1 \2 \3 \4/p' \
		vkernel/syscall_list.h
}


rows | awk '
function rest(from,   i, text) {
	for (i = from; i <= NF; i++)
		text = text (i > from ? " " : "") $i
	return text
}
$1 == "WHY" {
	for (n = $2; n <= $3; n++)
		why[n] = rest(4)
}
$1 == "ROW" { status[$2] = $3; remark[$2] = rest(4) }
$1 == "SYS" { name[$2] = $3; kind[$2] = "done" }
$1 == "NOSYS" { name[$2] = $3; kind[$2] = "ENOSYS" }
$1 == "REFUSED" {
	name[$2] = $3
	kind[$2] = $NF
}
END {
	for (n = 0; n <= 462; n++) {
		if (n >= 335 && n <= 423)
			continue
		if (!(n in name)) {
			print "personality: no row of call " n \
				" in vkernel/syscall_list.h" >"/dev/stderr"
			continue
		}
		is = kind[n]
		if (is == "done" && status[n] == "partly")
			is = "partly"
		says = is == "done" || is == "partly" ? remark[n] : why[n]
		if (is == "ENOSYS" && says == "")
			print "personality: vkernel/nosys.c does not say why " \
				name[n] " is ENOSYS" >"/dev/stderr"
		if (kind[n] == "done" && n in why)
			print "personality: " name[n] " is provided, and in " \
				"vkernel/nosys.c" >"/dev/stderr"
		if (is != "done" && is != "partly" && is != "ENOSYS" && says == "")
			says = remark[n] == "" ? "guests have no such rights" : remark[n]
		if (status[n] != is && is != "partly")
			says = is == "done" ? "" : says
		printf "| %d | `%s` | %s | %s |\n", n, name[n], is, says
	}
}' >"$work/rows" 2>"$work/missing"
[ ! -s "$work/missing" ] || {
	cat "$work/missing"
	exit 1
}

sed '/^| *[0-9][0-9]* |/d' "$page" >"$work/text"
sed '/^|---|---|---|---|$/q' "$work/text" >"$work/page"
cat "$work/rows" >>"$work/page"
sed '1,/^|---|---|---|---|$/d' "$work/text" >>"$work/page"
if [ -n "$write" ]; then
	cp "$work/page" "$page"
	exit 0
fi
diff -u "$page" "$work/page" >"$work/diff" || {
	sed -n '3,$p' "$work/diff"
	echo "personality: docs/personality.md differs from the sources:" \
		"sh tests/personality.sh --write"
	exit 1
}
grep '^|.* partly | *|$' "$page" && {
	echo "personality: partly, but what is missing?"
	exit 1
}
exit 0
