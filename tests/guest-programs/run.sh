#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs command lines natively and as guests and compares what they print, their
# exit status and the files that they leave.  README.md says what a list is.

set -u

usage() {
	cat <<'END'
usage: run.sh [OPTIONS] [GROUP | GROUP.CASE]...

  --lists DIR        where GROUP.list are; default: this directory's lists/
  --fast             only the cases that are marked fast
  --print            names the cases and runs nothing
  --needs            names the programs that are missing; status 77: some are
  --jobs N           so many at once; default: the processors
  --keep             leaves the directory of the run, and says where it is
  --seconds N        the time of a case that names none; default: 60

What runs beside the native program (default: vmspace run):
  --native           the program itself once more: is a case deterministic?
  --wrapper COMMAND  COMMAND before the program, such as qemu-x86_64
  --options WORDS    more options of vmspace run, such as "--chaos"
  --plain            without the further runs: twice under --clock=virtual,
                     recorded, replayed (cases marked hostclock have none)
  --repeat N         under --clock=virtual N times, each compared with the first

VMSPACE_PROGRAM is the path of vmspace.  Status 0: all equal, or known to
differ; 1: some differ; 2: wrong usage; 77: nothing could be tested here.
END
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
lists=$here/lists
jobs=$(getconf _NPROCESSORS_ONLN)
export side=vmspace options='' extra=yes repeat=2 scale=1 seconds=60 wrapper=''
fast=
print=
needs=
keep=

while [ $# -gt 0 ]; do
	case $1 in
	--lists) lists=$(CDPATH='' cd -- "$2" && pwd) && shift ;;
	--fast) fast=yes ;;
	--print) print=yes ;;
	--needs) needs=yes ;;
	--jobs) jobs=$2 && shift ;;
	--keep) keep=yes ;;
	--seconds) seconds=$2 && shift ;;
	--native) side=native ;;
	--wrapper) side=wrapper wrapper=$2 && shift ;;
	--options) options=$2 && shift ;;
	--plain) extra=no ;;
	--repeat) extra=only repeat=$2 && shift ;;
	-h | --help) usage && exit ;;
	-*) usage >&2 && exit 2 ;;
	*) break ;;
	esac
	shift
done

# selected: one line "GROUP<tab>NAME<tab>FLAGS<tab>COMMAND" per case.
# A program of ours is one case for each way in which it is linked.
selected() {
	for list in "$lists"/*.list; do
		group=${list##*/}
		awk -v group="${group%.list}" -v fast="$fast" -v wanted=" $* " '
		/^#/ || /^[ \t]*$/ { next }
		{
			bar = index($0, "|")
			count = split(substr($0, 1, bar - 1), word, /[ \t]+/)
			command = substr($0, bar + 1)
			sub(/^[ \t]+/, "", command)
			flags = " "
			links = ""
			for (i = 2; i <= count; i++)
				if (word[i] ~ /^c=/)
					links = substr(word[i], 3)
				else if (word[i] != "")
					flags = flags word[i] " "
			if (links == "") {
				one(word[1], flags, command)
				next
			}
			first = command
			sub(/ .*/, "", first)
			rest = substr(command, length(first) + 1)
			count = split(links, link, ",")
			for (i = 1; i <= count; i++)
				one(word[1] "." link[i],
				    flags "direct prog=" first " ",
				    first "." link[i] rest)
		}
		function one(name, flags, command) {
			if (fast && flags !~ / fast /)
				return
			if (wanted != "  " &&
			    !index(wanted, " " group " ") &&
			    !index(wanted, " " group "." name " "))
				return
			printf "%s\t%s\t%s\t%s\n", group, name, flags, command
		}' "$list"
	done
}

if [ -n "$print" ]; then
	selected "$@" | awk -F '\t' '{ print $1 "." $2 "\t" $4 }'
	exit
fi
if [ -n "$needs" ]; then
	PATH=$PATH:/usr/sbin:/sbin
	missing=$(selected "$@" | tr '\t' '\n' | tr ' ' '\n' |
		sed -n 's/^needs=//p' | tr ',' '\n' | sort -u |
		while read -r name; do
			command -v "$name" >/dev/null || echo "$name"
		done)
	[ -n "$missing" ] || exit 0
	printf 'skip: cases that need one of:\n%s\n' "$missing"
	exit 77
fi
[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || exit 77
[ "$side" != vmspace ] || {
	wrapper=${VMSPACE_PROGRAM:?is the path of vmspace}
	[ -x "$wrapper" ] || {
		echo "run.sh: VMSPACE_PROGRAM: $wrapper is no program" >&2
		exit 2
	}
}
case ${VMSPACE_SANITIZED:-} in
?*) scale=$((scale * 6)) ;;
esac

work=$(mktemp -d)
export work here
# shellcheck disable=SC2317
clean() {
	chmod -R u+rwx "$work" 2>/dev/null
	rm -rf "$work"
}
[ -n "$keep" ] || trap clean EXIT
trap 'exit 1' HUP INT TERM
selected "$@" >"$work/selected"
[ -s "$work/selected" ] || {
	echo "run.sh: no such case" >&2
	exit 2
}
# What is built stays, where tests have a directory for it.
bin=${VMSPACE_BUILD_DIR:-$work}/guest-programs
export bin build_path="$PATH"
"$here/prepare.sh" "$work/data" "$bin" || exit
export known="$lists/known.txt"

awk '{ printf "%d\n", NR }' "$work/selected" |
	xargs -P "$jobs" -n 1 "$here/case.sh"

cat "$work"/results.* | awk '
	{ count[$1]++ }
	END {
		printf "%d ok, %d failed, %d known to differ, %d skipped\n",
			count["ok"], count["FAIL"], count["known"], count["skip"]
		exit !(count["FAIL"] == 0)
	}'
status=$?
[ -z "$keep" ] || echo "kept: $work"
[ $status != 0 ] || grep -qv '^skip' "$work"/results.* || exit 77
exit $status
