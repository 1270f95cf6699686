/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's <signal.h> with DragonFly's delivery while a guest runs: a
 * handler installed through these names is called on the way out of a vmspace
 * call, after the guest's frame has been stored, and ends vmspace_ctl() with
 * trapno 0.  It may call anything and may siglongjmp().
 *
 * sa_flags with SA_MAILBOX: sa_mailbox names an int that receives the signal
 * number, no handler is called, and the next vmspace_ctl() fails with EINTR.
 *
 * Handlers installed by other means work too, but interrupt the library's own
 * code and must not leave by a jump.
 */
#pragma GCC system_header
#ifndef VMSPACE_DRAGONFLY_SIGNAL_H
#define VMSPACE_DRAGONFLY_SIGNAL_H

#include_next <signal.h>

#include <vmspace/vmspace.h>

#ifdef SA_SIGINFO /* the host shows POSIX, not only C */

#ifdef __cplusplus
extern "C" {
#endif

#define SA_MAILBOX 0x1000 /* free among the host's flags */

/* Members have the names of struct sigaction's. */
struct vmspace_sigaction {
	union {
		void (*u_handler)(int);
		void (*u_sigaction)(int, siginfo_t *, void *);
		int *u_mailbox;
	} sa_action;
	sigset_t sa_mask;
	int sa_flags;
};

VMS_API int vmspace_sigaction(
    int, const struct vmspace_sigaction *, struct vmspace_sigaction *);
VMS_API void (*vmspace_signal(int, void (*)(int)))(int);

#ifdef __cplusplus
}
#endif

#ifndef VMSPACE_HOST_SIGACTION
#undef sa_handler
#undef sa_sigaction
#define sa_handler   sa_action.u_handler
#define sa_sigaction sa_action.u_sigaction
#define sa_mailbox   sa_action.u_mailbox

/* The tag and the function. */
#undef sigaction
#undef signal
#define sigaction         vmspace_sigaction
#define signal(sig, func) vmspace_signal(sig, func)
#endif

#endif

#endif
