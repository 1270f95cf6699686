/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a program, as its own interpreter and as a script: elf_read(),
 * load_program(), script_read() and symbol_find() refuse or keep their
 * promises.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vmspace/vmspace.h>

#include "base/page.h"
#include "loader/load.h"
#include "loader/script.h"
#include "loader/symbol.h"
#include "tests/fuzz/fuzz.h"

#define USER_END  (VMS_VA_END - PAGE_BYTES)
#define STACK_END UINT64_C(0x7fff00000000)

/* The input as a file. */
static const char *self_path;

static void
promise(int kept, const char *what)
{
	if (kept)
		return;
	fprintf(stderr, "fuzz_elf: broken: %s\n", what);
	abort();
}

static int
range_good(uint64_t va, uint64_t len)
{
	return len > 0 && va < USER_END && len <= USER_END - va;
}

static int
target_map(void *arg, uint64_t va, uint64_t len, int prot, int fd, uint64_t off)
{
	uint64_t end;

	(void)arg;
	promise(range_good(va, len), "map within user space");
	promise(((va | len | off) & PAGE_MASK) == 0, "map of pages");
	promise((prot & ~7) == 0, "prot");
	promise(fd == -1 || !add_wraps(off, len, &end), "map's offset");
	return 0;
}

static int
target_write(void *arg, uint64_t va, const void *bytes, size_t len)
{
	uint64_t *sum = arg;

	promise(range_good(va, len), "write within user space");
	for (size_t i = 0; i < len; i++)
		*sum += ((const unsigned char *)bytes)[i];
	return 0;
}

/* The program interprets itself. */
static int
target_open(void *arg, const char *path, int *fd)
{
	(void)arg;
	promise(path[0] != '\0', "a name of the interpreter");
	*fd = open(self_path, O_RDONLY | O_CLOEXEC);
	promise(*fd >= 0, "open again");
	return 0;
}

static void
result_check(const struct load_result *result)
{
	promise(result->entry < USER_END, "entry in user space");
	promise(result->sp % 16 == 0 && result->sp < STACK_END, "sp");
	promise(page_aligned(result->brk) && result->brk <= USER_END, "brk");
	promise(result->sp < result->auxv_start &&
		    result->auxv_start < result->auxv_end &&
		    result->auxv_end <= result->arg_start &&
		    result->arg_start <= result->arg_end &&
		    result->arg_end <= result->env_start &&
		    result->env_start <= result->env_end &&
		    result->env_end < STACK_END,
	    "order of the stack");
}

static void
image_load(int fd, const struct elf_image *image)
{
	static const char *const strings[] = { "one", "two", NULL };
	const struct load_info info = { .argv = strings,
		.envp = strings,
		.execfn = "fuzz",
		.bases = { UINT64_C(0x555555554000), UINT64_C(0x7ffe00000000),
		    STACK_END, 0 },
		.stack_bytes = 0x10000 };
	uint64_t sum = 0;
	const struct load_target target = { &sum, target_map, target_write,
		target_open };
	struct load_result result;
	char message[256] = "";
	int error = load_program(
	    &target, fd, image, &info, &result, message, sizeof(message));

	promise((error == 0) == (message[0] == '\0'), "message of an error");
	if (error == 0)
		result_check(&result);
}

static void
image_check(const struct elf_image *image)
{
	promise(image->count > 0 && image->count <= ELF_MAX_SEGMENTS, "count");
	for (size_t i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];

		promise(range_good(s->va, s->mem_bytes), "segment's range");
		promise(s->file_bytes <= s->mem_bytes, "file_bytes");
		promise(s->va >= image->va_start &&
			    s->va + s->mem_bytes <= image->va_end,
		    "span");
	}
	promise(image->entry < USER_END, "entry");
	promise(memchr(image->interp, '\0', sizeof(image->interp)) != NULL,
	    "interp ends");
}

static void
script_check(int fd)
{
	static const char *const strings[] = { "one", "two", NULL };
	struct script script;
	char message[256] = "";
	const char **argv;
	int error = script_read(fd, "fuzz", &script, message, sizeof(message));

	promise(error == 0 || error == ENOEXEC || error == EACCES, "errors");
	promise((error == 0) == (message[0] == '\0'), "one sentence");
	if (error != 0 || script.interp[0] == '\0')
		return;
	promise(strpbrk(script.interp, " \t\n") == NULL, "one word");
	promise(strchr(script.arg, '\n') == NULL, "one line");
	if (script_argv(&script, "fuzz", strings, &argv) != 0)
		return;
	promise(argv[0] == script.interp && argv[3 + script.has_arg] == NULL,
	    "arguments");
	free(argv);
}

/* An unlinked file would have no name for symbol_find(). */
static int
file_make(char *path, const uint8_t *bytes, size_t len)
{
	int fd = mkstemp(path);

	promise(
	    fd >= 0 && write(fd, bytes, len) == (ssize_t)len, "temporary file");
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct elf_image image;
	char path[] = "/tmp/fuzz_elf.XXXXXX";
	char message[256] = "", name[64] = "";
	int fd = file_make(path, bytes, len);
	int error;

	self_path = path;
	script_check(fd);
	error = elf_read(fd, "fuzz", &image, message, sizeof(message));
	promise(error == 0 || error == ENOEXEC || error == EACCES, "errors");
	promise((error == 0) == (message[0] == '\0'), "one sentence");
	if (error == 0) {
		image_check(&image);
		image_load(fd, &image);
	}
	promise(symbol_find(path, 0x401000, name, sizeof(name)) ==
		    (name[0] != '\0'),
	    "a name");
	unlink(path);
	close(fd);
	return 0;
}
