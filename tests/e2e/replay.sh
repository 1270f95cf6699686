#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs another test with every `vmspace run` of it recorded, and each recording
# replayed at once; a replay that is not the same fails that test.
#
# usage: replay.sh "OPTIONS of vmspace record" TEST [ARGUMENT...]
#
# As its own VMSPACE_PROGRAM it is called like vmspace.  REPLAY_WITH is the
# vmspace that replays, if another than VMSPACE_PROGRAM is to do so.
set -u

if [ -z "${REPLAY_PROGRAM:-}" ]; then
	REPLAY_PROGRAM=${VMSPACE_PROGRAM:?is the path of vmspace}
	REPLAY_WITH=${REPLAY_WITH:-$REPLAY_PROGRAM}
	REPLAY_OPTIONS=$1
	VMSPACE_PROGRAM=$(cd "$(dirname "$0")" && pwd)/replay.sh
	REPLAY_FAILED=$(mktemp)
	export REPLAY_PROGRAM REPLAY_WITH REPLAY_OPTIONS
	export VMSPACE_PROGRAM REPLAY_FAILED
	trap 'rm -f "$REPLAY_FAILED"' EXIT
	shift
	"$@"
	status=$?
	if [ -s "$REPLAY_FAILED" ]; then
		cut -c 1-300 "$REPLAY_FAILED"
		exit 1
	fi
	exit "$status"
fi

[ "$1" = run ] || exec "$REPLAY_PROGRAM" "$@"
shift
work=$(mktemp -d)
same='same: [0-9]+ events, [0-9]+ instructions'
same="$same(, from a checkpoint at event [0-9]+ on)?"
# shellcheck disable=SC2086
"$REPLAY_PROGRAM" record $REPLAY_OPTIONS -o "$work/trace" "$@"
status=$?
if "$REPLAY_WITH" replay "$work/trace" >"$work/out" 2>&1 &&
	grep -Eqx "$same" "$work/out"; then
	:
else
	{
		echo "replay of: $*"
		head -n 40 "$work/out"
	} >>"$REPLAY_FAILED"
	[ -z "${REPLAY_KEEP:-}" ] || cp "$work/trace"* "$REPLAY_KEEP"
fi
rm -rf "$work"
exit "$status"
