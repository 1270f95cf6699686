/* SPDX-License-Identifier: BSD-2-Clause */
/* base/os: what the host offers. */
#include "base/os.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

/* Two pages, the second one not accessible (prot of the first as given). */
static char *
page_before_hole(int prot)
{
	size_t page = (size_t)os_page_bytes();
	void *base;

	ck_assert_int_eq(os_reserve(2 * page, &base), 0);
	ck_assert_int_eq(mprotect((char *)base + page, page, PROT_NONE), 0);
	ck_assert_int_eq(mprotect(base, page, prot), 0);
	return base;
}

START_TEST(test_page_bytes_is_a_power_of_two)
{
	uint64_t page = os_page_bytes();

	ck_assert_uint_ge(page, 4096);
	ck_assert_uint_eq(page & (page - 1), 0);
}
END_TEST

START_TEST(test_reserve_is_zeroed_and_lazy)
{
	uint64_t len = UINT64_C(1) << 33;
	void *base;
	char *bytes;

	ck_assert_int_eq(os_reserve(len, &base), 0);
	bytes = base;
	ck_assert_int_eq(bytes[0], 0);
	bytes[len - 1] = 7;
	ck_assert_int_eq(bytes[len - 1], 7);
	os_release(base, len);
}
END_TEST

START_TEST(test_reserve_of_everything_is_enomem)
{
	void *base = NULL;

	ck_assert_int_eq(os_reserve(UINT64_C(1) << 62, &base), ENOMEM);
	ck_assert_ptr_null(base);
}
END_TEST

START_TEST(test_discard_reads_as_zero)
{
	size_t page = (size_t)os_page_bytes();
	void *base;

	ck_assert_int_eq(os_reserve(2 * page, &base), 0);
	memset(base, 0x5a, 2 * page);
	ck_assert_int_eq(os_discard(base, page), 0);
	ck_assert_int_eq(((char *)base)[page - 1], 0);
	ck_assert_int_eq(((char *)base)[page], 0x5a);
	os_release(base, 2 * page);
}
END_TEST

START_TEST(test_remap_zero_replaces_a_file)
{
	size_t page = (size_t)os_page_bytes();
	char *bytes;
	int fd;

	ck_assert_int_eq(os_memfile("test", &fd), 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)page), 0);
	bytes = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert(bytes != MAP_FAILED);
	bytes[0] = 7;
	errno = EILSEQ;
	ck_assert_int_eq(os_remap_zero(bytes, page), 0);
	ck_assert_int_eq(errno, EILSEQ);
	ck_assert_int_eq(bytes[0], 0);
	bytes[0] = 8;
	ck_assert_int_eq(pread(fd, &bytes[1], 1, 0), 1);
	ck_assert_int_eq(bytes[1], 7);
	close(fd);
}
END_TEST

START_TEST(test_memfile_modes_are_one_file)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	char byte = 'x';
	int fds[3];

	ck_assert_int_eq(os_memfile_modes("test", fds), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(
		    fcntl(fds[modes[i]], F_GETFL) & O_ACCMODE, modes[i]);
	ck_assert_int_eq(write(fds[O_WRONLY], "y", 1), 1);
	ck_assert_int_eq(read(fds[O_RDONLY], &byte, 1), 1);
	ck_assert_int_eq(byte, 'y');
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}
END_TEST

START_TEST(test_memfile_seal_holds)
{
	int fd;

	ck_assert_int_eq(os_memfile("test", &fd), 0);
	ck_assert_int_eq(ftruncate(fd, 4096), 0);
	ck_assert(!os_cannot_shrink(fd));
	if (os_seal_shrink(fd) == 0) {
		ck_assert(os_cannot_shrink(fd));
		ck_assert_int_eq(ftruncate(fd, 0), -1);
	} else {
		ck_assert(!os_cannot_shrink(fd));
	}
	close(fd);
}
END_TEST

START_TEST(test_seal_of_a_plain_file_is_enotsup)
{
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(os_seal_shrink(fileno(file)), ENOTSUP);
	ck_assert(!os_cannot_shrink(fileno(file)));
	ck_assert(!os_cannot_shrink(-1));
	fclose(file);
}
END_TEST

START_TEST(test_random_bytes_differ)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };

	ck_assert_int_eq(os_random_bytes(a, sizeof(a)), 0);
	ck_assert_int_eq(os_random_bytes(b, sizeof(b)), 0);
	ck_assert_int_ne(memcmp(a, b, sizeof(a)), 0);
}
END_TEST

/* Both sides of a checked copy, over more than one page and up to a hole. */
static void
check_own_memory_copies(void)
{
	size_t page = (size_t)os_page_bytes();
	char *rw = page_before_hole(PROT_READ | PROT_WRITE);
	char *ro = page_before_hole(PROT_READ);
	char local[64], *large = calloc(3, page), *copy = calloc(3, page);

	memset(rw, 0x11, page);
	ck_assert_int_eq(os_read_own_memory(local, rw + page - 64, 64), 0);
	ck_assert_int_eq(local[63], 0x11);
	ck_assert_int_eq(os_read_own_memory(local, rw + page - 63, 64), EFAULT);
	ck_assert_int_eq(os_read_own_memory(local, NULL, 1), EFAULT);
	ck_assert_int_eq(os_read_own_memory(local, NULL, 0), 0);
	ck_assert_int_eq(
	    os_read_own_memory(local, (void *)UINTPTR_MAX, 1), EFAULT);

	memset(local, 0x22, sizeof(local));
	ck_assert_int_eq(os_write_own_memory(rw + page - 64, local, 64), 0);
	ck_assert_int_eq(rw[page - 1], 0x22);
	ck_assert_int_eq(
	    os_write_own_memory(rw + page - 63, local, 64), EFAULT);
	ck_assert_int_eq(os_write_own_memory(ro, local, 1), EFAULT);
	ck_assert_int_eq(os_write_own_memory(NULL, local, 1), EFAULT);

	memset(large, 0x33, 3 * page);
	ck_assert_int_eq(os_read_own_memory(copy, large, 3 * page), 0);
	ck_assert_int_eq(memcmp(copy, large, 3 * page), 0);
	memset(large, 0x44, 3 * page);
	ck_assert_int_eq(os_write_own_memory(copy, large, 3 * page), 0);
	ck_assert_int_eq(memcmp(copy, large, 3 * page), 0);
	free(large);
	free(copy);
	os_release(rw, 2 * page);
	os_release(ro, 2 * page);
}

START_TEST(test_own_memory_is_checked)
{
	check_own_memory_copies();
}
END_TEST

#ifdef __linux__
/* As in a sandbox: both calls give error from now on in this process. */
static void
forbid_process_vm(unsigned error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 1, 0),
		BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_writev, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static const unsigned sandbox_errors[] = { ENOSYS, EPERM };

START_TEST(test_own_memory_is_checked_in_a_sandbox)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		forbid_process_vm(sandbox_errors[_i]);
		check_own_memory_copies();
		_exit(42);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 42);
}
END_TEST
#endif

static void *
thread_id_of(void *out)
{
	*(uintptr_t *)out = os_thread_id();
	return NULL;
}

START_TEST(test_thread_id_tells_threads_apart)
{
	pthread_t thread;
	uintptr_t other = 0;

	ck_assert_int_eq(
	    pthread_create(&thread, NULL, thread_id_of, &other), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert(other != 0);
	ck_assert(other != os_thread_id());
	ck_assert(os_thread_id() == os_thread_id());
}
END_TEST

START_TEST(test_monotonic_ns_goes_on)
{
	struct timespec pause = { 0, 2000000 };
	uint64_t before = os_monotonic_ns();

	nanosleep(&pause, NULL);
	ck_assert_uint_ge(os_monotonic_ns(), before + 2000000);
}
END_TEST

START_TEST(test_fork_generation_grows_in_the_child)
{
	int before = os_fork_generation();
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(os_fork_generation() > before ? 42 : 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(WEXITSTATUS(status), 42);
	ck_assert_int_eq(os_fork_generation(), before);
}
END_TEST

START_TEST(test_failed_assertion_aborts_with_its_name)
{
	int fds[2], status;
	char text[256] = { 0 };
	pid_t child;

	ck_assert_int_eq(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		VMS_ASSERT("test-name", fds[0] < 0);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
	ck_assert_int_gt(read(fds[0], text, sizeof(text) - 1), 0);
	ck_assert_ptr_nonnull(strstr(text, "assertion test-name failed"));
	close(fds[0]);
	close(fds[1]);
}
END_TEST

static Suite *
os_suite(void)
{
	Suite *suite = suite_create("os");
	TCase *tc = tcase_create("os");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, test_page_bytes_is_a_power_of_two);
	tcase_add_test(tc, test_reserve_is_zeroed_and_lazy);
	tcase_add_test(tc, test_reserve_of_everything_is_enomem);
	tcase_add_test(tc, test_discard_reads_as_zero);
	tcase_add_test(tc, test_remap_zero_replaces_a_file);
	tcase_add_test(tc, test_memfile_modes_are_one_file);
	tcase_add_test(tc, test_memfile_seal_holds);
	tcase_add_test(tc, test_seal_of_a_plain_file_is_enotsup);
	tcase_add_test(tc, test_random_bytes_differ);
	tcase_add_test(tc, test_own_memory_is_checked);
#ifdef __linux__
	tcase_add_loop_test(tc, test_own_memory_is_checked_in_a_sandbox, 0, 2);
#endif
	tcase_add_test(tc, test_thread_id_tells_threads_apart);
	tcase_add_test(tc, test_monotonic_ns_goes_on);
	tcase_add_test(tc, test_fork_generation_grows_in_the_child);
	tcase_add_test(tc, test_failed_assertion_aborts_with_its_name);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(os_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
