/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/socket_map.h"

#include <stdbool.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	int guest, host;
} domains[] = { { LX_AF_UNIX, AF_UNIX }, { LX_AF_INET, AF_INET },
	{ LX_AF_INET6, AF_INET6 } },
  types[] = { { LX_SOCK_STREAM, SOCK_STREAM }, { LX_SOCK_DGRAM, SOCK_DGRAM },
	  { LX_SOCK_RAW, SOCK_RAW }, { LX_SOCK_SEQPACKET, SOCK_SEQPACKET } };

int
domain_to_host(int guest)
{
	size_t i;

	for (i = 0; i < COUNT(domains); i++)
		if (domains[i].guest == guest)
			return domains[i].host;
	return -1;
}

int
domain_to_guest(int host)
{
	size_t i;

	for (i = 0; i < COUNT(domains); i++)
		if (domains[i].host == host)
			return domains[i].guest;
	return LX_AF_UNSPEC;
}

int
type_to_host(int guest)
{
	size_t i;

	for (i = 0; i < COUNT(types); i++)
		if (types[i].guest == guest)
			return types[i].host;
	return -1;
}

int
type_to_guest(int host)
{
	size_t i;

	for (i = 0; i < COUNT(types); i++)
		if (types[i].host == host)
			return types[i].guest;
	return LX_SOCK_STREAM;
}

/* The bytes after the family are laid out alike everywhere. */
socklen_t
address_to_host(const struct vk_address *address, struct sockaddr_storage *host)
{
	socklen_t len;

	memset(host, 0, sizeof(*host));
	len = address->len < sizeof(address->addr) ? address->len
						   : sizeof(address->addr);
	memcpy(host, &address->addr, len);
	host->ss_family = (sa_family_t)domain_to_host(address->addr.family);
	if (address->addr.family == LX_AF_UNSPEC)
		host->ss_family = AF_UNSPEC;
	return len;
}

void
address_to_guest(const struct sockaddr_storage *host, socklen_t len,
    struct vk_address *address)
{
	memset(address, 0, sizeof(*address));
	address->len =
	    len < sizeof(address->addr) ? (uint32_t)len : sizeof(address->addr);
	memcpy(&address->addr, host, address->len);
	if (address->len != 0)
		address->addr.family =
		    (uint16_t)domain_to_guest(host->ss_family);
}

static const struct {
	unsigned guest;
	int host;
} flag_rows[] = { { LX_MSG_OOB, MSG_OOB }, { LX_MSG_PEEK, MSG_PEEK },
	{ LX_MSG_DONTROUTE, MSG_DONTROUTE }, { LX_MSG_TRUNC, MSG_TRUNC },
	{ LX_MSG_EOR, MSG_EOR } };

int
flags_to_host(unsigned guest, bool sends)
{
	size_t i;
	int host;

	host = MSG_DONTWAIT;
#ifdef MSG_NOSIGNAL
	if (sends)
		host |= MSG_NOSIGNAL;
#endif
#ifdef MSG_MORE
	if (sends && (guest & LX_MSG_MORE) != 0)
		host |= MSG_MORE;
#endif
#ifdef MSG_ERRQUEUE
	if (!sends && (guest & LX_MSG_ERRQUEUE) != 0)
		host |= MSG_ERRQUEUE;
#endif
	for (i = 0; i < COUNT(flag_rows); i++)
		if ((guest & flag_rows[i].guest) != 0)
			host |= flag_rows[i].host;
	return host;
}

unsigned
flags_to_guest(int host)
{
	unsigned guest;
	size_t i;

	guest = 0;
	for (i = 0; i < COUNT(flag_rows); i++)
		if ((host & flag_rows[i].host) != 0)
			guest |= flag_rows[i].guest;
	return guest;
}
