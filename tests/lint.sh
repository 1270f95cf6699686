#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: lint.sh [--fix] [CHECK...]
#
# Runs the named checks, or all: format spdx layers shell tidy cppcheck macos.
# Needs build/dev/compile_commands.json for tidy.  --fix: format rewrites.

set -u

cd "$(dirname -- "$0")/.." || exit 1
fix=
[ "${1:-}" != --fix ] || {
	fix=yes
	shift
}

# Every file of ours, whether git knows it yet or not; what is built is not.
files() {
	find . -name build -prune -o -name .git -prune -o -path './_*' -prune -o \
		-type f \( "$@" \) -print | LC_ALL=C sort
}

c_files() {
	files -name '*.c' -o -name '*.h'
}

# Files that CMake compiles on this machine.
compiled_files() {
	sed -n 's/^ *"file": "\(.*\)",*$/\1/p' build/dev/compile_commands.json |
		sort -u
}

jobs=$(getconf _NPROCESSORS_ONLN)

lint_format() {
	for name in clang-format-14 clang-format; do
		"$name" --version 2>/dev/null | grep -q 'version 14\.' || continue
		if [ -n "$fix" ]; then
			c_files | xargs "$name" -i
			return
		fi
		wrong=$(c_files | while read -r file; do
			"$name" "$file" | cmp -s "$file" || echo "$file"
		done)
		[ -z "$wrong" ] || {
			printf './dev format would change:\n%s\n' "$wrong"
			return 1
		}
		return 0
	done
	echo "skipped: needs clang-format 14, as other versions differ"
}

lint_spdx() {
	without=$(files -name '*.[chS]' -o -name '*.sh' -o -name '*.cmake' \
		-o -name CMakeLists.txt -o -name dev -o -path './.ci/run' |
		while read -r file; do
			head -n 4 "$file" |
				grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
				echo "$file"
		done)
	[ -z "$without" ] || {
		printf 'no SPDX line in:\n%s\n' "$without"
		return 1
	}
}

lint_layers() {
	tests/layers.sh
}

lint_shell() {
	files -name '*.sh' -o -name dev -o -path './.ci/run' |
		xargs shellcheck -x
}

lint_tidy() {
	compiled_files | xargs -P "$jobs" -n 4 clang-tidy -p build/dev --quiet \
		2>/dev/null
}

lint_cppcheck() {
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr -j "$jobs" \
		--enable=warning,performance,portability \
		--suppressions-list=tests/cppcheck.txt -I . -I include \
		base emu vmspace loader traces vkernel cli
}

lint_macos() {
	command -v npm >/dev/null || {
		echo "skipped: needs npm"
		return 0
	}
	cmake/macos-check.sh
}

[ $# -gt 0 ] || set -- format spdx layers shell tidy cppcheck macos
failed=
for check in "$@"; do
	if "lint_$check"; then
		echo "lint: $check: ok"
	else
		echo "lint: $check: FAILED"
		failed="$failed $check"
	fi
done
[ -z "$failed" ] || {
	echo "lint: failed:$failed"
	exit 1
}
