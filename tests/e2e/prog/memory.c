/* SPDX-License-Identifier: BSD-2-Clause */
/* malloc, realloc and free under stress, large arrays, mapped memory. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS  2000
#define ROUNDS 60000
#define LARGE  (64u << 20)

static uint64_t state = 88172645463325252u;

static uint64_t
random_next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static unsigned char global[LARGE];

static void
heap_stress(void)
{
	static unsigned char *slots[SLOTS];
	static size_t sizes[SLOTS];
	uint64_t sum = 0;

	for (int i = 0; i < ROUNDS; i++) {
		size_t slot = random_next() % SLOTS;
		size_t size = random_next() % (i % 100 == 0 ? 300000 : 700);
		size_t kept = size < sizes[slot] ? size : sizes[slot];

		if (random_next() % 3 == 0) {
			free(slots[slot]);
			slots[slot] = NULL;
			sizes[slot] = 0;
			continue;
		}
		slots[slot] = realloc(slots[slot], size + 1);
		if (slots[slot] == NULL)
			abort();
		for (size_t at = 0; at < kept; at += 61)
			sum += slots[slot][at];
		memset(slots[slot] + kept, i, size - kept);
		sizes[slot] = size;
	}
	for (int i = 0; i < SLOTS; i++)
		free(slots[i]);
	printf("heap %llu\n", (unsigned long long)sum);
}

static void
large_arrays(void)
{
	unsigned char *heap = calloc(1, LARGE);
	uint64_t sum = 0;

	for (size_t i = 0; i < LARGE; i += 4096)
		sum += heap[i] + global[i];
	printf("fresh %llu\n", (unsigned long long)sum);
	for (size_t i = 0; i < LARGE; i += 512)
		global[i] = (unsigned char)(i >> 12);
	memcpy(heap, global, LARGE);
	memmove(heap + 12345, heap, LARGE - 12345);
	for (size_t i = 0; i < LARGE; i += 257)
		sum = sum * 31 + heap[i];
	printf("moved %llu\n", (unsigned long long)sum);
	heap = realloc(heap, LARGE + (LARGE >> 1));
	for (size_t i = 0; i < LARGE; i += 511)
		sum = sum * 31 + heap[i];
	printf("grown %llu\n", (unsigned long long)sum);
	free(heap);
}

static void
mapped_memory(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 64 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *moved;

	if (map == MAP_FAILED)
		abort();
	for (size_t i = 0; i < 64; i++)
		map[i * page] = (char)i;
	printf("%d %d %d\n", mprotect(map + 8 * page, 8 * page, PROT_READ),
	    munmap(map + 32 * page, page),
	    madvise(map + 40 * page, page, MADV_DONTNEED));
	printf("%d %d %d\n", map[9 * page], map[33 * page], map[40 * page]);
	moved = mremap(map, 8 * page, 100 * page, MREMAP_MAYMOVE);
	printf("%d %d\n", moved != MAP_FAILED && moved[7 * page] == 7,
	    moved[99 * page]);
	printf("%d %d\n", munmap(moved, 100 * page),
	    munmap(map + 8 * page, 56 * page));
	printf("%d\n", mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0) == MAP_FAILED);
}

static void
alignment(void)
{
	for (size_t align = 16; align <= 1 << 20; align <<= 4) {
		void *p = NULL;

		printf("%d ", posix_memalign(&p, align, 100));
		printf("%d ", (int)((uintptr_t)p % align));
		free(p);
	}
	printf("\n");
}

int
main(void)
{
	heap_stress();
	large_arrays();
	mapped_memory();
	alignment();
	return 0;
}
