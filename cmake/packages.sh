# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Sourced by dev: need_packages GROUP... makes sure that what the groups of the
# table below ask for is there.  It looks first; when nothing is missing it
# does nothing.  Otherwise it says what it installs, then installs it.
#
# A need is met by whoever meets it: a unicorn built by hand is as good as the
# system's package.

unicorn_version=2.1.4

# need | group | apt | dnf | pacman | apk | brew   ("-": not there, or built in)
package_table() {
	cat <<'END'
cc       | build | gcc libc6-dev  | gcc glibc-devel       | gcc         | gcc musl-dev   | -
cmake    | build | cmake          | cmake                 | cmake       | cmake          | cmake
ninja    | build | ninja-build    | ninja-build           | ninja       | samurai        | ninja
pkgconf  | build | pkg-config     | pkgconf-pkg-config    | pkgconf     | pkgconf        | pkgconf
unicorn  | build | libunicorn-dev | unicorn-devel         | unicorn     | unicorn-dev    | unicorn
capstone | build | libcapstone-dev| capstone-devel        | capstone    | capstone-dev   | capstone
libelf   | build | libelf-dev     | elfutils-libelf-devel | libelf      | elfutils-dev   | libelf
zstd     | build | libzstd-dev    | libzstd-devel         | zstd        | zstd-dev       | zstd
xxhash   | build | libxxhash-dev  | xxhash-devel          | xxhash      | xxhash-dev     | xxhash
check    | build | check          | check-devel           | check       | check-dev      | check
cxx      | test  | g++            | gcc-c++               | gcc         | g++            | -
busybox  | test  | busybox-static | busybox               | busybox     | busybox-static | -
muslcc   | test  | musl-tools     | musl-gcc              | musl        | -              | -
ed       | test  | ed             | ed                    | ed          | -              | -
bash     | test  | bash           | bash                | bash        | bash           | -
python3  | test  | python3        | python3             | python      | python3        | -
perl     | test  | perl           | perl                | perl        | perl           | -
gawk     | test  | gawk           | gawk                | gawk        | gawk           | -
mawk     | test  | mawk           | mawk                | mawk        | mawk           | -
lua5.4   | test  | lua5.4         | -                   | -           | lua5.4         | -
tclsh    | test  | tcl            | tcl                 | tcl         | tcl            | -
sqlite3  | test  | sqlite3        | sqlite              | sqlite      | sqlite         | -
bc       | test  | bc             | bc                  | bc          | bc             | -
dc       | test  | dc             | bc                  | bc          | bc             | -
jq       | test  | jq             | jq                  | jq          | jq             | -
m4       | test  | m4             | m4                  | m4          | m4             | -
tcc      | test  | tcc            | -                   | tcc         | tcc            | -
make     | test  | make           | make                | make        | make           | -
gdbmtool | test  | gdbmtool       | gdbm                | gdbm        | gdbm-tools     | -
mdb_stat | test  | lmdb-utils     | lmdb                | lmdb        | lmdb-tools     | -
xz       | test  | xz-utils       | xz                  | xz          | xz             | -
zstd_cli | test  | zstd           | zstd                | zstd        | zstd           | -
bzip2    | test  | bzip2          | bzip2               | bzip2       | bzip2          | -
cpio     | test  | cpio           | cpio                | cpio        | cpio           | -
rsync    | test  | rsync          | rsync               | rsync       | rsync          | -
format   | lint  | clang-format   | clang-tools-extra     | clang       | clang-extra-tools | clang-format
tidy     | lint  | clang-tidy     | clang-tools-extra     | clang       | clang-extra-tools | llvm
cppcheck | lint  | cppcheck       | cppcheck              | cppcheck    | cppcheck       | cppcheck
shell    | lint  | shellcheck     | ShellCheck            | shellcheck  | shellcheck     | shellcheck
clang    | fuzz  | clang libclang-rt-dev | clang compiler-rt | clang compiler-rt | clang compiler-rt | llvm
END
}

have() {
	command -v "$1" >/dev/null 2>&1
}

have_module() {
	have pkg-config && pkg-config --atleast-version="$2" "$1"
}

have_static_busybox() {
	for name in busybox.static busybox; do
		path=$(command -v "$name") || continue
		ldd "$path" 2>&1 |
			grep -Eqi 'not a (valid )?dynamic|statically' && return
	done
	return 1
}

cmake_is_new_enough() {
	have cmake && cmake --version | awk 'NR == 1 {
		split($3, v, "."); exit !(v[1] > 3 || v[2] >= 25) }'
}

need_is_met() {
	case $1 in
	cc) echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1 ;;
	cmake) cmake_is_new_enough ;;
	ninja) have ninja || have samu ;;
	pkgconf) have pkg-config ;;
	unicorn) have_module unicorn "$unicorn_version" ;;
	capstone) have_module capstone 4.0.2 ;;
	libelf) have_module libelf 0.8 ;;
	zstd) have_module libzstd 1.4 ;;
	xxhash) have_module libxxhash 0.8 ;;
	check) have_module check 0.14 ;;
	cxx) have c++ ;;
	busybox) have_static_busybox ;;
	muslcc) have musl-gcc ;;
	zstd_cli) have zstd ;;
	format) have clang-format ;;
	tidy) have clang-tidy ;;
	cppcheck) have cppcheck ;;
	shell) have shellcheck ;;
	clang) have clang ;;
	*) have "$1" ;;
	esac
}

find_packager() {
	for name in apt-get dnf pacman apk brew; do
		have "$name" && echo "$name" && return
	done
	echo none
}

# The packages of this system for what is missing in the groups, one a line.
missing_packages() {
	case $packager in
	apt-get) column=3 ;;
	dnf) column=4 ;;
	pacman) column=5 ;;
	apk) column=6 ;;
	brew) column=7 ;;
	*) column=1 ;;
	esac
	package_table | awk -F'|' -v groups=" $* " -v column="$column" '{
		gsub(/ /, "", $1); gsub(/ /, "", $2)
		if (index(groups, " " $2 " "))
			print $1, $column
	}' | while read -r need packages; do
		[ "$packages" = - ] || need_is_met "$need" || echo "$packages"
	done | tr ' ' '\n' | sort -u
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		die "cannot install packages: run this as root, or install sudo"
	fi
}

# --- Debian 12: Unicorn comes from the testing suite, and nothing else does.

# One stanza or line of the machine's own apt configuration, turned to another
# suite: same mirror, same keys, same options.
entry_from_sources() {
	awk -v suite="$1" -v wanted="$2" 'BEGIN { RS = ""; FS = "\n" }
	function has(list, word) {
		return index(" " list " ", " " word " ") > 0
	}
	{
		split("", value); split("", order); fields = 0; name = ""
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^#/)
				continue
			if ($i ~ /^[ \t]/ && name != "") {
				value[name] = value[name] "\n" $i
				continue
			}
			name = tolower(substr($i, 1, index($i, ":") - 1))
			text = substr($i, index($i, ":") + 1)
			sub(/^[ \t]+/, "", text); sub(/[ \t]+$/, "", text)
			value[name] = text
			order[++fields] = name
		}
		if (value["enabled"] ~ /^(no|false|0)/ || \
		    value["uris"] ~ /^cdrom/ || !has(value["types"], "deb") || \
		    !has(value["suites"], suite) || \
		    !has(value["components"], "main"))
			next
		value["types"] = "deb"
		value["suites"] = wanted
		value["components"] = "main"
		for (i = 1; i <= fields; i++)
			printf "%s: %s\n", order[i], value[order[i]]
		exit
	}' "$3"
}

entry_from_list() {
	awk -v suite="$1" -v wanted="$2" '{
		sub(/#.*/, "")
		options = ""
		if (match($0, /\[[^]]*\]/)) {
			options = substr($0, RSTART, RLENGTH) " "
			$0 = substr($0, 1, RSTART - 1) substr($0, RSTART + RLENGTH)
		}
		main = 0
		for (i = 4; i <= NF; i++)
			main += $i == "main"
		if ($1 == "deb" && $2 !~ /^cdrom/ && $3 == suite && main) {
			print "deb " options $2 " " wanted " main"
			exit
		}
	}' "$3"
}

# find_entry ETC SUITE WANTED: sets entry_kind (sources or list) and entry_text.
find_entry() {
	etc=$1
	suite=$2
	wanted=$3
	for file in "$etc"/sources.list.d/*.sources "$etc"/sources.list \
		"$etc"/sources.list.d/*.list; do
		[ -r "$file" ] || continue
		entry_kind=${file##*.}
		entry_text=$(entry_from_"$entry_kind" "$suite" "$wanted" "$file")
		[ -z "$entry_text" ] || return 0
	done
	return 1
}

testing_pin() {
	cat <<'END'
# Written by vmspace's ./dev: only Unicorn may come from testing.
Package: *
Pin: release a=testing
Pin-Priority: -1

Package: libunicorn-dev libunicorn2t64
Pin: release a=testing
Pin-Priority: 995
END
}

write_as_root() {
	# shellcheck disable=SC2016
	as_root sh -c 'cat >"$1" && chmod 644 "$1"' sh "$1"
}

unicorn_is_offered() {
	candidate=$(LC_ALL=C apt-cache policy libunicorn-dev |
		sed -n 's/^ *Candidate: //p')
	[ -n "$candidate" ] && [ "$candidate" != "(none)" ] &&
		dpkg --compare-versions "$candidate" ge "$unicorn_version"
}

add_testing() {
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "$ID-${VERSION_ID:-}-${VERSION_CODENAME:-}")
	case $codename in
	debian-12-*) codename=${codename#debian-12-} ;;
	*) return 0 ;;
	esac
	etc=/etc/apt
	find_entry "$etc" "$codename" testing || die "found no $codename main entry" \
		"in the apt configuration, so no mirror for Unicorn $unicorn_version"
	say "Unicorn $unicorn_version is not in Debian 12: taking libunicorn-dev" \
		"and libunicorn2t64, and nothing else, from Debian's testing suite" \
		"($etc/sources.list.d/vmspace-unicorn.$entry_kind," \
		"$etc/preferences.d/vmspace-unicorn)"
	testing_pin | write_as_root "$etc/preferences.d/vmspace-unicorn"
	printf '# Written by vmspace'\''s ./dev, for Unicorn only.\n%s\n' \
		"$entry_text" |
		write_as_root "$etc/sources.list.d/vmspace-unicorn.$entry_kind"
	apt_update
	# A mirror that is kept at one day goes on serving signed lists after
	# their date.
	unicorn_is_offered || {
		say "asking once more, for lists that are past their date"
		apt_update -o Acquire::Check-Valid-Until=false
	}
}

apt_update() {
	as_root apt-get update -q "$@" ||
		say "apt-get update failed; going on with what is known"
}

# A unicorn that is too old is left out, and CMake will say what to do.
install_with_apt() {
	apt_update
	case " $* " in
	*" libunicorn-dev "*)
		unicorn_is_offered || add_testing
		unicorn_is_offered || {
			say "this system offers libunicorn-dev ${candidate:-(none)}" \
				"only, which is too old: leaving it out"
			# shellcheck disable=SC2046
			set -- $(echo " $* " | sed 's/ libunicorn-dev / /')
		}
		;;
	esac
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
		--no-install-recommends "$@"
}

need_packages() {
	packager=$(find_packager)
	packages=$(missing_packages "$@" | tr '\n' ' ')
	packages=${packages% }
	[ -n "$packages" ] || return 0
	say "installing with $packager: $packages"
	# The list is split on purpose; nothing here may eat the guest's input.
	# shellcheck disable=SC2086
	case $packager in
	apt-get) install_with_apt $packages ;;
	dnf) as_root dnf install -y $packages ;;
	pacman) as_root pacman -Sy --needed --noconfirm $packages ;;
	apk) as_root apk add $packages ;;
	brew) brew install $packages ;;
	none) die "found none of apt-get, dnf, pacman, apk and brew:" \
		"please install these yourself: $packages" ;;
	esac </dev/null >&2
}
