/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of sockets and of what waits for descriptors. */
#include "vkernel/strace_names.h"

static const struct name_row family_rows[] = { { 0, "AF_UNSPEC" },
	{ 1, "AF_UNIX" }, { 2, "AF_INET" }, { 10, "AF_INET6" },
	{ 16, "AF_NETLINK" }, { 17, "AF_PACKET" }, { 38, "AF_ALG" },
	{ 40, "AF_VSOCK" } };

static const struct name_row socktype_rows[] = { { 1, "SOCK_STREAM" },
	{ 2, "SOCK_DGRAM" }, { 3, "SOCK_RAW" }, { 4, "SOCK_RDM" },
	{ 5, "SOCK_SEQPACKET" }, { 10, "SOCK_PACKET" } };

static const struct name_row sockflags_rows[] = { { 02000000, "SOCK_CLOEXEC" },
	{ 04000, "SOCK_NONBLOCK" } };

static const struct name_row inproto_rows[] = { { 0, "IPPROTO_IP" },
	{ 1, "IPPROTO_ICMP" }, { 6, "IPPROTO_TCP" }, { 17, "IPPROTO_UDP" },
	{ 41, "IPPROTO_IPV6" }, { 58, "IPPROTO_ICMPV6" },
	{ 255, "IPPROTO_RAW" } };

static const struct name_row netlink_rows[] = { { 0, "NETLINK_ROUTE" },
	{ 9, "NETLINK_AUDIT" }, { 15, "NETLINK_KOBJECT_UEVENT" },
	{ 16, "NETLINK_GENERIC" } };

static const struct name_row shutdown_rows[] = { { 0, "SHUT_RD" },
	{ 1, "SHUT_WR" }, { 2, "SHUT_RDWR" } };

static const struct name_row msg_rows[] = { { 1, "MSG_OOB" }, { 2, "MSG_PEEK" },
	{ 4, "MSG_DONTROUTE" }, { 8, "MSG_CTRUNC" }, { 0x10, "MSG_PROBE" },
	{ 0x20, "MSG_TRUNC" }, { 0x40, "MSG_DONTWAIT" }, { 0x80, "MSG_EOR" },
	{ 0x100, "MSG_WAITALL" }, { 0x200, "MSG_FIN" }, { 0x400, "MSG_SYN" },
	{ 0x800, "MSG_CONFIRM" }, { 0x1000, "MSG_RST" },
	{ 0x2000, "MSG_ERRQUEUE" }, { 0x4000, "MSG_NOSIGNAL" },
	{ 0x8000, "MSG_MORE" }, { 0x10000, "MSG_WAITFORONE" },
	{ 0x20000000, "MSG_FASTOPEN" }, { 0x40000000, "MSG_CMSG_CLOEXEC" } };

static const struct name_row sol_rows[] = { { 0, "SOL_IP" },
	{ 1, "SOL_SOCKET" }, { 6, "SOL_TCP" }, { 17, "SOL_UDP" },
	{ 41, "SOL_IPV6" }, { 58, "SOL_ICMPV6" }, { 255, "SOL_RAW" },
	{ 263, "SOL_PACKET" }, { 270, "SOL_NETLINK" } };

static const struct name_row so_rows[] = { { 1, "SO_DEBUG" },
	{ 2, "SO_REUSEADDR" }, { 3, "SO_TYPE" }, { 4, "SO_ERROR" },
	{ 5, "SO_DONTROUTE" }, { 6, "SO_BROADCAST" }, { 7, "SO_SNDBUF" },
	{ 8, "SO_RCVBUF" }, { 9, "SO_KEEPALIVE" }, { 10, "SO_OOBINLINE" },
	{ 11, "SO_NO_CHECK" }, { 12, "SO_PRIORITY" }, { 13, "SO_LINGER" },
	{ 15, "SO_REUSEPORT" }, { 16, "SO_PASSCRED" }, { 17, "SO_PEERCRED" },
	{ 18, "SO_RCVLOWAT" }, { 19, "SO_SNDLOWAT" }, { 20, "SO_RCVTIMEO_OLD" },
	{ 21, "SO_SNDTIMEO_OLD" }, { 25, "SO_BINDTODEVICE" },
	{ 26, "SO_ATTACH_FILTER" }, { 28, "SO_PEERNAME" },
	{ 29, "SO_TIMESTAMP_OLD" }, { 30, "SO_ACCEPTCONN" },
	{ 31, "SO_PEERSEC" }, { 32, "SO_SNDBUFFORCE" },
	{ 33, "SO_RCVBUFFORCE" }, { 36, "SO_MARK" }, { 38, "SO_PROTOCOL" },
	{ 39, "SO_DOMAIN" }, { 59, "SO_PEERGROUPS" }, { 77, "SO_PEERPIDFD" } };

static const struct name_row tcp_rows[] = { { 1, "TCP_NODELAY" },
	{ 2, "TCP_MAXSEG" }, { 3, "TCP_CORK" }, { 4, "TCP_KEEPIDLE" },
	{ 5, "TCP_KEEPINTVL" }, { 6, "TCP_KEEPCNT" }, { 7, "TCP_SYNCNT" },
	{ 8, "TCP_LINGER2" }, { 9, "TCP_DEFER_ACCEPT" },
	{ 10, "TCP_WINDOW_CLAMP" }, { 11, "TCP_INFO" }, { 12, "TCP_QUICKACK" },
	{ 13, "TCP_CONGESTION" }, { 18, "TCP_USER_TIMEOUT" },
	{ 23, "TCP_FASTOPEN" } };

static const struct name_row ip_rows[] = { { 1, "IP_TOS" }, { 2, "IP_TTL" },
	{ 3, "IP_HDRINCL" }, { 4, "IP_OPTIONS" }, { 8, "IP_PKTINFO" },
	{ 10, "IP_MTU_DISCOVER" }, { 11, "IP_RECVERR" }, { 12, "IP_RECVTTL" },
	{ 13, "IP_RECVTOS" }, { 15, "IP_FREEBIND" },
	{ 24, "IP_BIND_ADDRESS_NO_PORT" }, { 32, "IP_MULTICAST_IF" },
	{ 33, "IP_MULTICAST_TTL" }, { 34, "IP_MULTICAST_LOOP" },
	{ 35, "IP_ADD_MEMBERSHIP" } };

static const struct name_row ipv6_rows[] = { { 16, "IPV6_UNICAST_HOPS" },
	{ 17, "IPV6_MULTICAST_IF" }, { 18, "IPV6_MULTICAST_HOPS" },
	{ 19, "IPV6_MULTICAST_LOOP" }, { 20, "IPV6_ADD_MEMBERSHIP" },
	{ 23, "IPV6_MTU_DISCOVER" }, { 25, "IPV6_RECVERR" },
	{ 26, "IPV6_V6ONLY" }, { 49, "IPV6_RECVPKTINFO" },
	{ 51, "IPV6_RECVHOPLIMIT" }, { 66, "IPV6_RECVTCLASS" },
	{ 67, "IPV6_TCLASS" } };

static const struct name_row scm_rows[] = { { 1, "SCM_RIGHTS" },
	{ 2, "SCM_CREDENTIALS" } };

static const struct name_row epoll_op_rows[] = { { 1, "EPOLL_CTL_ADD" },
	{ 2, "EPOLL_CTL_DEL" }, { 3, "EPOLL_CTL_MOD" } };

static const struct name_row epoll_rows[] = { { 1, "EPOLLIN" },
	{ 2, "EPOLLPRI" }, { 4, "EPOLLOUT" }, { 0x40, "EPOLLRDNORM" },
	{ 0x80, "EPOLLRDBAND" }, { 0x100, "EPOLLWRNORM" },
	{ 0x200, "EPOLLWRBAND" }, { 0x400, "EPOLLMSG" }, { 8, "EPOLLERR" },
	{ 0x10, "EPOLLHUP" }, { 0x2000, "EPOLLRDHUP" },
	{ 0x10000000, "EPOLLEXCLUSIVE" }, { 0x20000000, "EPOLLWAKEUP" },
	{ 0x40000000, "EPOLLONESHOT" }, { 0x80000000, "EPOLLET" } };

static const struct name_row epoll_create_rows[] = { { 02000000,
    "EPOLL_CLOEXEC" } };

static const struct name_row poll_rows[] = { { 1, "POLLIN" }, { 2, "POLLPRI" },
	{ 4, "POLLOUT" }, { 0x40, "POLLRDNORM" }, { 0x80, "POLLRDBAND" },
	{ 0x100, "POLLWRNORM" }, { 0x200, "POLLWRBAND" }, { 0x400, "POLLMSG" },
	{ 0x2000, "POLLRDHUP" }, { 8, "POLLERR" }, { 0x10, "POLLHUP" },
	{ 0x20, "POLLNVAL" } };

const struct name_table strace_net_names[] = {
	NAMES_VALUE(family, "AF_???"),
	NAMES_VALUE(socktype, "SOCK_???"),
	NAMES_FLAGS(sockflags, "0", "SOCK_???"),
	NAMES_VALUE(inproto, "IPPROTO_???"),
	NAMES_VALUE(netlink, "NETLINK_???"),
	NAMES_VALUE(shutdown, "SHUT_???"),
	NAMES_FLAGS(msg, "0", "MSG_???"),
	NAMES_VALUE(sol, "SOL_???"),
	NAMES_VALUE(so, "SO_???"),
	NAMES_VALUE(tcp, "TCP_???"),
	NAMES_VALUE(ip, "IP_???"),
	NAMES_VALUE(ipv6, "IPV6_???"),
	NAMES_VALUE(scm, "SCM_???"),
	NAMES_VALUE(epoll_op, "EPOLL_CTL_???"),
	NAMES_FLAGS(epoll, "0", "EPOLL???"),
	NAMES_FLAGS(epoll_create, "0", "EPOLL_???"),
	NAMES_FLAGS(poll, "0", "POLL???"),
	{ NULL, NULL, NULL, NULL, 0 },
};
