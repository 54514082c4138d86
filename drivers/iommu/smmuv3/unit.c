/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SMMUv3 from what a firmware left to translation on. iommu_hw_block() comes first and holds from any
 * state: GBPA.ABORT is set and confirmed before SMMUEN is cleared, so the unit goes from somebody else's
 * tables to blocked with no gap [I1]; GBPA stays there for good. A unit without GBPA (QEMU before 8.0) is
 * blocked by an empty stream table instead. Every wait has a deadline [I6].
 */
#include <arch/barrier.h>
#include <arch/cpu.h>
#include <arch/time.h>
#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>
#include <hyp/log.h>

#include "smmuv3.h"

enum { SHORT_POLLS = 10000 }; /* last resort: looks at a register, whatever the clock does */

struct smmuv3 smmuv3_units[UNIT_MAX];

int smmuv3_fail(struct iommu_unit *u)
{
	u->failed = true;
	iommu_hw_block_now(u);
	return -BH_EIO;
}

/* Waits for (register & mask) == value. */
static int reg_wait(const struct smmuv3 *s, reg32_t r, uint32_t mask, uint32_t value)
{
	uint64_t deadline = arch_time_us() + s->timeout_us;

	while ((reg_read32(s->base, r) & mask) != value) {
		if (arch_time_us() > deadline) {
			return (reg_read32(s->base, r) & mask) == value ? 0 : -BH_ETIMEDOUT;
		}
		arch_cpu_relax();
	}
	return 0;
}

static int cr0_set(struct smmuv3 *s, uint32_t cr0)
{
	reg_write32(s->base, SMMU_CR0, cr0);
	return reg_wait(s, SMMU_CR0ACK, CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN, cr0);
}

/* What this driver cannot do without, in words that name the property to change. NULL: nothing missing. */
static const char *unit_missing(uint32_t idr0, uint32_t idr1, uint32_t idr5)
{
	if ((idr0 & (IDR0_S1P | IDR0_S2P)) == 0) {
		return "neither stage 1 nor stage 2 (IDR0.S1P, S2P; QEMU: -global arm-smmuv3.stage=)";
	}
	if ((FIELD_GET(IDR0_TTF, idr0) & TTF_AARCH64) == 0) {
		return "no AArch64 tables (IDR0.TTF)";
	}
	if (FIELD_GET(IDR0_TTENDIAN, idr0) == TTENDIAN_BIG) {
		return "big-endian tables only (IDR0.TTENDIAN)";
	}
	if (FIELD_GET(IDR0_STALL_MODEL, idr0) == STALL_FORCED) {
		return "cannot terminate faults, only stall them (IDR0.STALL_MODEL)";
	}
	if (idr1 & (IDR1_QUEUES_PRESET | IDR1_TABLES_PRESET)) {
		return "queues or tables at fixed addresses (IDR1.QUEUES_PRESET, TABLES_PRESET)";
	}
	if ((idr5 & IDR5_GRAN4K) == 0) {
		return "no 4 KiB granule (IDR5.GRAN4K)";
	}
	return NULL;
}

static unsigned queue_log2(uint64_t have, unsigned want)
{
	return have < want ? (unsigned)have : want;
}

static void features_read(struct smmuv3 *s, uint32_t idr0, uint32_t idr1)
{
	uint32_t idr3 = reg_read32(s->base, SMMU_IDR3);
	uint64_t oas = FIELD_GET(IDR5_OAS, reg_read32(s->base, SMMU_IDR5));
	uint64_t sid_bits = FIELD_GET(IDR1_SIDSIZE, idr1);

	s->s2 = (idr0 & IDR0_S2P) != 0;
	s->coherent = (idr0 & IDR0_COHACC) != 0;
	s->hyp = (idr0 & IDR0_HYP) != 0;
	s->btm = (idr0 & IDR0_BTM) != 0;
	s->msi = (idr0 & IDR0_MSI) != 0;
	s->ril = (idr3 & IDR3_RIL) != 0;
	s->oas = (uint8_t)(oas < OAS_MAX ? oas : OAS_MAX);
	/* One linear table of ours covers SPLIT bits; streams beyond the table are refused by the unit. */
	s->two_level = FIELD_GET(IDR0_ST_LEVEL, idr0) != 0 && sid_bits > SPLIT;
	s->sid_log2 = s->two_level ? SID_BITS_MAX : SPLIT;
	if (sid_bits < s->sid_log2) {
		s->sid_log2 = (uint8_t)sid_bits;
	}
	s->evt_size = 1u << queue_log2(FIELD_GET(IDR1_EVENTQS, idr1), EVTQ_LOG2);
}

static void cap_fill(const struct smmuv3 *s, uint32_t idr0, struct iommu_cap *cap)
{
	static const uint8_t oas_bits[OAS_MAX + 1] = { 32, 36, 40, 42, 44, 48 };
	uint32_t wide = s->s2 ? IDR0_VMID16 : IDR0_ASID16;

	cap->sid_bits = s->sid_log2;
	cap->out_bits = oas_bits[s->oas];
	cap->in_bits = cap->out_bits < 39 ? cap->out_bits : 39; /* three levels; four only cost a longer walk */
	cap->coherent = s->coherent;
	cap->read_implied = !s->s2;
	cap->live_split = FIELD_GET(IDR3_BBML, reg_read32(s->base, SMMU_IDR3)) == 2;
	cap->domain_max = (idr0 & wide) != 0 ? 0xffff : 0xff;
	cap->fmt = s->s2 ? &smmuv3_s2_fmt : &smmuv3_s1_fmt;
}

int iommu_hw_probe(struct iommu_unit *u)
{
	struct smmuv3 *s = smmuv3_get(u);
	const char *missing;
	uint32_t idr0;
	uint32_t idr1;

	*s = (struct smmuv3){ .base = u->base, .timeout_us = u->timeout_us };
	if (u->size < SMMU_REGS_SIZE) {
		log_error("SMMU unit %u at %lx: %lx bytes of registers, an SMMUv3 has %x", u->id,
			  (unsigned long)u->base, (unsigned long)u->size, (unsigned)SMMU_REGS_SIZE);
		return -BH_ENODEV;
	}
	idr0 = reg_read32(s->base, SMMU_IDR0);
	idr1 = reg_read32(s->base, SMMU_IDR1);
	missing = unit_missing(idr0, idr1, reg_read32(s->base, SMMU_IDR5));
	if (missing != NULL) {
		log_error("SMMU unit %u at %lx cannot be used: %s; IDR0 %x IDR1 %x", u->id,
			  (unsigned long)u->base, missing, idr0, idr1);
		return -BH_ENODEV;
	}
	features_read(s, idr0, idr1);
	cap_fill(s, idr0, &u->cap);
	smmuv3_cmdq_init(s, u->id, queue_log2(FIELD_GET(IDR1_CMDQS, idr1), CMDQ_LOG2));
	smmuv3_evtq_init(s, u->id);
	return 0;
}

/* ABORT for everything while SMMUEN = 0. True: the register says so itself. */
static bool gbpa_abort(struct smmuv3 *s)
{
	if (reg_wait(s, SMMU_GBPA, GBPA_UPDATE, 0) != 0) {
		return false;
	}
	reg_write32(s->base, SMMU_GBPA, GBPA_UPDATE | GBPA_ABORT);
	return reg_wait(s, SMMU_GBPA, GBPA_UPDATE, 0) == 0 && (reg_read32(s->base, SMMU_GBPA) & GBPA_ABORT) != 0;
}

/* CR1, CR2 and the stream table; SMMUEN = 0. */
static void tables_start(struct smmuv3 *s, unsigned id)
{
	uint32_t cr1 = 0;

	if (s->coherent) {
		cr1 = FIELD32(CR1_QUEUE_IC, ATTR_WB) | FIELD32(CR1_QUEUE_OC, ATTR_WB) |
		      FIELD32(CR1_QUEUE_SH, SH_INNER) | FIELD32(CR1_TABLE_IC, ATTR_WB) |
		      FIELD32(CR1_TABLE_OC, ATTR_WB) | FIELD32(CR1_TABLE_SH, SH_INNER);
	}
	reg_write32(s->base, SMMU_CR1, cr1);
	/* Record StreamIDs outside the table; take no part in the CPUs' TLB broadcasts: our ids are our own. */
	reg_write32(s->base, SMMU_CR2, CR2_RECINVSID | (s->btm ? CR2_PTM : 0));
	smmuv3_strtab_start(s, id);
}

/* Our stream table and the command queue; nothing cached of whoever was here before. SMMUEN = 0 still. */
static int translation_start(struct smmuv3 *s, unsigned id)
{
	tables_start(s, id);
	smmuv3_cmdq_start(s);
	if (cr0_set(s, CR0_CMDQEN) != 0) {
		return -BH_EIO;
	}
	s->queue_on = true;
	smmuv3_cmd_all(s);
	return smmuv3_cmdq_sync(s);
}

/* An empty table refuses every stream: SMMUEN = 0 would let them pass. */
static int block_by_table(struct smmuv3 *s, unsigned id)
{
	if ((!s->two_level && s->linear == NULL) || translation_start(s, id) != 0 ||
	    cr0_set(s, CR0_CMDQEN | CR0_SMMUEN) != 0) {
		return -BH_EIO;
	}
	s->table_on = true;
	return 0;
}

/* NULL, or what did not work. */
static const char *block(struct smmuv3 *s, unsigned id)
{
	s->gbpa = gbpa_abort(s);
	if (!s->gbpa && (reg_read32(s->base, SMMU_GBPA) & GBPA_UPDATE) != 0) {
		return "GBPA.UPDATE stays set";
	}
	if (cr0_set(s, 0) != 0) {
		return "CR0ACK does not follow CR0";
	}
	s->queue_on = false;
	s->table_on = false;
	s->evtq_on = false;
	reg_write32(s->base, SMMU_IRQ_CTRL, 0);
	if (reg_wait(s, SMMU_IRQ_CTRLACK, IRQ_CTRL_GERROR_IRQEN | IRQ_CTRL_EVENTQ_IRQEN, 0) != 0) {
		return "IRQ_CTRLACK does not follow IRQ_CTRL";
	}
	reg_write32(s->base, SMMU_GERRORN, reg_read32(s->base, SMMU_GERROR)); /* errors of who was here before */
	smmuv3_strtab_init(s, id);
	if (!s->gbpa && block_by_table(s, id) != 0) {
		return "no GBPA.ABORT, and an empty stream table does not work either";
	}
	return NULL;
}

int iommu_hw_block(struct iommu_unit *u)
{
	struct smmuv3 *s = smmuv3_get(u);
	const char *broken = block(s, u->id);

	if (broken != NULL) {
		log_error("SMMU unit %u at %lx cannot be blocked: %s", u->id, (unsigned long)s->base, broken);
		return -BH_EIO;
	}
	if (!s->gbpa) {
		log_warn("SMMU unit %u: no GBPA.ABORT (QEMU before 8.0): blocked by an empty stream table", u->id);
	}
	return 0;
}

static int irqs_enable(struct smmuv3 *s)
{
	uint32_t irqs = IRQ_CTRL_GERROR_IRQEN | IRQ_CTRL_EVENTQ_IRQEN;

	if (s->msi) {
		/* Address 0: no messages, the wires. A message would be a write by the unit that nobody checks. */
		reg_write64(s->base, SMMU_GERROR_IRQ_CFG0, 0);
		reg_write64(s->base, SMMU_EVENTQ_IRQ_CFG0, 0);
	}
	reg_write32(s->base, SMMU_IRQ_CTRL, irqs);
	return reg_wait(s, SMMU_IRQ_CTRLACK, irqs, irqs);
}

static int unit_start(struct smmuv3 *s, unsigned id)
{
	uint32_t cr0 = CR0_CMDQEN | (s->table_on ? CR0_SMMUEN : 0);

	if (!s->table_on && translation_start(s, id) != 0) {
		return -BH_EIO;
	}
	smmuv3_evtq_start(s);
	cr0 |= CR0_EVENTQEN;
	if (cr0_set(s, cr0) != 0) {
		return -BH_EIO;
	}
	s->evtq_on = true;
	if (irqs_enable(s) != 0 || cr0_set(s, cr0 | CR0_SMMUEN) != 0) {
		return -BH_EIO;
	}
	s->table_on = true;
	return 0;
}

int iommu_hw_enable(struct iommu_unit *u)
{
	struct smmuv3 *s = smmuv3_get(u);

	if (!s->two_level && s->linear == NULL) {
		return -BH_ENOMEM;
	}
	if (unit_start(s, u->id) != 0) {
		log_error("SMMU unit %u: does not start; CR0 %x CR0ACK %x GERROR %x CMDQ_CONS %x", u->id,
			  reg_read32(s->base, SMMU_CR0), reg_read32(s->base, SMMU_CR0ACK),
			  reg_read32(s->base, SMMU_GERROR), reg_read32(s->base, SMMU_CMDQ_CONS));
		return smmuv3_fail(u);
	}
	return 0;
}

static bool short_wait(const struct smmuv3 *s, reg32_t r, uint32_t mask, uint32_t value)
{
	unsigned i;

	for (i = 0; i < SHORT_POLLS; i++) {
		if ((reg_read32(s->base, r) & mask) == value) {
			return true;
		}
	}
	return false;
}

/*
 * Uses nothing that may be in the middle of a change: registers first, then the entries. Where GBPA did not
 * confirm, SMMUEN stays set: an empty table blocks, an SMMUEN = 0 without ABORT would not.
 */
void iommu_hw_block_now(struct iommu_unit *u)
{
	struct smmuv3 *s = smmuv3_get(u);

	if (s->base == 0) {
		return; /* never probed: nothing of ours to undo */
	}
	if (short_wait(s, SMMU_GBPA, GBPA_UPDATE, 0)) {
		reg_write32(s->base, SMMU_GBPA, GBPA_UPDATE | GBPA_ABORT);
		if (short_wait(s, SMMU_GBPA, GBPA_UPDATE, 0) &&
		    (reg_read32(s->base, SMMU_GBPA) & GBPA_ABORT) != 0) {
			reg_write32(s->base, SMMU_CR0, 0);
			(void)short_wait(s, SMMU_CR0ACK, CR0_SMMUEN, 0);
		}
	}
	smmuv3_strtab_clear(s, u->id);
	arch_dma_wmb();
	/* The queue may be stuck or somebody's pen may be in it: asked, not waited for. */
	if (s->cmd_error == 0 && (reg_read32(s->base, SMMU_CR0) & CR0_CMDQEN) != 0) {
		s->cmd_error = -BH_EIO;
		smmuv3_cmd_all(s);
		smmuv3_cmdq_kick(s);
	}
}
