# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: BSD-2-Clause
#
# Sourced by dev after packages.sh: find_other_unicorn sets VMS_OTHER_UNICORN to
# a directory with another version of libunicorn.so.2 than the one built with.
# A directory that is set already is taken.  Otherwise the package of Debian 13
# is unpacked below build/: apt asks the machine's own mirror, but with state of
# its own, so that nothing is installed and the machine's lists stay as they are.

other_unicorn_suite=trixie

skip_other_unicorn() {
	say "skipped: $*; VMS_OTHER_UNICORN=DIR names a DIR that has" \
		"another libunicorn.so.2"
	exit 77
}

# private_apt COMMAND...: knows the one entry and no installed package.
private_apt() {
	tool=$1
	shift
	"$tool" -q -o Dir::State="$other/apt" \
		-o Dir::State::status=/dev/null \
		-o Dir::Cache="$other/apt" \
		-o Dir::Etc::SourceList=/dev/null \
		-o Dir::Etc::SourceParts="$other/apt/sources" \
		-o Dir::Etc::Preferences=/dev/null \
		-o Dir::Etc::PreferencesParts="$other/apt/preferences" "$@"
}

unpack_other_unicorn() {
	rm -rf "$other"
	mkdir -p "$other/apt/lists/partial" "$other/apt/archives/partial" \
		"$other/apt/sources" "$other/apt/preferences" "$other/lib"
	printf '%s\n' "$entry_text" >"$other/apt/sources/other.$entry_kind"
	private_apt apt-get update || return 1
	(cd "$other" && {
		private_apt apt-get download libunicorn2t64 ||
			private_apt apt-get download libunicorn2
	}) || return 1
	dpkg-deb -x "$other"/libunicorn2*.deb "$other/root" || return 1
	find "$other/root" -name 'libunicorn.so.*' -exec cp -P {} "$other/lib" \;
	rm -rf "$other/apt" "$other/root"
	[ -e "$other/lib/libunicorn.so.2" ]
}

find_other_unicorn() {
	[ -z "${VMS_OTHER_UNICORN:-}" ] || return 0
	other=$root/build/other-unicorn
	VMS_OTHER_UNICORN=$other/lib
	export VMS_OTHER_UNICORN
	[ ! -e "$other/lib/libunicorn.so.2" ] || return 0
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "$ID ${VERSION_CODENAME:-}") 2>/dev/null
	case $codename in
	debian\ ?*) codename=${codename#debian } ;;
	*) skip_other_unicorn "this is not Debian" ;;
	esac
	find_entry /etc/apt "$codename" "$other_unicorn_suite" ||
		skip_other_unicorn "found no $codename main entry in the apt" \
			"configuration"
	say "unpacking the Unicorn of Debian's $other_unicorn_suite to" \
		"build/other-unicorn; nothing is installed"
	unpack_other_unicorn </dev/null >&2 ||
		skip_other_unicorn "the mirror gives no Unicorn of" \
			"$other_unicorn_suite"
}
