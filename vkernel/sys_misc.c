/* SPDX-License-Identifier: BSD-2-Clause */
/* The rest: the machine, the thread's own words, randomness, futexes. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/page.h"
#include "vkernel/clock.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"
#include "vkernel/wait.h"

#define PERSONALITY_ASK     0xffffffffu
#define PERSONALITY_MASK    0x00000ffu
#define PERSONALITY_LINUX32 8u
#define UNAME26             0x0020000u

static void
name_copy(char *dst, const char *src)
{
	snprintf(dst, 65, "%s", src);
}

/* A Linux host tells its own release; others are given one. */
void
uname_fill(struct lx_utsname *name, bool fixed)
{
	struct utsname host;

	memset(name, 0, sizeof(*name));
	name_copy(name->sysname, "Linux");
	name_copy(name->nodename, "vmspace");
	name_copy(name->release, "6.1.0");
	name_copy(name->version, "#1 SMP");
	name_copy(name->machine, "x86_64");
	name_copy(name->domainname, "(none)");
	if (fixed || uname(&host) != 0)
		return;
	name_copy(name->nodename, host.nodename);
	if (strcmp(host.sysname, "Linux") != 0)
		return;
	name_copy(name->release, host.release);
	name_copy(name->version, host.version);
}

/* 6.1.0-x is 2.6.61-x for programs that know nothing newer. */
static void
name_26(char *release)
{
	char rest[65];
	unsigned minor;
	size_t digits;

	minor = 0;
	sscanf(release, "%*u.%u", &minor);
	digits = strspn(release, "0123456789.");
	name_copy(rest, release + digits);
	snprintf(release, 65, "2.6.%u%.50s", (minor + 60) & 255, rest);
}

int64_t
sys_uname(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_utsname name;
	uint32_t personality;

	uname_fill(&name, clock_is_virtual(thread->process->kernel));
	personality = thread->process->personality;
	if ((personality & PERSONALITY_MASK) == PERSONALITY_LINUX32)
		name_copy(name.machine, "i686");
	if ((personality & UNAME26) != 0)
		name_26(name.release);
	return -copyout(thread->process->mm, args[0], &name, sizeof(name));
}

int64_t
sys_sysinfo(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_image *image;
	struct lx_sysinfo info;

	image = &thread->process->kernel->memory.image;
	memset(&info, 0, sizeof(info));
	info.uptime = (int64_t)(clock_monotonic_ns(thread) / NS_PER_SEC);
	info.totalram = image->bytes;
	info.freeram = (uint64_t)image_free_count(image) << PAGE_SHIFT;
	info.procs = 1;
	info.mem_unit = 1;
	return -copyout(thread->process->mm, args[0], &info, sizeof(info));
}

static int64_t
base_set(struct vk_thread *thread, int which, uint64_t base)
{
	if (base >= MM_VA_END)
		return -LX_EPERM;
	thread->vf.vx_tls.info[which].base = (void *)(uintptr_t)base;
	return 0;
}

static int64_t
base_get(struct vk_thread *thread, int which, uint64_t va)
{
	uint64_t base;

	base = (uintptr_t)thread->vf.vx_tls.info[which].base;
	return -copyout(thread->process->mm, va, &base, sizeof(base));
}

int64_t
sys_arch_prctl(struct vk_thread *thread, const uint64_t *args)
{
	switch (args[0]) {
	case LX_ARCH_SET_FS:
		return base_set(thread, 0, args[1]);
	case LX_ARCH_SET_GS:
		return base_set(thread, 1, args[1]);
	case LX_ARCH_GET_FS:
		return base_get(thread, 0, args[1]);
	case LX_ARCH_GET_GS:
		return base_get(thread, 1, args[1]);
	default:
		return -LX_EINVAL;
	}
}

int64_t
sys_personality(struct vk_thread *thread, const uint64_t *args)
{
	uint32_t old;

	old = thread->process->personality;
	if ((uint32_t)args[0] != PERSONALITY_ASK)
		thread->process->personality = (uint32_t)args[0];
	return old;
}

int64_t
sys_getrandom(struct vk_thread *thread, const uint64_t *args)
{
	uint8_t part[256];
	uint64_t done, len;
	size_t n;

	if ((args[2] & ~UINT64_C(7)) != 0)
		return -LX_EINVAL;
	len = args[1] < INT32_MAX ? args[1] : INT32_MAX;
	for (done = 0; done < len; done += n) {
		n = len - done < sizeof(part) ? (size_t)(len - done)
					      : sizeof(part);
		rng_fill(&thread->process->kernel->rng, part, n);
		if (copyout(thread->process->mm, args[0] + done, part, n) != 0)
			return done != 0 ? (int64_t)done : -LX_EFAULT;
	}
	return (int64_t)done;
}
