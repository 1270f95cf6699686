#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A guest with --root tries to leave it.
#
# usage: escape.sh attempts|race SECONDS [OPTION of vmspace run...]
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/../common.sh"
on_x86_64_linux || exit 77
what=$1
shift
work=$(mktemp -d)
racer=
# shellcheck disable=SC2317 # the trap reaches it
cleanup() {
	[ -z "$racer" ] || kill -KILL "$racer" 2>/dev/null
	chmod -R u+w "$work"
	rm -rf "$work"
}
trap cleanup EXIT
compiler=${CC:-cc}

root=$work/root
mkdir -p "$root/dir/deep" "$root/walk/x/y" "$root/mnt/shared" "$root/mnt/ro" \
	"$work/secret" "$work/shared/sub" "$work/ro" "$root/a"
echo outside >"$work/secret/secret.txt"
echo inside >"$root/in.txt"
echo dir >"$root/dir/d.txt"
echo inside >"$root/a/secret.txt"
echo inside >"$root/f"
ln -s "$work/secret/secret.txt" "$root/g"
ln -s "$work/secret" "$root/b"
chmod 640 "$work/secret/secret.txt"
"$compiler" -static -O2 -std=c11 -D_GNU_SOURCE -o "$root/prog" \
	"$here/prog/$([ "$what" = race ] && echo racer || echo attempts).c" || exit 1

if [ "$what" = race ]; then
	seconds=$1
	shift
	"$root/prog" host "$work" 2>/dev/null &
	racer=$!
	# shellcheck disable=SC2094 # out is not below secret
# shellcheck disable=SC2094 # a directory, and a file beside it
"$program" run "$@" --root "$root" /prog guest "$seconds" ||
		{ echo "the racing guest got out, or nothing at all"; exit 1; }
	kill -KILL "$racer"
	[ "$(ls "$work/secret")" = secret.txt ] &&
		[ "$(stat -c %a "$work/secret/secret.txt")" = 640 ] && exit 0
	echo "the racing guest changed what is outside"
	exit 1
fi

ln -s "$work/secret/secret.txt" "$root/abs"
ln -s ../secret/secret.txt "$root/rel"
ln -s /in.txt "$root/rooted"
ln -s .. "$root/updir"
ln -s / "$root/slash"
ln -s updir/updir/rel "$root/chain"
ln -s loop "$root/loop"
ln -s "$work/secret" "$root/absdir"
ln -s /made-by-link "$root/dangling"
ln -s "$work/secret/made" "$root/outlink"
ln -s "$(command -v true)" "$root/abs-program"
printf '#!%s\n' "$work/secret/interp" >"$root/script"
printf '#!/bin/sh\necho outside\n' >"$work/secret/interp"
chmod 755 "$root/script" "$work/secret/interp"
ln -s "$work/secret/sock" "$root/sock-link"
echo shared >"$work/shared/s.txt"
ln -s ../secret/secret.txt "$work/shared/rel"
ln -s "$work/secret/secret.txt" "$work/shared/abs"
echo one >"$work/one"
echo read >"$work/ro/r.txt"

(cd "$work" && ls -lR secret ro shared) >"$work/before"
# shellcheck disable=SC2094 # a directory, and a file beside it
"$program" run "$@" --root "$root" --bind "$work/shared:/mnt/shared" \
	--bind "$work/ro:/mnt/ro:ro" --bind "$work/one:/one.txt" \
	/prog "$work/secret" 9<"$work/secret" >"$work/out" 2>&1
echo "status $?" >>"$work/out"
(cd "$work" && ls -lR secret ro shared) >"$work/after"
(cd "$root" && find created made linked fifo socket made-by-link moved) \
	>>"$work/out" 2>&1
failed=0
if grep -n outside "$work/out"; then
	echo "escape: the guest got out"
	failed=1
fi
diff "$here/expected.txt" "$work/out" || failed=1
diff "$work/before" "$work/after" || failed=1
[ "$(ls "$work")" = "after
before
one
out
ro
root
secret
shared" ] || { ls "$work"; failed=1; }
exit $failed
