/* SPDX-License-Identifier: Apache-2.0 */
/* The world's units are VT-d's. Faults of one device fold into one record on unit 1, not on unit 0. */
#include "iommu_world.h"

#include <arch/msi.h>

#include "model/vtd_model.h"

enum { CONTEXT_NOT_PRESENT = 2, IQE = 1 << 4, DESC_WAIT = 5 };

void arch_msi_make(uint32_t irq, unsigned cpu, struct msi_msg *out)
{
	*out = (struct msi_msg){ .addr = 0xfee00000u | (cpu << 12), .data = irq };
}

static void create(unsigned n, uintptr_t base, const struct world_opts *o)
{
	struct vtd_model_opts m = vtd_model_default();

	m.left = VTD_LEFT_ALL;
	m.nfr = n == 0 ? 8 : 1;
	m.no_compress = n == 0;
	m.coherent = !o->not_coherent;
	m.psi = !o->no_ranges;
	m.sllps = o->other_format ? 1 : 3;
	m.sagaw = o->unusable ? 0 : 6;
	m.cm = o->cautious;
	vtd_model_create(n, base, &m);
}

static enum world_result result(enum vtd_model_result r)
{
	return r == VTD_DMA_OK ? DMA_OK : r == VTD_DMA_BYPASS ? DMA_BYPASS : DMA_BLOCKED;
}

static enum world_result dma(unsigned n, sid_t sid, uint64_t addr, bool write)
{
	return result(vtd_model_dma(n, sid, addr, write, NULL));
}

static enum world_result peek(unsigned n, sid_t sid, uint64_t addr, bool write)
{
	return result(vtd_model_peek(n, sid, addr, write, NULL));
}

static bool stray(unsigned n, sid_t sid)
{
	return vtd_model_fault(n, sid, CONTEXT_NOT_PRESENT, 0x1000, true);
}

/* One message for everything: the fault event. */
static unsigned irqs(unsigned n, unsigned which)
{
	return which == 0 ? vtd_model_irqs(n) : 0;
}

static unsigned commands(unsigned n)
{
	return vtd_model_descs(n, 0);
}

static unsigned syncs(unsigned n)
{
	return vtd_model_descs(n, DESC_WAIT);
}

static void stall(unsigned n)
{
	vtd_model_inject(n)->wait_never = true;
}

static void die(unsigned n)
{
	vtd_model_error(n, IQE);
}

const struct world_hw world_hw = {
	.regs_size = VTD_MODEL_SIZE, .record_max = 8, .unmapped_name = "write not permitted", .create = create,
	.dma = dma, .peek = peek, .certain = vtd_model_certain, .stray = stray, .irqs = irqs, .commands = commands,
	.syncs = syncs, .run = vtd_model_run, .stall = stall, .die = die,
};
