/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event queue: takes records out one at a time and turns them into struct iommu_fault. Everything read
 * here was written by the unit on behalf of a device: PROD is checked, records are copied before they are
 * looked at, unknown ones are passed on raw. A full queue loses records; that is noticed and said [I6].
 */
#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/hwmem.h>
#include <arch/mmu.h>
#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>
#include <hyp/log.h>

#include "smmuv3.h"

enum { EVT_WORDS = 4 };

/* Aligned to its size [6.3.29]. */
static uint64_t evtq_mem[UNIT_MAX][EVT_WORDS << EVTQ_LOG2] __attribute__((aligned((EVT_WORDS * 8) << EVTQ_LOG2)));

void smmuv3_evtq_init(struct smmuv3 *s, unsigned id)
{
	s->evtq = evtq_mem[id];
	s->evt_cons = 0;
	s->evt_ovack = false;
	s->evt_lost = false;
}

void smmuv3_evtq_start(struct smmuv3 *s)
{
	uint64_t log2 = (uint64_t)__builtin_ctz(s->evt_size);

	s->evt_cons = 0;
	s->evt_ovack = false;
	s->evt_lost = false;
	if (!s->coherent) {
		/* Nothing of ours may be written back over a record later. */
		arch_cache_clean_inv(s->evtq, (size_t)s->evt_size * EVT_WORDS * sizeof(*s->evtq));
	}
	reg_write64(s->base, SMMU_EVENTQ_BASE, BASE_ALLOC_HINT | arch_pa(s->evtq).v | log2);
	reg_write32(s->base, SMMU_EVENTQ_PROD, 0);
	reg_write32(s->base, SMMU_EVENTQ_CONS, 0);
}

enum evt_field {
	EVT_ADDR = 1,   /* InputAddr in word 2 */
	EVT_ACCESS = 2, /* RnW and InD in word 1 */
	EVT_FETCH = 4,  /* FetchAddr in word 3: physical, of an entry of ours */
};

struct evt_class {
	const char *name;
	uint8_t reason; /* enum fault_reason; FAULT_NONE: reserved number */
	uint8_t fields; /* enum evt_field */
};

/* By type [7.3.2 …]. */
static const struct evt_class evt_classes[0x26] = {
	[0x01] = { "F_UUT", FAULT_OTHER, EVT_ADDR | EVT_ACCESS },
	[0x02] = { "C_BAD_STREAMID", FAULT_BLOCKED, 0 },
	[0x03] = { "F_STE_FETCH", FAULT_TABLE, EVT_FETCH },
	[0x04] = { "C_BAD_STE", FAULT_TABLE, 0 },
	[0x05] = { "F_BAD_ATS_TREQ", FAULT_BLOCKED, EVT_ADDR },
	[0x06] = { "F_STREAM_DISABLED", FAULT_BLOCKED, 0 },
	[0x07] = { "F_TRANSL_FORBIDDEN", FAULT_BLOCKED, EVT_ADDR | EVT_ACCESS },
	[0x08] = { "C_BAD_SUBSTREAMID", FAULT_BLOCKED, 0 },
	[0x09] = { "F_CD_FETCH", FAULT_TABLE, EVT_FETCH },
	[0x0a] = { "C_BAD_CD", FAULT_TABLE, 0 },
	[0x0b] = { "F_WALK_EABT", FAULT_TABLE, EVT_ADDR | EVT_ACCESS },
	[0x10] = { "F_TRANSLATION", FAULT_UNMAPPED, EVT_ADDR | EVT_ACCESS },
	[0x11] = { "F_ADDR_SIZE", FAULT_ADDRESS, EVT_ADDR | EVT_ACCESS },
	[0x12] = { "F_ACCESS", FAULT_PERMISSION, EVT_ADDR | EVT_ACCESS },
	[0x13] = { "F_PERMISSION", FAULT_PERMISSION, EVT_ADDR | EVT_ACCESS },
	[0x20] = { "F_TLB_CONFLICT", FAULT_TABLE, EVT_ADDR | EVT_ACCESS },
	[0x21] = { "F_CFG_CONFLICT", FAULT_TABLE, 0 },
	[0x24] = { "E_PAGE_REQUEST", FAULT_OTHER, EVT_ADDR },
	[0x25] = { "F_VMS_FETCH", FAULT_TABLE, EVT_FETCH },
};

static const struct evt_class evt_unknown = { "UNKNOWN", FAULT_OTHER, 0 };
static const struct evt_class evt_impdef = { "IMPDEF_EVENT", FAULT_OTHER, 0 };

static const struct evt_class *evt_classify(unsigned type)
{
	if (type < ARRAY_COUNT(evt_classes) && evt_classes[type].name != NULL) {
		return &evt_classes[type];
	}
	return type >= 0xe0 && type <= 0xef ? &evt_impdef : &evt_unknown;
}

static uint8_t evt_access(uint64_t w1)
{
	if ((w1 & EVT1_RNW) == 0) {
		return PROT_WRITE;
	}
	return (w1 & EVT1_IND) != 0 ? PROT_EXEC : PROT_READ;
}

static void evt_decode(const struct iommu_unit *u, struct iommu_fault *f)
{
	const struct evt_class *c = evt_classify((unsigned)FIELD_GET(EVT0_TYPE, f->hw[0]));

	f->unit = u->id;
	f->sid = (sid_t)FIELD_GET(EVT0_STREAMID, f->hw[0]);
	f->sid_valid = c != &evt_unknown && c != &evt_impdef;
	f->name = c->name;
	f->reason = (enum fault_reason)c->reason;
	if (c->fields & EVT_ADDR) {
		f->addr_valid = true;
		f->addr = f->hw[2];
	}
	if (c->fields & EVT_ACCESS) {
		f->access = evt_access(f->hw[1]);
	}
	/* An entry that is not valid is how a stream without a domain looks; only a valid one can be bad. */
	if (FIELD_GET(EVT0_TYPE, f->hw[0]) == 0x04) {
		const uint64_t *ste = smmuv3_ste_find(smmuv3_get(u), u->id, f->sid);

		if (ste == NULL || (arch_hwmem_load(ste) & STE0_V) == 0) {
			f->reason = FAULT_BLOCKED;
		}
	}
}

static void evt_consume(struct smmuv3 *s, uint32_t cons)
{
	s->evt_cons = cons;
	reg_write32(s->base, SMMU_EVENTQ_CONS, cons | (s->evt_ovack ? EVENTQ_OVACKFLG : 0));
}

/* Records waiting. Notices overflow; a PROD that makes no sense is one, too: all is dropped. */
static uint32_t evt_waiting(struct smmuv3 *s)
{
	uint32_t prod = reg_read32(s->base, SMMU_EVENTQ_PROD);
	bool ovflg = (prod & EVENTQ_OVFLG) != 0;
	uint32_t count;

	prod &= 2 * s->evt_size - 1;
	count = (prod - s->evt_cons) & (2 * s->evt_size - 1);
	if (count > s->evt_size) {
		s->evt_lost = true;
		count = 0;
		evt_consume(s, prod);
	}
	if (ovflg != s->evt_ovack) {
		s->evt_lost = true;
		s->evt_ovack = ovflg;
		evt_consume(s, s->evt_cons); /* recording goes on as soon as there is room */
	}
	return count;
}

bool iommu_hw_fault_next(struct iommu_unit *u, struct iommu_fault *out, bool *lost)
{
	struct smmuv3 *s = smmuv3_get(u);
	uint32_t count = s->evtq_on ? evt_waiting(s) : 0;
	const uint64_t *rec;
	unsigned i;

	*lost = s->evt_lost;
	s->evt_lost = false;
	if (count == 0) {
		return false;
	}
	rec = &s->evtq[(size_t)EVT_WORDS * (s->evt_cons & (s->evt_size - 1))];
	arch_dma_rmb(); /* PROD before the record */
	if (!s->coherent) {
		arch_cache_clean_inv(rec, EVT_WORDS * sizeof(*rec));
	}
	*out = (struct iommu_fault){ 0 };
	for (i = 0; i < EVT_WORDS; i++) {
		out->hw[i] = arch_hwmem_load(&rec[i]);
	}
	arch_mb(); /* the record is copied before its place is given back */
	evt_consume(s, (s->evt_cons + 1) & (2 * s->evt_size - 1));
	evt_decode(u, out);
	return true;
}

struct gerror_bit {
	uint32_t bit;
	bool fatal; /* the unit can no longer be trusted to block, or to confirm */
	const char *name;
};

static const struct gerror_bit gerror_bits[] = {
	{ GERROR_CMDQ_ERR, true, "CMDQ_ERR" },
	{ GERROR_EVENTQ_ABT_ERR, false, "EVENTQ_ABT_ERR" },
	{ GERROR_PRIQ_ABT_ERR, false, "PRIQ_ABT_ERR" },
	{ GERROR_MSI_CMDQ_ABT_ERR, false, "MSI_CMDQ_ABT_ERR" },
	{ GERROR_MSI_EVENTQ_ABT_ERR, false, "MSI_EVENTQ_ABT_ERR" },
	{ GERROR_MSI_PRIQ_ABT_ERR, false, "MSI_PRIQ_ABT_ERR" },
	{ GERROR_MSI_GERROR_ABT_ERR, false, "MSI_GERROR_ABT_ERR" },
	{ GERROR_SFM_ERR, true, "SFM_ERR" },
	{ GERROR_CMDQP_ERR, true, "CMDQP_ERR" },
	{ GERROR_DPT_ERR, true, "DPT_ERR" },
};

/* CMDQ_CONS.ERR [7.1]. */
static const char *cerror_name(uint32_t err)
{
	static const char *const names[] = { "CERROR_NONE", "CERROR_ILL", "CERROR_ABT", "CERROR_ATC_INV_SYNC" };

	return err < ARRAY_COUNT(names) ? names[err] : "CERROR reserved";
}

static size_t text_add(char *text, size_t size, size_t at, const char *word)
{
	if (at >= size) {
		return at;
	}
	return at + hyp_snprintf(text + at, size - at, "%s%s", at == 0 ? "" : ", ", word);
}

bool iommu_hw_error(struct iommu_unit *u, bool *fatal, char *text, size_t size)
{
	struct smmuv3 *s = smmuv3_get(u);
	uint32_t gerror = reg_read32(s->base, SMMU_GERROR);
	uint32_t active = gerror ^ reg_read32(s->base, SMMU_GERRORN);
	size_t at = 0;
	unsigned i;

	*fatal = false;
	if (size != 0) {
		text[0] = '\0';
	}
	if (active == 0) {
		return false;
	}
	for (i = 0; i < ARRAY_COUNT(gerror_bits); i++) {
		if (active & gerror_bits[i].bit) {
			*fatal |= gerror_bits[i].fatal;
			at = text_add(text, size, at, gerror_bits[i].name);
		}
	}
	if (at == 0) {
		at = text_add(text, size, at, "unknown GERROR bit");
	}
	if (active & GERROR_CMDQ_ERR) {
		s->cmd_error = -BH_EIO; /* acknowledging starts the queue again; its word is worth nothing now */
		(void)text_add(text, size, at,
			       cerror_name((uint32_t)FIELD_GET(CMDQ_CONS_ERR, reg_read32(s->base, SMMU_CMDQ_CONS))));
	}
	if (active & GERROR_EVENTQ_ABT_ERR) {
		s->evt_lost = true;
	}
	reg_write32(s->base, SMMU_GERRORN, gerror); /* exactly what was seen */
	return true;
}
