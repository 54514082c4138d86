/* SPDX-License-Identifier: Apache-2.0 */
/* What the three files of the SMMUv3 model share. Written from the specification, not from the driver. */
#pragma once

#include "smmuv3_model.h"

enum {
	SEEN_MAX = 12,     /* different values one word had since it was last forgotten */
	SNAP_MAX = 64,
	STREAM_MAX = 24,
	CD_MAX = 4,        /* descriptors one stream may have cached */
	REGIME_MAX = 64,
	OUTCOME_MAX = 512,
	PENDING_MAX = 1024,
	TLB_MAX = 40000,
	WALK_MAX = 4096,
	TPAGE_MAX = 4096,
};

struct words {
	uint64_t addr;                    /* of word 0; 0 = there is none */
	unsigned n[8];
	uint64_t seen[8][SEEN_MAX];
	unsigned snap_count;
	uint64_t snap[SNAP_MAX][8];       /* the whole entry, after each store */
};

struct stream {
	sid_t sid;
	bool l1_invalid_seen;             /* the unit may believe that there is no second level */
	struct words ste;
	unsigned cd_count;
	struct words cd[CD_MAX];
};

/* One translation regime: what a valid entry says about tables. */
struct regime {
	uint8_t stage;
	uint16_t id;                      /* VMID or ASID */
	uint64_t root;
	uint8_t level;                    /* of the root */
	uint8_t bits;                     /* input */
	uint8_t oas_bits;
	bool cached_walk;                 /* table reads snoop our caches */
	bool record;                      /* S2R, CD.R */
	bool affd;
};

struct tlb {
	uint8_t stage;
	uint16_t id;
	uint64_t base, size, pa;
	bool r, w;
};

/* A cached pointer to a table: base is the input address of its first entry. */
struct walk {
	uint8_t stage, level;
	uint16_t id;
	uint64_t base, page;
};

struct pending {
	uint8_t op;
	uint64_t w0, w1;
};

struct outcome {
	enum smmuv3_model_result kind;
	uint64_t pa;
	uint8_t event;
	bool record;
};

struct model {
	bool used;
	unsigned n;
	uintptr_t base;
	struct smmuv3_model_opts o;
	struct smmuv3_model_inject inject;
	/* registers; *_eff is what holds while an update is under way */
	uint32_t cr0, cr0_eff, cr1, cr2, gbpa, gbpa_new, irq_ctrl, irq_eff, gerror, gerrorn, strtab_cfg;
	unsigned cr0_delay, gbpa_delay, irq_delay;
	uint64_t strtab_base, cmdq_base, evtq_base, gerror_cfg0, evtq_cfg0;
	uint32_t cmd_prod, cmd_cons, evt_prod, evt_cons;
	bool cmd_stopped;
	unsigned irqs[3];
	unsigned op_count[256];
	unsigned last_event;
	/* caches */
	bool foreign_cfg, foreign_tlb, foreign_el2;
	unsigned stream_count;
	struct stream stream[STREAM_MAX];
	bool regimes_stale;
	unsigned regime_count;
	struct regime regime[REGIME_MAX];
	unsigned tlb_count;
	struct tlb tlb[TLB_MAX];
	unsigned walk_count;
	struct walk walk[WALK_MAX];
	bool index_valid;
	unsigned tpage_count;
	struct walk tpage[TPAGE_MAX];
	unsigned pending_count;
	struct pending pending[PENDING_MAX];
};

extern struct model smmuv3_models[SMMUV3_MODEL_MAX];

struct model *smmuv3_m(unsigned n);

static inline uint64_t bits_get(uint64_t v, unsigned hi, unsigned lo)
{
	return (v >> lo) & (~(uint64_t)0 >> (63 - (hi - lo)));
}

/* smmuv3_config.c: stream table, context descriptors, and what is cached of them */
void smmuv3_config_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after);
void smmuv3_config_forget(struct model *m, bool all, sid_t sid, bool l1, bool ste, bool cd);
struct stream *smmuv3_stream(struct model *m, sid_t sid); /* starts to track it */
unsigned smmuv3_outcomes(struct model *m, sid_t sid, uint64_t iova, bool write, struct outcome *out);
void smmuv3_config_scan(struct model *m);
void smmuv3_regimes_update(struct model *m);

/* smmuv3_tlb.c: translation tables and what is cached of them */
void smmuv3_tlb_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after);
void smmuv3_tlb_retire(struct model *m, const struct regime *r); /* no entry leads there any more: all stays cached */
void smmuv3_tlb_inv(struct model *m, const struct pending *p);
void smmuv3_translate(struct model *m, const struct regime *r, uint64_t iova, bool write, struct outcome *out,
		      unsigned *count);
void smmuv3_outcome_add(struct outcome *out, unsigned *count, struct outcome o);

/* smmuv3_queue.c */
void smmuv3_cmds_run(struct model *m, unsigned most);

/* smmuv3_model.c */
void smmuv3_gerror_raise(struct model *m, uint32_t bits);
