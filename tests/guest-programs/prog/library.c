// SPDX-License-Identifier: BSD-2-Clause
// The loader at run time: libraries opened, symbols found, exits in order.

#include "tests/guest-programs/prog/say.h"

#include <dlfcn.h>
#include <link.h>

static int libraries;

static int
count(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)info;
	(void)size;
	(void)unused;
	libraries++;
	return 0;
}

__attribute__((constructor)) static void
early(void)
{
	puts("constructor");
}

__attribute__((destructor)) static void
late(void)
{
	puts("destructor");
}

static void
last(void)
{
	puts("atexit");
}

int
main(void)
{
	atexit(last);
	void *library = dlopen("libm.so.6", RTLD_NOW);
	SHOW(library != NULL);
	double (*root)(double) = NULL;
	if (library != NULL)
		*(void **)&root = dlsym(library, "sqrt");
	SHOW(root != NULL);
	if (root != NULL)
		SHOW(root(1764));
	SHOW(dlopen("libno-such-library.so", RTLD_NOW) == NULL);
	SHOW(dlerror() != NULL);
	SHOW(dlsym(RTLD_DEFAULT, "no_such_symbol") == NULL);
	Dl_info info;
	SHOW(dladdr((void *)puts, &info) != 0);
	dl_iterate_phdr(count, NULL);
	SHOW(libraries > 1);
	SHOW(library == NULL ? 0 : dlclose(library));
	return 0;
}
