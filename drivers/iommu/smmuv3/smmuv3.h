/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's own state, one struct smmuv3 per unit, found by iommu_unit.id. Written under the unit's lock,
 * or before the unit is enabled.
 */
#pragma once

#include <hyp/iommu.h>
#include <hyp/types.h>

#include "regs.h"

enum {
	CMDQ_LOG2 = 8,      /* entries we use at most */
	EVTQ_LOG2 = 8,
	SPLIT = 8,          /* StreamID bits [SPLIT-1:0] index the second level */
	SID_BITS_MAX = 16,  /* 256 first-level entries of 256 streams each */
	L2_TABLES = 4,      /* second-level (or linear) stream tables of all units: one per 256 StreamIDs in use */
	OAS_MAX = 5,        /* 48 bits: the most a 4 KiB granule descriptor can hold */
};

struct smmuv3 {
	uintptr_t base;
	/* command queue; positions run freely, PROD and CONS are their low bits */
	uint64_t *cmdq;
	uint32_t cmd_mask;   /* twice the size, minus 1: index and wrap bit */
	uint32_t cmd_prod;   /* next free; ahead of CMDQ_PROD until the next sync */
	uint32_t cmd_room;   /* places known to be free; there may be more */
	int cmd_error;       /* sticky: a command was lost or refused; no sync succeeds any more */
	uint32_t cmd_cleaned; /* written back up to here, for a unit that does not see our caches */
	uint8_t tlbi_op;     /* invalidates by address, stage 1 or 2 … */
	uint8_t tlbi_id_shift; /* … and where the domain's id goes */
	bool queue_on;       /* CMDQEN is set; before that nothing of ours can be cached */
	uint32_t timeout_us;
	/* what the unit has */
	bool s2;
	bool coherent;
	bool ril;
	bool two_level;
	bool hyp;
	bool btm;
	bool msi;
	uint8_t oas;        /* as IDR5.OAS encodes it, at most OAS_MAX */
	uint8_t sid_log2;   /* StreamIDs below 1 << sid_log2 have an entry in our table */
	/* state */
	bool gbpa;          /* GBPA.ABORT holds: SMMUEN = 0 blocks */
	bool table_on;      /* SMMUEN is set, with our stream table */
	bool evtq_on;
	uint64_t *linear;   /* the one table if the unit has no two-level format; NULL: none was left */
	/* event queue */
	uint64_t *evtq;
	uint32_t evt_size;
	uint32_t evt_cons;
	bool evt_ovack;
	bool evt_lost;
} __attribute__((aligned(64))); /* found by a shift */

struct ste {
	uint64_t w[8];
};

struct cd {
	uint64_t w[8];
};

/* unit.c */
extern struct smmuv3 smmuv3_units[UNIT_MAX];

static inline struct smmuv3 *smmuv3_get(const struct iommu_unit *u)
{
	CHECK(u->id < UNIT_MAX);
	return &smmuv3_units[u->id];
}

int smmuv3_fail(struct iommu_unit *u); /* blocks everything; always -BH_EIO */

/* cmdq.c */
void smmuv3_cmdq_init(struct smmuv3 *s, unsigned id, unsigned log2);
void smmuv3_cmdq_start(struct smmuv3 *s); /* programs the registers; CMDQEN = 0 */
int smmuv3_cmdq_sync(struct smmuv3 *s) __must_check;
void smmuv3_cmdq_kick(struct smmuv3 *s); /* hands over what is queued, waits for nothing */
void smmuv3_cmd_all(struct smmuv3 *s);   /* every cached configuration and translation */
void smmuv3_cmd_stream(struct smmuv3 *s, sid_t sid);

/* strtab.c */
void smmuv3_strtab_init(struct smmuv3 *s, unsigned id); /* empty; SMMUEN = 0 */
void smmuv3_strtab_start(struct smmuv3 *s, unsigned id); /* programs the registers; SMMUEN = 0 */
void smmuv3_strtab_clear(struct smmuv3 *s, unsigned id); /* every entry invalid, at once */
uint64_t *smmuv3_ste_find(const struct smmuv3 *s, unsigned id, sid_t sid); /* NULL: no table there */

/* ste.c */
int smmuv3_ste_make(const struct smmuv3 *s, const struct iommu_domain *d, const struct cd *cd, bool muted,
		    struct ste *out) __must_check;
int smmuv3_cd_make(const struct smmuv3 *s, const struct iommu_domain *d, bool muted, struct cd *out) __must_check;
void smmuv3_words_write(const struct smmuv3 *s, uint64_t *to, const uint64_t *from, unsigned first, unsigned last);

/* evtq.c */
void smmuv3_evtq_init(struct smmuv3 *s, unsigned id);
void smmuv3_evtq_start(struct smmuv3 *s); /* programs the registers; EVENTQEN = 0 */

/* fmt.c */
extern const struct pgtable_fmt smmuv3_s2_fmt;
extern const struct pgtable_fmt smmuv3_s1_fmt;
