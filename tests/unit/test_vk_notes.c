/* SPDX-License-Identifier: BSD-2-Clause */
/* Every store of ours to the memory image is noted, and little else. */
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/vk_fixture.h"
#include "vkernel/notes.h"

#define PAGE  UINT64_C(4096)
#define AT    UINT64_C(0x100000)
#define PAGES 24 /* of AT, touched by the operations */

static uint8_t *before, *noted;
static uint64_t noted_sum;
static unsigned told;
static int file_fd;

static void
remember(void *arg, const struct vms_range *ranges, size_t count)
{
	size_t i;

	(void)arg;
	told++;
	ck_assert_uint_le(count, NOTES_ROWS);
	for (i = 0; i < count; i++) {
		ck_assert_uint_le(
		    ranges[i].off + ranges[i].len, memory.image.bytes);
		memset(noted + ranges[i].off, 1, (size_t)ranges[i].len);
		noted_sum += ranges[i].len;
	}
}

static void
file_fill(void)
{
	char name[] = "/tmp/vk_notes.XXXXXX", bytes[10240];

	file_fd = mkstemp(name);
	ck_assert_int_ge(file_fd, 0);
	unlink(name);
	memset(bytes, 'a', sizeof(bytes));
	ck_assert_int_eq(write(file_fd, bytes, sizeof(bytes)), sizeof(bytes));
}

/* Every frame has been used before, so that its old bytes are in the way. */
static void
frames_spoil(void)
{
	uint64_t frames[1024];
	size_t count;

	for (count = 0; image_alloc(&memory.image, &frames[count]) == 0;)
		memset(image_at(&memory.image, frames[count++]), 0x5a, PAGE);
	while (count > 0)
		image_drop(&memory.image, frames[--count]);
}

static void
notes_forget(void)
{
	image_flush(&memory.image);
	memcpy(before, memory.image.base, (size_t)memory.image.bytes);
	memset(noted, 0, (size_t)memory.image.bytes);
	noted_sum = 0;
	told = 0;
}

static void
notes_setup(void)
{
	vk_setup();
	frames_spoil();
	file_fill();
	before = malloc((size_t)memory.image.bytes);
	noted = malloc((size_t)memory.image.bytes);
	ck_assert_int_eq(
	    notes_open(&memory.image.notes, memory.image.count, remember, NULL),
	    0);
	notes_forget();
}

static void
notes_teardown(void)
{
	free(before);
	free(noted);
	close(file_fd);
	vk_teardown();
}

static uint64_t
changed_not_noted(void)
{
	uint64_t off;

	image_flush(&memory.image);
	for (off = 0; off < memory.image.bytes; off++)
		if (memory.image.base[off] != before[off] && noted[off] == 0)
			return off;
	return UINT64_MAX;
}

static void
map_file(bool shared)
{
	struct vk_mapping mapping = { .addr = AT,
		.len = 3 * PAGE,
		.prot = RW,
		.flags = shared ? AREA_SHARED | AREA_MAYWRITE : 0,
		.fixed = true };
	uint64_t va;

	ck_assert_int_eq(
	    object_of_file(&memory.cache, file_fd, shared, &mapping.object), 0);
	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	object_drop(mapping.object);
}

static void
touch(uint64_t from, uint64_t pages)
{
	uint64_t va;

	for (va = from; va < from + pages * PAGE; va += PAGE)
		ck_assert_int_eq(copyout(mm, va + 7, "touched", 7), 0);
}

static void
prepare_none(void)
{
}

static void
prepare_touched(void)
{
	map_anonymous(AT, PAGES * PAGE, RW);
	touch(AT, PAGES);
}

static void
prepare_clean(void)
{
	map_anonymous(AT, PAGE, RW);
	ck_assert_int_eq(mm_fault(mm, AT, MM_READ), MM_DONE);
}

static void
prepare_file(void)
{
	char c;

	map_file(false);
	ck_assert_int_eq(copyin(mm, &c, AT, 1), 0);
}

static void
prepare_shared(void)
{
	map_file(true);
	touch(AT, 3);
}

static void
do_fault_ahead(void)
{
	map_anonymous(AT, PAGES * PAGE, RW);
	touch(AT, PAGES);
}

static void
do_new_space(void)
{
	struct vk_mm *other;

	ck_assert_int_eq(mm_create(&memory, &other), 0);
	mm_drop(other);
}

static void
do_force(void)
{
	map_anonymous(AT, PAGES * PAGE, LX_PROT_READ);
	ck_assert_int_eq(copyout_force(mm, AT + 4090, "loaded bytes", 12), 0);
}

static void
do_protect(void)
{
	ck_assert_int_eq(mm_protect(mm, AT + PAGE, 3 * PAGE, LX_PROT_READ), 0);
	ck_assert_int_eq(mm_protect(mm, AT + PAGE, PAGE, RW), 0);
}

static void
do_unmap(void)
{
	ck_assert_int_eq(mm_unmap(mm, AT + PAGE, 3 * PAGE), 0);
}

static void
do_move(void)
{
	uint64_t va;

	map_anonymous(AT + PAGES * PAGE, PAGE, RW);
	ck_assert_int_eq(mm_remap(mm, AT, PAGES * PAGE, 2 * PAGES * PAGE,
			     LX_MREMAP_MAYMOVE, 0, &va),
	    0);
}

static void
do_read_file(void)
{
	char c;

	map_file(false);
	ck_assert_int_eq(copyin(mm, &c, AT + PAGE, 1), 0);
}

static void
do_unshare(void)
{
	ck_assert_int_eq(copyout(mm, AT + 100, "own", 3), 0);
}

static void
do_sync(void)
{
	ck_assert_int_eq(mm_sync(mm, AT, PAGE), 0);
}

static void
do_refresh(void)
{
	struct vk_object *object;

	ck_assert_int_eq(pwrite(file_fd, "new", 3, 5000), 3);
	object = object_lookup(&memory.cache, file_fd);
	ck_assert_ptr_nonnull(object);
	object_refresh(object, 5000, 3);
}

static void
do_truncate(void)
{
	ck_assert_int_eq(ftruncate(file_fd, 5000), 0);
	mm_truncated(mm, file_fd, 5000);
}

static void
do_shared_memory(void)
{
	struct vk_mapping mapping = { .addr = AT,
		.len = PAGE,
		.prot = RW,
		.flags = AREA_SHARED | AREA_MAYWRITE,
		.fixed = true };
	uint64_t va;
	char c;

	ck_assert_int_eq(object_anonymous(&memory.cache, &mapping.object), 0);
	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	object_drop(mapping.object);
	ck_assert_int_eq(copyin(mm, &c, AT, 1), 0);
}

static void
do_pieces(void)
{
	struct iovec iov[PAGES];
	size_t got, i, left;
	int count;

	count = 0;
	got = user_pieces(mm, AT + 100, 3 * PAGE, MM_WRITE, iov, PAGES, &count);
	ck_assert_uint_eq(got, 3 * PAGE);
	left = 2 * PAGE + 5;
	user_stored(mm, iov, count, left);
	for (i = 0; left > 0; i++) {
		got = iov[i].iov_len < left ? iov[i].iov_len : left;
		memset(iov[i].iov_base, 'r', got);
		left -= got;
	}
}

static void
do_dirty(void)
{
	ck_assert_int_eq(copyout(mm, AT + 8, "d", 1), 0);
}

static void
do_copyout(void)
{
	uint8_t stat[144];

	memset(stat, 0xee, sizeof(stat));
	ck_assert_int_eq(copyout(mm, AT + PAGE + 8, stat, sizeof(stat)), 0);
}

/* most: bytes noted, 0: whatever they are. */
static const struct {
	const char *name;
	void (*prepare)(void);
	void (*run)(void);
	uint64_t most;
} rows[] = {
	{ "fault ahead", prepare_none, do_fault_ahead, 0 },
	{ "new space", prepare_none, do_new_space, PAGE },
	{ "force", prepare_none, do_force, 0 },
	{ "protect", prepare_touched, do_protect, 5 * 8 },
	{ "unmap", prepare_touched, do_unmap, 3 * 8 },
	{ "move", prepare_touched, do_move, 0 },
	{ "read file", prepare_none, do_read_file, 6 * PAGE },
	{ "unshare", prepare_file, do_unshare, PAGE + 2 * 8 },
	{ "sync", prepare_shared, do_sync, 3 * 8 },
	{ "refresh", prepare_shared, do_refresh, PAGE },
	{ "truncate", prepare_shared, do_truncate, PAGE },
	{ "shared memory", prepare_none, do_shared_memory, 0 },
	{ "pieces", prepare_touched, do_pieces, 2 * PAGE + 5 },
	{ "dirty", prepare_clean, do_dirty, 8 + 1 },
	{ "copyout", prepare_touched, do_copyout, 144 },
};

START_TEST(test_each_changed_byte_is_noted)
{
	uint64_t off;

	rows[_i].prepare();
	notes_forget();
	rows[_i].run();
	off = changed_not_noted();
	ck_assert_msg(off == UINT64_MAX, "%s: byte %#llx", rows[_i].name,
	    (unsigned long long)off);
	ck_assert_msg(noted_sum != 0, "%s", rows[_i].name);
	ck_assert_msg(rows[_i].most == 0 || noted_sum <= rows[_i].most,
	    "%s: %llu bytes", rows[_i].name, (unsigned long long)noted_sum);
}
END_TEST

START_TEST(test_nothing_is_noted_when_nobody_asks)
{
	notes_close(&memory.image.notes);
	map_anonymous(AT, PAGES * PAGE, RW);
	touch(AT, PAGES);
	image_flush(&memory.image);
	ck_assert_uint_eq(told, 0);
}
END_TEST

START_TEST(test_neighbours_join)
{
	struct vk_notes *notes;

	notes = &memory.image.notes;
	notes_add(notes, 3 * PAGE + 8, 8);
	notes_add(notes, 9 * PAGE, 16);
	notes_add(notes, 3 * PAGE + 16, 8);
	notes_add(notes, 3 * PAGE, 8);
	notes_add(notes, 9 * PAGE + 4, 4);
	ck_assert_uint_eq(notes->count, 2);
	ck_assert_uint_eq(notes->rows[0].off, 3 * PAGE);
	ck_assert_uint_eq(notes->rows[0].len, 24);
	ck_assert_uint_eq(notes->rows[1].len, 16);
}
END_TEST

START_TEST(test_a_whole_page_swallows_its_parts)
{
	struct vk_notes *notes;
	uint64_t i;

	notes = &memory.image.notes;
	notes_add(notes, 3 * PAGE, PAGE);
	for (i = 0; i < 2 * NOTES_ROWS - 2; i++)
		notes_add(notes, (10 + i) * PAGE, 8);
	ck_assert_uint_eq(told, 1);
	notes_add(notes, 3 * PAGE + 80, 8);
	ck_assert_uint_eq(notes->count, NOTES_ROWS);
	notes_flush(notes);
	notes_add(notes, 5 * PAGE - 8, PAGE + 16);
	notes_add(notes, 5 * PAGE + 80, 8);
	ck_assert_uint_eq(notes->count, 1);
	ck_assert_uint_eq(notes->rows[0].len, PAGE + 16);
}
END_TEST

START_TEST(test_rounds_begin_again)
{
	struct vk_notes *notes;

	notes = &memory.image.notes;
	notes->round = UINT32_MAX;
	notes_add(notes, 3 * PAGE, PAGE);
	notes_flush(notes);
	ck_assert_uint_eq(notes->round, 1);
	notes_add(notes, 3 * PAGE, 8);
	ck_assert_uint_eq(notes->count, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vk_notes");
	TCase *tc = tcase_create("vk_notes");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, notes_setup, notes_teardown);
	tcase_add_loop_test(tc, test_each_changed_byte_is_noted, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, test_nothing_is_noted_when_nobody_asks);
	tcase_add_test(tc, test_neighbours_join);
	tcase_add_test(tc, test_a_whole_page_swallows_its_parts);
	tcase_add_test(tc, test_rounds_begin_again);
	return vk_run_suite(suite);
}
