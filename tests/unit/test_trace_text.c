/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/text.h"

#include "tests/unit/trace_fixture.h"

typedef void print_fn(FILE *, const struct trace_event *);

static const char *
printed(print_fn *print, const struct trace_event *event)
{
	static char text[20000];
	FILE *file = fmemopen(text, sizeof(text), "w");

	ck_assert_ptr_nonnull(file);
	print(file, event);
	fclose(file);
	return text;
}

static const struct trace_event call = { .kind = TRACE_CALL,
	.number = 12,
	.insns = 4711,
	.u.call = { .op = VMS_OP_MMAP,
	    .proc = 1,
	    .id = 2,
	    .args = { 0x1000, 0x2000, 3, 0, 0 },
	    .error = -5,
	    .object = 9 } };

START_TEST(test_call_has_the_names_of_its_arguments)
{
	ck_assert_str_eq(printed(trace_event_print, &call),
	    "@12 4711 call mmap proc=1 id=2 addr=0x1000 len=0x2000 prot=0x3 "
	    "error=-5 object=9\n");
	ck_assert_str_eq(printed(trace_event_json, &call),
	    "{\"event\":12,\"at\":4711,\"kind\":\"call\",\"call\":\"mmap\","
	    "\"proc\":1,\"id\":2,\"addr\":\"0x1000\",\"len\":\"0x2000\","
	    "\"prot\":\"0x3\",\"error\":-5,\"object\":9}\n");
}
END_TEST

START_TEST(test_run_shows_registers_that_changed)
{
	struct trace_event event = { .kind = TRACE_RUN,
		.u.run = { .lwp = 1,
		    .started = true,
		    .insns = 93,
		    .has_frame_out = true,
		    .frame_in = { .tf_rip = 0x401000, .tf_rax = 1 },
		    .frame_out = { .tf_rip = 0x401020, .tf_rax = 1 },
		    .tls_in = { 0x7000, 0 } } };

	ck_assert_str_eq(printed(trace_event_print, &event),
	    "@0 0 run lwp=1 started has_frame_out insns=93 how=trap "
	    "in[rax=0x1 rip=0x401000 fs_base=0x7000] out[rip=0x401020]\n");
	ck_assert_str_eq(printed(trace_event_json, &event),
	    "{\"event\":0,\"at\":0,\"kind\":\"run\",\"lwp\":1,"
	    "\"started\":true,\"has_frame_out\":true,\"insns\":93,"
	    "\"how\":\"trap\",\"frame_in\":{\"rax\":\"0x1\","
	    "\"rip\":\"0x401000\",\"fs_base\":\"0x7000\"},"
	    "\"frame_out\":{\"rip\":\"0x401020\"}}\n");
}
END_TEST

START_TEST(test_content_is_shown_when_short)
{
	static const uint8_t bytes[] = { 1, 0xab };
	struct trace_event event = { .kind = TRACE_INPUT,
		.u.input = { .object = 3,
		    .off = 0x10,
		    .bytes = bytes,
		    .len = 2,
		    .first = true } };

	ck_assert_ptr_nonnull(strstr(printed(trace_event_print, &event),
	    " input object=3 off=0x10 first bytes[len=2 xxh3=0x"));
	ck_assert_ptr_nonnull(
	    strstr(printed(trace_event_print, &event), " hex=01ab]\n"));
	ck_assert_ptr_nonnull(
	    strstr(printed(trace_event_json, &event), ",\"hex\":\"01ab\"}}\n"));
}
END_TEST

/* Braces, brackets and quotes of an object on one line are balanced. */
static void
json_check(const char *text)
{
	int depth = 0, quotes = 0;

	for (const char *at = text; *at != '\0'; at++) {
		quotes += *at == '"';
		depth += (*at == '{') - (*at == '}');
		ck_assert_int_ge(depth, at[1] > '\n');
		ck_assert(*at != '\n' || at[1] == '\0');
		ck_assert(*at != ',' || at[1] == '"');
	}
	ck_assert_int_eq(depth, 0);
	ck_assert_int_eq(quotes % 2, 0);
}

START_TEST(test_every_event_is_one_line)
{
	static struct event_content content;
	struct trace_event event;
	uint64_t seed = 5;

	for (int i = 0; i < 300; i++) {
		random_event(&seed, &event, &content);
		const char *text = printed(trace_event_print, &event);
		ck_assert_uint_eq(strcspn(text, "\n") + 1, strlen(text));
		json_check(printed(trace_event_json, &event));
	}
}
END_TEST

static Suite *
trace_text_suite(void)
{
	Suite *suite = suite_create("trace_text");
	TCase *tcase = tcase_create("text");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_call_has_the_names_of_its_arguments);
	tcase_add_test(tcase, test_run_shows_registers_that_changed);
	tcase_add_test(tcase, test_content_is_shown_when_short);
	tcase_add_test(tcase, test_every_event_is_one_line);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(trace_text_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
