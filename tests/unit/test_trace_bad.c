/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that were cut, changed or made up: refused with a reason, or read as
 * far as they are good. */
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/trace_fixture.h"
#include "traces/block.h"
#include "traces/header.h"
#include "traces/index.h"

#define SEED   21
#define EVENTS 12

static uint8_t *good;
static size_t good_len;

static void
setup(void)
{
	scratch_open();
	(void)trace_make(SEED, EVENTS, 4);
	good = file_take(scratch, &good_len);
}

static void
teardown(void)
{
	free(good);
	scratch_close();
}

/* What reading a file comes to. */
struct outcome {
	int error; /* ENOENT: read to its end */
	enum trace_end_how how;
	uint64_t events;
	struct trace_problem problem;
};

/* Every event that comes is that of SEED. */
static struct outcome
read_scratch(void)
{
	static struct event_content content;
	struct outcome outcome = { 0 };
	struct trace_event wanted, event;
	struct trace_reader *reader;
	uint64_t seed = SEED, insns = 0;

	outcome.error = trace_reader_open(scratch, &reader, &outcome.problem);
	if (outcome.error != 0)
		return outcome;
	while ((outcome.error = trace_next(reader, &event, &outcome.problem)) ==
	       0) {
		random_event(&seed, &wanted, &content);
		wanted.number = outcome.events++;
		wanted.insns = insns;
		if (wanted.kind == TRACE_RUN)
			insns += wanted.u.run.insns;
		same_event(&wanted, &event);
	}
	if (outcome.error == ENOENT)
		outcome.how = trace_reader_end(reader)->how;
	trace_reader_close(reader);
	return outcome;
}

/* Nothing but the end or a refusal at a place. */
static struct outcome
read_checked(void)
{
	struct outcome outcome = read_scratch();

	ck_assert(outcome.error == ENOENT || outcome.error == EBADMSG);
	if (outcome.error == EBADMSG)
		ck_assert_int_eq(
		    strncmp(outcome.problem.text, "at byte ", 8), 0);
	return outcome;
}

static struct outcome
read_bytes(const uint8_t *bytes, size_t len)
{
	file_put(scratch, bytes, len);
	return read_checked();
}

START_TEST(test_cut_anywhere_is_truncated)
{
	uint64_t events = EVENTS;

	for (size_t len = good_len; len-- > 0;) {
		ck_assert_int_eq(truncate(scratch, (off_t)len), 0);
		struct outcome outcome = read_checked();
		if (outcome.error == ENOENT)
			ck_assert_int_eq(outcome.how, TRACE_END_TRUNCATED);
		else
			ck_assert_uint_eq(outcome.events, 0);
		ck_assert_uint_le(outcome.events, events);
		events = outcome.events;
	}
	ck_assert_uint_eq(events, 0);
	ck_assert_int_eq(read_bytes(good, good_len).how, TRACE_END_COMPLETE);
}
END_TEST

START_TEST(test_changed_bits_are_found)
{
	int fd = open(scratch, O_RDWR);

	for (size_t bit = 0; bit < 8 * good_len; bit++) {
		off_t at = (off_t)(bit / 8);
		uint8_t byte = (uint8_t)(good[at] ^ 1 << bit % 8);
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
		ck_assert_msg(read_checked().error == EBADMSG, "bit %zu", bit);
		ck_assert_int_eq(pwrite(fd, &good[at], 1, at), 1);
	}
	close(fd);
}
END_TEST

START_TEST(test_bytes_after_the_end_are_found)
{
	good[good_len] = 0;
	ck_assert_int_eq(read_bytes(good, good_len + 1).error, EBADMSG);
}
END_TEST

static size_t
block_len(size_t at)
{
	return BLOCK_BYTES + get_u32(good + at + 12);
}

/* Where the blocks are. */
static size_t
block_list(size_t *at, size_t room)
{
	size_t count = 0;

	for (size_t i = PREAMBLE_BYTES; i < good_len; i += block_len(i)) {
		ck_assert_uint_lt(count, room);
		at[count++] = i;
	}
	at[count] = good_len;
	return count;
}

START_TEST(test_blocks_keep_their_order)
{
	size_t at[64], count = block_list(at, 63);
	uint8_t *bytes = malloc(2 * good_len);

	for (size_t first = 0; first < count; first++) {
		size_t len = block_len(at[first]), rest;
		/* left out */
		memcpy(bytes, good, at[first]);
		memcpy(bytes + at[first], good + at[first + 1],
		    good_len - at[first + 1]);
		struct outcome outcome = read_bytes(bytes, good_len - len);
		ck_assert(
		    outcome.error == EBADMSG ||
		    (first == count - 1 && outcome.how == TRACE_END_TRUNCATED));
		/* doubled */
		memcpy(bytes, good, at[first + 1]);
		memcpy(bytes + at[first + 1], good + at[first],
		    good_len - at[first]);
		ck_assert_int_eq(
		    read_bytes(bytes, good_len + len).error, EBADMSG);
		/* changed with the one after it */
		if (first + 1 == count)
			break;
		rest = block_len(at[first + 1]);
		memcpy(bytes, good, good_len);
		memcpy(bytes + at[first], good + at[first + 1], rest);
		memcpy(bytes + at[first] + rest, good + at[first], len);
		ck_assert_int_eq(read_bytes(bytes, good_len).error, EBADMSG);
	}
	free(bytes);
}
END_TEST

/* --- Files that somebody made with good checksums --- */

struct forge {
	struct bytes file;
	uint64_t chain;
};

static void
forge_preamble(struct forge *forge, uint16_t major, uint16_t minor)
{
	uint8_t preamble[PREAMBLE_BYTES];

	preamble_encode(preamble);
	put_u16(preamble + 8, major);
	put_u16(preamble + 10, minor);
	bytes_add(&forge->file, preamble, sizeof(preamble));
	forge->chain = preamble_hash(preamble);
}

/* A block with these letters; lengths may lie. */
static void
forge_block(struct forge *forge, const char *letters, uint8_t flags,
    uint64_t event, uint32_t count, const struct bytes *raw)
{
	size_t at = forge->file.len;
	uint8_t header[BLOCK_BYTES] = { 0 };

	memcpy(header, letters, 4);
	header[5] = flags;
	put_u32(header + 8, (uint32_t)raw->len);
	put_u32(header + 12, (uint32_t)raw->len);
	put_u64(header + 16, event);
	put_u64(header + 32, 1);
	put_u32(header + 48, count);
	bytes_add(&forge->file, header, sizeof(header));
	bytes_add(&forge->file, raw->at, raw->len);
	forge->chain = block_seal(forge->file.at + at,
	    forge->file.at + at + BLOCK_BYTES, forge->chain);
}

static void
forge_start(struct forge *forge, uint16_t major, uint16_t minor)
{
	struct bytes raw = { 0 };

	*forge = (struct forge){ 0 };
	forge_preamble(forge, major, minor);
	ck_assert_int_eq(header_encode(&plain_header, &raw), 0);
	forge_block(forge, "HEAD", 0, 0, 0, &raw);
	bytes_finish(&raw);
}

static struct outcome
forge_read(struct forge *forge)
{
	struct outcome outcome = read_bytes(forge->file.at, forge->file.len);

	bytes_finish(&forge->file);
	return outcome;
}

START_TEST(test_newer_minor_is_read_and_newer_major_refused)
{
	struct forge forge;
	struct outcome outcome;

	forge_start(&forge, TRACE_MAJOR, TRACE_MINOR + 1);
	outcome = forge_read(&forge);
	ck_assert_int_eq(outcome.error, ENOENT);
	forge_start(&forge, TRACE_MAJOR + 1, 0);
	outcome = forge_read(&forge);
	ck_assert_str_eq(outcome.problem.text,
	    "at byte 8: the trace has format 2.0, this version reads 1.x");
}
END_TEST

static void
add_item(struct bytes *raw, const char *key, const struct bytes *value)
{
	bytes_string(raw, key);
	bytes_varint(raw, value->len);
	bytes_add(raw, value->at, value->len);
}

/* The header of a file of the future: bits, a name for them, and a register
 * that nobody has heard of. */
static struct outcome
future_read(uint64_t compat, uint64_t incompat, const char *reg)
{
	struct forge forge = { { 0 }, 0 };
	struct bytes raw = { 0 }, value = { 0 };

	forge_preamble(&forge, TRACE_MAJOR, TRACE_MINOR);
	bytes_varint(&value, compat);
	add_item(&raw, "compat", &value);
	bytes_clear(&value);
	bytes_varint(&value, incompat);
	add_item(&raw, "incompat", &value);
	bytes_clear(&value);
	bytes_varint(&value, 0x10);
	bytes_u8(&value, 0);
	bytes_string(&value, "folded \"runs\"\n");
	add_item(&raw, "incompat.names", &value);
	bytes_clear(&value);
	bytes_varint(&value, 4096);
	add_item(&raw, "page_bytes", &value);
	bytes_clear(&value);
	add_item(&raw, "something new", &value);
	add_item(&raw, "kinds", &value);
	add_item(&raw, "calls", &value);
	if (reg != NULL) {
		bytes_varint(&value, 0);
		bytes_u8(&value, 0);
		bytes_string(&value, reg);
	}
	add_item(&raw, "registers", &value);
	forge_block(&forge, "HEAD", 0, 0, 0, &raw);
	bytes_finish(&raw);
	bytes_finish(&value);
	return forge_read(&forge);
}

START_TEST(test_unknown_bits)
{
	ck_assert_int_eq(future_read(0, 0, "rip").error, ENOENT);
	ck_assert_int_eq(future_read(0xff00, 0, "rip").error, ENOENT);
	ck_assert_str_eq(future_read(0, 0x10, "zmm0").problem.text,
	    "at byte 16: the trace needs \"folded \"runs\"?\", which this "
	    "version lacks");
	ck_assert_str_eq(future_read(0, 0x20, NULL).problem.text,
	    "at byte 16: the trace needs what this version lacks");
	ck_assert_str_eq(future_read(0, 0, "zmm0").problem.text,
	    "at byte 16: frames have the register zmm0, which this version "
	    "lacks");
}
END_TEST

START_TEST(test_unknown_blocks)
{
	struct forge forge;
	const struct bytes empty = { 0 };

	forge_start(&forge, TRACE_MAJOR, TRACE_MINOR);
	forge_block(&forge, "NEWS", BLOCK_SKIP, 0, 0, &empty);
	ck_assert_int_eq(forge_read(&forge).error, ENOENT);
	forge_start(&forge, TRACE_MAJOR, TRACE_MINOR);
	forge_block(&forge, "NEWS", 0, 0, 0, &empty);
	ck_assert_ptr_nonnull(
	    strstr(forge_read(&forge).problem.text, "type NEWS"));
}
END_TEST

/* Content of an EVENTS block that says one event. */
static const struct {
	const char *name, *problem;
	uint8_t bytes[24];
	uint8_t len;
} hostile_events[] = {
	{ "nothing", "beyond its block", { 0 }, 0 },
	{ "no kind 0", "of a kind", { 0, 0 }, 2 },
	{ "no kind 200", "of a kind", { 200, 0 }, 2 },
	{ "longer than its block", "beyond its block", { 1, 0x7f, 0 }, 3 },
	{ "length of 2^63", "beyond its block",
	    { 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1 },
	    11 },
	{ "endless number", "beyond its block",
	    { 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	    11 },
	{ "more fields than the kind", "more fields",
	    { TRACE_CONCURRENT, 2, 0x04, 1 }, 4 },
	{ "bytes behind the fields", "more fields",
	    { TRACE_CONCURRENT, 3, 0x01, 1, 1 }, 5 },
	{ "field cut off", "ends too early", { TRACE_CONCURRENT, 1, 0x01 }, 3 },
	{ "call 0", "without a name", { TRACE_CALL, 1, 0 }, 3 },
	{ "call 200", "version lacks", { TRACE_CALL, 3, 1, 0xc8, 1 }, 5 },
	{ "proc of 33 bits", "too large",
	    { TRACE_RUN, 7, 0x01, 0x80, 0x80, 0x80, 0x80, 0x10, 0 }, 9 },
	{ "run ends in an unknown way", "range",
	    { TRACE_RUN, 3, 0xc0, 0x00, 6 }, 5 },
	{ "run ends in another", "range", { TRACE_RUN, 2, 0x40, 6 }, 4 },
	{ "frame with register 27", "without a name",
	    { TRACE_RUN, 7, 0x80, 0x04, 0x80, 0x80, 0x80, 0x40, 0 }, 9 },
	{ "frame out without its flag", "should not be there",
	    { TRACE_RUN, 3, 0x80, 0x08, 0 }, 5 },
	{ "input of 4097 bytes", "range", { TRACE_INPUT, 3, 0x10, 0x81, 0x20 },
	    5 },
	{ "input over two pages", "cross a page",
	    { TRACE_INPUT, 6, 0x12, 0xff, 0x1f, 2, 0, 0 }, 8 },
	{ "page that is not there", "content 1, which is missing",
	    { TRACE_INPUT, 4, 0x10, 0x80, 0x20, 1 }, 6 },
	{ "page far away", "which is missing",
	    { TRACE_INPUT, 8, 0x10, 0x80, 0x20, 0xff, 0xff, 0xff, 0xff, 0x01 },
	    10 },
	{ "fp without its content", "lacks its content", { TRACE_FP, 1, 0 },
	    3 },
	{ "fp that is short", "wrong length", { TRACE_FP, 3, 2, 1, 0 }, 5 },
	{ "checkpoint of 64 MiB in 3 bytes", "does not fit",
	    { TRACE_CHECKPOINT, 5, 1, 0x80, 0x80, 0x80, 0x20 }, 7 },
	{ "checkpoint over the limit", "range",
	    { TRACE_CHECKPOINT, 5, 1, 0x81, 0x80, 0x80, 0x20 }, 7 },
	{ "two events", "follow a block's last",
	    { TRACE_CONCURRENT, 1, 0, TRACE_CONCURRENT, 1, 0 }, 6 },
};

START_TEST(test_hostile_events_are_refused)
{
	struct trace_problem problem;
	struct trace_reader *reader;
	struct trace_event event;
	struct bytes raw = { 0 };
	struct forge forge;
	int error;

	bytes_add(&raw, hostile_events[_i].bytes, hostile_events[_i].len);
	forge_start(&forge, TRACE_MAJOR, TRACE_MINOR);
	forge_block(&forge, "EVTS", 0, 0, 1, &raw);
	file_put(scratch, forge.file.at, forge.file.len);
	ck_assert_int_eq(trace_reader_open(scratch, &reader, NULL), 0);
	error = trace_next(reader, &event, &problem);
	ck_assert_msg(
	    error == EBADMSG &&
		strstr(problem.text, hostile_events[_i].problem) != NULL,
	    "%s: %s", hostile_events[_i].name,
	    error == EBADMSG ? problem.text : "taken");
	ck_assert_int_eq(trace_next(reader, &event, &problem), EBADMSG);
	trace_reader_close(reader);
	bytes_finish(&raw);
	bytes_finish(&forge.file);
}
END_TEST

/* A header of a block that stands alone after the first; each row changes one
 * number in it. */
static const struct {
	const char *name, *problem;
	unsigned at;
	uint64_t value;
} hostile_headers[] = {
	{ "raw of 4 GiB", "over the limit", 8, UINT32_MAX },
	{ "raw just over", "over the limit", 8, BLOCK_RAW_MAX + 1 },
	{ "packed as before", "contradict", 8, 7 },
	{ "event at the end of numbers", "numbers", 16, UINT64_MAX },
	{ "page 0", "numbers", 32, 0 },
	{ "page at the end of numbers", "numbers", 32, UINT64_MAX },
};

START_TEST(test_hostile_headers_are_refused)
{
	const struct bytes empty = { 0 };
	struct outcome outcome;
	struct forge forge;
	uint8_t *header;
	size_t at;

	forge_start(&forge, TRACE_MAJOR, TRACE_MINOR);
	at = forge.file.len;
	uint64_t chain = forge.chain;
	forge_block(&forge, "PAGE", 0, 0, 1, &empty);
	header = forge.file.at + at;
	if (hostile_headers[_i].at == 8)
		put_u32(header + 8, (uint32_t)hostile_headers[_i].value);
	else
		put_u64(
		    header + hostile_headers[_i].at, hostile_headers[_i].value);
	(void)block_seal(header, header + BLOCK_BYTES, chain);
	outcome = forge_read(&forge);
	ck_assert_msg(
	    outcome.error == EBADMSG &&
		strstr(outcome.problem.text, hostile_headers[_i].problem),
	    "%s: %s", hostile_headers[_i].name, outcome.problem.text);
}
END_TEST

/* A block of 4 MiB in a few hundred bytes costs no more than it says, and one
 * that says less than it holds is refused. */
START_TEST(test_bombs_stay_in_their_bounds)
{
	static uint8_t zeroes[BLOCK_RAW_MAX];
	struct block block = {
		.type = BLOCK_PAGES, .page = 1, .count = BLOCK_RAW_MAX / 4096
	};
	struct block_sink sink = { 0 };
	struct outcome outcome;
	struct forge forge;
	uint8_t *header;

	forge_start(&forge, TRACE_MAJOR, TRACE_MINOR);
	file_put(scratch, forge.file.at, forge.file.len);
	sink.fd = open(scratch, O_RDWR);
	sink.offset = forge.file.len;
	sink.chain = forge.chain;
	ck_assert_int_eq(block_sink_init(&sink), 0);
	ck_assert_int_eq(
	    block_write(&sink, &block, zeroes, sizeof(zeroes), true), 0);
	ck_assert_uint_lt(sink.offset, forge.file.len + 1000);
	ck_assert_int_eq(read_scratch().error, ENOENT);
	header = sink.out.at;
	put_u32(header + 8, BLOCK_RAW_MAX - 4096);
	put_u32(header + 48, BLOCK_RAW_MAX / 4096 - 1);
	(void)block_seal(header, header + BLOCK_BYTES, forge.chain);
	ck_assert_int_eq(
	    pwrite(sink.fd, header, sink.out.len, (off_t)forge.file.len),
	    (ssize_t)sink.out.len);
	outcome = read_scratch();
	ck_assert_int_eq(outcome.error, EBADMSG);
	ck_assert_ptr_nonnull(strstr(outcome.problem.text, "decompressed"));
	close(sink.fd);
	block_sink_finish(&sink);
	bytes_finish(&forge.file);
}
END_TEST

static const struct {
	const char *name;
	uint8_t bytes[16];
	uint8_t len;
} bad_indexes[] = {
	{ "nothing", { 0 }, 0 },
	{ "fewer than it says", { 2, 1, 1, 1, 1 }, 5 },
	{ "more than it says", { 0, 1, 1, 1, 1 }, 5 },
	{ "cycle", { 2, 16, 0, 0, 0, 0, 0, 0, 0 }, 9 },
	{ "wraps",
	    { 1, 16, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		2 },
	    14 },
	{ "too many", { 0xff, 0xff, 0xff, 0x7f }, 4 },
};

START_TEST(test_bad_indexes_are_refused)
{
	struct trace_index index = { 0 };
	struct cursor in =
	    cursor_over(bad_indexes[_i].bytes, bad_indexes[_i].len);

	ck_assert_msg(
	    index_decode(&index, &in) == EBADMSG, "%s", bad_indexes[_i].name);
	index_finish(&index);
}
END_TEST

START_TEST(test_no_trace_is_no_trace)
{
	struct trace_problem problem;
	struct trace_reader *reader;

	file_put(
	    scratch, (const uint8_t *)"#!/bin/sh\nexit 0 # long enough", 30);
	ck_assert_int_eq(
	    trace_reader_open(scratch, &reader, &problem), EBADMSG);
	ck_assert_str_eq(
	    problem.text, "at byte 0: this is no trace of vmspace");
	ck_assert_int_eq(
	    trace_reader_open("/nonexistent/t", &reader, &problem), ENOENT);
	ck_assert_int_eq(trace_reader_open("/", &reader, &problem), EISDIR);
	ck_assert_int_eq(
	    trace_reader_open("/dev/null", &reader, &problem), ESPIPE);
}
END_TEST

static Suite *
trace_bad_suite(void)
{
	Suite *suite = suite_create("trace_bad");
	TCase *tcase = tcase_create("bad");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_cut_anywhere_is_truncated);
	tcase_add_test(tcase, test_changed_bits_are_found);
	tcase_add_test(tcase, test_bytes_after_the_end_are_found);
	tcase_add_test(tcase, test_blocks_keep_their_order);
	tcase_add_test(tcase, test_newer_minor_is_read_and_newer_major_refused);
	tcase_add_test(tcase, test_unknown_bits);
	tcase_add_test(tcase, test_unknown_blocks);
	tcase_add_loop_test(tcase, test_hostile_events_are_refused, 0,
	    sizeof(hostile_events) / sizeof(hostile_events[0]));
	tcase_add_loop_test(tcase, test_hostile_headers_are_refused, 0,
	    sizeof(hostile_headers) / sizeof(hostile_headers[0]));
	tcase_add_test(tcase, test_bombs_stay_in_their_bounds);
	tcase_add_loop_test(tcase, test_bad_indexes_are_refused, 0,
	    sizeof(bad_indexes) / sizeof(bad_indexes[0]));
	tcase_add_test(tcase, test_no_trace_is_no_trace);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(trace_bad_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
