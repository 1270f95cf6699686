/* SPDX-License-Identifier: BSD-2-Clause */
/* stat, statm and status of processes and threads, as fs/proc/array.c has
 * them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/page.h"
#include "vkernel/clock.h"
#include "vkernel/proc.h"

#define TICK_NS UINT64_C(10000000)
#define PTS_0   34816 /* 136:0 */

struct facts {
	struct vk_process *process;
	struct vk_thread *thread; /* NULL: a zombie */
	struct mm_usage usage;
	char state;
	uint64_t pending, shared, blocked, ignored, caught;
};

static char
state_of(const struct vk_process *process, const struct vk_thread *thread)
{
	if (process->zombie || thread == NULL || thread->exited)
		return 'Z';
	switch (thread->state) {
	case THREAD_READY:
		return 'R';
	case THREAD_WAITING:
		return 'S';
	case THREAD_STOPPED:
		return thread->ptrace.stop != 0 ? 't' : 'T';
	default:
		return 'Z';
	}
}

static void
facts_of_signals(struct facts *facts)
{
	const struct lx_sigaction *action;
	int signal;

	if (facts->thread == NULL || facts->process->actions == NULL)
		return;
	facts->blocked = facts->thread->mask;
	facts->pending = facts->thread->pending.set;
	facts->shared = facts->process->pending.set;
	for (signal = 1; signal <= LX_NSIG; signal++) {
		action = &facts->process->actions->rows[signal];
		if (action->handler == LX_SIG_IGN)
			facts->ignored |= signal_bit(signal);
		else if (action->handler != LX_SIG_DFL)
			facts->caught |= signal_bit(signal);
	}
}

static int
facts_get(
    struct vk_thread *thread, const struct vk_vnode *node, struct facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->process = vnode_process(thread, node);
	if (facts->process == NULL)
		return LX_ESRCH;
	facts->thread = vnode_thread(thread, node);
	facts->state = state_of(facts->process, facts->thread);
	if (facts->process->mm != NULL)
		mm_usage(facts->process->mm, &facts->usage);
	facts_of_signals(facts);
	return 0;
}

static const char *
name_of(const struct facts *facts)
{
	return facts->thread == NULL ? "?" : facts->thread->name;
}

/* A terminal of the guest is that of vmspace. */
static uint64_t
tty_of(const struct vk_process *process)
{
	struct stat st;
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			break;
	if (fd > 2)
		return 0;
	if (clock_is_virtual(process->kernel) || fstat(fd, &st) != 0)
		return PTS_0;
	return os_linux_dev(st.st_rdev);
}

static uint64_t
cpu_ns(const struct facts *facts, bool of_thread)
{
	if (of_thread && facts->thread != NULL)
		return clock_thread_ns(facts->thread);
	return facts->thread == NULL ? facts->process->cpu_ns
				     : clock_cpu_ns(facts->thread);
}

static int
print_stat(const struct facts *facts, bool of_thread, FILE *out)
{
	const struct vk_process *p;
	const struct vk_mm *mm;
	uint64_t tty;

	p = facts->process;
	mm = p->mm;
	tty = tty_of(p);
	fprintf(out, "%d (%s) %c %d %d %d %" PRIu64 " %d 4194304",
	    of_thread ? facts->thread->tid : p->pid, name_of(facts),
	    facts->state, p->ppid, p->pgid, p->sid, tty,
	    tty == 0 ? -1 : p->pgid);
	fprintf(out, " %" PRIu64 " 0 0 0 %" PRIu64 " 0 %" PRIu64 " 0 20 0 %u 0",
	    mm == NULL ? 0 : mm->faults, cpu_ns(facts, of_thread) / TICK_NS,
	    p->children_cpu_ns / TICK_NS,
	    p->thread_count == 0 ? 1 : p->thread_count);
	fprintf(out, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
	    p->start_ns / TICK_NS, facts->usage.mapped << PAGE_SHIFT,
	    facts->usage.resident, UINT64_MAX);
	fprintf(out,
	    " 1 1 0 0 0 %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	    " 0 0 0 %d 0 0 0 0 0 0",
	    facts->pending & INT32_MAX, facts->blocked & INT32_MAX,
	    facts->ignored & INT32_MAX, facts->caught & INT32_MAX,
	    p->end_signal);
	fprintf(out,
	    " 0 0 %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	    " %d\n",
	    mm == NULL ? 0 : mm->brk_start, p->arg_start, p->arg_end,
	    p->env_start, p->env_end,
	    p->exit_signal != 0 ? p->exit_signal : p->exit_status << 8);
	return 0;
}

int
proc_fill_pid_stat(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct facts facts;
	int error;

	error = facts_get(thread, node, &facts);
	return error != 0 ? error : print_stat(&facts, false, out);
}

int
proc_fill_task_stat(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct facts facts;
	int error;

	error = facts_get(thread, node, &facts);
	if (error == 0 && facts.thread == NULL)
		error = LX_ESRCH;
	return error != 0 ? error : print_stat(&facts, true, out);
}

int
proc_fill_statm(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct facts facts;
	int error;

	error = facts_get(thread, node, &facts);
	if (error != 0)
		return error;
	fprintf(out,
	    "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " 0 %" PRIu64 " 0\n",
	    facts.usage.mapped, facts.usage.resident, facts.usage.shared,
	    facts.usage.text, facts.usage.data + facts.usage.stack);
	return 0;
}

static const char *
state_name(char state)
{
	switch (state) {
	case 'R':
		return "R (running)";
	case 'S':
		return "S (sleeping)";
	case 'T':
		return "T (stopped)";
	case 't':
		return "t (tracing stop)";
	default:
		return "Z (zombie)";
	}
}

static void
print_ids(const char *name, const struct vk_ids *ids, FILE *out)
{
	fprintf(out, "%s:\t%u\t%u\t%u\t%u\n", name, ids->real, ids->effective,
	    ids->saved, ids->files);
}

static void
print_memory(const struct facts *facts, FILE *out)
{
	const struct mm_usage *u;
	size_t i;

	if (facts->process->mm == NULL)
		return;
	u = &facts->usage;
	const struct {
		const char *name;
		uint64_t pages;
	} rows[] = { { "VmPeak", u->mapped }, { "VmSize", u->mapped },
		{ "VmLck", u->locked }, { "VmPin", 0 },
		{ "VmHWM", u->resident }, { "VmRSS", u->resident },
		{ "RssAnon", u->resident - u->shared },
		{ "RssFile", u->shared }, { "RssShmem", 0 },
		{ "VmData", u->data }, { "VmStk", u->stack },
		{ "VmExe", u->text }, { "VmLib", 0 }, { "VmPTE", 1 },
		{ "VmSwap", 0 }, { "HugetlbPages", 0 } };
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(out, "%s:\t%8" PRIu64 " kB\n", rows[i].name,
		    rows[i].pages << 2);
	fputs("CoreDumping:\t0\nTHP_enabled:\t0\n", out);
}

static void
print_groups(const struct vk_process *process, FILE *out)
{
	int i;

	fputs("Groups:\t", out);
	for (i = 0; i < process->cred.group_count; i++)
		fprintf(out, "%u ", process->cred.groups[i]);
	fputc('\n', out);
}

/* All capabilities that can be, for root. */
static void
print_rights(const struct vk_process *process, FILE *out)
{
	uint64_t caps;

	caps = process->cred.user.effective == 0 ? UINT64_C(0x1ffffffffff) : 0;
	fprintf(out,
	    "CapInh:\t%016x\nCapPrm:\t%016" PRIx64 "\nCapEff:\t%016" PRIx64
	    "\nCapBnd:\t%016" PRIx64 "\nCapAmb:\t%016x\nNoNewPrivs:\t%d\n"
	    "Seccomp:\t0\nSeccomp_filters:\t0\n",
	    0u, caps, caps, UINT64_C(0x1ffffffffff), 0u,
	    process->no_new_privs ? 1 : 0);
}

static int
tracer_of(const struct facts *facts)
{
	if (facts->thread == NULL || facts->thread->ptrace.tracer == NULL)
		return 0;
	return facts->thread->ptrace.tracer->tid;
}

static int
print_status(const struct facts *facts, int id, FILE *out)
{
	const struct vk_process *p;

	p = facts->process;
	fprintf(out, "Name:\t%s\n", name_of(facts));
	if (p->fs != NULL)
		fprintf(out, "Umask:\t%04o\n", (unsigned)p->fs->umask);
	fprintf(out,
	    "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\n"
	    "TracerPid:\t%d\n",
	    state_name(facts->state), p->pid, id, p->ppid, tracer_of(facts));
	print_ids("Uid", &p->cred.user, out);
	print_ids("Gid", &p->cred.group, out);
	fprintf(out, "FDSize:\t%d\n", p->fds == NULL ? 0 : p->fds->count);
	print_groups(p, out);
	fprintf(out,
	    "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n"
	    "Kthread:\t0\n",
	    p->pid, id, p->pgid, p->sid);
	print_memory(facts, out);
	fprintf(out,
	    "Threads:\t%u\nSigQ:\t0/%" PRIu64 "\nSigPnd:\t%016" PRIx64
	    "\nShdPnd:\t%016" PRIx64 "\nSigBlk:\t%016" PRIx64
	    "\nSigIgn:\t%016" PRIx64 "\nSigCgt:\t%016" PRIx64 "\n",
	    p->thread_count == 0 ? 1 : p->thread_count,
	    p->limits[LX_RLIMIT_SIGPENDING].rlim_cur, facts->pending,
	    facts->shared, facts->blocked, facts->ignored, facts->caught);
	print_rights(p, out);
	fputs("Speculation_Store_Bypass:\tvulnerable\n"
	      "SpeculationIndirectBranch:\talways enabled\n"
	      "Cpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\n"
	      "Mems_allowed_list:\t0\nvoluntary_ctxt_switches:\t0\n"
	      "nonvoluntary_ctxt_switches:\t0\n",
	    out);
	return 0;
}

int
proc_fill_status(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct facts facts;
	int error;

	error = facts_get(thread, node, &facts);
	return error != 0 ? error
			  : print_status(&facts, facts.process->pid, out);
}

int
proc_fill_task_status(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct facts facts;
	int error;

	error = facts_get(thread, node, &facts);
	return error != 0 ? error : print_status(&facts, node->tid, out);
}

int
proc_fill_oom_adj(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_process *process;

	process = vnode_process(thread, node);
	if (process == NULL)
		return LX_ESRCH;
	fprintf(out, "%d\n", process->oom_adj);
	return 0;
}

/* Told only: memory at its end takes who asks for it. */
int64_t
proc_store_oom_adj(struct vk_thread *thread, const struct vk_vnode *node,
    const char *text, size_t len)
{
	struct vk_process *process;
	char number[16], *end;
	long value;

	process = vnode_process(thread, node);
	if (process == NULL)
		return -LX_ESRCH;
	if (len >= sizeof(number))
		return -LX_EINVAL;
	memcpy(number, text, len);
	number[len] = '\0';
	value = strtol(number, &end, 0);
	if (end == number || (*end != '\0' && *end != '\n') || value < -1000 ||
	    value > 1000)
		return -LX_EINVAL;
	process->oom_adj = (int)value;
	return 0;
}

int
proc_fill_personality(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_process *process;

	process = vnode_process(thread, node);
	if (process == NULL)
		return LX_ESRCH;
	fprintf(out, "%08x\n", process->personality);
	return 0;
}
