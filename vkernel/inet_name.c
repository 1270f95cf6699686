/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses and ports of the guests' loopback, and who has them. */
#include <string.h>

#include "vkernel/inet.h"
#include "vkernel/syscall.h"

#define V4_BYTES   16u /* of struct sockaddr_in */
#define V6_BYTES   28u
#define V6_LEAST   24u /* without the scope */
#define PORT_AT    0   /* in the bytes after the family */
#define V4_AT      2
#define V6_AT      6
#define PORT_FREE  1024 /* from here on, anybody's */
#define PORT_COUNT (INET_PORT_LAST - INET_PORT_FIRST + 1)

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const uint8_t nothing[16];
static const uint8_t loopback6[16] = { [15] = 1 };

bool
inet_is_v4(const struct inet_name *name)
{
	return memcmp(name->ip, mapped, sizeof(mapped)) == 0;
}

bool
inet_is_any(const struct inet_name *name)
{
	return memcmp(name->ip, nothing, sizeof(nothing)) == 0 ||
	       (inet_is_v4(name) && memcmp(name->ip + 12, nothing, 4) == 0);
}

bool
inet_is_loopback(const struct inet_name *name)
{
	static const uint8_t broadcast[4] = { 127, 255, 255, 255 };

	if (inet_is_v4(name))
		return name->ip[12] == 127 &&
		       memcmp(name->ip + 12, broadcast, 4) != 0;
	return memcmp(name->ip, loopback6, sizeof(loopback6)) == 0;
}

static void
set_v4(struct inet_name *name, const void *ip)
{
	memcpy(name->ip, mapped, sizeof(mapped));
	memcpy(name->ip + sizeof(mapped), ip, 4);
}

/* The loopback's address of the same kind. */
static void
set_loopback(struct inet_name *name, bool v4)
{
	static const uint8_t first[4] = { 127, 0, 0, 1 };

	if (v4)
		set_v4(name, first);
	else
		memcpy(name->ip, loopback6, sizeof(loopback6));
}

static bool
is_v6(const struct inet_socket *sock)
{
	return sock->local.base.domain == LX_AF_INET6;
}

static bool
is_v6only(const struct inet_socket *sock)
{
	if (!is_v6(sock))
		return false;
	return inet_option(sock, INET_V6ONLY) != 0 ||
	       (sock->bound_ip && !inet_is_v4(&sock->name));
}

void
inet_address(const struct inet_socket *sock, const struct inet_name *name,
    struct vk_address *out)
{
	char *data;

	memset(out, 0, sizeof(*out));
	out->addr.family = (uint16_t)sock->local.base.domain;
	out->len = is_v6(sock) ? V6_BYTES : V4_BYTES;
	data = out->addr.data;
	data[PORT_AT] = (char)(name->port >> 8);
	data[PORT_AT + 1] = (char)name->port;
	if (is_v6(sock))
		memcpy(data + V6_AT, name->ip, sizeof(name->ip));
	else
		memcpy(data + V4_AT, name->ip + sizeof(mapped), 4);
}

static void
read_name(const struct vk_address *address, struct inet_name *name)
{
	const char *data;

	data = address->addr.data;
	name->port = (uint16_t)((uint8_t)data[PORT_AT] << 8 |
				(uint8_t)data[PORT_AT + 1]);
	if (address->addr.family == LX_AF_INET6)
		memcpy(name->ip, data + V6_AT, sizeof(name->ip));
	else
		set_v4(name, data + V4_AT);
}

/* Datagrams of AF_INET6 may be told an address of AF_INET.  One of another
 * kind than the socket's own cannot be sent to. */
int
inet_destination(const struct inet_socket *sock,
    const struct vk_address *address, struct inet_name *out)
{
	uint32_t least;
	bool other;

	other = is_v6(sock) && local_is_dgram(&sock->local) &&
		address->addr.family == LX_AF_INET;
	least = is_v6(sock) && !other ? V6_LEAST : V4_BYTES;
	if (address->len < least)
		return LX_EINVAL;
	if (!other && address->addr.family != sock->local.base.domain)
		return LX_EAFNOSUPPORT;
	read_name(address, out);
	if (is_v6only(sock) && inet_is_v4(out))
		return LX_ENETUNREACH;
	if (inet_is_any(out))
		set_loopback(out, inet_is_v4(out) ||
				      (is_v6(sock) && inet_is_v4(&sock->name)));
	if (!inet_is_any(&sock->name) && inet_is_v4(&sock->name) &&
	    !inet_is_v4(out))
		return LX_EAFNOSUPPORT;
	return 0;
}

/* Packets to that address come to it. */
static bool
covers(const struct inet_socket *sock, const struct inet_name *to)
{
	if (!inet_is_any(&sock->name))
		return memcmp(sock->name.ip, to->ip, sizeof(to->ip)) == 0;
	if (inet_is_v4(&sock->name))
		return inet_is_v4(to);
	return !inet_is_v4(to) || !is_v6only(sock);
}

static bool
overlap(const struct inet_socket *a, const struct inet_socket *b)
{
	return covers(a, &b->name) || covers(b, &a->name);
}

static bool
both(const struct inet_socket *a, const struct inet_socket *b,
    enum inet_option which)
{
	return inet_option(a, which) != 0 && inet_option(b, which) != 0;
}

/* As inet_csk_bind_conflict() and inet_rcv_saddr_equal() have it. */
static bool
may_share(const struct inet_socket *sock, const struct inet_socket *other)
{
	if (both(sock, other, INET_REUSEPORT) && sock->uid == other->uid)
		return true;
	return both(sock, other, INET_REUSEADDR) &&
	       (local_is_dgram(&sock->local) ||
		   other->local.state != LOCAL_LISTENS);
}

static bool
same_port(const struct inet_socket *sock, const struct inet_socket *other)
{
	return other->local.base.type == sock->local.base.type &&
	       other->name.port == sock->name.port;
}

bool
inet_conflicts(const struct inet_socket *sock)
{
	const struct inet_socket *at;

	for (at = sock->kernel->inet_names; at != NULL; at = at->named_next)
		if (at != sock && same_port(sock, at) && overlap(sock, at) &&
		    !may_share(sock, at))
			return true;
	return false;
}

void
inet_name_add(struct inet_socket *sock)
{
	if (sock->named)
		return;
	sock->named_next = sock->kernel->inet_names;
	sock->kernel->inet_names = sock;
	sock->named = true;
}

void
inet_name_remove(struct inet_socket *sock)
{
	struct inet_socket **at;

	if (!sock->named)
		return;
	for (at = &sock->kernel->inet_names; *at != sock;
	     at = &(*at)->named_next)
		continue;
	*at = sock->named_next;
	sock->named = false;
}

static bool
port_is_free(const struct inet_socket *sock)
{
	const struct inet_socket *at;

	for (at = sock->kernel->inet_names; at != NULL; at = at->named_next)
		if (at != sock && same_port(sock, at))
			return false;
	return true;
}

/* Linux draws lots; so that runs are the same, ours are counted. */
static int
port_auto(struct inet_socket *sock)
{
	struct vk_kernel *kernel;
	unsigned i;

	kernel = sock->kernel;
	for (i = 0; i < PORT_COUNT; i++) {
		sock->name.port = (uint16_t)(INET_PORT_FIRST +
					     kernel->inet_ports++ % PORT_COUNT);
		if (port_is_free(sock))
			return 0;
	}
	sock->name.port = 0;
	return LX_EADDRINUSE;
}

int
inet_bind_auto(struct inet_socket *sock)
{
	int error;

	if (sock->named)
		return 0;
	error = port_auto(sock);
	if (error == 0)
		inet_name_add(sock);
	return error;
}

struct inet_name
inet_source(const struct inet_socket *sock, const struct inet_name *to)
{
	struct inet_name name;

	name = sock->name;
	if (inet_is_any(&name))
		set_loopback(&name, inet_is_v4(to));
	return name;
}

static void
set_any(struct inet_socket *sock)
{
	memcpy(sock->name.ip, nothing, sizeof(nothing));
	if (!is_v6(sock))
		set_v4(&sock->name, nothing);
}

void
inet_unbind(struct inet_socket *sock)
{
	memset(&sock->peer, 0, sizeof(sock->peer));
	if (!sock->bound_ip)
		set_any(sock);
	if (sock->bound_port)
		return;
	inet_name_remove(sock);
	sock->name.port = 0;
}

/* AF_UNSPEC with any address is what old programs say for AF_INET. */
static int
bind_name(const struct inet_socket *sock, const struct vk_address *address,
    struct inet_name *name)
{
	int family;

	family = address->addr.family;
	if (address->len < (is_v6(sock) ? V6_LEAST : V4_BYTES))
		return LX_EINVAL;
	read_name(address, name);
	if (family == LX_AF_UNSPEC && !is_v6(sock) && inet_is_any(name))
		return 0;
	if (family != sock->local.base.domain)
		return LX_EAFNOSUPPORT;
	return is_v6only(sock) && inet_is_v4(name) ? LX_EINVAL : 0;
}

static int
bind_take(struct inet_socket *sock, const struct inet_name *name)
{
	int error;

	sock->name = *name;
	if (name->port == 0)
		error = port_auto(sock);
	else
		error = inet_conflicts(sock) ? LX_EADDRINUSE : 0;
	if (error != 0) {
		set_any(sock);
		sock->name.port = 0;
		return error;
	}
	sock->bound_ip = !inet_is_any(name);
	sock->bound_port = name->port != 0;
	inet_name_add(sock);
	return 0;
}

int64_t
inet_bind(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	struct inet_socket *sock;
	struct inet_name name;
	int64_t error;

	sock = open->data;
	error = -bind_name(sock, address, &name);
	if (error != 0)
		return error;
	if (!inet_is_any(&name) && !inet_is_loopback(&name)) {
		if (sock->named)
			return -LX_EINVAL;
		return inet_leave(open, address);
	}
	if (name.port != 0 && name.port < PORT_FREE &&
	    thread->process->cred.user.effective != 0)
		return -LX_EACCES;
	if (sock->named || sock->local.state != LOCAL_NEW)
		return -LX_EINVAL;
	return -bind_take(sock, &name);
}

static bool
hears(const struct inet_socket *sock, const struct inet_name *from,
    const struct inet_name *to)
{
	if (sock->name.port != to->port || !covers(sock, to))
		return false;
	if (!local_is_dgram(&sock->local))
		return sock->local.state == LOCAL_LISTENS;
	return sock->told != INET_CONNECTED ||
	       (sock->peer.port == from->port &&
		   memcmp(sock->peer.ip, from->ip, sizeof(from->ip)) == 0);
}

/* The one that says most about who it hears. */
static int
score(const struct inet_socket *sock, const struct inet_name *to)
{
	return 1 +
	       4 * (local_is_dgram(&sock->local) &&
		       sock->told == INET_CONNECTED) +
	       2 * !inet_is_any(&sock->name) + (is_v6(sock) != inet_is_v4(to));
}

/* Of those that share a port by SO_REUSEPORT, the sender's port chooses. */
struct inet_socket *
inet_find(const struct inet_socket *from_sock, const struct inet_name *from,
    const struct inet_name *to)
{
	struct inet_socket *at, *found;
	unsigned equal;
	int best, now;

	found = NULL;
	best = 0;
	equal = 0;
	for (at = from_sock->kernel->inet_names; at != NULL;
	     at = at->named_next) {
		if (at->local.base.type != from_sock->local.base.type ||
		    !hears(at, from, to))
			continue;
		now = score(at, to);
		equal = now > best ? 1 : equal + (now == best);
		if (now > best ||
		    (now == best && inet_option(at, INET_REUSEPORT) != 0 &&
			from->port % equal == 0))
			found = at;
		if (now > best)
			best = now;
	}
	return found;
}
