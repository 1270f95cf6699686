/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The eight calls under DragonFly's names: one default process, a thread's own
 * lwp, -1 and errno.  The only file that sets errno.
 *
 * Signals that arrive inside a call wait until its end (dragonfly_signal.c),
 * so nothing here is ever entered twice on one thread.
 */
#include "vmspace/dragonfly.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dragonfly/sys/vmspace.h>

#include "base/os.h"
#include "emu/cpu.h"
#include "vmspace/calls.h"
#include "vmspace/lwp.h"
#include "vmspace/vms.h"

#undef vmspace_create

#define ENABLE_UNKNOWN (-1)
#define FAILED         ((void *)(intptr_t)-1)

#if defined(__GNUC__) && defined(__ELF__)
/* A signal handler reads it: no allocation at its first use in a thread. */
#define THREAD_POINTER                                                         \
	static _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define THREAD_POINTER static _Thread_local
#endif
THREAD_POINTER struct dragonfly_thread *current;

static struct {
	pthread_mutex_t lock;            /* guards opening, and era */
	_Atomic(struct vms_proc *) proc; /* NULL before the first create */
	int era;
	atomic_int enable; /* vm.vkernel_enable */
	atomic_bool fp_mirror;
	pthread_once_t key_once;
	pthread_key_t key;
	int key_error;
} face = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.enable = ENABLE_UNKNOWN,
	.fp_mirror = true,
	.key_once = PTHREAD_ONCE_INIT,
};

/* One call in progress. */
struct face_call {
	struct dragonfly_thread *thread;
	struct vms_proc *proc;
	int saved_errno;
};

static void call_begin(struct face_call *call);
static int call_check(const struct face_call *call);
static int call_end(struct face_call *call, int error);
static void call_leave_thread(struct dragonfly_thread *thread);
static struct dragonfly_thread *thread_get(void);
static int face_open(void);
static int face_open_locked(void);
static bool environment_is_on(const char *name);
static void lint_to_stderr(void *arg, const char *finding);
static int ctl(void *id, int cmd, struct trapframe *tf, struct vextframe *vf,
    struct fp_image *fp);

int
vmspace_create(void *id, int type, void *data)
{
	struct face_call call;
	int error;

	call_begin(&call);
	if (call.thread == NULL)
		error = ENOMEM;
	else if (vmspace_vkernel_enable() == 0)
		error = EOPNOTSUPP;
	else if ((error = face_open()) == 0)
		error = vms_create(dragonfly_proc(), id, type, data);
	return call_end(&call, error);
}

int
vmspace_create_2013(void *id, int type, void *data)
{
	if (vmspace_set_era(VMS_ERA_2013) != 0)
		return -1;
	return vmspace_create(id, type, data);
}

int
vmspace_destroy(void *id)
{
	struct face_call call;
	int error;

	call_begin(&call);
	if ((error = call_check(&call)) == 0)
		error = vms_destroy(call.proc, id);
	return call_end(&call, error);
}

void *
vmspace_mmap(
    void *id, void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	struct face_call call;
	vms_va_t va = 0;
	int error;

	call_begin(&call);
	if ((error = call_check(&call)) == 0)
		error = vms_mmap(call.proc, id, (uintptr_t)addr, len, prot,
		    flags, fd, offset, &va);
	if (call_end(&call, error) != 0)
		return FAILED;
	return (void *)(uintptr_t)va;
}

int
vmspace_munmap(void *id, void *addr, size_t len)
{
	struct face_call call;
	int error;

	call_begin(&call);
	if ((error = call_check(&call)) == 0)
		error = vms_munmap(call.proc, id, (uintptr_t)addr, len);
	return call_end(&call, error);
}

int
vmspace_mcontrol(void *id, void *addr, size_t len, int behav, off_t value)
{
	struct face_call call;
	int error;

	call_begin(&call);
	if ((error = call_check(&call)) == 0)
		error = vms_mcontrol(call.proc, id, (uintptr_t)addr, len, behav,
		    (vms_vpte_t)value);
	return call_end(&call, error);
}

ssize_t
vmspace_pread(void *id, void *buf, size_t nbyte, int flags, off_t offset)
{
	struct face_call call;
	int error;

	call_begin(&call);
	if ((error = call_check(&call)) == 0)
		error = vms_pread(call.proc, id, buf, nbyte, flags, offset);
	return call_end(&call, error);
}

ssize_t
vmspace_pwrite(void *id, const void *buf, size_t nbyte, int flags, off_t offset)
{
	struct face_call call;
	int error;

	call_begin(&call);
	if ((error = call_check(&call)) == 0)
		error = vms_pwrite(call.proc, id, buf, nbyte, flags, offset);
	return call_end(&call, error);
}

/*
 * Nothing but integer code may run between the caller and fp_save(), or
 * between the last fp_load() and the caller.  Handlers of signals that waited
 * see, like the caller, the registers that the guest left.
 */
int
vmspace_ctl(void *id, int cmd, struct trapframe *tf, struct vextframe *vf)
{
	struct fp_image fp;
	bool mirror = FP_MIRROR && atomic_load_explicit(
				       &face.fp_mirror, memory_order_relaxed);
	int saved_errno = errno;
	int error;

	if (mirror)
		fp_save(&fp);
	error = ctl(id, cmd, tf, vf, mirror ? &fp : NULL);
	if (mirror)
		fp_load(&fp);
	if (current != NULL && current->pending) {
		dragonfly_signals_deliver(current);
		if (mirror)
			fp_load(&fp);
	}
	errno = error != 0 ? error : saved_errno;
	return error != 0 ? -1 : 0;
}

/* The registers of the caller become those of its lwp. */
static void
fp_enter(struct dragonfly_thread *thread, struct fp_image *fp)
{
	fp_image_clean(fp);
	if (thread->fp_known && fp_image_equal(fp, &thread->fp))
		return;
	lwp_setfp(thread->lwp, fp->bytes);
}

static void
fp_leave(struct dragonfly_thread *thread, struct fp_image *fp)
{
	struct vms *vms = thread->lwp->proc->vms;

	vms->cpu->ops->state_getfp(
	    vms->cpu, thread->lwp->state, thread->fp.bytes);
	fp_image_clean(&thread->fp);
	thread->fp_known = true;
	*fp = thread->fp;
}

/* Steps 8 to 12 and vkernel_trap's copy-out, with every access of the frames
 * checked; fp may be NULL. */
static int
ctl_copied(struct dragonfly_thread *thread, void *id, int cmd,
    struct trapframe *tf, struct vextframe *vf, struct fp_image *fp)
{
	struct trapframe frame;
	struct vextframe vframe;
	int error, copied;

	if ((error = ctl_enter(thread->lwp, id, cmd)) != 0)
		return error;
	if ((error = os_read_own_memory(&frame, tf, sizeof(frame))) == 0)
		error = os_read_own_memory(&vframe, vf, sizeof(vframe));
	if (error != 0)
		return ctl_leave_unrun(thread->lwp, id, error);
	if (fp != NULL)
		fp_enter(thread, fp);
	error = ctl_run(thread->lwp, &frame, &vframe);
	thread->fp_known = false;
	if (fp != NULL && error != ENOTRECOVERABLE)
		fp_leave(thread, fp);
	ctl_leave(thread->lwp);
	if (error == ENOTRECOVERABLE)
		return error;
	copied = os_write_own_memory(tf, &frame, sizeof(frame));
	return error != 0 ? error : copied;
}

/* A signal that came before the lwp was there could not interrupt it. */
static int
ctl_lwp(struct face_call *call)
{
	struct dragonfly_thread *thread = call->thread;
	struct vms_lwp *lwp;
	int error;

	if (thread->lwp == NULL) {
		if ((error = vms_lwp_open(call->proc, &lwp)) != 0)
			return error;
		thread->lwp = lwp;
		if (thread->pending)
			vms_lwp_interrupt(lwp);
	}
	return 0;
}

static int
ctl(void *id, int cmd, struct trapframe *tf, struct vextframe *vf,
    struct fp_image *fp)
{
	struct face_call call;
	int error;

	call_begin(&call);
	if ((error = call_check(&call)) == 0 && (error = ctl_lwp(&call)) == 0)
		error = ctl_copied(call.thread, id, cmd, tf, vf, fp);
	call_leave_thread(call.thread);
	return error;
}

static void
call_begin(struct face_call *call)
{
	call->saved_errno = errno;
	call->proc = dragonfly_proc();
	call->thread = thread_get();
	if (call->thread != NULL)
		call->thread->depth++;
}

static int
call_check(const struct face_call *call)
{
	if (call->proc == NULL)
		return EINVAL;
	return call->thread == NULL ? ENOMEM : 0;
}

/* From the moment depth is 0 handlers run at once, so an interruption that is
 * still stored was for this call and must not end the next one. */
static void
call_leave_thread(struct dragonfly_thread *thread)
{
	if (thread == NULL)
		return;
	thread->depth--;
	atomic_signal_fence(memory_order_seq_cst);
	if (thread->depth == 0 && thread->lwp != NULL)
		atomic_store(&thread->lwp->interrupted, false);
}

static int
call_end(struct face_call *call, int error)
{
	call_leave_thread(call->thread);
	if (call->thread != NULL && call->thread->pending)
		dragonfly_signals_deliver(call->thread);
	errno = call->saved_errno;
	return dragonfly_result(error);
}

int
dragonfly_result(int error)
{
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

struct dragonfly_thread *
dragonfly_thread(void)
{
	return current;
}

struct vms_proc *
dragonfly_proc(void)
{
	return atomic_load(&face.proc);
}

static void
thread_end(void *arg)
{
	struct dragonfly_thread *thread = arg;

	current = NULL;
	atomic_signal_fence(memory_order_seq_cst);
	vms_lwp_exit(thread->lwp);
	free(thread);
}

static void
key_create(void)
{
	face.key_error = pthread_key_create(&face.key, thread_end);
}

static struct dragonfly_thread *
thread_get(void)
{
	struct dragonfly_thread *thread = current;

	if (thread != NULL)
		return thread;
	pthread_once(&face.key_once, key_create);
	if (face.key_error != 0 ||
	    (thread = calloc(1, sizeof(*thread))) == NULL)
		return NULL;
	if (pthread_setspecific(face.key, thread) != 0) {
		free(thread);
		return NULL;
	}
	current = thread;
	return thread;
}

static int
face_open(void)
{
	int error = 0;

	pthread_mutex_lock(&face.lock);
	if (dragonfly_proc() == NULL)
		error = face_open_locked();
	pthread_mutex_unlock(&face.lock);
	return error;
}

static int
face_open_locked(void)
{
	struct vms_config config = { .size = sizeof(config),
		.flags = VMS_CONFIG_EXACT_CODE,
		.era = (uint32_t)face.era };
	struct vms_proc *proc;
	struct vms *vms;
	int error;

	if (environment_is_on("VMSPACE_CHAOS"))
		config.flags |= VMS_CONFIG_CHAOS;
	if ((error = vms_open(&config, &vms)) != 0)
		return error;
	if ((error = vms_proc_open(vms, &proc)) != 0) {
		vms_close(vms);
		return error;
	}
	vms_set_vkernel_enable(vms, vmspace_vkernel_enable());
	if (environment_is_on("VMSPACE_LINT"))
		vms_set_lint(vms, lint_to_stderr, NULL);
	vms_install_sigbus();
	atomic_store(&face.proc, proc);
	return 0;
}

static bool
environment_is_on(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && strcmp(value, "1") == 0;
}

/* The one thing that the library prints, and only when asked to. */
static void
lint_to_stderr(void *arg, const char *finding)
{
	(void)arg;
	fprintf(stderr, "vmspace lint: %s\n", finding);
}

void
vmspace_set_vkernel_enable(int enable)
{
	struct vms *vms;

	atomic_store(&face.enable, enable != 0);
	if ((vms = vmspace_default_vms()) != NULL)
		vms_set_vkernel_enable(vms, enable != 0);
}

int
vmspace_vkernel_enable(void)
{
	int unknown = ENABLE_UNKNOWN;

	if (atomic_load(&face.enable) == ENABLE_UNKNOWN)
		atomic_compare_exchange_strong(&face.enable, &unknown,
		    environment_is_on("VMSPACE_VKERNEL_ENABLE"));
	return atomic_load(&face.enable);
}

int
vmspace_set_era(int era)
{
	int error = 0;

	if (era != VMS_ERA_SEED && era != VMS_ERA_2013)
		return dragonfly_result(EINVAL);
	pthread_mutex_lock(&face.lock);
	if (dragonfly_proc() == NULL)
		face.era = era;
	else if (face.era != era)
		error = EBUSY;
	pthread_mutex_unlock(&face.lock);
	return dragonfly_result(error);
}

void
vmspace_set_fp_mirror(int on)
{
	atomic_store(&face.fp_mirror, on != 0);
}

struct vms *
vmspace_default_vms(void)
{
	struct vms_proc *proc = dragonfly_proc();

	return proc == NULL ? NULL : proc->vms;
}
