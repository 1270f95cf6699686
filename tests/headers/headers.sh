#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: headers.sh TREE CC CXX
#
# Every header stands alone, and twice: the public ones in C11 and C++, the
# drop-in ones and those of the rooms in C11 with the host's own names.  A
# *_list.h is a table of macro calls, no header.  CXX may be empty.

set -u

tree=$1
cc=$2
cxx=$3
flags="-fsyntax-only -pedantic -Wall -Wextra -Werror"
case $(uname) in
Darwin) ours=-D_DARWIN_C_SOURCE ;;
*) ours=-D_GNU_SOURCE ;;
esac
failed=0
count=0

# check INCLUDE COMPILER...: COMPILER accepts a file that includes it twice.
check() {
	include=$1
	shift
	count=$((count + 1))
	printf '#include %s\n#include %s\nextern int nothing;\n' \
		"$include" "$include" | "$@" - || {
		echo "headers: $include does not stand alone: $*"
		failed=1
	}
}

# shellcheck disable=SC2086
check_tree() {
	for header in $(cd "$tree/include" && find vmspace -name '*.h'); do
		check "<$header>" "$cc" -x c -std=c11 $flags -I"$tree/include"
		[ -z "$cxx" ] || check "<$header>" "$cxx" -x c++ -std=c++11 \
			$flags -I"$tree/include"
	done
	for header in $(cd "$tree/include/dragonfly" && find . -name '*.h'); do
		check "<${header#./}>" "$cc" -x c -std=c11 $flags $ours \
			-I"$tree/include" -I"$tree/include/dragonfly"
	done
	for header in $(cd "$tree" && find base emu vmspace loader traces \
		vkernel cli -name '*.h' ! -name '*_list.h'); do
		check "\"$header\"" "$cc" -x c -std=c11 $flags $ours \
			-iquote "$tree" -I"$tree/include"
	done
}

check_tree
echo "headers: $count compiled"
[ $count -gt 20 ] || failed=1
exit $failed
