// SPDX-License-Identifier: BSD-2-Clause
// Shared memory by name, and memory of other processes.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>

int
main(void)
{
	char name[64];
	static char value = 5;

	snprintf(name, sizeof(name), "/vms-shm-%ld", (long)getpid());
	shm_unlink(name);
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	SHOW(fd >= 0);
	SHOW(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
	SHOW(ftruncate(fd, 4096));
	char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	IN_CHILD("child", {
		int again = shm_open(name, O_RDWR, 0);
		char *other = mmap(
		    NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0);
		strcpy(other, "by name");
	});
	puts(map);
	SHOW(shm_unlink(name));
	SHOW(shm_unlink(name));
	SHOW(shm_open("/no-such-vms", O_RDWR, 0));

	struct iovec here = { map, 1 }, there = { &value, 1 };
	SHOW(process_vm_readv(getpid(), &here, 1, &there, 1, 0));
	SHOW(map[0]);
	there.iov_base = (void *)16;
	SHOW(process_vm_readv(getpid(), &here, 1, &there, 1, 0));
	return 0;
}
