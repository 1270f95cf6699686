#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs the fuzzers of a build, each from its seeds; new inputs go to a scratch
# corpus beside the fuzzer, a failing one is named and kept there.
#
# usage: run.sh BUILD [SECONDS [NAME...]]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$1/tests/fuzz
seconds=${2:-60}
shift
[ $# -eq 0 ] || shift
if [ $# -eq 0 ]; then
	for dir in "$here"/*/; do
		set -- "$@" "$(basename "$dir")"
	done
fi

for name in "$@"; do
	echo "fuzz $name for $seconds seconds"
	mkdir -p "$build/corpus-$name"
	"$build/fuzz_$name" -max_total_time="$seconds" -max_len=8192 \
		-artifact_prefix="$build/failed-$name-" -print_final_stats=1 \
		"$build/corpus-$name" "$here/$name/seeds"
done
