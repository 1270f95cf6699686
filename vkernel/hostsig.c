/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/hostsig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <vmspace/vmspace.h>

#include "base/os_guest.h"

static const int caught[] = { SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2,
	SIGALRM, SIGTERM, SIGURG, SIGWINCH, SIGVTALRM, SIGPROF, SIGIO };

#define CAUGHT (sizeof(caught) / sizeof(caught[0]))

struct vk_hostsig {
	atomic_ullong bits;
	_Atomic(struct vms_lwp *) lwp;
	int pipe_fds[2];
	struct sigaction old[CAUGHT];
	struct sigaction old_pipe;
};

static _Atomic(struct vk_hostsig *) current;

static void
hostsig_handler(int signal)
{
	struct vk_hostsig *hostsig;
	struct vms_lwp *lwp;
	int saved;

	saved = errno;
	hostsig = atomic_load(&current);
	if (hostsig != NULL) {
		atomic_fetch_or(&hostsig->bits,
		    UINT64_C(1) << (os_signal_to_linux(signal) - 1));
		lwp = atomic_load(&hostsig->lwp);
		if (lwp != NULL)
			vms_lwp_interrupt(lwp);
		if (write(hostsig->pipe_fds[1], "", 1) < 0)
			errno = 0; /* a full pipe wakes as well */
	}
	errno = saved;
}

/* A signal that was ignored stays so: the host is not asked to send it. */
static uint64_t
hostsig_install(struct vk_hostsig *hostsig)
{
	struct sigaction action;
	uint64_t ignored;
	size_t i;

	ignored = 0;
	sigemptyset(&action.sa_mask);
	action.sa_flags = 0;
	action.sa_handler = hostsig_handler;
	for (i = 0; i < CAUGHT; i++) {
		sigaction(caught[i], NULL, &hostsig->old[i]);
		if (hostsig->old[i].sa_handler == SIG_IGN)
			ignored |= UINT64_C(1)
				   << (os_signal_to_linux(caught[i]) - 1);
		sigaction(caught[i], &action, NULL);
	}
	sigaction(SIGPIPE, NULL, &hostsig->old_pipe);
	if (hostsig->old_pipe.sa_handler == SIG_IGN)
		ignored |= UINT64_C(1) << (os_signal_to_linux(SIGPIPE) - 1);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	return ignored;
}

int
hostsig_open(struct vk_hostsig **out, uint64_t *ignored)
{
	struct vk_hostsig *hostsig, *none;
	int error;

	hostsig = calloc(1, sizeof(*hostsig));
	if (hostsig == NULL)
		return ENOMEM;
	if (os_pipe(hostsig->pipe_fds, 04000) != 0) {
		error = errno;
		free(hostsig);
		return error;
	}
	*ignored = 0;
	none = NULL;
	if (atomic_compare_exchange_strong(&current, &none, hostsig))
		*ignored = hostsig_install(hostsig);
	*out = hostsig;
	return 0;
}

void
hostsig_close(struct vk_hostsig *hostsig)
{
	size_t i;

	if (hostsig == NULL)
		return;
	if (atomic_load(&current) == hostsig) {
		for (i = 0; i < CAUGHT; i++)
			sigaction(caught[i], &hostsig->old[i], NULL);
		sigaction(SIGPIPE, &hostsig->old_pipe, NULL);
		atomic_store(&current, NULL);
	}
	close(hostsig->pipe_fds[0]);
	close(hostsig->pipe_fds[1]);
	free(hostsig);
}

void
hostsig_set_lwp(struct vk_hostsig *hostsig, struct vms_lwp *lwp)
{
	atomic_store(&hostsig->lwp, lwp);
}

int
hostsig_fd(const struct vk_hostsig *hostsig)
{
	return hostsig->pipe_fds[0];
}

uint64_t
hostsig_take(struct vk_hostsig *hostsig)
{
	char buf[64];

	if (atomic_load_explicit(&hostsig->bits, memory_order_relaxed) == 0)
		return 0;
	while (read(hostsig->pipe_fds[0], buf, sizeof(buf)) > 0)
		continue;
	return atomic_exchange(&hostsig->bits, 0);
}
