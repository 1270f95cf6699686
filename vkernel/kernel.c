/* SPDX-License-Identifier: BSD-2-Clause */
/* vk_run(): makes the kernel, runs its process to the end, leaves nothing
 * behind. */
#include "vkernel/kernel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disasm.h"
#include "vkernel/clock.h"
#include "vkernel/hostsig.h"
#include "vkernel/local.h"
#include "vkernel/mq.h"
#include "vkernel/names.h"
#include "vkernel/run.h"
#include "vkernel/strace.h"
#include "vkernel/syscall.h"
#include "vkernel/sysv.h"
#include "vkernel/watchdog.h"

#define MEMORY_DEFAULT (UINT64_C(4) << 30)

void
kernel_message(const struct vk_kernel *kernel, const char *format, ...)
{
	va_list ap;

	fputs("vmspace: ", kernel->options->errors);
	va_start(ap, format);
	vfprintf(kernel->options->errors, format, ap);
	va_end(ap);
	fputc('\n', kernel->options->errors);
	fflush(kernel->options->errors);
}

void
kernel_fail(struct vk_kernel *kernel, int error, const char *where)
{
	if (kernel->ended)
		return;
	kernel_message(kernel, "%s: %s", where, strerror(error));
	kernel->result->end = VK_END_FAILED;
	kernel->result->value = error;
	kernel->ended = true;
}

void
kernel_limit(struct vk_kernel *kernel, enum vk_limit limit)
{
	if (kernel->ended)
		return;
	kernel->result->end = VK_END_LIMIT;
	kernel->result->value = (int)limit;
	kernel->ended = true;
}

void
kernel_check_log(struct vk_kernel *kernel, FILE *log)
{
	if (kernel->ended || !ferror(log))
		return;
	kernel->result->end = VK_END_FAILED;
	kernel->result->value = EIO;
	kernel->ended = true;
}

static int
kernel_open_helpers(struct vk_kernel *kernel)
{
	const struct vk_options *options;

	options = kernel->options;
	if (options->strace != NULL) {
		kernel->strace = strace_create(options);
		if (kernel->strace == NULL)
			return ENOMEM;
	}
	if (options->trace_insn != NULL) {
		kernel->disasm = disasm_create();
		if (kernel->disasm == NULL)
			return ENOMEM;
	}
	if (options->limit_insns != 0 || clock_is_virtual(kernel))
		return vms_set_counting(kernel->vms, true);
	return 0;
}

static int
kernel_open_memory(struct vk_kernel *kernel)
{
	uint64_t bytes;
	int error;

	bytes = kernel->options->memory_bytes;
	if (bytes == 0)
		bytes = MEMORY_DEFAULT;
	error = image_create(kernel->vms, bytes, &kernel->memory.image);
	if (error != 0)
		return error;
	cache_init(&kernel->memory.image, &kernel->memory.cache);
	error = vms_proc_open(kernel->vms, &kernel->memory.proc);
	if (error == 0)
		error = vms_lwp_open(kernel->memory.proc, &kernel->lwp);
	if (error == 0)
		error = watchdog_open(kernel);
	return error != 0 ? error : sched_open(kernel);
}

static void
kernel_run_processes(struct vk_kernel *kernel)
{
	kernel->process = process_create(kernel);
	if (kernel->process != NULL && ttys_start(kernel) == 0 &&
	    exec_first(kernel->process)) {
		if (kernel->strace != NULL)
			strace_first(kernel->strace, kernel->process->thread);
		hostsig_set_lwp(kernel->hostsig, kernel->lwp);
		if (kernel->options->clock == VK_CLOCK_VIRTUAL)
			strangers_begin(&kernel->strangers);
		sched_run(kernel);
		image_flush(&kernel->memory.image);
		hostsig_set_lwp(kernel->hostsig, NULL);
		kernel->result->insns = vms_lwp_retired(kernel->lwp);
		kernel->result->memory_peak = image_peak(&kernel->memory.image);
		watchdog_close(kernel);
		if (!kernel->options->strict)
			syscall_summary(kernel);
	}
	while (kernel->first != NULL)
		process_release(kernel->first);
	local_finish(kernel);
}

/* A process that has ended says how, unless the kernel gave up first. */
static void
kernel_close(struct vk_kernel *kernel)
{
	watchdog_close(kernel);
	strace_destroy(kernel->strace);
	disasm_destroy(kernel->disasm);
	strangers_finish(&kernel->strangers);
	sysv_finish(kernel);
	mq_finish(kernel);
	names_close(kernel);
	if (kernel->memory.cache.image != NULL)
		cache_finish(&kernel->memory.cache);
	sched_close(kernel);
	hostsig_close(kernel->hostsig);
	ttys_finish(&kernel->ttys);
	terminal_finish(&kernel->terminal);
	vms_lwp_exit(kernel->lwp);
	if (kernel->memory.proc != NULL)
		vms_proc_exit(kernel->memory.proc);
	if (kernel->memory.image.base != NULL)
		image_finish(&kernel->memory.image);
	free(kernel);
}

static void
kernel_run(struct vk_kernel *kernel)
{
	int error;

	error = kernel_open_memory(kernel);
	if (error == 0)
		error = kernel_open_helpers(kernel);
	if (error != 0)
		kernel_fail(kernel, error, "the guest's memory");
	else if ((error = names_open(kernel)) != 0)
		kernel_fail(kernel, error, "the guest's files");
	else
		kernel_run_processes(kernel);
}

void
vk_run(
    struct vms *vms, const struct vk_options *options, struct vk_result *result)
{
	struct vk_kernel *kernel;

	memset(result, 0, sizeof(*result));
	kernel = calloc(1, sizeof(*kernel));
	if (kernel == NULL) {
		result->end = VK_END_FAILED;
		result->value = ENOMEM;
		return;
	}
	kernel->vms = vms;
	kernel->options = options;
	kernel->result = result;
	rng_init(&kernel->rng, options->seed);
	kernel->rng.host = options->host_random;
	strangers_init(&kernel->strangers);
	kernel->host_umask = umask(0);
	terminal_save(&kernel->terminal);
	kernel_run(kernel);
	umask(kernel->host_umask);
	terminal_restore(&kernel->terminal, result->end);
	kernel_close(kernel);
}
