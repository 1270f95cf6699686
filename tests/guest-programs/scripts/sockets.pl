use strict; use warnings; use IO::Socket::INET; use IO::Select; use Socket; $| = 1;
my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", Proto => "tcp") or die; my $port = $s->sockport;
for my $i (1 .. 3) { if (!fork) { close $s; my $c = IO::Socket::INET->new("127.0.0.1:$port") or die; print $c "$i\n"; my $a = <$c>; exit($a == $i * $i ? 0 : 1) } }
my $sel = IO::Select->new($s); my $done = 0; while ($done < 3) { for my $h ($sel->can_read) { if ($h == $s) { $sel->add($s->accept) } else { my $l = <$h>; if (defined $l) { print $h $l * $l, "\n" } $sel->remove($h); close $h; $done++ } } }
my $bad = 0; while (wait > 0) { $bad += $? } print "bad $bad\n"; socketpair my $x, my $y, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die; syswrite $x, "pair"; sysread $y, my $b, 10; print "$b\n";
