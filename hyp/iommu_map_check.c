/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything about a mapping call that may fail: checks, then takes records and table pages. What a device
 * can reach is the same before and after, whether it succeeds or not [I5]: new tables are empty, split blocks translate
 * as before, records are given back by map_release(). Addresses are judged after rounding to pages, and a page that is
 * not the client's own, or is the hypervisor's, is refused here and nowhere else [I2][I3].
 */
#include <hyp/iommu_priv.h>

#include <bulkhead/errno.h>
#include <hyp/check.h>
#include <hyp/vm.h>

/* --- Addresses -------------------------------------------------------------------------------- */

static int piece_find(const struct map_request *q, uint64_t source, uint64_t left, struct piece *p)
{
	const struct cfg_region *r;

	p->size = left;
	if (!q->vm) {
		p->pa = source;
		p->type = q->prot & PROT_DEVICE;
		return 0;
	}
	r = vm_region_find(q->vm, ipa(source), left, q->prot);
	if (!r) {
		r = vm_region_find(q->vm, ipa(source), PAGE_SIZE, q->prot);
		if (!r) {
			return -BH_EACCES;
		}
		p->size = align_down(r->size - (source - r->ipa), PAGE_SIZE);
		p->size = p->size < left ? p->size : left;
	}
	p->pa = r->pa + (source - r->ipa);
	p->type = r->prot & PROT_DEVICE;
	return 0;
}

int map_piece(const struct map_request *q, uint64_t source, uint64_t left, struct piece *p)
{
	int err = piece_find(q, source, left, p);

	if (err) {
		return err;
	}
	/* The configuration was checked for this; a second look costs four instructions [I3]. */
	if (range_overlaps(p->pa, p->size, iommu_cfg->hyp_ram.base, iommu_cfg->hyp_ram.size)) {
		return -BH_EACCES;
	}
	return (p->pa + (p->size - 1)) >> iommu_common.out_bits ? -BH_ERANGE : 0;
}

/* An entry over several regions: all must be the client's, and either all memory or all registers. */
static int pieces_check(const struct map_request *q, const struct map_step *t)
{
	uint64_t done = 0;

	while (done < t->size) {
		struct piece p;
		int err = map_piece(q, t->start + q->delta + done, t->size - done, &p);

		if (err) {
			return err;
		}
		if (p.type != t->type) {
			return -BH_EACCES;
		}
		done += p.size;
	}
	return 0;
}

static int entry_check(const struct map_request *q, const struct smmu_region *r, struct map_step *t)
{
	uint64_t last;
	uint64_t source;
	struct piece p;
	int err;

	if (!range_ok(r->addr, r->size)) {
		return -BH_EINVAL;
	}
	last = (r->addr + (r->size - 1)) | PAGE_MASK;
	if (last >> iommu_common.in_bits) {
		return -BH_ERANGE;
	}
	t->start = r->addr & ~PAGE_MASK;
	t->size = last - t->start + 1;
	source = t->start + q->delta;
	if (!range_ok(source, t->size)) {
		return -BH_EACCES;
	}
	err = map_piece(q, source, t->size, &p);
	if (err) {
		return err;
	}
	t->pa = p.pa;
	t->type = (uint8_t)p.type;
	t->pieces = p.size != t->size;
	t->slow = false;
	if (iommu_common.fmt->attr[q->prot | p.type] == 0) {
		return -BH_EINVAL; /* rights this unit's tables cannot express */
	}
	return t->pieces ? pieces_check(q, t) : 0;
}

int map_check(struct iommu_client *c, const struct map_request *q)
{
	for (unsigned i = 0; i < q->count; i++) {
		int err = entry_check(q, &q->r[i], &c->step[i]);

		if (err) {
			return err;
		}
	}
	return 0;
}

/* --- Records ---------------------------------------------------------------------------------- */

static int reserve_one(struct iommu_client *c, struct smmu_object *o, const struct map_request *q, unsigned i)
{
	struct map_step *t = &c->step[i];
	uint8_t prot = (uint8_t)(q->prot | t->type);
	struct smmu_mapping *m = record_find(c, o->index, &q->r[i], q->tag);

	t->record = MAPPING_MAX;
	t->fresh = false;
	if (!m) {
		m = record_new(c, o->index, &q->r[i], q->tag);
		if (!m) {
			return -BH_ENOMEM;
		}
		m->delta = q->delta;
		m->prot = prot;
		t->fresh = true;
	} else if (m->delta != q->delta) {
		return -BH_EINVAL;
	} else if ((m->prot | prot) == m->prot) {
		return 0; /* is there already: adding again is not counted */
	} else {
		t->old_prot = m->prot;
		t->slow = true;
		m->prot |= prot;
	}
	t->record = (uint16_t)(m - c->mapping);
	return 0;
}

int map_reserve(struct iommu_client *c, struct smmu_object *o, const struct map_request *q)
{
	for (unsigned i = 0; i < q->count; i++) {
		int err = reserve_one(c, o, q, i);

		if (err) {
			map_release(c, q, i);
			return err;
		}
	}
	return 0;
}

void map_release(struct iommu_client *c, const struct map_request *q, unsigned count)
{
	while (count-- > 0) {
		struct map_step *t = &c->step[count];

		if (t->fresh) {
			record_free(c, &c->mapping[t->record]);
		} else if (t->record < MAPPING_MAX) {
			c->mapping[t->record].prot = t->old_prot;
		}
	}
}

/* --- Table pages ------------------------------------------------------------------------------ */

struct prepare {
	struct iommu_client *c;
	struct smmu_object *o;
	const struct map_request *q;
	struct change_list *l;
	unsigned leaves;  /* page-table entries of the call so far, bounded by BH_LEAF_MAX [I6] */
	uint64_t low;     /* hull of the entries so far */
	uint64_t high;
};

static void flush_object(void *object)
{
	(void)domain_flush(object); /* a unit that does not answer is failed: noticed at the commit */
}

static int charge(struct prepare *p, uint64_t leaves)
{
	if (leaves > BH_LEAF_MAX - p->leaves) {
		return -BH_E2BIG;
	}
	p->leaves += (unsigned)leaves;
	return 0;
}

/* Makes sure that the page at ia has a place in a table of 4 KiB leaves. */
static int page_prepare(struct prepare *p, uint64_t ia)
{
	struct pgtable *pt = &p->o->domain.pt;
	struct pt_change change = { 0 };
	unsigned height;
	bool overlap;
	int err;

	if (pgtable_leaf(pt, ia, &height) == 0) {
		return height == 0 ? 0 : pgtable_prepare(pt, ia, ia, PAGE_SIZE, &overlap);
	}
	if (height == 0) {
		return 0;
	}
	err = charge(p, (uint64_t)512 * height);
	if (err) {
		return err;
	}
	/* Block and pages translate alike, yet no cache may keep the block once its pages change: drop it all. */
	p->l->all = true;
	return pgtable_split(pt, ia, iommu_common.live_split ? NULL : flush_object, p->o, &change);
}

/* Two mappings of one page must lead to the same physical page. */
static bool same_target(const struct pgtable *pt, uint64_t ia, uint64_t oa)
{
	unsigned height;
	uint64_t leaf = pgtable_leaf(pt, ia, &height);
	uint64_t inside = (PAGE_SIZE << (9 * height)) - 1;

	return leaf == 0 || ((leaf & pt->fmt->addr) | (ia & inside)) == oa;
}

static int pages_prepare(struct prepare *p, uint64_t start, uint64_t oa, uint64_t size)
{
	int err = charge(p, size >> PAGE_SHIFT);

	for (uint64_t off = 0; !err && off < size; off += PAGE_SIZE) {
		err = same_target(&p->o->domain.pt, start + off, oa + off) ? 0 : -BH_EINVAL;
	}
	for (uint64_t off = 0; !err && off < size; off += PAGE_SIZE) {
		err = page_prepare(p, start + off);
	}
	return err;
}

/* What a range costs once its tables exist: they may hold 4 KiB leaves where the range alone would get a block. */
static int leaves_charge(struct prepare *p, uint64_t start, uint64_t size)
{
	uint64_t done = 0;
	int err = 0;

	while (!err && done < size) {
		unsigned height;
		uint64_t leaf;

		(void)pgtable_leaf(&p->o->domain.pt, start + done, &height);
		leaf = PAGE_SIZE << (9 * height);
		err = charge(p, 1);
		done += leaf - ((start + done) & (leaf - 1));
	}
	return err;
}

static int segment_prepare(struct prepare *p, const struct segment *s, bool rewrite)
{
	uint64_t done = 0;

	if (iommu_common.fmt->attr[s->prot] == 0) {
		return -BH_EINVAL;
	}
	while (done < s->size) {
		uint64_t start = s->start + done;
		bool overlap = false;
		struct piece piece;
		int err;

		CHECK(map_piece(p->q, start + p->q->delta, s->size - done, &piece) == 0);
		if (rewrite) {
			err = pages_prepare(p, start, piece.pa, piece.size);
		} else {
			err = pgtable_prepare(&p->o->domain.pt, start, piece.pa, piece.size, &overlap);
			err = err ? err : leaves_charge(p, start, piece.size);
		}
		if (err) {
			return err;
		}
		CHECK(!overlap); /* a leaf without a record */
		done += piece.size;
	}
	return 0;
}

static int shared_prepare(struct prepare *p, const struct map_step *t)
{
	struct iommu_client *c = p->c;
	struct smmu_mapping *m = &c->mapping[t->record];
	uint64_t pages = record_near(c, m, false);
	uint64_t done = 0;

	if (t->fresh) {
		if (pages > OVERLAP_MAX - c->overlap) {
			return -BH_E2BIG;
		}
		c->overlap += (uint32_t)pages;
	}
	for (unsigned i = 0; i < c->near_count; i++) {
		m->shared = true;
		c->mapping[c->near[i]].shared = true;
	}
	while (done < t->size) {
		struct segment s = record_segment(c, m, t->start + done);
		int err;

		s.prot |= m->prot;
		err = segment_prepare(p, &s, s.count > 0 || !t->fresh);
		if (err) {
			return err;
		}
		done += s.size;
	}
	return 0;
}

static int step_prepare(struct prepare *p, struct map_step *t)
{
	struct smmu_mapping *m = &p->c->mapping[t->record];
	bool overlap = false;
	int err;

	m->pending = false;
	if (!t->slow && t->start < p->high && t->start + t->size > p->low) {
		t->slow = true; /* may share pages with another entry of this call */
	}
	if (!t->slow && !t->pieces) {
		err = pgtable_prepare(&p->o->domain.pt, t->start, t->pa, t->size, &overlap);
		if (err) {
			return err;
		}
	}
	if (overlap || t->pieces) {
		t->slow = true;
	}
	p->low = t->start < p->low ? t->start : p->low;
	p->high = t->start + t->size > p->high ? t->start + t->size : p->high;
	if (t->slow) {
		return shared_prepare(p, t);
	}
	return p->q->count > 1 ? leaves_charge(p, t->start, t->size) : 0;
}

static int prepare_all(struct prepare *p)
{
	p->leaves = 0;
	p->low = ~(uint64_t)0;
	p->high = 0;
	for (unsigned i = 0; i < p->q->count; i++) {
		struct map_step *t = &p->c->step[i];
		int err = t->record < MAPPING_MAX ? step_prepare(p, t) : 0;

		if (err) {
			return err;
		}
	}
	return 0;
}

/* Everything that counts on the preparation so far is forgotten. */
static void prepare_reset(struct prepare *p, uint32_t overlap)
{
	p->c->overlap = overlap;
	for (unsigned i = 0; i < p->q->count; i++) {
		struct map_step *t = &p->c->step[i];

		if (t->record < MAPPING_MAX) {
			p->c->mapping[t->record].pending = t->fresh;
		}
	}
}

int map_prepare(struct iommu_client *c, struct smmu_object *o, const struct map_request *q, struct change_list *l)
{
	struct prepare p = { .c = c, .o = o, .q = q, .l = l };
	uint32_t overlap = c->overlap;
	int err = prepare_all(&p);

	if (err == -BH_ENOMEM) {
		prepare_reset(&p, overlap);
		err = client_reclaim(c);
		err = err ? err : prepare_all(&p);
	}
	if (err) {
		prepare_reset(&p, overlap);
	}
	return err;
}
