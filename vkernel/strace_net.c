/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments of sockets: addresses, messages, options. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "vkernel/linux_abi.h"
#include "vkernel/strace_args.h"

#define ADDRESS_MAX   128
#define CONTROL_SHOWN 4096

#define LX_AF_UNIX    1
#define LX_AF_INET    2
#define LX_AF_INET6   10
#define LX_AF_NETLINK 16

static unsigned
get16be(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

static uint32_t
get32be(const uint8_t *bytes)
{
	return (uint32_t)get16be(bytes) << 16 | get16be(bytes + 2);
}

static uint32_t
get32le(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* A path, or a name that begins with 0, which strace shows as @. */
static void
address_unix(struct text *text, const uint8_t *bytes, size_t len)
{
	size_t end;

	if (len <= 2)
		return;
	if (bytes[2] == 0) {
		text_add(text, ", sun_path=@");
		text_quote(text, bytes + 3, len - 3, 0);
		return;
	}
	for (end = 2; end < len && bytes[end] != 0;)
		end++;
	text_add(text, ", sun_path=");
	text_quote(text, bytes + 2, end - 2, 0);
}

static void
address_inet(struct text *text, const uint8_t *bytes, size_t len)
{
	if (len < 8)
		return;
	text_add(text,
	    ", sin_port=htons(%u), sin_addr=inet_addr(\"%u.%u.%u.%u\")",
	    get16be(bytes + 2), bytes[4], bytes[5], bytes[6], bytes[7]);
}

static void
address_inet6(struct text *text, const uint8_t *bytes, size_t len)
{
	char name[INET6_ADDRSTRLEN];

	if (len < 24 ||
	    inet_ntop(AF_INET6, bytes + 8, name, sizeof(name)) == NULL)
		return;
	text_add(text,
	    ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), "
	    "inet_pton(AF_INET6, \"%s\", &sin6_addr), sin6_scope_id=%u",
	    get16be(bytes + 2), get32be(bytes + 4), name,
	    len < 28 ? 0 : get32le(bytes + 24));
}

static void
address_text(const struct arg *arg, uint64_t va, uint64_t len)
{
	uint8_t bytes[ADDRESS_MAX];
	uint16_t family;

	if (len > sizeof(bytes))
		len = sizeof(bytes);
	if (len < 2 || va == 0 || !arg_read(arg, va, bytes, (size_t)len)) {
		arg_pointer(arg->text, va);
		return;
	}
	memcpy(&family, bytes, sizeof(family));
	text_add(arg->text, "{sa_family=");
	text_name(arg->text, "family", family);
	if (family == LX_AF_UNIX)
		address_unix(arg->text, bytes, (size_t)len);
	else if (family == LX_AF_INET)
		address_inet(arg->text, bytes, (size_t)len);
	else if (family == LX_AF_INET6)
		address_inet6(arg->text, bytes, (size_t)len);
	else if (family == LX_AF_NETLINK && len >= 12)
		text_add(arg->text, ", nl_pid=%u, nl_groups=%08x",
		    get32le(bytes + 4), get32le(bytes + 8));
	else if (len > 2) {
		text_add(arg->text, ", sa_data=");
		text_quote(arg->text, bytes + 2, (size_t)len - 2, 0);
	}
	text_add(arg->text, "}");
}

static enum arg_done
format_address(struct arg *arg)
{
	address_text(arg, arg_value(arg), (uint32_t)arg->args[arg->i + 1]);
	return ARG_DONE;
}

/* The next argument points to the length: before the call the room. */
static enum arg_done
format_address_out(struct arg *arg)
{
	uint32_t len;

	if (arg->before)
		return ARG_LATER;
	len = 0;
	if (arg_failed(arg) || arg->args[arg->i + 1] == 0 ||
	    !arg_read(arg, arg->args[arg->i + 1], &len, sizeof(len)))
		arg_pointer(arg->text, arg_value(arg));
	else
		address_text(
		    arg, arg_value(arg), len < *arg->saved ? len : *arg->saved);
	return ARG_DONE;
}

static enum arg_done
format_address_len(struct arg *arg)
{
	uint32_t len;

	if (arg->before)
		return ARG_LATER;
	if (!arg_get(arg, arg_value(arg), &len, sizeof(len)))
		return ARG_DONE;
	if (!arg_failed(arg) && len != *arg->saved)
		text_add(arg->text, "[%u => %u]", (unsigned)*arg->saved, len);
	else
		text_add(arg->text, "[%u]", len);
	return ARG_DONE;
}

static enum arg_done
format_socket_type(struct arg *arg)
{
	uint64_t flags, type;

	type = arg_value(arg) & 0xf;
	flags = (uint32_t)arg_value(arg) & ~UINT64_C(0xf);
	text_name(arg->text, "socktype", type);
	if (flags != 0) {
		text_add(arg->text, "|");
		text_name(arg->text, "sockflags", flags);
	}
	return ARG_DONE;
}

static enum arg_done
format_protocol(struct arg *arg)
{
	uint64_t family;

	family = arg->args[0];
	if (family == LX_AF_INET || family == LX_AF_INET6)
		text_name(arg->text, "inproto", (uint32_t)arg_value(arg));
	else if (family == LX_AF_NETLINK)
		text_name(arg->text, "netlink", (uint32_t)arg_value(arg));
	else
		text_add(arg->text, "%u", (unsigned)arg_value(arg));
	return ARG_DONE;
}

static const char *
option_kind(uint64_t level)
{
	switch (level) {
	case 0:
		return "ip";
	case 1:
		return "so";
	case 6:
		return "tcp";
	case 41:
		return "ipv6";
	default:
		return NULL;
	}
}

static enum arg_done
format_option(struct arg *arg)
{
	const char *kind;

	kind = option_kind(arg->args[1]);
	if (kind != NULL)
		text_name(arg->text, kind, (uint32_t)arg_value(arg));
	else
		text_add(arg->text, "%#x", (unsigned)arg_value(arg));
	return ARG_DONE;
}

#define LX_SO_LINGER   13
#define LX_SO_PEERCRED 17

static void
option_value(const struct arg *arg, uint32_t len)
{
	int32_t value[3];
	bool socket;

	socket = arg->args[1] == 1;
	if (socket && arg->args[2] == LX_SO_LINGER && len >= 8) {
		if (arg_get(arg, arg_value(arg), value, 8))
			text_add(arg->text, "{l_onoff=%d, l_linger=%d}",
			    value[0], value[1]);
	} else if (socket && arg->args[2] == LX_SO_PEERCRED && len >= 12) {
		if (arg_get(arg, arg_value(arg), value, 12))
			text_add(arg->text, "{pid=%d, uid=%d, gid=%d}",
			    value[0], value[1], value[2]);
	} else if (len == 4) {
		if (arg_get(arg, arg_value(arg), value, 4))
			text_add(arg->text, "[%d]", value[0]);
	} else {
		arg_bytes(arg, arg_value(arg), len);
	}
}

static enum arg_done
format_option_in(struct arg *arg)
{
	option_value(arg, (uint32_t)arg->args[4]);
	return ARG_DONE;
}

static enum arg_done
format_option_out(struct arg *arg)
{
	uint32_t len;

	if (arg->before)
		return ARG_LATER;
	len = 0;
	if (arg->args[4] != 0)
		(void)arg_read(arg, arg->args[4], &len, sizeof(len));
	if (arg_failed(arg))
		arg_pointer(arg->text, arg_value(arg));
	else
		option_value(arg, len);
	return ARG_DONE;
}

struct msghdr_row { /* 56 bytes */
	uint64_t name;
	uint32_t name_len, pad;
	uint64_t iov, iov_len, control, control_len;
	uint32_t flags, pad2;
};

struct cmsg_row {
	uint64_t len;
	int32_t level, type;
};

static void
rights_text(const struct arg *arg, uint64_t va, uint64_t bytes)
{
	int32_t fd;
	uint64_t i;

	text_add(arg->text, "[");
	for (i = 0; i + 4 <= bytes; i += 4)
		if (arg_read(arg, va + i, &fd, sizeof(fd)))
			text_add(arg->text, i == 0 ? "%d" : ", %d", fd);
	text_add(arg->text, "]");
}

static void
cmsg_text(const struct arg *arg, uint64_t va, const struct cmsg_row *row)
{
	int32_t ids[3];

	text_add(arg->text, "{cmsg_len=%" PRIu64 ", cmsg_level=", row->len);
	text_name(arg->text, "sol", (uint32_t)row->level);
	text_add(arg->text, ", cmsg_type=");
	if (row->level == 1)
		text_name(arg->text, "scm", (uint32_t)row->type);
	else
		text_add(arg->text, "%#x", (unsigned)row->type);
	if (row->len > sizeof(*row)) {
		text_add(arg->text, ", cmsg_data=");
		if (row->level == 1 && row->type == 1)
			rights_text(
			    arg, va + sizeof(*row), row->len - sizeof(*row));
		else if (row->level == 1 && row->type == 2 &&
			 arg_read(arg, va + sizeof(*row), ids, sizeof(ids)))
			text_add(arg->text, "{pid=%d, uid=%d, gid=%d}", ids[0],
			    ids[1], ids[2]);
		else
			arg_bytes(
			    arg, va + sizeof(*row), row->len - sizeof(*row));
	}
	text_add(arg->text, "}");
}

static void
control_text(const struct arg *arg, uint64_t va, uint64_t len)
{
	struct cmsg_row row;
	uint64_t at;

	text_add(arg->text, ", msg_control=");
	if (va == 0 || len < sizeof(row)) {
		arg_pointer(arg->text, va);
		return;
	}
	text_add(arg->text, "[");
	for (at = 0; at + sizeof(row) <= len && at < CONTROL_SHOWN;
	     at += (row.len + 7) & ~UINT64_C(7)) {
		if (!arg_read(arg, va + at, &row, sizeof(row)) ||
		    row.len < sizeof(row) || row.len > len - at)
			break;
		text_add(arg->text, at == 0 ? "" : ", ");
		cmsg_text(arg, va + at, &row);
	}
	text_add(arg->text, "]");
}

static void
message_text(const struct arg *arg, uint64_t va, uint64_t data)
{
	struct msghdr_row row;

	if (!arg_get(arg, va, &row, sizeof(row)))
		return;
	text_add(arg->text, "{msg_name=");
	address_text(arg, row.name, row.name == 0 ? 0 : row.name_len);
	text_add(arg->text, ", msg_namelen=%u, msg_iov=", row.name_len);
	arg_vector(arg, row.iov, row.iov_len, data);
	text_add(arg->text, ", msg_iovlen=%" PRIu64, row.iov_len);
	if (row.control_len != 0)
		control_text(arg, row.control, row.control_len);
	text_add(arg->text,
	    ", msg_controllen=%" PRIu64 ", msg_flags=", row.control_len);
	text_name(arg->text, "msg", row.flags);
	text_add(arg->text, "}");
}

static enum arg_done
format_message(struct arg *arg)
{
	message_text(arg, arg_value(arg), UINT64_MAX);
	return ARG_DONE;
}

static enum arg_done
format_message_out(struct arg *arg)
{
	struct msghdr_row row;

	if (arg->before)
		return ARG_LATER;
	if (!arg_failed(arg))
		message_text(arg, arg_value(arg), (uint64_t)arg->result);
	else if (arg_get(arg, arg_value(arg), &row, sizeof(row)))
		text_add(arg->text, "{msg_namelen=%u}", row.name_len);
	return ARG_DONE;
}

const struct arg_row strace_net_formats[] = {
	{ "sockaddr", format_address },
	{ "sockaddr_out", format_address_out },
	{ "sockaddr_len", format_address_len },
	{ "sock_type", format_socket_type },
	{ "protocol", format_protocol },
	{ "option", format_option },
	{ "option_in", format_option_in },
	{ "option_out", format_option_out },
	{ "message", format_message },
	{ "message_out", format_message_out },
	{ NULL, NULL },
};
