/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usual call, short: one range of at most 2 MiB inside the partition's first memory region, sharing pages with
 * no other mapping, its tables in place. Does exactly what iommu_map.c would do and nothing it would refuse: at the
 * first doubt it changes nothing and leaves the call to smmu_mapping_add(). make bench shows what it saves.
 */
#include <hyp/iommu_priv.h>

#include <hyp/vm.h>

enum { NOT_HERE = 1 }; /* not a result: the general path decides */

static inline int map_here(struct iommu_client *c, struct smmu_object *o, uint64_t addr, uint64_t size, unsigned prot)
{
	uint64_t start = addr & ~PAGE_MASK;
	uint64_t last = (addr + (size - 1)) | PAGE_MASK;
	uint64_t at = start - c->ram.ipa;
	struct smmu_mapping *m;
	uint16_t *link;

	/* size 0 fails the first test, because it wraps; what wraps in last is longer than 2 MiB or outside of ram */
	if (size - 1 >= MIB(2) || last - start >= MIB(2) || at >= c->ram.size || last - start >= c->ram.size - at ||
	    (c->ram.prot & prot) != prot || iommu_some_failed || !record_room(c)) {
		return NOT_HERE;
	}
	link = record_link(c, o->index, addr, size, MAPPING_GUEST);
	if (*link != 0 || !pgtable_map_here(&o->domain.pt, start, c->ram.pa + at, last - start + 1, prot)) {
		return NOT_HERE;
	}
	m = record_take(c, link);
	m->iova = addr;
	m->size = size;
	m->delta = 0;
	m->prot = (uint8_t)prot;
	m->object = o->index;
	m->pending = false;
	m->tag = MAPPING_GUEST;
	m->serial = ++c->serial;
	o->stats.maps++;
	return 0;
}

static __attribute__((noinline)) int unmap_here(struct iommu_client *c, struct smmu_object *o, uint64_t addr,
						uint64_t size)
{
	uint16_t *link = record_link(c, o->index, addr, size, MAPPING_GUEST);
	struct pt_change change;
	struct smmu_mapping *m;

	if (*link == 0 || c->mapping[*link - 1].shared) {
		return NOT_HERE;
	}
	m = &c->mapping[*link - 1];
	change.ia = mapping_start(m);
	change.size = mapping_last(m) - change.ia + 1;
	if (!pgtable_unmap_here(&o->domain.pt, &change)) {
		return NOT_HERE;
	}
	record_remember(c, m);
	record_unlink(c, link);
	o->stats.unmaps++;
	return domain_commit_one(o, &change);
}

int smmu_mapping_try(struct vm *vm, uint64_t handle, uint64_t flags, uint64_t addr, uint64_t size)
{
	struct iommu_client *c = &vm->client;
	unsigned prot = (unsigned)flags & (PROT_READ | PROT_WRITE | PROT_EXEC);
	struct smmu_object *o;
	int err = NOT_HERE;

	if (flags != prot || handle - 1 >= OBJECT_MAX) {
		return NOT_HERE;
	}
	o = &c->object[handle - 1];
	spin_lock(&c->lock);
	if (c->attached && o->used && !o->is_static) {
		if (prot == PROT_NONE) {
			err = unmap_here(c, o, addr, size);
		} else {
			prot |= (prot & PROT_WRITE) && iommu_common.read_implied ? PROT_READ : 0u;
			err = map_here(c, o, addr, size, prot);
		}
		c->calls += err != NOT_HERE;
	}
	spin_unlock(&c->lock);
	return err;
}
