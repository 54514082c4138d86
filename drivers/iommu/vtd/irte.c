/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt remapping tables: one page per unit, indexed by our interrupt number. What is not set is not present,
 * compatibility format is off: a message that no entry was made for, or that comes from another requester, raises
 * nothing [I3]. A change goes through "not present" and is acknowledged at each step [I7].
 */
#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/hwmem.h>
#include <arch/mmu.h>
#include <bulkhead/errno.h>
#include <drv/intremap.h>
#include <drv/iommu_hw.h>

#include "vtd.h"

enum {
	IRTE_WORDS = 2,
	IRTA_S_256 = 7,
	XAPIC_ID_MAX = 0xff,
};

static uint64_t irt_mem[UNIT_MAX][IRTE_WORDS * INTREMAP_ENTRIES] __attribute__((aligned(PAGE_SIZE)));

const char *vtd_irte_start(struct vtd *s, unsigned id)
{
	uint64_t *irt = irt_mem[id];
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(irt_mem[0]); i++) {
		arch_hwmem_store(&irt[i], 0);
	}
	if (!s->coherent) {
		arch_cache_clean(irt, sizeof(irt_mem[0]));
	}
	reg_write64(s->base, VTD_IRTA, arch_pa(irt).v | FIELD(IRTA_S, IRTA_S_256));
	if (vtd_command(s, GCMD_SIRTP, true, WAIT_LONG) != 0) {
		return "GSTS.IRTPS stays clear";
	}
	vtd_inv_irte_all(s);
	if (vtd_inv_sync(s) != 0) {
		return "the interrupt entry cache is not invalidated";
	}
	if (vtd_command(s, GCMD_CFI, false, WAIT_LONG) != 0) {
		return "GSTS.CFIS stays set";
	}
	if (vtd_command(s, GCMD_IRE, true, WAIT_LONG) != 0) {
		return "GSTS.IRES stays clear";
	}
	s->ir_on = true;
	return NULL;
}

bool intremap_on(const struct iommu_unit *u)
{
	return vtd_get(u)->ir_on;
}

/* Fixed delivery to one physical xAPIC id; DM, RH, DLM, IM = 0. */
static struct entry irte_make(const struct intremap_entry *e)
{
	struct entry new;

	new.w[0] = IRTE0_P | (e->level ? IRTE0_TM : 0) | FIELD(IRTE0_V, e->vector) | FIELD(IRTE0_DST_XAPIC, e->apic_id);
	new.w[1] = FIELD(IRTE1_SID, e->sid) | FIELD(IRTE1_SQ, SQ_ALL) | FIELD(IRTE1_SVT, SVT_SID);
	return new;
}

static int index_sync(struct vtd *s, uint32_t index)
{
	vtd_inv_irte(s, index);
	return vtd_inv_sync(s);
}

/* Locked. */
static int irte_set(struct vtd *s, uint64_t *irte, uint32_t index, const struct intremap_entry *e)
{
	struct entry new;
	int r = 0;

	if ((arch_hwmem_load(&irte[0]) & IRTE0_P) != 0) {
		vtd_word_write(s, &irte[0], 0);
		r = index_sync(s, index);
	}
	if (r != 0 || e == NULL) {
		return r;
	}
	new = irte_make(e);
	vtd_word_write(s, &irte[1], new.w[1]);
	vtd_word_write(s, &irte[0], new.w[0]);
	return index_sync(s, index);
}

int intremap_set(struct iommu_unit *u, uint32_t index, const struct intremap_entry *e)
{
	struct vtd *s = vtd_get(u);
	int r = -BH_EIO;

	CHECK(index < INTREMAP_ENTRIES);
	if (!s->ir_on) {
		return -BH_ENODEV;
	}
	if (e != NULL && e->apic_id > XAPIC_ID_MAX) {
		return -BH_ERANGE;
	}
	spin_lock(&u->lock);
	if (!u->failed && irte_set(s, &irt_mem[u->id][(size_t)IRTE_WORDS * index], index, e) == 0) {
		r = 0;
	} else if (!u->failed) {
		/* Blocked now; no sync succeeds any more, so the core declares it failed at its next command. */
		iommu_hw_block_now(u);
	}
	spin_unlock(&u->lock);
	return r;
}
