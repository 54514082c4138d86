/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root table of each unit and the context tables below it: all of them static, found by index. A stream without an
 * attached domain has an entry that is not present, or none: blocked and recorded [I1]. Word 0 of an entry is stored
 * last when it becomes present and first when it is taken away, and the unit has forgotten the entry before the other
 * word changes: what it may read is old, blocked or new, never a mixture [I7]. Units share a few context tables: taken
 * once per bus, never given back.
 */
#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/hwmem.h>
#include <arch/mmu.h>
#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>
#include <hyp/spinlock.h>

#include "vtd.h"

enum {
	ENTRY_WORDS = 2,
	DEVFN_BITS = 8,
	TABLE_WORDS = ENTRY_WORDS << DEVFN_BITS, /* root and context tables alike: 256 entries, one page */
	SID_BITS = 16,
};

static uint64_t root_mem[UNIT_MAX][TABLE_WORDS] __attribute__((aligned(PAGE_SIZE)));
static uint64_t context_mem[CONTEXT_TABLES][TABLE_WORDS] __attribute__((aligned(PAGE_SIZE)));
static uint8_t context_owner[CONTEXT_TABLES]; /* unit id + 1; 0 = free */
static struct spinlock context_lock;          /* innermost */

static uint64_t *table_take(unsigned id)
{
	uint64_t *found = NULL;
	unsigned i;

	spin_lock(&context_lock);
	for (i = 0; i < CONTEXT_TABLES && found == NULL; i++) {
		if (context_owner[i] == 0) {
			context_owner[i] = (uint8_t)(id + 1);
			found = context_mem[i];
		}
	}
	spin_unlock(&context_lock);
	return found;
}

static void table_clear(const struct vtd *s, uint64_t *table)
{
	unsigned i;

	for (i = 0; i < TABLE_WORDS; i++) {
		arch_hwmem_store(&table[i], 0);
	}
	if (!s->coherent) {
		arch_cache_clean(table, TABLE_WORDS * sizeof(*table));
	}
}

void vtd_context_init(struct vtd *s, unsigned id)
{
	unsigned i;

	table_clear(s, root_mem[id]);
	for (i = 0; i < CONTEXT_TABLES; i++) {
		if (context_owner[i] == id + 1) {
			context_owner[i] = 0;
		}
	}
}

pa_t vtd_root(unsigned id)
{
	return arch_pa(root_mem[id]);
}

/* Word 1 of a root entry is always 0. */
void vtd_context_clear(struct vtd *s, unsigned id)
{
	table_clear(s, root_mem[id]);
}

void vtd_word_write(const struct vtd *s, uint64_t *to, uint64_t v)
{
	arch_dma_wmb(); /* what it points to, or the other word, comes first */
	arch_hwmem_store(to, v);
	if (!s->coherent) {
		arch_cache_clean(to, sizeof(*to));
	}
}

uint64_t *vtd_context_find(unsigned id, sid_t sid)
{
	uint64_t root;

	if (sid >> SID_BITS != 0) {
		return NULL;
	}
	root = arch_hwmem_load(&root_mem[id][(size_t)ENTRY_WORDS * (sid >> DEVFN_BITS)]);
	if ((root & ROOT0_P) == 0) {
		return NULL;
	}
	return (uint64_t *)arch_va(pa(root & ROOT0_CTP)) + (size_t)ENTRY_WORDS * (sid & ((1u << DEVFN_BITS) - 1));
}

/* The stream's entry; links a context table of entries that are not present where there is none. */
static int entry_get(struct vtd *s, unsigned id, sid_t sid, uint64_t **out)
{
	uint64_t *table;

	*out = vtd_context_find(id, sid);
	if (*out != NULL) {
		return 0;
	}
	if (sid >> SID_BITS != 0) {
		return -BH_ERANGE;
	}
	table = table_take(id);
	if (table == NULL) {
		return -BH_ENOMEM;
	}
	table_clear(s, table);
	vtd_word_write(s, &root_mem[id][(size_t)ENTRY_WORDS * (sid >> DEVFN_BITS)], arch_pa(table).v | ROOT0_P);
	*out = vtd_context_find(id, sid);
	return 0;
}

/*
 * The unit forgets what it knew of the stream while its entry led to domain did, 0 for one that was not present
 * [6.2.2]. Translations are tagged with the entry they were found through: they go second, and only when it is gone.
 */
static int stream_sync(struct vtd *s, sid_t sid, uint16_t did)
{
	int r;

	vtd_inv_context(s, sid, did);
	r = vtd_inv_sync(s);
	if (r != 0) {
		return r;
	}
	vtd_inv_domain(s, did);
	return vtd_inv_sync(s);
}

static uint16_t entry_domain(const uint64_t *entry)
{
	bool present = (arch_hwmem_load(&entry[0]) & CTX0_P) != 0;

	return present ? (uint16_t)FIELD_GET(CTX1_DID, arch_hwmem_load(&entry[1])) : 0;
}

/* Not present, and everything forgotten; word 1 follows when nobody can join it to an old word 0. */
static int entry_clear(struct vtd *s, uint64_t *entry, sid_t sid)
{
	uint16_t did = entry_domain(entry);
	int r;

	vtd_word_write(s, &entry[0], 0);
	r = stream_sync(s, sid, did);
	vtd_word_write(s, &entry[1], 0);
	return r;
}

/*
 * The entry is not present. A unit that fetches word by word may hold the old word 1 until it is told to forget it; one
 * that caches what is not present (CAP.CM) must be told again at the end [6.1].
 */
static int entry_set(struct vtd *s, uint64_t *entry, sid_t sid, const struct entry *new)
{
	int r;

	vtd_word_write(s, &entry[1], new->w[1]);
	r = stream_sync(s, sid, 0);
	if (r != 0) {
		return r;
	}
	vtd_word_write(s, &entry[0], new->w[0]);
	return stream_sync(s, sid, 0);
}

/* TT = 0: requests are translated by the domain's tables; what claims to be translated already is refused. */
static int entry_make(const struct vtd *s, const struct iommu_domain *d, bool muted, struct entry *out)
{
	uint64_t aw = d->pt.levels == 4 ? AW_48 : AW_39;

	if ((d->pt.levels != 3 && d->pt.levels != 4) || (s->sagaw & (1u << aw)) == 0) {
		return -BH_ERANGE;
	}
	out->w[0] = CTX0_P | (muted ? CTX0_FPD : 0) | arch_pa(d->pt.root).v;
	out->w[1] = FIELD(CTX1_AW, aw) | FIELD(CTX1_DID, d->id);
	return 0;
}

int iommu_hw_attach(struct iommu_unit *u, sid_t sid, const struct iommu_domain *d)
{
	struct vtd *s = vtd_get(u);
	struct entry new;
	uint64_t *entry;
	int r;

	if (u->failed) {
		return -BH_EIO;
	}
	/* Tables of another format, or stores this unit does not see: it would walk something else. */
	if (d->id == 0 || d->id > u->cap.domain_max || d->pt.fmt != u->cap.fmt || (d->pt.coherent && !s->coherent)) {
		return -BH_ERANGE;
	}
	r = entry_make(s, d, false, &new);
	if (r != 0) {
		return r;
	}
	r = entry_get(s, u->id, sid, &entry);
	if (r != 0) {
		return r;
	}
	if (arch_hwmem_load(&entry[0]) != 0 && entry_clear(s, entry, sid) != 0) {
		return vtd_fail(u);
	}
	return entry_set(s, entry, sid, &new) != 0 ? vtd_fail(u) : 0;
}

int iommu_hw_detach(struct iommu_unit *u, sid_t sid)
{
	struct vtd *s = vtd_get(u);
	uint64_t *entry = vtd_context_find(u->id, sid);

	if (u->failed) {
		return -BH_EIO;
	}
	if (entry == NULL) {
		return 0; /* never had an entry: blocked */
	}
	return entry_clear(s, entry, sid) != 0 ? vtd_fail(u) : 0;
}

int iommu_hw_mute(struct iommu_unit *u, sid_t sid, const struct iommu_domain *d, bool muted)
{
	struct vtd *s = vtd_get(u);
	struct entry new = { { muted ? CTX0_FPD : 0, 0 } }; /* attached to nothing: not present, with FPD or without */
	uint64_t *entry;
	int r;

	if (u->failed) {
		return -BH_EIO;
	}
	r = entry_get(s, u->id, sid, &entry);
	if (r == 0 && d != NULL) {
		r = entry_make(s, d, muted, &new);
	}
	if (r != 0) {
		return r;
	}
	/* Attached to d or to nothing, as the caller says: then one bit differs, and either value of it is whole. */
	CHECK(((arch_hwmem_load(&entry[0]) ^ new.w[0]) & ~CTX0_FPD) == 0 && arch_hwmem_load(&entry[1]) == new.w[1]);
	vtd_word_write(s, &entry[0], new.w[0]);
	return stream_sync(s, sid, d != NULL ? d->id : 0) != 0 ? vtd_fail(u) : 0;
}
