#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: docs.sh [TREE]
#
# docs/semantics.md must name every exported symbol, every macro of the public
# headers and every number of the checklist, C1 to C210, outside ranges; and
# each relative link of a Markdown file must lead to a file, each anchor in it
# to a heading.

set -eu

cd "${1:-$(dirname -- "$0")/..}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
status=0

fail() {
	echo "docs: $*"
	status=1
}

# Names that authors of virtual kernels meet; guards are not among them.
wanted() {
	cat tests/exports.txt
	sed -n 's/^#define \([A-Z0-9_]*\).*/\1/p' include/vmspace/*.h |
		grep -v '_H$'
	awk 'BEGIN { for (i = 1; i <= 210; i++) print "C" i }'
}

sed 's/C[0-9]*-C[0-9]*//g' docs/semantics.md | tr -c 'A-Za-z0-9_' '\n' |
	sort -u >"$work/words"
wanted | sort -u | comm -23 - "$work/words" >"$work/missing"
while read -r name; do
	fail "docs/semantics.md does not have $name"
done <"$work/missing"

markdown() {
	find . \( -name .git -o -path ./build \) -prune -o -name '*.md' -print
}

# Lines of the file $1 outside fenced code, without code spans.
# shellcheck disable=SC2016 # the backquotes are Markdown's
prose() {
	awk '/^ *```/ { code = !code; next } !code' "$1" | sed 's/`[^`]*`//g'
}

links() {
	prose "$1" | grep -o '](\([^)]*\))' | sed 's/^](//; s/)$//'
	prose "$1" | sed -n 's/^ *\[[^]]*\]: *\([^ ]*\).*/\1/p'
}

# Headings of the file $1 as the usual renderers turn them into anchors.
anchors() {
	awk '/^ *```/ { code = !code; next } !code && /^#+ /' "$1" |
		sed 's/^#* *//' | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-'
}

# check_link FILE LINK
check_link() {
	target=${2%%#*}
	path=$1
	[ -z "$target" ] || path=$(dirname "$1")/$target
	if [ ! -e "$path" ]; then
		fail "$1: $2 leads to no file"
		return
	fi
	case $2 in
	*.md#* | '#'*)
		anchors "$path" | grep -qxF -e "${2#*#}" ||
			fail "$1: $2 leads to no heading"
		;;
	esac
}

markdown | sort >"$work/files"
while read -r file; do
	links "$file" >"$work/links" || :
	while read -r link; do
		case $link in
		[a-z]*:*) ;;
		*) check_link "$file" "$link" ;;
		esac
	done <"$work/links"
done <"$work/files"
exit $status
