# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: BSD-2-Clause
#
# Sourced by the tests of this directory.  77 is "cannot be tested here".

program=${VMSPACE_PROGRAM:?is the path of vmspace}
export LC_ALL=C TZ=UTC
umask 022

on_x86_64_linux() {
	[ "$(uname -s) $(uname -m)" = "Linux x86_64" ]
}

# The path of a static busybox, or nothing.
busybox_find() {
	for name in busybox.static busybox; do
		path=$(command -v $name) || continue
		case $(ldd "$path" 2>&1) in
		*[Nn]ot\ a*dynamic* | *statically*)
			echo "$path"
			return
			;;
		esac
	done
}

# The attributes of every file below the current directory, sorted.
tree_list() {
	find . -printf '%p %y %m %s %l\n' | sort
}
