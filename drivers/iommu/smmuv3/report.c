/* SPDX-License-Identifier: Apache-2.0 */
/* What the unit sees of a stream, read back from the memory it walks and said in words. Changes nothing. */
#include <arch/hwmem.h>
#include <arch/mmu.h>
#include <drv/iommu_hw.h>
#include <hyp/log.h>

#include "smmuv3.h"

static void text_s1(uint64_t w0, char *text, size_t size)
{
	const struct cd *cd = arch_va(pa(w0 & STE0_S1CONTEXTPTR));
	uint64_t cd0 = arch_hwmem_load(&cd->w[0]);

	(void)hyp_snprintf(text, size, "V, Config=S1 translate, CD at 0x%lx: %s, ASID %u, root 0x%lx, %u bits, %s",
			   (unsigned long)(w0 & STE0_S1CONTEXTPTR), (cd0 & CD0_V) != 0 ? "V" : "V=0",
			   (unsigned)FIELD_GET(CD0_ASID, cd0), (unsigned long)(arch_hwmem_load(&cd->w[1]) & CD1_TTB0),
			   64 - (unsigned)FIELD_GET(CD0_T0SZ, cd0), (cd0 & CD0_R) != 0 ? "records faults" : "muted");
}

static void text_ste(const uint64_t w[8], char *text, size_t size)
{
	if ((w[0] & STE0_V) == 0) {
		(void)hyp_snprintf(text, size, "V=0: blocked, recorded as C_BAD_STE");
		return;
	}
	switch (FIELD_GET(STE0_CONFIG, w[0])) {
	case STE_CONFIG_S1:
		text_s1(w[0], text, size);
		return;
	case STE_CONFIG_S2:
		(void)hyp_snprintf(text, size, "V, Config=S2 translate, VMID %u, root 0x%lx, %u bits, %s",
				   (unsigned)FIELD_GET(STE2_S2VMID, w[2]), (unsigned long)(w[3] & STE3_S2TTB),
				   64 - (unsigned)FIELD_GET(STE2_S2T0SZ, w[2]),
				   (w[2] & STE2_S2R) != 0 ? "records faults" : "muted");
		return;
	case STE_CONFIG_ABORT:
		(void)hyp_snprintf(text, size, "V, Config=abort: blocked, muted");
		return;
	default:
		/* Never written by us. */
		(void)hyp_snprintf(text, size, "V, Config=%u: NOT an entry of this driver",
				   (unsigned)FIELD_GET(STE0_CONFIG, w[0]));
		return;
	}
}

unsigned iommu_hw_entry_read(struct iommu_unit *u, sid_t sid, uint64_t words[8], char *text, size_t size)
{
	const struct smmuv3 *s = smmuv3_get(u);
	const uint64_t *ste = smmuv3_ste_find(s, u->id, sid);
	unsigned i;

	if (ste == NULL) {
		(void)hyp_snprintf(text, size, "no entry in the table: blocked, recorded as C_BAD_STREAMID");
		return 0;
	}
	for (i = 0; i < 8; i++) {
		words[i] = arch_hwmem_load(&ste[i]);
	}
	text_ste(words, text, size);
	return 8;
}
