/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces of the reference vkernel: faults, copies, moves, files. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/vk_fixture.h"

#define PAGE UINT64_C(4096)
#define AT   UINT64_C(0x100000)

static vms_vpte_t
leaf(uint64_t va)
{
	vk_slot *slot;

	slot = vptab_lookup(&mm->tab, va);
	return slot == NULL ? 0 : slot_get(slot);
}

static const struct {
	const char *name;
	int prot;
	enum mm_access access;
	enum mm_answer answer;
} faults[] = {
	{ "read r", LX_PROT_READ, MM_READ, MM_DONE },
	{ "write r", LX_PROT_READ, MM_WRITE, MM_DENIED },
	{ "write rw", RW, MM_WRITE, MM_DONE },
	{ "read w", LX_PROT_WRITE, MM_READ, MM_DONE },
	{ "read x", LX_PROT_EXEC, MM_READ, MM_DONE },
	{ "fetch rw", RW, MM_FETCH, MM_DENIED },
	{ "fetch x", LX_PROT_EXEC, MM_FETCH, MM_DONE },
	{ "read none", 0, MM_READ, MM_DENIED },
	{ "write none", 0, MM_WRITE, MM_DENIED },
};

START_TEST(test_fault_asks_the_area)
{
	map_anonymous(AT, PAGE, faults[_i].prot);
	ck_assert_msg(
	    mm_fault(mm, AT + 5, faults[_i].access) == faults[_i].answer, "%s",
	    faults[_i].name);
	ck_assert_int_eq(
	    (leaf(AT) & VMS_VPTE_V) != 0, faults[_i].answer == MM_DONE);
	ck_assert_int_eq(mm_fault(mm, AT + PAGE, MM_READ), MM_UNMAPPED);
}
END_TEST

START_TEST(test_second_fault_is_spurious)
{
	map_anonymous(AT, PAGE, RW);
	ck_assert_int_eq(mm_fault(mm, AT, MM_READ), MM_DONE);
	ck_assert_int_eq(mm_fault(mm, AT, MM_WRITE), MM_SPURIOUS);
}
END_TEST

START_TEST(test_ascending_touches_are_entered_ahead)
{
	uint64_t va;

	map_anonymous(AT, 64 * PAGE, RW);
	for (va = AT; va < AT + 64 * PAGE; va += PAGE)
		if (leaf(va) == 0)
			ck_assert_int_eq(mm_fault(mm, va, MM_WRITE), MM_DONE);
	ck_assert_uint_lt(mm->faults, 12);
}
END_TEST

START_TEST(test_memory_at_its_end_is_an_answer)
{
	enum mm_answer answer;
	uint64_t va;

	map_anonymous(AT, UINT64_C(64) << 20, RW);
	answer = MM_DONE;
	for (va = AT; answer == MM_DONE || answer == MM_SPURIOUS; va += PAGE)
		answer = mm_fault(mm, va, MM_WRITE);
	ck_assert_int_eq(answer, MM_NO_MEMORY);
	ck_assert_int_eq(mm_unmap(mm, AT, UINT64_C(32) << 20), 0);
	ck_assert_int_eq(
	    mm_fault(mm, AT + (UINT64_C(33) << 20), MM_WRITE), MM_DONE);
}
END_TEST

START_TEST(test_copies_cross_pages_and_stop_at_holes)
{
	uint8_t in[10000], out[10000];
	size_t i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7);
	map_anonymous(AT, 3 * PAGE, RW);
	ck_assert_int_eq(copyout(mm, AT + 100, in, sizeof(in)), 0);
	ck_assert_int_eq(copyin(mm, out, AT + 100, sizeof(out)), 0);
	ck_assert_mem_eq(in, out, sizeof(in));
	ck_assert_int_eq(copyout(mm, AT + 3000, in, sizeof(in)), LX_EFAULT);
	ck_assert_int_eq(copyin(mm, out, AT - 1, 1), LX_EFAULT);
	ck_assert_int_eq(copyin(mm, out, UINT64_MAX - 3, 1), LX_EFAULT);
	ck_assert_int_eq(copyin(mm, out, AT, 0), 0);
	ck_assert_uint_ne(leaf(AT) & VMS_VPTE_M, 0);
	ck_assert_uint_ne(leaf(AT) & VMS_VPTE_A, 0);
}
END_TEST

START_TEST(test_copyout_obeys_protection_and_force_does_not)
{
	char c;

	map_anonymous(AT, PAGE, LX_PROT_READ);
	ck_assert_int_eq(copyout(mm, AT, "x", 1), LX_EFAULT);
	ck_assert_int_eq(copyout_force(mm, AT, "x", 1), 0);
	ck_assert_int_eq(copyin(mm, &c, AT, 1), 0);
	ck_assert_int_eq(c, 'x');
	ck_assert_uint_eq(leaf(AT) & VMS_VPTE_W, 0);
}
END_TEST

START_TEST(test_strings_end_where_they_end)
{
	char text[64];

	map_anonymous(AT, PAGE, RW);
	ck_assert_int_eq(copyout(mm, AT + PAGE - 4, "abc", 4), 0);
	ck_assert_int_eq(
	    copyin_string(mm, text, AT + PAGE - 4, sizeof(text)), 0);
	ck_assert_str_eq(text, "abc");
	ck_assert_int_eq(
	    copyin_string(mm, text, AT + PAGE - 4, 3), LX_ENAMETOOLONG);
	ck_assert_int_eq(copyout(mm, AT + PAGE - 1, "z", 1), 0);
	ck_assert_int_eq(
	    copyin_string(mm, text, AT + PAGE - 4, sizeof(text)), LX_EFAULT);
}
END_TEST

START_TEST(test_pieces_describe_the_same_bytes)
{
	struct iovec iov[8];
	int count;
	size_t i, sum;

	map_anonymous(AT, 4 * PAGE, RW);
	count = 0;
	ck_assert_uint_eq(
	    user_pieces(mm, AT + 10, 3 * PAGE, MM_WRITE, iov, 8, &count),
	    3 * PAGE);
	for (sum = 0, i = 0; i < (size_t)count; i++)
		sum += iov[i].iov_len;
	ck_assert_uint_eq(sum, 3 * PAGE);
	((char *)iov[0].iov_base)[0] = 'p';
	ck_assert_uint_eq(*user_host(mm, AT + 10, MM_READ), 'p');
	count = 0;
	ck_assert_uint_eq(
	    user_pieces(mm, AT + PAGE, 9 * PAGE, MM_READ, iov, 8, &count),
	    3 * PAGE);
}
END_TEST

START_TEST(test_protect_changes_the_leaves)
{
	map_anonymous(AT, 2 * PAGE, RW);
	ck_assert_int_eq(copyout(mm, AT, "x", 1), 0);
	ck_assert_int_eq(mm_protect(mm, AT, PAGE, LX_PROT_READ), 0);
	ck_assert_uint_eq(leaf(AT) & (VMS_VPTE_R | VMS_VPTE_W), VMS_VPTE_R);
	ck_assert_int_eq(mm_protect(mm, AT, PAGE, 0), 0);
	ck_assert_uint_eq(leaf(AT) & (VMS_VPTE_R | VMS_VPTE_W), 0);
	ck_assert_int_eq(mm_protect(mm, AT, PAGE, RW), 0);
	ck_assert_uint_ne(leaf(AT) & VMS_VPTE_W, 0);
	ck_assert_uint_eq(mm->areas.count, 1);
	ck_assert_int_eq(mm_protect(mm, AT, 3 * PAGE, RW), LX_ENOMEM);
	ck_assert_int_eq(mm_protect(mm, AT + 1, PAGE, RW), LX_EINVAL);
}
END_TEST

START_TEST(test_discard_makes_zero)
{
	char c;

	map_anonymous(AT, PAGE, RW);
	ck_assert_int_eq(copyout(mm, AT, "x", 1), 0);
	ck_assert_int_eq(mm_discard(mm, AT, PAGE), 0);
	ck_assert_uint_eq(leaf(AT), 0);
	ck_assert_int_eq(copyin(mm, &c, AT, 1), 0);
	ck_assert_int_eq(c, 0);
	ck_assert_int_eq(mm_discard(mm, AT, 2 * PAGE), LX_ENOMEM);
}
END_TEST

static const struct {
	const char *name;
	uint64_t old_len, new_len;
	int flags;
	int error;
	bool moves;
} remaps[] = {
	{ "smaller", 4, 2, 0, 0, false },
	{ "same", 4, 4, 0, 0, false },
	{ "no room", 4, 6, 0, LX_ENOMEM, false },
	{ "moves", 4, 6, LX_MREMAP_MAYMOVE, 0, true },
	{ "fixed without maymove", 4, 6, LX_MREMAP_FIXED, LX_EINVAL, false },
	{ "unknown flag", 4, 6, 0x100, LX_EINVAL, false },
	{ "to nothing", 4, 0, LX_MREMAP_MAYMOVE, LX_EINVAL, false },
	{ "beyond the area", 9, 12, LX_MREMAP_MAYMOVE, LX_EFAULT, false },
};

START_TEST(test_remap)
{
	uint64_t va;
	char c;

	map_anonymous(AT, 4 * PAGE, RW);
	map_anonymous(AT + 5 * PAGE, PAGE, LX_PROT_READ);
	ck_assert_int_eq(copyout(mm, AT + PAGE, "m", 1), 0);
	va = 0;
	ck_assert_msg(mm_remap(mm, AT, remaps[_i].old_len * PAGE,
			  remaps[_i].new_len * PAGE, remaps[_i].flags, 0,
			  &va) == remaps[_i].error,
	    "%s", remaps[_i].name);
	if (remaps[_i].error != 0)
		return;
	ck_assert_int_eq(va != AT, remaps[_i].moves);
	ck_assert_int_eq(copyin(mm, &c, va + PAGE, 1), 0);
	ck_assert_int_eq(c, 'm');
	ck_assert_int_eq(
	    copyin(mm, &c, va + remaps[_i].new_len * PAGE - 1, 1), 0);
	if (remaps[_i].moves)
		ck_assert_int_eq(copyin(mm, &c, AT, 1), LX_EFAULT);
}
END_TEST

START_TEST(test_remap_grows_in_place)
{
	uint64_t va;

	map_anonymous(AT, PAGE, RW);
	ck_assert_int_eq(mm_remap(mm, AT, PAGE, 8 * PAGE, 0, 0, &va), 0);
	ck_assert_uint_eq(va, AT);
	ck_assert_uint_eq(mm->areas.count, 1);
	ck_assert_int_eq(copyout(mm, AT + 7 * PAGE, "x", 1), 0);
}
END_TEST

START_TEST(test_brk_grows_shrinks_and_refuses)
{
	mm->brk_start = mm->brk = AT;
	ck_assert_uint_eq(mm_set_brk(mm, 0), AT);
	ck_assert_uint_eq(mm_set_brk(mm, AT + 5000), AT + 5000);
	ck_assert_int_eq(copyout(mm, AT + 8191, "x", 1), 0);
	ck_assert_uint_eq(mm_set_brk(mm, AT + 10), AT + 10);
	ck_assert_int_eq(copyout(mm, AT + 8191, "x", 1), LX_EFAULT);
	map_anonymous(AT + 4 * PAGE, PAGE, RW);
	ck_assert_uint_eq(mm_set_brk(mm, AT + 5 * PAGE), AT + 10);
	ck_assert_uint_eq(mm_set_brk(mm, AT - 1), AT + 10);
}
END_TEST

START_TEST(test_stack_grows_to_its_limit)
{
	struct vk_mapping stack = { .addr = UINT64_C(0x10000000),
		.len = 4 * PAGE,
		.prot = RW,
		.flags = AREA_GROWSDOWN,
		.fixed = true };
	uint64_t end, va;

	mm->stack_limit = 64 * PAGE;
	ck_assert_int_eq(mm_map(mm, &stack, &va), 0);
	end = stack.addr + stack.len;
	ck_assert_int_eq(mm_fault(mm, end - 64 * PAGE, MM_WRITE), MM_DONE);
	ck_assert_int_eq(
	    mm_fault(mm, end - 64 * PAGE - 1, MM_WRITE), MM_UNMAPPED);
	ck_assert_uint_eq(mm->areas.rows[0].start, end - 64 * PAGE);
}
END_TEST

START_TEST(test_stack_keeps_its_gap)
{
	struct vk_mapping stack = { .addr = UINT64_C(0x10000000),
		.len = 4 * PAGE,
		.prot = RW,
		.flags = AREA_GROWSDOWN,
		.fixed = true };
	uint64_t va;

	ck_assert_int_eq(mm_map(mm, &stack, &va), 0);
	map_anonymous(stack.addr - MM_STACK_GAP - 2 * PAGE, PAGE, RW);
	ck_assert_int_eq(mm_fault(mm, stack.addr - 1, MM_WRITE), MM_DONE);
	ck_assert_int_eq(
	    mm_fault(mm, stack.addr - PAGE - 1, MM_WRITE), MM_UNMAPPED);
}
END_TEST

static int file_fd;

/* Two and a half pages: 'a' all over. */
static void
file_setup(void)
{
	char name[] = "/tmp/vk_mm.XXXXXX", bytes[10240];

	vk_setup();
	file_fd = mkstemp(name);
	ck_assert_int_ge(file_fd, 0);
	unlink(name);
	memset(bytes, 'a', sizeof(bytes));
	ck_assert_int_eq(write(file_fd, bytes, sizeof(bytes)), sizeof(bytes));
}

static void
file_teardown(void)
{
	close(file_fd);
	vk_teardown();
}

static void
map_file(uint64_t addr, uint64_t len, bool shared)
{
	struct vk_mapping mapping = { .addr = addr,
		.len = len,
		.prot = RW,
		.flags = shared ? AREA_SHARED | AREA_MAYWRITE : 0,
		.fixed = true };
	uint64_t va;

	ck_assert_int_eq(
	    object_of_file(&memory.cache, file_fd, shared, &mapping.object), 0);
	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	object_drop(mapping.object);
}

static char
file_byte(off_t off)
{
	char c;

	ck_assert_int_eq(pread(file_fd, &c, 1, off), 1);
	return c;
}

static char
guest_byte(uint64_t va)
{
	char c;

	ck_assert_int_eq(copyin(mm, &c, va, 1), 0);
	return c;
}

START_TEST(test_private_file_is_copied_when_written)
{
	map_file(AT, 3 * PAGE, false);
	map_file(AT + 8 * PAGE, 3 * PAGE, false);
	ck_assert_int_eq(guest_byte(AT + 10239), 'a');
	ck_assert_int_eq(guest_byte(AT + 10240), 0);
	ck_assert_uint_eq(leaf(AT) & VMS_VPTE_W, 0);
	ck_assert_int_eq(copyout(mm, AT, "b", 1), 0);
	ck_assert_int_eq(guest_byte(AT), 'b');
	ck_assert_int_eq(guest_byte(AT + 8 * PAGE), 'a');
	ck_assert_int_eq(file_byte(0), 'a');
	ck_assert_uint_ne(leaf(AT) & VMS_VPTE_W, 0);
}
END_TEST

START_TEST(test_two_mappings_share_frames)
{
	map_file(AT, 3 * PAGE, false);
	map_file(AT + 8 * PAGE, 3 * PAGE, false);
	guest_byte(AT + PAGE);
	guest_byte(AT + 9 * PAGE);
	ck_assert_uint_eq(leaf(AT + PAGE) & VMS_VPTE_FRAME,
	    leaf(AT + 9 * PAGE) & VMS_VPTE_FRAME);
	/* The neighbour, read with it, was entered too. */
	ck_assert_uint_ne(leaf(AT + 2 * PAGE) & VMS_VPTE_V, 0);
}
END_TEST

START_TEST(test_shared_file_reaches_the_file)
{
	map_file(AT, 3 * PAGE, true);
	map_file(AT + 8 * PAGE, 3 * PAGE, true);
	ck_assert_int_eq(copyout(mm, AT + 5, "s", 1), 0);
	ck_assert_int_eq(guest_byte(AT + 8 * PAGE + 5), 's');
	ck_assert_int_eq(mm_sync(mm, AT, PAGE), 0);
	ck_assert_int_eq(file_byte(5), 's');
	ck_assert_uint_eq(leaf(AT) & VMS_VPTE_M, 0);
	ck_assert_int_eq(copyout(mm, AT + PAGE, "u", 1), 0);
	ck_assert_int_eq(copyout(mm, AT + 10300, "v", 1), 0);
	ck_assert_int_eq(mm_unmap(mm, AT, 3 * PAGE), 0);
	ck_assert_int_eq(file_byte(4096), 'u');
	ck_assert_int_eq(lseek(file_fd, 0, SEEK_END), 10240);
}
END_TEST

START_TEST(test_beyond_the_file_is_a_bus_error)
{
	map_file(AT, 5 * PAGE, false);
	ck_assert_int_eq(mm_fault(mm, AT + 3 * PAGE, MM_READ), MM_BEYOND);
	ck_assert_int_eq(mm_fault(mm, AT + 2 * PAGE, MM_READ), MM_DONE);
	ck_assert_int_eq(ftruncate(file_fd, 5000), 0);
	mm_truncated(mm, file_fd, 5000);
	ck_assert_int_eq(mm_fault(mm, AT + 2 * PAGE, MM_READ), MM_BEYOND);
	ck_assert_int_eq(guest_byte(AT + 4999), 'a');
	ck_assert_int_eq(guest_byte(AT + 5000), 0);
}
END_TEST

START_TEST(test_idle_pages_give_way)
{
	uint64_t va;

	map_file(AT, 3 * PAGE, false);
	guest_byte(AT);
	ck_assert_int_eq(mm_unmap(mm, AT, 3 * PAGE), 0);
	ck_assert_uint_eq(memory.cache.idle, 1);
	map_anonymous(AT, UINT64_C(64) << 20, RW);
	for (va = AT; mm_fault(mm, va, MM_WRITE) != MM_NO_MEMORY; va += PAGE)
		continue;
	ck_assert_uint_eq(memory.cache.idle, 0);
}
END_TEST

START_TEST(test_shared_memory_is_one)
{
	struct vk_mapping mapping = { .addr = AT,
		.len = PAGE,
		.prot = RW,
		.flags = AREA_SHARED | AREA_MAYWRITE,
		.fixed = true };
	uint64_t va;

	ck_assert_int_eq(object_anonymous(&memory.cache, &mapping.object), 0);
	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	mapping.addr = AT + 4 * PAGE;
	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	object_drop(mapping.object);
	ck_assert_int_eq(copyout(mm, AT + 9, "q", 1), 0);
	ck_assert_int_eq(guest_byte(AT + 4 * PAGE + 9), 'q');
}
END_TEST

static void
add_file_tests(Suite *suite)
{
	TCase *tc = tcase_create("files");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, file_setup, file_teardown);
	tcase_add_test(tc, test_private_file_is_copied_when_written);
	tcase_add_test(tc, test_two_mappings_share_frames);
	tcase_add_test(tc, test_shared_file_reaches_the_file);
	tcase_add_test(tc, test_beyond_the_file_is_a_bus_error);
	tcase_add_test(tc, test_idle_pages_give_way);
	tcase_add_test(tc, test_shared_memory_is_one);
}

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *suite = suite_create("vk_mm");
	TCase *tc = tcase_create("vk_mm");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, vk_setup, vk_teardown);
	tcase_add_loop_test(tc, test_fault_asks_the_area, 0, ROWS(faults));
	tcase_add_test(tc, test_second_fault_is_spurious);
	tcase_add_test(tc, test_ascending_touches_are_entered_ahead);
	tcase_add_test(tc, test_memory_at_its_end_is_an_answer);
	tcase_add_test(tc, test_copies_cross_pages_and_stop_at_holes);
	tcase_add_test(tc, test_copyout_obeys_protection_and_force_does_not);
	tcase_add_test(tc, test_strings_end_where_they_end);
	tcase_add_test(tc, test_pieces_describe_the_same_bytes);
	tcase_add_test(tc, test_protect_changes_the_leaves);
	tcase_add_test(tc, test_discard_makes_zero);
	tcase_add_loop_test(tc, test_remap, 0, ROWS(remaps));
	tcase_add_test(tc, test_remap_grows_in_place);
	tcase_add_test(tc, test_brk_grows_shrinks_and_refuses);
	tcase_add_test(tc, test_stack_grows_to_its_limit);
	tcase_add_test(tc, test_stack_keeps_its_gap);
	add_file_tests(suite);
	return vk_run_suite(suite);
}
