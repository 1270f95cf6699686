/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual kernel with page tables and five system calls, and a guest for it.
 * -DBUG=1 to 4 puts a mistake into it, which docs/against.md then finds.
 *
 * The guest's memory is a file of 16 pages.  Page tables are in the first
 * four; the last of these has an entry for each page of the guest from BASE on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmspace/vmspace.h>

#ifndef BUG
#define BUG 0
#endif

#define PAGE  4096u
#define PAGES 16u
#define BASE  0x400000u /* the guest's code; its data is one page on */
#define RWX   (VMS_PROT_READ | VMS_PROT_WRITE | VMS_PROT_EXEC)
#define VALID (VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W | VMS_VPTE_X | VMS_VPTE_U)

static const unsigned char guest[] = {
	0xb8, 39, 0, 0, 0, 0x0f, 0x05,             /* getpid() */
	0x89, 0x04, 0x25, 0x00, 0x10, 0x40, 0,     /* *(int *)0x401000 = pid */
	0xb8, 63, 0, 0, 0, 0xbf, 0x10, 0x10, 0x40, /* uname(0x401010) */
	0, 0x0f, 0x05, 0xb8, 1, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0xbe, 0x10, 0x10,
	0x40, 0, 0xba, 5, 0, 0, 0, 0x0f, 0x05, /* write(1, 0x401010, 5) */
	0xb8, 11, 0, 0, 0, 0xbf, 0, 0x10, 0x40, 0, 0x0f, 0x05, /* munmap() */
	0x8b, 0x3c, 0x25, 0, 0x10, 0x40, 0, /* edi = *(int *)0x401000 */
	0xb8, 60, 0, 0, 0, 0x0f, 0x05,      /* exit(edi) */
};

static struct vms *vms;
static struct vms_proc *proc;
static struct vms_lwp *lwp;
static unsigned char *ram;
static vms_vpte_t *table;       /* one entry for each page */
static unsigned next_frame = 4; /* none is used twice */

static void
try(const char *what, int error)
{
	if (error != 0) {
		fprintf(stderr, "tiny: %s: %s\n", what, strerror(error));
		exit(1);
	}
}

static unsigned
page_of(uint64_t va)
{
	if (va < BASE || va >= BASE + PAGES * PAGE || next_frame == PAGES) {
		fprintf(stderr, "tiny: the guest used a bad address\n");
		exit(1);
	}
	return (unsigned)(va - BASE) / PAGE;
}

/* Where the kernel finds what the guest has at va; makes the page. */
static unsigned char *
at(uint64_t va)
{
	unsigned page = page_of(va);

	if (table[page] == 0)
		table[page] = next_frame++ * PAGE |
			      (BUG == 4 ? VALID & ~VMS_VPTE_W : VALID);
	return ram + (table[page] & VMS_VPTE_FRAME) + va % PAGE;
}

static int64_t
unmap(uint64_t va)
{
	table[page_of(va)] = 0;
	if (BUG != 1)
		try("inval",
		    vms_mcontrol(proc, &ram, va, PAGE, VMS_MADV_INVAL, 0));
	return 0;
}

static void
syscall_do(struct trapframe *tf)
{
	switch (tf->tf_rax) {
	case 1:
		tf->tf_rax = write((int)tf->tf_rdi, at((uint64_t)tf->tf_rsi),
		    (size_t)tf->tf_rdx);
		break;
	case 11:
		tf->tf_rax = unmap((uint64_t)tf->tf_rdi);
		break;
	case 39:
		tf->tf_rax = BUG == 2 ? 43 : 42;
		break;
	case 60:
		exit((int)tf->tf_rdi);
	case 63:
		memcpy(at((uint64_t)tf->tf_rdi), "tiny\n", BUG == 3 ? 4 : 5);
		tf->tf_rax = 0;
		break;
	default:
		tf->tf_rax = -38;
	}
}

int
main(void)
{
	struct trapframe tf = { .tf_rip = BASE };
	struct vextframe vf = { 0 };
	FILE *file = tmpfile();
	vms_va_t va;
	int fd;

	if (file == NULL || ftruncate(fd = fileno(file), PAGES * PAGE) != 0)
		return 1;
	ram =
	    mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	table = (vms_vpte_t *)(void *)(ram + 3 * PAGE);
	for (unsigned level = 0; level < 3; level++)
		*(vms_vpte_t *)(void *)(ram + level * PAGE) =
		    (level + 1) * PAGE | VALID;
	memcpy(at(BASE), guest, sizeof(guest));

	try("open", vms_open(NULL, &vms));
	try("proc", vms_proc_open(vms, &proc));
	try("lwp", vms_lwp_open(proc, &lwp));
	try("create", vms_create(proc, &ram, 0, NULL));
	try("mmap", vms_mmap(proc, &ram, BASE, PAGES * PAGE, RWX,
			VMS_MAP_SHARED | VMS_MAP_FIXED | VMS_MAP_VPAGETABLE, fd,
			0, &va));
	try("setmap", vms_mcontrol(proc, &ram, BASE, PAGES * PAGE,
			  VMS_MADV_SETMAP, VALID));
	for (;;) {
		try("ctl", vms_ctl(lwp, &ram, VMS_CTL_RUN, &tf, &vf));
		if (tf.tf_trapno == T_FAST_SYSCALL)
			syscall_do(&tf);
		else if (tf.tf_trapno == T_PAGEFLT)
			(void)at((uint64_t)tf.tf_addr);
		else
			return 1;
	}
}
