/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts of /proc about the machine: one CPU, and the guest's memory. */
#include <inttypes.h>
#include <string.h>

#include "base/page.h"
#include "vkernel/clock.h"
#include "vkernel/proc.h"
#include "vkernel/syscall.h"

#define CLK_NS UINT64_C(10000000) /* 100 Hz */

/* As the engine's CPUID leaves have it. */
int
proc_fill_cpuinfo(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	fputs("processor\t: 0\n"
	      "vendor_id\t: GenuineIntel\n"
	      "cpu family\t: 6\n"
	      "model\t\t: 26\n"
	      "model name\t: Intel Core i7 9xx (Nehalem Class Core i7)\n"
	      "stepping\t: 3\n"
	      "microcode\t: 0x1\n"
	      "cpu MHz\t\t: 1000.000\n"
	      "cache size\t: 16384 KB\n"
	      "physical id\t: 0\n"
	      "siblings\t: 1\n"
	      "core id\t\t: 0\n"
	      "cpu cores\t: 1\n"
	      "apicid\t\t: 0\n"
	      "initial apicid\t: 0\n"
	      "fpu\t\t: yes\n"
	      "fpu_exception\t: yes\n"
	      "cpuid level\t: 11\n"
	      "wp\t\t: yes\n"
	      "flags\t\t: fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
	      "cmov pat pse36 clflush mmx fxsr sse sse2 syscall nx lm "
	      "constant_tsc rep_good nopl cpuid pni ssse3 cx16 sse4_1 sse4_2 "
	      "popcnt lahf_lm\n"
	      "bugs\t\t:\n"
	      "bogomips\t: 2000.00\n"
	      "clflush size\t: 64\n"
	      "cache_alignment\t: 64\n"
	      "address sizes\t: 40 bits physical, 48 bits virtual\n"
	      "power management:\n\n",
	    out);
	return 0;
}

static uint64_t
cached_pages(const struct vk_kernel *kernel)
{
	const struct vk_image *image;
	uint64_t used;

	image = &kernel->memory.image;
	used = (image->bytes >> PAGE_SHIFT) - image_free_count(image);
	return used / 2;
}

int
proc_fill_meminfo(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_kernel *kernel;
	uint64_t cached, free_kb, total;
	size_t i;

	(void)node;
	kernel = thread->process->kernel;
	total = kernel->memory.image.bytes >> 10;
	free_kb = (uint64_t)image_free_count(&kernel->memory.image) << 2;
	cached = cached_pages(kernel) << 2;
	const struct {
		const char *name;
		uint64_t kb;
	} rows[] = { { "MemTotal", total }, { "MemFree", free_kb },
		{ "MemAvailable", free_kb + cached }, { "Buffers", 0 },
		{ "Cached", cached }, { "SwapCached", 0 }, { "Active", cached },
		{ "Inactive", 0 }, { "SwapTotal", 0 }, { "SwapFree", 0 },
		{ "Dirty", 0 }, { "Writeback", 0 },
		{ "AnonPages", total - free_kb - cached }, { "Mapped", cached },
		{ "Shmem", 0 }, { "KReclaimable", 0 }, { "Slab", 0 },
		{ "SReclaimable", 0 }, { "SUnreclaim", 0 }, { "PageTables", 0 },
		{ "CommitLimit", total }, { "Committed_AS", total - free_kb },
		{ "VmallocTotal", UINT64_C(34359738367) },
		{ "VmallocUsed", 0 } };
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(out, "%s:%*" PRIu64 " kB\n", rows[i].name,
		    (int)(23 - strlen(rows[i].name)), rows[i].kb);
	return 0;
}

/* Time of all processes, in ticks. */
static uint64_t
busy_ticks(const struct vk_kernel *kernel)
{
	const struct vk_process *process;
	const struct vk_thread *thread;
	uint64_t ns;

	ns = 0;
	for (process = kernel->first; process != NULL;
	     process = process->next) {
		ns += process->cpu_ns + process->children_cpu_ns;
		for (thread = process->threads; thread != NULL;
		     thread = thread->sibling)
			ns += clock_thread_ns(thread);
	}
	return ns / CLK_NS;
}

static unsigned
ready_threads(const struct vk_kernel *kernel)
{
	return kernel->sched.ready + 1;
}

int
proc_fill_stat(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_kernel *kernel;
	uint64_t busy, idle, now;
	int cpu;

	(void)node;
	kernel = thread->process->kernel;
	now = clock_now(kernel);
	busy = busy_ticks(kernel);
	idle = now / CLK_NS > busy ? now / CLK_NS - busy : 0;
	for (cpu = -1; cpu < 1; cpu++)
		fprintf(out, "cpu%s %" PRIu64 " 0 0 %" PRIu64 " 0 0 0 0 0 0\n",
		    cpu < 0 ? " " : "0", busy, idle);
	fprintf(out,
	    "intr 0\nctxt %" PRIu64 "\nbtime %" PRIu64
	    "\nprocesses %u\nprocs_running %u\nprocs_blocked 0\nsoftirq 0\n",
	    kernel->result->syscalls,
	    (clock_realtime_ns(thread) - now) / NS_PER_SEC,
	    kernel->process_count, ready_threads(kernel));
	return 0;
}

int
proc_fill_uptime(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	uint64_t busy, now;

	(void)node;
	now = clock_now(thread->process->kernel) / CLK_NS;
	busy = busy_ticks(thread->process->kernel);
	busy = now > busy ? now - busy : 0;
	fprintf(out, "%" PRIu64 ".%02u %" PRIu64 ".%02u\n", now / 100,
	    (unsigned)(now % 100), busy / 100, (unsigned)(busy % 100));
	return 0;
}

int
proc_fill_loadavg(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_kernel *kernel;

	(void)node;
	kernel = thread->process->kernel;
	fprintf(out, "0.00 0.00 0.00 %u/%u %d\n", ready_threads(kernel),
	    kernel->thread_count, kernel->last_pid);
	return 0;
}

static void
uname_of(const struct vk_thread *thread, struct lx_utsname *name)
{
	uname_fill(name, clock_is_virtual(thread->process->kernel));
}

int
proc_fill_version(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct lx_utsname name;

	(void)node;
	uname_of(thread, &name);
	fprintf(out, "%s version %s (vmspace) %s\n", name.sysname, name.release,
	    name.version);
	return 0;
}

int
proc_fill_filesystems(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	fputs("nodev\tproc\nnodev\ttmpfs\nnodev\tdevtmpfs\nnodev\tpipefs\n"
	      "nodev\tsockfs\n\text4\n",
	    out);
	return 0;
}

int
proc_fill_cmdline(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	fputs("root=/ ro\n", out);
	return 0;
}

int
proc_fill_devices(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	fputs("Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n"
	      "136 pts\n\nBlock devices:\n",
	    out);
	return 0;
}

int
proc_fill_swaps(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	fputs("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n", out);
	return 0;
}

int
proc_fill_vmstat(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_mm *mm;
	uint64_t faults;

	(void)node;
	faults = 0;
	for (mm = thread->process->kernel->memory.first; mm != NULL;
	     mm = mm->next)
		faults += mm->faults;
	fprintf(out,
	    "nr_free_pages %" PRIu64 "\npgpgin 0\npgpgout 0\npswpin 0\n"
	    "pswpout 0\npgfault %" PRIu64 "\npgmajfault 0\n",
	    (uint64_t)image_free_count(&thread->process->kernel->memory.image),
	    faults);
	return 0;
}

int
proc_fill_interrupts(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	fputs("           CPU0       \n", out);
	return 0;
}

int
proc_fill_nothing(
    struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	(void)out;
	return 0;
}

/* Files of /proc/sys that say one thing whatever happens. */
static const struct {
	const char *name, *text;
} fixed[] = { { "pid_max", "4194304" }, { "threads-max", "4096" },
	{ "cap_last_cap", "40" }, { "ngroups_max", "65536" },
	{ "randomize_va_space", "0" }, { "core_pattern", "core" },
	{ "core_uses_pid", "0" }, { "tainted", "0" }, { "panic", "0" },
	{ "printk", "4\t4\t1\t7" }, { "sem", "32000\t1024000000\t500\t32000" },
	{ "shmmax", "18446744073692774399" }, { "shmmni", "4096" },
	{ "shmall", "18446744073692774399" }, { "msgmax", "8192" },
	{ "perf_event_paranoid", "4" }, { "yama", "1" },
	{ "ptrace_scope", "0" }, { "seccomp", "" },
	{ "sched_child_runs_first", "0" }, { "kptr_restrict", "1" },
	{ "dmesg_restrict", "1" }, { "overcommit_memory", "0" },
	{ "overcommit_ratio", "50" }, { "max_map_count", "65530" },
	{ "mmap_min_addr", "65536" }, { "swappiness", "60" },
	{ "nr_hugepages", "0" }, { "file-max", "1048576" },
	{ "nr_open", "1048576" }, { "file-nr", "0\t0\t1048576" },
	{ "pipe-max-size", "1048576" }, { "pipe-user-pages-soft", "16384" },
	{ "aio-max-nr", "65536" }, { "suid_dumpable", "0" },
	{ "protected_hardlinks", "1" }, { "protected_symlinks", "1" },
	{ "max_user_watches", "0" }, { "max_user_instances", "0" },
	{ "max_queued_events", "16384" }, { "somaxconn", "4096" },
	{ "bindv6only", "0" }, { "ip_local_port_range", "32768\t60999" },
	{ "tcp_fin_timeout", "60" }, { "ip_unprivileged_port_start", "1024" },
	{ NULL, NULL } };

static int
fill_fixed(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	size_t i;

	(void)thread;
	for (i = 0; fixed[i].name != NULL; i++)
		if (strcmp(fixed[i].name, vnode_row(node)->name) == 0)
			fprintf(out, "%s\n", fixed[i].text);
	return 0;
}

static int
fill_uname(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct lx_utsname name;
	const char *file;

	uname_of(thread, &name);
	file = vnode_row(node)->name;
	if (strcmp(file, "ostype") == 0)
		fprintf(out, "%s\n", name.sysname);
	else if (strcmp(file, "osrelease") == 0)
		fprintf(out, "%s\n", name.release);
	else if (strcmp(file, "version") == 0)
		fprintf(out, "%s\n", name.version);
	else if (strcmp(file, "hostname") == 0)
		fprintf(out, "%s\n", name.nodename);
	else
		fprintf(out, "%s\n", name.domainname);
	return 0;
}

static void
print_uuid(struct vk_rng *rng, FILE *out)
{
	uint8_t b[16];
	int i;

	rng_fill(rng, b, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	for (i = 0; i < 16; i++)
		fprintf(out, "%s%02x",
		    i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
	fputc('\n', out);
}

static int
fill_uuid(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)node;
	print_uuid(&thread->process->kernel->rng, out);
	return 0;
}

/* One for the whole run. */
static int
fill_boot_id(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	struct vk_rng rng;

	(void)node;
	rng_init(&rng, ~thread->process->kernel->options->seed);
	print_uuid(&rng, out);
	return 0;
}

static int
fill_entropy(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	fputs("256\n", out);
	return 0;
}

#define FIXED(NAME) PROC_TEXT(NAME, 0444, fill_fixed)
#define DIRECTORY(NAME, ROWS)                                                  \
	{                                                                      \
		.name = (NAME), .mode = LX_S_IFDIR | 0555, .rows = (ROWS)      \
	}
/* What it lacks, the host may have. */
#define DIRECTORY_ON(NAME, ROWS)                                               \
	{                                                                      \
		.name = (NAME), .mode = LX_S_IFDIR | 0555, .rows = (ROWS),     \
		.host = "/proc/sys/" NAME                                      \
	}

static const struct vnode_row random_rows[] = { PROC_TEXT(
						    "uuid", 0444, fill_uuid),
	PROC_TEXT("boot_id", 0444, fill_boot_id),
	PROC_TEXT("entropy_avail", 0444, fill_entropy),
	PROC_TEXT("poolsize", 0444, fill_entropy), { 0 } };

static const struct vnode_row yama_rows[] = { FIXED("ptrace_scope"), { 0 } };

static const struct vnode_row kernel_rows[] = { PROC_TEXT(
						    "ostype", 0444, fill_uname),
	PROC_TEXT("osrelease", 0444, fill_uname),
	PROC_TEXT("version", 0444, fill_uname),
	PROC_TEXT("hostname", 0444, fill_uname),
	PROC_TEXT("domainname", 0444, fill_uname), FIXED("pid_max"),
	FIXED("threads-max"), FIXED("cap_last_cap"), FIXED("ngroups_max"),
	FIXED("randomize_va_space"), FIXED("core_pattern"),
	FIXED("core_uses_pid"), FIXED("tainted"), FIXED("panic"),
	FIXED("printk"), FIXED("sem"), FIXED("shmmax"), FIXED("shmmni"),
	FIXED("shmall"), FIXED("msgmax"), FIXED("perf_event_paranoid"),
	FIXED("kptr_restrict"), FIXED("dmesg_restrict"),
	DIRECTORY("random", random_rows), DIRECTORY("yama", yama_rows), { 0 } };

static const struct vnode_row vm_rows[] = { FIXED("overcommit_memory"),
	FIXED("overcommit_ratio"), FIXED("max_map_count"),
	FIXED("mmap_min_addr"), FIXED("swappiness"), FIXED("nr_hugepages"),
	{ 0 } };

static const struct vnode_row inotify_rows[] = { FIXED("max_user_watches"),
	FIXED("max_user_instances"), FIXED("max_queued_events"), { 0 } };

static const struct vnode_row fs_rows[] = { FIXED("file-max"), FIXED("nr_open"),
	FIXED("file-nr"), FIXED("pipe-max-size"), FIXED("pipe-user-pages-soft"),
	FIXED("aio-max-nr"), FIXED("suid_dumpable"),
	FIXED("protected_hardlinks"), FIXED("protected_symlinks"),
	DIRECTORY("inotify", inotify_rows), { 0 } };

static const struct vnode_row core_rows[] = { FIXED("somaxconn"), { 0 } };
static const struct vnode_row ipv6_rows[] = { FIXED("bindv6only"), { 0 } };
static const struct vnode_row ipv4_rows[] = { FIXED("ip_local_port_range"),
	FIXED("tcp_fin_timeout"), FIXED("ip_unprivileged_port_start"), { 0 } };
static const struct vnode_row sys_net_rows[] = { DIRECTORY("core", core_rows),
	DIRECTORY("ipv4", ipv4_rows), DIRECTORY("ipv6", ipv6_rows), { 0 } };

const struct vnode_row proc_sys_rows[] = { DIRECTORY_ON("kernel", kernel_rows),
	DIRECTORY_ON("vm", vm_rows), DIRECTORY_ON("fs", fs_rows),
	DIRECTORY_ON("net", sys_net_rows), { 0 } };

static int
fill_net_dev(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	(void)thread;
	(void)node;
	fputs(
	    "Inter-|   Receive                                                |"
	    "  Transmit\n face |bytes    packets errs drop fifo frame compressed "
	    "multicast|bytes    packets errs drop fifo colls carrier "
	    "compressed\n    lo:       0       0    0    0    0     0          0"
	    "         0        0       0    0    0    0     0       0          0"
	    "\n",
	    out);
	return 0;
}

static const struct {
	const char *name, *head;
} tables[] = { { "tcp",
		   "  sl  local_address rem_address   st tx_queue rx_queue tr "
		   "tm->when retrnsmt   uid  timeout inode\n" },
	{ "tcp6",
	    "  sl  local_address                         remote_address       "
	    "                 st tx_queue rx_queue tr tm->when retrnsmt   uid  "
	    "timeout inode\n" },
	{ "udp", "   sl  local_address rem_address   st tx_queue rx_queue tr "
		 "tm->when retrnsmt   uid  timeout inode ref pointer drops\n" },
	{ "udp6",
	    "  sl  local_address                         remote_address       "
	    "                 st tx_queue rx_queue tr tm->when retrnsmt   uid  "
	    "timeout inode ref pointer drops\n" },
	{ "unix", "Num       RefCount Protocol Flags    Type St Inode Path\n" },
	{ "route",
	    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\t"
	    "MTU\tWindow\tIRTT\n" },
	{ NULL, NULL } };

static int
fill_table(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	size_t i;

	(void)thread;
	for (i = 0; tables[i].name != NULL; i++)
		if (strcmp(tables[i].name, vnode_row(node)->name) == 0)
			fputs(tables[i].head, out);
	return 0;
}

const struct vnode_row proc_net_rows[] = { PROC_TEXT("dev", 0444, fill_net_dev),
	PROC_TEXT("if_inet6", 0444, proc_fill_nothing),
	PROC_TEXT("route", 0444, fill_table),
	PROC_TEXT("tcp", 0444, fill_table), PROC_TEXT("tcp6", 0444, fill_table),
	PROC_TEXT("udp", 0444, fill_table), PROC_TEXT("udp6", 0444, fill_table),
	PROC_TEXT("unix", 0444, fill_table), { 0 } };
