#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# --strace beside strace -f: the same programs, natively and in a vmspace, give
# the same lines when what differs from run to run is taken out.  What else may
# differ is named below.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
on_x86_64_linux || exit 77
command -v strace >/dev/null || exit 77
strace -o /dev/null true 2>/dev/null || exit 77
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

normal() {
	awk -f "$here/strace/normalise.awk" "$1" | sed "$except" >"$2"
}

# What is not the same by intention: ld.so takes a little memory for the vDSO,
# which guests do not have; file systems fill more of statx than was asked
# for; the personality shows one processor; without a vDSO clocks are
# calls; when a child ends is a matter of speed; sizes of directories differ.
except='
/^mmap(NULL, \(8192\|12288\), PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS/d
s/{stx_mask=[^,]*, stx_attributes=[^,]*,/{STATX,/
/^sched_getaffinity/d
/^clock_gettime/d
/^gettimeofday/d
/^--- SIGCHLD/d
/^rt_sigreturn/d
/^mincore/d
s/S_IFDIR|0[0-9]*, st_size=[0-9]*/DIRECTORY/
/^read([0-9]*, "nodev/d
s/\(getcwd("[^"]*", 4096) = \)[0-9]*/\1LENGTH/
s/\(HERE", \)[0-9]*) = [0-9]*/\1LENGTH) = LENGTH/
'

# both COMMAND...: leaves native.lines, guest.lines and what differs.
both() {
	rm -rf native guest
	mkdir native guest
	(cd native && timeout 60 strace -f -o ../native.log "$@" \
		<../input >out 2>err)
	native_status=$?
	(cd guest && timeout 60 "$program" run --strace=../guest.log "$@" \
		<../input >out 2>err)
	guest_status=$?
	normal native.log native.lines
	normal guest.log guest.lines
	diff native.lines guest.lines >difference
}

# same COMMAND...: both traces of it. The number of a process may be one of the
# numbers that are looked at, 4096 above all: then the next one is not.
compared=0
same() {
	for word; do
		command -v "$word" >/dev/null && break
		echo "no $word"
		return
	done
	both "$@" || both "$@" ||
		complain "$*: lines differ: $(head -n "${SHOWN:-12}" difference | sed "s/\\\\/%/g")"
	[ $native_status = $guest_status ] ||
		complain "$*: status $guest_status, natively $native_status"
	compared=$((compared + 1))
}

seq 1 200 >input
unset LD_PRELOAD LD_LIBRARY_PATH
same true
same false
same echo hello world
same cat
same sort -r
same head -n 3
same tail -n 3
same tr 0-9 a-j
same cut -c 1-2
same uniq
same sed -n 5p
same sha256sum
same od -c
same base64
same ls /
same ls /nonexistent
same stat -c %a /etc/passwd
same readlink -f /proc/self/exe
same mkdir -p a/b/c
same touch new
same ln -s target link
same rm -f nothing
same pwd
same id -u
same sleep 0.01
same env -i A=b env
same sh -c 'exit 3'
same sh -c 'kill -9 $$'
same sh -c 'trap "echo caught" USR1; kill -USR1 $$; echo done'
same sh -c '(exit 4); echo $?'
same sh -c 'cat </nonexistent'
same sh -c 'for i in 1 2 3; do /bin/true; done'
same xargs -n 50 echo
same tee copy
same dd bs=100 count=2 status=none
same gzip -c
same find . -name nothing
same nl
same fold -w 5
same basename /a/b
same comm ../input ../input
same printf '%s\n' a

# A program that makes most calls; its limits and files decide about some.
if ${CC:-cc} -w -o calls "$here/strace/calls.c" 2>/dev/null; then
	except="$except
/^clock_getres/d
/SIGSEGV/d
/RLIMIT_CORE/d
/xattr(/d
/\"\/dev\/null\"/d
/S_IFCHR/d
/F_GETOWN/d
/PIPE_SZ/d
/^sched_setaffinity/d
/^statfs/d
/^fstatfs/d
/^getpgid/d
/^getsid/d
/^getdents64/d
"
	same ../calls
fi
[ $compared -ge 30 ] || complain "only $compared programs compared"
exit $failed
