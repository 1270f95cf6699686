/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small virtual kernel on the handle face: one host, one process, one
 * thread, one memory image, and guests of a few bytes.
 */
#ifndef VMS_BENCH_CLIENT_H
#define VMS_BENCH_CLIENT_H

#include <vmspace/vmspace.h>

#include "bench/bench.h"
#include "bench/image.h"

/* Where every guest here has its code page and its data pages. */
#define CLIENT_CODE_VA UINT64_C(0x400000)
#define CLIENT_DATA_VA UINT64_C(0x600000)

/*
 * The guests' code: offset 0 stores to rcx pages from rdi on, rsi bytes apart,
 * and then makes a system call; CLIENT_NULL is a loop of system calls.
 */
#define CLIENT_TOUCH 0
#define CLIENT_NULL  32
extern const uint8_t client_code[64];

struct client {
	struct vms *vms;
	struct vms_proc *proc;
	struct vms_lwp *lwp;
	struct image image;
	uint64_t code; /* frame of the code page */
};

/* Opens everything, the image sealed where it can be; false after filling in
 * out->why. */
bool client_open(struct client *client, size_t image_bytes, struct figure *out);

/* The same with an image that may shrink, so that its size must be asked for
 * again and again. */
bool client_open_unsealed(
    struct client *client, size_t image_bytes, struct figure *out);

/* New tables with the code page and pages data pages at CLIENT_DATA_VA; the
 * offset of the top table. */
uint64_t client_tables(struct client *client, size_t pages);

/* vmspace id: the image as one mapping of the whole user space, governed by
 * the tables at top; as the real virtual kernel does it. */
int client_space(struct client *client, void *id, uint64_t top);

/* One run from tf; false when it does not end in trap trapno. */
bool client_run(struct client *client, void *id, struct trapframe *tf,
    int trapno, struct figure *out);

/* tf such that the touching guest starts. */
void client_touch(struct trapframe *tf, uint64_t va, size_t pages);

#endif
