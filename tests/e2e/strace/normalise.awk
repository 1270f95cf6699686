# SPDX-License-Identifier: BSD-2-Clause
#
# The lines of strace -f -o FILE, made comparable: broken lines are joined, each
# process stands by itself under a number that counts from 1, and what differs
# from run to run is replaced: addresses, numbers of processes, random bytes,
# times.
function pid_name(pid) {
	if (!(pid in names)) {
		names[pid] = ++count
		order[count] = pid
	}
	return names[pid]
}

# Decimal numbers that are processes', wherever they stand.
function rename(line,   out, word) {
	out = ""
	while (match(line, /[0-9]+/)) {
		word = substr(line, RSTART, RLENGTH)
		out = out substr(line, 1, RSTART - 1)
		if (word in names && word + 0 > 300)
			out = out "PID" names[word]
		else
			out = out word
		line = substr(line, RSTART + RLENGTH)
	}
	return out line
}

function clean(line) {
	gsub(/0x[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]+/, "ADDRESS", line)
	gsub(/tv_sec=[0-9-]+, tv_[un]sec=[0-9-]+/, "TIME", line)
	gsub(/si_utime=[0-9]+, si_stime=[0-9]+/, "CPU", line)
	gsub(/tms_[a-z]+=[0-9]+/, "TICKS", line)
	gsub(/ +/, " ", line)
	gsub(/\/native(\\n)?/, "/HERE", line)
	gsub(/\/guest(\\n)?/, "/HERE", line)
	gsub(/loads=\[[0-9, ]*\]/, "LOADS", line)
	if (line ~ /^getrandom\(/)
		sub(/".*"(\.\.\.)?, /, "BYTES, ", line)
	if (line ~ /^(sysinfo|statfs|fstatfs)\(/)
		gsub(/=[0-9]+/, "=N", line)
	if (line ~ /^(times|time|sched_getaffinity|getppid|getpgrp|getpgid|getsid)\(/)
		sub(/= [0-9]+$/, "= N", line)
	return line
}

{
	pid = $1
	pid_name(pid)
	line = $0
	sub(/^[0-9]+ +/, "", line)
	if (line ~ / <unfinished \.\.\.>$/) {
		sub(/ <unfinished \.\.\.>$/, "", line)
		begun[pid] = line
		next
	}
	if (match(line, /^<\.\.\. [a-z0-9_]+ resumed>/)) {
		line = begun[pid] substr(line, RSTART + RLENGTH)
		begun[pid] = ""
	}
	lines[pid] = lines[pid] line "\n"
}

END {
	for (i = 1; i <= count; i++) {
		print "process " i
		n = split(lines[order[i]], row, "\n")
		for (j = 1; j < n; j++)
			print clean(rename(row[j]))
	}
}
