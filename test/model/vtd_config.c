/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Root and context entries as the VT-d model may know them. A context entry is fetched word by word at any time, so
 * between two invalidations any mixture of the values each word has had may be cached; one that translates and never
 * was in memory as a whole fails the test at once [I7]. Entries that are not present or make no sense are cached only
 * if CM = 1, as domain 0's [6.1].
 */
#include "vtd_int.h"

#include <string.h>

#include "fake/fake.h"

enum ctx_kind { CTX_BLOCKED, CTX_PASS, CTX_TABLES };

struct ctx {
	enum ctx_kind kind;
	uint8_t reason;
	bool record;
	struct regime r;
};

/* --- what an entry says [9.3] --- */

static struct ctx ctx_decode(const struct model *m, struct pair e)
{
	struct ctx c = { .kind = CTX_BLOCKED, .record = (e.lo & 2) == 0 };
	unsigned aw = (unsigned)bits_get(e.hi, 2, 0);

	if ((e.lo & 1) == 0) {
		c.reason = 2;
		return c;
	}
	if (bits_get(e.lo, 11, 4) != 0 || bits_get(e.hi, 63, 24) != 0 || (e.hi & 0x80) != 0 ||
	    (e.lo & 0xfffffffffffff000ull) >> m->o.haw != 0 || bits_get(e.hi, 23, 8) >> (4 + 2 * m->o.nd) != 0) {
		c.reason = 0xb;
		return c;
	}
	c.reason = 3;
	c.r = (struct regime){ .did = (uint16_t)bits_get(e.hi, 23, 8), .root = e.lo & 0xfffffffffffff000ull,
			       .levels = (uint8_t)(aw + 2) };
	if (bits_get(e.lo, 3, 2) == 2 && m->o.pt) {
		c.kind = CTX_PASS;
	} else if (bits_get(e.lo, 3, 2) == 1 && m->o.dt) {
		fake_fail("context entry with TT = 1: translated requests would pass unchecked");
	} else if (bits_get(e.lo, 3, 2) == 0 && (aw == 1 || aw == 2) && ((m->o.sagaw >> aw) & 1) != 0) {
		c.kind = CTX_TABLES;
	}
	if (c.kind != CTX_BLOCKED && c.r.did == 0 && m->o.cm) {
		fake_fail("domain 0 is the hardware's own if CM = 1 [6.2.2.1]");
	}
	return c;
}

static uint16_t ctx_did(const struct model *m, struct pair e)
{
	struct ctx c = ctx_decode(m, e);

	return c.kind == CTX_BLOCKED ? 0 : c.r.did;
}

/* --- where it is --- */

static uint64_t root_word(const struct model *m, unsigned bus, enum view v)
{
	return vtd_load(m, m->root + 16ull * bus, v);
}

static uint64_t ctx_addr(const struct model *m, sid_t sid, enum view v)
{
	uint64_t w = root_word(m, (sid >> 8) & 0xff, v);

	return (w & 1) != 0 ? (w & ~0xfffull) + 16ull * (sid & 0xff) : 0;
}

static struct pair ctx_load(const struct model *m, uint64_t addr, enum view v)
{
	return (struct pair){ vtd_load(m, addr, v), vtd_load(m, addr + 8, v) };
}

/* --- what is cached --- */

static bool pair_in(const struct pair *list, unsigned count, struct pair p)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		if (list[i].lo == p.lo && list[i].hi == p.hi) {
			return true;
		}
	}
	return false;
}

static void cached_add(struct model *m, struct stream *s, struct pair p)
{
	if (ctx_decode(m, p).kind == CTX_BLOCKED && !m->o.cm) {
		return;
	}
	if (pair_in(s->cached, s->cached_count, p)) {
		return;
	}
	if (s->cached_count == CACHED_MAX) {
		fake_fail("a context entry changed too often without invalidation");
	}
	s->cached[s->cached_count++] = p;
}

static void seen_add(struct stream *s, unsigned k, uint64_t v)
{
	unsigned i;

	for (i = 0; i < s->n[k]; i++) {
		if (s->seen[k][i] == v) {
			return;
		}
	}
	if (s->n[k] == SEEN_MAX) {
		fake_fail("a word of a context entry changed too often without invalidation");
	}
	s->seen[k][s->n[k]++] = v;
}

static void snap_add(struct stream *s, struct pair p)
{
	if (pair_in(s->snap, s->snap_count, p)) {
		return;
	}
	if (s->snap_count == SNAP_MAX) {
		memmove(s->snap, s->snap + 1, sizeof(s->snap) - sizeof(s->snap[0]));
		s->snap_count--;
	}
	s->snap[s->snap_count++] = p;
}

/* Forgets the fetches under way: only what memory says can be read from now on. What is cached stays. */
static void window_reset(struct model *m, struct stream *s)
{
	unsigned v;

	s->addr = ctx_addr(m, s->sid, VIEW_NEW);
	s->n[0] = s->n[1] = 0;
	s->snap_count = 0;
	for (v = 0; v < VIEW_COUNT; v++) {
		struct pair p;

		if (vtd_view_has(m, v) && ctx_addr(m, s->sid, v) != 0) {
			p = ctx_load(m, ctx_addr(m, s->sid, v), v);
			seen_add(s, 0, p.lo);
			seen_add(s, 1, p.hi);
			snap_add(s, p);
			if (vtd_on(m, G_TE)) {
				cached_add(m, s, p);
			}
		}
	}
}

static struct stream *stream_get(struct model *m, sid_t sid)
{
	struct stream *s;
	unsigned i;

	sid &= 0xffff;
	for (i = 0; i < m->stream_count; i++) {
		if (m->stream[i].sid == sid) {
			return &m->stream[i];
		}
	}
	if (m->stream_count == STREAM_MAX) {
		fake_fail("the model follows no more requesters");
	}
	s = &m->stream[m->stream_count++];
	memset(s, 0, sizeof(*s));
	s->sid = sid;
	window_reset(m, s);
	return s;
}

static void mixtures_cache(struct model *m, struct stream *s)
{
	unsigned i, k;

	for (i = 0; i < s->n[0]; i++) {
		for (k = 0; k < s->n[1]; k++) {
			struct pair p = { s->seen[0][i], s->seen[1][k] };

			if (ctx_decode(m, p).kind != CTX_BLOCKED && !pair_in(s->snap, s->snap_count, p)) {
				fake_fail("a mixture of an old and a new context entry may be in use: %lx %lx",
					  (unsigned long)p.lo, (unsigned long)p.hi);
			}
			cached_add(m, s, p);
		}
	}
}

/* --- regimes in use --- */

static bool regime_same(const struct regime *a, const struct regime *b)
{
	return a->did == b->did && a->root == b->root && a->levels == b->levels;
}

static void tag_add(struct stream *s, uint16_t did)
{
	unsigned i;

	for (i = 0; i < s->tag_count; i++) {
		if (s->tag[i] == did) {
			return;
		}
	}
	if (s->tag_count == TAG_MAX) {
		fake_fail("a requester was in too many domains without an IOTLB invalidation");
	}
	s->tag[s->tag_count++] = did;
}

static void regime_collect(struct model *m, struct stream *s, struct pair p)
{
	struct ctx c = ctx_decode(m, p);
	unsigned i;

	if (c.kind != CTX_TABLES) {
		return;
	}
	tag_add(s, c.r.did);
	for (i = 0; i < m->regime_count; i++) {
		if (regime_same(&m->regime[i], &c.r)) {
			return;
		}
		if (m->regime[i].did == c.r.did && m->regime[i].levels != c.r.levels) {
			fake_fail("domain %u with two address widths", c.r.did);
		}
	}
	if (m->regime_count == REGIME_MAX) {
		fake_fail("the model follows no more domains");
	}
	m->regime[m->regime_count++] = c.r;
}

/* What is cached includes what is live: entries are cached as soon as they can be fetched. */
static void regimes_update(struct model *m)
{
	static struct regime old[REGIME_MAX];
	unsigned old_count = m->regime_count;
	unsigned i, k;

	memcpy(old, m->regime, sizeof(old));
	m->regime_count = 0;
	for (i = 0; i < m->stream_count; i++) {
		for (k = 0; k < m->stream[i].cached_count; k++) {
			regime_collect(m, &m->stream[i], m->stream[i].cached[k]);
		}
	}
	for (i = 0; i < old_count; i++) {
		for (k = 0; k < m->regime_count && !regime_same(&old[i], &m->regime[k]); k++) {
		}
		if (k == m->regime_count) {
			vtd_tlb_retire(m, &old[i]);
		}
	}
	m->index_valid = false;
}

void vtd_tags_forget(struct model *m, int did)
{
	unsigned i, k, n;

	for (i = 0; i < m->stream_count; i++) {
		struct stream *s = &m->stream[i];

		for (k = 0, n = 0; k < s->tag_count; k++) {
			if (did >= 0 && s->tag[k] != did) {
				s->tag[n++] = s->tag[k];
			}
		}
		s->tag_count = n;
		for (k = 0; k < s->cached_count; k++) {
			regime_collect(m, s, s->cached[k]); /* still in use: comes back at once */
		}
	}
}

/* --- stores --- */

static void table_scan(struct model *m, unsigned bus)
{
	unsigned i;

	for (i = 0; i < 256; i++) {
		uint64_t addr = ctx_addr(m, bus << 8 | i, VIEW_NEW);

		if ((fake_dev_load(addr, FAKE_VIEW_NEW) & 1) != 0) {
			(void)stream_get(m, bus << 8 | i);
		}
	}
}

static void bus_changed(struct model *m, unsigned bus)
{
	bool was = m->ctp[bus] != 0;
	unsigned i;

	m->ctp[bus] = ctx_addr(m, bus << 8, VIEW_NEW);
	if (m->ctp[bus] != 0) {
		table_scan(m, bus);
	}
	for (i = 0; i < m->stream_count; i++) {
		if (m->stream[i].sid >> 8 == bus) {
			window_reset(m, &m->stream[i]);
			if (!was && m->o.cm && vtd_on(m, G_TE)) {
				cached_add(m, &m->stream[i], (struct pair){ 0, 0 }); /* "no root entry" */
			}
		}
	}
}

void vtd_config_scan(struct model *m)
{
	unsigned bus;

	for (bus = 0; bus < 256; bus++) {
		bus_changed(m, bus);
	}
	regimes_update(m);
}

static void root_store(struct model *m, uint64_t addr, uint64_t after)
{
	if ((addr & 8) != 0) {
		if (after != 0) {
			fake_fail("root entry: the upper half is reserved");
		}
		return;
	}
	if ((after & 1) != 0 && fake_unordered_count() > 1) {
		fake_fail("a context table is linked before a barrier made it visible [I7]");
	}
	if ((after & 1) != 0 && (bits_get(after, 11, 1) != 0 || after >> m->o.haw != 0)) {
		fake_fail("root entry %lx: reserved bits", (unsigned long)after);
	}
	bus_changed(m, (unsigned)(addr & 0xfff) / 16);
}

void vtd_config_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after)
{
	bool changed = false;
	unsigned bus;

	if (!vtd_on(m, G_TE) || m->root == 0 || before == after) {
		return;
	}
	if (addr >= m->root && addr < m->root + 4096) {
		root_store(m, addr, after);
		changed = true;
	}
	for (bus = 0; bus < 256; bus++) {
		if (m->ctp[bus] != 0 && m->ctp[bus] == (addr & ~0xfffull)) {
			struct stream *s = stream_get(m, bus << 8 | (unsigned)(addr & 0xfff) / 16);
			unsigned k = (addr & 8) != 0;

			if (k == 0 && (after & 1) != 0 && (before & 1) == 0 && fake_unordered_count() > 1) {
				fake_fail("an entry is made present before a barrier made visible what it is [I7]");
			}
			seen_add(s, k, before);
			seen_add(s, k, after);
			snap_add(s, ctx_load(m, s->addr, VIEW_NEW));
			mixtures_cache(m, s);
			changed = true;
		}
	}
	if (changed) {
		regimes_update(m);
	}
}

/* --- invalidation --- */

static bool fm_matches(unsigned fm, unsigned a, unsigned b)
{
	static const unsigned ignored[4] = { 0, 4, 6, 7 };

	return ((a ^ b) & ~ignored[fm]) == 0;
}

/* gran: 1 all, 2 domain, 3 device. */
void vtd_config_inv(struct model *m, unsigned gran, uint16_t did, uint16_t sid, unsigned fm)
{
	unsigned i, k, n;

	for (i = 0; i < m->stream_count; i++) {
		struct stream *s = &m->stream[i];
		bool here = gran == 1 || (gran == 3 && fm_matches(fm, s->sid, sid));

		for (k = 0, n = 0; k < s->cached_count; k++) {
			bool of_domain = ctx_did(m, s->cached[k]) == did;

			if (gran == 1 || (of_domain && (gran == 2 || here))) {
				here = true;
			} else {
				s->cached[n++] = s->cached[k];
			}
		}
		s->cached_count = n;
		if (here) {
			window_reset(m, s);
		}
	}
	if (gran == 1) {
		m->foreign_ctx = m->root_foreign;
	}
	regimes_update(m);
}

/* --- outcomes --- */

struct visit {
	struct model *m;
	uint64_t iova;
	bool write;
	struct outcome *out;
	unsigned *count;
};

static void add(const struct visit *v, enum vtd_model_result kind, uint64_t pa, uint8_t reason, bool record)
{
	vtd_outcome_add(v->out, v->count, (struct outcome){ kind, pa, reason, record });
}

static void visit(const struct visit *v, struct pair p)
{
	struct ctx c = ctx_decode(v->m, p);

	if (c.kind == CTX_PASS) {
		add(v, VTD_DMA_BYPASS, v->iova, 0, false);
	} else if (c.kind == CTX_TABLES) {
		if (v->m->foreign_tlb) {
			add(v, VTD_DMA_OK, v->iova, 0, false);
		}
		vtd_translate(v->m, &c.r, v->iova, v->write, c.record, v->out, v->count);
	} else {
		add(v, VTD_DMA_BLOCKED, 0, c.reason, c.record);
	}
}

/* A previous owner let every second requester through. What is left of its translations is tagged with any domain. */
static void foreign_outcomes(const struct visit *v, sid_t sid)
{
	if ((sid & 1) == 0 && (v->m->root_foreign || v->m->foreign_ctx)) {
		add(v, VTD_DMA_BYPASS, v->iova, 0, false);
	}
	if ((sid & 1) == 0 && v->m->foreign_tlb) {
		add(v, VTD_DMA_OK, v->iova, 0, false);
	}
	if (v->m->root_foreign) {
		add(v, VTD_DMA_BLOCKED, 0, 2, true);
	}
}

unsigned vtd_outcomes(struct model *m, sid_t sid, uint64_t iova, bool write, struct outcome *out)
{
	unsigned count = 0;
	struct visit v = { m, iova, write, out, &count };
	struct stream *s;
	unsigned i;

	foreign_outcomes(&v, sid);
	if (m->root_foreign) {
		return count;
	}
	s = stream_get(m, sid);
	for (i = 0; i < s->tag_count; i++) {
		vtd_tlb_hits(m, s->tag[i], iova, write, true, out, &count);
	}
	for (i = 0; i < s->cached_count; i++) {
		visit(&v, s->cached[i]);
	}
	for (i = VIEW_COUNT; i-- > 0;) {
		if (!vtd_view_has(m, i)) {
			continue;
		}
		if (ctx_addr(m, sid, i) == 0) {
			add(&v, VTD_DMA_BLOCKED, 0, 1, true);
		} else {
			visit(&v, ctx_load(m, ctx_addr(m, sid, i), i));
		}
	}
	return count;
}
