#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Recordings made with the Unicorn that the program was built with are replayed
# with the libunicorn.so.2 of the directory VMS_OTHER_UNICORN, and the other way
# round: counts, registers, faults and memory have to be the same.
#
# usage: other_unicorn.sh refused|golden
#        other_unicorn.sh record|replay guests|prog NAME|busybox DATA CASE
#
# "record" and "replay" say what the other one does.  When OTHER_VERSION is set
# the script is called like vmspace, and is vmspace with the other library.
set -u

here=$(cd "$(dirname "$0")" && pwd)
if [ -n "${OTHER_VERSION:-}" ]; then
	exec env LD_LIBRARY_PATH="$VMS_OTHER_UNICORN" \
		VMS_ALLOW_UNICORN="$OTHER_VERSION" "$OTHER_PROGRAM" "$@"
fi
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
on_x86_64_linux || exit 77
# The program that is one file has its Unicorn inside.
[ ! -x "$program-shared" ] || program=$program-shared
if [ -z "${VMS_OTHER_UNICORN:-}" ]; then
	echo "skipped: VMS_OTHER_UNICORN is not set; see ./dev other-unicorn"
	exit 77
fi
guests=$(cd "$here/../guest" && pwd)
golden=$(cd "$here/../golden" && pwd)

die() {
	echo "FAILED: $*"
	exit 1
}

# with_other COMMAND...: loads the other library, which nothing allows.
with_other() {
	env -u VMS_ALLOW_UNICORN LD_LIBRARY_PATH="$VMS_OTHER_UNICORN" "$@"
}

version() {
	"$@" "$program" doctor | sed -n 's/^unicorn *\([0-9.]*\),.*/\1/p'
}

[ -r "$VMS_OTHER_UNICORN/libunicorn.so.2" ] ||
	die "$VMS_OTHER_UNICORN has no libunicorn.so.2"
own=$(version env)
other=$(version with_other)
echo "Unicorn $own, and $other"
[ "$own" != "$other" ] || die "$VMS_OTHER_UNICORN has the same version"

# refuses STATUS ARGUMENT...: one line, which says why.
refuses() {
	wanted=$1
	shift
	with_other "$program" "$@" >"$work/out" 2>&1 </dev/null
	got=$?
	[ "$got" = "$wanted" ] || die "$*: status $got, expected $wanted"
	if [ "$(wc -l <"$work/out")" != 1 ] || ! grep -q \
		"^vmspace: .*Unicorn $other is too old" "$work/out"; then
		cat "$work/out"
		die "$*: not one line that names the version"
	fi
}

check_refused() {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	if with_other "$program" doctor | grep -q "^unicorn .*, usable"; then
		echo "skipped: $other needs no permission"
		exit 77
	fi
	"$program" record -o "$work/a" "$guests/exit_status.elf"
	refuses 2 replay "$work/a"
	refuses 2 trace insns "$work/a"
	refuses 125 run "$guests/exit_status.elf"
	refuses 125 record -o "$work/b" "$guests/exit_status.elf"
	VMS_ALLOW_UNICORN=$other LD_LIBRARY_PATH=$VMS_OTHER_UNICORN \
		"$program" trace info "$work/a" | grep -q "^unicorn *$own$" ||
		die "trace info does not name $own"
}

# The other version records again, and compares with what is in the tree.
check_golden() {
	VMS_ALLOW_UNICORN=$other LD_LIBRARY_PATH=$VMS_OTHER_UNICORN \
		"$program" golden check "$golden"
}

set_sides() {
	OTHER_PROGRAM=$program
	OTHER_VERSION=$other
	export OTHER_PROGRAM OTHER_VERSION
	case $1 in
	record)
		VMSPACE_PROGRAM=$here/other_unicorn.sh
		REPLAY_WITH=$program
		;;
	replay) REPLAY_WITH=$here/other_unicorn.sh ;;
	esac
	export VMSPACE_PROGRAM REPLAY_WITH
}

check_guests() {
	status=0
	while read -r guest _; do
		"$here/replay.sh" "$1" "$guests/run.sh" "$guest" </dev/null ||
			status=1
	done <"$guests/expected.txt"
	exit $status
}

case $1 in
refused) check_refused ;;
golden) check_golden ;;
*)
	set_sides "$1"
	case $2 in
	guests) check_guests "--undeclared --verify=full --digest=1000" ;;
	prog) exec "$here/replay.sh" "--written --digest=100000" \
		"$here/prog.sh" musl "$3" ;;
	busybox) exec "$here/replay.sh" "--digest=1000000" \
		"$here/busybox.sh" "$3" "$4" ;;
	esac
	;;
esac
