/* SPDX-License-Identifier: BSD-2-Clause */
/* A system call of the guest: out to the virtual kernel and back in. */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include "bench/bare.h"
#include "bench/client.h"
#include "bench/dropin.h"
#include "bench/native.h"

#define ROUND_TRIPS 2000
#define IMAGE_BYTES ((size_t)1 << 20)

struct ours {
	struct client client;
	struct trapframe tf;
};

/* self->number: whether the memory image may shrink. */
static void *
handle_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct ours *ours = calloc(1, sizeof(*ours));

	(void)env;
	if (ours == NULL)
		abort();
	if (!(self->number != 0 ? client_open_unsealed : client_open)(
		&ours->client, IMAGE_BYTES, out))
		return ours;
	if (client_space(
		&ours->client, ours, client_tables(&ours->client, 1)) != 0)
		figure_fail(out, "the vmspace cannot be made");
	ours->tf.tf_rip = (int64_t)(CLIENT_CODE_VA + CLIENT_NULL);
	return ours;
}

static bool
handle_call(void *state, struct figure *out)
{
	struct ours *ours = state;

	return client_run(&ours->client, ours, &ours->tf, T_FAST_SYSCALL, out);
}

static void
handle_sample(void *state, struct figure *out)
{
	figure_time(out, handle_call, state, ROUND_TRIPS);
}

static void *
dropin_contender_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct image image;
	uint64_t code, top;

	(void)self;
	(void)env;
	if (!image_open(&image, IMAGE_BYTES, out))
		return NULL;
	image_seal(&image);
	code = image_pages(&image, 1);
	top = image_pages(&image, 1);
	image_store(&image, code, client_code, sizeof(client_code));
	image_map(&image, top, CLIENT_CODE_VA, code, 1);
	if (!dropin_open(image.fd, top, CLIENT_CODE_VA + CLIENT_NULL))
		figure_fail(out, "the vmspace cannot be made");
	return NULL;
}

static bool
dropin_call(void *state, struct figure *out)
{
	(void)state;
	if (dropin_syscall())
		return true;
	figure_fail(out, "vmspace_ctl failed");
	return false;
}

static void
dropin_sample(void *state, struct figure *out)
{
	figure_time(out, dropin_call, state, ROUND_TRIPS / 8);
}

static void *
bare_contender_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct bare *bare = bare_open((size_t)16 << 20);
	uint64_t cr3, page;

	(void)self;
	(void)env;
	if (bare == NULL) {
		figure_fail(out, "Unicorn does not start");
		return NULL;
	}
	cr3 = bare_space(bare);
	page = bare_page(bare);
	memcpy(bare_host(bare, page), client_code, sizeof(client_code));
	bare_map(bare, cr3, CLIENT_CODE_VA, page, BARE_EXEC);
	bare_set_cr3(bare, cr3);
	bare_regs(bare)[BARE_RIP] = CLIENT_CODE_VA + CLIENT_NULL;
	return bare;
}

static bool
bare_call(void *state, struct figure *out)
{
	if (bare_run(state) == BARE_SYSCALL)
		return true;
	figure_fail(out, "unexpected trap");
	return false;
}

static void
bare_sample(void *state, struct figure *out)
{
	figure_time(out, bare_call, state, ROUND_TRIPS);
}

enum { HANDLE, UNSEALED, DROPIN, BARE, SYSEMU, SYSEMU_REGS };

static const struct contender contenders[] = {
	[HANDLE] = { "vms_ctl", handle_open, handle_sample, 0, NULL },
	[UNSEALED] = { "vms_ctl, image may shrink", handle_open, handle_sample,
	    1, NULL },
	[DROPIN] = { "vmspace_ctl", dropin_contender_open, dropin_sample, 0,
	    NULL },
	[BARE] = { "bare Unicorn start/stop", bare_contender_open, bare_sample,
	    0, NULL },
	[SYSEMU] = { "PTRACE_SYSEMU", native_sysemu_open, native_sysemu_sample,
	    0, NULL },
	[SYSEMU_REGS] = { "PTRACE_SYSEMU + registers", native_sysemu_open,
	    native_sysemu_sample, 1, NULL },
};

static const struct row rows[] = {
	{ "null system call, vms_ctl", "ns", 1, HANDLE, BARE, 1.6, 0 },
	{ "null system call, vms_ctl", "ns", 1, HANDLE, SYSEMU, 0.125, 0 },
	{ "null system call, vms_ctl", "ns", 1, HANDLE, SYSEMU_REGS, 0.125, 0 },
	{ "null system call, vms_ctl, unsealed image", "ns", 1, UNSEALED, BARE,
	    0, 0 },
	{ "null system call, vmspace_ctl", "ns", 1, DROPIN, BARE, 0, 0 },
	{ "null system call, vmspace_ctl", "ns", 1, DROPIN, SYSEMU_REGS, 0, 0 },
};

const struct group group_syscall = { "syscall", contenders,
	sizeof(contenders) / sizeof(contenders[0]), rows,
	sizeof(rows) / sizeof(rows[0]), 31 };
