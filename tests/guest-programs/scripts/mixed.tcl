puts "args $argv [llength $argv]"
set f [open text.txt]; set n 0; while {[gets $f line] >= 0} { incr n; incr count([lindex $line 1]) }; close $f
puts $n; foreach k [lsort [array names count]] { puts "$k $count($k)" }
puts [exec sh -c {echo out; exit 0}]; puts [catch {exec sh -c {exit 3}} m opt]; puts [lindex [dict get $opt -errorcode] 2]
set p [open "|cat" r+]; puts $p hello; flush $p; puts [gets $p]; close $p
proc fact n { expr {$n < 2 ? 1 : $n * [fact [expr {$n - 1}]]} }; puts [fact 30]
set s [socket -server {apply {{c a p} { puts $c "served"; close $c; set ::done 1 }}} -myaddr 127.0.0.1 0]
set c [socket 127.0.0.1 [lindex [fconfigure $s -sockname] 2]]; vwait done; puts [gets $c]
puts [regsub -all {(\w)(\d)} "a1b2" {\2\1}]; puts [lsort -integer {10 9 2}]; exit 5
