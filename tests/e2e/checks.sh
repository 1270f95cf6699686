# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-2-Clause
#
# Sourced, after common.sh, by tests that make many checks: a directory of their
# own, where they are from then on; failed, their exit status; and what checks.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

complain() {
	echo "FAILED: $*"
	failed=1
}

# vms STATUS ARGUMENT...: runs vmspace; its output is in out and err.
vms() {
	wanted=$1
	shift
	"$program" "$@" >out 2>err
	got=$?
	[ "$got" = "$wanted" ] || {
		complain "vmspace $*: status $got, expected $wanted"
		head -n 5 err
	}
}

# says FILE PATTERN: a line of FILE matches.
says() {
	grep -Eq -e "$2" "$1" || {
		complain "$1 does not say: $2"
		head -n 5 "$1"
	}
}

# one_error PATTERN: stderr is one line, of vmspace, that matches.
one_error() {
	[ "$(wc -l <err)" = 1 ] || complain "not one line: $(cat err)"
	says err "^vmspace: .*$1"
}
