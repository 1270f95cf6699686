/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory for tools, atomics, declared stores, and lint. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/os.h"
#include "tests/unit/calls_fixture.h"
#include "vmspace/registry.h"

#define VRW (VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W)

/* What lint has told, newest last. */
static char findings[8][400];
static size_t finding_count;

static void
keep_finding(void *arg, const char *finding)
{
	ck_assert_ptr_eq(arg, findings);
	ck_assert_uint_lt(finding_count, 8);
	snprintf(findings[finding_count++], sizeof(findings[0]), "%s", finding);
}

static const struct cpu_script_step syscalls[] = {
	{ .exit = { .kind = CPU_EXIT_SYSCALL } },
	{ .exit = { .kind = CPU_EXIT_SYSCALL } },
	{ .exit = { .kind = CPU_EXIT_SYSCALL } },
	{ .exit = { .kind = CPU_EXIT_SYSCALL } },
	{ .exit = { .kind = CPU_EXIT_SYSCALL } },
	{ .exit = { .kind = CPU_EXIT_SYSCALL } },
};

static void
setup(void)
{
	fixture_open(syscalls, sizeof(syscalls) / sizeof(syscalls[0]));
	ck_assert_int_eq(vms_create(proc, ID, 0, NULL), 0);
	finding_count = 0;
	vms_set_lint(vms, keep_finding, findings);
}

static void
teardown(void)
{
	fixture_close();
}

/* Exactly one new finding, which has all of the words; then none is left. */
static void
expect_finding(const char *call, const char *word, const char *word2)
{
	ck_assert_uint_eq(finding_count, 1);
	ck_assert_msg(strncmp(findings[0], call, strlen(call)) == 0 &&
			  strstr(findings[0], word) != NULL &&
			  strstr(findings[0], word2) != NULL,
	    "%s", findings[0]);
	finding_count = 0;
}

static void
map(vms_va_t va, size_t len, int prot, int flags, int fd)
{
	vms_va_t out;

	ck_assert_int_eq(vms_mmap(proc, ID, va, len, prot,
			     VMS_MAP_FIXED | flags, fd, 0, &out),
	    0);
}

START_TEST(test_memory_is_written_and_read_across_pages)
{
	static char out[3 * 4096], in[3 * 4096];
	size_t done;

	map(0x10000, 4 * PAGE, RW, VMS_MAP_ANON, -1);
	memset(out, 0x5a, sizeof(out));
	ck_assert_int_eq(
	    vms_mem_write(proc, ID, 0x10123, out, sizeof(out), &done), 0);
	ck_assert_uint_eq(done, sizeof(out));
	ck_assert_int_eq(
	    vms_mem_read(proc, ID, 0x10123, in, sizeof(in), &done), 0);
	ck_assert_mem_eq(in, out, sizeof(in));
	ck_assert_int_eq(vms_mem_read(proc, ID, 0x10122, in, 1, &done), 0);
	ck_assert_int_eq(in[0], 0);
}
END_TEST

START_TEST(test_memory_stops_where_a_guest_would)
{
	static char bytes[3 * 4096];
	size_t done = 99;

	map(0x10000, 2 * PAGE, RW, VMS_MAP_ANON, -1);
	map(0x20000, PAGE, VMS_PROT_READ, VMS_MAP_ANON, -1);
	ck_assert_int_eq(
	    vms_mem_read(proc, ID, 0x10800, bytes, sizeof(bytes), &done),
	    EFAULT);
	ck_assert_uint_eq(done, 2 * PAGE - 0x800);
	ck_assert_int_eq(
	    vms_mem_write(proc, ID, 0x20000, bytes, 1, &done), EFAULT);
	ck_assert_uint_eq(done, 0);
	ck_assert_int_eq(vms_mem_read(proc, ID, 0x20000, bytes, 1, &done), 0);
	ck_assert_int_eq(
	    vms_mem_read(proc, ID, UINT64_MAX, bytes, 2, &done), EFAULT);
	ck_assert_int_eq(
	    vms_mem_read(proc, ID, VMS_VA_END, bytes, 0, &done), 0);
}
END_TEST

/* No guest runs, and no SIGBUS handler is installed. */
START_TEST(test_memory_ends_where_a_file_ends_now)
{
	char byte = 1;
	size_t done;
	int fd;

	ck_assert_int_eq(os_memfile("test-tools", &fd), 0);
	ck_assert_int_eq(ftruncate(fd, 2 * (off_t)PAGE), 0);
	map(0x10000, 2 * PAGE, RW, VMS_MAP_SHARED, fd);
	ck_assert_int_eq(vms_mem_write(proc, ID, 0x11000, &byte, 1, &done), 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)PAGE), 0);
	ck_assert_int_eq(
	    vms_mem_read(proc, ID, 0x11000, &byte, 1, &done), EFAULT);
	ck_assert_int_eq(
	    vms_mem_write(proc, ID, 0x11000, &byte, 1, &done), EFAULT);
	ck_assert_int_eq(ftruncate(fd, 2 * (off_t)PAGE), 0);
	ck_assert_int_eq(vms_mem_read(proc, ID, 0x11000, &byte, 1, &done), 0);
	ck_assert_int_eq(byte, 0);
	close(fd);
}
END_TEST

START_TEST(test_write_of_a_private_file_leaves_the_file)
{
	char byte = 7;
	size_t done;
	int fd;

	ck_assert_int_eq(os_memfile("test-tools", &fd), 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)PAGE), 0);
	map(0x10000, PAGE, RW, VMS_MAP_PRIVATE, fd);
	ck_assert_int_eq(vms_mem_write(proc, ID, 0x10000, &byte, 1, &done), 0);
	ck_assert_int_eq(pread(fd, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 0);
	ck_assert_int_eq(vms_mem_read(proc, ID, 0x10000, &byte, 1, &done), 0);
	ck_assert_int_eq(byte, 7);
	ck_assert_int_eq(vms_note_write(vms, fd, 0, UINT64_MAX), 0);
	ck_assert_int_eq(vms_note_write(vms, fd, -1, 1), EINVAL);
	close(fd);
	ck_assert_int_eq(vms_note_write(vms, fd, 0, 1), EBADF);
}
END_TEST

static void
count_and_nest(void *arg)
{
	(*(int *)arg)++;
	ck_assert_int_eq(vms_destroy(proc, ID), EDEADLK);
}

START_TEST(test_atomic_holds_the_run_lock)
{
	int count = 0;

	ck_assert_int_eq(vms_atomic(vms, count_and_nest, &count), 0);
	ck_assert_int_eq(count, 1);
}
END_TEST

START_TEST(test_lint_of_create)
{
	ck_assert_int_eq(vms_create(proc, NULL, 0, NULL), 0);
	expect_finding("vmspace_create: ", "NULL", "id");
	ck_assert_int_eq(vms_create(proc, ID2, 0x2a, NULL), 0);
	expect_finding("vmspace_create: ", "type", "0x2a");
	ck_assert_int_eq(vms_create(proc, ID2, 0, (void *)0x77), EEXIST);
	expect_finding("vmspace_create: ", "data", "0x77");
	ck_assert_int_eq(vms_create(proc, ID2, 0, NULL), EEXIST);
	ck_assert_uint_eq(finding_count, 0);
}
END_TEST

START_TEST(test_lint_of_a_busy_destroy)
{
	struct vmspace_entry *ve = registry_lookup(proc->vkernel, ID);

	ve->refs++;
	ck_assert_int_eq(vms_destroy(proc, ID), EBUSY);
	expect_finding("vmspace_destroy: ", "0x1000", "references");
	ve->refs--;
}
END_TEST

START_TEST(test_lint_of_setmap_on_a_part)
{
	map(0x10000, 4 * PAGE, RW, VMS_MAP_ANON | VMS_MAP_VPAGETABLE, -1);
	ck_assert_int_eq(
	    vms_mcontrol(proc, ID, 0x10000, 4 * PAGE, VMS_MADV_SETMAP, 0), 0);
	ck_assert_uint_eq(finding_count, 0);
	ck_assert_int_eq(
	    vms_mcontrol(proc, ID, 0x11000, PAGE, VMS_MADV_SETMAP, 0), 0);
	expect_finding("vmspace_mcontrol: ", "0x11000", "0x14000");
}
END_TEST

START_TEST(test_lint_of_a_frame_is_told_once)
{
	tf.tf_rflags = 0x3202;
	ck_assert_int_eq(run(ID), 0);
	expect_finding("vmspace_ctl: ", "0x3202", "0x3000");
	tf.tf_rflags = 0x3202;
	ck_assert_int_eq(run(ID), 0);
	ck_assert_uint_eq(finding_count, 0);
	tf.tf_rip = INT64_C(0x0000800000000000);
	ck_assert_int_eq(run(ID), 0);
	expect_finding("vmspace_ctl: ", "0x800000000000", "canonical");
}
END_TEST

/* Pages 0 to 3 of the file are the tables, page 4 is mapped at 0. */
static uint64_t *
tables_build(int *fd)
{
	uint64_t *words;

	ck_assert_int_eq(os_memfile("test-tools", fd), 0);
	ck_assert_int_eq(ftruncate(*fd, 8 * (off_t)PAGE), 0);
	words =
	    mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	ck_assert_ptr_ne(words, MAP_FAILED);
	for (uint64_t i = 0; i < 4; i++)
		words[i * 512] = (i + 1) * PAGE | VRW;
	map(0, 512 * PAGE, RW, VMS_MAP_SHARED | VMS_MAP_VPAGETABLE, *fd);
	ck_assert_int_eq(
	    vms_mcontrol(proc, ID, 0, 512 * PAGE, VMS_MADV_SETMAP, 0 | VRW), 0);
	return words;
}

static const struct {
	const char *name;
	bool write;
	uint64_t leaf;
	const char *finding; /* NULL: none */
} changes[] = {
	{ "unchanged", true, 4 * 4096 | VRW, NULL },
	{ "another page", false, 5 * 4096 | VRW, "give memory page" },
	{ "removed", false, 0, "no longer give it" },
	{ "not readable", false, 4 * 4096 | VMS_VPTE_V, "no longer give it" },
	{ "read-only after a write", true, 4 * 4096 | VMS_VPTE_V | VMS_VPTE_R,
	    "make it read-only" },
	{ "read-only after a read", false, 4 * 4096 | VMS_VPTE_V | VMS_VPTE_R,
	    NULL },
};

START_TEST(test_lint_of_a_change_without_inval)
{
	char byte = 0;
	size_t done;
	int fd;
	uint64_t *words = tables_build(&fd);

	if (changes[_i].write)
		vms_mem_write(proc, ID, 0x10, &byte, 1, &done);
	else
		vms_mem_read(proc, ID, 0x10, &byte, 1, &done);
	ck_assert_uint_eq(done, 1);
	words[3 * 512] = changes[_i].leaf;
	ck_assert_int_eq(run(ID), 0);
	if (changes[_i].finding != NULL)
		expect_finding("vmspace_ctl: ", changes[_i].finding, "page 0 ");
	ck_assert_int_eq(run(ID), 0);
	ck_assert_uint_eq(finding_count, 0);
	ck_assert_int_eq(vms_mcontrol(proc, ID, 0, PAGE, VMS_MADV_INVAL, 0), 0);
	ck_assert_int_eq(run(ID), 0);
	ck_assert_uint_eq(finding_count, 0);
	munmap(words, 8 * PAGE);
	close(fd);
}
END_TEST

START_TEST(test_no_lint_tells_nothing)
{
	vms_set_lint(vms, NULL, NULL);
	ck_assert_int_eq(vms_create(proc, NULL, 1, (void *)1), 0);
	tf.tf_rflags = 0x3202;
	ck_assert_int_eq(run(ID), 0);
	ck_assert_uint_eq(finding_count, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tools");
	TCase *tc = tcase_create("tools");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_memory_is_written_and_read_across_pages);
	tcase_add_test(tc, test_memory_stops_where_a_guest_would);
	tcase_add_test(tc, test_memory_ends_where_a_file_ends_now);
	tcase_add_test(tc, test_write_of_a_private_file_leaves_the_file);
	tcase_add_test(tc, test_atomic_holds_the_run_lock);
	tcase_add_test(tc, test_lint_of_create);
	tcase_add_test(tc, test_lint_of_a_busy_destroy);
	tcase_add_test(tc, test_lint_of_setmap_on_a_part);
	tcase_add_test(tc, test_lint_of_a_frame_is_told_once);
	tcase_add_loop_test(tc, test_lint_of_a_change_without_inval, 0,
	    (int)(sizeof(changes) / sizeof(changes[0])));
	tcase_add_test(tc, test_no_lint_tells_nothing);
	return suite_run(suite);
}
