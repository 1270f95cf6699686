/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting and ending a recording.  Nothing that goes into the file depends on
 * time, host, process or address. */
#include "traces/record.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KNOWN_FLAGS                                                            \
	(VMS_RECORD_DECLARED | VMS_RECORD_CHECK | VMS_RECORD_WRITTEN |         \
	    VMS_RECORD_VERIFY_FULL | VMS_RECORD_OPTIONAL)

/* For making the file while the run lock keeps observed calls out. */
struct opening {
	struct vms_record *record;
	const char *path;
	const struct trace_header *header;
	struct trace_writer_options writer;
	int error;
};

static int
options_read(
    const struct vms_record_options *from, struct vms_record_options *options)
{
	*options = (struct vms_record_options){ .size = sizeof(*options) };
	if (from == NULL)
		return 0;
	if (from->size != sizeof(*options))
		return EINVAL;
	*options = *from;
	if ((options->flags & ~(uint32_t)KNOWN_FLAGS) != 0 ||
	    ((options->flags & VMS_RECORD_CHECK) != 0 &&
		(options->flags & VMS_RECORD_DECLARED) == 0))
		return EINVAL;
	return 0;
}

/* The vkernel may change its directory before the file gets its name. */
static int
path_absolute(const char *path, char **out)
{
	char directory[PATH_MAX];
	size_t bytes;

	if (path == NULL || *path == '\0')
		return EINVAL;
	directory[0] = '\0';
	if (*path != '/' && getcwd(directory, sizeof(directory)) == NULL)
		return errno;
	bytes = strlen(directory) + 1 + strlen(path) + 1;
	if ((*out = malloc(bytes)) == NULL)
		return ENOMEM;
	snprintf(*out, bytes, "%s%s%s", directory, *directory ? "/" : "", path);
	return 0;
}

static void
header_fill_config(struct trace_header *header, const struct vms *vms)
{
	struct vms_config config = { .size = sizeof(config) };

	(void)vms_get_config(vms, &config);
	header->config_flags = config.flags;
	header->era = config.era;
	header->arena_bytes = config.arena_bytes;
	header->max_map_entries = config.max_map_entries;
}

static void
header_fill(struct trace_header *header, const struct vms *vms,
    const struct vms_observer *observer,
    const struct vms_record_options *options)
{
	*header = (struct trace_header){ .major = TRACE_MAJOR,
		.minor = TRACE_MINOR,
		.observe_flags = observer->flags,
		.digest_insns = observer->digest_insns,
		.page_bytes = VMS_PAGE_SIZE,
		.cpu_model = "Nehalem",
		.notes = options->notes };
	header_fill_config(header, vms);
	vms_unicorn_version(header->unicorn);
	snprintf(header->creator, sizeof(header->creator), "vmspace %s",
	    vms_version());
	if ((options->flags & VMS_RECORD_WRITTEN) != 0)
		header->compat |= TRACE_COMPAT_WRITTEN;
	if ((options->flags & VMS_RECORD_DECLARED) == 0 ||
	    (options->flags & VMS_RECORD_CHECK) != 0)
		header->compat |= TRACE_COMPAT_UNDECLARED;
	if (options->ring_bytes != 0 || options->checkpoint_insns != 0)
		header->compat |= TRACE_COMPAT_CHECKPOINTS;
}

static void
writer_open(void *arg)
{
	struct opening *opening = arg;

	opening->error =
	    opening->record->early
		? EBUSY
		: trace_writer_create(opening->path, opening->header,
		      &opening->writer, &opening->record->writer);
}

static int
observation_start(struct vms_record *record,
    const struct vms_observer *observer, struct opening *opening)
{
	int error = vms_observe(record->vms, observer, record);

	if (error != 0)
		return error;
	if ((error = vms_atomic(record->vms, writer_open, opening)) == 0)
		error = opening->error;
	if (error != 0)
		(void)vms_observe(record->vms, NULL, NULL);
	return error;
}

static int
record_open(struct vms_record *record, const char *path,
    const struct vms_record_options *options)
{
	struct vms_observer observer;
	struct trace_header header;
	struct opening opening = { .record = record,
		.path = path,
		.header = &header,
		.writer = { .max_bytes = options->max_bytes,
		    .ring_bytes = options->ring_bytes } };

	record_observer_init(&observer, options);
	header_fill(&header, record->vms, &observer, options);
	return observation_start(record, &observer, &opening);
}

int
vms_record_start(struct vms *vms, const char *path,
    const struct vms_record_options *options, struct vms_record **out)
{
	struct vms_record_options known;
	struct vms_record *record;
	char *absolute = NULL;
	int error;

	if (vms == NULL || out == NULL)
		return EINVAL;
	if ((error = options_read(options, &known)) != 0 ||
	    (error = path_absolute(path, &absolute)) != 0)
		return error;
	error = ENOMEM;
	if ((record = calloc(1, sizeof(*record))) != NULL) {
		record->vms = vms;
		record->flags = known.flags;
		record_checkpoint_init(&record->checkpoint, &known);
		record->report = known.report;
		record->arg = known.arg;
		error = record_open(record, absolute, &known);
	}
	free(absolute);
	if (error == 0)
		*out = record;
	else
		free(record);
	return error;
}

static int
writer_finish(struct vms_record *record, struct vms_record_result *result)
{
	struct trace_end end = { .events = 0 };
	int error;

	error = trace_writer_finish(record->writer, &end, &result->bytes);
	if (record->error != 0)
		error = record->error;
	result->events = end.events;
	result->insns = end.insns;
	memcpy(result->stream_digest, end.stream_digest,
	    sizeof(result->stream_digest));
	result->error = error;
	result->capped = record->capped;
	result->missed = record->missed;
	return error;
}

int
vms_record_stop(struct vms_record *record, struct vms_record_result *result)
{
	struct vms_record_result now = { .size = sizeof(now) };
	int error;

	if (record == NULL)
		return 0;
	if (result != NULL && result->size != sizeof(now))
		return EINVAL;
	(void)vms_observe_digest(record->vms);
	/* In a forked child the file is the parent's. */
	if ((error = vms_observe(record->vms, NULL, NULL)) != 0)
		return error;
	error = writer_finish(record, &now);
	if (result != NULL)
		*result = now;
	record_observer_finish(record);
	free(record);
	return error;
}
