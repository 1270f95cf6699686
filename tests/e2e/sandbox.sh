#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What guests that have a root of their own can reach: what a chroot would let
# them reach, and nothing outside.  Where mounts may be made, it is compared
# with a chroot.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
on_x86_64_linux || exit 77
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

for name in names ways host; do
	${CC:-cc} -static -O1 -D_GNU_SOURCE -w -o $name \
		"$here/sandbox/$name.c" || exit 77
done
out=$work/outside

# Always the same tree.
tree_make() {
	rm -rf tree share ro one outside
	mkdir -p outside share/sub ro/sub tree/bin tree/etc tree/a/b/c tree/tmp \
		tree/proc tree/dev tree/mnt/share tree/mnt/ro
	echo SECRET >outside/secret
	echo inside | tee one share/file ro/file >tree/etc/inside
	: >tree/mnt/one
	cp names ways tree/bin
	ln tree/etc/inside tree/hard
	for link in "abs $out/secret" "absdir $out" \
		"rel ../../../../../../../..$out/secret" "chain1 chain2" \
		'chain2 a/../chain3' 'chain3 abs' 'loop loop' 'loopa loopb' \
		'loopb a/../loopa' 'up ..' 'up20 ../../../../../../../../..' \
		'a/upup ../../../../etc/inside' 'root /' \
		"dangling $out/new" "viaroot /proc/self/root$out/secret" \
		"viacwd /proc/self/cwd/../..$out/secret" \
		"viafd /proc/self/fd/50/../../..$out/secret" 'lnk mnt'; do
		ln -s "${link#* }" "tree/${link%% *}"
	done
	ln -s ../outside/secret share/link
	ln -s "$out/secret" share/abs
	ln -s .. share/up
	ln -s ../outside/secret ro/link
	cp -a ro tree/w
	touch -d @1000000000 outside/secret outside
}

# WHO: nothing outside was seen, made or changed.
outside_is_whole() {
	grep -q SECRET "$1" && complain "$1: has read the secret"
	list=$(find outside -printf '%p %m %T@ ' | tr ' ' '\n' | sort -u |
		tr '\n' ' ')$(cat outside/secret)
	[ "$list" = '1000000000.0000000000 644 755 outside outside/secret SECRET' ] ||
		complain "$1: outside is now $list"
}

guest() {
	tree_make
	"$program" run --root tree --bind share:/lnk/share --bind ro:/mnt/ro:ro \
		--bind one:/mnt/one "$@" </dev/null 2>&1
}

chroot_run() {
	tree_make
	# shellcheck disable=SC2016
	unshare -m sh -c '
		mount --bind share tree/mnt/share &&
		mount --bind ro tree/mnt/ro &&
		mount -o remount,bind,ro tree/mnt/ro &&
		mount --bind one tree/mnt/one &&
		mount -t proc proc tree/proc &&
		mount --rbind /dev tree/dev && exec chroot tree "$@"' sh "$@" \
		</dev/null 2>&1
}

# compared NAME ARGUMENT...: both look-ups, and the chroot.
can_chroot=no
chroot_run /bin/ways child >/dev/null 2>&1
[ $? = 200 ] && can_chroot=yes
compared() {
	name=$1
	shift
	guest "$@" >"$name.guest"
	outside_is_whole "$name.guest"
	guest --paths-by-name "$@" >"$name.by_name"
	outside_is_whole "$name.by_name"
	cmp -s "$name.guest" "$name.by_name" || {
		complain "$name: name by name it is not the same"
		diff "$name.guest" "$name.by_name" | head -n 5
	}
	[ $can_chroot = yes ] || return
	chroot_run "$@" | grep -v '^~' >"$name.chroot"
	grep -v '^~' "$name.guest" | cmp -s - "$name.chroot" || {
		complain "$name: not as in a chroot"
		grep -v '^~' "$name.guest" | diff "$name.chroot" - | head -n 20
	}
}

compared names /bin/names "$out"
compared out /bin/ways out "$out"

# Changes: on a mount that may be changed, and on those that may not.
compared changes_share /bin/ways changes /mnt/share
compared changes_ro /bin/ways changes /mnt/ro
guest --read-only /bin/ways changes /w >changes_root
cmp -s changes_root changes_ro.guest || {
	complain '--read-only is not as :ro'
	diff changes_ro.guest changes_root | head -n 5
}
guest --read-only /bin/ways changes /mnt/share | cmp -s - changes_share.guest ||
	complain '--read-only reaches what --bind shows'
[ "$(cat tree/w/file ro/file)" = "$(printf 'inside\ninside')" ] ||
	complain 'what is read-only was changed'

# Rights, names and descriptors of the host.
guest /bin/ways rights >rights.guest
grep ': ok' rights.guest && complain 'a guest has a right'
for option in --no-network --paths-by-name; do
	guest $option /bin/ways network >"net$option"
done
grep -c EACCES <net--no-network | grep -qx 10 ||
	complain "--no-network: $(cat net--no-network)"
grep -c '^unix.*: ok' <net--no-network | grep -qx 4 ||
	complain "--no-network: $(cat net--no-network)"
says net--paths-by-name '^inet stream: ok'

tree_make
cat >sockets.expected <<'END'
~socket in a bind: ok
~then send outside: EISCONN
~then connect outside: EISCONN
~then send by link: EISCONN
~then bind outside: EINVAL
~then send to abstract: EISCONN
~then connect to abstract: EISCONN
~abstract: ECONNREFUSED
~socket outside: ENOENT
~socket by link: ENOENT
~stream in a bind: ok
~descriptor comes: ok
~control bytes: 0
END
for run in "held" "sockets $out"; do
	# shellcheck disable=SC2086
	./host "$program" run --root tree --bind share:/mnt/share /bin/ways \
		$run >"${run%% *}.guest" 2>&1 </dev/null
	rm -f share/dgram share/stream
	touch -d @1000000000 outside
	outside_is_whole "${run%% *}.guest"
done
cmp -s sockets.guest sockets.expected || {
	complain 'sockets of the host'
	diff sockets.expected sockets.guest
}
grep -v '^~descriptor [012]$' held.guest | grep -q '^~descriptor' &&
	complain "descriptors of the host: $(cat held.guest)"
"$program" run --root tree /bin/ways held <outside >held.stdin 2>&1
outside_is_whole held.stdin
for option in --clock=host "--bind $work:$work"; do
	# shellcheck disable=SC2086
	vms 0 run $option ./ways up <outside
done
exit $failed
