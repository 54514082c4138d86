/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt remapping of the VT-d model [5.1]: every entry that was ever present, in any order in which the stores
 * could arrive, stays in the interrupt entry cache until it is invalidated. Entries are read as 16 bytes.
 */
#include "vtd_int.h"

#include <string.h>

#include "fake/fake.h"

enum { MSI_OUTCOMES = 64, F_REQUEST = 0x20, F_INDEX, F_ABSENT, F_ACCESS, F_RESERVED, F_COMPAT, F_SID };

struct outcomes {
	unsigned n;
	struct msi_outcome o[MSI_OUTCOMES];
	uint32_t index;
};

static bool entry_load(const struct model *m, uint32_t i, enum view v, struct pair *p)
{
	uint64_t addr = m->irt + 16ull * i;

	/* One line: never written back by halves. */
	if (!vtd_view_has(m, v) || (v == VIEW_STALE && fake_dirty(addr, 8) != fake_dirty(addr + 8, 8))) {
		return false;
	}
	*p = (struct pair){ vtd_load(m, addr, v), vtd_load(m, addr + 8, v) };
	return true;
}

static void entry_cache(struct model *m, uint32_t i)
{
	struct irte *e = &m->irte[i];
	struct pair p;
	unsigned v, k;

	for (v = 0; v < VIEW_COUNT; v++) {
		if (!entry_load(m, i, v, &p) || ((p.lo & 1) == 0 && !m->o.cm)) {
			continue;
		}
		for (k = 0; k < e->n && (e->seen[k].lo != p.lo || e->seen[k].hi != p.hi); k++) {
		}
		if (k == IRTE_SEEN) {
			fake_fail("interrupt entry %u changed too often without invalidation", i);
		}
		if (k == e->n) {
			e->seen[e->n++] = p;
		}
	}
}

void vtd_irte_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after)
{
	(void)before;
	if (!vtd_on(m, G_IRE) || m->irt == 0 || addr < m->irt || addr >= m->irt + 16ull * m->irt_count) {
		return;
	}
	if ((addr & 8) == 0 && (after & 1) != 0 && fake_unordered(addr + 8, 8)) {
		fake_fail("an interrupt entry is made present before a barrier made visible whose it is [I7]");
	}
	entry_cache(m, (uint32_t)((addr - m->irt) / 16));
}

void vtd_irte_scan(struct model *m)
{
	uint32_t i;

	for (i = 0; i < m->irt_count && m->irt != 0; i++) {
		entry_cache(m, i);
	}
}

void vtd_irte_inv(struct model *m, bool all, uint32_t index, unsigned im)
{
	uint32_t i;

	for (i = 0; i < IRTE_MAX; i++) {
		if (all || i >> im == index >> im) {
			m->irte[i].n = 0;
			if (vtd_on(m, G_IRE) && m->irt != 0 && i < m->irt_count) {
				entry_cache(m, i);
			}
		}
	}
	if (all) {
		m->foreign_iec = m->irt_foreign;
	}
}

/* --- messages --- */

static void add(struct outcomes *s, struct msi_outcome o)
{
	unsigned i;

	for (i = 0; i < s->n; i++) {
		if (memcmp(&s->o[i], &o, sizeof(o)) == 0) {
			return;
		}
	}
	if (s->n == MSI_OUTCOMES) {
		fake_fail("too many possible outcomes of a message");
	}
	s->o[s->n++] = o;
}

static void blocked(struct outcomes *s, uint8_t reason, bool record)
{
	struct msi_outcome o;

	memset(&o, 0, sizeof(o)); /* compared with memcmp */
	o.kind = VTD_MSI_BLOCKED;
	o.reason = reason;
	o.record = record;
	add(s, o);
}

static void raised(struct outcomes *s, enum vtd_msi_result kind, struct vtd_msi msi)
{
	struct msi_outcome o;

	memset(&o, 0, sizeof(o));
	o.kind = kind;
	o.msi.vector = msi.vector;
	o.msi.dest = msi.dest;
	o.msi.level = msi.level;
	o.msi.logical = msi.logical;
	o.msi.mode = msi.mode;
	add(s, o);
}

static void direct(struct outcomes *s, uint64_t addr, uint32_t data)
{
	raised(s, VTD_MSI_DIRECT, (struct vtd_msi){ .vector = (uint8_t)data, .dest = (addr >> 12) & 0xff,
						    .level = ((data >> 15) & 1) != 0, .mode = (data >> 8) & 7,
						    .logical = (addr & 4) != 0 });
}

static bool sid_matches(uint64_t hi, sid_t sid)
{
	static const unsigned ignored[4] = { 0, 4, 6, 7 };
	unsigned bus = (sid >> 8) & 0xff;

	switch (bits_get(hi, 19, 18)) {
	case 0:
		return true;
	case 1:
		return ((sid ^ hi) & 0xffff & ~ignored[bits_get(hi, 17, 16)]) == 0;
	default:
		return bus >= bits_get(hi, 15, 8) && bus <= bits_get(hi, 7, 0);
	}
}

static void entry_outcome(const struct model *m, struct outcomes *s, sid_t sid, struct pair p)
{
	bool record = (p.lo & 2) == 0;
	uint64_t bad = 0xff00f000ull | (m->irt_eime ? 0 : 0xffff00ff00000000ull);

	if ((p.lo & 1) == 0) {
		blocked(s, F_ABSENT, record);
		return;
	}
	if ((p.lo & bad) != 0 || bits_get(p.hi, 63, 20) != 0 || bits_get(p.hi, 19, 18) == 3 ||
	    bits_get(p.lo, 7, 5) == 3 || bits_get(p.lo, 7, 5) == 6) {
		blocked(s, F_RESERVED, record);
		return;
	}
	if (!sid_matches(p.hi, sid)) {
		blocked(s, F_SID, record);
		return;
	}
	raised(s, VTD_MSI_REMAPPED, (struct vtd_msi){
		.vector = (uint8_t)bits_get(p.lo, 23, 16), .level = (p.lo & 0x10) != 0,
		.dest = (uint32_t)(m->irt_eime ? p.lo >> 32 : bits_get(p.lo, 47, 40)),
		.mode = (uint8_t)bits_get(p.lo, 7, 5), .logical = (p.lo & 4) != 0,
	});
}

static void entry_outcomes(const struct model *m, struct outcomes *s, sid_t sid)
{
	struct pair p;
	unsigned i;

	for (i = 0; i < m->irte[s->index].n; i++) {
		entry_outcome(m, s, sid, m->irte[s->index].seen[i]);
	}
	for (i = VIEW_COUNT; i-- > 0;) {
		if (entry_load(m, s->index, i, &p)) {
			entry_outcome(m, s, sid, p);
		}
	}
}

static void remapped(const struct model *m, struct outcomes *s, sid_t sid, uint64_t addr, uint32_t data)
{
	bool shv = (addr & 8) != 0;

	s->index = (uint32_t)((addr >> 5 & 0x7fff) | (addr & 4) << 13);
	if ((addr & 3) != 0 || (shv && data >> 16 != 0)) {
		blocked(s, F_REQUEST, true);
		return;
	}
	s->index += shv ? data & 0xffff : 0;
	if ((m->irt_foreign || m->foreign_iec) && s->index % 2 == 0) {
		direct(s, addr, data); /* these entries say whatever is worst */
	}
	if (m->irt_foreign) {
		blocked(s, F_ABSENT, true);
		return;
	}
	if (s->index >= m->irt_count) {
		blocked(s, F_INDEX, true);
		return;
	}
	entry_outcomes(m, s, sid);
}

static void msi_outcomes(const struct model *m, struct outcomes *s, sid_t sid, uint64_t addr, uint32_t data)
{
	bool compat = ((m->gcmd | m->gsts) & G_CFI) != 0;

	s->n = 0;
	s->index = 0;
	if (addr >> 20 != 0xfee) {
		blocked(s, 0, false); /* no interrupt at all */
	} else if (!vtd_on(m, G_IRE)) {
		direct(s, addr, data);
	} else if ((addr & 0x10) != 0) {
		remapped(m, s, sid, addr, data);
	} else if (compat && !m->irt_eime) {
		direct(s, addr, data);
	} else {
		blocked(s, F_COMPAT, true);
	}
}

/* The one that gets furthest; among equals the last, which is the newest view. */
static const struct msi_outcome *worst(const struct outcomes *s)
{
	const struct msi_outcome *w = &s->o[0];
	unsigned i;

	for (i = 1; i < s->n; i++) {
		if (s->o[i].kind >= w->kind) {
			w = &s->o[i];
		}
	}
	return w;
}

enum vtd_msi_result vtd_model_msi_peek(unsigned n, sid_t sid, uint64_t addr, uint32_t data, struct vtd_msi *out)
{
	static struct outcomes s;
	const struct msi_outcome *w;

	msi_outcomes(vtd_m(n), &s, sid, addr, data);
	w = worst(&s);
	if (out != NULL) {
		*out = w->msi;
	}
	return w->kind;
}

enum vtd_msi_result vtd_model_msi(unsigned n, sid_t sid, uint64_t addr, uint32_t data, struct vtd_msi *out)
{
	static struct outcomes s;
	struct model *m = vtd_m(n);
	const struct msi_outcome *w;

	msi_outcomes(m, &s, sid, addr, data);
	w = worst(&s);
	m->last_fault = w->reason;
	if (w->kind == VTD_MSI_BLOCKED && w->record) {
		(void)vtd_fault_record(m, sid, w->reason, (uint64_t)s.index << 48, false);
	}
	if (out != NULL) {
		*out = w->msi;
	}
	return w->kind;
}

bool vtd_model_msi_certain(unsigned n, sid_t sid, uint64_t addr, uint32_t data, const struct vtd_msi *want)
{
	static struct outcomes s;
	unsigned i;

	msi_outcomes(vtd_m(n), &s, sid, addr, data);
	for (i = 0; i < s.n; i++) {
		const struct vtd_msi *g = &s.o[i].msi;

		if (s.o[i].kind != VTD_MSI_REMAPPED || g->vector != want->vector || g->dest != want->dest ||
		    g->level != want->level || g->mode != want->mode || g->logical != want->logical) {
			return false;
		}
	}
	return s.n > 0;
}

uint64_t vtd_model_msi_addr(uint32_t index)
{
	return 0xfee00010ull | (uint64_t)(index & 0x7fff) << 5 | (index >> 15 & 1) << 2;
}
