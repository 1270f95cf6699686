/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hash with chains.  Invariant: every entry is in the bucket of its id, and
 * `last` is NULL or an entry of the hash.
 */
#include "vmspace/registry.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/assert.h"
#include "vmspace/lint.h"
#include "vmspace/space.h"

#define REGISTRY_FIRST_BITS 4

static struct vmspace_entry **bucket_of(
    struct vmspace_entry **buckets, unsigned bits, void *id);
static void registry_grow(struct vkernel_proc *vkp);
static void entry_free(struct vmspace_entry *ve);

int
registry_create(struct vkernel_proc **out)
{
	struct vkernel_proc *vkp = calloc(1, sizeof(*vkp));

	if (vkp == NULL)
		return ENOMEM;
	vkp->refs = 1;
	vkp->bits = REGISTRY_FIRST_BITS;
	vkp->buckets = calloc(
	    (size_t)1 << REGISTRY_FIRST_BITS, sizeof(struct vmspace_entry *));
	if (vkp->buckets == NULL) {
		free(vkp);
		return ENOMEM;
	}
	*out = vkp;
	return 0;
}

void
registry_ref(struct vkernel_proc *vkp)
{
	VMS_ASSERT("registry-referenced", vkp->refs > 0);
	vkp->refs++;
}

void
registry_drop(struct vkernel_proc *vkp)
{
	size_t size = (size_t)1 << vkp->bits;

	VMS_ASSERT("registry-referenced", vkp->refs > 0);
	if (--vkp->refs > 0)
		return;
	for (size_t i = 0; i < size; i++) {
		struct vmspace_entry *ve = vkp->buckets[i];
		while (ve != NULL) {
			struct vmspace_entry *next = ve->next;
			entry_free(ve);
			ve = next;
		}
	}
	free(vkp->buckets);
	free(vkp);
}

struct vmspace_entry *
registry_lookup(struct vkernel_proc *vkp, void *id)
{
	struct vmspace_entry *ve = vkp->last;

	if (ve != NULL && ve->id == id)
		return ve;
	ve = *bucket_of(vkp->buckets, vkp->bits, id);
	while (ve != NULL && ve->id != id)
		ve = ve->next;
	if (ve != NULL)
		vkp->last = ve;
	return ve;
}

int
registry_insert(struct vkernel_proc *vkp, void *id, struct space *space)
{
	struct vmspace_entry *ve = calloc(1, sizeof(*ve));
	struct vmspace_entry **bucket;

	if (ve == NULL)
		return ENOMEM;
	if (vkp->count >> vkp->bits != 0)
		registry_grow(vkp);
	ve->id = id;
	ve->space = space;
	bucket = bucket_of(vkp->buckets, vkp->bits, id);
	ve->next = *bucket;
	*bucket = ve;
	vkp->count++;
	vkp->last = ve;
	return 0;
}

void
registry_delete(struct vkernel_proc *vkp, struct vmspace_entry *ve)
{
	struct vmspace_entry **link =
	    bucket_of(vkp->buckets, vkp->bits, ve->id);

	while (*link != ve)
		link = &(*link)->next;
	*link = ve->next;
	vkp->count--;
	if (vkp->last == ve)
		vkp->last = NULL;
	entry_free(ve);
}

/* Multiplicative hashing: ids are often addresses, alike in their low bits. */
static struct vmspace_entry **
bucket_of(struct vmspace_entry **buckets, unsigned bits, void *id)
{
	uint64_t hash = (uint64_t)(uintptr_t)id * UINT64_C(0x9E3779B97F4A7C15);

	return &buckets[hash >> (64 - bits)];
}

/* Doubles the buckets.  Without memory the chains grow instead. */
static void
registry_grow(struct vkernel_proc *vkp)
{
	size_t size = (size_t)1 << vkp->bits;
	struct vmspace_entry **buckets = calloc(size * 2, sizeof(*buckets));

	if (buckets == NULL)
		return;
	for (size_t i = 0; i < size; i++) {
		struct vmspace_entry *ve = vkp->buckets[i];
		while (ve != NULL) {
			struct vmspace_entry *next = ve->next;
			struct vmspace_entry **bucket =
			    bucket_of(buckets, vkp->bits + 1, ve->id);
			ve->next = *bucket;
			*bucket = ve;
			ve = next;
		}
	}
	free(vkp->buckets);
	vkp->buckets = buckets;
	vkp->bits++;
}

static void
entry_free(struct vmspace_entry *ve)
{
	VMS_ASSERT("entry-idle", ve->refs == 0);
	space_destroy(ve->space);
	lint_forget(ve->lint);
	free(ve);
}
