/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts an ELF image and its first stack into an address space that the caller
 * provides through two functions (a vkernel's own map and copyout).
 */
#ifndef VMS_LOADER_LOAD_H
#define VMS_LOADER_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "loader/elf.h"

/* Each returns 0 or a positive errno value. */
struct load_target {
	void *arg;
	/* Maps [va, va + len) page-aligned, from page-aligned file offset off
	 * of fd (private), or zero memory when fd is -1.  Replaces what an
	 * earlier call put there. */
	int (*map)(void *arg, uint64_t va, uint64_t len, int prot, int fd,
	    uint64_t off);
	/* Writes bytes whatever the protection is. */
	int (*write)(void *arg, uint64_t va, const void *bytes, size_t len);
};

struct load_info {
	const char *const *argv; /* NULL-terminated */
	const char *const *envp; /* NULL-terminated */
	const char *execfn;
	uint64_t pie_base;  /* where ET_DYN goes */
	uint64_t stack_end; /* exclusive, page-aligned, mapped by the caller */
	uint64_t stack_bytes;
	uint8_t random[16]; /* AT_RANDOM */
	uint64_t uid, euid, gid, egid;
	uint64_t hwcap;
	uint64_t clktck;
};

struct load_result {
	uint64_t entry, sp; /* initial rip and rsp */
	uint64_t brk;       /* first page after the last segment */
	uint64_t bias;
};

/*
 * The stack is that of the System V ABI as Linux fills it: argc, argv, envp,
 * auxv at sp, which is a multiple of 16, the strings above.
 * ENOEXEC: the image needs an interpreter.  E2BIG: argv and envp do not fit a
 * quarter of the stack.  ENOMEM; what target's functions return.  *result is
 * written only on success; message as elf_read() writes it, about execfn.
 */
int load_program(const struct load_target *target, int fd,
    const struct elf_image *image, const struct load_info *info,
    struct load_result *result, char *message, size_t message_bytes);

#endif
