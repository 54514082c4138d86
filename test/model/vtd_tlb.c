/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Second-level tables as the VT-d model may know them: walked live, and every leaf and every table pointer that was
 * ever valid since it was last invalidated. "Ever valid" is exact: each store to a table is looked at. With CM = 1 what
 * was not there is cached as well.
 */
#include "vtd_int.h"

#include <string.h>

#include "fake/fake.h"

static unsigned shift_of(unsigned level)
{
	return 12 + 9 * (level - 1);
}

static bool is_present(uint64_t d)
{
	return (d & 3) != 0;
}

static bool is_leaf(uint64_t d, unsigned level)
{
	return is_present(d) && (level == 1 || (d & 0x80) != 0);
}

static bool is_table(uint64_t d, unsigned level)
{
	return is_present(d) && !is_leaf(d, level);
}

static uint64_t next_of(uint64_t d)
{
	return d & 0x000ffffffffff000ull;
}

/* Reserved bits [9.8]: refused with reason 0xc, and not cached. */
static bool is_bad(const struct model *m, uint64_t d, unsigned level)
{
	uint64_t bad = (m->o.sc ? 0 : 1ull << 11) | (m->o.dt ? 0 : 1ull << 62);

	bad |= next_of(~0ull) & ~(~0ull >> (64 - m->o.haw));
	if (is_table(d, level)) {
		return (d & (bad | 1ull << 11)) != 0;
	}
	if (level > 1) {
		bad |= ((1ull << shift_of(level)) - 1) & ~0xfffull;
		if (level > 3 || (m->o.sllps & (level == 2 ? 1 : 2)) == 0) {
			return true;
		}
	}
	return (d & bad) != 0;
}

static struct tlb tlb_make(uint16_t did, uint64_t base, uint64_t size)
{
	struct tlb e;

	memset(&e, 0, sizeof(e));
	e.did = did;
	e.base = base;
	e.size = size;
	return e;
}

static struct tlb leaf_decode(const struct walk *t, unsigned index, uint64_t d)
{
	uint64_t size = 1ull << shift_of(t->level);
	struct tlb e = tlb_make(t->did, t->base + index * size, size);

	e.pa = next_of(d) & ~(size - 1);
	e.r = t->r && (d & 1) != 0;
	e.w = t->w && (d & 2) != 0;
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
		fake_fail("the model's paging-structure cache is full");
	}
	m->walk[m->walk_count++] = w;
	m->index_valid = m->index_valid && w.absent;
}

static struct walk walk_make(uint16_t did, unsigned level, uint64_t base, uint64_t page)
{
	struct walk w;

	memset(&w, 0, sizeof(w)); /* compared with memcmp */
	w.did = did;
	w.level = (uint8_t)level;
	w.base = base;
	w.page = page;
	w.r = w.w = true;
	return w;
}

static struct walk root_of(const struct regime *r)
{
	return walk_make(r->did, r->levels, 0, r->root);
}

static struct walk below(const struct walk *t, unsigned index, uint64_t d)
{
	struct walk w = walk_make(t->did, t->level - 1u, t->base + ((uint64_t)index << shift_of(t->level)), next_of(d));

	w.r = t->r && (d & 1) != 0;
	w.w = t->w && (d & 2) != 0;
	return w;
}

static uint64_t walk_span(const struct walk *w)
{
	return (1ull << shift_of(w->level)) * 512;
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
	for (i = 0; i < 512 && t.level > 1; i++) {
		uint64_t d = fake_dev_load(t.page + 8 * i, FAKE_VIEW_NEW);

		if (is_table(d, t.level) && !is_bad(m, d, t.level)) {
			index_tree(m, below(&t, i, d));
		}
	}
}

static void index_build(struct model *m)
{
	unsigned i;

	m->tpage_count = 0;
	for (i = 0; i < m->regime_count; i++) {
		index_tree(m, root_of(&m->regime[i]));
	}
	for (i = 0; i < m->walk_count; i++) {
		if (!m->walk[i].absent) {
			index_tree(m, m->walk[i]);
		}
	}
	m->index_valid = true;
}

/* What one word says or said goes into the caches. */
static void entry_cache(struct model *m, const struct walk *t, unsigned index, uint64_t d)
{
	uint64_t size = 1ull << shift_of(t->level);

	if (is_present(d) && !is_bad(m, d, t->level)) {
		if (is_leaf(d, t->level)) {
			tlb_add(m, leaf_decode(t, index, d));
		} else {
			walk_add(m, below(t, index, d));
		}
	} else if (m->o.cm) {
		struct tlb e = tlb_make(t->did, t->base + index * size, size);

		e.absent = true;
		tlb_add(m, e);
	}
}

void vtd_tlb_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after)
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
		entry_cache(m, &t, index, before);
		/* A non-leaf entry that was not there may be cached as such, and is no leaf [6.5.1.2, IH]. */
		if (m->o.cm && !is_present(before) && is_table(after, t.level)) {
			struct walk w = below(&t, index, after);

			w.page = 0;
			w.r = w.w = false;
			w.absent = true;
			walk_add(m, w);
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

		if (!is_present(d) || is_bad(m, d, t.level)) {
			continue;
		}
		if (is_leaf(d, t.level)) {
			tlb_add(m, leaf_decode(&t, i, d));
		} else {
			retire_tree(m, below(&t, i, d));
		}
	}
}

void vtd_tlb_retire(struct model *m, const struct regime *r)
{
	retire_tree(m, root_of(r));
}

/* --- translation --- */

void vtd_outcome_add(struct outcome *out, unsigned *count, struct outcome o)
{
	unsigned i;

	for (i = 0; i < *count; i++) {
		if (out[i].kind == o.kind && out[i].pa == o.pa && out[i].reason == o.reason &&
		    out[i].record == o.record) {
			return;
		}
	}
	if (*count == OUTCOME_MAX) {
		fake_fail("too many possible outcomes");
	}
	out[(*count)++] = o;
}

static struct outcome refused(uint8_t reason, bool record)
{
	return (struct outcome){ VTD_DMA_BLOCKED, 0, reason, record };
}

static struct outcome leaf_outcome(const struct tlb *e, uint64_t iova, bool write, bool record)
{
	if (!(write ? e->w : e->r)) {
		return refused(write ? 5 : 6, record);
	}
	return (struct outcome){ VTD_DMA_OK, e->pa + (iova - e->base), 0, false };
}

static struct outcome walk_from(const struct model *m, struct walk t, uint64_t iova, bool write, bool record,
				enum view view)
{
	struct tlb leaf;

	for (;;) {
		unsigned index = (unsigned)(iova >> shift_of(t.level)) & 511;
		uint64_t d = vtd_load(m, t.page + 8 * index, view);

		if (!is_present(d)) {
			return refused(write ? 5 : 6, record);
		}
		if (is_bad(m, d, t.level)) {
			return refused(0xc, record);
		}
		if (is_leaf(d, t.level)) {
			leaf = leaf_decode(&t, index, d);
			return leaf_outcome(&leaf, iova, write, record);
		}
		t = below(&t, index, d);
	}
}

void vtd_tlb_hits(struct model *m, uint16_t did, uint64_t iova, bool write, bool record, struct outcome *out,
		  unsigned *count)
{
	unsigned i;

	for (i = 0; i < m->tlb_count; i++) {
		const struct tlb *e = &m->tlb[i];

		if (e->did == did && iova >= e->base && iova - e->base < e->size) {
			vtd_outcome_add(out, count, leaf_outcome(e, iova, write, record));
		}
	}
}

void vtd_translate(struct model *m, const struct regime *r, uint64_t iova, bool write, bool record,
		   struct outcome *out, unsigned *count)
{
	unsigned bits = 12u + 9u * r->levels;
	unsigned i, v;

	if (iova >> (bits < m->o.mgaw ? bits : m->o.mgaw)) {
		vtd_outcome_add(out, count, refused(4, record));
		return;
	}
	vtd_tlb_hits(m, r->did, iova, write, record, out, count);
	/* The newest view comes last: it is what a refused access is recorded by. */
	for (v = VIEW_COUNT; v-- > 0;) {
		if (!vtd_view_has(m, v)) {
			continue;
		}
		for (i = 0; i < m->walk_count; i++) {
			const struct walk *w = &m->walk[i];

			if (w->did != r->did || iova < w->base || iova - w->base >= walk_span(w)) {
				continue;
			}
			vtd_outcome_add(out, count, w->absent ? refused(write ? 5 : 6, record) :
				    walk_from(m, *w, iova, write, record, v));
		}
		vtd_outcome_add(out, count, walk_from(m, root_of(r), iova, write, record, v));
	}
}

/* --- invalidation --- */

/* What is left of an entry when [base, base + size) is taken out; it may have been cached in pieces. */
static void tlb_cut(struct model *m, struct tlb e, uint64_t base, uint64_t size)
{
	uint64_t end = base + size;
	uint64_t last = e.base + e.size;
	struct tlb part = e;

	if (e.base < base) {
		part.size = base - e.base;
		m->tlb[m->tlb_count++] = part;
	}
	if (end != 0 && last > end) {
		part.base = end;
		part.size = last - end;
		part.pa = e.absent ? 0 : e.pa + (end - e.base);
		m->tlb[m->tlb_count++] = part;
	}
}

static void tlb_drop(struct model *m, int did, uint64_t base, uint64_t size)
{
	static struct tlb old[TLB_MAX];
	unsigned count = m->tlb_count;
	unsigned i;

	memcpy(old, m->tlb, count * sizeof(old[0]));
	m->tlb_count = 0;
	for (i = 0; i < count; i++) {
		const struct tlb *e = &old[i];
		bool apart = size != 0 && (e->base >= base + size || base >= e->base + e->size);

		if (m->tlb_count + 2 > TLB_MAX) {
			fake_fail("the model's TLB is full");
		}
		if (did >= 0 && (e->did != did || apart)) {
			m->tlb[m->tlb_count++] = *e;
		} else if (did >= 0 && size != 0) {
			tlb_cut(m, *e, base, size);
		}
	}
}

/* did -1: all; size 0: every address. */
static void walk_drop(struct model *m, int did, uint64_t base, uint64_t size)
{
	unsigned i, k = 0;

	for (i = 0; i < m->walk_count; i++) {
		const struct walk *w = &m->walk[i];

		if ((did < 0 || w->did == did) &&
		    (size == 0 || (w->base < base + size && base < w->base + walk_span(w)))) {
			continue;
		}
		m->walk[k++] = *w;
	}
	m->walk_count = k;
	m->index_valid = false;
}

/* gran: 1 all, 2 domain, 3 pages; addr: with the address mask in its low bits, as in the descriptor. */
void vtd_tlb_inv(struct model *m, unsigned gran, uint16_t did, uint64_t addr, bool leaf_only)
{
	uint64_t size = 4096ull << (addr & 63);
	uint64_t base = addr & ~0xfffull & ~(size - 1);

	if (gran == 1) {
		m->foreign_tlb = m->foreign_ctx || m->root_foreign; /* refilled at once while those hold */
		tlb_drop(m, -1, 0, 0);
		walk_drop(m, -1, 0, 0);
		vtd_tags_forget(m, -1);
	} else if (gran == 2 || !m->o.psi) {
		tlb_drop(m, did, 0, 0);
		walk_drop(m, did, 0, 0);
		vtd_tags_forget(m, did);
	} else {
		tlb_drop(m, did, base, size);
		if (!leaf_only) {
			walk_drop(m, did, base, size);
		}
	}
}
