/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes that are recorded, to be replayed. */
#ifndef VMS_TESTS_UNIT_REPLAY_FIXTURE_H
#define VMS_TESTS_UNIT_REPLAY_FIXTURE_H

#include <fcntl.h>

#include "tests/unit/record_fixture.h"

#define ID    ((void *)0x1234)
#define WORD  (CODE + 2 * PAGE) /* the guest adds 1 to it */
#define INPUT (CODE + 3 * PAGE) /* the vkernel stores to it */

/* inc qword [WORD]; mov rbx, [INPUT]; mov eax, 7; syscall */
#define COUNT_AND_LOAD                                                         \
	0x48, 0xff, 0x04, 0x25, 0x00, 0x20, 0x40, 0x00, 0x48, 0x8b, 0x1c,      \
	    0x25, 0x00, 0x30, 0x40, 0x00, 0xb8, 0x07, 0x00, 0x00, 0x00, 0x0f,  \
	    0x05
/* jmp to itself */
#define SPIN 0xeb, 0xfe
static char changed[72];
static char report[8192];

static inline void
setup(void)
{
	fixture_open();
	snprintf(changed, sizeof(changed), "%s.changed", path);
}

static inline void
teardown(void)
{
	unlink(changed);
	fixture_close();
}

static inline void
store_input(uint8_t value)
{
	memory[3 * PAGE] = value;
	ck_assert_int_eq(vms_note_write(vms, memory_fd, 3 * PAGE, 1), 0);
}

static inline void
record_begin(uint32_t flags)
{
	struct vms_record_options options = options_with(flags);

	options.digest_insns = 100;
	start(&options);
	guest_open(ID);
}

static inline void
record_end(void)
{
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
}

/* Runs in which the vkernel's stores are used, and copies. */
static inline void
scene_runs(void)
{
	char bytes[8] = "abcdefgh";
	size_t done;

	for (uint8_t i = 1; i < 6; i++) {
		store_input(i);
		ck_assert_int_eq(RUN(ID, COUNT_AND_LOAD), 0);
		ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
		ck_assert_int_eq(tf.tf_rbx, i);
	}
	ck_assert_int_eq(vms_mem_read(proc, ID, WORD, bytes, 8, &done), 0);
	ck_assert_int_eq(bytes[0], 5);
	ck_assert_int_eq(vms_mem_write(proc, ID, WORD, "\x10", 1, &done), 0);
	ck_assert_int_eq(
	    vms_mem_write(proc, ID, CODE + PAGES * PAGE - 1, "ab", 2, &done),
	    EFAULT);
	ck_assert_int_eq(RUN(ID, COUNT_AND_LOAD), 0);
}

/* Runs that something outside of the guest ended. */
static inline void
scene_stops(void)
{
	ck_assert_int_eq(vms_lwp_set_budget(lwp, 1000), 0);
	ck_assert_int_eq(RUN(ID, SPIN), 0);
	ck_assert_int_eq(tf.tf_trapno, 0);
	ck_assert_int_eq(vms_lwp_set_budget(lwp, 0), 0);
	vms_lwp_interrupt(lwp);
	ck_assert_int_eq(RUN(ID, SPIN), 0);
	vms_proc_mailbox(proc);
	ck_assert_int_eq(RUN(ID, SPIN), EINTR);
	ck_assert_int_eq(RUN(ID, 0x0f, 0x0b), 0);
	ck_assert_int_eq(tf.tf_trapno, T_PRIVINFLT);
	ck_assert_int_eq(RUN(ID, 0xa1, 0, 0, 0, 0, 0, 0, 0, 0), 0);
	ck_assert_int_eq(tf.tf_trapno, T_PAGEFLT);
}

/* Calls of every kind, most of which fail. */
static inline void
scene_calls(void)
{
	uint8_t fxsave[512];
	struct vms_proc *child;
	vms_va_t at;

	ck_assert_int_eq(vms_lwp_getfp(lwp, fxsave), 0);
	fxsave[160] = 1;
	ck_assert_int_eq(vms_lwp_setfp(lwp, fxsave), 0);
	ck_assert_int_eq(vms_create(proc, ID, 0, NULL), EEXIST);
	vms_set_vkernel_enable(vms, 0);
	ck_assert_int_eq(vms_create(proc, NULL, 0, NULL), EOPNOTSUPP);
	vms_set_vkernel_enable(vms, 1);
	ck_assert_int_eq(vms_destroy(proc, NULL), ENOENT);
	ck_assert_int_eq(
	    vms_mmap(proc, ID, 0, PAGE, 3, VMS_MAP_SHARED, 1 << 30, 0, &at),
	    EBADF);
	ck_assert_int_eq(
	    vms_mmap(proc, ID, 0, PAGE, 3, VMS_MAP_ANON, memory_fd, 0, &at),
	    EINVAL);
	ck_assert_int_eq(vms_mmap(proc, ID, 0, PAGE, 3,
			     VMS_MAP_ANON | VMS_MAP_PRIVATE, -1, 0, &at),
	    0);
	ck_assert_int_eq(
	    vms_mcontrol(proc, ID, at, PAGE, VMS_MADV_INVAL, 0), 0);
	ck_assert_int_eq(vms_munmap(proc, ID, at, PAGE), 0);
	ck_assert_int_eq(
	    vms_pread(proc, ID, fxsave, sizeof(fxsave), 0, 0), EINVAL);
	ck_assert_int_eq(
	    vms_pwrite(proc, ID, fxsave, sizeof(fxsave), 0, 0), EINVAL);
	ck_assert_int_eq(vms_proc_fork(proc, &child), 0);
	ck_assert_int_eq(vms_proc_exec(child), 0);
	ck_assert_int_eq(vms_proc_exit(child), 0);
	ck_assert_int_eq(vms_set_counting(vms, true), 0);
}

/* A file that may only be read, and the zero device. */
static inline void
scene_files(void)
{
	int fds[3], zero = open("/dev/zero", O_RDWR);
	vms_va_t at;

	ck_assert_int_ge(zero, 0);
	ck_assert_int_eq(os_memfile_modes("other", fds), 0);
	ck_assert_int_eq(ftruncate(fds[O_RDWR], PAGE), 0);
	ck_assert_int_eq(vms_mmap(proc, ID, 0, PAGE, VMS_PROT_READ,
			     VMS_MAP_SHARED, fds[O_RDONLY], 0, &at),
	    0);
	ck_assert_int_eq(vms_mmap(proc, ID, 0, PAGE, 3, VMS_MAP_SHARED,
			     fds[O_RDONLY], 0, &at),
	    EACCES);
	ck_assert_int_eq(
	    vms_mmap(proc, ID, 0, PAGE, 3, VMS_MAP_SHARED, zero, 0, &at), 0);
	close(zero);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

static inline int
replay(const char *name)
{
	FILE *out = tmpfile();
	const struct vms_replay_options options = { .size = sizeof(options),
		.report = out };
	int result = vms_replay(name, &options);
	size_t len;

	rewind(out);
	len = fread(report, 1, sizeof(report) - 1, out);
	report[len] = '\0';
	fclose(out);
	return result;
}

static inline void
expect_same(const char *name)
{
	int result = replay(name);

	ck_assert_msg(result == VMS_REPLAY_SAME, "%d: %s", result, report);
	ck_assert_str_eq(report, "");
}

#endif
