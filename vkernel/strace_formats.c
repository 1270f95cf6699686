/* SPDX-License-Identifier: BSD-2-Clause */
/* The arguments of calls whose shape takes more than the letters of
 * syscall_list.h can say; formats as in strace_args.h. */
#include "vkernel/strace_formats.h"

#include <stddef.h>

struct format_row {
	uint16_t nr;
	char result;
	const char *formats;
};

static const struct format_row rows[] = {
	{ 2, 'd', "sO{open_mode}" },
	{ 7, 'd', "nud{poll_note}" },
	{ 9, 'x', "puPMfx" },
	{ 12, 'x', "p" },
	{ 15, 'd', "{sigreturn}" },
	{ 16, 'd', "f{ioctl_request}{ioctl_arg}" },
	{ 23, 'd', "d{fdset}{fdset}{fdset}{select}" },
	{ 25, 'x', "puu{mremap}{mremap_to}" },
	{ 26, 'd', "pu{msync}" },
	{ 30, 'x', "dpx" },
	{ 35, 'd', "T{remain}" },
	{ 36, 'd', "{itimer}{itimerval_out}" },
	{ 38, 'd', "{itimer}{itimerval}{itimerval_out}" },
	{ 40, 'd', "ff{offset}u" },
	{ 41, 'd', "{family}{sock_type}{protocol}" },
	{ 42, 'd', "f{sockaddr}d" },
	{ 43, 'd', "f{sockaddr_out}{sockaddr_len}" },
	{ 44, 'd', "fbu{msg}{sockaddr}u" },
	{ 45, 'd', "fBu{msg}{sockaddr_out}{sockaddr_len}" },
	{ 46, 'd', "f{message}{msg}" },
	{ 47, 'd', "f{message_out}{msg}" },
	{ 48, 'd', "f{shutdown}" },
	{ 49, 'd', "f{sockaddr}d" },
	{ 50, 'd', "fd" },
	{ 51, 'd', "f{sockaddr_out}{sockaddr_len}" },
	{ 52, 'd', "f{sockaddr_out}{sockaddr_len}" },
	{ 53, 'd', "{family}{sock_type}{protocol}I" },
	{ 54, 'd', "f{sol}{option}{option_in}{u32}" },
	{ 55, 'd', "f{sol}{option}{option_out}{sockaddr_len}" },
	{ 56, 'd', "{clone_all}" },
	{ 59, 'd', "s{argv}{envp}" },
	{ 61, 'd', "d{wait_status}{wait}{wait_rusage}" },
	{ 72, 'd', "f{fcntl}{fcntl_arg}" },
	{ 73, 'd', "f{flock}" },
	{ 78, 'd', "f{dents}u" },
	{ 95, 'o', "o" },
	{ 98, 'd', "{rusage}{rusage_out}" },
	{ 99, 'd', "{sysinfo}" },
	{ 100, 'd', "{times}" },
	{ 115, 'd', "d{groups_out}" },
	{ 116, 'd', "d{groups}" },
	{ 118, 'd', "{int_out}{int_out}{int_out}" },
	{ 120, 'd', "{int_out}{int_out}{int_out}" },
	{ 128, 'd', "m{siginfo_out}Tu" },
	{ 129, 'd', "dS{siginfo}" },
	{ 131, 'd', "{altstack}{altstack_out}" },
	{ 133, 'd', "so{dev}" },
	{ 135, 'x', "{personality}" },
	{ 137, 'd', "s{statfs}" },
	{ 138, 'd', "f{statfs}" },
	{ 140, 'd', "{prio}d" },
	{ 141, 'd', "{prio}dd" },
	{ 142, 'd', "d{int}" },
	{ 143, 'd', "d{int_out}" },
	{ 144, 'd', "d{sched}{int}" },
	{ 145, 'd', "d{sched_note}" },
	{ 146, 'd', "{sched}" },
	{ 147, 'd', "{sched}" },
	{ 148, 'd', "dt" },
	{ 151, 'd', "{mlockall}" },
	{ 157, 'd', "{prctl_all}" },
	{ 158, 'd', "{arch}{arch_arg}" },
	{ 160, 'd', "r{limit}" },
	{ 188, 'd', "s{str}bu{xattr}" },
	{ 189, 'd', "s{str}bu{xattr}" },
	{ 190, 'd', "f{str}bu{xattr}" },
	{ 191, 'd', "s{str}Bu" },
	{ 192, 'd', "s{str}Bu" },
	{ 193, 'd', "f{str}Bu" },
	{ 194, 'd', "sBu" },
	{ 195, 'd', "sBu" },
	{ 196, 'd', "fBu" },
	{ 197, 'd', "s{str}" },
	{ 198, 'd', "s{str}" },
	{ 199, 'd', "f{str}" },
	{ 201, 'd', "{int_out}" },
	{ 202, 'd', "{futex_all}" },
	{ 203, 'd', "du{cpus}" },
	{ 204, 'd', "du{cpus_out}" },
	{ 213, 'd', "d" },
	{ 217, 'd', "f{dents}u" },
	{ 221, 'd', "fll{advise}" },
	{ 222, 'd', "{clock}{sigevent}{int_out}" },
	{ 223, 'd', "d{timer_flags}{itimerspec}{itimerspec_out}" },
	{ 224, 'd', "d{itimerspec_out}" },
	{ 225, 'd', "d" },
	{ 226, 'd', "d" },
	{ 230, 'd', "c{timer_flags}T{remain}" },
	{ 232, 'd', "f{epoll_events}dd" },
	{ 233, 'd', "f{epoll_op}f{epoll_event}" },
	{ 235, 'd', "s{utimes}" },
	{ 247, 'd', "{idtype}d{siginfo_out}{wait}{rusage_out}" },
	{ 257, 'd', "asO{open_mode}" },
	{ 259, 'd', "aso{dev}" },
	{ 260, 'd', "asdd{at}" },
	{ 261, 'd', "as{utimes}" },
	{ 270, 'd', "d{fdset}{fdset}{fdset}T{pselect}" },
	{ 271, 'd', "nuTm{u}{poll_note}" },
	{ 274, 'd', "dpp" },
	{ 275, 'd', "f{offset}f{offset}u{splice}" },
	{ 276, 'd', "ffu{splice}" },
	{ 278, 'd', "fvu{splice}" },
	{ 280, 'd', "as{utimens}{at}" },
	{ 281, 'd', "f{epoll_events}ddmu" },
	{ 282, 'd', "fmu" },
	{ 283, 'd', "c{timerfd}" },
	{ 284, 'd', "u" },
	{ 285, 'd', "f{fallocate}ll" },
	{ 286, 'd', "f{timerfd_set}{itimerspec}{itimerspec_out}" },
	{ 287, 'd', "f{itimerspec_out}" },
	{ 288, 'd', "f{sockaddr_out}{sockaddr_len}{sockflags}" },
	{ 289, 'd', "fmu{signalfd}" },
	{ 290, 'd', "u{eventfd}" },
	{ 291, 'd', "{epoll_create}" },
	{ 292, 'd', "ff{open}" },
	{ 293, 'd', "I{open}" },
	{ 294, 'd', "{inotify}" },
	{ 297, 'd', "ddS{siginfo}" },
	{ 302, 'd', "dr{limit}R" },
	{ 309, 'd', "{int_out}{int_out}p" },
	{ 316, 'd', "asas{rename}" },
	{ 318, 'd', "Bu{random}" },
	{ 319, 'd', "{str}{memfd}" },
	{ 322, 'd', "as{argv}{envp}{at}" },
	{ 324, 'd', "{membarrier}{none}" },
	{ 326, 'd', "f{offset}f{offset}ux" },
	{ 327, 'd', "fVul{skip}{rwf}" },
	{ 328, 'd', "fvul{skip}{rwf}" },
	{ 332, 'd', "as{statx_flags}{statx_mask}{statx}" },
	{ 334, 'd', "px{rseq}x" },
	{ 435, 'd', "{clone3_all}u" },
	{ 436, 'd', "uu{closerange}" },
	{ 439, 'd', "ask{at_access}" },
};

static const struct format_row *
row_lookup(uint64_t nr)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].nr == nr)
			return &rows[i];
	return NULL;
}

const char *
strace_formats(uint64_t nr)
{
	const struct format_row *row;

	row = row_lookup(nr);
	return row == NULL ? NULL : row->formats;
}

char
strace_result_format(uint64_t nr)
{
	const struct format_row *row;

	row = row_lookup(nr);
	return row == NULL ? 'd' : row->result;
}
