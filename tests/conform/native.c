/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/conform/native.h"

#include "tests/conform/conform.h"

#if SIGNALS_ARE_LATE
#define NO_NATIVE "skipped: the thread sanitizer keeps signals to itself"
#endif
#if !defined(__linux__) || !defined(__x86_64__)
#undef NO_NATIVE
#define NO_NATIVE "skipped: no x86-64 Linux to compare with"
#endif

#ifdef NO_NATIVE
bool
native_run(struct guest *g, struct trapframe *tf, const char **why)
{
	(void)g;
	(void)tf;
	*why = NO_NATIVE;
	return false;
}
#else

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* Not in every <sys/ptrace.h>. */
#define SYSEMU ((enum __ptrace_request)31)

enum { CHILD_NO_PTRACE = 40, CHILD_NO_MAPPING = 41 };

/* What the processor told the kernel, from the signal frame. */
struct told {
	int64_t vector, err, cr2;
};

static struct told *told; /* shared with the child */

static void
tell(int sig, siginfo_t *info, void *arg)
{
	const ucontext_t *uc = arg;

	(void)sig;
	(void)info;
	told->vector = uc->uc_mcontext.gregs[REG_TRAPNO];
	told->err = uc->uc_mcontext.gregs[REG_ERR];
	told->cr2 = uc->uc_mcontext.gregs[REG_CR2];
	_exit(0);
}

static void
child_handlers(void)
{
	static const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	static uint8_t stack[65536];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction sa;

	sigaltstack(&alt, NULL);
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = tell;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		sigaction(sigs[i], &sa, NULL);
}

static void *
pointer(uint64_t va)
{
	return (void *)(uintptr_t)va;
}

static bool
child_mappings(const struct guest *g)
{
	uint8_t *code = mmap(pointer(CODE), CODE_LEN, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0);

	if (code == MAP_FAILED)
		return false;
	memcpy(code, g->mem + CODE_OFF, CODE_LEN);
	if (mprotect(code, CODE_LEN, PROT_READ | PROT_EXEC) != 0)
		return false;
	return mmap(pointer(DATA), DATA_LEN, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_FIXED, g->fd,
		   (off_t)DATA_OFF) != MAP_FAILED &&
	       mmap(pointer(READONLY), PAGE, PROT_READ, MAP_SHARED | MAP_FIXED,
		   g->fd, (off_t)FRAME(0)) != MAP_FAILED;
}

static void
child_main(const struct guest *g)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(CHILD_NO_PTRACE);
	child_handlers();
	if (!child_mappings(g))
		_exit(CHILD_NO_MAPPING);
	raise(SIGSTOP);
	_exit(CHILD_NO_PTRACE);
}

/* Every register that both sides have. */
#define EACH_REGISTER(X)                                                       \
	EACH_OLD_REGISTER(X)                                                   \
	EACH_NEW_REGISTER(X)
#define EACH_OLD_REGISTER(X)                                                   \
	X(rax) X(rbx) X(rcx) X(rdx) X(rsi) X(rdi) X(rbp) X(rsp) X(rip)
#define EACH_NEW_REGISTER(X)                                                   \
	X(r8) X(r9) X(r10) X(r11) X(r12) X(r13) X(r14) X(r15)

static bool
child_load(pid_t pid, const struct trapframe *tf)
{
	struct user_regs_struct regs;
	struct user_fpregs_struct fp;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0)
		return false;
#define LOAD(r) regs.r = (unsigned long long)tf->tf_##r;
	EACH_REGISTER(LOAD)
#undef LOAD
	regs.eflags = (unsigned long long)tf->tf_rflags;
	regs.orig_rax = (unsigned long long)-1;
	memset(&fp, 0, sizeof(fp));
	fp.cwd = 0x37f;
	fp.mxcsr = 0x1f80;
	return ptrace(PTRACE_SETFPREGS, pid, NULL, &fp) == 0 &&
	       ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0;
}

/* DragonFly's trap number of a hardware vector. */
static int64_t
trapno_of(int64_t vector)
{
	static const uint8_t trapnos[32] = { T_DIVIDE, T_TRCTRAP, T_NMI,
		T_BPTFLT, T_OFLOW, T_BOUND, T_PRIVINFLT, T_DNA, T_DOUBLEFLT,
		T_FPOPFLT, T_TSSFLT, T_SEGNPFLT, T_STKFLT, T_PROTFLT, T_PAGEFLT,
		T_RESERVED, T_ARITHTRAP, T_ALIGNFLT, T_MCHK, T_XMMFLT };

	return trapnos[vector & 31];
}

static void
child_store(const struct user_regs_struct *regs, struct trapframe *tf)
{
#define STORE(r) tf->tf_##r = (int64_t)regs->r;
	EACH_REGISTER(STORE)
#undef STORE
	tf->tf_rflags = (int64_t)(regs->eflags & ~UINT64_C(0x10000));
	tf->tf_err = tf->tf_addr = tf->tf_xflags = 0;
}

/* The stop was at a system call: as DragonFly's entry lays the frame out. */
static void
store_syscall(const struct user_regs_struct *regs, struct trapframe *tf)
{
	child_store(regs, tf);
	tf->tf_rax = (int64_t)regs->orig_rax;
	tf->tf_rcx = tf->tf_r10;
	tf->tf_trapno = T_FAST_SYSCALL;
	tf->tf_err = 2;
}

/* The stop was for a signal: lets the handler tell what the kernel knows. */
static bool
store_trap(pid_t pid, int sig, const struct user_regs_struct *regs,
    struct trapframe *tf)
{
	int status;

	child_store(regs, tf);
	tf->tf_rflags &= ~(int64_t)PSL_T;
	told->vector = -1;
	if (ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)sig) != 0)
		return false;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0 || told->vector < 0)
		return false;
	tf->tf_trapno = trapno_of(told->vector);
	if (tf->tf_trapno == T_PAGEFLT)
		tf->tf_addr = told->cr2;
	if (tf->tf_trapno == T_PAGEFLT || tf->tf_trapno == T_PROTFLT ||
	    tf->tf_trapno == T_STKFLT)
		tf->tf_err = told->err;
	return true;
}

/* From the stop before the first instruction to the first trap. */
static bool
child_run(pid_t pid, const struct trapframe *in, struct trapframe *out)
{
	struct user_regs_struct regs;
	int status, sig;

	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		(void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) != 0)
		return false;
	if (!child_load(pid, in) || ptrace(SYSEMU, pid, NULL, NULL) != 0)
		return false;
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0)
		return false;
	sig = WSTOPSIG(status);
	if (sig != (SIGTRAP | 0x80))
		return store_trap(pid, sig, &regs, out);
	store_syscall(&regs, out);
	return true;
}

bool
native_run(struct guest *g, struct trapframe *tf, const char **why)
{
	bool ok;
	pid_t pid;
	int status;

	if (told == NULL)
		told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANON, -1, 0);
	EXPECT(told != MAP_FAILED);
	pid = fork();
	EXPECT(pid >= 0);
	if (pid == 0)
		child_main(g);
	EXPECT(waitpid(pid, &status, 0) == pid);
	*tf = g->tf;
	if (!WIFSTOPPED(status)) {
		*why = "skipped: no ptrace";
		return false;
	}
	ok = child_run(pid, &g->tf, tf);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	EXPECT(ok);
	return true;
}
#endif
