/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/environment_play.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <vmspace/trace.h>

#include "base/os.h"
#include "vmspace/vms.h"

static struct {
	atomic_flag begun;
	struct vms *vms; /* NULL before, and when it has ended */
	int fork_generation;
} played = { .begun = ATOMIC_FLAG_INIT };

/* A child made by fork() must leave the verdict to its parent. */
static void
play_end(void)
{
	struct vms *vms = played.vms;

	if (vms == NULL || played.fork_generation != os_fork_generation())
		return;
	played.vms = NULL;
	(void)vms_replay_guest_end(vms);
}

void
environment_play_close(const struct vms *vms)
{
	if (vms == played.vms)
		play_end();
}

/* What the vkernel asks for is what it gets: if that is not what was recorded,
 * its calls will show it. */
static int
play_configure(struct vms *vms, const struct vms_config *config)
{
	uint64_t max_map_entries = vms->config.max_map_entries;

	vms->config = *config;
	if (config->max_map_entries == 0)
		vms->config.max_map_entries = max_map_entries;
	vms_set_vkernel_enable(
	    vms, (config->flags & VMS_CONFIG_NO_VKERNEL) == 0);
	vms->counting = (config->flags & VMS_CONFIG_COUNT) != 0;
	return vms_counting_apply(vms);
}

int
environment_play_open(const struct vms_config *config, struct vms **out)
{
	const char *path = getenv("VMSPACE_REPLAY_GUEST");
	const char *rules = getenv("VMSPACE_REPLAY_RULES");
	int error;

	if (path == NULL || *path == '\0' ||
	    atomic_flag_test_and_set(&played.begun))
		return ENOENT;
	if (rules != NULL && *rules == '\0')
		rules = NULL;
	error = vms_replay_guest(path, rules, stderr, &played.vms);
	if (error != 0) {
		atomic_flag_clear(&played.begun); /* never an engine instead */
		return error == ENOENT ? EBADMSG : error;
	}
	played.fork_generation = os_fork_generation();
	if ((error = play_configure(played.vms, config)) == 0 &&
	    atexit(play_end) != 0)
		error = ENOMEM;
	if (error == 0)
		*out = played.vms;
	return error;
}
