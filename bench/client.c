/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/client.h"

#include <string.h>

const uint8_t client_code[64] = {
	[CLIENT_TOUCH] = 0x88,
	0x07, /* touch: mov [rdi], al */
	0x48,
	0x01,
	0xf7, /* add rdi, rsi */
	0x48,
	0xff,
	0xc9, /* dec rcx */
	0x75,
	0xf6, /* jnz touch */
	0x0f,
	0x05, /* syscall */
	[CLIENT_NULL] = 0x0f,
	0x05, /* null: syscall */
	0xeb,
	0xfc /* jmp null */
};

static int
handles_open(struct client *client)
{
	int error = vms_open(NULL, &client->vms);

	if (error == 0)
		error = vms_proc_open(client->vms, &client->proc);
	if (error == 0)
		error = vms_lwp_open(client->proc, &client->lwp);
	return error;
}

static bool
open_all(
    struct client *client, size_t image_bytes, bool sealed, struct figure *out)
{
	int error;

	memset(client, 0, sizeof(*client));
	if (!image_open(&client->image, image_bytes, out))
		return false;
	if (sealed)
		image_seal(&client->image);
	error = handles_open(client);
	if (error != 0) {
		figure_fail(out, "vms_open: %s", strerror(error));
		return false;
	}
	client->code = image_pages(&client->image, 1);
	image_store(
	    &client->image, client->code, client_code, sizeof(client_code));
	return true;
}

bool
client_open(struct client *client, size_t image_bytes, struct figure *out)
{
	return open_all(client, image_bytes, true, out);
}

bool
client_open_unsealed(
    struct client *client, size_t image_bytes, struct figure *out)
{
	return open_all(client, image_bytes, false, out);
}

uint64_t
client_tables(struct client *client, size_t pages)
{
	uint64_t top = image_pages(&client->image, 1);
	uint64_t data = image_pages(&client->image, pages);

	image_map(&client->image, top, CLIENT_CODE_VA, client->code, 1);
	image_map(&client->image, top, CLIENT_DATA_VA, data, pages);
	return top;
}

int
client_space(struct client *client, void *id, uint64_t top)
{
	vms_va_t va;
	int error = vms_create(client->proc, id, 0, NULL);

	if (error == 0)
		error = vms_mmap(client->proc, id, 0, VMS_VA_END,
		    VMS_PROT_READ | VMS_PROT_WRITE,
		    VMS_MAP_SHARED | VMS_MAP_VPAGETABLE | VMS_MAP_FIXED,
		    client->image.fd, 0, &va);
	if (error == 0)
		error = vms_mcontrol(client->proc, id, 0, VMS_VA_END,
		    VMS_MADV_SETMAP,
		    top | VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W);
	return error;
}

bool
client_run(struct client *client, void *id, struct trapframe *tf, int trapno,
    struct figure *out)
{
	struct vextframe vf = { 0 };
	int error = vms_ctl(client->lwp, id, VMS_CTL_RUN, tf, &vf);

	if (error == 0 && tf->tf_trapno == trapno)
		return true;
	figure_fail(out, "vms_ctl: error %d, trap %d at %#llx, address %#llx",
	    error, (int)tf->tf_trapno, (unsigned long long)tf->tf_rip,
	    (unsigned long long)tf->tf_addr);
	return false;
}

void
client_touch(struct trapframe *tf, uint64_t va, size_t pages)
{
	tf->tf_rip = (int64_t)(CLIENT_CODE_VA + CLIENT_TOUCH);
	tf->tf_rdi = (int64_t)va;
	tf->tf_rsi = (int64_t)VMS_PAGE_SIZE;
	tf->tf_rcx = (int64_t)pages;
}
