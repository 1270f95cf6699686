/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The signal hand-off of SIGBUS.  A signal has no argument that leads to a
 * struct vms, so this file keeps the process's list of arenas and the handler
 * that was there before ours.
 */
#include "vmspace/sigbus.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "emu/arena.h"
#include "emu/cpu.h"
#include "vmspace/vms.h"

/* Guarded by nothing: a slot is claimed by its start, and read by handlers
 * that never follow vms unless the address lies in [start, end). */
static struct sigbus_slot {
	_Atomic uintptr_t start; /* 0: free */
	_Atomic uintptr_t end;
	_Atomic(struct vms *) vms;
} slots[SIGBUS_MAX];

static atomic_bool installed;
static struct sigaction previous;

static bool slot_repair(struct sigbus_slot *slot, void *addr);
static void on_sigbus(int sig, siginfo_t *info, void *context);
static void pass_on(int sig, siginfo_t *info, void *context);

int
sigbus_register(struct vms *vms)
{
	uintptr_t start = (uintptr_t)arena_host(vms->arena, 0);

	for (size_t i = 0; i < SIGBUS_MAX; i++) {
		uintptr_t expected = 0;
		if (!atomic_compare_exchange_strong(
			&slots[i].start, &expected, start))
			continue;
		atomic_store(
		    &slots[i].end, start + (uintptr_t)arena_size(vms->arena));
		atomic_store(&slots[i].vms, vms);
		return 0;
	}
	return ENOMEM;
}

void
sigbus_unregister(struct vms *vms)
{
	for (size_t i = 0; i < SIGBUS_MAX; i++) {
		if (atomic_load(&slots[i].vms) != vms)
			continue;
		atomic_store(&slots[i].vms, NULL);
		atomic_store(&slots[i].end, 0);
		atomic_store(&slots[i].start, 0);
		return;
	}
}

bool
vms_handle_sigbus(void *addr)
{
	for (size_t i = 0; i < SIGBUS_MAX; i++) {
		if (atomic_load(&slots[i].start) != 0 &&
		    slot_repair(&slots[i], addr))
			return true;
	}
	return false;
}

/* An arena whose memory was just touched is open, so the vms of a slot that
 * holds addr is alive. */
static bool
slot_repair(struct sigbus_slot *slot, void *addr)
{
	struct vms *vms = atomic_load(&slot->vms);
	uintptr_t at = (uintptr_t)addr;

	if (vms == NULL || at < atomic_load(&slot->start) ||
	    at >= atomic_load(&slot->end) || atomic_load(&slot->vms) != vms)
		return false;
	if (!arena_repair(vms->arena, addr))
		return false;
	vms->cpu->ops->stop(vms->cpu);
	return true;
}

int
vms_install_sigbus(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };

	if (atomic_exchange(&installed, true))
		return 0;
	action.sa_sigaction = on_sigbus;
	sigemptyset(&action.sa_mask);
	if (sigaction(SIGBUS, &action, &previous) == 0)
		return 0;
	atomic_store(&installed, false);
	return EINVAL;
}

static void
on_sigbus(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	if (!vms_handle_sigbus(info->si_addr))
		pass_on(sig, info, context);
	errno = saved;
}

/* A fault that nobody handles comes again when the handler returns, then with
 * the default action. */
static void
pass_on(int sig, siginfo_t *info, void *context)
{
	if ((previous.sa_flags & SA_SIGINFO) != 0) {
		previous.sa_sigaction(sig, info, context);
	} else if (previous.sa_handler == SIG_DFL ||
		   previous.sa_handler == SIG_IGN) {
		signal(sig, SIG_DFL);
		if (info->si_code <= 0)
			raise(sig);
	} else {
		previous.sa_handler(sig);
	}
}
