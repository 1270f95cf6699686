/* SPDX-License-Identifier: BSD-2-Clause */
/* A world that was saved half way and loaded again goes on as it would have. */
#include "tests/unit/snapshot_steps.h"

/* --- Half way --- */

static const struct mode {
	const char *name;
	uint32_t config, flags;
} modes[] = {
	{ "declared", 0, VMS_OBSERVE_DECLARED },
	{ "searched", 0, 0 },
	{ "checked", 0, VMS_OBSERVE_DECLARED | VMS_OBSERVE_CHECK },
	{ "written", 0, VMS_OBSERVE_DECLARED | VMS_OBSERVE_WRITTEN },
	{ "each run", 0, VMS_OBSERVE_DECLARED | VMS_OBSERVE_DIGEST_RUN },
	{ "chaos", VMS_CONFIG_CHAOS, VMS_OBSERVE_DECLARED },
	{ "exact code", VMS_CONFIG_EXACT_CODE, VMS_OBSERVE_DECLARED },
	{ "counting", VMS_CONFIG_COUNT, VMS_OBSERVE_DECLARED },
};
#define MODES   (sizeof(modes) / sizeof(modes[0]))
#define SEEDS   4
#define DIGESTS 50

/* The second world has the host's memory as it is, too: what the observer does
 * not know yet is still to be told. */
static void
world_follow(struct world *to, const struct world *from, struct saved *saved,
    const struct mode *mode)
{
	world_open(to, mode->config, mode->flags, DIGESTS);
	ck_assert_int_eq(world_load(to, saved), 0);
	memcpy(to->memory, from->memory, FILE_PAGES * PAGE);
	to->tf = from->tf;
	to->vf = from->vf;
	to->limit = from->limit;
}

static void
same_logs(const struct world *a, const struct world *b, const char *name)
{
	size_t at = 0, line = 0;

	while (at < a->log_len && at < b->log_len && a->log[at] == b->log[at])
		if (a->log[at++] == '\n')
			line = at;
	if (at == a->log_len && at == b->log_len)
		return;
	ck_abort_msg("%s: at byte %zu\nwas: %.200s\nis:  %.200s", name, at,
	    a->log + line, b->log + line);
}

static void
half_way(const struct mode *mode, unsigned seed, unsigned half, bool after_run)
{
	struct world before, after;
	struct saved saved = { 0 };
	unsigned i;

	world_open(&before, mode->config, mode->flags, DIGESTS);
	world_begin(&before);
	for (i = 0; i < half; i++)
		step(&before, seed, i);
	if (after_run) {
		before.save_after_run = &saved;
		while (before.save_after_run != NULL && i < STEPS)
			step(&before, seed, i++);
		ck_assert_int_eq(before.save_error, 0);
	} else {
		ck_assert_int_eq(world_save(&before, &saved), 0);
		before.log_len = 0;
	}
	if (saved.structure != NULL) {
		world_follow(&after, &before, &saved, mode);
		for (unsigned j = i; j < STEPS; j++)
			step(&before, seed, j);
		for (unsigned j = i; j < STEPS; j++)
			step(&after, seed, j);
		same_logs(&before, &after, mode->name);
		ck_assert_mem_eq(
		    before.memory, after.memory, FILE_PAGES * PAGE);
		world_close(&after);
	}
	world_close(&before);
	saved_free(&saved);
}

START_TEST(test_loaded_world_goes_on_as_the_saved_one)
{
	const struct mode *mode = &modes[(size_t)_i / SEEDS];
	unsigned seed = (unsigned)_i % SEEDS;

	for (unsigned half = 0; half < STEPS; half += 29)
		half_way(mode, seed, half + seed, half % 2 != 0);
}
END_TEST

START_TEST(test_guests_do_something)
{
	struct world w;
	unsigned traps = 0, faults = 0;

	world_open(&w, 0, VMS_OBSERVE_DECLARED, DIGESTS);
	world_begin(&w);
	for (unsigned i = 0; i < STEPS; i++)
		step(&w, 1, i);
	for (const char *at = w.log; (at = strstr(at, "trap 129")); at++)
		traps++;
	for (const char *at = w.log; (at = strstr(at, "trap 12 ")); at++)
		faults++;
	ck_assert_uint_gt(traps, 5);
	ck_assert_uint_gt(faults, 5);
	world_close(&w);
}
END_TEST

/* --- The doors --- */

START_TEST(test_saving_needs_an_observer_and_rest)
{
	struct vms_snapshot_sink wrong = sink;
	struct saved saved;
	struct world w;

	wrong.size--;
	world_open(&w, 0, VMS_OBSERVE_DECLARED, 0);
	world_begin(&w);
	ck_assert_int_eq(vms_snapshot_save(w.vms, &wrong, NULL), EINVAL);
	ck_assert_int_eq(world_save(&w, &saved), 0);
	ck_assert_int_eq(world_load(&w, &saved), EBUSY);
	saved_free(&saved);
	ck_assert_int_eq(vms_proc_exit(w.procs[1]), 0);
	w.procs[1] = NULL;
	ck_assert_int_eq(vms_observe(w.vms, NULL, NULL), 0);
	ck_assert_int_eq(world_save(&w, &saved), ENOTSUP);
	saved_free(&saved);
	world_observe(&w, 0, 0);
	world_close(&w);
}
END_TEST

/* mov eax,0x23; mov ds,eax; syscall */
START_TEST(test_loaded_selectors_are_refused)
{
	struct saved saved;
	struct world w;

	world_open(&w, 0, VMS_OBSERVE_DECLARED, 0);
	world_begin(&w);
	memcpy(w.memory, "\xb8\x23\0\0\0\x8e\xd8\x0f\x05", 9);
	w.tf.tf_rip = CODE;
	ck_assert_int_eq(
	    vms_ctl(w.lwps[1], NULL, VMS_CTL_RUN, &w.tf, &w.vf), 0);
	ck_assert_int_eq(w.tf.tf_trapno, T_FAST_SYSCALL);
	ck_assert_int_eq(world_save(&w, &saved), ENOTSUP);
	saved_free(&saved);
	world_close(&w);
}
END_TEST

/* Every single byte of the structure wrong, and every length: an error or
 * another world that can be closed. */
START_TEST(test_changed_structures_are_refused_or_sound)
{
	struct world before, after;
	struct saved saved, changed;
	unsigned refused = 0;

	world_open(&before, 0, VMS_OBSERVE_DECLARED, DIGESTS);
	world_begin(&before);
	for (unsigned i = 0; i < 60; i++)
		step(&before, 3, i);
	ck_assert_int_eq(world_save(&before, &saved), 0);
	changed = saved;
	changed.structure = malloc(saved.len);
	world_open(&after, 0, VMS_OBSERVE_DECLARED, DIGESTS);
	for (size_t i = 0; i < 2 * saved.len; i++) {
		int error;
		memcpy(changed.structure, saved.structure, saved.len);
		changed.len = i < saved.len ? i : saved.len;
		if (i >= saved.len)
			changed.structure[i - saved.len] ^= 1u << i % 8;
		error = world_load(&after, &changed);
		if (i < saved.len)
			ck_assert_int_eq(error, EBADMSG);
		refused += error != 0;
		if (error == 0) {
			world_close(&after);
			world_open(&after, 0, VMS_OBSERVE_DECLARED, DIGESTS);
		}
	}
	ck_assert_uint_gt(refused, saved.len * 3 / 2);
	ck_assert_int_eq(world_load(&after, &saved), 0);
	world_close(&after);
	world_close(&before);
	free(changed.structure);
	saved_free(&saved);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tcase = tcase_create("half way");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, test_loaded_world_goes_on_as_the_saved_one,
	    0, (int)MODES * SEEDS);
	tcase_add_test(tcase, test_guests_do_something);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("doors");
	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, test_saving_needs_an_observer_and_rest);
	tcase_add_test(tcase, test_loaded_selectors_are_refused);
	tcase_add_test(tcase, test_changed_structures_are_refused_or_sound);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
