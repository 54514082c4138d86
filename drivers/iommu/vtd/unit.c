/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One VT-d unit from what a firmware left to translation on. iommu_hw_block() comes first and holds from any state: an
 * empty root table of ours replaces whatever was there while translation stays as it was, everything cached is dropped,
 * then translation is on for good, and so is interrupt remapping with an empty table [I1][I3]. Nothing else blocks a
 * VT-d unit: translation off lets everything pass. Every wait has a deadline [I6].
 */
#include <arch/barrier.h>
#include <arch/cpu.h>
#include <arch/time.h>
#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>
#include <hyp/log.h>

#include "vtd.h"

enum {
	SHORT_POLLS = 10000, /* last resort: looks at a register, whatever the clock does */
	REGISTER_INV_VER = 5, /* newer units have no invalidation registers [11.4.1] */
};

struct vtd vtd_units[UNIT_MAX];

int vtd_fail(struct iommu_unit *u)
{
	u->failed = true;
	iommu_hw_block_now(u);
	return -BH_EIO;
}

/* --- waiting, commands ------------------------------------------------------------------------ */

/* False: the time is up. polls counts the looks so far. */
static bool wait_more(uint64_t deadline, unsigned polls, enum vtd_wait how)
{
	if (how == WAIT_SHORT) {
		return polls < SHORT_POLLS;
	}
	arch_cpu_relax();
	return arch_time_us() <= deadline;
}

static uint64_t wait_deadline(const struct vtd *s, enum vtd_wait how)
{
	return how == WAIT_SHORT ? 0 : arch_time_us() + s->timeout_us;
}

/* Waits for (register & mask) == value; the last look is after the deadline. */
int vtd_wait32(const struct vtd *s, reg32_t r, uint32_t mask, uint32_t value, enum vtd_wait how)
{
	uint64_t deadline = wait_deadline(s, how);
	unsigned polls;

	for (polls = 0; (reg_read32(s->base, r) & mask) != value; polls++) {
		if (!wait_more(deadline, polls, how)) {
			return (reg_read32(s->base, r) & mask) == value ? 0 : -BH_ETIMEDOUT;
		}
	}
	return 0;
}

int vtd_wait64(const struct vtd *s, reg64_t r, uint64_t mask, uint64_t value, enum vtd_wait how)
{
	uint64_t deadline = wait_deadline(s, how);
	unsigned polls;

	for (polls = 0; (reg_read64(s->base, r) & mask) != value; polls++) {
		if (!wait_more(deadline, polls, how)) {
			return (reg_read64(s->base, r) & mask) == value ? 0 : -BH_ETIMEDOUT;
		}
	}
	return 0;
}

/* One command, the others as they are [11.4.4]. The status of all but WBF is set when a set command is done. */
int vtd_command(const struct vtd *s, uint32_t bit, bool set, enum vtd_wait how)
{
	uint32_t keep = reg_read32(s->base, VTD_GSTS) & GSTS_KEEP & ~bit;

	arch_dma_wmb(); /* what the command makes the unit look at */
	reg_write32(s->base, VTD_GCMD, keep | (set ? bit : 0));
	return vtd_wait32(s, VTD_GSTS, bit, set && bit != GCMD_WBF ? bit : 0, how);
}

/* --- probe ------------------------------------------------------------------------------------ */

/* Registers whose place the unit tells must be where we have mapped registers. */
static bool place_ok(const struct iommu_unit *u, uint64_t offset, uint64_t size)
{
	return offset != 0 && offset + size <= u->size;
}

static bool registers_ok(const struct iommu_unit *u, uint64_t ecap)
{
	return FIELD_GET(VER_MAX, reg_read32(u->base, VTD_VER)) <= REGISTER_INV_VER &&
	       place_ok(u, FIELD_GET(ECAP_IRO, ecap) * 16, 16);
}

/* What this driver cannot do without, in words that name the property to change. NULL: nothing missing. */
static const char *unit_missing(const struct iommu_unit *u, uint64_t cap, uint64_t ecap)
{
	uint64_t faults = FIELD_GET(CAP_NFR, cap) + 1;
	uint64_t mgaw = FIELD_GET(CAP_MGAW, cap) + 1;

	if ((FIELD_GET(CAP_SAGAW, cap) & (SAGAW_39 | SAGAW_48)) == 0) {
		return "no tables of three or four levels (CAP.SAGAW; QEMU: dma-translation=on)";
	}
	if (mgaw < 32) {
		return "less than 32 address bits (CAP.MGAW)";
	}
	if (FIELD_GET(CAP_ND, cap) > ND_MAX) {
		return "reserved number of domains (CAP.ND)";
	}
	if (!place_ok(u, FIELD_GET(CAP_FRO, cap) * 16, faults * 16)) {
		return "fault records outside of its registers (CAP.FRO, NFR)";
	}
	if ((ecap & ECAP_QI) == 0 && !registers_ok(u, ecap)) {
		return "neither queue nor registers for invalidation (VER, ECAP.QI, IRO)";
	}
	return NULL;
}

static void features_read(struct vtd *s, uint64_t cap, uint64_t ecap)
{
	uint64_t dr = (cap & CAP_DRD) != 0 ? 1 : 0;
	uint64_t dw = (cap & CAP_DWD) != 0 ? 1 : 0;

	s->qi = (ecap & ECAP_QI) != 0;
	s->ir = s->qi && (ecap & ECAP_IR) != 0;
	s->coherent = (ecap & ECAP_C) != 0;
	s->psi = (cap & CAP_PSI) != 0;
	s->mamv = (uint8_t)FIELD_GET(CAP_MAMV, cap);
	s->rwbf = (cap & CAP_RWBF) != 0;
	s->plmr = (cap & CAP_PLMR) != 0;
	s->phmr = (cap & CAP_PHMR) != 0;
	s->sagaw = (uint8_t)FIELD_GET(CAP_SAGAW, cap);
	s->fault_count = (uint16_t)(FIELD_GET(CAP_NFR, cap) + 1);
	s->fault_reg = (reg64_t){ (uint32_t)FIELD_GET(CAP_FRO, cap) * 16 };
	s->iva_reg = (reg64_t){ (uint32_t)FIELD_GET(ECAP_IRO, ecap) * 16 };
	if (s->qi) {
		s->iotlb_flags = DESC_IOTLB | (dr != 0 ? IOTLB0_DR : 0) | (dw != 0 ? IOTLB0_DW : 0);
	} else {
		s->iotlb_flags = (dr != 0 ? IOTLB_DR : 0) | (dw != 0 ? IOTLB_DW : 0);
	}
}

static void cap_fill(const struct vtd *s, uint64_t cap, struct iommu_cap *out)
{
	uint8_t mgaw = (uint8_t)(FIELD_GET(CAP_MGAW, cap) + 1);
	uint8_t levels = (s->sagaw & SAGAW_48) != 0 ? 4 : 3;
	uint8_t bits = (uint8_t)(PAGE_SHIFT + 9 * levels);

	out->sid_bits = 16;
	out->in_bits = mgaw < bits ? mgaw : bits;
	out->out_bits = 48; /* the most a second-level entry of ours holds; no register says less */
	out->levels_min = (s->sagaw & SAGAW_39) != 0 ? 3 : 4;
	out->coherent = s->coherent;
	out->read_implied = false;
	out->live_split = false; /* a large page and its pieces must not be cached together: first out, then in */
	/* Absent entries are cached, or stores may be held back: a new entry counts only after an invalidation. */
	out->map_inv = (cap & CAP_CM) != 0 || s->rwbf;
	out->one_reason = true;
	out->domain_max = (1u << (4 + 2 * FIELD_GET(CAP_ND, cap))) - 1;
	out->fmt = vtd_fmt(FIELD_GET(CAP_SLLPS, cap));
}

int iommu_hw_probe(struct iommu_unit *u)
{
	struct vtd *s = vtd_get(u);
	const char *missing;
	uint64_t cap;
	uint64_t ecap;

	*s = (struct vtd){ .base = u->base };
	s->timeout_us = u->timeout_us > TIMEOUT_FLOOR_US ? u->timeout_us : TIMEOUT_FLOOR_US;
	if (u->size < VTD_REGS_SIZE) {
		log_error("VT-d unit %u at %lx: %lx bytes of registers, it has at least %x", u->id,
			  (unsigned long)u->base, (unsigned long)u->size, (unsigned)VTD_REGS_SIZE);
		s->base = 0;
		return -BH_ENODEV;
	}
	cap = reg_read64(s->base, VTD_CAP);
	ecap = reg_read64(s->base, VTD_ECAP);
	missing = unit_missing(u, cap, ecap);
	if (missing != NULL) {
		log_error("VT-d unit %u at %lx cannot be used: %s; CAP %lx ECAP %lx", u->id, (unsigned long)u->base,
			  missing, (unsigned long)cap, (unsigned long)ecap);
		s->base = 0;
		return -BH_ENODEV;
	}
	features_read(s, cap, ecap);
	s->registers = registers_ok(u, ecap);
	cap_fill(s, cap, &u->cap);
	return 0;
}

/* --- block ------------------------------------------------------------------------------------ */

static int pmr_off(const struct vtd *s, enum vtd_wait how)
{
	if ((!s->plmr && !s->phmr) || (reg_read32(s->base, VTD_PMEN) & (PMEN_EPM | PMEN_PRS)) == 0) {
		return 0;
	}
	reg_write32(s->base, VTD_PMEN, 0);
	return vtd_wait32(s, VTD_PMEN, PMEN_PRS, 0, how);
}

/* Where translation cannot be switched on: all memory becomes protected, as far as the unit has that. */
static bool pmr_block(const struct vtd *s)
{
	if ((!s->plmr && !s->phmr) || pmr_off(s, WAIT_SHORT) != 0) {
		return false;
	}
	if (s->plmr) {
		reg_write32(s->base, VTD_PLMBASE, 0);
		reg_write32(s->base, VTD_PLMLIMIT, UINT32_MAX);
	}
	if (s->phmr) {
		reg_write64(s->base, VTD_PHMBASE, s->plmr ? BIT64(32) : 0);
		reg_write64(s->base, VTD_PHMLIMIT, UINT64_MAX);
	}
	reg_write32(s->base, VTD_PMEN, PMEN_EPM);
	return vtd_wait32(s, VTD_PMEN, PMEN_PRS, PMEN_PRS, WAIT_SHORT) == 0;
}

static int root_set(const struct vtd *s, unsigned id, enum vtd_wait how)
{
	reg_write64(s->base, VTD_RTADDR, vtd_root(id).v);
	return vtd_command(s, GCMD_SRTP, true, how);
}

/* Our empty root table, nothing cached of whoever was here before, translation on. NULL, or what did not work. */
static const char *dma_block(struct vtd *s, unsigned id)
{
	vtd_context_init(s, id);
	if (root_set(s, id, WAIT_LONG) != 0) {
		return "GSTS.RTPS stays clear";
	}
	if (vtd_inv_start(s, id) != 0) {
		return "GSTS.QIES stays clear";
	}
	vtd_inv_all(s);
	if (vtd_inv_sync(s) != 0) {
		return "its caches are not invalidated";
	}
	if (vtd_command(s, GCMD_TE, true, WAIT_LONG) != 0) {
		return "GSTS.TES stays clear";
	}
	return NULL;
}

static const char *block(struct vtd *s, unsigned id)
{
	const char *broken;

	s->ir_on = false;
	if ((reg_read32(s->base, VTD_GSTS) & GCMD_EAFL) != 0 && vtd_command(s, GCMD_EAFL, false, WAIT_LONG) != 0) {
		return "GSTS.AFLS stays set";
	}
	if (vtd_inv_stop(s, WAIT_LONG) != 0) {
		return "GSTS.QIES stays set";
	}
	vtd_fault_init(s); /* IQE of who was here before, too */
	broken = dma_block(s, id);
	if (broken != NULL) {
		return broken;
	}
	if (pmr_off(s, WAIT_LONG) != 0) {
		return "PMEN.PRS stays set";
	}
	return s->ir ? vtd_irte_start(s, id) : NULL;
}

int iommu_hw_block(struct iommu_unit *u)
{
	struct vtd *s = vtd_get(u);
	const char *broken = block(s, u->id);
	bool translates = (reg_read32(s->base, VTD_GSTS) & GCMD_TE) != 0;

	if (broken != NULL) {
		log_error("VT-d unit %u at %lx cannot be blocked: %s%s", u->id, (unsigned long)s->base, broken,
			  !translates && pmr_block(s) ? "; all memory is protected instead" : "");
		return -BH_EIO;
	}
	if (!s->ir) {
		log_warn("VT-d unit %u: no interrupt remapping: its devices can send any interrupt message", u->id);
	}
	return 0;
}

/* Translation has been on since iommu_hw_block(). */
int iommu_hw_enable(struct iommu_unit *u)
{
	struct vtd *s = vtd_get(u);
	uint32_t gsts = reg_read32(s->base, VTD_GSTS);

	if (!s->on || (gsts & GCMD_TE) == 0 || vtd_inv_sync(s) != 0) {
		log_error("VT-d unit %u: does not start; GSTS %x FSTS %x", u->id, gsts, reg_peek32(s->base, VTD_FSTS));
		return vtd_fail(u);
	}
	vtd_fault_start(s, u);
	return 0;
}

/*
 * Uses nothing that may be in the middle of a change: an empty root table, latched again, then everything cached goes.
 * Interrupt remapping stays as it is: our own interrupts still come. If even that fails, all memory becomes protected,
 * as far as the unit has that.
 */
void iommu_hw_block_now(struct iommu_unit *u)
{
	struct vtd *s = vtd_get(u);
	bool gone;

	if (s->base == 0) {
		return; /* never probed: nothing of ours to undo */
	}
	(void)vtd_inv_fail(s, -BH_EIO); /* first: who attaches meanwhile, on another CPU, gets no entry past it */
	vtd_context_clear(s, u->id);
	(void)root_set(s, u->id, WAIT_SHORT);
	gone = vtd_inv_last(s, u->id);
	if ((reg_read32(s->base, VTD_GSTS) & GCMD_TE) == 0) {
		gone = vtd_command(s, GCMD_TE, true, WAIT_SHORT) == 0 && gone;
	}
	if (!gone) {
		(void)pmr_block(s);
	}
}
