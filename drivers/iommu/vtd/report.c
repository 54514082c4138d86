/* SPDX-License-Identifier: Apache-2.0 */
/* What the unit sees of a stream, read back from the memory it walks and said in words. Changes nothing. */
#include <arch/hwmem.h>
#include <drv/iommu_hw.h>
#include <hyp/log.h>

#include "vtd.h"

static void text_context(const uint64_t w[2], char *text, size_t size)
{
	bool muted = (w[0] & CTX0_FPD) != 0;

	if ((w[0] & CTX0_P) == 0) {
		(void)hyp_snprintf(text, size, "P=0: blocked, %s", muted ? "muted" : "recorded as reason 2");
	} else if ((w[0] & CTX0_TT) == 0) {
		(void)hyp_snprintf(text, size, "P, TT=0 translate, DID %u, root 0x%lx, AW=%u, %s",
				   (unsigned)FIELD_GET(CTX1_DID, w[1]), (unsigned long)(w[0] & CTX0_SLPTPTR),
				   (unsigned)FIELD_GET(CTX1_AW, w[1]), muted ? "muted" : "records faults");
	} else {
		/* Never written by us. */
		(void)hyp_snprintf(text, size, "P, TT=%u: NOT an entry of this driver",
				   (unsigned)FIELD_GET(CTX0_TT, w[0]));
	}
}

unsigned iommu_hw_entry_read(struct iommu_unit *u, sid_t sid, uint64_t words[8], char *text, size_t size)
{
	const uint64_t *entry = vtd_context_find(u->id, sid);

	if (entry == NULL) {
		(void)hyp_snprintf(text, size, "no context table for its bus: blocked, recorded as reason 1");
		return 0;
	}
	words[0] = arch_hwmem_load(&entry[0]);
	words[1] = arch_hwmem_load(&entry[1]);
	text_context(words, text, size);
	return 2;
}
