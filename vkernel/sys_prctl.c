/* SPDX-License-Identifier: BSD-2-Clause */
/* prctl: what a process tells about itself. */
#include <string.h>

#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define PR_SET_PDEATHSIG       1
#define PR_GET_PDEATHSIG       2
#define PR_GET_DUMPABLE        3
#define PR_SET_DUMPABLE        4
#define PR_GET_KEEPCAPS        7
#define PR_SET_KEEPCAPS        8
#define PR_GET_TIMING          13
#define PR_SET_NAME            15
#define PR_GET_NAME            16
#define PR_GET_SECCOMP         21
#define PR_CAPBSET_READ        23
#define PR_GET_TSC             25
#define PR_GET_SECUREBITS      27
#define PR_SET_TIMERSLACK      29
#define PR_GET_TIMERSLACK      30
#define PR_SET_CHILD_SUBREAPER 36
#define PR_GET_CHILD_SUBREAPER 37
#define PR_SET_NO_NEW_PRIVS    38
#define PR_GET_NO_NEW_PRIVS    39
#define PR_GET_TID_ADDRESS     40
#define PR_SET_THP_DISABLE     41
#define PR_GET_THP_DISABLE     42

#define PR_SET_PTRACER 0x59616d61

#define CAP_LAST 40

#define PR_CAP_AMBIENT        47
#define CAP_AMBIENT_IS_SET    1
#define CAP_AMBIENT_RAISE     2
#define CAP_AMBIENT_LOWER     3
#define CAP_AMBIENT_CLEAR_ALL 4
#define TIMERSLACK_START      50000

static int64_t
set_name(struct vk_thread *thread, uint64_t va)
{
	char name[16];
	int error;

	memset(name, 0, sizeof(name));
	error = copyin_string(thread->process->mm, name, va, sizeof(name));
	if (error == LX_EFAULT)
		return -error;
	name[sizeof(name) - 1] = '\0';
	memcpy(thread->name, name, sizeof(name));
	return 0;
}

static int64_t
put_int(struct vk_thread *thread, uint64_t va, int32_t value)
{
	return -copyout(thread->process->mm, va, &value, sizeof(value));
}

static int64_t
set_death_signal(struct vk_process *process, uint64_t signal)
{
	if (signal > LX_NSIG)
		return -LX_EINVAL;
	process->death_signal = (int)signal;
	return 0;
}

static int64_t
set_flag(bool *flag, uint64_t value)
{
	if (value > 1)
		return -LX_EINVAL;
	*flag = value != 0;
	return 0;
}

static int64_t
set_slack(struct vk_thread *thread, uint64_t ns)
{
	thread->timerslack_ns = ns;
	return 0;
}

/* As Yama with ptrace_scope 0: whom it allows it allows already. */
static int64_t
set_ptracer(const struct vk_kernel *kernel, uint64_t who)
{
	if (who == 0 || who == UINT64_MAX ||
	    (who <= INT32_MAX && thread_lookup(kernel, (int)who) != NULL))
		return 0;
	return -LX_EINVAL;
}

/* There are none, and none can be raised. */
static int64_t
cap_ambient(const uint64_t *args)
{
	if ((args[3] | args[4]) != 0)
		return -LX_EINVAL;
	switch (args[1]) {
	case CAP_AMBIENT_IS_SET:
	case CAP_AMBIENT_LOWER:
		return args[2] > CAP_LAST ? -LX_EINVAL : 0;
	case CAP_AMBIENT_RAISE:
		return args[2] > CAP_LAST ? -LX_EINVAL : -LX_EPERM;
	case CAP_AMBIENT_CLEAR_ALL:
		return args[2] != 0 ? -LX_EINVAL : 0;
	default:
		return -LX_EINVAL;
	}
}

int64_t
sys_prctl(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_process *process;

	process = thread->process;
	switch ((int)args[0]) {
	case PR_SET_NAME:
		return set_name(thread, args[1]);
	case PR_GET_NAME:
		return -copyout(
		    process->mm, args[1], thread->name, sizeof(thread->name));
	case PR_SET_PDEATHSIG:
		return set_death_signal(process, args[1]);
	case PR_GET_PDEATHSIG:
		return put_int(thread, args[1], process->death_signal);
	case PR_GET_DUMPABLE:
		return process->undumpable ? 0 : 1;
	case PR_SET_DUMPABLE:
		if (args[1] > 1)
			return -LX_EINVAL;
		process->undumpable = args[1] == 0;
		return 0;
	case PR_SET_CHILD_SUBREAPER:
		process->subreaper = args[1] != 0;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_int(thread, args[1], process->subreaper ? 1 : 0);
	case PR_CAP_AMBIENT:
		return cap_ambient(args);
	case PR_SET_NO_NEW_PRIVS:
		if (args[1] != 1 || (args[2] | args[3] | args[4]) != 0)
			return -LX_EINVAL;
		process->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return process->no_new_privs ? 1 : 0;
	case PR_SET_KEEPCAPS:
		return set_flag(&process->keep_caps, args[1]);
	case PR_GET_KEEPCAPS:
		return process->keep_caps ? 1 : 0;
	case PR_SET_THP_DISABLE:
		process->no_huge_pages = args[1] != 0;
		return 0;
	case PR_GET_THP_DISABLE:
		return process->no_huge_pages ? 1 : 0;
	case PR_CAPBSET_READ:
		return args[1] > CAP_LAST ? -LX_EINVAL : 1;
	case PR_GET_TID_ADDRESS:
		return -copyout(process->mm, args[1], &thread->clear_child_tid,
		    sizeof(thread->clear_child_tid));
	case PR_GET_TSC:
		return put_int(thread, args[1], 1);
	case PR_SET_PTRACER:
		return set_ptracer(process->kernel, args[1]);
	case PR_SET_TIMERSLACK:
		return set_slack(
		    thread, args[1] == 0 ? TIMERSLACK_START : args[1]);
	case PR_GET_TIMERSLACK:
		return thread->timerslack_ns == 0
			   ? TIMERSLACK_START
			   : (int64_t)thread->timerslack_ns;
	case PR_GET_TIMING:
	case PR_GET_SECUREBITS:
	case PR_GET_SECCOMP:
		return 0;
	default:
		return -LX_EINVAL;
	}
}
