/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translation tables as the unit may know them: walked live, and every leaf and every table pointer that was
 * ever valid since it was last invalidated. "Ever valid" is exact: each store to a table is looked at.
 */
#include "smmuv3_int.h"

#include <string.h>

#include "fake/fake.h"

static unsigned shift_of(unsigned level)
{
	return 12 + 9 * (3 - level);
}

static bool is_table(uint64_t d, unsigned level)
{
	return level < 3 && (d & 3) == 3;
}

static bool is_leaf(uint64_t d, unsigned level)
{
	return level == 3 ? (d & 3) == 3 : (level > 0 && (d & 3) == 1);
}

static uint64_t next_of(uint64_t d)
{
	return d & 0x0000fffffffff000ull;
}

static struct tlb leaf_decode(const struct walk *t, unsigned index, uint64_t d)
{
	uint64_t size = 1ull << shift_of(t->level);
	struct tlb e;

	memset(&e, 0, sizeof(e)); /* compared with memcmp */
	e.stage = t->stage;
	e.id = t->id;
	e.base = t->base + index * size;
	e.size = size;
	e.pa = next_of(d);
	if (e.pa & (size - 1)) {
		fake_fail("block descriptor %lx is not aligned to its size", (unsigned long)d);
	}
	if (t->stage == 2) {
		e.r = (d >> 6) & 1;
		e.w = (d >> 7) & 1;
	} else {
		if (((d >> 11) & 1) == 0) {
			fake_fail("global stage 1 descriptor %lx: no ASID tags it", (unsigned long)d);
		}
		e.r = (d >> 6) & 1; /* AP[1]: unprivileged access */
		e.w = ((d >> 6) & 3) == 1;
	}
	return e;
}

static void tlb_add(struct model *m, struct tlb e)
{
	unsigned i;

	for (i = 0; i < m->tlb_count; i++) {
		if (memcmp(&m->tlb[i], &e, sizeof(e)) == 0) {
			return;
		}
	}
	if (m->tlb_count == TLB_MAX) {
		fake_fail("the model's TLB is full");
	}
	m->tlb[m->tlb_count++] = e;
}

static void walk_add(struct model *m, struct walk w)
{
	unsigned i;

	for (i = 0; i < m->walk_count; i++) {
		if (memcmp(&m->walk[i], &w, sizeof(w)) == 0) {
			return;
		}
	}
	if (m->walk_count == WALK_MAX) {
		fake_fail("the model's walk cache is full");
	}
	m->walk[m->walk_count++] = w;
	m->index_valid = false;
}

static struct walk walk_make(uint8_t stage, uint16_t id, unsigned level, uint64_t base, uint64_t page)
{
	struct walk w;

	memset(&w, 0, sizeof(w)); /* compared with memcmp */
	w.stage = stage;
	w.id = id;
	w.level = (uint8_t)level;
	w.base = base;
	w.page = page;
	return w;
}

static struct walk below(const struct walk *t, unsigned index, uint64_t d)
{
	return walk_make(t->stage, t->id, t->level + 1u, t->base + ((uint64_t)index << shift_of(t->level)), next_of(d));
}

/* --- which pages are tables, of what --- */

static void index_tree(struct model *m, struct walk t)
{
	unsigned i;

	for (i = 0; i < m->tpage_count; i++) {
		if (memcmp(&m->tpage[i], &t, sizeof(t)) == 0) {
			return;
		}
	}
	if (m->tpage_count == TPAGE_MAX) {
		fake_fail("the model's table index is full");
	}
	m->tpage[m->tpage_count++] = t;
	for (i = 0; i < 512 && t.level < 3; i++) {
		uint64_t d = fake_dev_load(t.page + 8 * i, FAKE_VIEW_NEW);

		if (is_table(d, t.level)) {
			index_tree(m, below(&t, i, d));
		}
	}
}

static void index_build(struct model *m)
{
	unsigned i;

	m->tpage_count = 0;
	for (i = 0; i < m->regime_count; i++) {
		const struct regime *r = &m->regime[i];

		index_tree(m, walk_make(r->stage, r->id, r->level, 0, r->root));
	}
	for (i = 0; i < m->walk_count; i++) {
		index_tree(m, m->walk[i]);
	}
	m->index_valid = true;
}

void smmuv3_tlb_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after)
{
	unsigned index = (unsigned)(addr & 0xfff) / 8;
	uint64_t page = addr & ~0xfffull;
	unsigned i;

	if (before == after) {
		return;
	}
	if (!m->index_valid) {
		index_build(m); /* from the tables as they are now; the word's old value is handled here */
	}
	for (i = 0; i < m->tpage_count; i++) {
		struct walk t = m->tpage[i];

		if (t.page != page) {
			continue;
		}
		if (is_leaf(before, t.level)) {
			tlb_add(m, leaf_decode(&t, index, before));
		} else if (is_table(before, t.level)) {
			walk_add(m, below(&t, index, before));
		}
		if (is_table(after, t.level) || is_table(before, t.level)) {
			m->index_valid = false;
		}
	}
}

static void retire_tree(struct model *m, struct walk t)
{
	unsigned i;

	walk_add(m, t);
	for (i = 0; i < 512; i++) {
		uint64_t d = fake_dev_load(t.page + 8 * i, FAKE_VIEW_NEW);

		if (is_leaf(d, t.level)) {
			tlb_add(m, leaf_decode(&t, i, d));
		} else if (is_table(d, t.level)) {
			retire_tree(m, below(&t, i, d));
		}
	}
}

void smmuv3_tlb_retire(struct model *m, const struct regime *r)
{
	retire_tree(m, walk_make(r->stage, r->id, r->level, 0, r->root));
}

/* --- translation --- */

void smmuv3_outcome_add(struct outcome *out, unsigned *count, struct outcome o)
{
	unsigned i;

	for (i = 0; i < *count; i++) {
		if (out[i].kind == o.kind && out[i].pa == o.pa && out[i].event == o.event &&
		    out[i].record == o.record) {
			return;
		}
	}
	if (*count == OUTCOME_MAX) {
		fake_fail("too many possible outcomes");
	}
	out[(*count)++] = o;
}

static struct outcome refused(const struct regime *r, uint8_t event)
{
	return (struct outcome){ SMMUV3_DMA_BLOCKED, 0, event, r->record };
}

static struct outcome leaf_outcome(const struct regime *r, const struct tlb *e, uint64_t iova, bool write)
{
	if (!(write ? e->w : e->r)) {
		return refused(r, 0x13);
	}
	return (struct outcome){ SMMUV3_DMA_OK, e->pa + (iova - e->base), 0, false };
}

static struct outcome walk_from(const struct regime *r, struct walk t, uint64_t iova, bool write, enum fake_view view)
{
	struct tlb leaf;

	for (;;) {
		unsigned index = (unsigned)(iova >> shift_of(t.level)) & 511;
		uint64_t d = fake_dev_load(t.page + 8 * index, view);

		if (is_table(d, t.level)) {
			t = below(&t, index, d);
			if (t.page >> r->oas_bits) {
				return refused(r, 0x11);
			}
			continue;
		}
		if (!is_leaf(d, t.level)) {
			return refused(r, 0x10);
		}
		if (next_of(d) >> r->oas_bits) {
			return refused(r, 0x11);
		}
		if (((d >> 10) & 1) == 0 && !r->affd) {
			return refused(r, 0x12);
		}
		leaf = leaf_decode(&t, index, d);
		return leaf_outcome(r, &leaf, iova, write);
	}
}

void smmuv3_translate(struct model *m, const struct regime *r, uint64_t iova, bool write, struct outcome *out,
		      unsigned *count)
{
	static const enum fake_view views[] = { FAKE_VIEW_NEW, FAKE_VIEW_WEAK, FAKE_VIEW_STALE };
	unsigned view_count = r->cached_walk ? 2 : 3;
	unsigned i, v;

	if (r->bits < 64 && iova >> r->bits) {
		smmuv3_outcome_add(out, count, refused(r, 0x10));
		return;
	}
	if (r->stage == 2 ? m->foreign_tlb : (m->foreign_tlb || m->foreign_el2)) {
		smmuv3_outcome_add(out, count, (struct outcome){ SMMUV3_DMA_OK, iova, 0, false });
	}
	for (i = 0; i < m->tlb_count; i++) {
		const struct tlb *e = &m->tlb[i];

		if (e->stage == r->stage && e->id == r->id && iova >= e->base && iova - e->base < e->size) {
			smmuv3_outcome_add(out, count, leaf_outcome(r, e, iova, write));
		}
	}
	for (v = 0; v < view_count; v++) {
		struct walk root = walk_make(r->stage, r->id, r->level, 0, r->root);

		smmuv3_outcome_add(out, count, walk_from(r, root, iova, write, views[v]));
		for (i = 0; i < m->walk_count; i++) {
			const struct walk *w = &m->walk[i];

			if (w->stage == r->stage && w->id == r->id && iova >= w->base &&
			    iova - w->base < (1ull << shift_of(w->level)) * 512) {
				smmuv3_outcome_add(out, count, walk_from(r, *w, iova, write, views[v]));
			}
		}
	}
}

/* --- invalidation --- */

static bool overlaps(uint64_t a, uint64_t asize, uint64_t b, uint64_t bsize)
{
	return a < b + bsize && b < a + asize;
}

/* By address range; whole: every address. leaf: tables stay. */
static void drop(struct model *m, uint8_t stage, int id, bool whole, uint64_t base, uint64_t size, bool leaf)
{
	unsigned i, k = 0;

	for (i = 0; i < m->tlb_count; i++) {
		const struct tlb *e = &m->tlb[i];

		if (e->stage == stage && (id < 0 || e->id == id) && (whole || overlaps(e->base, e->size, base, size))) {
			continue;
		}
		m->tlb[k++] = *e;
	}
	m->tlb_count = k;
	for (i = 0, k = 0; i < m->walk_count && !leaf; i++) {
		const struct walk *w = &m->walk[i];

		if (w->stage == stage && (id < 0 || w->id == id) &&
		    (whole || overlaps(w->base, (1ull << shift_of(w->level)) * 512, base, size))) {
			continue;
		}
		m->walk[k++] = *w;
	}
	if (!leaf) {
		m->walk_count = k;
		m->index_valid = false;
	}
}

void smmuv3_tlb_inv(struct model *m, const struct pending *p)
{
	bool leaf = p->w1 & 1;
	bool range = bits_get(p->w1, 11, 10) != 0;
	uint64_t num = bits_get(p->w0, 16, 12);
	uint64_t scale = bits_get(p->w0, 24, 20);
	uint64_t size = range ? ((num + 1) << scale) << 12 : 4096;
	int vmid = (int)bits_get(p->w0, 47, 32);
	int asid = (int)bits_get(p->w0, 63, 48);

	switch (p->op) {
	case 0x30: /* NSNH_ALL */
		drop(m, 1, -1, true, 0, 0, false);
		drop(m, 2, -1, true, 0, 0, false);
		m->foreign_tlb = false;
		break;
	case 0x20: /* EL2_ALL */
		m->foreign_el2 = false;
		break;
	case 0x28: /* S12_VMALL */
		drop(m, 2, vmid, true, 0, 0, false);
		break;
	case 0x2a: /* S2_IPA */
		drop(m, 2, vmid, false, p->w1 & 0x000ffffffffff000ull, size, leaf);
		break;
	case 0x11: /* NH_ASID */
		drop(m, 1, asid, true, 0, 0, false);
		break;
	case 0x12: /* NH_VA */
		drop(m, 1, asid, false, p->w1 & ~0xfffull, size, leaf);
		break;
	default:
		break;
	}
}
