/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stream table entries and context descriptors as the unit may know them. A fetch is atomic by 64-bit word
 * only, so between two invalidations any combination of the values each word has had may be in use; a valid
 * one that never was in memory as a whole is a mixture, and fails the test at once [I7].
 */
#include "smmuv3_int.h"

#include <string.h>

#include "fake/fake.h"

static const uint8_t oas_table[8] = { 32, 36, 40, 42, 44, 48, 52, 52 };

static void seen_add(struct words *w, unsigned k, uint64_t v)
{
	unsigned i;

	for (i = 0; i < w->n[k]; i++) {
		if (w->seen[k][i] == v) {
			return;
		}
	}
	if (w->n[k] == SEEN_MAX) {
		fake_fail("an entry's word changed too often without invalidation");
	}
	w->seen[k][w->n[k]++] = v;
}

static void snap_add(struct words *w)
{
	unsigned k;

	if (w->snap_count == SNAP_MAX) {
		memmove(w->snap[0], w->snap[1], sizeof(w->snap) - sizeof(w->snap[0]));
		w->snap_count--;
	}
	for (k = 0; k < 8; k++) {
		w->snap[w->snap_count][k] = fake_dev_load(w->addr + 8 * k, FAKE_VIEW_NEW);
	}
	w->snap_count++;
}

/* Forgets all but what a fetch from now on can see. */
static void words_reset(struct words *w, uint64_t addr, bool snoops)
{
	unsigned k;

	memset(w, 0, sizeof(*w));
	w->addr = addr;
	if (addr == 0) {
		return;
	}
	for (k = 0; k < 8; k++) {
		seen_add(w, k, fake_dev_load(addr + 8 * k, FAKE_VIEW_NEW));
		if (!snoops) {
			uint64_t stale = fake_dev_load(addr + 8 * k, FAKE_VIEW_STALE);

			if (stale != w->seen[k][0]) {
				seen_add(w, k, stale);
			}
		}
	}
	snap_add(w);
}

static void words_store(struct words *w, uint64_t addr, uint64_t before, uint64_t after)
{
	unsigned k = (unsigned)(addr - w->addr) / 8;

	seen_add(w, k, before);
	seen_add(w, k, after);
	snap_add(w);
}

static bool tables_snooped(const struct model *m)
{
	return m->o.coherent && bits_get(m->cr1, 7, 6) != 0 && bits_get(m->cr1, 9, 8) != 0;
}

static uint64_t table_load(const struct model *m, uint64_t addr, enum fake_view view)
{
	return fake_dev_load(addr, tables_snooped(m) && view == FAKE_VIEW_STALE ? FAKE_VIEW_NEW : view);
}

/* Address of the stream's entry, 0 if there is none, in that view. */
static uint64_t ste_addr(const struct model *m, sid_t sid, enum fake_view view)
{
	uint64_t base = m->strtab_base & 0x000fffffffffffc0ull;
	unsigned log2 = (unsigned)bits_get(m->strtab_cfg, 5, 0);
	unsigned split = (unsigned)bits_get(m->strtab_cfg, 10, 6);
	uint64_t l1, span;

	if (log2 > m->o.sid_bits) {
		log2 = m->o.sid_bits;
	}
	if (log2 < 32 && sid >> log2) {
		return 0;
	}
	if (bits_get(m->strtab_cfg, 17, 16) == 0) {
		return base + 64ull * sid;
	}
	l1 = table_load(m, base + 8ull * (sid >> split), view);
	span = bits_get(l1, 4, 0);
	if (span == 0 || (sid & ((1u << split) - 1)) >= (1u << (span - 1))) {
		return 0;
	}
	return (l1 & 0x000fffffffffffc0ull) + 64ull * (sid & ((1u << split) - 1));
}

static void stream_seed(struct model *m, struct stream *s, bool l1, bool ste, bool cd)
{
	uint64_t addr = ste_addr(m, s->sid, FAKE_VIEW_NEW);

	if (l1) {
		s->l1_invalid_seen = addr == 0 || ste_addr(m, s->sid, FAKE_VIEW_STALE) == 0;
	}
	if (ste) {
		words_reset(&s->ste, addr, tables_snooped(m));
	}
	if (cd) {
		s->cd_count = 0;
	}
}

struct stream *smmuv3_stream(struct model *m, sid_t sid)
{
	unsigned i;

	for (i = 0; i < m->stream_count; i++) {
		if (m->stream[i].sid == sid) {
			if (m->stream[i].ste.addr == 0 && ste_addr(m, sid, FAKE_VIEW_NEW) != 0) {
				words_reset(&m->stream[i].ste, ste_addr(m, sid, FAKE_VIEW_NEW), tables_snooped(m));
			}
			return &m->stream[i];
		}
	}
	if (m->stream_count == STREAM_MAX) {
		fake_fail("the model follows no more streams");
	}
	memset(&m->stream[i], 0, sizeof(m->stream[i]));
	m->stream[i].sid = sid;
	m->stream_count++;
	stream_seed(m, &m->stream[i], true, true, true);
	m->regimes_stale = true;
	return &m->stream[i];
}

/* Translation was switched on: what is in the table may be fetched from now on. */
void smmuv3_config_scan(struct model *m)
{
	uint64_t count = 1ull << bits_get(m->strtab_cfg, 5, 0);
	sid_t sid;

	for (sid = 0; sid < count && sid < 0x20000; sid++) {
		uint64_t addr = ste_addr(m, sid, FAKE_VIEW_NEW);

		if (addr != 0 && (fake_dev_load(addr, FAKE_VIEW_NEW) & 1) != 0) {
			(void)smmuv3_stream(m, sid);
		}
	}
	smmuv3_regimes_update(m);
}

/* The stream whose entry holds addr, or -1. */
static int64_t sid_of(const struct model *m, uint64_t addr)
{
	uint64_t base = m->strtab_base & 0x000fffffffffffc0ull;
	unsigned log2 = (unsigned)bits_get(m->strtab_cfg, 5, 0);
	unsigned split = (unsigned)bits_get(m->strtab_cfg, 10, 6);
	uint64_t i;

	if (m->strtab_base == 0) {
		return -1;
	}
	if (bits_get(m->strtab_cfg, 17, 16) == 0) {
		return addr >= base && addr < base + (64ull << log2) ? (int64_t)((addr - base) / 64) : -1;
	}
	for (i = 0; i < (1ull << (log2 - split)); i++) {
		uint64_t l1 = fake_dev_load(base + 8 * i, FAKE_VIEW_NEW);
		uint64_t l2 = l1 & 0x000fffffffffffc0ull;

		if (bits_get(l1, 4, 0) != 0 && addr >= l2 && addr < l2 + (64ull << (bits_get(l1, 4, 0) - 1))) {
			return (int64_t)((i << split) + (addr - l2) / 64);
		}
	}
	return -1;
}

static bool is_l1(const struct model *m, uint64_t addr)
{
	uint64_t base = m->strtab_base & 0x000fffffffffffc0ull;

	return bits_get(m->strtab_cfg, 17, 16) == 1 && addr >= base &&
	       addr < base + (8ull << (bits_get(m->strtab_cfg, 5, 0) - bits_get(m->strtab_cfg, 10, 6)));
}

void smmuv3_config_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after)
{
	bool changed = false;
	unsigned i, k;
	int64_t sid;

	if ((m->cr0_eff & 1) == 0 && (m->cr0 & 1) == 0) {
		return; /* nothing is fetched, and what was is forgotten by rule: the test of enable sees to that */
	}
	if (before == after) {
		return;
	}
	if (is_l1(m, addr) && bits_get(after, 4, 0) != 0 && fake_unordered_count() > 1) {
		fake_fail("a table is linked before a barrier made it visible [I7]");
	}
	sid = sid_of(m, addr);
	if (sid >= 0) {
		struct stream *s = smmuv3_stream(m, (sid_t)sid);

		if (addr % 64 == 0 && (after & 1) != 0 && fake_unordered_count() > 1) {
			fake_fail("an entry is made valid before a barrier made visible what it points to [I7]");
		}
		words_store(&s->ste, addr, before, after);
		changed = true;
	}
	for (i = 0; i < m->stream_count; i++) {
		for (k = 0; k < m->stream[i].cd_count; k++) {
			struct words *w = &m->stream[i].cd[k];

			if (addr >= w->addr && addr < w->addr + 64) {
				words_store(w, addr, before, after);
				changed = true;
			}
		}
	}
	if (changed) {
		smmuv3_regimes_update(m);
	}
}

void smmuv3_config_forget(struct model *m, bool all, sid_t sid, bool l1, bool ste, bool cd)
{
	unsigned i;

	for (i = 0; i < m->stream_count; i++) {
		if (all || m->stream[i].sid == sid) {
			stream_seed(m, &m->stream[i], l1, ste, cd);
		}
	}
	if (all) {
		m->foreign_cfg = false;
	}
	smmuv3_regimes_update(m);
}

/* --- combinations --- */

static bool was_whole(const struct words *w, const uint64_t c[8])
{
	unsigned i;

	for (i = 0; i < w->snap_count; i++) {
		if (memcmp(w->snap[i], c, sizeof(w->snap[i])) == 0) {
			return true;
		}
	}
	return false;
}

typedef void combo_fn(void *ctx, const uint64_t w[8]);

static void combos(const struct words *w, unsigned k, uint64_t c[8], uint64_t valid, combo_fn *fn, void *ctx)
{
	unsigned i;

	if (k == 8) {
		if ((c[0] & valid) != 0 && !was_whole(w, c)) {
			fake_fail("a mixture of an old and a new entry may be in use: word 0 %lx, 1 %lx, 2 %lx, 3 %lx",
				  (unsigned long)c[0], (unsigned long)c[1], (unsigned long)c[2], (unsigned long)c[3]);
		}
		fn(ctx, c);
		return;
	}
	for (i = 0; i < w->n[k]; i++) {
		c[k] = w->seen[k][i];
		if (k == 0 && (c[0] & valid) == 0) {
			const uint64_t invalid[8] = { c[0] }; /* the other words mean nothing */

			fn(ctx, invalid);
		} else {
			combos(w, k + 1, c, valid, fn, ctx);
		}
	}
}

struct visit {
	struct model *m;
	struct stream *s;
	void (*regime)(struct visit *v, const struct regime *r);
	/* for outcomes */
	uint64_t iova;
	bool write;
	struct outcome *out;
	unsigned *count;

};

static void visit_blocked(struct visit *v, uint8_t event, bool record)
{
	if (v->out != NULL) {
		smmuv3_outcome_add(v->out, v->count, (struct outcome){ SMMUV3_DMA_BLOCKED, 0, event, record });
	}
}

static bool attrs_snoop(const struct model *m, uint64_t ir, uint64_t orr)
{
	return m->o.coherent && ir != 0 && orr != 0;
}

static void visit_s2(struct visit *v, const uint64_t w[8])
{
	unsigned bits = 64 - (unsigned)bits_get(w[2], 37, 32);
	unsigned sl0 = (unsigned)bits_get(w[2], 39, 38);
	unsigned level = 2 - sl0;
	unsigned top = 12 + 9 * (4 - level); /* input bits of one table at that level */
	unsigned oas = oas_table[v->m->o.oas];
	struct regime r = { .stage = 2, .level = (uint8_t)level, .bits = (uint8_t)bits };

	r.root = w[3] & 0x000ffffffffffff0ull;
	if (((w[2] >> 51) & 1) == 0) {
		fake_fail("STE.S2AA64 = 0 stops QEMU");
	}
	if (!v->m->o.s2 || sl0 > 2 || bits > oas || bits > top || bits + 9 <= top || (sl0 == 2 && oas < 44) ||
	    bits_get(w[2], 47, 46) != 0 || bits_get(w[2], 50, 48) > v->m->o.oas || ((w[2] >> 55) & 7) != 0 ||
	    ((w[2] >> 52) & 1) != 0 || r.root % 4096 != 0) {
		visit_blocked(v, 0x04, true);
		return;
	}
	r.id = (uint16_t)w[2];
	if (!v->m->o.wide_ids && r.id > 0xff) {
		fake_fail("VMID %x on a unit with 8-bit VMIDs", r.id);
	}
	r.oas_bits = oas_table[bits_get(w[2], 50, 48)];
	r.affd = (w[2] >> 53) & 1;
	r.record = (w[2] >> 58) & 1;
	r.cached_walk = attrs_snoop(v->m, bits_get(w[2], 41, 40), bits_get(w[2], 43, 42));
	v->regime(v, &r);
}

static void visit_cd(void *ctx, const uint64_t w[8])
{
	struct visit *v = ctx;
	unsigned bits = 64 - (unsigned)bits_get(w[0], 5, 0);
	struct regime r = { .stage = 1, .bits = (uint8_t)bits, .root = w[1] & 0x000ffffffffffff0ull };

	if (((w[0] >> 31) & 1) == 0 || ((w[0] >> 41) & 1) == 0 || bits_get(w[0], 7, 6) != 0 || bits < 25 || bits > 48 ||
	    ((w[0] >> 30) & 1) == 0 || ((w[0] >> 46) & 1) == 0 || bits_get(w[0], 44, 42) != 0 ||
	    ((w[0] >> 14) & 3) != 0 ||
	    bits_get(w[0], 34, 32) > v->m->o.oas || r.root % 4096 != 0 || bits_get(w[0], 39, 38) != 0) {
		visit_blocked(v, 0x0a, true);
		return;
	}
	if (w[3] != 0x04ff) {
		fake_fail("CD.MAIR %lx", (unsigned long)w[3]);
	}
	r.level = (uint8_t)(bits > 39 ? 0 : bits > 30 ? 1 : 2);
	r.id = (uint16_t)bits_get(w[0], 63, 48);
	if (!v->m->o.wide_ids && r.id > 0xff) {
		fake_fail("ASID %x on a unit with 8-bit ASIDs", r.id);
	}
	r.oas_bits = oas_table[bits_get(w[0], 34, 32)];
	r.affd = (w[0] >> 35) & 1;
	r.record = (w[0] >> 45) & 1;
	r.cached_walk = attrs_snoop(v->m, bits_get(w[0], 9, 8), bits_get(w[0], 11, 10));
	v->regime(v, &r);
}

static void visit_s1(struct visit *v, const uint64_t w[8])
{
	uint64_t addr = w[0] & 0x000fffffffffffc0ull;
	uint64_t c[8];
	unsigned i;

	if (!v->m->o.s1 || bits_get(w[0], 5, 4) != 0 || bits_get(w[0], 63, 59) != 0 || bits_get(w[1], 31, 30) != 0 ||
	    ((w[1] >> 27) & 1) != 0) {
		visit_blocked(v, 0x04, true);
		return;
	}
	for (i = 0; i < v->s->cd_count && v->s->cd[i].addr != addr; i++) {
	}
	if (i == v->s->cd_count) {
		if (i == CD_MAX) {
			fake_fail("the model caches no more context descriptors");
		}
		words_reset(&v->s->cd[i], addr, attrs_snoop(v->m, bits_get(w[1], 3, 2), bits_get(w[1], 5, 4)));
		v->s->cd_count++;
	}
	combos(&v->s->cd[i], 0, c, 1ull << 31, visit_cd, v);
}

static void visit_ste(void *ctx, const uint64_t w[8])
{
	struct visit *v = ctx;

	if ((w[0] & 1) == 0) {
		visit_blocked(v, 0x04, true);
		return;
	}
	if (bits_get(w[1], 29, 28) != 0) {
		fake_fail("STE.EATS is set: translated requests would pass unchecked");
	}
	switch (bits_get(w[0], 3, 1)) {
	case 4:
		if (v->out != NULL) {
			smmuv3_outcome_add(v->out, v->count, (struct outcome){ SMMUV3_DMA_BYPASS, v->iova, 0, false });
		}
		return;
	case 5:
		visit_s1(v, w);
		return;
	case 6:
		visit_s2(v, w);
		return;
	case 7:
		visit_blocked(v, 0x04, true);
		return;
	default:
		visit_blocked(v, 0, false);
		return;
	}
}

static void regime_outcome(struct visit *v, const struct regime *r)
{
	smmuv3_translate(v->m, r, v->iova, v->write, v->out, v->count);
}

unsigned smmuv3_outcomes(struct model *m, sid_t sid, uint64_t iova, bool write, struct outcome *out)
{
	unsigned count = 0;
	struct visit v = {
		.m = m, .regime = regime_outcome, .iova = iova, .write = write, .out = out, .count = &count,
	};
	uint64_t c[8];

	if (m->foreign_cfg) {
		smmuv3_outcome_add(out, &count, (struct outcome){ SMMUV3_DMA_BYPASS, iova, 0, false });
	}
	v.s = smmuv3_stream(m, sid);
	if (m->regimes_stale) {
		smmuv3_regimes_update(m);
	}
	if (v.s->l1_invalid_seen || v.s->ste.addr == 0) {
		visit_blocked(&v, 0x02, (m->cr2 & 2) != 0);
	}
	if (v.s->ste.addr != 0) {
		combos(&v.s->ste, 0, c, 1, visit_ste, &v);
	}
	return count;
}

/* --- regimes in use --- */

static bool regime_same(const struct regime *a, const struct regime *b)
{
	return a->stage == b->stage && a->id == b->id && a->root == b->root && a->level == b->level;
}

static void regime_collect(struct visit *v, const struct regime *r)
{
	struct model *m = v->m;
	unsigned i;

	for (i = 0; i < m->regime_count; i++) {
		if (regime_same(&m->regime[i], r)) {
			return;
		}
	}
	if (m->regime_count == REGIME_MAX) {
		fake_fail("the model follows no more translation regimes");
	}
	m->regime[m->regime_count++] = *r;
}

void smmuv3_regimes_update(struct model *m)
{
	static struct regime old[REGIME_MAX];
	unsigned old_count = m->regime_count;
	unsigned i, k;

	memcpy(old, m->regime, sizeof(old));
	m->regime_count = 0;
	m->regimes_stale = false;
	for (i = 0; i < m->stream_count; i++) {
		struct visit v = { .m = m, .s = &m->stream[i], .regime = regime_collect };
		uint64_t c[8];

		if (v.s->ste.addr != 0) {
			combos(&v.s->ste, 0, c, 1, visit_ste, &v);
		}
	}
	for (i = 0; i < old_count; i++) {
		for (k = 0; k < m->regime_count && !regime_same(&old[i], &m->regime[k]); k++) {
		}
		if (k == m->regime_count) {
			smmuv3_tlb_retire(m, &old[i]);
		}
	}
	m->index_valid = false;
}
