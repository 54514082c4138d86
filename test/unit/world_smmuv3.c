/* SPDX-License-Identifier: Apache-2.0 */
/* The world's units are SMMUv3s. */
#include "iommu_world.h"

#include "model/smmuv3_model.h"

enum { C_BAD_STREAMID = 0x02, SFM_ERR = 1 << 8, CMD_SYNC = 0x46 };

static void create(unsigned n, uintptr_t base, const struct world_opts *o)
{
	struct smmuv3_model_opts m = smmuv3_model_default();

	m.coherent = !o->not_coherent;
	m.bbml = o->bbm ? 0 : 2;
	m.ril = !o->no_ranges;
	m.s2 = !o->other_format;
	m.gran4k = !o->unusable;
	smmuv3_model_create(n, base, &m);
}

static enum world_result result(enum smmuv3_model_result r)
{
	return r == SMMUV3_DMA_OK ? DMA_OK : r == SMMUV3_DMA_BYPASS ? DMA_BYPASS : DMA_BLOCKED;
}

static enum world_result dma(unsigned n, sid_t sid, uint64_t addr, bool write)
{
	return result(smmuv3_model_dma(n, sid, addr, write, NULL));
}

static enum world_result peek(unsigned n, sid_t sid, uint64_t addr, bool write)
{
	return result(smmuv3_model_peek(n, sid, addr, write, NULL));
}

static bool stray(unsigned n, sid_t sid)
{
	const uint64_t w[4] = { C_BAD_STREAMID | (uint64_t)sid << 32 };

	return smmuv3_model_event(n, w);
}

static unsigned commands(unsigned n)
{
	return smmuv3_model_commands(n, 0);
}

static unsigned syncs(unsigned n)
{
	return smmuv3_model_commands(n, CMD_SYNC);
}

static void stall(unsigned n)
{
	smmuv3_model_inject(n)->sync_never = true;
}

static void die(unsigned n)
{
	smmuv3_model_gerror(n, SFM_ERR);
}

const struct world_hw world_hw = {
	.regs_size = SMMUV3_MODEL_SIZE, .read_implied = true, .record_max = 256, .unmapped_name = "F_TRANSLATION",
	.create = create, .dma = dma, .peek = peek, .certain = smmuv3_model_certain, .stray = stray,
	.irqs = smmuv3_model_irqs, .commands = commands, .syncs = syncs, .run = smmuv3_model_run, .stall = stall,
	.die = die,
};
