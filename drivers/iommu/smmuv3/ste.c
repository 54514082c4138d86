/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stream table entries and context descriptors: pure functions that build them, and the one function that
 * stores them. The order of the stores, and what is invalidated between them, is in strtab.c [I7].
 */
#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/hwmem.h>
#include <arch/mmu.h>
#include <bulkhead/errno.h>

#include "smmuv3.h"

enum {
	SL0_LEVEL0_OAS = 4, /* a stage-2 walk may start at level 0 only with 44 output bits or more [5.2] */
	MAIR = 0x04ff,      /* attribute 0: normal, write-back, read and write allocate; 1: Device-nGnRE */
};

static const uint8_t oas_bits[] = { 32, 36, 40, 42, 44, 48 };

/* Input bits of the walk; -BH_ERANGE: tables of a shape this unit does not walk. */
static int input_bits(const struct smmuv3 *s, const struct iommu_domain *d)
{
	unsigned bits = pgtable_bits(&d->pt);

	if (d->pt.levels != 3 && d->pt.levels != 4) {
		return -BH_ERANGE;
	}
	if (!s->s2) {
		return (int)bits;
	}
	if (d->pt.levels == 4 && s->oas < SL0_LEVEL0_OAS) {
		return -BH_ERANGE;
	}
	/* Stage 2 takes no more input bits than the unit has output bits [3.4]. */
	return bits < oas_bits[s->oas] ? (int)bits : (int)oas_bits[s->oas];
}

/* Stage 2: input bits to physical; stage 1 is bypassed. Not mapped: aborted, and recorded unless muted. */
static int ste_make_s2(const struct smmuv3 *s, const struct iommu_domain *d, bool muted, struct ste *out)
{
	uint64_t wb = s->coherent ? ATTR_WB : 0;
	int bits = input_bits(s, d);

	if (bits < 0) {
		return bits;
	}
	out->w[0] = STE0_V | FIELD(STE0_CONFIG, STE_CONFIG_S2);
	out->w[1] = STE1_MEV | FIELD(STE1_SHCFG, SHCFG_INCOMING);
	out->w[2] = FIELD(STE2_S2VMID, d->id) | FIELD(STE2_S2T0SZ, 64 - bits) |
		    FIELD(STE2_S2SL0, d->pt.levels == 4 ? 2 : 1) | FIELD(STE2_S2IR0, wb) | FIELD(STE2_S2OR0, wb) |
		    FIELD(STE2_S2SH0, s->coherent ? SH_INNER : 0) | FIELD(STE2_S2PS, s->oas) | STE2_S2AA64 |
		    STE2_S2AFFD | (muted ? 0 : STE2_S2R);
	out->w[3] = arch_pa(d->pt.root).v & STE3_S2TTB;
	return 0;
}

/* Stage 1 through the context descriptor; there is no stage 2. */
static void ste_make_s1(const struct smmuv3 *s, const struct cd *cd, struct ste *out)
{
	uint64_t wb = s->coherent ? ATTR_WB : 0;

	out->w[0] = STE0_V | FIELD(STE0_CONFIG, STE_CONFIG_S1) | (arch_pa(cd).v & STE0_S1CONTEXTPTR);
	out->w[1] = STE1_MEV | FIELD(STE1_SHCFG, SHCFG_INCOMING) | FIELD(STE1_S1CIR, wb) | FIELD(STE1_S1COR, wb) |
		    FIELD(STE1_S1CSH, s->coherent ? SH_INNER : 0);
}

int smmuv3_ste_make(const struct smmuv3 *s, const struct iommu_domain *d, const struct cd *cd, bool muted,
		    struct ste *out)
{
	*out = (struct ste){ 0 };
	if (s->s2) {
		return ste_make_s2(s, d, muted, out);
	}
	ste_make_s1(s, cd, out);
	return 0;
}

int smmuv3_cd_make(const struct smmuv3 *s, const struct iommu_domain *d, bool muted, struct cd *out)
{
	uint64_t wb = s->coherent ? ATTR_WB : 0;
	int bits = input_bits(s, d);

	if (bits < 0) {
		return bits;
	}
	*out = (struct cd){ 0 };
	/* A = 1: what is refused is aborted, never read as zero; the only choice if TERM_MODEL = 1. */
	out->w[0] = CD0_V | FIELD(CD0_T0SZ, 64 - bits) | FIELD(CD0_IR0, wb) | FIELD(CD0_OR0, wb) |
		    FIELD(CD0_SH0, s->coherent ? SH_INNER : 0) | CD0_EPD1 | FIELD(CD0_IPS, s->oas) | CD0_AFFD |
		    CD0_AA64 | (muted ? 0 : CD0_R) | CD0_A | CD0_ASET | FIELD(CD0_ASID, d->id);
	out->w[1] = arch_pa(d->pt.root).v & CD1_TTB0;
	out->w[3] = MAIR;
	return 0;
}

void smmuv3_words_write(const struct smmuv3 *s, uint64_t *to, const uint64_t *from, unsigned first, unsigned last)
{
	unsigned i;

	arch_dma_wmb(); /* what the words point to, or what an earlier call wrote, comes first */
	for (i = first; i <= last; i++) {
		arch_hwmem_store(&to[i], from[i]);
	}
	if (!s->coherent) {
		arch_cache_clean(&to[first], (last - first + 1) * sizeof(*to));
	}
}
