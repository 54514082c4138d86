/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the VT-d model share. Written from the specification, not from the driver. */
#pragma once

#include "vtd_model.h"

enum {
	SEEN_MAX = 16,     /* different values one word had since it was last forgotten */
	SNAP_MAX = 64,
	CACHED_MAX = 64,
	STREAM_MAX = 64,
	TAG_MAX = 16,
	REGIME_MAX = 64,
	OUTCOME_MAX = 512,
	PENDING_MAX = 1024,
	TLB_MAX = 40000,
	WALK_MAX = 8192,
	TPAGE_MAX = 8192,
	IRTE_MAX = 1024,
	IRTE_SEEN = 24,
	BUFFER_SLOTS = 1 << 14,
	FRCD_MAX = 8,
	DELAY = 3,         /* looks until something completes */
};

/* GCMD, GSTS [11.4.4]: the same positions. */
enum {
	G_CFI = 1 << 23, G_SIRTP = 1 << 24, G_IRE = 1 << 25, G_QIE = 1 << 26, G_WBF = 1 << 27, G_EAFL = 1 << 28,
	G_SFL = 1 << 29, G_SRTP = 1 << 30,
};
#define G_TE (1u << 31)

/* FSTS [11.4.7] */
enum { F_PFO = 1, F_PPF = 2, F_IQE = 1 << 4, F_ICE = 1 << 5, F_ITE = 1 << 6 };

struct pair {
	uint64_t lo, hi;
};

struct stream {
	sid_t sid;
	uint64_t addr;                    /* of its context entry; 0: there is none */
	unsigned n[2];
	uint64_t seen[2][SEEN_MAX];       /* since the last invalidation */
	unsigned snap_count;
	struct pair snap[SNAP_MAX];       /* the whole entry, after each store */
	unsigned cached_count;
	struct pair cached[CACHED_MAX];
	unsigned tag_count;
	uint16_t tag[TAG_MAX];            /* domains of which the IOTLB may hold translations for this requester */
};

/* One tree of tables. */
struct regime {
	uint16_t did;
	uint64_t root;
	uint8_t levels;
};

/* Compared with memcmp(): made by tlb_make() only. */
struct tlb {
	uint16_t did;
	uint64_t base, size, pa;
	bool r, w;
	bool absent;                      /* CM = 1: "nothing there" */
};

/* A cached pointer to a table: base is the input address of its first entry; absent: to nothing. */
struct walk {
	uint16_t did;
	uint8_t level;                    /* 1: last */
	uint64_t base, page;
	bool r, w;                        /* of all entries above */
	bool absent;
};

struct outcome {
	enum vtd_model_result kind;
	uint64_t pa;
	uint8_t reason;
	bool record;
};

struct msi_outcome {
	enum vtd_msi_result kind;
	struct vtd_msi msi;
	uint8_t reason;
	bool record;
};

struct irte {
	unsigned n;
	struct pair seen[IRTE_SEEN];      /* cached; what is in memory comes on top */
};

struct buffered {
	uint64_t addr, old;
};

enum view { VIEW_NEW, VIEW_WEAK, VIEW_STALE, VIEW_BUFFERED, VIEW_COUNT };

struct model {
	bool used;
	unsigned n;
	struct vtd_model_opts o;
	struct vtd_model_inject inject;
	/* registers */
	uint32_t gcmd, gsts, busy;        /* commanded, shown, the bit that is on its way */
	unsigned busy_delay;
	uint64_t rtaddr, irta, iqa, ccmd, iva, iotlb;
	uint32_t iqh, iqt;
	uint32_t fsts, fectl, fedata, feaddr, feuaddr, fri;
	uint32_t ics, iectl;
	struct pair frcd[FRCD_MAX];
	unsigned fault_index;
	uint32_t pmen, plm[2];
	uint64_t phm[2];
	unsigned pmr_delay, ccmd_delay, iotlb_delay;
	/* counters */
	unsigned changes, irqs, descs[16], reg_invs, last_fault, in_flight[2], iotlb_count;
	uint64_t msg_addr;
	uint32_t msg_data;
	struct pair iotlb_desc[4];
	void (*access_fn)(void *ctx);
	void *access_ctx;
	bool in_access;
	/* queue */
	unsigned wait_delay;
	unsigned pending_count;
	struct pair pending[PENDING_MAX];
	/* DMA */
	bool root_foreign, foreign_ctx, foreign_tlb;
	uint64_t root;                    /* latched, ours */
	uint64_t ctp[256];                /* context tables it leads to; 0: none */
	unsigned stream_count;
	struct stream stream[STREAM_MAX];
	unsigned regime_count;
	struct regime regime[REGIME_MAX];
	unsigned tlb_count;
	struct tlb tlb[TLB_MAX];
	unsigned walk_count;
	struct walk walk[WALK_MAX];
	bool index_valid;
	unsigned tpage_count;
	struct walk tpage[TPAGE_MAX];
	/* interrupts */
	bool irt_foreign, foreign_iec;
	uint64_t irt;
	unsigned irt_count;
	bool irt_eime;
	struct irte irte[IRTE_MAX];
	/* chipset's write buffer, RWBF = 1 */
	unsigned buffered_count;
	struct buffered buffered[BUFFER_SLOTS];
};

struct model *vtd_m(unsigned n);

static inline uint64_t bits_get(uint64_t v, unsigned hi, unsigned lo)
{
	return (v >> lo) & (~(uint64_t)0 >> (63 - (hi - lo)));
}

static inline bool vtd_on(const struct model *m, uint32_t bit)
{
	return (m->gcmd & m->gsts & bit) != 0; /* on when it shows, off when it is asked for */
}

/* vtd_model.c */
uint64_t vtd_load(const struct model *m, uint64_t addr, enum view v);
bool vtd_view_has(const struct model *m, enum view v);
void vtd_buffer_flush(struct model *m);

/* vtd_regs.c */
void vtd_regs_reset(struct model *m);
uint64_t vtd_regs_read(void *ctx, uint64_t off, unsigned width);
void vtd_regs_write(void *ctx, uint64_t off, unsigned width, uint64_t v);

/* vtd_config.c: root and context entries, and what is cached of them */
void vtd_config_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after);
void vtd_config_scan(struct model *m);    /* translation was switched on, or another root table latched */
void vtd_config_inv(struct model *m, unsigned gran, uint16_t did, uint16_t sid, unsigned fm);
void vtd_tags_forget(struct model *m, int did); /* -1: all */
unsigned vtd_outcomes(struct model *m, sid_t sid, uint64_t iova, bool write, struct outcome *out);

/* vtd_tlb.c: translation tables and what is cached of them */
void vtd_tlb_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after);
void vtd_tlb_retire(struct model *m, const struct regime *r); /* no entry leads there any more: all stays cached */
void vtd_tlb_inv(struct model *m, unsigned gran, uint16_t did, uint64_t addr, bool leaf_only);
void vtd_translate(struct model *m, const struct regime *r, uint64_t iova, bool write, bool record,
		   struct outcome *out, unsigned *count);
void vtd_tlb_hits(struct model *m, uint16_t did, uint64_t iova, bool write, bool record, struct outcome *out,
		  unsigned *count);
void vtd_outcome_add(struct outcome *out, unsigned *count, struct outcome o);

/* vtd_irte.c */
void vtd_irte_store(struct model *m, uint64_t addr, uint64_t before, uint64_t after);
void vtd_irte_scan(struct model *m);
void vtd_irte_inv(struct model *m, bool all, uint32_t index, unsigned im);

/* vtd_queue.c */
void vtd_queue_run(struct model *m, unsigned most);
void vtd_queue_start(struct model *m);
void vtd_queue_tail(struct model *m, uint64_t v);
void vtd_ccmd_apply(struct model *m);
void vtd_iotlb_apply(struct model *m);

/* vtd_fault.c */
bool vtd_fault_record(struct model *m, sid_t sid, uint8_t reason, uint64_t info, bool read);
void vtd_fsts_raise(struct model *m, uint32_t bits);
uint32_t vtd_fsts(const struct model *m);
void vtd_fsts_write(struct model *m, uint32_t v);
void vtd_frcd_clear(struct model *m, unsigned i);
void vtd_fectl_write(struct model *m, uint32_t v);
void vtd_faults_foreign(struct model *m);
