/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Primary fault logging [7.2]: takes records out of the fault recording registers one at a time and turns them
 * into struct iommu_fault. A record's place is given back by its F bit, lost ones show in PFO. The unit announces a
 * fault only if nothing was pending before [7.3]: so nothing is left behind unless the caller stops early and comes
 * back [I6].
 */
#include <arch/msi.h>
#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>
#include <hyp/log.h>

#include "vtd.h"

enum { FAULT_CPU = 0 }; /* takes every unit's interrupts */

#define FSTS_ALL (FSTS_PFO | FSTS_APF | FSTS_IQE | FSTS_ICE | FSTS_ITE)

static reg64_t record_reg(const struct vtd *s, unsigned i, unsigned word)
{
	return (reg64_t){ s->fault_reg.off + 16 * i + 8 * word };
}

static void record_ack(const struct vtd *s, unsigned i)
{
	reg_write64(s->base, record_reg(s, i, 1), FRCD1_F);
}

void vtd_fault_init(struct vtd *s)
{
	unsigned i;

	reg_write32(s->base, VTD_FECTL, FECTL_IM);
	for (i = 0; i < s->fault_count; i++) {
		record_ack(s, i);
	}
	reg_ack32(s->base, VTD_FSTS, FSTS_ALL);
	s->fault_next = 0;
}

void vtd_fault_start(struct vtd *s, const struct iommu_unit *u)
{
	struct msi_msg msg;

	if (u->irq[0] == 0) {
		return; /* masked since vtd_fault_init(): nobody would take it */
	}
	arch_msi_make(u->irq[0], FAULT_CPU, &msg);
	reg_write32(s->base, VTD_FEDATA, msg.data);
	reg_write32(s->base, VTD_FEADDR, (uint32_t)msg.addr);
	reg_write32(s->base, VTD_FEUADDR, (uint32_t)(msg.addr >> 32));
	reg_write32(s->base, VTD_FECTL, 0); /* what was recorded since is announced now */
	(void)reg_read32(s->base, VTD_FECTL);
}

struct fault_class {
	const char *name;
	uint8_t reason; /* enum fault_reason; FAULT_NONE: reserved number */
};

/* By reason code [7.1.3; 5.1.4.1 for those of interrupts]. */
static const struct fault_class fault_classes[] = {
	[0x01] = { "root entry not present", FAULT_BLOCKED },
	[0x02] = { "context entry not present", FAULT_BLOCKED },
	[0x03] = { "context entry invalid", FAULT_TABLE },
	[0x04] = { "address beyond MGAW", FAULT_ADDRESS },
	[0x05] = { "write not permitted", FAULT_UNMAPPED }, /* or FAULT_PERMISSION: cap.one_reason */
	[0x06] = { "read not permitted", FAULT_UNMAPPED },
	[0x07] = { "table access error", FAULT_TABLE },
	[0x08] = { "root access error", FAULT_TABLE },
	[0x09] = { "context access error", FAULT_TABLE },
	[0x0a] = { "root entry reserved bits", FAULT_TABLE },
	[0x0b] = { "context entry reserved bits", FAULT_TABLE },
	[0x0c] = { "table entry reserved bits", FAULT_TABLE },
	[0x0d] = { "translated request", FAULT_BLOCKED },
	[0x0e] = { "translates to interrupt range", FAULT_TABLE },
	[0x20] = { "interrupt request reserved bits", FAULT_OTHER },
	[0x21] = { "interrupt index too large", FAULT_OTHER },
	[0x22] = { "interrupt entry not present", FAULT_OTHER },
	[0x23] = { "interrupt entry access error", FAULT_OTHER },
	[0x24] = { "interrupt entry reserved bits", FAULT_OTHER },
	[0x25] = { "interrupt compatibility format", FAULT_OTHER },
	[0x26] = { "interrupt of another source", FAULT_OTHER },
};

static const struct fault_class fault_unknown = { "unknown reason", FAULT_OTHER };

enum { FR_FIRST_INTERRUPT = 0x20 };

static void fault_decode(const struct iommu_unit *u, struct iommu_fault *f)
{
	unsigned fr = (unsigned)FIELD_GET(FRCD1_FR, f->hw[1]);
	const struct fault_class *c = &fault_unknown;

	if (fr < ARRAY_COUNT(fault_classes) && fault_classes[fr].name != NULL) {
		c = &fault_classes[fr];
	}
	f->unit = u->id;
	f->sid = (sid_t)FIELD_GET(FRCD1_SID, f->hw[1]);
	f->sid_valid = true;
	f->name = c->name;
	f->reason = (enum fault_reason)c->reason;
	if (c != &fault_unknown && fr < FR_FIRST_INTERRUPT) {
		f->addr_valid = true;
		f->addr = f->hw[0] & FRCD0_FI; /* the page: no unit records more */
		f->access = (f->hw[1] & FRCD1_T) != 0 ? PROT_READ : PROT_WRITE;
	}
}

/* The oldest pending record, or fault_count. Records are written in a ring; bounded by its size. */
static unsigned record_find(const struct vtd *s, uint32_t fsts)
{
	unsigned first = (unsigned)FIELD_GET(FSTS_FRI, fsts);
	unsigned n;

	if ((fsts & FSTS_PPF) == 0) {
		return s->fault_count;
	}
	/* FRI is the first one that was recorded when none was pending: after some were taken, go on where we are. */
	if (first >= s->fault_count ||
	    (reg_read64(s->base, record_reg(s, s->fault_next, 1)) & FRCD1_F) != 0) {
		first = s->fault_next;
	}
	for (n = 0; n < s->fault_count; n++) {
		unsigned i = (first + n) % s->fault_count;

		if ((reg_read64(s->base, record_reg(s, i, 1)) & FRCD1_F) != 0) {
			return i;
		}
	}
	return s->fault_count;
}

static bool record_take(struct iommu_unit *u, uint32_t fsts, struct iommu_fault *out)
{
	struct vtd *s = vtd_get(u);
	unsigned i = record_find(s, fsts);

	if (i == s->fault_count) {
		return false;
	}
	*out = (struct iommu_fault){ 0 };
	out->hw[0] = reg_read64(s->base, record_reg(s, i, 0));
	out->hw[1] = reg_read64(s->base, record_reg(s, i, 1));
	record_ack(s, i);
	s->fault_next = (uint16_t)((i + 1) % s->fault_count);
	fault_decode(u, out);
	return true;
}

/* After PFO is cleared recording goes on, and a record that came just then would never be announced: one more look. */
bool iommu_hw_fault_next(struct iommu_unit *u, struct iommu_fault *out, bool *lost)
{
	struct vtd *s = vtd_get(u);
	uint32_t fsts = reg_peek32(s->base, VTD_FSTS);

	*lost = false;
	if (record_take(u, fsts, out)) {
		return true;
	}
	if ((fsts & FSTS_PFO) == 0) {
		return false;
	}
	*lost = true;
	reg_ack32(s->base, VTD_FSTS, FSTS_PFO);
	return record_take(u, reg_peek32(s->base, VTD_FSTS), out);
}

struct error_bit {
	uint32_t bit;
	const char *name;
};

/* Each of them means that an invalidation was not done. */
static const struct error_bit error_bits[] = {
	{ FSTS_IQE, "IQE: invalidation descriptor refused" },
	{ FSTS_ICE, "ICE: invalid completion from a device" },
	{ FSTS_ITE, "ITE: a device did not complete an invalidation" },
};

bool iommu_hw_error(struct iommu_unit *u, bool *fatal, char *text, size_t size)
{
	struct vtd *s = vtd_get(u);
	uint32_t active = reg_peek32(s->base, VTD_FSTS) & (FSTS_IQE | FSTS_ICE | FSTS_ITE);
	size_t at = 0;
	unsigned i;

	*fatal = active != 0;
	if (size != 0) {
		text[0] = '\0';
	}
	for (i = 0; i < ARRAY_COUNT(error_bits); i++) {
		if ((active & error_bits[i].bit) != 0 && at < size) {
			at += hyp_snprintf(text + at, size - at, "%s%s", at == 0 ? "" : ", ", error_bits[i].name);
		}
	}
	if (active == 0) {
		return false;
	}
	(void)vtd_inv_fail(s, -BH_EIO); /* clearing IQE starts the queue again; its word is worth nothing now */
	reg_ack32(s->base, VTD_FSTS, active); /* exactly what was seen */
	return true;
}
