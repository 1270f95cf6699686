/* SPDX-License-Identifier: BSD-2-Clause */
/* The eight calls over a scripted CPU: order of checks, references, frames,
 * interruptions. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/calls_fixture.h"

/* Every call with arguments that would be wrong in a later check too. */
static int
call_create(void *id)
{
	return vms_create(proc, id, 0, NULL);
}

static int
call_destroy(void *id)
{
	return vms_destroy(proc, id);
}

static int
call_ctl(void *id)
{
	return vms_ctl(lwp, id, -1, NULL, NULL);
}

static int
call_mmap(void *id)
{
	vms_va_t va;

	return vms_mmap(proc, id, 1, 0, 0, -1, -1, 0, &va);
}

static int
call_munmap(void *id)
{
	return vms_munmap(proc, id, UINT64_MAX, 1);
}

static int
call_mcontrol(void *id)
{
	return vms_mcontrol(proc, id, UINT64_MAX, 1, 100, 0);
}

static int
call_pread(void *id)
{
	return vms_pread(proc, id, NULL, 0, 0, 0);
}

static int
call_pwrite(void *id)
{
	return vms_pwrite(proc, id, NULL, 0, 0, 0);
}

static int
call_mem_read(void *id)
{
	size_t done = 1;
	int error = vms_mem_read(proc, id, 0, NULL, 1, &done);

	ck_assert_uint_eq(done, 0);
	return error;
}

/* C27, C28, C37, C38, C109, C140, C151, C166, C167. */
static const struct {
	const char *name;
	int (*call)(void *id);
	int found; /* the error when the id exists */
} calls[] = {
	{ "destroy", call_destroy, 0 },
	{ "ctl", call_ctl, EOPNOTSUPP },
	{ "mmap", call_mmap, EINVAL },
	{ "munmap", call_munmap, EINVAL },
	{ "mcontrol", call_mcontrol, EINVAL },
	{ "pread", call_pread, EINVAL },
	{ "pwrite", call_pwrite, EINVAL },
	{ "mem_read", call_mem_read, EFAULT },
};

START_TEST(test_call_without_registry_is_einval)
{
	fixture_open(NULL, 0);
	ck_assert_msg(calls[_i].call(ID) == EINVAL, "%s", calls[_i].name);
	fixture_close();
}
END_TEST

START_TEST(test_call_of_an_unknown_id_is_enoent)
{
	fixture_open(NULL, 0);
	ck_assert_int_eq(call_create(ID), 0);
	ck_assert_msg(calls[_i].call(ID2) == ENOENT, "%s", calls[_i].name);
	ck_assert_msg(
	    calls[_i].call(ID) == calls[_i].found, "%s", calls[_i].name);
	fixture_close();
}
END_TEST

START_TEST(test_create_looks_at_vkernel_enable_first)
{
	fixture_open(NULL, 0);
	vms_set_vkernel_enable(vms, 0);
	ck_assert_int_eq(call_create(ID), EOPNOTSUPP);
	ck_assert_int_eq(call_destroy(ID), EINVAL);
	vms_set_vkernel_enable(vms, 1);
	ck_assert_int_eq(call_create(ID), 0);
	vms_set_vkernel_enable(vms, 0);
	ck_assert_int_eq(call_create(ID), EOPNOTSUPP);
	ck_assert_int_eq(call_destroy(ID), 0);
	fixture_close();
}
END_TEST

/* C17-C21, C26, C29, C35. */
START_TEST(test_create_and_destroy_by_id)
{
	fixture_open(NULL, 0);
	ck_assert_int_eq(vms_create(proc, NULL, 77, (void *)1), 0);
	ck_assert_int_eq(call_create(NULL), EEXIST);
	ck_assert_int_eq(call_create((void *)-1), 0);
	ck_assert_uint_eq(existing_vmspaces(), 2);
	ck_assert_int_eq(call_destroy(NULL), 0);
	ck_assert_int_eq(call_destroy(NULL), ENOENT);
	ck_assert_int_eq(call_create(NULL), 0);
	ck_assert_int_eq(call_destroy(NULL), 0);
	ck_assert_int_eq(call_destroy((void *)-1), 0);
	ck_assert_uint_eq(existing_vmspaces(), 0);
	ck_assert_int_eq(call_destroy(ID), ENOENT);
	fixture_close();
}
END_TEST

/* C39, C40, C47-C49: nothing of this enters the guest. */
START_TEST(test_ctl_checks_mailbox_then_command_then_frames)
{
	static const struct cpu_script_step steps[] = {
		{ .exit = { .kind = CPU_EXIT_SYSCALL } }
	};
	struct trapframe before;

	fixture_open(steps, 1);
	ck_assert_int_eq(call_create(ID), 0);
	tf.tf_rip = 0x4000;
	before = tf;
	vms_proc_mailbox(proc);
	ck_assert_int_eq(run(ID2), ENOENT);
	ck_assert_int_eq(vms_ctl(lwp, ID, 0, NULL, NULL), EINTR);
	ck_assert_int_eq(vms_ctl(lwp, ID, 0, NULL, NULL), EOPNOTSUPP);
	ck_assert_int_eq(vms_ctl(lwp, ID, 2, NULL, NULL), EOPNOTSUPP);
	ck_assert_int_eq(vms_ctl(lwp, ID, -1, NULL, NULL), EOPNOTSUPP);
	ck_assert_int_eq(vms_ctl(lwp, ID, VMS_CTL_RUN, NULL, &vf), EFAULT);
	ck_assert_int_eq(vms_ctl(lwp, ID, VMS_CTL_RUN, &tf, NULL), EFAULT);
	vms_proc_mailbox(proc);
	ck_assert_int_eq(run(ID), EINTR);
	ck_assert_mem_eq(&tf, &before, sizeof(tf));
	ck_assert_uint_eq(cpu_script_position(cpu), 0);
	ck_assert_int_eq(run(ID), 0);
	ck_assert_uint_eq(cpu_script_position(cpu), 1);
	ck_assert_int_eq(call_destroy(ID), 0);
	fixture_close();
}
END_TEST

static void
syscall_action(void *arg, struct cpu_regs *regs)
{
	(void)arg;
	ck_assert_uint_eq(regs->rip, 0x4000);
	ck_assert_uint_eq(regs->rflags, 0x203);
	ck_assert_uint_eq(regs->fs_base, 0xf000);
	ck_assert_uint_eq(regs->gs_base, 0xa000);
	ck_assert_uint_eq(regs->rcx, 4);
	regs->rip += 2;
	regs->r10 = 44;
}

START_TEST(test_ctl_moves_registers_in_and_out)
{
	static const struct cpu_script_step steps[] = {
		{ .exit = { .kind = CPU_EXIT_SYSCALL },
		    .action = syscall_action }
	};
	struct vextframe before;
	struct vms_stats stats = { .size = sizeof(stats) };

	fixture_open(steps, 1);
	ck_assert_int_eq(call_create(ID), 0);
	tf.tf_rip = 0x4000;
	tf.tf_rcx = 4;
	tf.tf_rflags = 0x3001;
	tf.tf_xflags = PGEX_FPFAULT;
	vf.vx_tls.info[0].base = (void *)0xf000;
	vf.vx_tls.info[1].base = (void *)0xa000;
	before = vf;
	ck_assert_int_eq(run(ID), 0);
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	ck_assert_int_eq(tf.tf_err, 2);
	ck_assert_int_eq(tf.tf_rip, 0x4002);
	ck_assert_int_eq(tf.tf_rcx, 44);
	ck_assert_int_eq(tf.tf_cs, 0x2b);
	ck_assert_int_eq(tf.tf_ss, 0x23);
	ck_assert_int_eq(tf.tf_rflags, 0x203);
	ck_assert_int_eq(tf.tf_xflags, 0);
	ck_assert_mem_eq(&vf, &before, sizeof(vf));
	ck_assert_int_eq(vms_stats(vms, &stats), 0);
	ck_assert_uint_eq(stats.traps[T_FAST_SYSCALL], 1);
	ck_assert_uint_eq(stats.runs, 1);
	fixture_close();
}
END_TEST

/* C24: nothing is mapped, so the first fetch is reflected. */
START_TEST(test_fault_in_an_empty_space_is_reflected)
{
	static const struct cpu_script_step steps[] = {
		{ .exit = { .kind = CPU_EXIT_FAULT,
		      .access = CPU_FETCH,
		      .addr = 0x1234567 } }
	};

	fixture_open(steps, 1);
	ck_assert_int_eq(call_create(ID), 0);
	tf.tf_rip = 0x1234567;
	ck_assert_int_eq(run(ID), 0);
	ck_assert_int_eq(tf.tf_trapno, T_PAGEFLT);
	ck_assert_int_eq(tf.tf_addr, 0x1234567);
	ck_assert_int_eq(tf.tf_err, PGEX_U);
	fixture_close();
}
END_TEST

START_TEST(test_engine_failure_leaves_the_frame)
{
	static const struct cpu_script_step steps[] = {
		{ .exit = { .kind = CPU_EXIT_ENGINE, .why = "test" } }
	};
	struct trapframe before;

	fixture_open(steps, 1);
	ck_assert_int_eq(call_create(ID), 0);
	tf.tf_rax = 7;
	before = tf;
	ck_assert_int_eq(run(ID), ENOTRECOVERABLE);
	ck_assert_mem_eq(&tf, &before, sizeof(tf));
	ck_assert_int_eq(call_destroy(ID), 0);
	fixture_close();
}
END_TEST

/* 4.4: before the first instruction the frame goes back as it came. */
START_TEST(test_pending_interrupt_runs_nothing)
{
	static const struct cpu_script_step steps[] = {
		{ .exit = { .kind = CPU_EXIT_SYSCALL } }
	};

	fixture_open(steps, 1);
	ck_assert_int_eq(call_create(ID), 0);
	tf.tf_rip = 0x4000;
	tf.tf_xflags = PGEX_FPFAULT;
	tf.tf_trapno = 99;
	tf.tf_addr = 98;
	tf.tf_err = 97;
	vms_lwp_interrupt(lwp);
	ck_assert_int_eq(run(ID), 0);
	ck_assert_uint_eq(cpu_script_position(cpu), 0);
	ck_assert_int_eq(tf.tf_trapno, 0);
	ck_assert_int_eq(tf.tf_xflags, PGEX_FPFAULT);
	ck_assert_int_eq(tf.tf_addr, 98);
	ck_assert_int_eq(tf.tf_err, 97);
	ck_assert_int_eq(tf.tf_rip, 0x4000);
	ck_assert_int_eq(tf.tf_cs, 0x2b);
	ck_assert_int_eq(run(ID), 0);
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	fixture_close();
}
END_TEST

static void
mailbox_action(void *arg, struct cpu_regs *regs)
{
	(void)arg;
	regs->rax++;
	vms_proc_mailbox(proc);
}

/* C50. */
START_TEST(test_mailbox_in_mid_run_kicks_out_then_fails_once)
{
	static const struct cpu_script_step steps[] = {
		{ .exit = { .kind = CPU_EXIT_STOPPED },
		    .action = mailbox_action },
		{ .exit = { .kind = CPU_EXIT_SYSCALL } }
	};

	fixture_open(steps, 2);
	ck_assert_int_eq(call_create(ID), 0);
	tf.tf_xflags = PGEX_FPFAULT;
	tf.tf_addr = 98;
	ck_assert_int_eq(run(ID), 0);
	ck_assert_int_eq(tf.tf_trapno, 0);
	ck_assert_int_eq(tf.tf_rax, 1);
	ck_assert_int_eq(tf.tf_xflags, 0);
	ck_assert_int_eq(tf.tf_addr, 0);
	ck_assert_int_eq(run(ID), EINTR);
	ck_assert_int_eq(run(ID), 0);
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	ck_assert_int_eq(tf.tf_rax, 1);
	fixture_close();
}
END_TEST

/* C51: any thread of the process consumes it, no other process does. */
START_TEST(test_mailbox_belongs_to_the_process)
{
	static const struct cpu_script_step steps[] = {
		{ .exit = { .kind = CPU_EXIT_SYSCALL } },
		{ .exit = { .kind = CPU_EXIT_SYSCALL } }
	};
	struct vms_proc *child;
	struct vms_lwp *second, *other;

	fixture_open(steps, 2);
	ck_assert_int_eq(call_create(ID), 0);
	vms_proc_mailbox(proc);
	ck_assert_int_eq(vms_proc_fork(proc, &child), 0);
	ck_assert_int_eq(vms_lwp_open(child, &other), 0);
	ck_assert_int_eq(vms_lwp_open(proc, &second), 0);
	ck_assert_int_eq(vms_ctl(other, ID, VMS_CTL_RUN, &tf, &vf), 0);
	ck_assert_int_eq(vms_ctl(second, ID, VMS_CTL_RUN, &tf, &vf), EINTR);
	ck_assert_int_eq(run(ID), 0);
	ck_assert_int_eq(vms_lwp_exit(second), 0);
	ck_assert_int_eq(vms_proc_exit(child), 0);
	fixture_close();
}
END_TEST

static void
nested_action(void *arg, struct cpu_regs *regs)
{
	(void)regs;
	*(int *)arg = vms_create(proc, ID2, 0, NULL);
}

START_TEST(test_call_inside_a_run_is_edeadlk)
{
	int nested = 0;
	struct cpu_script_step steps[] = {
		{ .exit = { .kind = CPU_EXIT_SYSCALL },
		    .action = nested_action,
		    .arg = &nested }
	};

	fixture_open(steps, 1);
	ck_assert_int_eq(call_create(ID), 0);
	ck_assert_int_eq(run(ID), 0);
	ck_assert_int_eq(nested, EDEADLK);
	fixture_close();
}
END_TEST

/* The guest runs on a thread of its own until someone wants the lock. */
static atomic_bool guest_runs;

static void
wait_action(void *arg, struct cpu_regs *regs)
{
	(void)arg;
	(void)regs;
	atomic_store(&guest_runs, true);
	while (!runlock_wanted(&vms->lock))
		sched_yield();
}

static void *
run_thread(void *arg)
{
	(void)arg;
	ck_assert_int_eq(run(ID), 0);
	return NULL;
}

static int
end_destroy(void)
{
	return vms_destroy(proc, ID);
}

static int
end_lwp(void)
{
	return vms_lwp_exit(lwp);
}

static int
end_proc(void)
{
	return vms_proc_exit(proc);
}

static int
end_exec(void)
{
	return vms_proc_exec(proc);
}

static int
end_same_lwp(void)
{
	struct trapframe other = tf;

	return vms_ctl(lwp, ID, VMS_CTL_RUN, &other, &vf);
}

/* C30, C31: each finds the guest between two slices. */
static const struct {
	const char *name;
	int (*call)(void);
} ends[] = { { "destroy", end_destroy }, { "lwp_exit", end_lwp },
	{ "proc_exit", end_proc }, { "proc_exec", end_exec },
	{ "ctl of the same lwp", end_same_lwp } };

START_TEST(test_end_of_a_running_guest_is_ebusy)
{
	static const struct cpu_script_step steps[] = {
		{ .exit = { .kind = CPU_EXIT_STOPPED }, .action = wait_action },
		{ .exit = { .kind = CPU_EXIT_SYSCALL } }
	};
	pthread_t thread;

	fixture_open(steps, 2);
	ck_assert_int_eq(call_create(ID), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_thread, NULL), 0);
	while (!atomic_load(&guest_runs))
		sched_yield();
	ck_assert_msg(ends[_i].call() == EBUSY, "%s", ends[_i].name);
	ck_assert_int_eq(call_create(ID2), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	ck_assert_int_eq(end_destroy(), 0);
	fixture_close();
}
END_TEST

/* C201-C204. */
START_TEST(test_fork_shares_the_registry)
{
	struct vms_proc *child, *stranger;

	fixture_open(NULL, 0);
	ck_assert_int_eq(call_create(ID), 0);
	ck_assert_int_eq(vms_proc_open(vms, &stranger), 0);
	ck_assert_int_eq(vms_destroy(stranger, ID), EINVAL);
	ck_assert_int_eq(vms_create(stranger, ID, 0, NULL), 0);
	ck_assert_int_eq(vms_proc_fork(proc, &child), 0);
	ck_assert_int_eq(vms_create(child, ID, 0, NULL), EEXIST);
	ck_assert_int_eq(vms_create(child, ID2, 0, NULL), 0);
	ck_assert_int_eq(vms_destroy(proc, ID2), 0);
	ck_assert_int_eq(vms_destroy(child, ID2), ENOENT);
	ck_assert_int_eq(vms_proc_exit(proc), 0);
	proc = NULL;
	ck_assert_uint_eq(existing_vmspaces(), 2);
	ck_assert_int_eq(vms_destroy(child, ID), 0);
	ck_assert_int_eq(vms_proc_exit(child), 0);
	ck_assert_uint_eq(existing_vmspaces(), 1);
	ck_assert_int_eq(vms_proc_exit(stranger), 0);
	fixture_close();
}
END_TEST

START_TEST(test_exec_leaves_the_registry)
{
	struct vms_proc *child;

	fixture_open(NULL, 0);
	ck_assert_int_eq(call_create(ID), 0);
	ck_assert_int_eq(vms_proc_fork(proc, &child), 0);
	ck_assert_int_eq(vms_proc_exec(proc), 0);
	ck_assert_int_eq(run(ID), EINVAL);
	ck_assert_int_eq(vms_destroy(child, ID), 0);
	ck_assert_int_eq(call_create(ID), 0);
	ck_assert_int_eq(vms_proc_exec(proc), 0);
	ck_assert_uint_eq(existing_vmspaces(), 0);
	ck_assert_int_eq(vms_proc_exit(child), 0);
	fixture_close();
}
END_TEST

START_TEST(test_close_while_a_process_is_open_is_ebusy)
{
	fixture_open(NULL, 0);
	ck_assert_int_eq(vms_close(vms), EBUSY);
	ck_assert_int_eq(vms_lwp_exit(NULL), 0);
	ck_assert_int_eq(vms_lwp_exit(lwp), 0);
	fixture_close();
}
END_TEST

/* Decision 12. */
START_TEST(test_handles_are_dead_in_a_forked_child)
{
	pid_t pid;
	int status;

	fixture_open(NULL, 0);
	ck_assert_int_eq(call_create(ID), 0);
	if ((pid = fork()) == 0) {
		struct vms_lwp *out;
		bool dead = call_destroy(ID) == ENXIO &&
			    call_ctl(ID) == ENXIO && call_mmap(ID) == ENXIO &&
			    vms_lwp_open(proc, &out) == ENXIO &&
			    vms_proc_exit(proc) == ENXIO;
		_exit(dead ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(call_destroy(ID), 0);
	fixture_close();
}
END_TEST

START_TEST(test_fp_registers_are_the_lwps)
{
	uint8_t in[512], out[512];
	uint32_t bad = 0x10000;

	fixture_open(NULL, 0);
	ck_assert_int_eq(vms_lwp_getfp(lwp, in), 0);
	in[160] = 0x5a;
	ck_assert_int_eq(vms_lwp_setfp(lwp, in), 0);
	ck_assert_int_eq(vms_lwp_getfp(lwp, out), 0);
	ck_assert_int_eq(out[160], 0x5a);
	memcpy(in + 24, &bad, sizeof(bad));
	ck_assert_int_eq(vms_lwp_setfp(lwp, in), EINVAL);
	fixture_close();
}
END_TEST

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

int
main(void)
{
	Suite *suite = suite_create("calls");
	TCase *tc = tcase_create("calls");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(
	    tc, test_call_without_registry_is_einval, 0, COUNT(calls));
	tcase_add_loop_test(
	    tc, test_call_of_an_unknown_id_is_enoent, 0, COUNT(calls));
	tcase_add_test(tc, test_create_looks_at_vkernel_enable_first);
	tcase_add_test(tc, test_create_and_destroy_by_id);
	tcase_add_test(tc, test_ctl_checks_mailbox_then_command_then_frames);
	tcase_add_test(tc, test_ctl_moves_registers_in_and_out);
	tcase_add_test(tc, test_fault_in_an_empty_space_is_reflected);
	tcase_add_test(tc, test_engine_failure_leaves_the_frame);
	tcase_add_test(tc, test_pending_interrupt_runs_nothing);
	tcase_add_test(tc, test_mailbox_in_mid_run_kicks_out_then_fails_once);
	tcase_add_test(tc, test_mailbox_belongs_to_the_process);
	tcase_add_test(tc, test_call_inside_a_run_is_edeadlk);
	tcase_add_loop_test(
	    tc, test_end_of_a_running_guest_is_ebusy, 0, COUNT(ends));
	tcase_add_test(tc, test_fork_shares_the_registry);
	tcase_add_test(tc, test_exec_leaves_the_registry);
	tcase_add_test(tc, test_close_while_a_process_is_open_is_ebusy);
	tcase_add_test(tc, test_handles_are_dead_in_a_forked_child);
	tcase_add_test(tc, test_fp_registers_are_the_lwps);
	return suite_run(suite);
}
