#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Records the guests of another test with --check-declared: the vkernel
# declares each of its stores to guest memory, and the test passes as it does
# unrecorded.
#
# usage: declared.sh busybox DATA CASE
#        declared.sh prog LIBC NAME
#        declared.sh guests
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the other test takes for vmspace.
cat >"$work/vmspace" <<END
#!/bin/sh
shift
exec '$program' record --check-declared -o '$work/'\$\$.vmt "\$@"
END
chmod +x "$work/vmspace"

# The status of a guest that is killed is not its own: 125 is vmspace's.
guests() {
	failed=0
	for guest in "$here"/../guest/*.elf; do
		"$work/vmspace" run --clock=virtual "$guest" \
			</dev/null >"$work/out" 2>"$work/err"
		if [ $? = 125 ] || grep -q 'not declared' "$work/err"; then
			echo "$guest:"
			head -n 5 "$work/err"
			failed=1
		fi
	done
	[ -n "$(find "$work" -name '*.vmt')" ] || failed=1
	return $failed
}

kind=$1
shift
case $kind in
guests)
	guests
	;;
*)
	VMSPACE_PROGRAM=$work/vmspace "$here/$kind.sh" "$@"
	status=$?
	if [ $status = 0 ] && [ -z "$(find "$work" -name '*.vmt')" ]; then
		echo "$kind $*: nothing was recorded"
		exit 1
	fi
	exit $status
	;;
esac
