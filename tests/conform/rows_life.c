/* SPDX-License-Identifier: BSD-2-Clause */
/* C201-C204, C206-C208, C210: lifetimes and whole programs. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

static const uint8_t int3_code[] = {
	0xcc, /* int3 */
};
static const uint8_t loop_code[] = {
	0x48, 0xff, 0x07, /* inc QWORD PTR [rdi] */
	0xeb, 0xfb,       /* jmp 0x0 */
};

/* vkernel_inherit: the child process uses and destroys the parent's ids. */
static void
c201_child_uses_ids(void)
{
	struct vms_proc *child;
	struct vms_lwp *lwp;
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(poke(&g, DATA, 5), 0);
	EXPECT_EQ(vms_proc_fork(handle_proc(), &child), 0);
	EXPECT_EQ(vms_lwp_open(child, &lwp), 0);
	guest_code(&g, int3_code, sizeof(int3_code));
	guest_frame(&g);
	EXPECT_EQ(vms_ctl(lwp, g.id, VMS_CTL_RUN, &g.tf, &g.vf), 0);
	EXPECT_EQ(g.tf.tf_trapno, T_BPTFLT);
	/* And the other way round. */
	EXPECT_EQ(vms_create(child, id_of(2), 0, NULL), 0);
	EXPECT_EQ(F->create(id_of(2), 0, NULL), EEXIST);
	EXPECT_EQ(vms_create(child, id_of(1), 0, NULL), EEXIST);
	EXPECT_EQ(vms_proc_exit(child), 0);
	EXPECT_EQ(F->destroy(id_of(2)), 0);
}

/* P_MAILBOX is not inherited. */
static void
c201_mailbox_not_inherited(void)
{
	struct vms_proc *child;
	struct vms_lwp *lwp;
	struct guest g;

	guest_open(&g, id_of(1));
	guest_code(&g, int3_code, sizeof(int3_code));
	vms_proc_mailbox(handle_proc());
	EXPECT_EQ(vms_proc_fork(handle_proc(), &child), 0);
	EXPECT_EQ(vms_lwp_open(child, &lwp), 0);
	EXPECT_EQ(vms_ctl(lwp, g.id, VMS_CTL_RUN, &g.tf, &g.vf), 0);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), EINTR);
	EXPECT_EQ(vms_proc_exit(child), 0);
}

static void
c202_child_destroys(void)
{
	struct vms_proc *child;
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(vms_proc_fork(handle_proc(), &child), 0);
	EXPECT_EQ(vms_destroy(child, g.id), 0);
	EXPECT_EQ(F->destroy(g.id), ENOENT);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), ENOENT);
	EXPECT_EQ(vms_proc_exit(child), 0);
}

/* Runs fn in a forked child; what it returned. */
static int
in_child(int (*fn)(void *arg), void *arg)
{
	pid_t pid = fork();
	int status;

	EXPECT(pid >= 0);
	if (pid == 0)
		_exit(fn(arg));
	EXPECT(waitpid(pid, &status, 0) == pid);
	EXPECT(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
child_calls(void *arg)
{
	struct guest *g = arg;
	uint64_t out;

	if (F->create(id_of(9), 0, NULL) != ENXIO)
		return 1;
	if (F->mmap(g->id, 0, PAGE, RW, VMS_MAP_ANON, -1, 0, &out) != ENXIO)
		return 2;
	if (F->ctl(g->id, VMS_CTL_RUN, &g->tf, &g->vf) != ENXIO)
		return 3;
	if (F->mcontrol(g->id, 0, PAGE, VMS_MADV_INVAL, 0) != ENXIO)
		return 4;
	if (F->munmap(g->id, DATA, PAGE) != ENXIO)
		return 5;
	if (F->destroy(g->id) != ENXIO)
		return 6;
	return 0;
}

/* The documented difference: host processes do not share a registry. */
static void
c202_host_fork(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(poke(&g, DATA, 1), 0);
	EXPECT_EQ(in_child(child_calls, &g), 0);
	EXPECT_EQ(poke(&g, DATA, 2), 0);
	EXPECT_EQ(F->destroy(g.id), 0);
}

static void
c203_parent_exits(void)
{
	struct vms_proc *parent, *child;
	struct vms_lwp *lwp;
	struct guest g;
	uint64_t out;

	guest_memory(&g);
	EXPECT_EQ(vms_proc_open(handle_vms(), &parent), 0);
	EXPECT_EQ(vms_create(parent, id_of(1), 0, NULL), 0);
	EXPECT_EQ(vms_mmap(parent, id_of(1), CODE, CODE_LEN, RX,
		      VMS_MAP_SHARED | VMS_MAP_FIXED, g.fd, 0, &out),
	    0);
	EXPECT_EQ(vms_proc_fork(parent, &child), 0);
	EXPECT_EQ(vms_proc_exit(parent), 0);
	EXPECT_EQ(vms_lwp_open(child, &lwp), 0);
	guest_code(&g, int3_code, sizeof(int3_code));
	EXPECT_EQ(vms_ctl(lwp, id_of(1), VMS_CTL_RUN, &g.tf, &g.vf), 0);
	EXPECT_EQ(g.tf.tf_trapno, T_BPTFLT);
	EXPECT_EQ(vms_destroy(child, id_of(1)), 0);
	EXPECT_EQ(vms_proc_exit(child), 0);
}

static void
c204_exec(void)
{
	struct vms_proc *child;
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(vms_proc_fork(handle_proc(), &child), 0);
	EXPECT_EQ(vms_proc_exec(handle_proc()), 0);
	EXPECT_EQ(F->destroy(g.id), EINVAL);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), EINVAL);
	/* The other process keeps the registry; this one makes a new one. */
	EXPECT_EQ(vms_create(child, id_of(1), 0, NULL), EEXIST);
	EXPECT_EQ(F->create(id_of(1), 0, NULL), 0);
	EXPECT_EQ(F->ctl(g.id, VMS_CTL_RUN, &g.tf, &g.vf), 0);
	EXPECT_EQ(g.tf.tf_trapno, T_PAGEFLT);
	EXPECT_EQ(vms_proc_exit(child), 0);
}

/* A failed exec of the host, then one that succeeds: the new image is this
 * program, which answers what vmspace_destroy() says there. */
static int
execs(void *arg)
{
	struct guest *g = arg;
	char name[] = "conform", option[] = "--after-exec";
	char *argv[] = { name, option, NULL };

	F->open(chaos);
	F->enable(1);
	if (F->create(g->id, 0, NULL) != 0)
		return 101;
	guest_map(g);
	execv("/nonexistent/program", argv);
	memcpy(g->mem + CODE_OFF, int3_code, sizeof(int3_code));
	if (F->ctl(g->id, VMS_CTL_RUN, &g->tf, &g->vf) != 0)
		return 102;
	if (g->tf.tf_trapno != T_BPTFLT)
		return 103;
	execv(self_path, argv);
	return 104;
}

static void
c204_host_exec(void)
{
	struct guest g;

	guest_memory(&g);
	EXPECT_EQ(in_child(execs, &g), EINVAL);
}

/* Runs an endless guest until it is killed. */
static void
run_until_killed(struct guest *g)
{
	/* Check has handlers of its own. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	F->open(chaos);
	F->enable(1);
	if (F->create(g->id, 0, NULL) != 0)
		_exit(1);
	guest_map(g);
	g->tf.tf_rdi = (int64_t)DATA;
	F->ctl(g->id, VMS_CTL_RUN, &g->tf, &g->vf);
	_exit(2);
}

static void
c206_killed(void)
{
	static const int sigs[] = { SIGTERM, SIGKILL, SIGINT, SIGALRM };

	for (size_t i = 0; i < 4; i++) {
		struct guest g;
		pid_t pid;
		int status;

		guest_memory(&g);
		memcpy(g.mem + CODE_OFF, loop_code, sizeof(loop_code));
		pid = fork();
		EXPECT(pid >= 0);
		if (pid == 0)
			run_until_killed(&g);
		EXPECT(wait_word(&g, DATA_OFF, 1000));
		EXPECT(kill(pid, sigs[i]) == 0);
		EXPECT(waitpid(pid, &status, 0) == pid);
		EXPECT(WIFSIGNALED(status));
		EXPECT_EQ(WTERMSIG(status), sigs[i]);
	}
}

/*
 * One address space as the real vkernel makes it (specification 10.2): all of
 * user space over one memory image, governed by tables in that image.
 */
struct image {
	struct guest g;
	uint64_t root;       /* top table */
	uint64_t *free_page; /* of the image, shared by its spaces */
};

static uint64_t
page_alloc(struct image *im)
{
	uint64_t off = *im->free_page;

	*im->free_page += PAGE;
	memset(im->g.mem + off, 0, PAGE);
	return off;
}

static void
image_open(struct image *im, void *id)
{
	int flags = VMS_MAP_SHARED | VMS_MAP_FIXED | VMS_MAP_VPAGETABLE;

	im->g.id = id;
	im->root = page_alloc(im);
	EXPECT_EQ(F->create(id, 0, NULL), 0);
	map_at(&im->g, 0, VMS_VA_END, RW, flags, im->g.fd, 0);
	EXPECT_EQ(F->mcontrol(id, 0, VMS_VA_END, VMS_MADV_NOSYNC, 0), 0);
	EXPECT_EQ(
	    F->mcontrol(id, 0, VMS_VA_END, VMS_MADV_SETMAP, im->root | VRW), 0);
}

/* Makes va name a page of the image. */
static void
image_enter(struct image *im, uint64_t va, uint64_t frame, uint64_t flags)
{
	uint64_t table = im->root;

	for (int shift = 39; shift > 12; shift -= 9) {
		uint64_t *e = vp_entry(&im->g, table, va >> shift & 511);

		if ((*e & V) == 0)
			*e = page_alloc(im) | VRW;
		table = *e & VMS_VPTE_FRAME;
	}
	*vp_entry(&im->g, table, va >> 12 & 511) = frame | flags;
}

/* Adds rax to [rdi], system call, stores to rsi, system call, and again. */
static const uint8_t program[] = {
	0x48, 0x01, 0x07, /* add QWORD PTR [rdi],rax */
	0x0f, 0x05,       /* syscall */
	0x48, 0x89, 0x06, /* mov QWORD PTR [rsi],rax */
	0x0f, 0x05,       /* syscall */
	0xeb, 0xf4,       /* jmp 0x0 */
};

#define TEXT  UINT64_C(0x400000)
#define HEAP  UINT64_C(0x7fff12345000)
#define LATER UINT64_C(0x555500000000)

static void
c207_whole_program(void)
{
	struct image im;
	uint64_t free_page = TABLE_OFF, heap, later;

	guest_memory(&im.g);
	im.free_page = &free_page;
	image_open(&im, id_of(0x1000));
	heap = page_alloc(&im);
	memcpy(im.g.mem, program, sizeof(program));
	image_enter(&im, TEXT, 0, V | R | VMS_VPTE_X);
	image_enter(&im, HEAP, heap, VRW);
	im.g.tf.tf_rip = (int64_t)TEXT;
	im.g.tf.tf_rdi = (int64_t)HEAP;
	im.g.tf.tf_rsi = (int64_t)LATER;
	im.g.tf.tf_rax = 5;
	EXPECT_EQ(guest_run(&im.g), T_FAST_SYSCALL);
	EXPECT_EQ(*word_at(&im.g, heap), 5);
	im.g.tf.tf_rax = 7;
	EXPECT_EQ(guest_run(&im.g), T_PAGEFLT);
	EXPECT_EQ(im.g.tf.tf_addr, LATER);
	EXPECT_EQ(im.g.tf.tf_err, 6);
	later = page_alloc(&im);
	image_enter(&im, LATER, later, VRW);
	EXPECT_EQ(guest_run(&im.g), T_FAST_SYSCALL);
	EXPECT_EQ(*word_at(&im.g, later), 7);
	EXPECT_EQ(guest_run(&im.g), T_FAST_SYSCALL);
	EXPECT_EQ(*word_at(&im.g, heap), 12);
	EXPECT_EQ(F->destroy(im.g.id), 0);
	EXPECT_EQ(F->destroy(im.g.id), ENOENT);
}

static const uint8_t alternate[] = {
	0x48, 0xff, 0xc3, /* inc rbx */
	0x64, 0x48, 0x8b, 0x04, 0x25, 0x00, 0x00, 0x00,
	0x00,             /* mov rax,QWORD PTR fs:0x0 */
	0x48, 0x01, 0x07, /* add QWORD PTR [rdi],rax */
	0x65, 0x48, 0x8b, 0x0c, 0x25, 0x08, 0x00, 0x00,
	0x00,                         /* mov rcx,QWORD PTR gs:0x8 */
	0x4c, 0x8b, 0x27,             /* mov r12,QWORD PTR [rdi] */
	0x66, 0x49, 0x0f, 0x6e, 0xc4, /* movq xmm0,r12 */
	0x0f, 0x05,                   /* syscall */
	0xeb, 0xdc,                   /* jmp 0x0 */
};

/* Two spaces over one image, the same addresses, different pages. */
static void
c208_two_spaces_alternate(void)
{
	struct image im[2];
	uint64_t free_page = TABLE_OFF, heap[2];

	guest_memory(&im[0].g);
	im[1] = im[0];
	memcpy(im[0].g.mem, alternate, sizeof(alternate));
	for (unsigned i = 0; i < 2; i++) {
		uint64_t tls;

		im[i].free_page = &free_page;
		image_open(&im[i], id_of(i + 1));
		heap[i] = page_alloc(&im[i]);
		tls = page_alloc(&im[i]);
		*word_at(&im[i].g, tls) = i + 1;
		*word_at(&im[i].g, tls + 0x108) = 100 + i;
		image_enter(&im[i], TEXT, 0, V | R);
		image_enter(&im[i], HEAP, heap[i], VRW);
		image_enter(&im[i], LATER, tls, V | R);
		im[i].g.tf.tf_rip = (int64_t)TEXT;
		im[i].g.tf.tf_rdi = (int64_t)HEAP;
		im[i].g.tf.tf_r15 = 1000 + i;
		im[i].g.vf.vx_tls.info[0].base = id_of(LATER);
		im[i].g.vf.vx_tls.info[1].base = id_of(LATER + 0x100);
	}
	for (int64_t round = 1; round <= 500; round++)
		for (unsigned i = 0; i < 2; i++) {
			struct guest *g = &im[i].g;

			EXPECT_EQ(guest_run(g), T_FAST_SYSCALL);
			EXPECT_EQ(g->tf.tf_rbx, round);
			EXPECT_EQ(g->tf.tf_rax, i + 1);
			EXPECT_EQ(g->tf.tf_r12, round * (int64_t)(i + 1));
			EXPECT_EQ(g->tf.tf_r15, 1000 + i);
			EXPECT_EQ(*word_at(g, heap[i]), g->tf.tf_r12);
		}
	EXPECT_EQ(F->destroy(id_of(1)), 0);
	EXPECT_EQ(guest_run(&im[1].g), T_FAST_SYSCALL);
	EXPECT_EQ(F->destroy(id_of(2)), 0);
}

/* A checksum that any lost or repeated instruction would spoil. */
static const uint8_t compute[] = {
	0x48, 0x69, 0xc0, 0x6d, 0x4e, 0xc6, 0x41, /* imul rax,rax,0x41c64e6d */
	0x48, 0x05, 0x39, 0x30, 0x00, 0x00,       /* add rax,0x3039 */
	0x48, 0xc1, 0xc0, 0x07,                   /* rol rax,0x7 */
	0x48, 0x31, 0xc3,                         /* xor rbx,rax */
	0x53,                                     /* push rbx */
	0x5a,                                     /* pop rdx */
	0x48, 0x01, 0x17,                         /* add QWORD PTR [rdi],rdx */
	0x48, 0xff, 0xc9,                         /* dec rcx */
	0x75, 0xe2,                               /* jne 0x0 */
	0xcc,                                     /* int3 */
};

static atomic_int ticks;

static void
tick(int sig)
{
	(void)sig;
	atomic_fetch_add(&ticks, 1);
}

static void
timer(long usec)
{
	struct itimerval every = { { 0, usec }, { 0, usec } };

	EXPECT(setitimer(ITIMER_REAL, &every, NULL) == 0);
}

static void
c210_interval_timer(void)
{
	uint64_t n = 5000000, rax = 1, rbx = 0, sum = 0;
	struct guest g;
	int kicks = 0;

	guest_open(&g, id_of(1));
	guest_code(&g, compute, sizeof(compute));
	g.tf.tf_rax = 1;
	g.tf.tf_rcx = (int64_t)n;
	g.tf.tf_rdi = (int64_t)DATA;
	F->on_signal(SIGALRM, tick, true);
	timer(1000);
	while (guest_run(&g) == 0)
		kicks++;
	timer(0);
	EXPECT_EQ(g.tf.tf_trapno, T_BPTFLT);
	EXPECT(kicks > 0);
	EXPECT(kicks <= atomic_load(&ticks));
	for (uint64_t i = 0; i < n; i++) {
		rax = rax * 0x41c64e6d + 12345;
		rax = rax << 7 | rax >> 57;
		rbx ^= rax;
		sum += rbx;
	}
	EXPECT_EQ(g.tf.tf_rax, rax);
	EXPECT_EQ(g.tf.tf_rbx, rbx);
	EXPECT_EQ(*word_at(&g, DATA_OFF), sum);
}

static const struct row rows[] = {
	{ "C201", "a child process uses the parent's ids", c201_child_uses_ids,
	    ROW_HANDLE },
	{ "C201", "P_MAILBOX is not inherited", c201_mailbox_not_inherited,
	    ROW_HANDLE },
	{ "C202", "the child's destroy holds for the parent",
	    c202_child_destroys, ROW_HANDLE },
	{ "C202", "after a host fork the child's calls give ENXIO",
	    c202_host_fork, 0 },
	{ "C203", "the parent's exit leaves the child's use", c203_parent_exits,
	    ROW_HANDLE },
	{ "C204", "exec leaves the registry", c204_exec, ROW_HANDLE },
	{ "C204", "exec of the host: failed and successful", c204_host_exec,
	    ROW_DROPIN | ROW_FORKS },
	{ "C206", "killed while a guest runs", c206_killed, ROW_FORKS },
	{ "C207", "create, map, run, fault, fix, run, destroy",
	    c207_whole_program, 0 },
	{ "C208", "two address spaces alternate", c208_two_spaces_alternate,
	    0 },
	{ "C210", "a signal every millisecond", c210_interval_timer,
	    ROW_SIGNALS },
};
ROW_GROUP(life, rows);
