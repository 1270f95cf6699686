/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts an ELF image, the interpreter that it names and its first stack into an
 * address space that the caller provides through functions (a vkernel's own
 * map, copyout and open).
 */
#ifndef VMS_LOADER_LOAD_H
#define VMS_LOADER_LOAD_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/bases.h"
#include "loader/elf.h"

/* The error of a file that is no interpreter: Linux's ELIBBAD, or what the
 * host has for it. */
#if defined(ELIBBAD)
#define LOAD_ELIBBAD ELIBBAD
#elif defined(EBADEXEC)
#define LOAD_ELIBBAD EBADEXEC
#else
#define LOAD_ELIBBAD ENOEXEC
#endif

/* A string of arguments or environment has at most so many bytes, its end
 * included, and together they have LOAD_STRINGS_MIN at least. */
#define LOAD_STRING_MAX  (UINT64_C(128) << 10)
#define LOAD_STRINGS_MIN (UINT64_C(128) << 10)
#define LOAD_STRINGS_MAX (UINT64_C(6) << 20)

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
	/* Opens for execution what the guest calls path; the loader closes
	 * *fd.  NULL: no interpreter can be opened. */
	int (*open_interp)(void *arg, const char *path, int *fd);
};

struct load_info {
	const char *const *argv; /* NULL-terminated; none: one "", as Linux */
	const char *const *envp; /* NULL-terminated */
	const char *execfn;
	struct load_bases bases; /* the caller mapped a stack below stack_end */
	uint64_t stack_bytes;    /* RLIMIT_STACK: a quarter of it is for argv */
	uint8_t random[16];      /* AT_RANDOM */
	uint64_t uid, euid, gid, egid;
	uint64_t hwcap, hwcap2;
	uint64_t clktck;
	uint64_t minsigstksz; /* 0: not told */
};

struct load_result {
	uint64_t entry, sp;   /* initial rip and rsp */
	uint64_t brk;         /* page-aligned, after the program */
	uint64_t bias;        /* of the program */
	uint64_t interp_bias; /* AT_BASE; 0 without interpreter */
	/* For /proc: strings with their ends, and auxv with its AT_NULL. */
	uint64_t arg_start, arg_end, env_start, env_end, auxv_start, auxv_end;
};

/*
 * The stack is that of the System V ABI as Linux fills it: argc, argv, envp,
 * auxv at sp, which is a multiple of 16, the strings above.  An interpreter
 * lies right below mmap_base, and gets control.
 *
 * E2BIG: argv and envp do not fit a quarter of the stack (LOAD_STRINGS_*), or
 * one string is too long.  What open_interp returned; LOAD_ELIBBAD: the
 * interpreter is none, EIO: it is too short to be one.  ENOEXEC: the image
 * cannot lie where it asks to. ENOMEM; what target's functions return.  All but
 * failures of map and write are found before the first call of one of these.
 * *result is written only on success; message as elf_read() writes it, about
 * execfn.
 */
int load_program(const struct load_target *target, int fd,
    const struct elf_image *image, const struct load_info *info,
    struct load_result *result, char *message, size_t message_bytes);

#endif
