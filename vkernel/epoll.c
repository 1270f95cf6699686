/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/epoll.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/os_io.h"
#include "vkernel/errno_map.h"
#include "vkernel/file.h"
#include "vkernel/poll_events.h"
#include "vkernel/wait.h"

#define NESTS     4 /* epoll files in epoll files */
#define POLL_BITS UINT32_C(0xffff)
#define LX_ELOOP  40
#define ALWAYS    (POLLERR | POLLHUP)
#define ANON_MODE 0000600u

static short
item_events(const struct vk_epoll_item *item)
{
	return events_to_host((int16_t)(item->event.events & POLL_BITS));
}

static bool
is_by_host(const struct vk_open *open)
{
	return open->fd >= 0 && (open->ops == NULL || open->ops->by_host ||
				    open->ops->poll == NULL);
}

/* What of the item holds and is news; 0: nothing. */
static short
item_look(struct vk_epoll_item *item, uint64_t *edges)
{
	short events, now;

	*edges = 0;
	if (item->off || item->by_host)
		return 0;
	events = item_events(item);
	if ((item->event.events & EPOLL_ET) != 0 &&
	    item->open->ops->edges != NULL) {
		*edges = item->open->ops->edges(
		    item->open, (short)(events | ALWAYS));
		if (item->told && item->seen == *edges)
			return 0;
	}
	now = open_poll(item->open, events, NULL);
	return (short)(now & (events | ALWAYS));
}

static void
item_host_set(struct vk_epoll_item *item)
{
	os_poller_set(item->epoll->poller, item->host_fd,
	    item->off ? 0 : item_events(item),
	    item->off || (item->event.events & EPOLL_ET) != 0, false,
	    (uint64_t)(uintptr_t)item);
}

static void
item_fired(struct vk_epoll_item *item)
{
	if ((item->event.events & EPOLL_ONESHOT) == 0)
		return;
	item->off = true;
	if (item->by_host)
		item_host_set(item);
}

static void
mark_item(struct vk_epoll_item *item)
{
	item->now = item_look(item, &item->edges);
	if (item->now == 0)
		item->stamp = 0;
	else if (item->stamp == 0)
		item->stamp = ++item->epoll->stamps;
}

/* Which of ours are ready, in the order in which that was found out. */
static void
mark_ready(struct vk_epoll *epoll)
{
	struct vk_epoll_item *item;

	for (item = epoll->first; item != NULL; item = item->next)
		mark_item(item);
}

static struct vk_epoll_item *
first_ready(const struct vk_epoll *epoll)
{
	struct vk_epoll_item *first, *item;

	first = NULL;
	for (item = epoll->first; item != NULL; item = item->next)
		if (item->now != 0 &&
		    (first == NULL || item->stamp < first->stamp))
			first = item;
	return first;
}

/* What was told goes behind the others. */
static int
take_own(struct vk_epoll *epoll, struct vk_epoll_event *events, int room)
{
	struct vk_epoll_item *item;
	int count;

	mark_ready(epoll);
	for (count = 0; count < room; count++) {
		item = first_ready(epoll);
		if (item == NULL)
			break;
		events[count].events = (uint16_t)events_to_guest(
		    item->now, (int16_t)(item->event.events & POLL_BITS));
		events[count].data = item->event.data;
		item->seen = item->edges;
		item->told = true;
		item->now = 0;
		item->stamp = ++epoll->stamps;
		item_fired(item);
	}
	return count;
}

static int
take_host(struct vk_epoll *epoll, struct vk_epoll_event *events, int room)
{
	struct os_poller_event got[64];
	struct vk_epoll_item *item;
	int count, i;

	if (epoll->host_items == 0 || room <= 0)
		return 0;
	count = os_poller_take(epoll->poller, got, room < 64 ? room : 64);
	for (i = 0; i < count; i++) {
		item = (struct vk_epoll_item *)(uintptr_t)got[i].id;
		events[i].events = (uint16_t)events_to_guest(
		    got[i].events, (int16_t)(item->event.events & POLL_BITS));
		events[i].data = item->event.data;
		item_fired(item);
	}
	return count;
}

int
epoll_take(struct vk_epoll *epoll, struct vk_epoll_event *events, int room)
{
	int count;

	count = take_own(epoll, events, room);
	return count + take_host(epoll, events + count, room - count);
}

void
epoll_name(struct vk_epoll *epoll, struct vk_thread *waiter)
{
	struct vk_epoll_item *item;

	wait_queue(waiter, &epoll->changed);
	for (item = epoll->first; item != NULL; item = item->next)
		if (!item->by_host && !item->off)
			open_poll(item->open, item_events(item), waiter);
	if (epoll->host_items != 0)
		wait_fd(waiter, epoll->poller, POLLIN);
}

/* For epoll files that are watched themselves: nothing is taken. */
static short
file_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	struct vk_epoll_item *item;
	struct vk_epoll *epoll;
	struct pollfd fds;
	uint64_t edges;

	epoll = open->data;
	if (waiter != NULL)
		epoll_name(epoll, waiter);
	for (item = epoll->first; item != NULL; item = item->next)
		if (item_look(item, &edges) != 0)
			return (short)(events & (POLLIN | POLLRDNORM));
	fds = (struct pollfd){ epoll->poller, POLLIN, 0 };
	if (epoll->host_items != 0 && poll(&fds, 1, 0) > 0)
		return (short)(events & (POLLIN | POLLRDNORM));
	return 0;
}

static int64_t
file_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct vk_epoll *epoll;

	epoll = open->data;
	open_stat_own(thread, ANON_MODE, &epoll->id, st);
	return 0;
}

static void item_destroy(struct vk_epoll_item *item);

static void
file_close(struct vk_open *open)
{
	struct vk_epoll_item *item, *next;
	struct vk_epoll *epoll;

	epoll = open->data;
	for (item = epoll->first; item != NULL; item = next) {
		next = item->next;
		item_destroy(item);
	}
	queue_wake(&epoll->changed);
	if (epoll->poller >= 0)
		close(epoll->poller);
	free(epoll);
}

static const struct vk_file_ops epoll_ops = {
	.name = "anon_inode:[eventpoll]",
	.poll = file_poll,
	.stat = file_stat,
	.close = file_close,
};

struct vk_epoll *
epoll_of(const struct vk_open *open)
{
	return open->ops == &epoll_ops ? open->data : NULL;
}

int
epoll_open(int flags, struct vk_open **out)
{
	struct vk_epoll *epoll;
	int error;

	epoll = calloc(1, sizeof(*epoll));
	if (epoll == NULL)
		return LX_ENOMEM;
	epoll->poller = -1;
	error = open_create_ops(&epoll_ops, epoll, flags | LX_O_RDWR, out);
	if (error != 0)
		free(epoll);
	return error;
}

static struct vk_epoll_item *
item_lookup(const struct vk_epoll *epoll, const struct vk_open *open, int fd)
{
	struct vk_epoll_item *item;

	for (item = epoll->first; item != NULL; item = item->next)
		if (item->open == open && item->fd == fd)
			break;
	return item;
}

static void
item_unlink(struct vk_epoll_item *item)
{
	struct vk_epoll_item **at;

	for (at = &item->epoll->first; *at != item; at = &(*at)->next)
		continue;
	*at = item->next;
	for (at = &item->open->watched; *at != item; at = &(*at)->other)
		continue;
	*at = item->other;
}

static void
item_destroy(struct vk_epoll_item *item)
{
	struct vk_epoll *epoll;

	epoll = item->epoll;
	item_unlink(item);
	if (item->by_host) {
		os_poller_remove(epoll->poller, item->host_fd);
		epoll->host_items--;
	}
	if (item->duplicate)
		close(item->host_fd);
	free(item);
	queue_wake(&epoll->changed);
}

void
epoll_forget(struct vk_open *open)
{
	struct vk_epoll_item *item, *other;

	for (item = open->watched; item != NULL; item = other) {
		other = item->other;
		item_destroy(item);
	}
}

/* A description that is watched twice is one descriptor more. */
static int
item_host_add(struct vk_epoll_item *item)
{
	struct vk_epoll *epoll;
	const struct vk_epoll_item *same;
	int error;

	epoll = item->epoll;
	item->host_fd = item->open->fd;
	if (epoll->poller < 0)
		epoll->poller = os_poller_open();
	if (epoll->poller < 0)
		return errno_to_linux(errno);
	for (same = item->open->watched; same != NULL; same = same->other)
		if (same->epoll == epoll && same->by_host)
			item->duplicate = true;
	if (item->duplicate)
		item->host_fd = os_dup(item->open->fd);
	if (item->host_fd < 0)
		return errno_to_linux(errno);
	error = os_poller_set(epoll->poller, item->host_fd, item_events(item),
	    (item->event.events & EPOLL_ET) != 0, true,
	    (uint64_t)(uintptr_t)item);
	if (error != 0) {
		if (item->duplicate)
			close(item->host_fd);
		return errno_to_linux(error);
	}
	item->by_host = true;
	epoll->host_items++;
	return 0;
}

/* How deep epoll files lie in it; more than NESTS: also when it holds to. */
static int
depth(const struct vk_epoll *epoll, const struct vk_epoll *to, int level)
{
	const struct vk_epoll_item *item;
	const struct vk_epoll *below;
	int deep, most;

	if (epoll == to || level > NESTS)
		return NESTS + 1;
	most = 0;
	for (item = epoll->first; item != NULL; item = item->next) {
		below = epoll_of(item->open);
		if (below == NULL)
			continue;
		deep = depth(below, to, level + 1) + 1;
		most = deep > most ? deep : most;
	}
	return most;
}

/* As Linux calls them: of one description, the newest first. */
static void
item_insert(struct vk_epoll_item *item)
{
	struct vk_epoll_item **at;

	at = &item->epoll->first;
	while (*at != NULL && (*at)->open != item->open)
		at = &(*at)->next;
	item->next = *at;
	*at = item;
}

static int
item_link(struct vk_epoll_item *item)
{
	struct vk_epoll *epoll;
	int error;

	epoll = item->epoll;
	error = is_by_host(item->open) ? item_host_add(item) : 0;
	if (error != 0)
		return error;
	item_insert(item);
	item->other = item->open->watched;
	item->open->watched = item;
	mark_item(item); /* not all: thousands are added one by one */
	queue_wake(&epoll->changed);
	return 0;
}

int
epoll_add(struct vk_epoll *epoll, struct vk_open *open, int fd,
    const struct vk_epoll_event *event)
{
	struct vk_epoll_item *item;
	const struct vk_epoll *below;
	int error;

	if (!open->may_block)
		return LX_EPERM;
	below = epoll_of(open);
	if (below != NULL && depth(below, epoll, 1) >= NESTS)
		return LX_ELOOP;
	if (item_lookup(epoll, open, fd) != NULL)
		return LX_EEXIST;
	item = calloc(1, sizeof(*item));
	if (item == NULL)
		return LX_ENOMEM;
	item->epoll = epoll;
	item->open = open;
	item->fd = fd;
	item->event = *event;
	error = item_link(item);
	if (error != 0)
		free(item);
	return error;
}

int
epoll_modify(struct vk_epoll *epoll, const struct vk_open *open, int fd,
    const struct vk_epoll_event *event)
{
	struct vk_epoll_item *item;

	item = item_lookup(epoll, open, fd);
	if (item == NULL)
		return LX_ENOENT;
	if ((item->event.events & EPOLL_EXCLUSIVE) != 0)
		return LX_EINVAL;
	item->event = *event;
	item->off = false;
	item->told = false;
	if (item->by_host)
		item_host_set(item);
	mark_ready(epoll);
	queue_wake(&epoll->changed);
	return 0;
}

int
epoll_remove(struct vk_epoll *epoll, const struct vk_open *open, int fd)
{
	struct vk_epoll_item *item;

	item = item_lookup(epoll, open, fd);
	if (item == NULL)
		return LX_ENOENT;
	item_destroy(item);
	return 0;
}
