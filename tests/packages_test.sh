#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What ./dev does about packages, without doing it: which entry of a machine's
# apt configuration becomes the one for testing, and that nothing happens when
# nothing is missing.

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
etc=$(mktemp -d)
trap 'rm -rf "$etc"' EXIT
mkdir "$etc/sources.list.d"
failed=0

say() { echo "said: $*"; }
die() { echo "died: $*"; exit 1; }
# shellcheck source=cmake/packages.sh
. "$here/../cmake/packages.sh"

same() {
	[ "$2" = "$3" ] || {
		printf 'packages_test: %s: got\n%s\nwanted\n%s\n' "$1" "$2" "$3"
		failed=1
	}
}

# testing FILE <TEXT: what find_entry makes of a machine with that one file.
testing() {
	rm -rf "$etc"/sources.list "$etc"/sources.list.d/*
	cat >"$etc/$1"
	find_entry "$etc" bookworm testing || {
		echo none
		return
	}
	echo "$entry_kind: $entry_text"
}

same "one line" "$(testing sources.list <<'END'
# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb http://security.example/debian bookworm-security main
deb cdrom:[Debian 12]/ bookworm main
deb http://mirror.example/debian bookworm contrib main # mine
deb http://second.example/debian bookworm main
END
)" "list: deb http://mirror.example/debian testing main"

same "options" "$(testing sources.list.d/debian.list <<'END'
deb [ arch=amd64 signed-by=/keys/debian.gpg ] https://m.example/d bookworm main
END
)" "list: deb [ arch=amd64 signed-by=/keys/debian.gpg ] https://m.example/d testing main"

same "deb822" "$(testing sources.list.d/debian.sources <<'END'
Types: deb
URIs: http://security.example/debian
Suites: bookworm-security
Components: main

Types: deb deb-src
# http://snapshot.example/debian
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /keys/debian.gpg
END
)" "sources: types: deb
uris: http://mirror.example/debian
suites: testing
components: main
signed-by: /keys/debian.gpg"

same "inline key" "$(testing sources.list.d/debian.sources <<'END'
Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----
END
)" "sources: types: deb
uris: http://mirror.example/debian
suites: testing
components: main
signed-by: 
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----"

echo 'deb http://mirror.example/debian bookworm main' >"$etc/sources.list"
rm -f "$etc"/sources.list.d/*
find_entry "$etc" bookworm trixie
same "another suite" "$entry_kind: $entry_text" \
	"list: deb http://mirror.example/debian trixie main"

same "no entry" "$(testing sources.list <<'END'
deb http://mirror.example/debian trixie main
END
)" none

# From here on a need is met when it is not in $absent.
need_is_met() {
	case " $absent " in *" $1 "*) return 1 ;; esac
}
find_packager() {
	echo "$system"
}
as_root() {
	echo "as root: $*" >&2
}

system=apt-get absent=
same "nothing missing" "$(need_packages build test lint fuzz 2>&1)" ""
absent=busybox
same "other groups" "$(need_packages build 2>&1)" ""
system=dnf absent="check busybox"
same "two missing" "$(need_packages build test 2>&1)" \
	"said: installing with dnf: busybox check-devel
as root: dnf install -y busybox check-devel"
system=none absent=cc
same "no packager" "$(need_packages build 2>&1)" \
	"said: installing with none: cc
died: found none of apt-get, dnf, pacman, apk and brew: please install these yourself: cc"
exit $failed
