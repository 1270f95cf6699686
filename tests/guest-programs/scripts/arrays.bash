a=(one "two words" three); echo ${#a[@]} "${a[1]}" ${!a[@]}
a+=(four); a[7]=eight; for i in "${!a[@]}"; do echo "$i=${a[i]}"; done
declare -A m=([x]=1 [y]=2); m[z]=3; for k in $(printf '%s\n' "${!m[@]}" | sort); do echo $k ${m[$k]}; done
echo "${a[@]:1:2}" "${a[@]/t/T}" "${a[*]}"
readarray -t lines < <(head -n 3 text.txt); echo ${#lines[@]} "${lines[2]}"
s="hello world"; echo ${s:3:4} ${s^^} ${s/o/0} ${s//o/0} ${s: -5}
declare -i n=5; n+=3; echo $n; printf -v out '%03d' 7; echo $out
for ((i = 0; i < 3; i++)); do echo -n "$i "; done; echo
select_() { local -n ref=$1; ref=changed; }; v=x; select_ v; echo $v
[[ "abc123" =~ ([a-z]+)([0-9]+) ]] && echo "${BASH_REMATCH[@]}"
echo $((2 ** 40)) $((16#ff)) $((RANDOM >= 0))
mapfile -n 2 x <num.txt; echo ${#x[@]}
while IFS=, read -r id name rest; do [ "$id" = 5 ] && echo "$name"; done <table.csv
trap 'echo bye' EXIT
exit 3
