/* SPDX-License-Identifier: BSD-2-Clause */
/* The guests' own loopback: names, ports, who is waited for, how it ends. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "vkernel/inet.h"
#include "vkernel/kernel.h"

#define V4_BYTES 16
#define V6_BYTES 28
#define REUSE    1u
#define SHARE    2u
#define ONLY6    4u
#define LISTENS  8u

static struct vk_kernel kernel;
static struct vk_process process;
static struct vk_thread thread;

static const uint8_t any6[16];
static const uint8_t one6[16] = { [15] = 1 };

static void
setup(void)
{
	memset(&kernel, 0, sizeof(kernel));
	memset(&process, 0, sizeof(process));
	memset(&thread, 0, sizeof(thread));
	process.kernel = &kernel;
	thread.process = &process;
}

static void
teardown(void)
{
	ck_assert_ptr_null(kernel.inet_names);
}

static struct vk_open *
make(int domain, int type, int flags)
{
	struct vk_open *open;

	ck_assert_int_eq(inet_open(&thread, domain, type, 0, flags, &open), 0);
	return open;
}

static struct vk_address
address4(uint32_t ip, unsigned port)
{
	struct vk_address address;
	uint8_t bytes[6] = { (uint8_t)(port >> 8), (uint8_t)port,
		(uint8_t)(ip >> 24), (uint8_t)(ip >> 16), (uint8_t)(ip >> 8),
		(uint8_t)ip };

	memset(&address, 0, sizeof(address));
	address.len = V4_BYTES;
	address.addr.family = LX_AF_INET;
	memcpy(address.addr.data, bytes, sizeof(bytes));
	return address;
}

static struct vk_address
address6(const uint8_t ip[16], unsigned port)
{
	struct vk_address address;

	memset(&address, 0, sizeof(address));
	address.len = V6_BYTES;
	address.addr.family = LX_AF_INET6;
	address.addr.data[0] = (char)(port >> 8);
	address.addr.data[1] = (char)port;
	memcpy(address.addr.data + 6, ip, 16);
	return address;
}

#define LOOPBACK 0x7f000001u

static int64_t
bind_to(struct vk_open *open, struct vk_address address)
{
	return open->ops->socket->bind(&thread, open, &address);
}

static int64_t
connect_to(struct vk_open *open, struct vk_address address)
{
	return open->ops->socket->connect(&thread, open, &address);
}

static void
set(struct vk_open *open, int level, int name)
{
	struct vk_socket_option option = {
		.level = level, .name = name, .value = { 1 }, .len = 4
	};

	ck_assert_int_eq(open->ops->socket->set(open, &option), 0);
}

static unsigned
port_of(struct vk_open *open)
{
	return inet_of(open)->name.port;
}

static struct vk_open *
listening(int backlog)
{
	struct vk_open *open;

	open = make(LX_AF_INET, LX_SOCK_STREAM, 0);
	ck_assert_int_eq(bind_to(open, address4(LOOPBACK, 7)), 0);
	ck_assert_int_eq(open->ops->socket->listen(&thread, open, backlog), 0);
	return open;
}

static int64_t
accept_from(struct vk_open *open, struct vk_open **out)
{
	return open->ops->socket->accept(&thread, open, out);
}

/* Whether two sockets can have one port, by what each of them is. */
static const struct {
	const char *name;
	int type;
	int domain[2];
	uint32_t ip[2]; /* AF_INET6: 0 any, else ::1 */
	unsigned how[2];
	int64_t result;
} sharing[] = {
#define T  LX_SOCK_STREAM
#define U  LX_SOCK_DGRAM
#define F4 LX_AF_INET
#define F6 LX_AF_INET6
	{ "same address", T, { F4, F4 }, { LOOPBACK, LOOPBACK }, { 0, 0 },
	    -LX_EADDRINUSE },
	{ "other address", T, { F4, F4 }, { LOOPBACK, LOOPBACK + 1 }, { 0, 0 },
	    0 },
	{ "any and one", T, { F4, F4 }, { 0, LOOPBACK }, { 0, 0 },
	    -LX_EADDRINUSE },
	{ "one reuses", T, { F4, F4 }, { LOOPBACK, LOOPBACK }, { 0, REUSE },
	    -LX_EADDRINUSE },
	{ "both reuse", T, { F4, F4 }, { LOOPBACK, LOOPBACK }, { REUSE, REUSE },
	    0 },
	{ "one that listens", T, { F4, F4 }, { LOOPBACK, LOOPBACK },
	    { REUSE | LISTENS, REUSE }, -LX_EADDRINUSE },
	{ "both share", T, { F4, F4 }, { LOOPBACK, LOOPBACK },
	    { SHARE | LISTENS, SHARE }, 0 },
	{ "datagrams", U, { F4, F4 }, { 0, LOOPBACK }, { 0, 0 },
	    -LX_EADDRINUSE },
	{ "datagrams reuse", U, { F4, F4 }, { 0, LOOPBACK }, { REUSE, REUSE },
	    0 },
	{ "families", T, { F6, F4 }, { 0, LOOPBACK }, { 0, 0 },
	    -LX_EADDRINUSE },
	{ "families, any", T, { F4, F6 }, { 0, 0 }, { 0, 0 }, -LX_EADDRINUSE },
	{ "only v6", T, { F6, F4 }, { 0, LOOPBACK }, { ONLY6, 0 }, 0 },
	{ "only v6, any", T, { F4, F6 }, { 0, 0 }, { 0, ONLY6 }, 0 },
	{ "one of v6", T, { F6, F4 }, { 1, LOOPBACK }, { 0, 0 }, 0 },
	{ "one of v6 and any", T, { F6, F6 }, { 1, 0 }, { 0, 0 },
	    -LX_EADDRINUSE },
	{ "one of v6 and any of v4", T, { F6, F4 }, { 1, 0 }, { 0, 0 }, 0 },
};

static struct vk_open *
sharer(int row, int which, int64_t *result)
{
	struct vk_open *open;
	unsigned how;
	uint32_t ip;

	open = make(sharing[row].domain[which], sharing[row].type, 0);
	how = sharing[row].how[which];
	ip = sharing[row].ip[which];
	if ((how & REUSE) != 0)
		set(open, 1, 2);
	if ((how & SHARE) != 0)
		set(open, 1, 15);
	if ((how & ONLY6) != 0)
		set(open, 41, 26);
	if (sharing[row].domain[which] == F4)
		*result = bind_to(open, address4(ip, 4000));
	else
		*result = bind_to(open, address6(ip == 0 ? any6 : one6, 4000));
	if ((how & LISTENS) != 0)
		ck_assert_int_eq(
		    open->ops->socket->listen(&thread, open, 1), 0);
	return open;
}

START_TEST(test_who_can_have_one_port)
{
	struct vk_open *a, *b;
	int64_t result;

	a = sharer(_i, 0, &result);
	ck_assert_int_eq(result, 0);
	b = sharer(_i, 1, &result);
	ck_assert_msg(result == sharing[_i].result, "%s: %d", sharing[_i].name,
	    (int)result);
	open_drop(a);
	open_drop(b);
	b = sharer(_i, 1, &result);
	ck_assert_msg(result == 0, "%s: the name is kept", sharing[_i].name);
	open_drop(b);
}
END_TEST

static const struct {
	const char *name;
	int domain;
	int family; /* of the address */
	uint32_t ip;
	unsigned port, len, user;
	int64_t result;
} binds[] = {
	{ "short", F4, F4, LOOPBACK, 80, 15, 0, -LX_EINVAL },
	{ "short v6", F6, F6, 1, 80, 23, 0, -LX_EINVAL },
	{ "without a scope", F6, F6, 1, 80, 24, 0, 0 },
	{ "v4 at v6", F6, F4, LOOPBACK, 80, 28, 0, -LX_EAFNOSUPPORT },
	{ "v6 at v4", F4, F6, 1, 80, 28, 0, -LX_EAFNOSUPPORT },
	{ "old any", F4, LX_AF_UNSPEC, 0, 80, 16, 0, 0 },
	{ "no family", F4, LX_AF_UNSPEC, LOOPBACK, 80, 16, 0,
	    -LX_EAFNOSUPPORT },
	{ "low port", F4, F4, LOOPBACK, 1023, 16, 5, -LX_EACCES },
	{ "anybody's port", F4, F4, LOOPBACK, 1024, 16, 5, 0 },
	{ "not here", F4, F4, 0xc0000201u, 80, 16, 0, -LX_EADDRNOTAVAIL },
};

START_TEST(test_bind_errors)
{
	struct vk_address address;
	struct vk_open *open;

	open = make(binds[_i].domain, LX_SOCK_STREAM, 0);
	process.cred.user.effective = binds[_i].user;
	address = binds[_i].family == F6
		      ? address6(one6, binds[_i].port)
		      : address4(binds[_i].ip, binds[_i].port);
	address.addr.family = (uint16_t)binds[_i].family;
	address.len = binds[_i].len;
	ck_assert_msg(
	    bind_to(open, address) == binds[_i].result, "%s", binds[_i].name);
	ck_assert_ptr_nonnull(inet_of(open));
	ck_assert_uint_eq(
	    port_of(open), binds[_i].result == 0 ? binds[_i].port : 0);
	if (binds[_i].result == 0)
		ck_assert_int_eq(bind_to(open, address), -LX_EINVAL);
	open_drop(open);
}
END_TEST

START_TEST(test_ports_are_counted_past_those_taken)
{
	struct vk_open *open[4];
	int i;

	for (i = 0; i < 4; i++)
		open[i] = make(F4, LX_SOCK_DGRAM, 0);
	ck_assert_int_eq(bind_to(open[0], address4(0, 32769)), 0);
	for (i = 1; i < 4; i++)
		ck_assert_int_eq(bind_to(open[i], address4(LOOPBACK, 0)), 0);
	ck_assert_uint_eq(port_of(open[1]), 32768);
	ck_assert_uint_eq(port_of(open[2]), 32770);
	ck_assert_uint_eq(port_of(open[3]), 32771);
	for (i = 0; i < 4; i++)
		open_drop(open[i]);
}
END_TEST

START_TEST(test_ports_begin_anew_and_end)
{
	struct vk_open *open;

	kernel.inet_ports = INET_PORT_LAST - INET_PORT_FIRST;
	open = make(F4, LX_SOCK_DGRAM, 0);
	ck_assert_int_eq(bind_to(open, address4(0, 0)), 0);
	ck_assert_uint_eq(port_of(open), INET_PORT_LAST);
	open_drop(open);
	open = make(F4, LX_SOCK_DGRAM, 0);
	ck_assert_int_eq(bind_to(open, address4(0, 0)), 0);
	ck_assert_uint_eq(port_of(open), INET_PORT_FIRST);
	open_drop(open);
}
END_TEST

START_TEST(test_backlog_lets_one_more_wait)
{
	struct vk_open *listener, *first, *made, *open[3];
	int i;

	listener = listening(1);
	for (i = 0; i < 3; i++)
		open[i] = make(F4, LX_SOCK_STREAM, 0);
	ck_assert_int_eq(connect_to(open[0], address4(LOOPBACK, 7)), 0);
	ck_assert_int_eq(connect_to(open[1], address4(LOOPBACK, 7)), 0);
	ck_assert_int_eq(
	    connect_to(open[2], address4(LOOPBACK, 7)), -LX_EAGAIN);
	ck_assert_int_eq(tcp_state(inet_of(open[2])), 2);
	ck_assert_int_eq(open_poll(open[2], POLLOUT, NULL), 0);
	ck_assert_int_eq(accept_from(listener, &first), 0);
	ck_assert_int_eq(connect_to(open[2], address4(LOOPBACK, 7)), 0);
	ck_assert_int_eq(accept_from(listener, &made), 0);
	open_drop(made);
	ck_assert_int_eq(accept_from(listener, &made), 0);
	ck_assert_uint_eq(inet_of(made)->peer.port, port_of(open[2]));
	open_drop(made);
	ck_assert_int_eq(accept_from(listener, &made), -LX_EAGAIN);
	open_drop(first);
	open_drop(listener);
	for (i = 0; i < 3; i++)
		open_drop(open[i]);
}
END_TEST

START_TEST(test_end_of_listener_is_told)
{
	struct vk_open *listener, *open[3];
	int i;

	listener = listening(0);
	for (i = 0; i < 3; i++)
		open[i] = make(F4, LX_SOCK_STREAM, LX_O_NONBLOCK);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(connect_to(open[i], address4(LOOPBACK, 7)),
		    -LX_EINPROGRESS);
	ck_assert_int_eq(connect_to(open[0], address4(LOOPBACK, 7)), 0);
	ck_assert_int_eq(
	    connect_to(open[1], address4(LOOPBACK, 7)), -LX_EALREADY);
	open_drop(open[2]); /* it waits no more */
	open_drop(listener);
	ck_assert_int_eq(inet_of(open[0])->local.error, LX_ECONNRESET);
	ck_assert_int_eq(
	    connect_to(open[1], address4(LOOPBACK, 7)), -LX_ECONNREFUSED);
	open_drop(open[0]);
	open_drop(open[1]);
}
END_TEST

static int64_t
send_text(struct vk_open *open, const char *text)
{
	char bytes[16];
	struct iovec iov = { bytes, strlen(text) };
	struct vk_msg msg = { .iov = &iov, .count = 1 };

	memcpy(bytes, text, iov.iov_len);
	return open->ops->socket->send(&thread, open, &msg);
}

static int64_t
receive_text(struct vk_open *open)
{
	char bytes[16];
	struct iovec iov = { bytes, sizeof(bytes) };
	struct vk_msg msg = { .iov = &iov, .count = 1 };

	return open->ops->socket->receive(&thread, open, &msg);
}

static const struct {
	const char *name;
	bool unread;         /* who closes has not read all */
	bool shut;           /* it has said its end before */
	int64_t sent;        /* the first thing sent to it then */
	int64_t received[2]; /* after that */
	int64_t again;       /* and sent */
} ends[] = {
	{ "closed", false, false, 1, { 0, 0 }, -LX_EPIPE },
	{ "unread", true, false, -LX_ECONNRESET, { 0, 0 }, -LX_EPIPE },
	{ "shut", false, true, 1, { 0, 0 }, -LX_EPIPE },
	{ "shut and unread", true, true, -LX_EPIPE, { 0, 0 }, -LX_EPIPE },
};

START_TEST(test_close_is_told)
{
	struct vk_open *listener, *made, *open;
	int i;

	listener = listening(0);
	open = make(F4, LX_SOCK_STREAM, 0);
	ck_assert_int_eq(connect_to(open, address4(LOOPBACK, 7)), 0);
	ck_assert_int_eq(accept_from(listener, &made), 0);
	ck_assert_int_eq(send_text(open, "ab"), 2);
	if (!ends[_i].unread)
		ck_assert_int_eq(receive_text(made), 2);
	if (ends[_i].shut)
		ck_assert_int_eq(made->ops->socket->shutdown(made, 1), 0);
	open_drop(made);
	ck_assert_msg(
	    send_text(open, "c") == ends[_i].sent, "%s: sent", ends[_i].name);
	for (i = 0; i < 2; i++)
		ck_assert_msg(receive_text(open) == ends[_i].received[i],
		    "%s: received %d", ends[_i].name, i);
	ck_assert_msg(
	    send_text(open, "d") == ends[_i].again, "%s: again", ends[_i].name);
	ck_assert_int_eq(tcp_state(inet_of(open)), 7);
	open_drop(open);
	open_drop(listener);
}
END_TEST

START_TEST(test_datagram_goes_to_who_names_most)
{
	struct vk_open *any, *connected, *from, *one;

	any = make(F6, LX_SOCK_DGRAM, 0);
	one = make(F4, LX_SOCK_DGRAM, 0);
	from = make(F4, LX_SOCK_DGRAM, 0);
	connected = make(F4, LX_SOCK_DGRAM, 0);
	set(any, 1, 2);
	set(one, 1, 2);
	set(connected, 1, 2);
	ck_assert_int_eq(bind_to(any, address6(any6, 9)), 0);
	ck_assert_int_eq(connect_to(from, address4(LOOPBACK, 9)), 0);
	ck_assert_int_eq(bind_to(connected, address4(LOOPBACK, 9)), 0);
	ck_assert_int_eq(
	    connect_to(connected, address4(LOOPBACK, port_of(from))), 0);
	ck_assert_int_eq(bind_to(one, address4(LOOPBACK, 9)), 0);
	ck_assert_int_eq(send_text(from, "a"), 1);
	ck_assert_int_eq(receive_text(connected), 1);
	open_drop(connected);
	ck_assert_int_eq(send_text(from, "b"), 1);
	ck_assert_int_eq(receive_text(one), 1);
	open_drop(one);
	ck_assert_int_eq(send_text(from, "c"), 1);
	ck_assert_int_eq(receive_text(any), 1);
	open_drop(any);
	ck_assert_int_eq(send_text(from, "d"), 1);
	ck_assert_int_eq(send_text(from, "e"), -LX_ECONNREFUSED);
	open_drop(from);
}
END_TEST

int
main(void)
{
	Suite *suite;
	SRunner *runner;
	TCase *tcase;
	int failed;

	suite = suite_create("vk_inet");
	tcase = tcase_create("inet");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_who_can_have_one_port, 0,
	    sizeof(sharing) / sizeof(sharing[0]));
	tcase_add_loop_test(
	    tcase, test_bind_errors, 0, sizeof(binds) / sizeof(binds[0]));
	tcase_add_test(tcase, test_ports_are_counted_past_those_taken);
	tcase_add_test(tcase, test_ports_begin_anew_and_end);
	tcase_add_test(tcase, test_backlog_lets_one_more_wait);
	tcase_add_test(tcase, test_end_of_listener_is_told);
	tcase_add_loop_test(
	    tcase, test_close_is_told, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_test(tcase, test_datagram_goes_to_who_names_most);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
