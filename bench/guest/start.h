/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole C library of the guests in this directory: entry, two system
 * calls, decimal numbers, and the functions that compilers call by
 * themselves.  Included once, by the one file of each guest.  x86-64 Linux.
 */
#ifndef VMS_BENCH_GUEST_START_H
#define VMS_BENCH_GUEST_START_H

#include <stddef.h>
#include <stdint.h>

int guest_main(int argc, char **argv);

static long
system_call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call guest_start\n");

void guest_start(long *stack);

void
guest_start(long *stack)
{
	char **argv = (char **)(stack + 1);

	system_call(60, guest_main((int)stack[0], argv), 0, 0);
}

static uint64_t
number_parse(const char *text)
{
	uint64_t value = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		value = value * 10 + (uint64_t)(*text - '0');
	return value;
}

static void
number_print(uint64_t value)
{
	char text[24];
	size_t at = sizeof(text);

	text[--at] = '\n';
	do
		text[--at] = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	system_call(1, 1, (long)(text + at), (long)(sizeof(text) - at));
}

void *memcpy(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);

void *
memcpy(void *to, const void *from, size_t len)
{
	const volatile unsigned char *source = from;
	volatile unsigned char *target = to;

	while (len-- > 0)
		*target++ = *source++;
	return to;
}

void *
memset(void *to, int byte, size_t len)
{
	volatile unsigned char *target = to;

	while (len-- > 0)
		*target++ = (unsigned char)byte;
	return to;
}

#endif
