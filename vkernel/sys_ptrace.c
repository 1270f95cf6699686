/* SPDX-License-Identifier: BSD-2-Clause */
/* ptrace: what a thread asks of those that it traces. */
#include <stddef.h>
#include <string.h>

#include "vkernel/ptrace.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define PTRACE_TRACEME   0
#define PTRACE_KILL      8
#define PTRACE_ATTACH    16
#define PTRACE_SEIZE     0x4206
#define PTRACE_INTERRUPT 0x4207

#define OPTIONS_KNOWN (PTRACE_O_SYSGOOD | PTRACE_O_EXITKILL)

#define NT_PRSTATUS   1
#define NT_PRFPREG    2
#define NT_X86_XSTATE 0x202
#define USER_BYTES    912 /* struct user */
#define REGS_BYTES    (PTRACE_REGS * sizeof(uint64_t))
#define INIT_PID      1

/* One request of thread for tracee. */
struct request {
	struct vk_thread *thread, *tracee;
	uint64_t addr, data;
};

static int
put(const struct request *request, const void *src, size_t len)
{
	return copyout(request->thread->process->mm, request->data, src, len);
}

static int
get(const struct request *request, void *dst, size_t len)
{
	return copyin(request->thread->process->mm, dst, request->data, len);
}

static int
do_peek(const struct request *request)
{
	uint64_t word;

	if (copyin(request->tracee->process->mm, &word, request->addr,
		sizeof(word)) != 0)
		return LX_EIO;
	return put(request, &word, sizeof(word));
}

static bool
is_private(const struct vk_mm *mm, uint64_t va)
{
	const struct vk_area *area;

	area = areas_lookup(&mm->areas, va);
	return area != NULL && (area->flags & AREA_SHARED) == 0;
}

/* Breakpoints are written to text. */
static int
do_poke(const struct request *request)
{
	struct vk_mm *mm;

	mm = request->tracee->process->mm;
	if (copyout(mm, request->addr, &request->data, sizeof(request->data)) ==
	    0)
		return 0;
	if (!is_private(mm, request->addr) ||
	    !is_private(mm, request->addr + sizeof(request->data) - 1) ||
	    copyout_force(
		mm, request->addr, &request->data, sizeof(request->data)) != 0)
		return LX_EIO;
	return 0;
}

static bool
user_is_bad(uint64_t addr)
{
	return (addr & 7) != 0 || addr >= USER_BYTES;
}

/* Beyond the registers: debug registers that are not used, and nothing. */
static int
do_peek_user(const struct request *request)
{
	uint64_t regs[PTRACE_REGS], word;

	if (user_is_bad(request->addr))
		return LX_EIO;
	word = 0;
	ptrace_get_regs(request->tracee, regs);
	if (request->addr < REGS_BYTES)
		word = regs[request->addr / 8];
	return put(request, &word, sizeof(word));
}

static int
do_poke_user(const struct request *request)
{
	uint64_t regs[PTRACE_REGS];

	if (user_is_bad(request->addr) || request->addr >= REGS_BYTES)
		return LX_EIO;
	ptrace_get_regs(request->tracee, regs);
	regs[request->addr / 8] = request->data;
	return ptrace_set_regs(request->tracee, regs);
}

static int
go_on(const struct request *request, bool detach)
{
	if (request->data > LX_NSIG)
		return LX_EIO;
	ptrace_go_on(request->tracee, (int)request->data, detach);
	return 0;
}

static int
do_cont(const struct request *request)
{
	return go_on(request, false);
}

static int
do_detach(const struct request *request)
{
	return go_on(request, true);
}

static int
do_get_regs(const struct request *request)
{
	uint64_t regs[PTRACE_REGS];

	ptrace_get_regs(request->tracee, regs);
	return put(request, regs, sizeof(regs));
}

static int
do_set_regs(const struct request *request)
{
	uint64_t regs[PTRACE_REGS];

	if (get(request, regs, sizeof(regs)) != 0)
		return LX_EFAULT;
	return ptrace_set_regs(request->tracee, regs);
}

static int
do_get_fpregs(const struct request *request)
{
	uint8_t fp[VK_FP_BYTES];

	sched_getfp(request->tracee, fp);
	return put(request, fp, sizeof(fp));
}

static int
do_set_fpregs(const struct request *request)
{
	uint8_t fp[VK_FP_BYTES];

	if (get(request, fp, sizeof(fp)) != 0)
		return LX_EFAULT;
	return sched_setfp(request->tracee, fp);
}

static int
do_set_options(const struct request *request)
{
	if ((request->data & ~OPTIONS_KNOWN) != 0)
		return LX_EINVAL;
	request->tracee->ptrace.exit_kill =
	    (request->data & PTRACE_O_EXITKILL) != 0;
	return 0;
}

static int
do_get_message(const struct request *request)
{
	const uint64_t none = 0;

	return put(request, &none, sizeof(none));
}

static int
do_get_siginfo(const struct request *request)
{
	const struct vk_ptrace *ptrace;

	ptrace = &request->tracee->ptrace;
	if (!ptrace->delivers)
		return LX_EINVAL;
	return put(request, &ptrace->info, sizeof(ptrace->info));
}

static int
do_set_siginfo(const struct request *request)
{
	struct lx_siginfo info;

	if (get(request, &info, sizeof(info)) != 0)
		return LX_EFAULT;
	if (!request->tracee->ptrace.delivers)
		return LX_EINVAL;
	request->tracee->ptrace.info = info;
	return 0;
}

/* The piece of the tracer's memory, and the set's number of bytes.  There is
 * no XSAVE area, as on a processor without. */
static int
set_place(const struct request *request, struct lx_iovec *iov, size_t *size)
{
	if (get(request, iov, sizeof(*iov)) != 0)
		return LX_EFAULT;
	switch ((uint32_t)request->addr) {
	case NT_PRSTATUS:
		*size = REGS_BYTES;
		break;
	case NT_PRFPREG:
		*size = VK_FP_BYTES;
		break;
	case NT_X86_XSTATE:
		return iov->iov_len % 8 != 0 ? LX_EINVAL : LX_ENODEV;
	default:
		return LX_EINVAL;
	}
	if (iov->iov_len % 8 != 0)
		return LX_EINVAL;
	if (iov->iov_len > *size)
		iov->iov_len = *size;
	return 0;
}

static void
set_fill(const struct request *request, uint64_t *set)
{
	if ((uint32_t)request->addr == NT_PRSTATUS)
		ptrace_get_regs(request->tracee, set);
	else
		sched_getfp(request->tracee, set);
}

static int
set_done(const struct request *request, const struct lx_iovec *iov)
{
	return copyout(request->thread->process->mm,
	    request->data + offsetof(struct lx_iovec, iov_len), &iov->iov_len,
	    sizeof(iov->iov_len));
}

static int
do_get_set(const struct request *request)
{
	uint64_t set[VK_FP_BYTES / sizeof(uint64_t)];
	struct lx_iovec iov;
	size_t size;
	int error;

	error = set_place(request, &iov, &size);
	if (error != 0)
		return error;
	set_fill(request, set);
	if (copyout(request->thread->process->mm, iov.iov_base, set,
		(size_t)iov.iov_len) != 0)
		return LX_EFAULT;
	return set_done(request, &iov);
}

static int
do_set_set(const struct request *request)
{
	uint64_t set[VK_FP_BYTES / sizeof(uint64_t)];
	struct lx_iovec iov;
	size_t size;
	int error;

	error = set_place(request, &iov, &size);
	if (error != 0)
		return error;
	set_fill(request, set);
	if (copyin(request->thread->process->mm, set, iov.iov_base,
		(size_t)iov.iov_len) != 0)
		return LX_EFAULT;
	if ((uint32_t)request->addr == NT_PRSTATUS)
		error = ptrace_set_regs(request->tracee, set);
	else
		error = sched_setfp(request->tracee, set);
	return error != 0 ? error : set_done(request, &iov);
}

/* These need no stop. */
static int
do_kill(const struct request *request)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = LX_SIGKILL;
	info.u.rt.pid = request->thread->process->pid;
	info.u.rt.uid = request->thread->process->cred.user.real;
	signal_send_thread(request->tracee, &info);
	return 0;
}

static int
do_interrupt(const struct request *request)
{
	if (!request->tracee->ptrace.seized)
		return LX_EIO;
	ptrace_interrupt(request->tracee);
	return 0;
}

struct request_row {
	uint32_t number;
	bool running; /* the tracee need not be stopped */
	int (*call)(const struct request *request);
};

static const struct request_row rows[] = { { 1, false, do_peek },
	{ 2, false, do_peek }, { 3, false, do_peek_user },
	{ 4, false, do_poke }, { 5, false, do_poke },
	{ 6, false, do_poke_user }, { 7, false, do_cont },
	{ PTRACE_KILL, true, do_kill }, { 12, false, do_get_regs },
	{ 13, false, do_set_regs }, { 14, false, do_get_fpregs },
	{ 15, false, do_set_fpregs }, { 17, false, do_detach },
	{ 0x4200, false, do_set_options }, { 0x4201, false, do_get_message },
	{ 0x4202, false, do_get_siginfo }, { 0x4203, false, do_set_siginfo },
	{ 0x4204, false, do_get_set }, { 0x4205, false, do_set_set },
	{ PTRACE_INTERRUPT, true, do_interrupt } };

static const struct request_row *
request_row(uint64_t number)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

static int
attach(const struct request *request, bool seize)
{
	int error;

	if (seize &&
	    (request->addr != 0 || (request->data & ~OPTIONS_KNOWN) != 0))
		return LX_EIO;
	error = ptrace_attach(request->thread, request->tracee, seize);
	if (error == 0 && seize)
		error = do_set_options(request);
	return error;
}

static int
do_request(const struct request *request, uint64_t number)
{
	const struct request_row *row;
	bool running;

	if (number == PTRACE_ATTACH || number == PTRACE_SEIZE)
		return attach(request, number == PTRACE_SEIZE);
	row = request_row(number);
	running = row != NULL && row->running;
	if (!ptrace_is_tracer(request->thread, request->tracee) ||
	    (!running && request->tracee->ptrace.stop == 0))
		return LX_ESRCH;
	return row == NULL ? LX_EIO : row->call(request);
}

/* Nobody: those who cannot be traced at all are refused. */
static int
no_tracee(const struct vk_kernel *kernel, int tid, uint64_t number)
{
	if (number != PTRACE_ATTACH && number != PTRACE_SEIZE)
		return LX_ESRCH;
	return tid == INIT_PID || process_lookup(kernel, tid) != NULL
		   ? LX_EPERM
		   : LX_ESRCH;
}

int64_t
sys_ptrace(struct vk_thread *thread, const uint64_t *args)
{
	struct request request = {
		.thread = thread, .addr = args[2], .data = args[3]
	};
	struct vk_kernel *kernel;
	int tid;

	if (args[0] == PTRACE_TRACEME)
		return -ptrace_me(thread);
	kernel = thread->process->kernel;
	tid = (int)args[1];
	request.tracee = thread_lookup(kernel, tid);
	if (request.tracee == NULL)
		return -no_tracee(kernel, tid, args[0]);
	return -do_request(&request, args[0]);
}
