/* SPDX-License-Identifier: BSD-2-Clause */
/* The drop-in face, through the headers that a DragonFly program includes. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vmspace.h>

#include "tests/conform/conform.h"

static _Thread_local int64_t last_result;

/* -1 with errno, or 0, as the calls promise. */
static int
answer(int64_t result)
{
	last_result = result;
	if (result == 0)
		return 0;
	EXPECT_EQ(result, -1);
	EXPECT(errno > 0);
	return errno;
}

static int64_t
dropin_raw_result(void)
{
	return last_result;
}

static void
dropin_open(bool with_chaos)
{
	unsetenv("VMSPACE_VKERNEL_ENABLE");
	if (with_chaos)
		setenv("VMSPACE_CHAOS", "1", 1);
	else
		unsetenv("VMSPACE_CHAOS");
}

static const char *
dropin_close(void)
{
	return NULL;
}

static void
dropin_enable(int on)
{
	vmspace_set_vkernel_enable(on);
}

static int
dropin_create(void *id, int type, void *data)
{
	return answer(vmspace_create(id, type, data));
}

static int
dropin_destroy(void *id)
{
	return answer(vmspace_destroy(id));
}

static int
dropin_ctl(void *id, int cmd, struct trapframe *tf, struct vextframe *vf)
{
	return answer(vmspace_ctl(id, cmd, tf, vf));
}

static void *
pointer(uint64_t va)
{
	return (void *)(uintptr_t)va;
}

static int
dropin_mmap(void *id, uint64_t addr, uint64_t len, int prot, int flags, int fd,
    int64_t offset, uint64_t *out)
{
	void *p = vmspace_mmap(
	    id, pointer(addr), (size_t)len, prot, flags, fd, (off_t)offset);

	last_result = (int64_t)(intptr_t)p;
	if (p == MAP_FAILED) {
		EXPECT(errno > 0);
		return errno;
	}
	*out = (uint64_t)(uintptr_t)p;
	return 0;
}

static int
dropin_munmap(void *id, uint64_t addr, uint64_t len)
{
	return answer(vmspace_munmap(id, pointer(addr), (size_t)len));
}

static int
dropin_mcontrol(
    void *id, uint64_t addr, uint64_t len, int behav, uint64_t value)
{
	return answer(vmspace_mcontrol(
	    id, pointer(addr), (size_t)len, behav, (off_t)value));
}

static int
dropin_pread(void *id, void *buf, size_t n, int flags, int64_t off)
{
	return answer(vmspace_pread(id, buf, n, flags, (off_t)off));
}

static int
dropin_pwrite(void *id, const void *buf, size_t n, int flags, int64_t off)
{
	return answer(vmspace_pwrite(id, buf, n, flags, (off_t)off));
}

/* This face sees stores of the host by itself. */
static void
dropin_note_write(int fd, int64_t off, uint64_t len)
{
	(void)fd;
	(void)off;
	(void)len;
}

static void
dropin_thread(void)
{
}

static void
dropin_on_signal(int sig, void (*fn)(int), bool restart)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = fn;
	sa.sa_flags = restart ? SA_RESTART : 0;
	sigemptyset(&sa.sa_mask);
	EXPECT(sigaction(sig, &sa, NULL) == 0);
}

static void
dropin_on_mailbox(int sig, int *box)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_mailbox = box;
	sa.sa_flags = SA_MAILBOX;
	sigemptyset(&sa.sa_mask);
	EXPECT(sigaction(sig, &sa, NULL) == 0);
}

const struct face face_dropin = {
	.name = "dropin",
	.open = dropin_open,
	.close = dropin_close,
	.enable = dropin_enable,
	.create = dropin_create,
	.destroy = dropin_destroy,
	.ctl = dropin_ctl,
	.mmap = dropin_mmap,
	.munmap = dropin_munmap,
	.mcontrol = dropin_mcontrol,
	.pread = dropin_pread,
	.pwrite = dropin_pwrite,
	.note_write = dropin_note_write,
	.thread_begin = dropin_thread,
	.thread_end = dropin_thread,
	.on_signal = dropin_on_signal,
	.on_mailbox = dropin_on_mailbox,
	.raw_result = dropin_raw_result,
};
