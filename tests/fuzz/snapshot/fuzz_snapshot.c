/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as the structure of a snapshot: they are refused, and nothing is
 * left, or the guests of what was made can be run for a while.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vmspace/snapshot.h>

#include "base/os.h"
#include "tests/fuzz/fuzz.h"

#define HANDLES    8
#define FILE_BYTES (INT64_C(64) << 20)
#define RUN_INSNS  50

struct made {
	struct vms *vms;
	int fds[3];
	struct vms_proc *procs[HANDLES];
	struct vms_lwp *lwps[HANDLES];
	void *ids[HANDLES];
	size_t proc_count, lwp_count, id_count;
};

static void
promise(bool kept, const char *what)
{
	if (kept)
		return;
	fprintf(stderr, "fuzz_snapshot: broken: %s\n", what);
	abort();
}

static int
run_start(void *arg, const struct vms_run_start *start, uint64_t *limit)
{
	(void)arg;
	(void)start;
	*limit = RUN_INSNS;
	return 0;
}

static void *
source_id(void *arg, uint64_t id)
{
	struct made *made = arg;

	if (made->id_count < HANDLES)
		made->ids[made->id_count++] = (void *)(uintptr_t)id;
	return (void *)(uintptr_t)id;
}

static int
source_numbers(void *arg, uint32_t procs, uint32_t lwps, uint32_t files)
{
	(void)arg;
	(void)files;
	return procs < HANDLES && lwps < HANDLES ? 0 : EBADMSG;
}

/* One file, which has the size of the last one asked for. */
static int
source_file(void *arg, const struct vms_snapshot_file *file, int *fd)
{
	struct made *made = arg;

	if (file->bytes > (uint64_t)FILE_BYTES)
		return EFBIG;
	promise(ftruncate(made->fds[2], (off_t)file->bytes) == 0, "a file");
	*fd = made->fds[file->mode];
	return 0;
}

static int
source_page(void *arg, const struct vms_snapshot_page *page, void *bytes)
{
	(void)arg;
	memset(bytes, (int)page->index, VMS_PAGE_SIZE);
	return 0;
}

static void
source_proc(void *arg, uint32_t number, struct vms_proc *proc)
{
	struct made *made = arg;

	(void)number;
	made->procs[made->proc_count++] = proc;
}

static void
source_lwp(void *arg, uint32_t number, uint32_t proc, struct vms_lwp *lwp)
{
	struct made *made = arg;

	(void)number;
	(void)proc;
	made->lwps[made->lwp_count++] = lwp;
}

static void
made_open(struct made *made)
{
	const struct vms_config config = { .size = sizeof(config),
		.arena_bytes = UINT64_C(256) << 20 };
	const struct vms_observer observer = { .size = sizeof(observer),
		.digest_insns = 20,
		.run_start = run_start };

	memset(made, 0, sizeof(*made));
	promise(os_memfile_modes("fuzz", made->fds) == 0, "memory files");
	promise(vms_open(&config, &made->vms) == 0, "vms_open");
	promise(vms_observe(made->vms, &observer, made) == 0, "vms_observe");
}

static void
guests_run(struct made *made)
{
	struct vextframe vf;
	struct trapframe tf;

	memset(&vf, 0, sizeof(vf));
	for (size_t i = 0; i < made->lwp_count; i++)
		for (size_t j = 0; j < made->id_count; j++) {
			memset(&tf, 0, sizeof(tf));
			tf.tf_rip = 0x10000;
			tf.tf_rdi = 0x40000;
			tf.tf_rsi = 0x41000;
			tf.tf_rcx = 5;
			(void)vms_ctl(
			    made->lwps[i], made->ids[j], VMS_CTL_RUN, &tf, &vf);
		}
}

static void
made_close(struct made *made)
{
	struct vms_stats stats = { .size = sizeof(stats) };

	for (size_t i = 0; i < made->proc_count; i++)
		promise(vms_proc_exit(made->procs[i]) == 0, "vms_proc_exit");
	promise(vms_stats(made->vms, &stats) == 0, "vms_stats");
	promise(stats.objects == 0 && stats.vmspaces == 0, "nothing is left");
	promise(vms_observe(made->vms, NULL, NULL) == 0, "the observer goes");
	promise(vms_close(made->vms) == 0, "vms_close");
	for (int i = 0; i < 3; i++)
		close(made->fds[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct vms_snapshot_source source = { sizeof(source),
		source_id, source_numbers, source_file, source_page,
		source_proc, source_lwp };
	struct vms_stats stats = { .size = sizeof(stats) };
	static struct made made;
	int error;

	if (made.vms == NULL)
		made_open(&made);
	made.id_count = 0;
	error = vms_snapshot_load(made.vms, bytes, len, &source, &made);
	if (error != 0) {
		promise(vms_stats(made.vms, &stats) == 0, "vms_stats");
		promise(stats.objects == 0 && stats.vmspaces == 0,
		    "nothing is left of what was refused");
		return 0;
	}
	guests_run(&made);
	made_close(&made);
	made.vms = NULL;
	return 0;
}
