/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX message queues: names without directories, and what lies in them. */
#ifndef VMS_VKERNEL_MQ_H
#define VMS_VKERNEL_MQ_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/file.h"
#include "vkernel/linux_abi.h"
#include "vkernel/queue.h"

#define MQ_NAME_ROOM 256

struct vk_process;

struct lx_mq_attr {
	int64_t flags, max_count, max_size, count;
	int64_t reserved[4];
};

struct mq_message {
	struct mq_message *next;
	uint32_t priority;
	uint32_t size;
	uint8_t bytes[];
};

/* Who is to be told of the first message; pid 0: nobody. */
struct mq_notice {
	int pid;
	uint64_t start_ns; /* of that process: numbers are used again */
	int signal;        /* 0: SIGEV_NONE */
	uint64_t value;
};

struct vk_mq {
	struct vk_mq *next;
	char name[MQ_NAME_ROOM];
	unsigned opens;
	bool named; /* in the kernel's list */
	uint32_t uid, gid, mode;
	int64_t max_count, max_size, count;
	uint64_t bytes; /* in messages */
	uint64_t id, read_edges, write_edges;
	struct mq_message *first; /* greatest priority first */
	struct mq_notice notice;
	struct vk_queue receivers, senders, pollers;
};

/* A new description of the queue; its last one frees a queue without name. */
int mq_open_create(struct vk_mq *mq, int flags, struct vk_open **out);
/* NULL: not a queue. */
struct vk_mq *mq_of(const struct vk_open *open);
/* NULL: there is no process, or not the one that asked. */
struct vk_process *mq_notice_process(
    struct vk_kernel *kernel, const struct mq_notice *notice);

/* Puts the message where its priority belongs, and takes the first. */
void mq_put(struct vk_mq *mq, struct mq_message *message);
struct mq_message *mq_take(struct vk_mq *mq);

/* The name is gone; the queue too, when nobody has it open. */
void mq_unname(struct vk_kernel *kernel, struct vk_mq *mq);
/* At the end of the run. */
void mq_finish(struct vk_kernel *kernel);

#endif
