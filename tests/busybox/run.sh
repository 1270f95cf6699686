#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs each line of applets.txt with busybox natively and as a guest, as
# tests/guest-programs/run.sh does, which has the options.  Each applet of this
# busybox has a line there, or a reason in excluded.txt.

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
VMSPACE_PROGRAM=${VMSPACE_PROGRAM:-none}
# shellcheck source=tests/e2e/common.sh
. "$here/../e2e/common.sh"
busybox=$(busybox_find)
[ -n "$busybox" ] || {
	echo "skip busybox: there is no static one"
	exit 77
}
lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT
cp "$here/known.txt" "$lists"

# One case a line, named for the applet and the number among its lines; the
# first of each applet is in the fast subset.
awk '
	/^#/ || /^$/ { next }
	{
		host = sub(/^host: /, "")
		script = sub(/^ash: /, "")
		applet = $1
		if (script && match($0, /busybox [a-z0-9-]+/))
			applet = substr($0, RSTART + 8, RLENGTH - 8)
		name = applet == "[" ? "bracket" : applet == "[[" ? "brackets" : applet
		n = ++count[name]
		printf "%s.%d %s %s %s | %s\n", name, n, n == 1 ? "fast" : "",
			host ? "hostclock" : "",
			script ? "shell=ash" : "direct",
			script ? $0 : "busybox " $0
	}' "$here/applets.txt" >"$lists/busybox.list"

{
	awk '/^#/ || /^$/ { next }
		{ sub(/^host: /, "") }
		/^ash: / {
			for (i = 1; i < NF; i++)
				if ($i ~ /busybox$/ && match($(i + 1), /^[a-z0-9-]+/))
					print substr($(i + 1), 1, RLENGTH)
			next
		}
		{ print $1 }' "$here/applets.txt"
	awk '/^[a-z]/ { print $1 }' "$here/excluded.txt"
} | sort -u >"$lists/named"
"$busybox" --list | sort -u | comm -23 - "$lists/named" >"$lists/missing"
[ ! -s "$lists/missing" ] || {
	echo "FAIL busybox: applets without a line and without a reason:"
	cat "$lists/missing"
	exit 1
}

status=0
"$here/../guest-programs/run.sh" --lists "$lists" "$@" || status=$?
exit $status
