/* SPDX-License-Identifier: BSD-2-Clause */
/* AF_UNIX among guests: sockets, what they are called, what lies in them. */
#ifndef VMS_VKERNEL_UNIX_H
#define VMS_VKERNEL_UNIX_H

#include "vkernel/local.h"

#define UNIX_BUFFER   212992u /* bytes under way to one socket */
#define UNIX_MESSAGES 10u     /* datagrams in one */
#define UNIX_OVERHEAD 512u    /* that a message counts more than its bytes */

struct unix_socket {
	struct local_socket local;
	struct lx_ucred cred, peer_cred;
	struct vk_address name; /* len 0: none */
	/* in the list of names */
	struct unix_socket *named_next;
	bool named;
	struct vk_kernel *kernel; /* of the list */
	uint64_t dev, ino;        /* of the file; 0: an abstract name */
};

extern const struct vk_file_ops unix_ops;
extern const struct vk_socket_ops unix_socket_ops;

struct unix_socket *unix_of(const struct vk_open *open);
/* All that is joined to a socket of AF_UNIX is one, too. */
struct unix_socket *unix_from(struct local_socket *sock);
struct unix_socket *unix_create(int type);
int unix_install(struct unix_socket *sock, int flags, struct vk_open **out);
void unix_join(struct unix_socket *a, struct unix_socket *b);
struct lx_ucred unix_cred(const struct vk_thread *thread);
bool unix_has_room(
    const struct local_socket *from, const struct local_socket *to);

/* unix_msg.c */
int64_t unix_send(
    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);
int64_t unix_receive(
    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);

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
