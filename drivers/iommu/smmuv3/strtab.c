/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream table of each unit and the context descriptors: all of them static, found by index. A stream
 * without an attached domain has an invalid entry or none: blocked and recorded [I1]. Entries change in the
 * order of [3.21.3.1]; every valid word 0 is written alone, into an entry whose other words the unit can
 * only know as they are [I7]. Units share a few second-level tables: taken once per 256 StreamIDs, never
 * given back.
 */
#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/hwmem.h>
#include <arch/mmu.h>
#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>
#include <hyp/spinlock.h>

#include "smmuv3.h"

enum {
	STE_WORDS = 8,
	L1_ENTRIES = 1 << (SID_BITS_MAX - SPLIT),
	L2_WORDS = STE_WORDS << SPLIT,
	L1STD_SPAN_FULL = SPLIT + 1, /* 2^(Span - 1) entries [5.1] */
	CD_LOUD = 0,
	CD_MUTED = 1,
};

/* Tables are aligned to their size [6.3.24]. */
static uint64_t l1_mem[UNIT_MAX][L1_ENTRIES] __attribute__((aligned(8 * L1_ENTRIES)));
static uint64_t l2_mem[L2_TABLES][L2_WORDS] __attribute__((aligned(8 * L2_WORDS)));
static uint8_t l2_owner[L2_TABLES]; /* unit id + 1; 0 = free */
static struct spinlock l2_lock;     /* innermost */

/* Two per domain and unit: muting a stream is to point its entry at the one without CD.R. */
static struct cd cd_mem[UNIT_MAX][DOMAIN_MAX + 1][2] __attribute__((aligned(64)));

static uint64_t *l2_take(unsigned id)
{
	uint64_t *found = NULL;
	unsigned i;

	spin_lock(&l2_lock);
	for (i = 0; i < L2_TABLES && found == NULL; i++) {
		if (l2_owner[i] == 0) {
			l2_owner[i] = (uint8_t)(id + 1);
			found = l2_mem[i];
		}
	}
	spin_unlock(&l2_lock);
	return found;
}

static void words_clear(const struct smmuv3 *s, uint64_t *w, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		arch_hwmem_store(&w[i], 0);
	}
	if (!s->coherent) {
		arch_cache_clean(w, count * sizeof(*w));
	}
}

void smmuv3_strtab_init(struct smmuv3 *s, unsigned id)
{
	unsigned i;

	words_clear(s, l1_mem[id], L1_ENTRIES);
	words_clear(s, cd_mem[id][0][0].w, sizeof(cd_mem[id]) / sizeof(uint64_t));
	for (i = 0; i < L2_TABLES; i++) {
		if (l2_owner[i] == id + 1) {
			words_clear(s, l2_mem[i], L2_WORDS);
			l2_owner[i] = 0;
		}
	}
	s->linear = NULL;
	if (!s->two_level) {
		s->linear = l2_take(id);
		if (s->linear != NULL) {
			words_clear(s, s->linear, L2_WORDS);
		}
	}
}

void smmuv3_strtab_start(struct smmuv3 *s, unsigned id)
{
	uint32_t cfg = FIELD32(STRTAB_CFG_LOG2SIZE, s->sid_log2);
	const uint64_t *base = s->linear;

	if (s->two_level) {
		cfg |= FIELD32(STRTAB_CFG_SPLIT, SPLIT) | FIELD32(STRTAB_CFG_FMT, FMT_2LEVEL);
		base = l1_mem[id];
	}
	arch_dma_wmb();
	reg_write64(s->base, SMMU_STRTAB_BASE, BASE_ALLOC_HINT | arch_pa(base).v);
	reg_write32(s->base, SMMU_STRTAB_BASE_CFG, cfg);
}

/* Word 0 only: with another word cleared, a fetch under way could join an old word 0 to it [I7]. */
void smmuv3_strtab_clear(struct smmuv3 *s, unsigned id)
{
	unsigned i;
	unsigned k;

	for (i = 0; i < L2_TABLES; i++) {
		for (k = 0; k < L2_WORDS && l2_owner[i] == id + 1; k += STE_WORDS) {
			words_clear(s, &l2_mem[i][k], 1);
		}
	}
}

uint64_t *smmuv3_ste_find(const struct smmuv3 *s, unsigned id, sid_t sid)
{
	uint64_t l1;

	if (sid >> s->sid_log2 != 0) {
		return NULL;
	}
	if (!s->two_level) {
		return s->linear != NULL ? &s->linear[(size_t)STE_WORDS * sid] : NULL;
	}
	l1 = arch_hwmem_load(&l1_mem[id][sid >> SPLIT]);
	if (FIELD_GET(L1STD_SPAN, l1) == 0) {
		return NULL;
	}
	return (uint64_t *)arch_va(pa(l1 & L1STD_L2PTR)) + (size_t)STE_WORDS * (sid & ((1u << SPLIT) - 1));
}

/* The stream's entry; links a second-level table of invalid entries where there is none. */
static int ste_get(struct smmuv3 *s, unsigned id, sid_t sid, uint64_t **out)
{
	uint64_t *table;
	uint64_t desc;

	*out = smmuv3_ste_find(s, id, sid);
	if (*out != NULL) {
		return 0;
	}
	if (sid >> s->sid_log2 != 0) {
		return -BH_ERANGE;
	}
	table = s->two_level ? l2_take(id) : NULL;
	if (table == NULL) {
		return -BH_ENOMEM;
	}
	words_clear(s, table, L2_WORDS);
	desc = (arch_pa(table).v & L1STD_L2PTR) | FIELD(L1STD_SPAN, L1STD_SPAN_FULL);
	smmuv3_words_write(s, &l1_mem[id][sid >> SPLIT], &desc, 0, 0);
	*out = smmuv3_ste_find(s, id, sid);
	return 0;
}

/* Before the queue is on, SMMUEN = 0 blocks, and everything cached is dropped when it is switched on. */
static int stream_sync(struct smmuv3 *s, sid_t sid)
{
	if (!s->queue_on) {
		return 0;
	}
	smmuv3_cmd_stream(s, sid);
	return smmuv3_cmdq_sync(s);
}

/* Makes the entry invalid and waits until the unit knows nothing else of the stream. */
static int ste_clear(struct smmuv3 *s, uint64_t *ste, sid_t sid)
{
	static const struct ste none;

	smmuv3_words_write(s, ste, none.w, 0, 0);
	return stream_sync(s, sid);
}

/*
 * Word 0 of an invalid entry may still be on its way when the unit reads the others, or the other way
 * round: a fetch is atomic by 64-bit word only. So the unit must forget the entry between the two steps.
 */
static int ste_set(struct smmuv3 *s, uint64_t *ste, sid_t sid, const struct ste *new)
{
	int r;

	smmuv3_words_write(s, ste, new->w, 1, STE_WORDS - 1);
	r = stream_sync(s, sid);
	if (r != 0) {
		return r;
	}
	smmuv3_words_write(s, ste, new->w, 0, 0);
	return stream_sync(s, sid);
}

static bool cd_equal(const struct cd *a, const struct cd *b)
{
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(a->w) && arch_hwmem_load(&a->w[i]) == b->w[i]; i++) {
	}
	return i == ARRAY_COUNT(a->w);
}

/*
 * The domain's descriptors, written when its first stream is attached. They differ only if the id belonged
 * to another domain before; then no entry points to them, and every stream that once did was told to forget
 * them when it was detached: nobody can be reading.
 */
static int cd_prepare(struct smmuv3 *s, unsigned id, const struct iommu_domain *d)
{
	unsigned i;

	for (i = CD_LOUD; i <= CD_MUTED; i++) {
		struct cd *cd = &cd_mem[id][d->id][i];
		struct cd new;
		int r = smmuv3_cd_make(s, d, i == CD_MUTED, &new);

		if (r != 0) {
			return r;
		}
		if (!cd_equal(cd, &new)) {
			smmuv3_words_write(s, cd->w, new.w, 0, ARRAY_COUNT(new.w) - 1);
		}
	}
	return 0;
}

static int domain_ste(struct smmuv3 *s, unsigned id, const struct iommu_domain *d, bool muted, struct ste *out)
{
	int r;

	if (d->id == 0 || d->id > DOMAIN_MAX) {
		return -BH_ERANGE;
	}
	if (!s->s2) {
		r = cd_prepare(s, id, d);
		if (r != 0) {
			return r;
		}
	}
	return smmuv3_ste_make(s, d, &cd_mem[id][d->id][muted ? CD_MUTED : CD_LOUD], muted, out);
}

int iommu_hw_attach(struct iommu_unit *u, sid_t sid, const struct iommu_domain *d)
{
	struct smmuv3 *s = smmuv3_get(u);
	struct ste new;
	uint64_t *ste;
	int r;

	if (u->failed) {
		return -BH_EIO;
	}
	/* Tables of another format, or stores this unit does not see: it would walk something else. */
	if (d->id > u->cap.domain_max || d->pt.fmt != u->cap.fmt || (d->pt.coherent && !s->coherent)) {
		return -BH_ERANGE;
	}
	r = ste_get(s, u->id, sid, &ste);
	if (r != 0) {
		return r;
	}
	r = domain_ste(s, u->id, d, false, &new);
	if (r != 0) {
		return r;
	}
	if ((arch_hwmem_load(&ste[0]) & STE0_V) != 0 && ste_clear(s, ste, sid) != 0) {
		return smmuv3_fail(u);
	}
	return ste_set(s, ste, sid, &new) != 0 ? smmuv3_fail(u) : 0;
}

int iommu_hw_detach(struct iommu_unit *u, sid_t sid)
{
	struct smmuv3 *s = smmuv3_get(u);
	uint64_t *ste = smmuv3_ste_find(s, u->id, sid);

	if (u->failed) {
		return -BH_EIO;
	}
	if (ste == NULL) {
		return 0; /* never had an entry: blocked */
	}
	return ste_clear(s, ste, sid) != 0 ? smmuv3_fail(u) : 0;
}

/* A stream that is attached to nothing: invalid is recorded, Config = abort is not; both block. */
static int mute_blocked(struct iommu_unit *u, sid_t sid, bool muted)
{
	static const struct ste abort_ste = { .w = { STE0_V } }; /* Config = 0b000 */
	static const struct ste none;
	struct smmuv3 *s = smmuv3_get(u);
	uint64_t *ste;
	int r = ste_get(s, u->id, sid, &ste);

	if (r != 0) {
		return r;
	}
	/* One word, and with either value of it the others mean nothing. */
	smmuv3_words_write(s, ste, muted ? abort_ste.w : none.w, 0, 0);
	return stream_sync(s, sid) != 0 ? smmuv3_fail(u) : 0;
}

int iommu_hw_mute(struct iommu_unit *u, sid_t sid, const struct iommu_domain *d, bool muted)
{
	struct smmuv3 *s = smmuv3_get(u);
	unsigned word;
	struct ste new;
	uint64_t *ste;
	int r;

	if (u->failed) {
		return -BH_EIO;
	}
	if (d == NULL) {
		return mute_blocked(u, sid, muted);
	}
	r = domain_ste(s, u->id, d, muted, &new);
	if (r != 0) {
		return r;
	}
	ste = smmuv3_ste_find(s, u->id, sid);
	/* Attached to d, as the caller says: then exactly one word differs, and either value of it is whole. */
	word = s->s2 ? 2 : 0;
	CHECK(ste != NULL && ((arch_hwmem_load(&ste[0]) ^ new.w[0]) & (STE0_V | STE0_CONFIG)) == 0);
	CHECK(!s->s2 || arch_hwmem_load(&ste[3]) == new.w[3]);
	smmuv3_words_write(s, ste, new.w, word, word);
	return stream_sync(s, sid) != 0 ? smmuv3_fail(u) : 0;
}
