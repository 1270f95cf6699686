/* SPDX-License-Identifier: BSD-2-Clause */
/* kern_mmap, sys_munmap and sys_mcontrol: which check comes first, and where
 * a mapping goes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/unit/vm_fixture.h"

#define R     VMS_PROT_READ
#define W     VMS_PROT_WRITE
#define NONE  VMS_PROT_NONE
#define STACK VMS_MAP_STACK
#define TRY   VMS_MAP_TRYFIXED
#define ALIGN VMS_MAP_SIZEALIGN
#define HINT  UINT64_C(0x800000000)
#define KIB   UINT64_C(1024)

/* Descriptors that a row can name. */
enum fd_kind {
	FD_NONE,
	FD_FILE,
	FD_RDONLY,
	FD_WRONLY,
	FD_PIPE,
	FD_SOCKET,
	FD_DIR,
	FD_ZERO,
	FD_NULL,
	FD_NULL_RDONLY,
	FD_CLOSED,
	FD_SEALED,
	FD_PROC,
	FD_COUNT
};
static int fds[FD_COUNT];

static int
reopen(int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/fd/%d", file_fd);
	return open(path, flags);
}

static void
setup(void)
{
	int pipe_fds[2], sockets[2];

	vm_setup();
	fds[FD_NONE] = -1;
	fds[FD_FILE] = file_fd;
	fds[FD_RDONLY] = reopen(O_RDONLY);
	fds[FD_WRONLY] = reopen(O_WRONLY);
	ck_assert_int_eq(pipe(pipe_fds), 0);
	fds[FD_PIPE] = pipe_fds[0];
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	fds[FD_SOCKET] = sockets[0];
	fds[FD_DIR] = open("/", O_RDONLY);
	fds[FD_ZERO] = open("/dev/zero", O_RDONLY);
	fds[FD_NULL] = open("/dev/null", O_RDWR);
	fds[FD_NULL_RDONLY] = open("/dev/null", O_RDONLY);
	fds[FD_CLOSED] = 1000;
	ck_assert_int_eq(os_memfile("sealed", &fds[FD_SEALED]), 0);
#ifdef F_SEAL_WRITE
	ck_assert_int_eq(fcntl(fds[FD_SEALED], F_ADD_SEALS, F_SEAL_WRITE), 0);
	fds[FD_PROC] = open("/proc/self/status", O_RDONLY);
#endif
	for (int i = FD_FILE; i < FD_CLOSED; i++)
		ck_assert_int_ge(fds[i], 0);
}

struct row {
	const char *name;
	uint64_t addr, len;
	int prot, flags;
	enum fd_kind fd;
	int error;
	int64_t off;
};

#define END   VMS_VA_END
#define WRAPS (UINT64_MAX - 4000)

/* Each row breaks the rule it is named for and, where it can, later ones. */
static const struct row rows[] = {
	{ "1 anon with fd", 0, 0, NONE, ANON, FD_FILE, EINVAL, 0 },
	{ "1 anon with offset", 0, 4096, R, ANON, FD_NONE, EINVAL, 4096 },
	{ "2 length 0", 0, 0, RW, ANON, FD_NONE, EINVAL, 0 },
	{ "3 stack with fd", 0, 4096, RW, STACK, FD_FILE, EINVAL, 0 },
	{ "4 stack read-only", 0, 4096, R, STACK, FD_NONE, EINVAL, 0 },
	{ "4 stack write-only", 0, 4096, W, STACK, FD_NONE, EINVAL, 0 },
	{ "- stack forgets offset", 0, 4096, RW, STACK, FD_NONE, 0, 9 },
	{ "6 tables in a stack", 0, 4096, RW, TABLES | STACK, FD_NONE, EINVAL,
	    0 },
	{ "7 tables read-only", 0, 4096, R, TABLES | SHARED, FD_FILE, EINVAL,
	    0 },
	{ "7 tables write-only", 0, 4096, W, TABLES | SHARED, FD_FILE, EINVAL,
	    0 },
	{ "7 tables executable", 0, 4096, RW | VMS_PROT_EXEC, TABLES | SHARED,
	    FD_FILE, 0, 0 },
	{ "8 length wraps", 0, WRAPS, R, SHARED, FD_CLOSED, EINVAL, 0 },
	{ "8 length wraps by offset", 0, UINT64_MAX - 4096, R, SHARED,
	    FD_CLOSED, EINVAL, 4095 },
	{ "9 fixed unaligned", 1, 4096, R, SHARED | FIXED, FD_CLOSED, EINVAL,
	    0 },
	{ "9 tryfixed unaligned", 1, 4096, R, SHARED | TRY, FD_CLOSED, EINVAL,
	    0 },
	{ "9 other remainder", 0x124, 4096, R, SHARED | FIXED, FD_FILE, EINVAL,
	    0x123 },
	{ "9 below the remainder", 0x23, 4096, R, SHARED | FIXED, FD_FILE,
	    EINVAL, 0x123 },
	{ "10 fixed wraps", UINT64_MAX - 4095, 8192, R, SHARED | FIXED,
	    FD_CLOSED, EINVAL, 0 },
	{ "11 fixed above the end", END, 4096, R, SHARED | FIXED, FD_CLOSED,
	    EINVAL, 0 },
	{ "11 tryfixed above the end", END - 4096, 8192, R, SHARED | TRY,
	    FD_CLOSED, EINVAL, 0 },
	{ "11 up to the end", END - 4096, 4096, RW, ANON | FIXED, FD_NONE, 0,
	    0 },
	{ "13 no fd", 0, 4096, R, SHARED, FD_NONE, EBADF, 0 },
	{ "13 closed fd", 0, 4096, R, SHARED, FD_CLOSED, EBADF, 0 },
	{ "14 pipe", 0, 4096, R, SHARED, FD_PIPE, EINVAL, 0 },
	{ "14 socket", 0, 4096, R, SHARED, FD_SOCKET, EINVAL, 0 },
#ifdef F_SEAL_WRITE
	{ "15 file without memory", 0, 4096, R, SHARED, FD_PROC, EINVAL, 0 },
	{ "22 sealed", 0, 4096, RW, SHARED, FD_SEALED, EPERM, 0 },
	{ "22 sealed, private", 0, 4096, RW, PRIVATE, FD_SEALED, 0, 0 },
	{ "22 sealed, read", 0, 4096, R, SHARED, FD_SEALED, 0, 0 },
#endif
	{ "17 directory", 0, 4096, R, SHARED, FD_DIR, EINVAL, 0 },
	{ "- zero device", 0, 4096, RW, PRIVATE, FD_ZERO, 0, 4096 },
	{ "18 private device", 0, 4096, W, PRIVATE, FD_NULL_RDONLY, EINVAL, 0 },
	{ "19 not readable", 0, 4096, RW, SHARED, FD_WRONLY, EACCES, 0 },
	{ "19 not readable, private", 0, 4096, R, PRIVATE, FD_WRONLY, EACCES,
	    0 },
	{ "20 not writable", 0, 4096, RW, SHARED, FD_RDONLY, EACCES, 0 },
	{ "20 write-only shared", 0, 4096, W, SHARED, FD_RDONLY, EACCES, 0 },
	{ "20 device not writable", 0, 4096, RW, 0, FD_NULL_RDONLY, EACCES, 0 },
	{ "20 private is no store", 0, 4096, RW, PRIVATE, FD_RDONLY, 0, 0 },
	{ "20 neither is private", 0, 4096, RW, 0, FD_RDONLY, 0, 0 },
	{ "20 both is shared", 0, 4096, RW, SHARED | PRIVATE, FD_RDONLY, EACCES,
	    0 },
	{ "24 size not a power", 0, 3 * 4096, RW, ANON | ALIGN, FD_NONE, EINVAL,
	    0 },
	{ "24 before 26", 0, 3 * 4096, R, SHARED | ALIGN, FD_NULL, EINVAL, 0 },
	{ "26 device", 0, 4096, R, SHARED, FD_NULL, EINVAL, 0 },
	{ "27 too long", 0, END, RW, ANON, FD_NONE, ENOMEM, 0 },
	{ "27 hint too high", END, 4096, RW, ANON, FD_NONE, ENOMEM, 0 },
	{ "prot above 7", 0, 4096, RW | 0x7ff8, ANON, FD_NONE, 0, 0 },
	{ "unknown flags", 0, 4096, RW, ANON | 0x7f000000, FD_NONE, 0, 0 },
	{ "no access, write-only fd", 0, 4096, NONE, SHARED, FD_WRONLY, 0, 0 },
	{ "negative offset", 0, 4096, R, SHARED, FD_FILE, 0, -4096 },
};

static int
row_map(const struct row *row, vms_va_t *out)
{
	return vm_mmap(space, row->addr, row->len, row->prot, row->flags,
	    fds[row->fd], row->off, out);
}

START_TEST(test_mmap_row)
{
	const struct row *row = &rows[_i];
	vms_va_t out = 0xabc;
	int error = row_map(row, &out);

	ck_assert_msg(error == row->error, "row %s: error %d instead of %d",
	    row->name, error, row->error);
	if (error != 0) {
		ck_assert_uint_eq(out, 0xabc);
		ck_assert_uint_eq(space->map.count, 0);
		ck_assert_uint_eq(vms.objects.count, 0);
	} else {
		ck_assert_uint_eq(space->map.count, 1);
	}
}
END_TEST

/* Row 5 comes before 6 and 7, and nothing else looks at the switch. */
START_TEST(test_tables_without_vkernel_enable)
{
	vms_va_t out;

	atomic_store(&vms.vkernel_enable, 0);
	ck_assert_int_eq(
	    vm_mmap(space, 0, 4096, R, TABLES | STACK, -1, 0, &out), EINVAL);
	ck_assert_int_eq(
	    vm_mmap(space, 0, 4096, RW, TABLES | STACK, -1, 0, &out),
	    EOPNOTSUPP);
	ck_assert_int_eq(
	    vm_mmap(space, 0, 4096, R, TABLES, -1, 0, &out), EOPNOTSUPP);
	ck_assert_int_eq(vm_mmap(space, 0, 0, R, TABLES, -1, 0, &out), EINVAL);
	map_anon(0, 1, 0);
}
END_TEST

/* An error of rows 1 to 24 leaves what is mapped; a later one does not. */
START_TEST(test_fixed_removes_between_rows_24_and_26)
{
	vms_va_t out;

	map_anon(16, 4, 0);
	ck_assert_int_eq(vm_mmap(space, 16 * PAGE, 3 * PAGE, R,
			     SHARED | FIXED | ALIGN, fds[FD_NULL], 0, &out),
	    EINVAL);
	ck_assert(vm_map_covered(&space->map, 16 * PAGE, 20 * PAGE));
	ck_assert_int_eq(vm_mmap(space, 16 * PAGE, 2 * PAGE, R, SHARED | FIXED,
			     fds[FD_NULL], 0, &out),
	    EINVAL);
	ck_assert(vm_map_is_free(&space->map, 16 * PAGE, 18 * PAGE));
	ck_assert(vm_map_covered(&space->map, 18 * PAGE, 20 * PAGE));
}
END_TEST

START_TEST(test_entry_limit_is_enomem_before_fixed_removes)
{
	vms_va_t out;

	vms.config.max_map_entries = 2;
	map_anon(0, 1, 0);
	map_anon(2, 1, 0);
	ck_assert_int_eq(
	    vm_mmap(space, 0, PAGE, RW, ANON | FIXED | ALIGN, -1, 0, &out),
	    ENOMEM);
	ck_assert(vm_map_covered(&space->map, 0, PAGE));
}
END_TEST

START_TEST(test_page_zero_is_an_ordinary_page)
{
	ck_assert_uint_eq(map_at(0, PAGE, RW, ANON | FIXED, -1, 0), 0);
	ck_assert_uint_eq(load(0), 0);
}
END_TEST

START_TEST(test_remainder_of_offset_comes_back)
{
	uint64_t hint = 0x900000000;

	ck_assert_uint_eq(
	    map_at(0x10123, PAGE, RW, SHARED | FIXED, file_fd, 0x1123),
	    0x10123);
	/* One page was asked for and two are mapped. */
	ck_assert(vm_map_covered(&space->map, 0x10000, 0x12000));
	ck_assert(vm_map_is_free(&space->map, 0x12000, END));
	file_bytes[0x1123] = 77;
	ck_assert_uint_eq(load(0x10123), 77);
	ck_assert_uint_eq(
	    map_at(hint, 1, RW, SHARED, file_fd, 0x77), hint + 0x77);
}
END_TEST

START_TEST(test_hint)
{
	static const struct {
		const char *name;
		uint64_t addr, len;
		int flags;
		uint64_t expected;
	} hints[] = {
		{ "none", 0, 4096, ANON, HINT },
		{ "as given", 0x123000, 4096, ANON, 0x123000 },
		{ "rounded up", 0x123001, 4096, ANON, 0x124000 },
		{ "occupied", 0x5000000, 4096, ANON, 0x5004000 },
		{ "gap too small", 0x4fff000, 8192, ANON, 0x5004000 },
		{ "gap just fits", 0x4ffe000, 8192, ANON, 0x4ffe000 },
		{ "between", 0x5001000, 4096, ANON, 0x5004000 },
		{ "aligned to size", 0x5000000, 65536, ANON | ALIGN,
		    0x5010000 },
		{ "last page", END - 4096, 4096, ANON, END - 4096 },
		{ "fixed ignores alignment", 0x3000, 65536,
		    ANON | ALIGN | FIXED, 0x3000 },
		{ "rounds to 0", UINT64_MAX - 5, 4096, ANON, 0 },
	};
	vms_va_t out;

	map_at(0x5000000, 0x4000, RW, ANON | FIXED, -1, 0);
	out = map_at(hints[_i].addr, hints[_i].len, RW, hints[_i].flags, -1, 0);
	ck_assert_msg(out == hints[_i].expected, "%s: %#llx", hints[_i].name,
	    (unsigned long long)out);
}
END_TEST

START_TEST(test_two_requests_without_address_ascend)
{
	vms_va_t first = map_at(0, 3 * PAGE, RW, SHARED, file_fd, 0);
	vms_va_t second = map_at(0, PAGE, RW, SHARED, file_fd, 0);

	ck_assert_uint_eq(second, first + 3 * PAGE);
}
END_TEST

START_TEST(test_tryfixed_over_a_mapping_is_enomem)
{
	int flags = ANON | TRY | (_i ? FIXED : 0);
	vms_va_t out;

	map_anon(16, 2, 0);
	store(16 * PAGE, 5);
	ck_assert_int_eq(
	    vm_mmap(space, 15 * PAGE, 2 * PAGE, RW, flags, -1, 0, &out),
	    ENOMEM);
	ck_assert_uint_eq(space->map.count, 1);
	ck_assert_uint_eq(load(16 * PAGE), 5);
	ck_assert_int_eq(
	    vm_mmap(space, 18 * PAGE, 2 * PAGE, RW, flags, -1, 0, &out), 0);
	ck_assert_uint_eq(out, 18 * PAGE);
}
END_TEST

START_TEST(test_fixed_replaces_exactly_the_overlap)
{
	map_file(10, 4, SHARED, 0);
	memset(file_bytes, 1, 4 * PAGE);
	for (uint64_t page = 10; page < 14; page++)
		ck_assert_uint_eq(load(page * PAGE), 1);
	map_anon(11, 2, 0);
	ck_assert_uint_eq(load(10 * PAGE), 1);
	ck_assert_uint_eq(load(11 * PAGE), 0);
	ck_assert_uint_eq(load(12 * PAGE), 0);
	ck_assert_uint_eq(load(13 * PAGE), 1);
}
END_TEST

/* 128 TB over 64 pages: neither time nor memory depends on the length. */
START_TEST(test_whole_space_of_tables_is_cheap)
{
	uint64_t used = arena_used(vms.arena);
	clock_t start = clock();

	for (int i = 0; i < 1000; i++) {
		map_at(0, END, RW, SHARED | TABLES | FIXED, file_fd, 0);
		ck_assert_int_eq(vm_munmap(space, 0, END), 0);
	}
	ck_assert_int_lt(clock() - start, CLOCKS_PER_SEC);
	ck_assert_uint_eq(arena_used(vms.arena), used);
}
END_TEST

START_TEST(test_stack_has_its_top_only)
{
	vms_va_t out = map_at(0, 512 * KIB, RW, STACK, -1, 0);

	ck_assert_uint_eq(out, HINT);
	ck_assert(vm_map_is_free(&space->map, HINT, HINT + 384 * KIB));
	ck_assert(
	    vm_map_covered(&space->map, HINT + 384 * KIB, HINT + 512 * KIB));
	ck_assert_int_eq(
	    vm_fault(space, HINT + 384 * KIB - 1, CPU_WRITE), EFAULT);
	ck_assert_int_eq(vm_munmap(space, HINT, 512 * KIB), EINVAL);
	/* The reserved part is free for a fixed mapping, and no gap. */
	ck_assert_uint_eq(
	    map_at(HINT, PAGE, RW, ANON, -1, 0), HINT + 512 * KIB);
	ck_assert_uint_eq(map_at(HINT, PAGE, RW, ANON | FIXED, -1, 0), HINT);
}
END_TEST

START_TEST(test_small_stack_is_whole)
{
	ck_assert_uint_eq(
	    map_at(HINT, 128 * KIB, RW, STACK | FIXED, -1, 0), HINT);
	ck_assert_int_eq(vm_munmap(space, HINT, 128 * KIB), 0);
}
END_TEST

/* The value returned is the hint, wherever the stack had to go. */
START_TEST(test_stack_placed_higher_returns_the_hint)
{
	map_at(HINT, 4 * PAGE, R, ANON | FIXED, -1, 0);
	ck_assert_uint_eq(
	    map_at(HINT - 1, 64 * KIB, RW, STACK | ALIGN, -1, 0), HINT);
	ck_assert(vm_map_covered(
	    &space->map, HINT + 4 * PAGE, HINT + 4 * PAGE + 64 * KIB));
}
END_TEST

START_TEST(test_stacks_side_by_side_stay_apart)
{
	vms_va_t out;

	map_at(HINT, 256 * KIB, RW, STACK | FIXED, -1, 0);
	map_at(HINT + 256 * KIB, 128 * KIB, RW, STACK | FIXED, -1, 0);
	ck_assert_uint_eq(space->map.count, 2);
	ck_assert_uint_eq(space->map.entries[0].avail_ssize, 128 * KIB);
	ck_assert_uint_eq(space->map.entries[1].avail_ssize, 0);
	ck_assert_int_eq(vm_mmap(space, HINT + 8 * PAGE, 128 * KIB, RW,
			     STACK | TRY, -1, 0, &out),
	    ENOMEM);
}
END_TEST

/* Here the kernel panics ("Bad entry start/end for new stack entry"). */
START_TEST(test_stack_between_two_stacks_is_an_entry_of_its_own)
{
	map_at(HINT, 128 * KIB, RW, STACK | FIXED, -1, 0);
	map_at(HINT + 256 * KIB, 128 * KIB, RW, STACK | FIXED, -1, 0);
	map_at(HINT + 128 * KIB, 128 * KIB, RW, STACK | FIXED, -1, 0);
	ck_assert_uint_eq(space->map.count, 3);
	ck_assert(vm_map_covered(&space->map, HINT, HINT + 3 * 128 * KIB));
	store(HINT + 128 * KIB, 1);
	ck_assert_int_eq(vm_munmap(space, HINT, 3 * 128 * KIB), 0);
}
END_TEST

START_TEST(test_munmap_row)
{
	static const struct {
		const char *name;
		uint64_t addr, len;
		int error;
	} unmaps[] = {
		{ "3 length wraps", 0x10000, UINT64_MAX, EINVAL },
		{ "3 length wraps by remainder", 5, UINT64_MAX, EINVAL },
		{ "4 range wraps", UINT64_MAX - 4095, 8192, EINVAL },
		{ "4 range wraps to 0", UINT64_MAX - 4095, 4096, EINVAL },
		{ "5 length 0", 0x10000, 0, 0 },
		{ "5 length 0 above the end", END + 4096, 0, 0 },
		{ "6 above the end", END, 1, EINVAL },
		{ "6 beyond the end", END - 4096, 8192, EINVAL },
		{ "8 hole", 0x20000, 4096, EINVAL },
		{ "8 hole at start", 0xf000, 8192, EINVAL },
		{ "8 hole at end", 0x17000, 8192, EINVAL },
		{ "8 hole by remainder", 0x20001, 0, EINVAL },
	};
	int error;

	/* PROT_NONE and tables count as mapped. */
	map_at(0x10000, 0x4000, NONE, ANON | FIXED, -1, 0);
	map_at(0x14000, 0x4000, RW, SHARED | TABLES | FIXED, file_fd, 0);
	error = vm_munmap(space, unmaps[_i].addr, unmaps[_i].len);
	ck_assert_msg(
	    error == unmaps[_i].error, "%s: %d", unmaps[_i].name, error);
	ck_assert(vm_map_covered(&space->map, 0x10000, 0x18000));
	ck_assert_int_eq(vm_munmap(space, 0x10000, 0x8000), 0);
	ck_assert_uint_eq(space->map.count, 0);
}
END_TEST

START_TEST(test_munmap_rounds_outwards)
{
	map_anon(16, 8, 0);
	ck_assert_int_eq(vm_munmap(space, 17 * PAGE + 1, PAGE), 0);
	ck_assert(vm_map_is_free(&space->map, 17 * PAGE, 19 * PAGE));
	ck_assert_int_eq(vm_munmap(space, 20 * PAGE + 5, 0), 0);
	ck_assert(vm_map_is_free(&space->map, 20 * PAGE, 21 * PAGE));
	ck_assert(vm_map_covered(&space->map, 16 * PAGE, 17 * PAGE));
	ck_assert(vm_map_covered(&space->map, 19 * PAGE, 20 * PAGE));
	ck_assert(vm_map_covered(&space->map, 21 * PAGE, 24 * PAGE));
}
END_TEST

START_TEST(test_munmap_of_a_hole_in_the_middle_removes_nothing)
{
	map_anon(16, 2, 0);
	map_anon(19, 2, 0);
	ck_assert_int_eq(vm_munmap(space, 16 * PAGE, 5 * PAGE), EINVAL);
	ck_assert_uint_eq(space->map.count, 2);
}
END_TEST

START_TEST(test_mcontrol_row)
{
	static const struct {
		const char *name;
		uint64_t addr, len;
		int behav, error;
	} controls[] = {
		{ "3 behav -1", 0, UINT64_MAX, -1, EINVAL },
		{ "3 behav 12", 0, 4096, 12, EINVAL },
		{ "3 behav 100", 0, 4096, 100, EINVAL },
		{ "4 wraps", 4096, UINT64_MAX, VMS_MADV_INVAL, EINVAL },
		{ "5 above the end", END, 1, VMS_MADV_NORMAL, EINVAL },
		{ "5 up to the end", 0, END, VMS_MADV_INVAL, 0 },
		{ "length 0", 0x10001, 0, VMS_MADV_SETMAP, EINVAL },
		{ "length 0 aligned", 0x10000, 0, VMS_MADV_SETMAP, 0 },
		{ "length 0 at the end", END, 0, VMS_MADV_SETMAP, 0 },
		{ "SETMAP in a hole", 0x80000, 4096, VMS_MADV_SETMAP, 0 },
		{ "SETMAP on memory", 0x10000, 4096, VMS_MADV_SETMAP, EINVAL },
	};
	int error;

	map_at(0x10000, 0x4000, RW, ANON | FIXED, -1, 0);
	error = vm_mcontrol(
	    space, controls[_i].addr, controls[_i].len, controls[_i].behav, 0);
	ck_assert_msg(
	    error == controls[_i].error, "%s: %d", controls[_i].name, error);
}
END_TEST

START_TEST(test_every_advice_is_accepted_on_any_range)
{
	map_anon(16, 4, 0);
	map_file(20, 4, SHARED, 0);
	map_file(24, 4, SHARED | TABLES, 0);
	ck_assert_int_eq(advise(10, 100, _i, 0), 0);
	ck_assert_int_eq(advise(17, 9, _i, 0), 0);
	ck_assert(vm_map_covered(&space->map, 16 * PAGE, 28 * PAGE));
	ck_assert_int_eq(vm_munmap(space, 16 * PAGE, 12 * PAGE), 0);
}
END_TEST

START_TEST(test_closed_descriptor_does_not_disturb)
{
	int fd = reopen(O_RDWR);

	map_at(0x10000, PAGE, RW, SHARED | FIXED, fd, 0);
	close(fd);
	store(0x10000, 99);
	ck_assert_uint_eq(file_bytes[0], 99);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *suite = suite_create("vm_mmap");
	TCase *tc = tcase_create("vm_mmap");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, vm_teardown);
	tcase_add_loop_test(tc, test_mmap_row, 0, COUNT(rows));
	tcase_add_test(tc, test_tables_without_vkernel_enable);
	tcase_add_test(tc, test_fixed_removes_between_rows_24_and_26);
	tcase_add_test(tc, test_entry_limit_is_enomem_before_fixed_removes);
	tcase_add_test(tc, test_page_zero_is_an_ordinary_page);
	tcase_add_test(tc, test_remainder_of_offset_comes_back);
	tcase_add_loop_test(tc, test_hint, 0, 11);
	tcase_add_test(tc, test_two_requests_without_address_ascend);
	tcase_add_loop_test(tc, test_tryfixed_over_a_mapping_is_enomem, 0, 2);
	tcase_add_test(tc, test_fixed_replaces_exactly_the_overlap);
	tcase_add_test(tc, test_whole_space_of_tables_is_cheap);
	tcase_add_test(tc, test_stack_has_its_top_only);
	tcase_add_test(tc, test_small_stack_is_whole);
	tcase_add_test(tc, test_stack_placed_higher_returns_the_hint);
	tcase_add_test(tc, test_stacks_side_by_side_stay_apart);
	tcase_add_test(
	    tc, test_stack_between_two_stacks_is_an_entry_of_its_own);
	tcase_add_loop_test(tc, test_munmap_row, 0, 12);
	tcase_add_test(tc, test_munmap_rounds_outwards);
	tcase_add_test(tc, test_munmap_of_a_hole_in_the_middle_removes_nothing);
	tcase_add_loop_test(tc, test_mcontrol_row, 0, 11);
	tcase_add_loop_test(
	    tc, test_every_advice_is_accepted_on_any_range, 0, 11);
	tcase_add_test(tc, test_closed_descriptor_does_not_disturb);
	return suite_run(suite);
}
