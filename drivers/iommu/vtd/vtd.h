/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's own state, one struct vtd per unit, found by iommu_unit.id. Written under the unit's lock,
 * or before the unit is enabled.
 */
#pragma once

#include <hyp/iommu.h>
#include <hyp/types.h>

#include "regs.h"

enum {
	QUEUE_LOG2 = 8,     /* one page of descriptors */
	QUEUE_SIZE = 1 << QUEUE_LOG2,
	CONTEXT_TABLES = 8, /* context tables of all units: one per bus in use */
	TIMEOUT_FLOOR_US = 1000,
};

struct vtd {
	uintptr_t base;
	/* invalidation queue */
	uint64_t *queue;
	uint64_t *status;    /* the last wait descriptor that is done */
	uint64_t iotlb_flags; /* drain, where the unit can */
	uint32_t tail;       /* next free descriptor; ahead of IQT until the next sync */
	uint32_t room;       /* descriptors that may be stored before the next sync; one is kept for its wait */
	uint32_t serial;     /* of wait descriptors */
	int error;           /* sticky: something was refused or not done in time; no sync succeeds any more */
	bool on;             /* invalidations are possible: the queue is on, or the registers are used */
	bool usual;          /* by the queue, page-selective, no buffers to flush, nothing has failed: the short path */
	bool qi;
	bool registers;      /* there are invalidation registers, used if there is no queue */
	bool psi;
	uint8_t mamv;
	bool rwbf;
	bool coherent;
	uint32_t timeout_us;
	/* what the unit has */
	bool ir;
	bool plmr;
	bool phmr;
	uint8_t sagaw;
	uint16_t fault_count;
	reg64_t fault_reg;   /* the first record */
	reg64_t iva_reg;     /* IOTLB_REG is 8 bytes further */
	/* state */
	bool ir_on;
	uint16_t fault_next; /* where the next record is expected */
} __attribute__((aligned(64))); /* found by a shift */

struct entry { /* context entry, interrupt remapping table entry */
	uint64_t w[2];
};

/* unit.c */
extern struct vtd vtd_units[UNIT_MAX];

static inline struct vtd *vtd_get(const struct iommu_unit *u)
{
	CHECK(u->id < UNIT_MAX);
	return &vtd_units[u->id];
}

/* How long to wait for the unit: until its deadline, or, as the last resort, for some looks whatever the clock does. */
enum vtd_wait { WAIT_LONG, WAIT_SHORT };

int vtd_fail(struct iommu_unit *u); /* blocks everything; always -BH_EIO */
int vtd_wait32(const struct vtd *s, reg32_t r, uint32_t mask, uint32_t value, enum vtd_wait how);
int vtd_wait64(const struct vtd *s, reg64_t r, uint64_t mask, uint64_t value, enum vtd_wait how);
int vtd_command(const struct vtd *s, uint32_t bit, bool set, enum vtd_wait how) __must_check; /* one of GCMD */

/* invq.c; what cannot be done at once is queued, what fails shows in vtd_inv_sync() */
int vtd_inv_stop(struct vtd *s, enum vtd_wait how) __must_check; /* whoever's queue it is */
int vtd_inv_start(struct vtd *s, unsigned id) __must_check;
void vtd_inv_all(struct vtd *s); /* every cached context entry and translation */
void vtd_inv_context(struct vtd *s, sid_t sid, uint16_t did);
void vtd_inv_domain(struct vtd *s, uint16_t did);
void vtd_inv_irte(struct vtd *s, uint32_t index);
void vtd_inv_irte_all(struct vtd *s);
int vtd_inv_sync(struct vtd *s) __must_check;
int vtd_inv_fail(struct vtd *s, int error); /* every later sync fails; always error */
bool vtd_inv_last(struct vtd *s, unsigned id); /* last resort: all that is cached; true: it is gone */

/* context.c */
void vtd_context_init(struct vtd *s, unsigned id);  /* empty */
pa_t vtd_root(unsigned id);
void vtd_context_clear(struct vtd *s, unsigned id); /* every root entry not present, at once */
uint64_t *vtd_context_find(unsigned id, sid_t sid); /* NULL: no table there */
void vtd_word_write(const struct vtd *s, uint64_t *to, uint64_t v);

/* irte.c */
const char *vtd_irte_start(struct vtd *s, unsigned id); /* every entry blocked, remapping on; NULL or what failed */

/* fault.c */
void vtd_fault_init(struct vtd *s);                         /* no event; whatever was recorded is gone */
void vtd_fault_start(struct vtd *s, const struct iommu_unit *u); /* events on */

/* fmt.c */
const struct pgtable_fmt *vtd_fmt(uint64_t sllps); /* CAP.SLLPS */
