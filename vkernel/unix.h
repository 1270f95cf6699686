/* SPDX-License-Identifier: BSD-2-Clause */
/* AF_UNIX among guests: sockets, what they are called, what lies in them. */
#ifndef VMS_VKERNEL_UNIX_H
#define VMS_VKERNEL_UNIX_H

#include "vkernel/queue.h"
#include "vkernel/socket.h"

#define UNIX_BUFFER   212992u /* bytes under way to one socket */
#define UNIX_MESSAGES 10u     /* datagrams in one */
#define UNIX_OVERHEAD 512u    /* that a message counts more than its bytes */

struct unix_msg {
	struct unix_msg *next;
	/* among those of the kernel that carry descriptions */
	struct unix_msg *carrier_next, **carrier_link;
	struct vk_open **fds;
	int fd_count;
	struct lx_ucred cred;
	struct vk_address from;
	size_t len, off;
	size_t cost;
	uint8_t bytes[];
};

enum unix_state { UNIX_NEW, UNIX_LISTENS, UNIX_CONNECTED, UNIX_CLOSED };

struct unix_socket {
	struct vk_socket base;
	unsigned refs; /* open, peers that send to it, names, queues */
	enum unix_state state;
	struct unix_socket *peer; /* referenced */
	struct unix_msg *first, *last;
	size_t used; /* cost of the messages */
	unsigned count;
	bool no_read, no_write; /* shut down */
	int error;
	struct vk_queue readable, writable;
	uint64_t read_edges, write_edges;
	struct lx_ucred cred, peer_cred;
	struct vk_address name; /* len 0: none */
	/* of one that listens: who connected and was not accepted yet */
	struct unix_socket *pending_first, *pending_last, *pending_next;
	unsigned pending, backlog;
	/* in the list of names */
	struct unix_socket *named_next;
	bool named;
	struct vk_kernel *kernel; /* of the list */
	uint64_t dev, ino;        /* of the file; 0: an abstract name */
};

extern const struct vk_file_ops unix_ops;
extern const struct vk_socket_ops unix_socket_ops;

/* At the end of a run: a socket that lies in itself goes too. */
void unix_finish(struct vk_kernel *kernel);

struct unix_socket *unix_of(const struct vk_open *open);
struct unix_socket *unix_create(int type);
struct unix_socket *unix_ref(struct unix_socket *sock);
void unix_drop(struct unix_socket *sock);
int unix_install(struct unix_socket *sock, int flags, struct vk_open **out);
void unix_join(struct unix_socket *a, struct unix_socket *b);
struct lx_ucred unix_cred(const struct vk_thread *thread);
bool unix_is_stream(const struct unix_socket *sock);
bool unix_has_room(
    const struct unix_socket *from, const struct unix_socket *to);

/* unix_msg.c */
int64_t unix_send(
    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);
int64_t unix_receive(
    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);
void unix_discard(struct unix_socket *sock);

/* unix_name.c */
int64_t unix_bind(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address);
int64_t unix_connect(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address);
void unix_forget_name(struct unix_socket *sock);
/* The socket of that name, borrowed; NULL: a socket file that no guest has
 * bound.  Negative LX_ errors. */
int64_t unix_find(struct vk_thread *thread, const struct vk_address *address,
    struct unix_socket **out);

#endif
