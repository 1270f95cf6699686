use strict; use warnings; use POSIX ":sys_wait_h"; use IPC::Open3; $| = 1;
my %kids; for my $i (1 .. 5) { my $p = fork; if (!$p) { select undef, undef, undef, 0.01 * (6 - $i); exit $i } $kids{$p} = $i }
my $sum = 0; while ((my $p = wait) > 0) { $sum += ($? >> 8) * 10; print "wrong\n" if $kids{$p} != $? >> 8 } print "$sum\n";
print `echo backticks; exit 3`, $? >> 8, "\n"; print system("kill -9 \$\$") & 127, "\n";
open my $in, "-|", "sort -n num.txt | head -n 3" or die; print <$in>; close $in;
open my $out, "|-", "tr a-z A-Z" or die; print $out "upper\n"; close $out;
my $pid = open3(my $w, my $r, undef, "cat"); print $w "through cat\n"; close $w; print <$r>; waitpid $pid, 0; print $?, "\n";
my $got = 0; local $SIG{USR1} = sub { $got++ }; kill USR1 => $$; kill USR1 => $$; print "$got\n";
local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 10; }; print $@;
my $reaped = 0; local $SIG{CHLD} = sub { while (waitpid(-1, WNOHANG) > 0) { $reaped++ } };
for (1 .. 4) { if (!fork) { exit 0 } } while ($reaped < 4) { select undef, undef, undef, 0.01 } print "$reaped\n";
pipe my $pr, my $pw; if (!fork) { close $pr; print $pw "x" x 100000; close $pw; POSIX::_exit(0) } close $pw; my $n = 0; while (sysread $pr, my $b, 4096) { $n += length $b } print "$n\n";
print join(",", map { sprintf "%o", (stat $_)[2] & 07777 } "text.txt", "tree/script"), "\n"; exec "sh", "-c", "echo exec; exit 6";
