/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page faults of the guest: those that its virtual kernel must answer, and
 * those that the library answers by itself.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include "bench/client.h"
#include "bench/native.h"

#define PAGES       256
#define IMAGE_BYTES ((size_t)4 << 20)
#define DATA_BYTES  (PAGES * VMS_PAGE_SIZE)

struct ours {
	struct client client;
	uint64_t top;
	uint64_t data; /* frame of the first data page */
	struct trapframe tf;
};

/* self->number: whether the memory image may shrink. */
static void *
ours_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct ours *ours = calloc(1, sizeof(*ours));

	(void)env;
	if (ours == NULL)
		abort();
	if (!(self->number != 0 ? client_open_unsealed : client_open)(
		&ours->client, IMAGE_BYTES, out))
		return ours;
	ours->top = client_tables(&ours->client, PAGES);
	ours->data =
	    *image_entry(&ours->client.image, ours->top, CLIENT_DATA_VA) &
	    VMS_VPTE_FRAME;
	if (client_space(&ours->client, ours, ours->top) != 0)
		figure_fail(out, "the vmspace cannot be made");
	return ours;
}

static bool
translations_drop(struct ours *ours, struct figure *out)
{
	if (vms_mcontrol(ours->client.proc, ours, CLIENT_DATA_VA, DATA_BYTES,
		VMS_MADV_INVAL, 0) == 0)
		return true;
	figure_fail(out, "MADV_INVAL failed");
	return false;
}

static void
entries_clear(struct ours *ours)
{
	for (uint64_t i = 0; i < PAGES; i++)
		*image_entry(&ours->client.image, ours->top,
		    CLIENT_DATA_VA + i * VMS_PAGE_SIZE) = 0;
}

/* What a virtual kernel does about a fault: one entry, then on again. */
static bool
fault_serve(struct ours *ours, uint64_t va, struct figure *out)
{
	if (!client_run(&ours->client, ours, &ours->tf, T_PAGEFLT, out))
		return false;
	if ((uint64_t)ours->tf.tf_addr != va) {
		figure_fail(out, "a fault at the wrong address");
		return false;
	}
	image_map(&ours->client.image, ours->top, va,
	    ours->data + (va - CLIENT_DATA_VA), 1);
	return true;
}

static void
reflected_sample(void *state, struct figure *out)
{
	struct ours *ours = state;
	double start;

	entries_clear(ours);
	if (!translations_drop(ours, out))
		return;
	client_touch(&ours->tf, CLIENT_DATA_VA, PAGES);
	start = clock_ns();
	for (uint64_t i = 0; i < PAGES; i++) {
		if (!fault_serve(ours, CLIENT_DATA_VA + i * VMS_PAGE_SIZE, out))
			return;
	}
	if (!client_run(&ours->client, ours, &ours->tf, T_FAST_SYSCALL, out))
		return;
	out->value = (clock_ns() - start) / PAGES;
}

static void
touch_timed(struct ours *ours, uint64_t va, struct figure *out)
{
	double start;

	client_touch(&ours->tf, va, PAGES);
	start = clock_ns();
	if (client_run(&ours->client, ours, &ours->tf, T_FAST_SYSCALL, out))
		out->value = (clock_ns() - start) / PAGES;
}

static void
resolved_sample(void *state, struct figure *out)
{
	struct ours *ours = state;

	if (translations_drop(ours, out))
		touch_timed(ours, CLIENT_DATA_VA, out);
}

/* Anonymous memory lies over the image's mapping, away from its data. */
#define ANON_VA UINT64_C(0x10000000)

static void
zerofill_sample(void *state, struct figure *out)
{
	struct ours *ours = state;
	vms_va_t va;
	int error = vms_mmap(ours->client.proc, ours, ANON_VA, DATA_BYTES,
	    VMS_PROT_READ | VMS_PROT_WRITE,
	    VMS_MAP_PRIVATE | VMS_MAP_ANON | VMS_MAP_FIXED, -1, 0, &va);

	if (error != 0)
		figure_fail(out, "vms_mmap: %s", strerror(error));
	else
		touch_timed(ours, ANON_VA, out);
}

enum { OURS, NATIVE, UNSEALED };

static const struct contender reflected[] = {
	[OURS] = { "vms_ctl", ours_open, reflected_sample, 0, NULL },
	[NATIVE] = { "native SIGSEGV + mprotect", native_segv_open,
	    native_segv_sample, 0, NULL },
	[UNSEALED] = { "vms_ctl", ours_open, reflected_sample, 1, NULL },
};
static const struct contender resolved[] = {
	[OURS] = { "vms_ctl", ours_open, resolved_sample, 0, NULL },
	[NATIVE] = { "native minor fault, shared", native_minor_open,
	    native_minor_sample, 0, NULL },
	[UNSEALED] = { "vms_ctl", ours_open, resolved_sample, 1, NULL },
};
static const struct contender zerofill[] = {
	[OURS] = { "vms_ctl", ours_open, zerofill_sample, 0, NULL },
	[NATIVE] = { "native minor fault, anonymous", native_minor_open,
	    native_minor_sample, 1, NULL },
};

static const struct row reflected_rows[] = {
	{ "page fault reflected, entry set, resumed", "ns", 1, OURS, NATIVE,
	    0.5, 0 },
	{ "page fault reflected, unsealed image", "ns", 1, UNSEALED, NATIVE, 0,
	    0 },
};
static const struct row resolved_rows[] = {
	{ "page fault resolved from a page table", "us", 1e3, OURS, NATIVE, 2,
	    1 },
	{ "page fault resolved, unsealed image", "us", 1e3, UNSEALED, NATIVE, 0,
	    0 },
};
static const struct row zerofill_rows[] = {
	{ "page fault resolved by a zeroed page", "us", 1e3, OURS, NATIVE, 2,
	    1 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct group group_reflected = { "reflected", reflected, COUNT(reflected),
	reflected_rows, COUNT(reflected_rows), 31 };
const struct group group_resolved = { "resolved", resolved, COUNT(resolved),
	resolved_rows, COUNT(resolved_rows), 31 };
const struct group group_zerofill = { "zerofill", zerofill, COUNT(zerofill),
	zerofill_rows, COUNT(zerofill_rows), 31 };
