for i in 1 2 3; do (sleep 0.0$i; exit $i) & done
for p in $(jobs -p); do wait $p; echo $?; done
sleep 100 & sleep 100 &
echo $(jobs -r | wc -l) running
kill %1; wait %1 2>/dev/null; echo $?
disown; jobs | wc -l; kill $!
x=$( (sleep 0.02; echo slow) & echo fast; wait ); echo $x
coproc W { while read -r l; do echo "got $l"; done; }
echo a >&${W[1]}; read -r r <&${W[0]}; echo $r
eval "exec ${W[1]}>&-"; wait $W_PID; echo $?
set -m
sleep 0.01 | cat & wait $!; echo "pipeline $?"
(kill -TERM $BASHPID); echo $?
bash -c 'trap "" TERM; (sh -c "kill -TERM \$\$; echo ignored")'
set +m
time_out() { ( "$@" & p=$!; (sleep 0.1; kill $p) & wait $p ); }
time_out sleep 10 2>/dev/null; echo $?
seq 5 | while read -r n; do echo $((n * n)); done | tail -n 1
: | { read -r x || echo eof; }
