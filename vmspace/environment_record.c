/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/environment_record.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vmspace/trace.h>

#include "base/os.h"

/* Of the first struct vms of the process; record is NULL before. */
static struct {
	atomic_flag begun;
	struct vms *vms;
	struct vms_record *record;
	int fork_generation;
} recording = { .begun = ATOMIC_FLAG_INIT };

static const struct {
	const char *name;
	uint32_t flag;
} flag_rows[] = {
	{ "declared", VMS_RECORD_DECLARED },
	{ "check", VMS_RECORD_CHECK },
	{ "written", VMS_RECORD_WRITTEN },
	{ "verify=full", VMS_RECORD_VERIFY_FULL },
	{ "verify=normal", 0 },
	{ "optional", VMS_RECORD_OPTIONAL },
};

static const struct {
	const char *name; /* a number follows */
	size_t at;
} number_rows[] = {
	{ "digest=", offsetof(struct vms_record_options, digest_insns) },
	{ "max-size=", offsetof(struct vms_record_options, max_bytes) },
	{ "ring=", offsetof(struct vms_record_options, ring_bytes) },
	{ "checkpoint=",
	    offsetof(struct vms_record_options, checkpoint_insns) },
};

static void
say(void *arg, const char *sentence)
{
	(void)arg;
	fprintf(stderr, "vmspace record: %s\n", sentence);
}

static bool
number_read(const char *text, const char *end, uint64_t *number)
{
	char *stop;

	if (text == end || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &stop, 10);
	return stop == end && errno == 0;
}

/* [word, end) is one of the words between the commas. */
static bool
option_read(
    const char *word, const char *end, struct vms_record_options *options)
{
	size_t len = (size_t)(end - word);

	for (size_t i = 0; i < sizeof(flag_rows) / sizeof(flag_rows[0]); i++)
		if (strlen(flag_rows[i].name) == len &&
		    memcmp(flag_rows[i].name, word, len) == 0) {
			options->flags |= flag_rows[i].flag;
			return true;
		}
	for (size_t i = 0; i < sizeof(number_rows) / sizeof(number_rows[0]);
	     i++) {
		size_t name_len = strlen(number_rows[i].name);
		uint64_t number;

		if (len <= name_len ||
		    memcmp(number_rows[i].name, word, name_len) != 0 ||
		    !number_read(word + name_len, end, &number))
			continue;
		memcpy((char *)options + number_rows[i].at, &number,
		    sizeof(number));
		return true;
	}
	return false;
}

/* NULL; else the first word that is none, up to a comma or the end. */
static const char *
options_read(const char *text, struct vms_record_options *options)
{
	if (text == NULL || *text == '\0')
		return NULL;
	for (;;) {
		const char *end = text + strcspn(text, ",");

		if (!option_read(text, end, options))
			return text;
		if (*end == '\0')
			return NULL;
		text = end + 1;
	}
}

static void recording_stop(void);

void
environment_record_close(const struct vms *vms)
{
	if (recording.record != NULL && recording.vms == vms)
		recording_stop();
}

/* A child made by fork() must leave the file to its parent. */
static void
recording_stop(void)
{
	struct vms_record *record = recording.record;
	char sentence[160];
	int error;

	if (recording.fork_generation != os_fork_generation())
		return;
	recording.record = NULL;
	if ((error = vms_record_stop(record, NULL)) == 0)
		return;
	snprintf(sentence, sizeof(sentence),
	    "the file is incomplete and stays .partial: %s", strerror(error));
	say(NULL, sentence);
}

static int
record_start(
    struct vms *vms, const char *path, const struct vms_record_options *options)
{
	struct vms_record *record;
	int error;

	if ((error = vms_record_start(vms, path, options, &record)) != 0)
		return error;
	recording.vms = vms;
	recording.record = record;
	recording.fork_generation = os_fork_generation();
	if (atexit(recording_stop) == 0)
		return 0;
	vms_record_stop(record, NULL);
	return ENOMEM;
}

static void
unknown_say(const char *word)
{
	char sentence[160];
	size_t len = strcspn(word, ",");

	snprintf(sentence, sizeof(sentence),
	    "VMSPACE_RECORD_OPTIONS has an unknown word: '%.*s'",
	    len < 80 ? (int)len : 80, word);
	say(NULL, sentence);
}

int
environment_record_start(struct vms *vms)
{
	struct vms_record_options options = { .size = sizeof(options),
		.report = say };
	const char *path = getenv("VMSPACE_RECORD"), *unknown;
	char sentence[200];
	int error = EINVAL;

	if (path == NULL || *path == '\0' ||
	    atomic_flag_test_and_set(&recording.begun))
		return 0;
	unknown = options_read(getenv("VMSPACE_RECORD_OPTIONS"), &options);
	if (unknown != NULL)
		unknown_say(unknown);
	else if ((error = record_start(vms, path, &options)) == 0)
		return 0;
	else {
		snprintf(sentence, sizeof(sentence),
		    "%.120s cannot be recorded: %s", path, strerror(error));
		say(NULL, sentence);
	}
	if ((options.flags & VMS_RECORD_OPTIONAL) != 0)
		return 0;
	atomic_flag_clear(&recording.begun); /* the next one fails, too */
	return error;
}
