/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mapping and unmapping of an object: the steps that cannot fail. object_map() first lets iommu_map_check.c judge
 * the whole call and take everything it needs, then writes, then makes the hardware forget what became stale [I4][I5].
 *
 * A page's rights are the union of the records covering it. As long as no two records of an object share a page (nearly
 * always) nothing is searched: a record's pages are written and cleared as they are. A record that shares pages
 * is treated segment by segment, and shared pages are always 4 KiB leaves; so a block leaf belongs to one record,
 * and removing a record never needs a table page.
 */
#include <hyp/iommu_priv.h>

#include <bulkhead/errno.h>
#include <hyp/check.h>
#include <hyp/vm.h>

/* Pages that are there already, or that other records cover, too: page by page, rights become the union. */
static void write_pages(struct smmu_object *o, const struct segment *s, uint64_t from_pa, struct change_list *l)
{
	struct pgtable *pt = &o->domain.pt;
	struct pt_change change = { .ia = s->start, .size = s->size };

	for (uint64_t off = 0; off < s->size; off += PAGE_SIZE) {
		pgtable_set_page(pt, s->start + off, from_pa + off, s->prot, s->count > 0, &change);
	}
	change_note(l, &change);
}

/* A segment, part by physically contiguous part. s->prot is what its pages get. */
static void write_segment(struct smmu_object *o, const struct map_request *q, const struct segment *s, bool rewrite,
			  struct change_list *l)
{
	struct segment part = *s;
	uint64_t done = 0;

	while (done < s->size) {
		struct piece p;

		part.start = s->start + done;
		CHECK(map_piece(q, part.start + q->delta, s->size - done, &p) == 0);
		part.size = p.size;
		if (rewrite) {
			write_pages(o, &part, p.pa, l);
		} else {
			pgtable_map(&o->domain.pt, part.start, p.pa, p.size, part.prot);
		}
		done += p.size;
	}
}

static void write_step_shared(struct iommu_client *c, struct smmu_object *o, const struct map_request *q,
			      const struct map_step *t, struct change_list *l)
{
	const struct smmu_mapping *m = &c->mapping[t->record];
	uint64_t done = 0;

	(void)record_near(c, m, true);
	while (done < t->size) {
		struct segment s = record_segment(c, m, t->start + done);

		s.prot |= m->prot;
		write_segment(o, q, &s, s.count > 0 || !t->fresh, l);
		done += s.size;
	}
}

static void write_step(struct iommu_client *c, struct smmu_object *o, const struct map_request *q,
		       const struct map_step *t, struct change_list *l)
{
	unsigned prot = c->mapping[t->record].prot;

	if (t->slow) {
		write_step_shared(c, o, q, t, l);
	} else if (t->pieces) {
		write_segment(o, q, &(struct segment){ t->start, t->size, prot, 0 }, false, l);
	} else {
		pgtable_map(&o->domain.pt, t->start, t->pa, t->size, prot);
	}
}

/* A unit that caches "nothing there", in a table or instead of one, must be told that something is [VT-d 6.1]. */
static void note_new(const struct map_step *t, struct change_list *l)
{
	if (iommu_common.map_inv) {
		change_note(l, &(struct pt_change){ .ia = t->start, .size = t->size, .stale = true, .tables = true });
	}
}

int object_map(struct iommu_client *c, struct smmu_object *o, const struct map_request *q)
{
	struct change_list l;
	int err;

	change_init(&l);
	err = map_check(c, q);
	if (err) {
		return err;
	}
	err = map_reserve(c, o, q);
	if (err) {
		return err;
	}
	err = map_prepare(c, o, q, &l);
	if (err) {
		map_release(c, q, q->count);
		/* Block leaves may have been split: same translation, but the unit must not keep both. */
		return domain_commit(o, &l) ? -BH_EIO : err;
	}
	/* Nothing fails from here [I5]. */
	for (unsigned i = 0; i < q->count; i++) {
		if (c->step[i].record < MAPPING_MAX) {
			write_step(c, o, q, &c->step[i], &l);
			note_new(&c->step[i], &l);
			c->mapping[c->step[i].record].serial = ++c->serial;
		}
	}
	o->stats.maps += q->count;
	return domain_commit(o, &l);
}

/* --- Removal ---------------------------------------------------------------------------------- */

static void unmap_segment(struct smmu_object *o, const struct segment *s, struct change_list *l)
{
	struct pgtable *pt = &o->domain.pt;
	struct pt_change change = { .ia = s->start, .size = s->size };

	if (s->count == 0) {
		pgtable_unmap(pt, s->start, s->size, &change);
	} else {
		for (uint64_t off = 0; off < s->size; off += PAGE_SIZE) {
			unsigned height;
			uint64_t leaf = pgtable_leaf(pt, s->start + off, &height);

			CHECK(leaf != 0 && height == 0);
			pgtable_set_page(pt, s->start + off, leaf & pt->fmt->addr, s->prot, s->count > 1, &change);
		}
	}
	change_note(l, &change);
}

static void unmap_shared(struct iommu_client *c, struct smmu_object *o, struct smmu_mapping *m,
			 struct change_list *l)
{
	uint64_t pos = mapping_start(m);
	uint64_t last = mapping_last(m);

	c->overlap -= (uint32_t)record_near(c, m, true);
	while (pos <= last) {
		struct segment s = record_segment(c, m, pos);

		unmap_segment(o, &s, l);
		pos += s.size;
	}
}

static void unmap_one(struct iommu_client *c, struct smmu_object *o, struct smmu_mapping *m, struct change_list *l)
{
	if (m->shared) {
		unmap_shared(c, o, m, l);
	} else {
		struct segment s = { .start = mapping_start(m) };

		s.size = mapping_last(m) - s.start + 1;
		unmap_segment(o, &s, l);
	}
	record_remember(c, m);
	record_free(c, m);
	o->stats.unmaps++;
}

int object_unmap(struct iommu_client *c, struct smmu_object *o, const struct smmu_region *r, unsigned count,
		 uint16_t tag)
{
	struct change_list l;

	change_init(&l);
	for (unsigned i = 0; i < count; i++) {
		struct smmu_mapping *m = record_find(c, o->index, &r[i], tag);

		if (m) {
			unmap_one(c, o, m, &l);
		}
	}
	return domain_commit(o, &l);
}

/* --- The call --------------------------------------------------------------------------------- */

static int flags_check(const struct vm *vm, uint64_t flags, unsigned count, const struct smmu_region *r,
		       uint64_t target)
{
	const uint64_t rights = BH_MAP_READ | BH_MAP_WRITE | BH_MAP_EXEC;

	if ((flags & ~(rights | BH_MAP_TARGET)) != 0 || count == 0) {
		return -BH_EINVAL;
	}
	if (count > BH_ARG_ENTRY_MAX) {
		return -BH_E2BIG;
	}
	if ((flags & BH_MAP_TARGET) == 0) {
		return 0;
	}
	if ((vm->cfg->rights & CFG_VM_TARGET) == 0) {
		return -BH_EPERM;
	}
	if ((flags & rights) == 0) {
		return 0; /* removal goes by the device address alone */
	}
	return count == 1 && ((r[0].addr ^ target) & PAGE_MASK) == 0 ? 0 : -BH_EINVAL;
}

/* Ranges of a removal: what could never have been added is as malformed as in an add. */
static int ranges_check(const struct smmu_region *r, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (!range_ok(r[i].addr, r[i].size)) {
			return -BH_EINVAL;
		}
	}
	return 0;
}

static int mapping_change(struct iommu_client *c, struct smmu_object *o, const struct map_request *q)
{
	int err;

	if (q->prot != PROT_NONE) {
		err = domain_broken(o) ? -BH_EIO : object_map(c, o, q);
	} else {
		err = ranges_check(q->r, q->count);
		err = err ? err : object_unmap(c, o, q->r, q->count, q->tag);
	}
	c->calls++; /* what this call removed was removed one call ago */
	return err;
}

int64_t smmu_mapping_add(struct vm *vm, uint64_t handle, uint64_t flags, const struct smmu_region *r,
			 unsigned count, uint64_t target)
{
	struct iommu_client *c = client_of(vm);
	struct map_request q = { .vm = vm, .r = r, .count = count, .tag = MAPPING_GUEST };
	struct smmu_object *o;
	int err = -BH_ENOTCONN;

	spin_lock(&c->lock);
	if (c->attached) {
		o = object_get(c, handle);
		err = o ? flags_check(vm, flags, count, r, target) : -BH_EBADF;
		if (!err) {
			q.prot = (unsigned)flags & (PROT_READ | PROT_WRITE | PROT_EXEC);
			if ((q.prot & PROT_WRITE) && iommu_common.read_implied) {
				q.prot |= PROT_READ;
			}
			q.delta = (flags & BH_MAP_TARGET) ? target - r[0].addr : 0;
			err = mapping_change(c, o, &q);
		}
	}
	spin_unlock(&c->lock);
	return err;
}
