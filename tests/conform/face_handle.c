/* SPDX-License-Identifier: BSD-2-Clause */
/* The handle face: include/vmspace/vmspace.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vmspace/trace.h>

#include "tests/conform/conform.h"

static struct vms *vms;
static struct vms_proc *proc;
static _Thread_local struct vms_lwp *volatile lwp; /* read by handlers */
static uint64_t arena_at_start;
static void (*handlers[64])(int);
static int *mailboxes[64];

struct vms *
handle_vms(void)
{
	return vms;
}

struct vms_proc *
handle_proc(void)
{
	return proc;
}

struct vms_lwp *
handle_lwp(void)
{
	return lwp;
}

static struct vms_stats
stats(void)
{
	struct vms_stats s = { .size = sizeof(s) };

	EXPECT_EQ(vms_stats(vms, &s), 0);
	return s;
}

static void
lwp_open(void)
{
	struct vms_lwp *made;

	EXPECT_EQ(vms_lwp_open(proc, &made), 0);
	lwp = made;
}

/* The recording of one row; the file is gone when the row has ended. */
static struct vms_record *record;
static char record_path[256];

static void
record_begin(void)
{
	struct vms_record_options options = { .size = sizeof(options) };
	const char *dir = getenv("TMPDIR");

	if (recording == UNRECORDED)
		return;
	if (recording == VERIFIED)
		options.flags = VMS_RECORD_VERIFY_FULL | VMS_RECORD_WRITTEN;
	snprintf(record_path, sizeof(record_path), "%s/conform.%ld.vmt",
	    dir == NULL ? "/tmp" : dir, (long)getpid());
	EXPECT_EQ(vms_record_start(vms, record_path, &options, &record), 0);
}

static void
record_end(void)
{
	if (record != NULL)
		EXPECT_EQ(vms_record_stop(record, NULL), 0);
}

static const char *
record_replay(void)
{
	static char text[1500];
	struct vms_replay_options options = { .size = sizeof(options) };
	int result;

	if (record == NULL)
		return NULL;
	record = NULL;
	options.report = tmpfile();
	result = vms_replay(record_path, &options);
	if (options.report != NULL) {
		size_t len;

		rewind(options.report);
		len = fread(text, 1, sizeof(text) - 1, options.report);
		text[len] = '\0';
		fclose(options.report);
	}
	unlink(record_path);
	return result == VMS_REPLAY_SAME ? NULL : text;
}

static void
handle_open(bool with_chaos)
{
	struct vms_config config = { .size = sizeof(config) };

	config.flags = VMS_CONFIG_NO_VKERNEL;
	if (with_chaos)
		config.flags |= VMS_CONFIG_CHAOS;
	EXPECT_EQ(vms_open(&config, &vms), 0);
	record_begin();
	EXPECT_EQ(vms_proc_open(vms, &proc), 0);
	lwp_open();
	arena_at_start = stats().arena_used;
}

static const char *
handle_close(void)
{
	static char text[160];
	struct vms_stats s;

	if (vms == NULL)
		return NULL;
	EXPECT_EQ(vms_proc_exit(proc), 0);
	s = stats();
	record_end();
	EXPECT_EQ(vms_close(vms), 0);
	vms = NULL;
	if (s.vmspaces == 0 && s.objects == 0 && s.arena_used <= arena_at_start)
		return record_replay();
	snprintf(text, sizeof(text),
	    "left behind: %llu vmspaces, %llu objects, arena %llu (was %llu)",
	    (unsigned long long)s.vmspaces, (unsigned long long)s.objects,
	    (unsigned long long)s.arena_used,
	    (unsigned long long)arena_at_start);
	return text;
}

static void
handle_enable(int on)
{
	vms_set_vkernel_enable(vms, on);
}

static int
handle_create(void *id, int type, void *data)
{
	return vms_create(proc, id, type, data);
}

static int
handle_destroy(void *id)
{
	return vms_destroy(proc, id);
}

static int
handle_ctl(void *id, int cmd, struct trapframe *tf, struct vextframe *vf)
{
	return vms_ctl(lwp, id, cmd, tf, vf);
}

static int
handle_mmap(void *id, uint64_t addr, uint64_t len, int prot, int flags, int fd,
    int64_t offset, uint64_t *out)
{
	return vms_mmap(proc, id, addr, len, prot, flags, fd, offset, out);
}

static int
handle_munmap(void *id, uint64_t addr, uint64_t len)
{
	return vms_munmap(proc, id, addr, len);
}

static int
handle_mcontrol(
    void *id, uint64_t addr, uint64_t len, int behav, uint64_t value)
{
	return vms_mcontrol(proc, id, addr, len, behav, value);
}

static int
handle_pread(void *id, void *buf, size_t n, int flags, int64_t off)
{
	return vms_pread(proc, id, buf, n, flags, off);
}

static int
handle_pwrite(void *id, const void *buf, size_t n, int flags, int64_t off)
{
	return vms_pwrite(proc, id, buf, n, flags, off);
}

static void
handle_note_write(int fd, int64_t off, uint64_t len)
{
	EXPECT_EQ(vms_note_write(vms, fd, off, len), 0);
}

static void
handle_thread_begin(void)
{
	lwp_open();
}

static void
handle_thread_end(void)
{
	struct vms_lwp *mine = lwp;

	lwp = NULL; /* no handler may use it from here on */
	EXPECT_EQ(vms_lwp_exit(mine), 0);
}

/* What a program on the handle face does in its own handlers. */
static void
handle_signal(int sig)
{
	handlers[sig](sig);
	if (lwp != NULL)
		vms_lwp_interrupt(lwp);
}

static void
handle_mailbox(int sig)
{
	*mailboxes[sig] = sig;
	vms_proc_mailbox(proc);
}

static void
install(int sig, void (*fn)(int), bool restart)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = fn;
	sa.sa_flags = restart ? SA_RESTART : 0;
	sigemptyset(&sa.sa_mask);
	EXPECT_EQ(sigaction(sig, &sa, NULL), 0);
}

static void
handle_on_signal(int sig, void (*fn)(int), bool restart)
{
	if (fn == SIG_IGN || fn == SIG_DFL) {
		install(sig, fn, restart);
		return;
	}
	handlers[sig] = fn;
	install(sig, handle_signal, restart);
}

static void
handle_on_mailbox(int sig, int *box)
{
	mailboxes[sig] = box;
	install(sig, handle_mailbox, false);
}

const struct face face_handle = {
	.name = "handle",
	.handle = true,
	.open = handle_open,
	.close = handle_close,
	.enable = handle_enable,
	.create = handle_create,
	.destroy = handle_destroy,
	.ctl = handle_ctl,
	.mmap = handle_mmap,
	.munmap = handle_munmap,
	.mcontrol = handle_mcontrol,
	.pread = handle_pread,
	.pwrite = handle_pwrite,
	.note_write = handle_note_write,
	.thread_begin = handle_thread_begin,
	.thread_end = handle_thread_end,
	.on_signal = handle_on_signal,
	.on_mailbox = handle_on_mailbox,
};
