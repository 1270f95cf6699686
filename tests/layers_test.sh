#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# layers.sh must find each kind of violation, and nothing in a clean tree.

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

# expect STATUS FILE TEXT: a tree with FILE in it, that consists of TEXT.
expect() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/base" "$tree/emu" "$tree/vmspace" "$tree/vkernel"
	touch "$tree/base/page.h" "$tree/emu/cpu.h" "$tree/vmspace/vms.h"
	# shellcheck disable=SC2059
	printf "$3" >"$tree/$2"
	status=0
	"$here/layers.sh" "$tree" || status=$?
	[ $status -eq "$1" ] || {
		echo "layers_test: $2 with $3: status $status, not $1"
		failed=1
	}
}

expect 0 emu/cpu.c '#include "emu/cpu.h"\n#include "base/page.h"\n'
expect 0 emu/cpu_unicorn.c '#include <unicorn/unicorn.h>\n'
expect 0 vkernel/x.c '#include <vmspace/vmspace.h>\n#include <stdio.h>\n'
expect 1 emu/x.c '#include "vmspace/vms.h"\n'
expect 1 base/x.c '#include "emu/cpu.h"\n'
expect 1 vkernel/x.c '#include "vmspace/vms.h"\n'
expect 1 vkernel/x.c '#include "emu/cpu.h"\n'
expect 1 emu/x.c '#include "cpu.h"\n'
expect 1 emu/x.c '#include <unicorn/unicorn.h>\n'
expect 1 vmspace/x.c '#  include <capstone/capstone.h> /* why */\n'
expect 1 vmspace/x.c '#include <linux/mman.h>\n'
expect 1 emu/cpu.c '#include <stdio.h>\n#include "emu/cpu.h"\n'
expect 1 vmspace/x.c '#include <sys/prctl.h>\n'
exit $failed
