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

void smmuv3_cmdq_init(struct smmuv3 *s, unsigned id, unsigned log2)
{
	s->cmdq = cmdq_mem[id];
	s->cmd_mask = (2u << log2) - 1;
	s->tlbi_op = s->s2 ? CMD_TLBI_S2_IPA : CMD_TLBI_NH_VA;
	s->tlbi_id_shift = (uint8_t)__builtin_ctzll(s->s2 ? CMD0_VMID : CMD0_ASID);
}

static uint32_t cmdq_size(const struct smmuv3 *s)
{
	return s->cmd_mask / 2 + 1;
}

void smmuv3_cmdq_start(struct smmuv3 *s)
{
	s->cmd_prod = 0;
	s->cmd_room = cmdq_size(s);
	s->cmd_error = 0;
	s->cmd_cleaned = 0;
	reg_write64(s->base, SMMU_CMDQ_BASE,
		    BASE_ALLOC_HINT | arch_pa(s->cmdq).v | (uint64_t)__builtin_ctz(cmdq_size(s)));
	reg_write32(s->base, SMMU_CMDQ_PROD, 0);
	reg_write32(s->base, SMMU_CMDQ_CONS, 0);
}

static inline uint64_t *cmd_slot(const struct smmuv3 *s, uint32_t position)
{
	return &s->cmdq[(size_t)CMD_WORDS * (position & (s->cmd_mask >> 1))];
}

static void cmds_clean(struct smmuv3 *s)
{
	for (; s->cmd_cleaned != s->cmd_prod; s->cmd_cleaned++) {
		arch_cache_clean(cmd_slot(s, s->cmd_cleaned), CMD_WORDS * sizeof(uint64_t));
	}
}

static inline void cmdq_kick(struct smmuv3 *s)
{
	if (!s->coherent) {
		cmds_clean(s);
	}
	arch_dma_wmb(); /* the commands, and every table change they are about, before PROD */
	reg_write32(s->base, SMMU_CMDQ_PROD, s->cmd_prod & s->cmd_mask);
}

void smmuv3_cmdq_kick(struct smmuv3 *s)
{
	cmdq_kick(s);
}

/* Commands not yet consumed, by CMDQ_CONS. It is believed only where it can be: within the queue. */
static uint32_t cmds_left(struct smmuv3 *s)
{
	uint32_t left = (s->cmd_prod - reg_read32(s->base, SMMU_CMDQ_CONS)) & s->cmd_mask;

	if (left <= cmdq_size(s) - s->cmd_room) {
		s->cmd_room = cmdq_size(s) - left;
	}
	return cmdq_size(s) - s->cmd_room;
}

static bool cmdq_refused(const struct smmuv3 *s)
{
	uint32_t active = reg_read32(s->base, SMMU_GERROR) ^ reg_read32(s->base, SMMU_GERRORN);

	return (active & GERROR_CMDQ_ERR) != 0;
}

/* Waits until at most `most` commands are left. */
static int cmdq_wait(struct smmuv3 *s, uint32_t most)
{
	uint64_t deadline = arch_time_us() + s->timeout_us;

	while (cmds_left(s) > most) {
		if (cmdq_refused(s)) {
			s->cmd_error = -BH_EIO;
			return s->cmd_error;
		}
		/* The last look is after the deadline: being interrupted for long is not the unit's fault. */
		if (arch_time_us() > deadline && cmds_left(s) > most) {
			s->cmd_error = -BH_ETIMEDOUT;
			return s->cmd_error;
		}
		arch_cpu_relax();
	}
	return 0;
}

static inline void cmd_store(struct smmuv3 *s, uint64_t w0, uint64_t w1)
{
	uint64_t *slot = cmd_slot(s, s->cmd_prod);

	arch_hwmem_store(&slot[0], w0);
	arch_hwmem_store(&slot[1], w1);
	s->cmd_prod++;
	s->cmd_room--;
}

/* Out of line, as inv_pages() is. If no room is made, cmd_error keeps every later sync from succeeding. */
static __attribute__((noinline)) void cmdq_push_full(struct smmuv3 *s, uint64_t w0, uint64_t w1)
{
	cmdq_kick(s);
	if (s->cmd_error == 0 && cmdq_wait(s, cmdq_size(s) - 1) == 0) {
		cmd_store(s, w0, w1);
	}
}

static inline void cmdq_push(struct smmuv3 *s, uint64_t w0, uint64_t w1)
{
	if (__builtin_expect(s->cmd_room == 0, 0)) {
		cmdq_push_full(s, w0, w1);
		return;
	}
	cmd_store(s, w0, w1);
}

int smmuv3_cmdq_sync(struct smmuv3 *s)
{
	cmdq_push(s, CMD_SYNC, 0);
	if (s->cmd_error != 0) {
		return s->cmd_error;
	}
	cmdq_kick(s);
	/* Usually the unit is done by the time it is asked. */
	if (((reg_read32(s->base, SMMU_CMDQ_CONS) ^ s->cmd_prod) & s->cmd_mask) == 0) {
		s->cmd_room = cmdq_size(s);
		return 0;
	}
	return cmdq_wait(s, 0);
}

void smmuv3_cmd_all(struct smmuv3 *s)
{
	cmdq_push(s, CMD_CFGI_ALL, CFGI_ALL_RANGE);
	if (s->hyp) {
		cmdq_push(s, CMD_TLBI_EL2_ALL, 0);
	}
	cmdq_push(s, CMD_TLBI_NSNH_ALL, 0);
}

void smmuv3_cmd_stream(struct smmuv3 *s, sid_t sid)
{
	uint64_t w0 = FIELD(CMD0_STREAMID, sid);

	/* Leaf = 0: the level 1 descriptor as well. */
	cmdq_push(s, w0 | CMD_CFGI_STE, 0);
	if (!s->s2) {
		cmdq_push(s, w0 | CMD_CFGI_CD_ALL, 0);
	}
}

void iommu_hw_inv_domain(struct iommu_unit *u, const struct iommu_domain *d)
{
	struct smmuv3 *s = smmuv3_get(u);

	if (u->failed || !s->queue_on) {
		return;
	}
	if (s->s2) {
		cmdq_push(s, FIELD(CMD0_VMID, d->id) | CMD_TLBI_S12_VMALL, 0);
	} else {
		cmdq_push(s, FIELD(CMD0_ASID, d->id) | CMD_TLBI_NH_ASID, 0);
	}
}

/*
 * One command for any range of more than a page [4.4.1.1]: (NUM + 1) << SCALE granules from the address,
 * rounded up to the next such number: at most 1/16 more than asked for, which costs a table walk and harms
 * nobody. NUM = SCALE = TTL = 0 with TG set is reserved: that is why one page goes another way.
 */
static void inv_ril(struct smmuv3 *s, uint64_t w0, const struct pt_change *c)
{
	uint64_t w1 = (c->ia & CMD1_ADDRESS) | (c->tables ? 0 : CMD1_LEAF);
	uint64_t pages = (c->size + PAGE_MASK) >> PAGE_SHIFT;
	uint64_t scale = 0;

	if (pages > RANGE_NUM_MAX) {
		scale = 64 - 5 - (uint64_t)__builtin_clzll(pages - 1);
	}
	pages = (pages + (BIT64(scale) - 1)) >> scale;
	cmdq_push(s, w0 | FIELD(CMD0_NUM, pages - 1) | FIELD(CMD0_SCALE, scale), w1 | FIELD(CMD1_TG, TG_4K));
}

/* One command drops an entry of any size that covers its address: step by the smallest leaf. */
static void inv_singles(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_change *c, uint64_t w0)
{
	uint64_t step = PAGE_SIZE << (9 * (c->leaf == 0 ? 0 : (unsigned)__builtin_ctz(c->leaf)));
	uint64_t count = (c->size + step - 1) / step;
	uint64_t i;

	if (count > SINGLE_MAX) {
		iommu_hw_inv_domain(u, d);
		return;
	}
	for (i = 0; i < count; i++) {
		cmdq_push(smmuv3_get(u), w0, ((c->ia + i * step) & CMD1_ADDRESS) | (c->tables ? 0 : CMD1_LEAF));
	}
}

/* Out of line: an unmap of one page need not save registers for it. */
static __attribute__((noinline)) void inv_pages(struct iommu_unit *u, const struct iommu_domain *d,
						const struct pt_change *c, uint64_t w0)
{
	struct smmuv3 *s = smmuv3_get(u);

	if (s->ril) {
		inv_ril(s, w0, c);
	} else {
		inv_singles(u, d, c, w0);
	}
}

void iommu_hw_inv_range(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_change *c)
{
	struct smmuv3 *s = smmuv3_get(u);
	uint64_t w0 = ((uint64_t)d->id << s->tlbi_id_shift) | s->tlbi_op;
	uint64_t w1 = (c->ia & CMD1_ADDRESS) | (c->tables ? 0 : CMD1_LEAF);

	if (u->failed || !s->queue_on || (!c->stale && !c->tables) || c->size == 0) {
		return;
	}
	if (c->size <= PAGE_SIZE) {
		cmdq_push(s, w0, w1);
	} else {
		inv_pages(u, d, c, w0);
	}
}

int iommu_hw_sync(struct iommu_unit *u)
{
	struct smmuv3 *s = smmuv3_get(u);

	if (u->failed) {
		return -BH_EIO;
	}
	/* Before the queue is on nothing of ours can be cached: translation_start() drops everything first. */
	return s->queue_on ? smmuv3_cmdq_sync(s) : 0;
}
