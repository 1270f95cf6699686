/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of sockets of the guests' loopback: one table.  Most are only kept
 * and told; all are passed on when a socket becomes the host's.
 */
#include <limits.h>
#include <string.h>

#include "vkernel/inet.h"
#include "vkernel/socket_option.h"
#include "vkernel/syscall.h"

#define IP   0
#define TCP  6
#define IPV6 41

#define LX_TCP_INFO       11
#define LX_TCP_INFO_BYTES 232u
#define LX_SO_SNDLOWAT    19

/* Of Linux as it comes: net.core.wmem_max, net.ipv4.tcp_wmem ... */
#define BUFFER_MOST    212992
#define BUFFER_UDP     212992
#define BUFFER_TCP_IN  131072
#define BUFFER_NEW     16384
#define BUFFER_JOINED  2626560
#define SEND_LEAST     4608
#define RECEIVE_LEAST  2304
#define SEGMENT_JOINED 32741

enum kind {
	FLAG,
	NUMBER, /* from least to most */
	BUFFER, /* counted twice, at least least */
	HOST,   /* addresses: the socket becomes the host's */
};

struct row {
	int level, name;
	enum kind kind;
	int32_t initial, least, most;
};

/* Those with a name in enum inet_option come first. */
static const struct row rows[] = {
	[INET_REUSEADDR] = { LX_SOL_SOCKET, 2, FLAG, 0, 0, 0 },
	[INET_REUSEPORT] = { LX_SOL_SOCKET, 15, FLAG, 0, 0, 0 },
	[INET_SNDBUF] = { LX_SOL_SOCKET, LX_SO_SNDBUF, BUFFER, BUFFER_UDP,
	    SEND_LEAST, BUFFER_MOST },
	[INET_RCVBUF] = { LX_SOL_SOCKET, LX_SO_RCVBUF, BUFFER, BUFFER_UDP,
	    RECEIVE_LEAST, BUFFER_MOST },
	[INET_OOBINLINE] = { LX_SOL_SOCKET, 10, FLAG, 0, 0, 0 },
	[INET_MAXSEG] = { TCP, 2, NUMBER, 536, 88, 32767 },
	[INET_RECVERR] = { IP, 11, FLAG, 0, 0, 0 },
	[INET_RECVERR6] = { IPV6, 25, FLAG, 0, 0, 0 },
	[INET_V6ONLY] = { IPV6, 26, FLAG, 0, 0, 0 },
	{ LX_SOL_SOCKET, 1, FLAG, 0, 0, 0 },                /* DEBUG */
	{ LX_SOL_SOCKET, 5, FLAG, 0, 0, 0 },                /* DONTROUTE */
	{ LX_SOL_SOCKET, 6, FLAG, 0, 0, 0 },                /* BROADCAST */
	{ LX_SOL_SOCKET, 9, FLAG, 0, 0, 0 },                /* KEEPALIVE */
	{ LX_SOL_SOCKET, 12, NUMBER, 0, INT_MIN, INT_MAX }, /* PRIORITY */
	{ LX_SOL_SOCKET, 18, NUMBER, 1, INT_MIN, INT_MAX }, /* RCVLOWAT */
	{ TCP, 1, FLAG, 0, 0, 0 },                          /* NODELAY */
	{ TCP, 3, FLAG, 0, 0, 0 },                          /* CORK */
	{ TCP, 4, NUMBER, 7200, 1, 32767 },                 /* KEEPIDLE */
	{ TCP, 5, NUMBER, 75, 1, 32767 },                   /* KEEPINTVL */
	{ TCP, 6, NUMBER, 9, 1, 127 },                      /* KEEPCNT */
	{ TCP, 7, NUMBER, 6, 1, 127 },                      /* SYNCNT */
	{ TCP, 8, NUMBER, 60, INT_MIN, INT_MAX },           /* LINGER2 */
	{ TCP, 9, NUMBER, 0, INT_MIN, INT_MAX },            /* DEFER_ACCEPT */
	{ TCP, 10, NUMBER, 0, 0, INT_MAX },                 /* WINDOW_CLAMP */
	{ TCP, 12, FLAG, 1, 0, 0 },                         /* QUICKACK */
	{ TCP, 18, NUMBER, 0, 0, INT_MAX },                 /* USER_TIMEOUT */
	{ IP, 1, NUMBER, 0, 0, 255 },                       /* TOS */
	{ IP, 2, NUMBER, 64, 1, 255 },                      /* TTL */
	{ IP, 8, FLAG, 0, 0, 0 },                           /* PKTINFO */
	{ IP, 10, NUMBER, 1, 0, 5 },                        /* MTU_DISCOVER */
	{ IP, 32, HOST, 0, 0, 0 },                          /* MULTICAST_IF */
	{ IP, 33, NUMBER, 1, 0, 255 },                      /* MULTICAST_TTL */
	{ IP, 34, FLAG, 1, 0, 0 },                          /* MULTICAST_LOOP */
	{ IP, 35, HOST, 0, 0, 0 },                          /* ADD_MEMBERSHIP */
	{ IP, 36, HOST, 0, 0, 0 },        /* DROP_MEMBERSHIP */
	{ IPV6, 16, NUMBER, 64, 0, 255 }, /* UNICAST_HOPS */
	{ IPV6, 17, HOST, 0, 0, 0 },      /* MULTICAST_IF */
	{ IPV6, 18, NUMBER, 1, 0, 255 },  /* MULTICAST_HOPS */
	{ IPV6, 19, FLAG, 1, 0, 0 },      /* MULTICAST_LOOP */
	{ IPV6, 20, HOST, 0, 0, 0 },      /* JOIN_GROUP */
	{ IPV6, 21, HOST, 0, 0, 0 },      /* LEAVE_GROUP */
	{ IPV6, 49, FLAG, 0, 0, 0 },      /* RECVPKTINFO */
	{ IPV6, 67, NUMBER, 0, 0, 255 },  /* TCLASS */
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

_Static_assert(ROWS <= INET_OPTIONS, "rows");

static bool
is_set(const struct inet_socket *sock, size_t row)
{
	return (sock->options_set >> row & 1) != 0;
}

void
inet_options_init(struct inet_socket *sock)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		sock->options[i] = rows[i].initial;
	if (!local_is_stream(&sock->local))
		return;
	sock->options[INET_SNDBUF] = BUFFER_NEW;
	sock->options[INET_RCVBUF] = BUFFER_TCP_IN;
}

/* What grows with a connection. */
int32_t
inet_option(const struct inet_socket *sock, enum inet_option which)
{
	if (local_is_stream(&sock->local) && !is_set(sock, which) &&
	    sock->local.state == LOCAL_CONNECTED) {
		if (which == INET_SNDBUF)
			return BUFFER_JOINED;
		if (which == INET_MAXSEG)
			return SEGMENT_JOINED;
	}
	return sock->options[which];
}

size_t
inet_tcp_room(const struct inet_socket *from, const struct inet_socket *to)
{
	int32_t room;

	room = inet_option(from, INET_SNDBUF);
	if (is_set(to, INET_RCVBUF))
		room += inet_option(to, INET_RCVBUF);
	return (size_t)room;
}

/* Levels that the socket has not: as Linux refuses to tell them. */
static int
level_check(const struct inet_socket *sock, int level)
{
	bool v6;

	v6 = sock->local.base.domain == LX_AF_INET6;
	switch (level) {
	case TCP:
		if (local_is_stream(&sock->local))
			return 0;
		return v6 ? LX_ENOPROTOOPT : LX_EOPNOTSUPP;
	case IPV6:
		return v6 ? 0 : LX_EOPNOTSUPP;
	case LX_SOL_SOCKET:
	case IP:
		return 0;
	default:
		return LX_ENOPROTOOPT;
	}
}

static int
find_row(const struct inet_socket *sock, const struct vk_socket_option *option,
    size_t *out)
{
	int error;

	error = level_check(sock, option->level);
	if (error != 0)
		return error;
	for (*out = 0; *out < ROWS; ++*out)
		if (rows[*out].level == option->level &&
		    rows[*out].name == option->name)
			return 0;
	return LX_ENOPROTOOPT;
}

static int64_t
get_bytes(struct vk_socket_option *option, const void *value, uint32_t len)
{
	if (option->len > len)
		option->len = len;
	memcpy(option->value, value, option->len);
	return 0;
}

/* The state is its first byte. */
static int64_t
get_info(const struct inet_socket *sock, struct vk_socket_option *option)
{
	uint8_t info[LX_TCP_INFO_BYTES] = { 0 };

	info[0] = (uint8_t)tcp_state(sock);
	return get_bytes(option, info, sizeof(info));
}

static int64_t
get_socket_level(struct inet_socket *sock, struct vk_socket_option *option)
{
	const struct lx_ucred nobody = { 0, UINT32_MAX, UINT32_MAX };

	switch (option->name) {
	case LX_SO_ERROR:
		return option_int(option, local_error(&sock->local));
	case LX_SO_LINGER:
		return get_bytes(option, sock->linger, sizeof(sock->linger));
	case LX_SO_PEERCRED:
		return get_bytes(option, &nobody, sizeof(nobody));
	case LX_SO_ACCEPTCONN:
		return option_int(option, sock->local.state == LOCAL_LISTENS);
	case LX_SO_SNDLOWAT:
		return option_int(option, 1);
	default:
		return -LX_ENOPROTOOPT;
	}
}

int64_t
inet_option_get(struct vk_open *open, struct vk_socket_option *option)
{
	struct inet_socket *sock;
	size_t row;
	int error;

	sock = open->data;
	error = find_row(sock, option, &row);
	if (error == 0)
		return option_int(
		    option, inet_option(sock, (enum inet_option)row));
	if (option->level == LX_SOL_SOCKET)
		return get_socket_level(sock, option);
	if (option->level == TCP && option->name == LX_TCP_INFO &&
	    local_is_stream(&sock->local))
		return get_info(sock, option);
	return -error;
}

/* Options of IP may be a byte. */
static int
read_value(const struct vk_socket_option *option, int32_t *value)
{
	if (option->len < sizeof(*value) && option->level == IP &&
	    option->len != 0) {
		*value = option->value[0];
		return 0;
	}
	return (int)-option_value(option, value);
}

static int32_t
buffer_size(const struct row *row, int32_t value)
{
	if (value > row->most || value < 0)
		value = row->most;
	return value * 2 > row->least ? value * 2 : row->least;
}

/* -1 is what there was at first, where it is no value. */
static int
new_value(const struct row *row, int32_t *value)
{
	switch (row->kind) {
	case FLAG:
		*value = *value != 0;
		return 0;
	case BUFFER:
		*value = buffer_size(row, *value);
		return 0;
	default:
		if (*value == -1 && row->least >= 0 && row->level != TCP)
			*value = row->initial;
		return *value < row->least || *value > row->most ? LX_EINVAL
								 : 0;
	}
}

static int64_t
set_linger(struct inet_socket *sock, const struct vk_socket_option *option)
{
	if (option->len < sizeof(sock->linger))
		return -LX_EINVAL;
	memcpy(sock->linger, option->value, sizeof(sock->linger));
	sock->linger[0] = sock->linger[0] != 0;
	return 0;
}

static int64_t
set_row(
    struct inet_socket *sock, size_t row, const struct vk_socket_option *option)
{
	int32_t value;
	int error;

	error = read_value(option, &value);
	if (error == 0)
		error = new_value(&rows[row], &value);
	if (error == 0 && row == INET_V6ONLY && sock->named)
		error = LX_EINVAL;
	if (error != 0)
		return -error;
	sock->options[row] = value;
	sock->options_set |= UINT64_C(1) << row;
	return 0;
}

int64_t
inet_option_set(struct vk_open *open, const struct vk_socket_option *option)
{
	struct inet_socket *sock;
	int64_t error;
	size_t row;

	sock = open->data;
	if (option->level == LX_SOL_SOCKET && option->name == LX_SO_LINGER)
		return set_linger(sock, option);
	if (find_row(sock, option, &row) != 0)
		return -LX_ENOPROTOOPT;
	if (rows[row].kind != HOST)
		return set_row(sock, row, option);
	if (sock->local.state != LOCAL_NEW)
		return -LX_EINVAL;
	error = inet_leave(open, NULL);
	return error != 0 ? error : open->ops->socket->set(open, option);
}

void
inet_options_apply(const struct inet_socket *sock, struct vk_open *host)
{
	struct vk_socket_option option;
	int32_t value;
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (!is_set(sock, i))
			continue;
		value = sock->options[i];
		if (rows[i].kind == BUFFER)
			value /= 2;
		option.level = rows[i].level;
		option.name = rows[i].name;
		option.len = sizeof(value);
		memcpy(option.value, &value, sizeof(value));
		host->ops->socket->set(host, &option);
	}
	if (sock->linger[0] == 0)
		return;
	option.level = LX_SOL_SOCKET;
	option.name = LX_SO_LINGER;
	option.len = sizeof(sock->linger);
	memcpy(option.value, sock->linger, sizeof(sock->linger));
	host->ops->socket->set(host, &option);
}
