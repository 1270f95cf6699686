/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/pending.h"

#include <stdlib.h>
#include <string.h>

#include "vkernel/kernel.h"
#include "vkernel/ptimer.h"

#define BIT(n) (UINT64_C(1) << ((n)-1))

#define SYNCHRONOUS                                                            \
	(BIT(LX_SIGSEGV) | BIT(LX_SIGBUS) | BIT(LX_SIGILL) | BIT(LX_SIGTRAP) | \
	    BIT(LX_SIGFPE) | BIT(LX_SIGSYS))

struct vk_sigqueue {
	struct vk_sigqueue *next;
	struct vk_ptimer *timer; /* whose it is; NULL: no timer's */
	struct lx_siginfo info;
};

static bool
is_standard(int signal)
{
	return signal < LX_SIGRTMIN;
}

static struct vk_sigqueue *
queue_append(struct vk_kernel *kernel, struct vk_pending *pending,
    const struct lx_siginfo *info, struct vk_ptimer *timer)
{
	struct vk_sigqueue *row;

	row = malloc(sizeof(*row));
	if (row == NULL)
		return NULL;
	row->next = NULL;
	row->timer = timer;
	row->info = *info;
	if (pending->last != NULL)
		pending->last->next = row;
	else
		pending->first = row;
	pending->last = row;
	kernel->queued_signals++;
	return row;
}

int
pending_add(struct vk_kernel *kernel, struct vk_pending *pending,
    const struct lx_siginfo *info, uint64_t limit)
{
	uint64_t bit;

	bit = signal_bit(info->si_signo);
	if (is_standard(info->si_signo) && (pending->set & bit) != 0)
		return 0;
	if ((is_standard(info->si_signo) && info->si_code >= 0) ||
	    info->si_code == LX_SI_KERNEL || kernel->queued_signals < limit) {
		if (queue_append(kernel, pending, info, NULL) != NULL) {
			pending->set |= bit;
			return 0;
		}
	}
	if (!is_standard(info->si_signo) && info->si_code != LX_SI_USER)
		return LX_EAGAIN;
	pending->set |= bit;
	return 0;
}

bool
pending_add_timer(struct vk_kernel *kernel, struct vk_pending *pending,
    const struct lx_siginfo *info, struct vk_ptimer *timer)
{
	uint64_t bit;

	bit = signal_bit(info->si_signo);
	if (is_standard(info->si_signo) && (pending->set & bit) != 0)
		return false;
	if (queue_append(kernel, pending, info, timer) == NULL)
		return false;
	pending->set |= bit;
	return true;
}

static int
lowest_signal(uint64_t set)
{
	int signal;

	if ((set & BIT(LX_SIGKILL)) != 0)
		return LX_SIGKILL;
	if ((set & SYNCHRONOUS) != 0)
		set &= SYNCHRONOUS;
	for (signal = 1; (set & 1) == 0; signal++)
		set >>= 1;
	return signal;
}

/* What follows link is taken out. */
static void
row_remove(struct vk_kernel *kernel, struct vk_pending *pending,
    struct vk_sigqueue *before)
{
	struct vk_sigqueue *row;

	row = before == NULL ? pending->first : before->next;
	if (before == NULL)
		pending->first = row->next;
	else
		before->next = row->next;
	if (pending->last == row)
		pending->last = before;
	if (row->timer != NULL)
		ptimer_taken(row->timer, NULL);
	kernel->queued_signals--;
	free(row);
}

/* False: there are no details of signal. */
static bool
row_take(struct vk_kernel *kernel, struct vk_pending *pending, int signal,
    struct lx_siginfo *info)
{
	struct vk_sigqueue *before, *row;
	struct vk_ptimer *timer;

	before = NULL;
	for (row = pending->first; row != NULL; row = row->next) {
		if (row->info.si_signo == signal)
			break;
		before = row;
	}
	if (row == NULL)
		return false;
	*info = row->info;
	timer = row->timer;
	row->timer = NULL;
	row_remove(kernel, pending, before);
	if (timer != NULL)
		ptimer_taken(timer, info);
	return true;
}

static bool
has_row(const struct vk_pending *pending, int signal)
{
	const struct vk_sigqueue *row;

	for (row = pending->first; row != NULL; row = row->next)
		if (row->info.si_signo == signal)
			return true;
	return false;
}

int
pending_take(struct vk_kernel *kernel, struct vk_pending *pending, uint64_t set,
    struct lx_siginfo *info)
{
	int signal;

	set &= pending->set;
	if (set == 0)
		return 0;
	signal = lowest_signal(set);
	if (!row_take(kernel, pending, signal, info)) {
		memset(info, 0, sizeof(*info));
		info->si_signo = signal;
	}
	if (!has_row(pending, signal))
		pending->set &= ~signal_bit(signal);
	return signal;
}

void
pending_forget(
    struct vk_kernel *kernel, struct vk_pending *pending, uint64_t set)
{
	struct vk_sigqueue *before, *next, *row;

	if ((pending->set & set) == 0)
		return;
	pending->set &= ~set;
	before = NULL;
	for (row = pending->first; row != NULL; row = next) {
		next = row->next;
		if ((signal_bit(row->info.si_signo) & set) != 0)
			row_remove(kernel, pending, before);
		else
			before = row;
	}
}

void
pending_disown(struct vk_pending *pending, const struct vk_ptimer *timer)
{
	struct vk_sigqueue *row;

	for (row = pending->first; row != NULL; row = row->next)
		if (row->timer == timer)
			row->timer = NULL;
}
