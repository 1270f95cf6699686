/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets of our own: what AF_UNIX (unix.h) and the loopback of the virtual
 * clock (inet.h) have in common.  Bytes and packets wait as messages at who
 * will receive them; who connects waits as a second end at who will accept.
 */
#ifndef VMS_VKERNEL_LOCAL_H
#define VMS_VKERNEL_LOCAL_H

#include "vkernel/queue.h"
#include "vkernel/socket.h"

struct vk_kernel;

#define LX_FIONREAD 0x541b
#define LX_TIOCOUTQ 0x5411

struct local_msg {
	struct local_msg *next;
	/* among those of the kernel that carry descriptions */
	struct local_msg *carrier_next, **carrier_link;
	struct vk_open **fds;
	int fd_count;
	struct lx_ucred cred;
	struct vk_address from;
	size_t len, off;
	size_t room; /* for so many bytes */
	size_t cost; /* that it counts in used */
	uint8_t bytes[];
};

enum local_state { LOCAL_NEW, LOCAL_LISTENS, LOCAL_CONNECTED, LOCAL_CLOSED };

/* At the start of those of a family. */
struct local_socket {
	struct vk_socket base;
	unsigned refs; /* open, peers that send to it, names, queues */
	enum local_state state;
	struct local_socket *peer; /* referenced */
	struct local_msg *first, *last;
	size_t used; /* cost of the messages */
	unsigned count;
	bool no_read, no_write; /* shut down */
	int error;
	struct vk_queue readable, writable;
	uint64_t read_edges, write_edges;
	/* of one that listens: who connected and was not accepted yet */
	struct local_socket *pending_first, *pending_last, *pending_next;
	unsigned pending, backlog;
};

/* size bytes of zeros but for this; one reference.  NULL: no memory. */
struct local_socket *local_create(size_t size, int domain, int type);
struct local_socket *local_ref(struct local_socket *sock);
void local_drop(struct local_socket *sock);
bool local_is_stream(const struct local_socket *sock);
bool local_is_dgram(const struct local_socket *sock);

/* Each is the other's peer. */
void local_join(struct local_socket *a, struct local_socket *b);
/* Whoever waits there for anything looks again. */
void local_wake(struct local_socket *sock);
void local_wake_reader(struct local_socket *sock);
void local_wake_writer(struct local_socket *sock);

/* The reference goes to the queue, and from there to the caller; NULL: nobody
 * is there. */
void local_pending_add(struct local_socket *to, struct local_socket *made);
struct local_socket *local_pending_take(struct local_socket *sock);
/* A Linux backlog as a number. */
unsigned local_backlog(int backlog);

/* len bytes of msg from off on, with what travels with them. */
int local_msg_create(struct vk_kernel *kernel, const struct vk_msg *msg,
    size_t off, size_t len, struct local_msg **out);
void local_append(struct local_socket *to, struct local_msg *msg);
/* Bytes of a stream, which count as such only: how many, or -LX_ENOMEM. */
int64_t local_append_bytes(
    struct local_socket *to, const struct vk_msg *msg, size_t off, size_t len);
void local_discard(struct local_socket *sock);

/* Bytes received.  A stream's end where descriptions travelled; there is
 * something to take. */
int64_t local_take_stream(
    struct local_socket *sock, struct vk_msg *msg, size_t want);
int64_t local_take_packet(
    struct local_socket *sock, struct vk_msg *msg, size_t want);
/* As FIONREAD tells. */
int32_t local_bytes(const struct local_socket *sock);
/* sock->error, which then is 0. */
int local_error(struct local_socket *sock);

/* Rows of struct vk_file_ops. */
int64_t local_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off);
int64_t local_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off);
uint64_t local_edges(const struct vk_open *open, short events);
int64_t local_stat(
    struct vk_thread *thread, struct vk_open *open, struct lx_stat *st);

/* At the end of a run: a socket that lies in itself goes too. */
void local_finish(struct vk_kernel *kernel);

#endif
