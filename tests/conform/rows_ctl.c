/* SPDX-License-Identifier: BSD-2-Clause */
/* C37-C46, C66-C72: vmspace_ctl's errors and its return (vm_vmspace.c). */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"
#include "tests/conform/hostregs.h"

static const uint8_t int3_code[] = {
	0xcc, /* int3 */
};

static const uint8_t change_code[] = {
	0xb8, 0x01, 0x00, 0x00, 0x00,       /* mov eax,0x1 */
	0xbb, 0x02, 0x00, 0x00, 0x00,       /* mov ebx,0x2 */
	0xb9, 0x03, 0x00, 0x00, 0x00,       /* mov ecx,0x3 */
	0xba, 0x04, 0x00, 0x00, 0x00,       /* mov edx,0x4 */
	0xbe, 0x05, 0x00, 0x00, 0x00,       /* mov esi,0x5 */
	0xbf, 0x06, 0x00, 0x00, 0x00,       /* mov edi,0x6 */
	0xbd, 0x07, 0x00, 0x00, 0x00,       /* mov ebp,0x7 */
	0x41, 0xb8, 0x08, 0x00, 0x00, 0x00, /* mov r8d,0x8 */
	0x41, 0xb9, 0x09, 0x00, 0x00, 0x00, /* mov r9d,0x9 */
	0x41, 0xba, 0x0a, 0x00, 0x00, 0x00, /* mov r10d,0xa */
	0x41, 0xbb, 0x0b, 0x00, 0x00, 0x00, /* mov r11d,0xb */
	0x41, 0xbc, 0x0c, 0x00, 0x00, 0x00, /* mov r12d,0xc */
	0x41, 0xbd, 0x0d, 0x00, 0x00, 0x00, /* mov r13d,0xd */
	0x41, 0xbe, 0x0e, 0x00, 0x00, 0x00, /* mov r14d,0xe */
	0x41, 0xbf, 0x0f, 0x00, 0x00, 0x00, /* mov r15d,0xf */
	0xbc, 0x10, 0x00, 0x00, 0x00,       /* mov esp,0x10 */
	0xcc,                               /* int3 */
};

static void
c37_no_registry(void)
{
	struct guest g;

	guest_memory(&g);
	EXPECT_EQ(F->ctl(id_of(1), VMS_CTL_RUN, &g.tf, &g.vf), EINVAL);
	EXPECT_EQ(F->ctl(id_of(1), 77, &g.tf, &g.vf), EINVAL);
	EXPECT_EQ(F->ctl(id_of(1), VMS_CTL_RUN, NULL, NULL), EINVAL);
	EXPECT_EQ(F->ctl(NULL, 77, NULL, NULL), EINVAL);
}

static void
c38_unknown_id(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(F->ctl(id_of(2), VMS_CTL_RUN, &g.tf, &g.vf), ENOENT);
	EXPECT_EQ(F->ctl(id_of(2), 77, NULL, NULL), ENOENT);
}

static void
c39_bad_cmd(void)
{
	static const int cmds[] = { 0, 2, -1, 4, 0x10001 };
	struct guest g, before;

	guest_open(&g, id_of(1));
	before = g;
	for (size_t i = 0; i < 5; i++) {
		EXPECT_EQ(F->ctl(g.id, cmds[i], NULL, NULL), EOPNOTSUPP);
		EXPECT_EQ(F->ctl(g.id, cmds[i], &g.tf, &g.vf), EOPNOTSUPP);
	}
	EXPECT(memcmp(&g.tf, &before.tf, sizeof(g.tf)) == 0);
}

static void
c40_null_frames(void)
{
	struct guest g, before;

	guest_open(&g, id_of(1));
	before = g;
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, NULL, &g.vf), EFAULT);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, NULL), EFAULT);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, NULL, NULL), EFAULT);
	EXPECT(memcmp(&g.tf, &before.tf, sizeof(g.tf)) == 0);
}

/* Two host pages, the second inaccessible; the address between them. */
static uint8_t *
page_edge(void)
{
	size_t host = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *p = mmap(NULL, 2 * host, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);

	EXPECT(p != MAP_FAILED);
	EXPECT(mprotect(p + host, host, PROT_NONE) == 0);
	return p + host;
}

static void
c41_last_byte_unreadable(void)
{
	struct guest g;
	uint8_t *edge = page_edge();
	void *tf = edge - sizeof(g.tf) + 1;

	guest_open(&g, id_of(1));
	memcpy(tf, &g.tf, sizeof(g.tf) - 1);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, tf, &g.vf), EFAULT);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, (void *)edge, &g.vf), EFAULT);
	guest_code(&g, int3_code, sizeof(int3_code));
	tf = edge - sizeof(g.tf);
	memcpy(tf, &g.tf, sizeof(g.tf));
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, tf, &g.vf), 0);
}

static void
c42_vframe_unreadable(void)
{
	struct guest g, before;
	uint8_t *edge = page_edge();

	guest_open(&g, id_of(1));
	before = g;
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, (void *)edge), EFAULT);
	EXPECT_EQ(
	    F->ctl(g.id, VMS_CTL_RUN, &g.tf, (void *)(edge - sizeof(g.vf) + 1)),
	    EFAULT);
	EXPECT(memcmp(&g.tf, &before.tf, sizeof(g.tf)) == 0);
}

static void
c43_bases_after_efault(void)
{
	struct guest g;
	uint64_t fs = host_fs_base(), gs = host_gs_base();

	guest_open(&g, id_of(1));
	g.vf.vx_tls.info[0].base = id_of(0x1234);
	g.vf.vx_tls.info[1].base = id_of(0x5678);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, NULL, &g.vf), EFAULT);
	EXPECT_EQ(host_fs_base(), fs);
	EXPECT_EQ(host_gs_base(), gs);
}

static void
c44_frame_not_writable(void)
{
	size_t host = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *page = page_edge() - host;
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g,
	    (const uint8_t[]){ 0x48, 0xff, 0x07, /* inc [rdi] */
		0xcc /* int3 */ },
	    4);
	g.tf.tf_rdi = (int64_t)DATA;
	memcpy(page, &g.tf, sizeof(g.tf));
	EXPECT(mprotect(page, host, PROT_READ) == 0);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, (void *)page, &g.vf), EFAULT);
	EXPECT_EQ(*word_at(&g, DATA_OFF), 1);
	EXPECT(memcmp(page, &g.tf, sizeof(g.tf)) == 0);
	/* C45: the vmspace is idle. */
	EXPECT_EQ(F->destroy(g.id), 0);
}

static void
c46_unaligned_frames(void)
{
	static uint8_t room[512];
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, int3_code, sizeof(int3_code));
	for (size_t i = 1; i < 8; i++) {
		uint8_t *tf = room + i, *vf = room + 300 + i;

		memcpy(tf, &g.tf, sizeof(g.tf));
		memcpy(vf, &g.vf, sizeof(g.vf));
		EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, (void *)tf, (void *)vf), 0);
		EXPECT_EQ(tf[offsetof(struct trapframe, tf_trapno)], T_BPTFLT);
	}
}

static void
c66_same_frame_again(void)
{
	enum { N = 1000 };
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g,
	    (const uint8_t[]){ 0x48, 0xff, 0xc0, /* inc rax */
		0x48, 0x01, 0xc3,                /* add rbx,rax */
		0x0f, 0x05,                      /* syscall */
		0xeb, 0xf6 },
	    10); /* jmp to the start */
	for (int64_t i = 1; i <= N; i++) {
		EXPECT_EQ(guest_run(&g), T_FAST_SYSCALL);
		EXPECT_EQ(g.tf.tf_rax, i);
		EXPECT_EQ(g.tf.tf_rbx, i * (i + 1) / 2);
		EXPECT_EQ(g.tf.tf_rip, CODE + 8);
	}
}

/* One guest per event; each must make ctl answer 0. */
static void
c67_zero_for_every_event(void)
{
	static const struct {
		uint8_t code[4];
		int trapno;
	} events[] = {
		{ { 0xcc }, T_BPTFLT },             /* int3 */
		{ { 0x0f, 0x05 }, T_FAST_SYSCALL }, /* syscall */
		{ { 0x0f, 0x0b }, T_PRIVINFLT },    /* ud2 */
		{ { 0xf4 }, T_PROTFLT },            /* hlt */
		{ { 0xf7, 0xf1 }, T_DIVIDE },       /* div ecx */
		{ { 0x8a, 0x00 }, T_PAGEFLT },      /* mov al,[rax] */
		{ { 0xcd, 0x80 }, T_PROTFLT },      /* int 0x80 */
	};
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		guest_code(&g, events[i].code, 4);
		guest_frame(&g);
		EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), 0);
		EXPECT_EQ(g.tf.tf_trapno, events[i].trapno);
	}
}

static void
c68_returned_registers(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(GUEST_EXEC(&g, change_code), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rax, 1);
	EXPECT_EQ(g.tf.tf_rbx, 2);
	EXPECT_EQ(g.tf.tf_rcx, 3);
	EXPECT_EQ(g.tf.tf_rdx, 4);
	EXPECT_EQ(g.tf.tf_rsi, 5);
	EXPECT_EQ(g.tf.tf_rdi, 6);
	EXPECT_EQ(g.tf.tf_rbp, 7);
	EXPECT_EQ(g.tf.tf_r8, 8);
	EXPECT_EQ(g.tf.tf_r9, 9);
	EXPECT_EQ(g.tf.tf_r10, 10);
	EXPECT_EQ(g.tf.tf_r11, 11);
	EXPECT_EQ(g.tf.tf_r12, 12);
	EXPECT_EQ(g.tf.tf_r13, 13);
	EXPECT_EQ(g.tf.tf_r14, 14);
	EXPECT_EQ(g.tf.tf_r15, 15);
	EXPECT_EQ(g.tf.tf_rsp, 16);
	EXPECT_EQ(g.tf.tf_rip, CODE + sizeof(change_code));
}

static void
c69_xflags_zero(void)
{
	static const uint8_t codes[][2] = { { 0xcc, 0 }, { 0x0f, 0x05 },
		{ 0x0f, 0x0b }, { 0x8a, 0x00 }, { 0xf4, 0 } };
	struct guest g;

	guest_open(&g, id_of(1));
	for (size_t i = 0; i < 5; i++) {
		guest_code(&g, codes[i], 2);
		guest_frame(&g);
		g.tf.tf_xflags = 0x80 | 0x4 | 0x10000;
		guest_run(&g);
		EXPECT_EQ(g.tf.tf_xflags, 0);
	}
}

static struct guest *within;

static void
run_within(void)
{
	EXPECT_EQ(F->ctl(within->id, VMS_CTL_RUN, &within->tf, &within->vf), 0);
}

static void
c71_host_registers_intact(void)
{
	struct guest g;
	uint64_t fs = host_fs_base(), gs = host_gs_base();

	guest_open(&g, id_of(1));
	guest_code(&g, change_code, sizeof(change_code));
	g.vf.vx_tls.info[0].base = id_of(0x1234000);
	g.vf.vx_tls.info[1].base = id_of(0x5678000);
	within = &g;
	EXPECT(host_saved_registers_survive(run_within));
	EXPECT_EQ(g.tf.tf_trapno, T_BPTFLT);
	EXPECT_EQ(host_fs_base(), fs);
	EXPECT_EQ(host_gs_base(), gs);
}

static void
c72_idle_after_return(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(GUEST_EXEC(&g, int3_code), T_BPTFLT);
	EXPECT_EQ(F->destroy(g.id), 0);
}

static const struct row rows[] = {
	{ "C37", "ctl without registry: EINVAL", c37_no_registry, 0 },
	{ "C38", "ctl of an unknown id: ENOENT", c38_unknown_id, 0 },
	{ "C39", "bad cmd: EOPNOTSUPP, frames not read", c39_bad_cmd, 0 },
	{ "C40", "NULL frames: EFAULT", c40_null_frames, 0 },
	{ "C41", "tframe unreadable in its last byte: EFAULT",
	    c41_last_byte_unreadable, ROW_DROPIN },
	{ "C42", "vframe unreadable: EFAULT, *tframe unchanged",
	    c42_vframe_unreadable, ROW_DROPIN },
	{ "C43", "fs and gs bases after EFAULT", c43_bases_after_efault, 0 },
	{ "C44", "tframe not writable: guest runs, then EFAULT",
	    c44_frame_not_writable, ROW_DROPIN },
	{ "C45", "after that the vmspace is idle", c44_frame_not_writable,
	    ROW_DROPIN },
	{ "C46", "frames may be unaligned", c46_unaligned_frames, 0 },
	{ "C66", "the same frame memory again and again", c66_same_frame_again,
	    0 },
	{ "C67", "ctl answers 0 for every event", c67_zero_for_every_event, 0 },
	{ "C68", "returned registers are the guest's", c68_returned_registers,
	    0 },
	{ "C69", "xflags is 0 after a trap", c69_xflags_zero, 0 },
	{ "C71", "host registers, fs and gs bases are intact",
	    c71_host_registers_intact, 0 },
	{ "C72", "a returned vmspace is idle", c72_idle_after_return, 0 },
};
ROW_GROUP(ctl, rows);
