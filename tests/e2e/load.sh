#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# How programs come into memory, beside the native kernel: links of each kind,
# the auxiliary vector, scripts, long lists of arguments, and refusals that a
# guest sees.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/common.sh
. "$here/common.sh"
# shellcheck source=tests/e2e/checks.sh
. "$here/checks.sh"

on_x86_64_linux || exit 77

# same COMMAND...: status and stdout are as natively.
same() {
	"$@" >native 2>native.err
	wanted=$?
	vms $wanted run "$@"
	cmp -s native out || complain "$*: $(diff native out | head -n 4)"
}

# without ASLR: the same addresses as the guest has.
plain() {
	setarch -R "$@" >native 2>native.err || complain "setarch $*"
	vms 0 run "$@"
	cmp -s native out || complain "$*: $(diff native out | head -n 4)"
}

cat >show.c <<'END'
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

static char zeros[20000];
static int data[] = { 1, 2, 3 };
extern char **environ;

int
main(int argc, char **argv)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < argc; i++)
		sum = sum * 31 + strlen(argv[i]) + (unsigned char)argv[i][0];
	for (i = 0; environ[i] != NULL; i++)
		continue;
	for (size_t at = 0; at < sizeof(zeros); at++)
		sum += (unsigned char)zeros[at];
	printf("%d %s %lu %d\n", argc, argv[0], sum, data[2]);
	printf("%s %s %ld %ld %ld\n", (char *)getauxval(AT_EXECFN),
	    (char *)getauxval(AT_PLATFORM), (long)getauxval(AT_PHNUM),
	    (long)getauxval(AT_PAGESZ), (long)getauxval(AT_SECURE));
	return argc == 3 ? 42 : 0;
}
END
cat >where.c <<'END'
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>

int
main(void)
{
	printf("%lx %lx %lx %p\n", getauxval(AT_ENTRY), getauxval(AT_BASE),
	    getauxval(AT_PHDR), (void *)main);
	printf("%p\n", sbrk(0));
	return 0;
}
END
kinds=
link() {
	name=$1
	shift
	if "$@" -o "$name" show.c 2>/dev/null; then
		kinds="$kinds $name"
	fi
}
link glibc_pie "${CC:-cc}" -pie -fPIE
link glibc_fixed "${CC:-cc}" -no-pie -fno-pie
link glibc_static "${CC:-cc}" -static
link glibc_static_pie "${CC:-cc}" -static-pie -fPIE
link wide "${CC:-cc}" -pie -fPIE -Wl,-z,max-page-size=0x200000
if [ -n "$(command -v musl-gcc)" ]; then
	link musl_pie musl-gcc -pie -fPIE
	link musl_fixed musl-gcc -no-pie -fno-pie
	link musl_static musl-gcc -static
fi
[ -n "$kinds" ] || complain 'no program could be made'
for kind in $kinds; do
	same "./$kind"
	same "./$kind" one two
done

# Places are those of Linux without randomisation.
if setarch -R true 2>/dev/null; then
	for flags in '-pie -fPIE' '-no-pie' \
		'-pie -fPIE -Wl,-z,max-page-size=0x200000'; do
		# shellcheck disable=SC2086
		${CC:-cc} -o where $flags where.c
		plain ./where
	done
fi

# Scripts: an argument, one that names another, too many.
cp /bin/echo echo || complain "no /bin/echo"
printf '#!%s/echo  a  b \nignored\n' "$work" >s1
printf '#! %s/s1 c' "$work" >s2
chmod 755 s1 s2
same ./s1 x
same ./s2 x y
for i in 3 4 5 6 7; do
	printf '#!%s/s%s\n' "$work" $((i - 1)) >"s$i"
	chmod 755 "s$i"
done
same ./s5
vms 126 run ./s6
one_error '\./s6: '

# What a guest's shell sees of refusals, and of the limits.
printf 'text\n' >text
cp glibc_pie noexec
printf 'not ELF, but more than sixty-four bytes, as many as a header has....\n' \
	>notelf
chmod 644 noexec
chmod 755 text notelf
for interp in /nowhere/ld.so "$work" "$work/noexec" "$work/text" \
	"$work/notelf"; do
	${CC:-cc} -Wl,--dynamic-linker="$interp" -o lost show.c
	# shellcheck disable=SC2016
	same sh -c 'exec ./lost 2>&1'
done
same sh -c './noexec; echo $?; ./missing; echo $?; . ./glibc_pie/x; echo $?'
long=$(printf '%060000d' 0)
same ./glibc_pie "$long" "$long" "$long" "$long" "$long" "$long"
# shellcheck disable=SC2016
same sh -c 'x=$1; /bin/echo $x | wc -c; x=$x$x$x; /bin/echo $x; echo $?' sh \
	"$long"

exit $failed
