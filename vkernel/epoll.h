/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epoll files of our own.  What an item watches is asked when somebody wants
 * to know: files of our own by their poll operation and edge counts, host
 * descriptors by a poller of the host, which knows edges itself.
 */
#ifndef VMS_VKERNEL_EPOLL_H
#define VMS_VKERNEL_EPOLL_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/queue.h"

struct vk_epoll;
struct vk_open;
struct vk_thread;

#define EPOLL_ET        (UINT32_C(1) << 31)
#define EPOLL_ONESHOT   (UINT32_C(1) << 30)
#define EPOLL_WAKEUP    (UINT32_C(1) << 29)
#define EPOLL_EXCLUSIVE (UINT32_C(1) << 28)

struct vk_epoll_event {
	uint32_t events;
	uint64_t data;
};

/* One descriptor that is watched. */
struct vk_epoll_item {
	struct vk_epoll_item *next;  /* in epoll */
	struct vk_epoll_item *other; /* of the same description */
	struct vk_epoll *epoll;
	struct vk_open *open; /* borrowed: it forgets us */
	int fd;               /* the guest's number when it was added */
	struct vk_epoll_event event;
	uint64_t seen; /* edges when it was told last */
	bool told;     /* seen is valid */
	short now;     /* while events are taken */
	uint64_t edges;
	uint64_t stamp; /* place among the ready; 0: it was not */
	bool off;       /* one shot was fired */
	bool by_host;   /* host_fd is in the poller */
	int host_fd;    /* open->fd, or a duplicate of it */
	bool duplicate;
};

struct vk_epoll {
	struct vk_epoll_item *first;
	uint64_t stamps;
	struct vk_queue changed; /* what is watched */
	int poller;              /* -1: not needed yet */
	uint64_t id;
	unsigned host_items;
};

/* NULL: it is no epoll file. */
struct vk_epoll *epoll_of(const struct vk_open *open);
int epoll_open(int flags, struct vk_open **out);

/* LX_EEXIST, LX_ENOENT, LX_EPERM, LX_ELOOP, LX_ENOMEM ... */
int epoll_add(struct vk_epoll *epoll, struct vk_open *open, int fd,
    const struct vk_epoll_event *event);
int epoll_modify(struct vk_epoll *epoll, const struct vk_open *open, int fd,
    const struct vk_epoll_event *event);
int epoll_remove(struct vk_epoll *epoll, const struct vk_open *open, int fd);

/* Takes at most room events that hold now: how many. */
int epoll_take(struct vk_epoll *epoll, struct vk_epoll_event *events, int room);
/* Names what may make more of them hold. */
void epoll_name(struct vk_epoll *epoll, struct vk_thread *waiter);

/* The description is going away: no epoll file watches it any more. */
void epoll_forget(struct vk_open *open);

#endif
