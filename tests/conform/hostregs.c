/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/conform/hostregs.h"

#if defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>

/* arch_prctl codes of <asm/prctl.h>. */
enum { GET_FS = 0x1003, GET_GS = 0x1004 };

static uint64_t
base_of(int code)
{
	unsigned long base = 0;

	syscall(SYS_arch_prctl, code, &base);
	return base;
}

uint64_t
host_fs_base(void)
{
	return base_of(GET_FS);
}

uint64_t
host_gs_base(void)
{
	return base_of(GET_GS);
}
#else
uint64_t
host_fs_base(void)
{
	return 0;
}

uint64_t
host_gs_base(void)
{
	return 0;
}
#endif

#if defined(__x86_64__) && defined(__GNUC__)
bool
host_saved_registers_survive(void (*fn)(void))
{
	uint64_t wrong;

	/* The stack pointer goes to %r15, which is saved by the callee too:
	 * if it came back changed, so did the stack. */
	__asm__ volatile("movq %%rsp, %%r15\n\t"
			 "subq $256, %%rsp\n\t"
			 "andq $-16, %%rsp\n\t"
			 "movq %%r15, (%%rsp)\n\t"
			 "movq $0x11111111, %%rbx\n\t"
			 "movq $0x22222222, %%r12\n\t"
			 "movq $0x33333333, %%r13\n\t"
			 "movq $0x44444444, %%r14\n\t"
			 "call *%%rax\n\t"
			 "xorl %%eax, %%eax\n\t"
			 "xorq $0x11111111, %%rbx\n\t"
			 "xorq $0x22222222, %%r12\n\t"
			 "xorq $0x33333333, %%r13\n\t"
			 "xorq $0x44444444, %%r14\n\t"
			 "orq %%rbx, %%rax\n\t"
			 "orq %%r12, %%rax\n\t"
			 "orq %%r13, %%rax\n\t"
			 "orq %%r14, %%rax\n\t"
			 "xorq (%%rsp), %%r15\n\t"
			 "orq %%r15, %%rax\n\t"
			 "movq (%%rsp), %%rsp\n\t"
			 : "=a"(wrong)
			 : "a"(fn)
			 : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10",
			 "r11", "r12", "r13", "r14", "r15", "memory", "cc",
			 "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
			 "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
			 "xmm13", "xmm14", "xmm15");
	return wrong == 0;
}

bool
host_has_guest_fp(void)
{
	return true;
}

void
host_fp_call(struct host_fp *fp, void (*fn)(void))
{
	uint32_t mxcsr;
	uint16_t fpcw;

	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	__asm__ volatile("fnstcw %0" : "=m"(fpcw));
	__asm__ volatile("movq %%rsp, %%r15\n\t"
			 "subq $256, %%rsp\n\t"
			 "andq $-16, %%rsp\n\t"
			 "ldmxcsr (%%rbx)\n\t"
			 "fldcw 4(%%rbx)\n\t"
			 "movdqu 6(%%rbx), %%xmm15\n\t"
			 "call *%%rax\n\t"
			 "stmxcsr (%%rbx)\n\t"
			 "fnstcw 4(%%rbx)\n\t"
			 "movdqu %%xmm15, 6(%%rbx)\n\t"
			 "movq %%r15, %%rsp\n\t"
			 : "+a"(fn)
			 : "b"(fp)
			 : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
			 "r15", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3",
			 "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
			 "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	__asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
	__asm__ volatile("fldcw %0" ::"m"(fpcw));
}
#else
bool
host_saved_registers_survive(void (*fn)(void))
{
	fn();
	return true;
}

bool
host_has_guest_fp(void)
{
	return false;
}

void
host_fp_call(struct host_fp *fp, void (*fn)(void))
{
	(void)fp;
	fn();
}
#endif
