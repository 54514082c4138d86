/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command queue: its memory, its positions, and every command we ever send. Commands are only stored
 * until smmuv3_cmdq_sync() hands all of them over with one register write and waits for CMDQ_CONS [I4].
 * A command that found no room, was refused or not completed in time makes the queue fail for good: a later
 * sync must never succeed in its place. Nothing waits longer than the unit's timeout [I6].
 */
#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/cpu.h>
#include <arch/hwmem.h>
#include <arch/mmu.h>
#include <arch/time.h>
#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>

#include "smmuv3.h"

enum {
	CMD_WORDS = 2,
	SINGLE_MAX = 64,   /* more single invalidations than this: the whole domain */
	RANGE_NUM_MAX = 32 /* NUM + 1 [4.4.1.1] */
};

/* Aligned to its size [6.3.26]. */
static uint64_t cmdq_mem[UNIT_MAX][CMD_WORDS << CMDQ_LOG2] __attribute__((aligned((CMD_WORDS * 8) << CMDQ_LOG2)));

void smmuv3_cmdq_init(struct smmuv3 *s, unsigned id)
{
	s->cmdq = cmdq_mem[id];
	s->cmd_prod = 0;
	s->cmd_cons = 0;
	s->cmd_error = 0;
}

void smmuv3_cmdq_start(struct smmuv3 *s)
{
	uint64_t log2 = (uint64_t)__builtin_ctz(s->cmd_size);

	s->cmd_prod = 0;
	s->cmd_cons = 0;
	s->cmd_error = 0;
	reg_write64(s->base, SMMU_CMDQ_BASE, BASE_ALLOC_HINT | arch_pa(s->cmdq).v | log2);
	reg_write32(s->base, SMMU_CMDQ_PROD, 0);
	reg_write32(s->base, SMMU_CMDQ_CONS, 0);
}

static uint32_t position_mask(const struct smmuv3 *s)
{
	return 2 * s->cmd_size - 1;
}

static uint32_t cmds_used(const struct smmuv3 *s, uint32_t cons)
{
	return (s->cmd_prod - cons) & position_mask(s);
}

void smmuv3_cmdq_kick(struct smmuv3 *s)
{
	arch_dma_wmb(); /* the commands, and every table change they are about, before PROD */
	reg_write32(s->base, SMMU_CMDQ_PROD, s->cmd_prod);
}

/* Takes over CMDQ_CONS, as far as it is believable: it only moves towards PROD. */
static uint32_t cons_update(struct smmuv3 *s)
{
	uint32_t cons = reg_read32(s->base, SMMU_CMDQ_CONS) & position_mask(s);

	if (cmds_used(s, cons) <= cmds_used(s, s->cmd_cons)) {
		s->cmd_cons = cons;
	}
	return cmds_used(s, s->cmd_cons);
}

static bool cmdq_refused(const struct smmuv3 *s)
{
	uint32_t active = reg_read32(s->base, SMMU_GERROR) ^ reg_read32(s->base, SMMU_GERRORN);

	return (active & GERROR_CMDQ_ERR) != 0;
}

/* Waits until at most `most` commands are left. */
static int cmdq_wait(struct smmuv3 *s, uint32_t most)
{
	uint64_t deadline;

	if (cons_update(s) <= most) {
		return 0;
	}
	deadline = arch_time_us() + s->timeout_us;
	while (cons_update(s) > most) {
		if (cmdq_refused(s)) {
			s->cmd_error = -BH_EIO;
			return s->cmd_error;
		}
		/* The last look is after the deadline: being interrupted for long is not the unit's fault. */
		if (arch_time_us() > deadline && cons_update(s) > most) {
			s->cmd_error = -BH_ETIMEDOUT;
			return s->cmd_error;
		}
		arch_cpu_relax();
	}
	return 0;
}

void smmuv3_cmdq_push(struct smmuv3 *s, uint64_t w0, uint64_t w1)
{
	uint64_t *slot;

	if (cmds_used(s, s->cmd_cons) == s->cmd_size) {
		smmuv3_cmdq_kick(s);
		if (s->cmd_error != 0 || cmdq_wait(s, s->cmd_size - 1) != 0) {
			return; /* cmd_error keeps every later sync from succeeding */
		}
	}
	slot = &s->cmdq[CMD_WORDS * (s->cmd_prod & (s->cmd_size - 1))];
	arch_hwmem_store(&slot[0], w0);
	arch_hwmem_store(&slot[1], w1);
	if (!s->coherent) {
		arch_cache_clean(slot, CMD_WORDS * sizeof(*slot));
	}
	s->cmd_prod = (s->cmd_prod + 1) & position_mask(s);
}

int smmuv3_cmdq_sync(struct smmuv3 *s)
{
	smmuv3_cmdq_push(s, CMD_SYNC, 0);
	if (s->cmd_error != 0) {
		return s->cmd_error;
	}
	smmuv3_cmdq_kick(s);
	return cmdq_wait(s, 0);
}

void smmuv3_cmd_all(struct smmuv3 *s)
{
	smmuv3_cmdq_push(s, CMD_CFGI_ALL, CFGI_ALL_RANGE);
	if (s->hyp) {
		smmuv3_cmdq_push(s, CMD_TLBI_EL2_ALL, 0);
	}
	smmuv3_cmdq_push(s, CMD_TLBI_NSNH_ALL, 0);
}

void smmuv3_cmd_stream(struct smmuv3 *s, sid_t sid)
{
	uint64_t w0 = FIELD(CMD0_STREAMID, sid);

	/* Leaf = 0: the level 1 descriptor as well. */
	smmuv3_cmdq_push(s, w0 | CMD_CFGI_STE, 0);
	if (!s->s2) {
		smmuv3_cmdq_push(s, w0 | CMD_CFGI_CD_ALL, 0);
	}
}

void iommu_hw_inv_domain(struct iommu_unit *u, const struct iommu_domain *d)
{
	struct smmuv3 *s = smmuv3_get(u);

	if (u->failed || !s->queue_on) {
		return;
	}
	if (s->s2) {
		smmuv3_cmdq_push(s, FIELD(CMD0_VMID, d->id) | CMD_TLBI_S12_VMALL, 0);
	} else {
		smmuv3_cmdq_push(s, FIELD(CMD0_ASID, d->id) | CMD_TLBI_NH_ASID, 0);
	}
}

/*
 * One command for any range [4.4.1.1]: (NUM + 1) << SCALE granules from the address, rounded up to the next
 * such number: at most 1/16 more than asked for, which costs a table walk and harms nobody.
 * NUM = SCALE = TTL = 0 with TG set is reserved, so one page goes without TG.
 */
static void inv_ril(struct smmuv3 *s, uint64_t w0, uint64_t w1, uint64_t pages)
{
	uint64_t scale = 0;

	if (pages == 1) {
		smmuv3_cmdq_push(s, w0, w1);
		return;
	}
	if (pages > RANGE_NUM_MAX) {
		scale = 64 - 5 - (uint64_t)__builtin_clzll(pages - 1);
	}
	pages = (pages + (BIT64(scale) - 1)) >> scale;
	smmuv3_cmdq_push(s, w0 | FIELD(CMD0_NUM, pages - 1) | FIELD(CMD0_SCALE, scale), w1 | FIELD(CMD1_TG, TG_4K));
}

void iommu_hw_inv_range(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_change *c)
{
	struct smmuv3 *s = smmuv3_get(u);
	uint64_t w0 = s->s2 ? FIELD(CMD0_VMID, d->id) | CMD_TLBI_S2_IPA : FIELD(CMD0_ASID, d->id) | CMD_TLBI_NH_VA;
	uint64_t leaf = c->tables ? 0 : CMD1_LEAF;
	uint64_t step;
	uint64_t count;
	uint64_t i;

	if (u->failed || !s->queue_on || (!c->stale && !c->tables) || c->size == 0) {
		return;
	}
	if (s->ril) {
		inv_ril(s, w0, (c->ia & CMD1_ADDRESS) | leaf, (c->size + PAGE_MASK) >> PAGE_SHIFT);
		return;
	}
	/* One command drops an entry of any size that covers its address: step by the smallest leaf. */
	step = PAGE_SIZE << (9 * (c->leaf == 0 ? 0 : (unsigned)__builtin_ctz(c->leaf)));
	count = (c->size + step - 1) / step;
	if (count > SINGLE_MAX) {
		iommu_hw_inv_domain(u, d);
		return;
	}
	for (i = 0; i < count; i++) {
		smmuv3_cmdq_push(s, w0, ((c->ia + i * step) & CMD1_ADDRESS) | leaf);
	}
}

int iommu_hw_sync(struct iommu_unit *u)
{
	struct smmuv3 *s = smmuv3_get(u);

	if (u->failed) {
		return -BH_EIO;
	}
	/* Before the queue is on nothing of ours can be cached: unit_start() drops everything first. */
	return s->queue_on ? smmuv3_cmdq_sync(s) : 0;
}
