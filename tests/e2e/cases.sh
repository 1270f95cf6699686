# shellcheck shell=sh disable=SC2016,SC2034
# SPDX-License-Identifier: BSD-2-Clause
#
# One function per case, run in a fresh copy of the data.  "bb" is busybox,
# natively or in a vmspace; "native" is always the host's and prepares.  Each
# works on 1 MiB or 100 files at least.

case_sha256sum() {
	bb sha256sum text.txt num.txt bin.dat
	native sha256sum text.txt bin.dat >sums
	echo 'not a sum' >>sums
	bb sha256sum -c sums
}

case_sums() {
	bb md5sum bin.dat
	bb sha1sum bin.dat
	bb sha512sum text.txt
	bb sha3sum text.txt
	bb crc32 bin.dat
	bb md5sum missing
}

case_gzip() {
	bb gzip -c text.txt
	bb gzip -9 -c bin.dat
	bb gzip -1 num.txt
}

case_gunzip() {
	native gzip text.txt bin.dat
	bb gunzip -c text.txt.gz
	bb gunzip bin.dat.gz
	head -c 100000 text.txt.gz >cut.gz
	bb gunzip -t cut.gz
	bb gunzip <text.txt.gz
}

case_bzip2() {
	bb bzip2 -c text.txt
	bb bzip2 -1 bin.dat
}

case_bunzip2() {
	native bzip2 text.txt bin.dat
	bb bunzip2 -c text.txt.bz2
	bb bunzip2 bin.dat.bz2
	head -c 50000 text.txt.bz2 >cut.bz2
	bb bunzip2 -t cut.bz2
}

case_sort() {
	bb sort text.txt
	bb sort -n num.txt
	bb sort -u -r -k 3,4 text.txt
	bb sort -k 2,2 -k 1,1n -o sorted text.txt
	bb sort -c num.txt
}

case_awk() {
	bb awk '{ for (i = 2; i <= NF; i++) n[$i]++ }
		END { for (w in n) print w, n[w] }' text.txt
	bb awk '{ s += $1; q += $1 * $1; r += 1 / ($1 + 1); m += $1 * 0.1 }
		END { printf "%d %.6e %.15f %g %.17g\n", s, q, r, m, 7.9 % 4 }' num.txt
	bb awk '{ gsub(/a[a-z]*a/, "<&>"); $3 = toupper($3); print length($0), $0 }' text.txt
	bb awk 'BEGIN { while ((getline line < "num.txt") > 0)
		if (match(line, /77+/)) print RSTART, RLENGTH, line }'
	bb awk 'BEGIN { printf "%c %5.2f %-8s| %x %o\n", 65, 3.14159, "left", 255, 8; exit 7 }'
}

case_sed() {
	bb sed 's/alpha/OMEGA/g; y/xyz/XYZ/' text.txt
	bb sed -n '/^9[0-9]* beta/,/sigma$/p' text.txt
	bb sed -n 'H; ${ x; s/\n/,/g; p; }' tree/d1/f1.txt
	bb sed -i -e '3,$n' -e '/^1/d' -e '$!N' -e 'P;D' text.txt
	bb sed -E 's/([0-9]+) ([a-z]+)/\2 \1/' text2.txt
}

case_grep() {
	bb grep -r 'alpha beta' tree
	bb grep -rc omega tree
	bb grep -rl 'psi psi' tree
	bb grep -E -n '^(1|22)+ .*(pi|xi)$' text.txt
	bb grep -v -i -c ALPHA text.txt
	bb grep -o -w 'eta' text.txt
	bb grep -r 'not there at all' tree
	bb grep x missing
}

case_find() {
	bb find tree
	bb find tree -type f -name 'f[0-4]*' -size +2k
	bb find . -type l -o -perm 600 -o -empty
	bb find tree -depth -mindepth 1 -maxdepth 1 -newer /
	bb find tree -name 'fb.txt' -print0
	bb find tree -type d -prune
	bb find missing
}

case_tar_create() {
	bb tar cf tree.tar tree
	bb tar cf - tree text.txt bin.dat
	bb tar cvf x.tar -C tree d1 d2 empty
	bb tar cf y.tar missing
}

case_tar_extract() {
	native tar cf tree.tar tree text.txt
	rm -r tree
	bb tar tvf tree.tar
	bb tar xf tree.tar
	mkdir other
	bb tar xvf tree.tar -C other tree/d7
	head -c 100000 tree.tar >cut.tar
	bb tar tf cut.tar
	TREE_TIMES=yes
}

case_diff() {
	bb diff text.txt text2.txt
	bb diff -u text.txt text2.txt
	cp -r tree tree2
	native sed -i 's/alpha/beta/' tree2/d5/f*.txt
	rm tree2/d6/f6.txt
	bb diff -r tree tree2
	bb diff -q bin.dat num.txt
	bb diff text.txt text.txt
}

case_od() {
	bb od -A x -t x1 bin.dat
	bb od -c text.txt
	bb od -t d4 -j 100000 -N 200000 bin.dat
	bb od -t f8 -N 40000 bin.dat
	bb hexdump -C bin.dat
}

case_dc() {
	bb dc sum.dc
	bb bc -l <<-END
		scale = 60
		a(1) * 4
		e(1)
		for (i = 0; i < 200; ++i) s += 1 / (i + 1)
		s
		2 ^ 512
	END
}

case_cut() {
	bb cut -d ' ' -f 2,4- text.txt
	bb cut -c 3-9 text.txt
	bb cut -b 1,3 -s num.txt
}

case_dd() {
	bb dd if=bin.dat of=copy bs=4096 skip=3 seek=5 count=200 status=none
	bb dd if=text.txt of=copy bs=1000 seek=7 conv=notrunc status=none
	bb dd if=text.txt bs=64k conv=swab,sync status=none
	bb dd if=/dev/zero of=sparse bs=1 count=1 seek=2000000 status=none
	bb dd if=missing status=none
}

case_ed() {
	bb ed text.txt <<-'END'
		1,5p
		1000,31000s/alpha/ALPHA/
		/epsilon zeta/
		=
		10,20d
		$a
		last line
		.
		1i
		first line
		.
		2,3l
		5,8s/a/<&>/gp
		20r tree/d1/f1.txt
		$p
		w
		w edited
		1,30000d
		$=
		Q
	END
}

case_text_tools() {
	bb wc text.txt num.txt bin.dat
	bb tr 'a-z' 'A-Z' <text.txt
	bb tr -d '\n' <num.txt
	bb uniq -c num.txt
	bb head -n 20000 text.txt
	bb tail -n 20000 text.txt
	bb tail -c 500000 bin.dat
	bb tac text.txt
	bb rev text.txt
	bb nl text.txt
	bb fold -w 17 text.txt
	bb paste text.txt num.txt
	bb cmp text.txt text2.txt
	bb strings bin.dat
	bb expand text.txt
}

case_coding() {
	bb base64 bin.dat
	bb xxd bin.dat
	bb uuencode bin.dat name
	native base64 bin.dat >b64
	bb base64 -d b64
	bb xz -d -c missing.xz
}

case_patch() {
	native diff -u text.txt text2.txt >changes
	bb patch text.txt changes
	bb patch -R text.txt changes
}

case_file_tools() {
	bb ls -lRn tree
	bb cp -a tree copy
	bb mv copy moved
	bb ln -s text.txt soft
	bb ln text.txt hard
	bb readlink soft
	bb chmod -R go-r moved
	bb touch -d '2001-02-03 04:05:06' soft
	bb stat -c '%n %s %a %F %h %Y' text.txt hard tree
	bb du -k tree/empty
	bb rm -r tree
	bb mkdir -p a/b/c
	bb rmdir a/b/c
	bb rmdir moved
	bb truncate -s 12345 num.txt
	bb realpath ./a/../text.txt
	bb pwd
}

case_cpio() {
	find tree -type f | sort | native cpio -o -H newc >archive 2>/dev/null
	mkdir out
	(cd out && bb cpio -i -d <../archive)
	bb cpio -t <archive
	bb ar -t archive
	rm archive
}

case_calculators() {
	bb seq 1 7 300000
	bb factor 1234567890123456 4294967291 600851475143
	bb expr 12 '*' 34 + 5
	bb printf '%05d %x %s %e\n' 42 255 text 1.5
	bb date -u -d @1234567890 '+%A %j %F %T'
	bb cal 11 2026
	bb test -f text.txt
	bb test -d text.txt
	bb false
	bb no_such_applet
}

# Only what the shell does without a second process.
case_ash() {
	bb ash -c 'i=0; s=0
		while [ $i -lt 5000 ]; do s=$((s + i * i % 7)); i=$((i + 1)); done
		echo $s; echo "${PATH:+set}" "$1" "$#"; exit 9' ash one two
	bb ash -c 'n=0; while read -r a b; do n=$((n + a)); last=$b
		done <text.txt; echo $n $last'
	bb ash -c 'for f in tree/d*/f[0-3]*; do echo "$f"; done; set -e; cd tree/d1
		case $PWD in *d1) printf "%s\n" f*;; esac; trap "echo bye" EXIT'
}
