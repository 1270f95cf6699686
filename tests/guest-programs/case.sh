#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: case.sh NUMBER: the case of that line of $work/selected; called by
# run.sh, whose variables say how.
#
# shellcheck disable=SC2154

set -u
export LC_ALL=C
umask 022
# shellcheck disable=SC3045 # each shell that we know has it
ulimit -c 0

line=$1
job=$work/job.$line
mkdir "$job" "$job/tmp" "$job/in"
tab=$(printf '\t')
IFS=$tab read -r group name flags command <<END
$(sed -n "${line}p" "$work/selected")
END

# flag NAME: the case has it.
flag() {
	case $flags in
	*" $1 "*) return 0 ;;
	*) return 1 ;;
	esac
}

# value NAME DEFAULT: of the flag NAME=VALUE.
value() {
	case $flags in
	*" $1="*)
		rest=${flags#*" $1="}
		echo "${rest%% *}"
		;;
	*) echo "$2" ;;
	esac
}

say() {
	echo "$*" >>"$job/report"
}

# finish RESULT [REASON]
finish() {
	echo "$1 $group.$name" >"$work/results.$line"
	{
		echo "$1 $group.$name${2:+: $2}"
		[ ! -e "$job/report" ] || sed 's/^/    /' "$job/report"
	} >"$job/all"
	cat "$job/all"
	exit 0
}

# run WHAT [WRAPPER...]: the command in a fresh directory, which is alone in
# the one above it, as guests look there; leaves WHAT.out, .err, .status and
# .tree, and the directory as WHAT.
run() {
	what=$1
	shift
	cp -a "$work/data" "$job/in/run"
	cd "$job/in/run" || exit 1
	# Copying reads the files, which moves the times that the next copy gets.
	find . -exec touch -h -d '2020-02-03 04:05:06 UTC' {} +
	if flag direct; then
		# Redirections of the line are this shell's.
		eval "limited \"\$@\" $direct" \
			>"$job/$what.out" 2>"$job/$what.err" </dev/null
	else
		limited "$@" "$shell" -c "$command" \
			>"$job/$what.out" 2>"$job/$what.err" </dev/null
	fi
	echo $? >"$job/$what.status"
	find . -type d -printf '%p d %m\n' -o \
		-printf '%p %y %m %s %l\n' | sort >"$job/$what.tree"
	# What they are is in the list; diff cannot look into them.
	find . \( -type p -o -type s -o -type c \) -exec rm -f {} +
	cd "$job" || exit 1
	mv in/run "$what"
}

# Unlike command -v, past what is built into this shell.
program_path() {
	case $1 in
	*/*) echo "$1" && return ;;
	esac
	(
		IFS=:
		for dir in $path; do
			[ ! -x "$dir/$1" ] || { echo "$dir/$1" && exit; }
		done
		echo "$1"
	)
}

limited() {
	env -i PATH="$path" HOME=/nonexistent LC_ALL=C TZ=UTC \
		TMPDIR="$job/tmp" timeout -k 5 "$seconds" "$@"
}

# same A B: what A and B left is equal; says what is not.
same() {
	equal=yes
	compared='status out tree'
	! flag stderr || compared="$compared err"
	for part in $compared; do
		cmp -s "$1.$part" "$2.$part" || differs "$part" "$@"
	done
	diff -r --no-dereference "$1" "$2" >files.diff 2>&1 || {
		[ $equal = no ] || say "files differ ($1, $2)"
		equal=no
		head -n 10 files.diff | cut -c 1-200 >>report
	}
	[ $equal = yes ] || flag stderr || cmp -s "$1.err" "$2.err" ||
		differs err "$@"
	[ $equal = yes ]
}

differs() {
	equal=no
	say "$1 differs ($2, $3)"
	diff -a "$2.$1" "$3.$1" | head -n 12 | cut -c 1-200 >>report
}

# The table of --stats follows what the guest itself wrote to stderr.
split_stats() {
	sed -n '/^vmspace: statistics$/,$p' "$1.err" >"$1.stats"
	sed -i '/^vmspace: statistics$/,$d' "$1.err"
}

# The instructions of each guest process, as --stats tells.
instructions() {
	grep -a 'instructions' "$1.stats"
}

# virtual N: the Nth run under the virtual clock is as the native one, and as
# the first.
virtual() {
	# shellcheck disable=SC2086
	run "virtual$1" "$wrapper" run $options --clock=virtual --stats \
		--strace="$job/strace.$1" --
	split_stats "virtual$1"
	same native "virtual$1" || return
	[ "$1" != 1 ] || return 0
	cmp -s strace.1 "strace.$1" || {
		say "system calls of run 1 and $1 differ"
		diff -a strace.1 "strace.$1" | head -n 6 | cut -c 1-200 >>report
		return 1
	}
	[ "$(instructions virtual1)" = "$(instructions "virtual$1")" ] || {
		say "instructions of run 1 and $1 differ"
		return 1
	}
	# A directory above the guest that grew would be another answer to it.
	rm -rf "virtual$1" "virtual$1".* "strace.$1"
}

recorded() {
	# shellcheck disable=SC2086
	run record "$wrapper" record $options --clock=virtual -o "$job/run.vmt" --
	same native record || return
	"$wrapper" replay run.vmt >replay.out 2>&1 || {
		say "the replay differs"
		head -n 5 replay.out | cut -c 1-200 >>report
		return 1
	}
}

repeated() {
	i=1
	while [ $i -le "$repeat" ]; do
		virtual $i || return
		i=$((i + 1))
	done
}

compare() {
	run native
	case $side in
	native) run guest ;;
	wrapper)
		# shellcheck disable=SC2086
		run guest $wrapper
		;;
	vmspace)
		[ "$extra" = only ] && {
			repeated
			return
		}
		# shellcheck disable=SC2086
		run guest "$wrapper" run $options --
		;;
	esac
	same native guest || return
	[ "$side" = vmspace ] || return 0
	[ "$extra" = no ] || flag hostclock || { repeated && recorded; }
}

path=$bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
seconds=$(($(value timeout "$seconds") * scale))
PATH=$path
for need in $(value needs '' | tr ',' ' '); do
	command -v "$need" >/dev/null || finish skip "needs $need"
done
! flag ipv6 || grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null ||
	finish skip "needs ::1"
[ "$extra" != only ] || ! flag hostclock ||
	finish skip "differs from run to run"
program=$(value prog '')
if [ -n "$program" ]; then
	"$here/build.sh" "$program" "${name##*.}" "$bin" >"$job/build" 2>&1
	case $? in
	0) ;;
	77) finish skip "needs $(cat "$job/build")" ;;
	*)
		head -n 10 "$job/build" >"$job/report"
		finish FAIL "does not build"
		;;
	esac
fi
first=${command%% *}
shell=$(program_path "$(value shell sh)")
direct=$(program_path "$first")${command#"$first"}

if compare; then
	result=ok
else
	result=FAIL
fi
reason=$(sed -n "s/^${group}\.${name}[ 	][ 	]*//p" "$known" 2>/dev/null)
case $result.$reason in
FAIL.?*)
	rm -f "$job/report"
	finish known "$reason"
	;;
ok.?*)
	# Some differ only under the virtual clock, which the shorter runs leave out.
	[ "$side.$extra" != vmspace.yes ] ||
		finish FAIL "does not differ, but known.txt says: $reason"
	;;
esac
[ $result != ok ] || rm -f "$job/report"
[ $result = FAIL ] || rm -rf "$job/native" "$job/guest" "$job/record" "$job"/virtual*
finish $result
