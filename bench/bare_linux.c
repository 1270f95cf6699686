/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/bare_linux.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NO_CALL (-(uint64_t)ENOSYS)
#define CHUNK   (UINT64_C(1) << 20) /* of read and write at a time */

bool
guest_map(struct bare_guest *guest, uint64_t va, uint64_t len, unsigned how)
{
	for (uint64_t at = 0; at < len; at += BARE_PAGE) {
		uint64_t pa = bare_page(guest->bare);

		if (pa == 0 ||
		    !bare_map(guest->bare, guest->cr3, va + at, pa, how))
			return false;
	}
	return true;
}

static bool
copy(struct bare_guest *guest, uint64_t va, unsigned char *in,
    const unsigned char *out, uint64_t len)
{
	for (uint64_t done = 0; done < len;) {
		uint64_t pa = bare_lookup(guest->bare, guest->cr3, va + done);
		uint64_t n = BARE_PAGE - (va + done) % BARE_PAGE;

		if (pa == 0)
			return false;
		if (n > len - done)
			n = len - done;
		if (in != NULL)
			memcpy(in + done, bare_host(guest->bare, pa), n);
		else
			memcpy(bare_host(guest->bare, pa), out + done, n);
		done += n;
	}
	return true;
}

bool
guest_copy_in(struct bare_guest *guest, void *to, uint64_t va, uint64_t len)
{
	return copy(guest, va, to, NULL, len);
}

bool
guest_copy_out(
    struct bare_guest *guest, uint64_t va, const void *from, uint64_t len)
{
	return copy(guest, va, NULL, from, len);
}

#if defined(__linux__) && defined(__x86_64__)

#include <sys/syscall.h>

static uint64_t
round_up(uint64_t len)
{
	return (len + BARE_PAGE - 1) & ~(BARE_PAGE - 1);
}

static const enum bare_reg argument[6] = { BARE_RDI, BARE_RSI, BARE_RDX,
	BARE_R10, BARE_R8, BARE_R9 };

static uint64_t
arg(const struct bare_guest *guest, int i)
{
	return bare_regs(guest->bare)[argument[i]];
}

static uint64_t
result(long value)
{
	return value < 0 ? -(uint64_t)errno : (uint64_t)value;
}

static unsigned
how_from(uint64_t prot)
{
	return ((prot & PROT_WRITE) != 0 ? BARE_WRITE : 0) |
	       ((prot & PROT_EXEC) != 0 ? BARE_EXEC : 0);
}

static bool
string_in(struct bare_guest *guest, char *to, uint64_t va)
{
	for (size_t i = 0; i < PATH_MAX; i++) {
		if (!guest_copy_in(guest, to + i, va + i, 1))
			return false;
		if (to[i] == '\0')
			return true;
	}
	return false;
}

static uint64_t
do_brk(struct bare_guest *guest)
{
	uint64_t to = round_up(arg(guest, 0));

	if (to > guest->brk &&
	    guest_map(guest, guest->brk, to - guest->brk, BARE_WRITE))
		guest->brk = to;
	return arg(guest, 0) < guest->brk_start ? guest->brk : arg(guest, 0);
}

static uint64_t
file_fill(struct bare_guest *guest, uint64_t va)
{
	unsigned char page[BARE_PAGE];
	int fd = (int)arg(guest, 4);

	for (uint64_t at = 0; at < arg(guest, 1); at += BARE_PAGE) {
		ssize_t got =
		    pread(fd, page, sizeof(page), (off_t)(arg(guest, 5) + at));

		if (got < 0)
			return result(got);
		if (!guest_copy_out(guest, va + at, page, (uint64_t)got))
			return -(uint64_t)EFAULT;
	}
	return va;
}

static uint64_t
do_mmap(struct bare_guest *guest)
{
	uint64_t va = arg(guest, 0), len = round_up(arg(guest, 1));

	if ((arg(guest, 3) & MAP_FIXED) == 0)
		va = guest->map_top -= len + BARE_PAGE;
	if (!guest_map(guest, va, len, how_from(arg(guest, 2))))
		return -(uint64_t)ENOMEM;
	bare_set_cr3(guest->bare, guest->cr3);
	if ((arg(guest, 3) & MAP_ANONYMOUS) != 0)
		return va;
	return file_fill(guest, va);
}

/* The pages are not used again: there is enough of them. */
static uint64_t
do_mprotect(struct bare_guest *guest)
{
	uint64_t end = arg(guest, 0) + round_up(arg(guest, 1));

	for (uint64_t va = arg(guest, 0); va < end; va += BARE_PAGE) {
		uint64_t pa = bare_lookup(guest->bare, guest->cr3, va);

		if (pa != 0)
			bare_map(guest->bare, guest->cr3, va, pa,
			    how_from(arg(guest, 2)));
	}
	bare_set_cr3(guest->bare, guest->cr3);
	return 0;
}

static uint64_t
do_mremap(struct bare_guest *guest)
{
	uint64_t old = arg(guest, 0), old_len = round_up(arg(guest, 1));
	uint64_t len = round_up(arg(guest, 2)), va;

	if (len <= old_len)
		return old;
	va = guest->map_top -= len + BARE_PAGE;
	if (!guest_map(guest, va + old_len, len - old_len, BARE_WRITE))
		return -(uint64_t)ENOMEM;
	for (uint64_t at = 0; at < old_len; at += BARE_PAGE)
		bare_map(guest->bare, guest->cr3, va + at,
		    bare_lookup(guest->bare, guest->cr3, old + at), BARE_WRITE);
	return va;
}

/* read, write, pread64, pwrite64, getdents64, getrandom of at most CHUNK. */
static uint64_t
do_transfer(struct bare_guest *guest, long number, bool in)
{
	static unsigned char buffer[CHUNK];
	bool random = number == SYS_getrandom;
	uint64_t va = arg(guest, random ? 0 : 1);
	uint64_t len = arg(guest, random ? 1 : 2);
	long got;

	if (len > CHUNK)
		len = CHUNK;
	if (!in && !guest_copy_in(guest, buffer, va, len))
		return -(uint64_t)EFAULT;
	got = random
		  ? syscall(number, buffer, len, 0)
		  : syscall(number, arg(guest, 0), buffer, len, arg(guest, 3));
	if (in && got > 0 && !guest_copy_out(guest, va, buffer, (uint64_t)got))
		return -(uint64_t)EFAULT;
	return result(got);
}

static uint64_t
do_writev(struct bare_guest *guest)
{
	uint64_t *regs = bare_regs(guest->bare), done = 0;
	uint64_t vector = arg(guest, 1), count = arg(guest, 2), one[2];

	for (uint64_t i = 0; i < count; i++) {
		uint64_t put;

		if (!guest_copy_in(guest, one, vector + i * 16, 16))
			return -(uint64_t)EFAULT;
		regs[BARE_RSI] = one[0];
		regs[BARE_RDX] = one[1];
		put = do_transfer(guest, SYS_write, false);
		if ((int64_t)put < 0)
			return done > 0 ? done : put;
		done += put;
	}
	return done;
}

static uint64_t
do_arch_prctl(struct bare_guest *guest)
{
	if (arg(guest, 0) != 0x1002) /* ARCH_SET_FS */
		return -(uint64_t)EINVAL;
	bare_set_fs(guest->bare, arg(guest, 1));
	return 0;
}

/* Calls that are the host's, with a path and a structure to be filled. */
static const struct forward {
	long number;
	int path;    /* the argument that is one; -1: none */
	int filled;  /* the same for the structure */
	size_t size; /* of the structure */
} forwards[] = {
	{ SYS_open, 0, -1, 0 },
	{ SYS_openat, 1, -1, 0 },
	{ SYS_close, -1, -1, 0 },
	{ SYS_stat, 0, 1, 144 },
	{ SYS_lstat, 0, 1, 144 },
	{ SYS_fstat, -1, 1, 144 },
	{ SYS_newfstatat, 1, 2, 144 },
	{ SYS_statfs, 0, 1, 120 },
	{ SYS_access, 0, -1, 0 },
	{ SYS_lseek, -1, -1, 0 },
	{ SYS_getpid, -1, -1, 0 },
	{ SYS_gettid, -1, -1, 0 },
	{ SYS_getuid, -1, -1, 0 },
	{ SYS_geteuid, -1, -1, 0 },
	{ SYS_getgid, -1, -1, 0 },
	{ SYS_getegid, -1, -1, 0 },
	{ SYS_uname, -1, 0, 390 },
	{ SYS_sysinfo, -1, 0, 112 },
	{ SYS_clock_gettime, -1, 1, 16 },
	{ SYS_fadvise64, -1, -1, 0 },
	{ SYS_pipe, -1, 0, 8 },
	{ SYS_pipe2, -1, 0, 8 },
	{ SYS_dup, -1, -1, 0 },
	{ SYS_umask, -1, -1, 0 },
};

static uint64_t
do_forward(struct bare_guest *guest, const struct forward *row)
{
	char path[PATH_MAX], filled[512] = { 0 };
	uint64_t args[4];
	long got;

	for (int i = 0; i < 4; i++)
		args[i] = arg(guest, i);
	if (row->path >= 0) {
		if (!string_in(guest, path, args[row->path]))
			return -(uint64_t)EFAULT;
		args[row->path] = (uint64_t)(uintptr_t)path;
	}
	if (row->filled >= 0)
		args[row->filled] = (uint64_t)(uintptr_t)filled;
	got = syscall(row->number, args[0], args[1], args[2], args[3]);
	if (got == 0 && row->filled >= 0 &&
	    !guest_copy_out(guest, arg(guest, row->filled), filled, row->size))
		return -(uint64_t)EFAULT;
	return result(got);
}

/* The answer where none of the rest of the machine is needed: 0 to what is
 * no more than a wish, else ENOSYS. */
static uint64_t
do_other(struct bare_guest *guest, long number)
{
	switch (number) {
	case SYS_rt_sigaction:
	case SYS_rt_sigprocmask:
	case SYS_sigaltstack:
	case SYS_set_robust_list:
	case SYS_munmap:
	case SYS_madvise:
	case SYS_futex:
		return 0;
	case SYS_set_tid_address:
		return 1;
	case SYS_ioctl:
		return -(uint64_t)ENOTTY;
	case SYS_readlink:
		return -(uint64_t)ENOENT;
	case SYS_fcntl:
		return arg(guest, 1) <= 4 ? 0 : NO_CALL; /* flags */
	default:
		break;
	}
	for (size_t i = 0; i < sizeof(forwards) / sizeof(forwards[0]); i++)
		if (forwards[i].number == number)
			return do_forward(guest, &forwards[i]);
	return NO_CALL;
}

static uint64_t
call(struct bare_guest *guest, long number)
{
	switch (number) {
	case SYS_read:
	case SYS_pread64:
	case SYS_getdents64:
	case SYS_getrandom:
		return do_transfer(guest, number, true);
	case SYS_write:
	case SYS_pwrite64:
		return do_transfer(guest, number, false);
	case SYS_writev:
		return do_writev(guest);
	case SYS_brk:
		return do_brk(guest);
	case SYS_mmap:
		return do_mmap(guest);
	case SYS_mprotect:
		return do_mprotect(guest);
	case SYS_mremap:
		return do_mremap(guest);
	case SYS_arch_prctl:
		return do_arch_prctl(guest);
	case SYS_exit:
	case SYS_exit_group:
		guest->ended = true;
		guest->status = (int)(arg(guest, 0) & 0xff);
		return 0;
	default:
		return do_other(guest, number);
	}
}

#else

static uint64_t
call(struct bare_guest *guest, long number)
{
	const uint64_t *regs = bare_regs(guest->bare);
	unsigned char byte;

	if (number == 60 || number == 231) {
		guest->ended = true;
		guest->status = (int)(regs[BARE_RDI] & 0xff);
	}
	if (number != 1)
		return NO_CALL;
	for (uint64_t i = 0; i < regs[BARE_RDX]; i++)
		if (guest_copy_in(guest, &byte, regs[BARE_RSI] + i, 1))
			putchar(byte);
	return regs[BARE_RDX];
}

#endif

void
guest_serve(struct bare_guest *guest)
{
	uint64_t *regs = bare_regs(guest->bare);
	long number = (long)regs[BARE_RAX];

	regs[BARE_RAX] = call(guest, number);
	if (regs[BARE_RAX] == NO_CALL && getenv("BARE_VERBOSE") != NULL)
		fprintf(stderr, "bare Unicorn: no system call %ld\n", number);
}
