/* SPDX-License-Identifier: BSD-2-Clause */
/* One table: options that are a number, by level and name, here and there. */
#include "vkernel/socket_option.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "vkernel/errno_map.h"
#include "vkernel/syscall.h"

#define LX_IPPROTO_IP   0
#define LX_IPPROTO_TCP  6
#define LX_IPPROTO_IPV6 41

struct option_row {
	int level, name; /* Linux */
	int host_level, host_name;
};

static const struct option_row rows[] = {
	{ LX_SOL_SOCKET, 1, SOL_SOCKET, SO_DEBUG },
	{ LX_SOL_SOCKET, 2, SOL_SOCKET, SO_REUSEADDR },
	{ LX_SOL_SOCKET, 5, SOL_SOCKET, SO_DONTROUTE },
	{ LX_SOL_SOCKET, 6, SOL_SOCKET, SO_BROADCAST },
	{ LX_SOL_SOCKET, LX_SO_SNDBUF, SOL_SOCKET, SO_SNDBUF },
	{ LX_SOL_SOCKET, LX_SO_RCVBUF, SOL_SOCKET, SO_RCVBUF },
	{ LX_SOL_SOCKET, 9, SOL_SOCKET, SO_KEEPALIVE },
	{ LX_SOL_SOCKET, 10, SOL_SOCKET, SO_OOBINLINE },
	{ LX_SOL_SOCKET, 15, SOL_SOCKET, SO_REUSEPORT },
	{ LX_SOL_SOCKET, 18, SOL_SOCKET, SO_RCVLOWAT },
	{ LX_SOL_SOCKET, 19, SOL_SOCKET, SO_SNDLOWAT },
#ifdef SO_PRIORITY
	{ LX_SOL_SOCKET, 12, SOL_SOCKET, SO_PRIORITY },
#endif
#ifdef SO_ACCEPTCONN
	{ LX_SOL_SOCKET, LX_SO_ACCEPTCONN, SOL_SOCKET, SO_ACCEPTCONN },
#endif
	{ LX_IPPROTO_TCP, 1, IPPROTO_TCP, TCP_NODELAY },
	{ LX_IPPROTO_TCP, 2, IPPROTO_TCP, TCP_MAXSEG },
#ifdef TCP_CORK
	{ LX_IPPROTO_TCP, 3, IPPROTO_TCP, TCP_CORK },
#endif
#ifdef TCP_KEEPIDLE
	{ LX_IPPROTO_TCP, 4, IPPROTO_TCP, TCP_KEEPIDLE },
#elif defined(TCP_KEEPALIVE)
	{ LX_IPPROTO_TCP, 4, IPPROTO_TCP, TCP_KEEPALIVE },
#endif
#ifdef TCP_KEEPINTVL
	{ LX_IPPROTO_TCP, 5, IPPROTO_TCP, TCP_KEEPINTVL },
#endif
#ifdef TCP_KEEPCNT
	{ LX_IPPROTO_TCP, 6, IPPROTO_TCP, TCP_KEEPCNT },
#endif
#ifdef TCP_SYNCNT
	{ LX_IPPROTO_TCP, 7, IPPROTO_TCP, TCP_SYNCNT },
#endif
#ifdef TCP_LINGER2
	{ LX_IPPROTO_TCP, 8, IPPROTO_TCP, TCP_LINGER2 },
#endif
#ifdef TCP_DEFER_ACCEPT
	{ LX_IPPROTO_TCP, 9, IPPROTO_TCP, TCP_DEFER_ACCEPT },
#endif
#ifdef TCP_WINDOW_CLAMP
	{ LX_IPPROTO_TCP, 10, IPPROTO_TCP, TCP_WINDOW_CLAMP },
#endif
#ifdef TCP_INFO
	{ LX_IPPROTO_TCP, 11, IPPROTO_TCP, TCP_INFO },
#endif
#ifdef TCP_QUICKACK
	{ LX_IPPROTO_TCP, 12, IPPROTO_TCP, TCP_QUICKACK },
#endif
#ifdef TCP_USER_TIMEOUT
	{ LX_IPPROTO_TCP, 18, IPPROTO_TCP, TCP_USER_TIMEOUT },
#endif
	{ LX_IPPROTO_IP, 1, IPPROTO_IP, IP_TOS },
	{ LX_IPPROTO_IP, 2, IPPROTO_IP, IP_TTL },
#ifdef IP_MTU_DISCOVER
	{ LX_IPPROTO_IP, 10, IPPROTO_IP, IP_MTU_DISCOVER },
#endif
#ifdef IP_RECVERR
	{ LX_IPPROTO_IP, 11, IPPROTO_IP, IP_RECVERR },
#endif
#ifdef IP_PKTINFO
	{ LX_IPPROTO_IP, 8, IPPROTO_IP, IP_PKTINFO },
#endif
	{ LX_IPPROTO_IP, 32, IPPROTO_IP, IP_MULTICAST_IF },
	{ LX_IPPROTO_IP, 33, IPPROTO_IP, IP_MULTICAST_TTL },
	{ LX_IPPROTO_IP, 34, IPPROTO_IP, IP_MULTICAST_LOOP },
	{ LX_IPPROTO_IP, 35, IPPROTO_IP, IP_ADD_MEMBERSHIP },
	{ LX_IPPROTO_IP, 36, IPPROTO_IP, IP_DROP_MEMBERSHIP },
	{ LX_IPPROTO_IPV6, 16, IPPROTO_IPV6, IPV6_UNICAST_HOPS },
	{ LX_IPPROTO_IPV6, 17, IPPROTO_IPV6, IPV6_MULTICAST_IF },
	{ LX_IPPROTO_IPV6, 18, IPPROTO_IPV6, IPV6_MULTICAST_HOPS },
	{ LX_IPPROTO_IPV6, 19, IPPROTO_IPV6, IPV6_MULTICAST_LOOP },
	{ LX_IPPROTO_IPV6, 20, IPPROTO_IPV6, IPV6_JOIN_GROUP },
	{ LX_IPPROTO_IPV6, 21, IPPROTO_IPV6, IPV6_LEAVE_GROUP },
#ifdef IPV6_RECVERR
	{ LX_IPPROTO_IPV6, 25, IPPROTO_IPV6, IPV6_RECVERR },
#endif
	{ LX_IPPROTO_IPV6, 26, IPPROTO_IPV6, IPV6_V6ONLY },
#ifdef IPV6_RECVPKTINFO
	{ LX_IPPROTO_IPV6, 49, IPPROTO_IPV6, IPV6_RECVPKTINFO },
#endif
#ifdef IPV6_TCLASS
	{ LX_IPPROTO_IPV6, 67, IPPROTO_IPV6, IPV6_TCLASS },
#endif
};

static const struct option_row *
row_of(const struct vk_socket_option *option)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].level == option->level &&
		    rows[i].name == option->name)
			return &rows[i];
	return NULL;
}

int64_t
option_int(struct vk_socket_option *option, int32_t value)
{
	if (option->len > sizeof(value))
		option->len = sizeof(value);
	memcpy(option->value, &value, option->len);
	return 0;
}

int64_t
option_value(const struct vk_socket_option *option, int32_t *value)
{
	if (option->len < sizeof(*value))
		return -LX_EINVAL;
	memcpy(value, option->value, sizeof(*value));
	return 0;
}

static int64_t
get_error(int fd, struct vk_socket_option *option)
{
	socklen_t len;
	int error;

	len = sizeof(error);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return host_error();
	return option_int(option, errno_to_linux(error));
}

/* Two ints everywhere. */
static int64_t
get_linger(int fd, struct vk_socket_option *option)
{
	struct linger linger;
	int32_t value[2];
	socklen_t len;

	len = sizeof(linger);
	if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len) != 0)
		return host_error();
	value[0] = linger.l_onoff;
	value[1] = linger.l_linger;
	if (option->len > sizeof(value))
		option->len = sizeof(value);
	memcpy(option->value, value, option->len);
	return 0;
}

static int64_t
set_linger(int fd, const struct vk_socket_option *option)
{
	struct linger linger;
	int32_t value[2];

	if (option->len < sizeof(value))
		return -LX_EINVAL;
	memcpy(value, option->value, sizeof(value));
	linger.l_onoff = value[0];
	linger.l_linger = value[1];
	return host_result(
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
}

static int64_t
get_peer(struct vk_socket_option *option)
{
	const struct lx_ucred nobody = { 0, UINT32_MAX, UINT32_MAX };

	if (option->len > sizeof(nobody))
		option->len = sizeof(nobody);
	memcpy(option->value, &nobody, option->len);
	return 0;
}

int64_t
host_option_get(int fd, struct vk_socket_option *option)
{
	const struct option_row *row;
	socklen_t len;

	if (option->level == LX_SOL_SOCKET && option->name == LX_SO_ERROR)
		return get_error(fd, option);
	if (option->level == LX_SOL_SOCKET && option->name == LX_SO_LINGER)
		return get_linger(fd, option);
	if (option->level == LX_SOL_SOCKET && option->name == LX_SO_PEERCRED)
		return get_peer(option);
	row = row_of(option);
	if (row == NULL)
		return -LX_ENOPROTOOPT;
	len = option->len;
	if (getsockopt(
		fd, row->host_level, row->host_name, option->value, &len) != 0)
		return host_error();
	option->len = (uint32_t)len;
	return 0;
}

int64_t
host_option_set(int fd, const struct vk_socket_option *option)
{
	const struct option_row *row;

	if (option->level == LX_SOL_SOCKET && option->name == LX_SO_LINGER)
		return set_linger(fd, option);
	row = row_of(option);
	if (row == NULL)
		return -LX_ENOPROTOOPT;
	return host_result(setsockopt(fd, row->host_level, row->host_name,
	    option->value, (socklen_t)option->len));
}
