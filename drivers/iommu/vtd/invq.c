/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invalidation: the queue, its positions, and every descriptor we ever send; the same by register for a unit
 * without a queue. Descriptors are only stored until vtd_inv_sync() hands all of them over with one register write
 * and waits for the status of a wait descriptor behind them [I4]. What found no room, was refused or not completed
 * in time makes every later sync fail: none must ever succeed in its place. Nothing waits longer than the unit's
 * timeout [I6].
 */
#include <arch/barrier.h>
#include <arch/cpu.h>
#include <arch/hwmem.h>
#include <arch/mmu.h>
#include <arch/time.h>
#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>

#include "vtd.h"

enum {
	DESC_WORDS = 2,
	DESC_SHIFT = 4,
	LAST_DESCS = 3,
	LAST_POLLS = 10000,
	STATUS_WORDS = 8, /* a cache line for each unit's status */
	STATUS_LAST = 1,  /* the second word of it is for vtd_inv_last() */
};

/* Queue and status are always coherent, whatever ECAP.C says of the tables [11.4.3]. */
static uint64_t queue_mem[UNIT_MAX][DESC_WORDS * QUEUE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint64_t status_mem[UNIT_MAX][STATUS_WORDS] __attribute__((aligned(64)));

/* For vtd_inv_last(): nobody's pen is ever in this one. */
static uint64_t last_mem[UNIT_MAX][DESC_WORDS * QUEUE_SIZE] __attribute__((aligned(PAGE_SIZE)));

int vtd_inv_fail(struct vtd *s, int error)
{
	s->usual = false;
	s->error = error;
	return error;
}

/* --- by register ------------------------------------------------------------------------------ */

/* granted: the granularity that was really done, 0 = none. */
static int register_inv(const struct vtd *s, reg64_t r, uint64_t v, uint64_t busy, uint64_t granted)
{
	arch_dma_wmb();
	if (vtd_wait64(s, r, busy, 0, WAIT_LONG) != 0) {
		return -BH_ETIMEDOUT;
	}
	reg_write64(s->base, r, v | busy);
	if (vtd_wait64(s, r, busy, 0, WAIT_LONG) != 0) {
		return -BH_ETIMEDOUT;
	}
	return (reg_read64(s->base, r) & granted) != 0 ? 0 : -BH_EIO;
}

static void register_context(struct vtd *s, uint64_t v)
{
	if (s->error == 0) {
		s->error = register_inv(s, VTD_CCMD, v, CCMD_ICC, CCMD_CAIG);
	}
}

static void register_iotlb(struct vtd *s, uint64_t granularity, uint64_t did, uint64_t address)
{
	reg64_t iotlb_reg = { s->iva_reg.off + 8 };

	if (s->error != 0) {
		return;
	}
	if (granularity == IIRG_PAGE) {
		reg_write64(s->base, s->iva_reg, address);
	}
	s->error = register_inv(s, iotlb_reg, FIELD(IOTLB_IIRG, granularity) | FIELD(IOTLB_DID, did) | s->iotlb_flags,
				IOTLB_IVT, IOTLB_IAIG);
}

/* --- the queue -------------------------------------------------------------------------------- */

static inline void desc_store(struct vtd *s, uint64_t w0, uint64_t w1)
{
	uint64_t *slot = &s->queue[(size_t)DESC_WORDS * s->tail];

	s->tail = (s->tail + 1) & (QUEUE_SIZE - 1);
	arch_hwmem_store(&slot[0], w0);
	arch_hwmem_store(&slot[1], w1);
}

/* Out of line. If no room is made, s->error keeps every later sync from succeeding. */
static __attribute__((noinline)) void push_full(struct vtd *s, uint64_t w0, uint64_t w1)
{
	if (vtd_inv_sync(s) == 0) {
		desc_store(s, w0, w1);
		s->room--;
	}
}

static inline void push(struct vtd *s, uint64_t w0, uint64_t w1)
{
	if (__builtin_expect(s->room == 0, 0)) {
		push_full(s, w0, w1);
		return;
	}
	desc_store(s, w0, w1);
	s->room--;
}

static inline bool wait_done(const struct vtd *s)
{
	return (uint32_t)arch_hwmem_load(s->status) == s->serial;
}

/* Out of line, as everything that the usual unmap does not need. */
static __attribute__((noinline)) int wait_slow(struct vtd *s)
{
	uint64_t deadline = arch_time_us() + s->timeout_us;

	while (!wait_done(s)) {
		if ((reg_peek32(s->base, VTD_FSTS) & (FSTS_IQE | FSTS_ICE | FSTS_ITE)) != 0 && !wait_done(s)) {
			return vtd_inv_fail(s, -BH_EIO);
		}
		/* The last look is after the deadline: being interrupted for long is not the unit's fault. */
		if (arch_time_us() > deadline && !wait_done(s)) {
			return vtd_inv_fail(s, -BH_ETIMEDOUT);
		}
		arch_cpu_relax();
	}
	return 0;
}

static inline int queue_sync(struct vtd *s)
{
	uint32_t serial = s->serial + 1;
	const uint64_t *status = s->status;

	s->serial = serial;
	desc_store(s, DESC_WAIT | WAIT0_SW | (uint64_t)serial << 32, arch_pa(status).v);
	s->room = QUEUE_SIZE - 2; /* when this is done, and nothing is pushed before that */
	arch_dma_wmb(); /* the descriptors, and every table change they are about, before IQT */
	reg_write64(s->base, VTD_IQT, (uint64_t)s->tail << DESC_SHIFT);
	/* Usually the unit is done by the time it is asked. */
	return __builtin_expect((uint32_t)arch_hwmem_load(status) == serial, 1) ? 0 : wait_slow(s);
}

/* Stores must have left the chipset's buffers before the unit is told about them [6.8]. */
static __attribute__((noinline)) int sync_slow(struct vtd *s)
{
	if (s->error == 0 && s->rwbf) {
		s->error = vtd_command(s, GCMD_WBF, true, WAIT_LONG);
	}
	return s->error != 0 || !s->qi ? s->error : queue_sync(s);
}

int vtd_inv_sync(struct vtd *s)
{
	return s->usual ? queue_sync(s) : sync_slow(s);
}

/* A queue is switched off when it is empty [6.5.2]; one that is stuck or of somebody else is not waited for long. */
int vtd_inv_stop(struct vtd *s, enum vtd_wait how)
{
	s->on = false;
	s->usual = false;
	if (!s->qi || (reg_read32(s->base, VTD_GSTS) & GCMD_QIE) == 0) {
		return 0;
	}
	(void)vtd_wait64(s, VTD_IQH, IQ_OFFSET, reg_read64(s->base, VTD_IQT) & IQ_OFFSET, WAIT_SHORT);
	return vtd_command(s, GCMD_QIE, false, how);
}

/* The queue is off. */
static int queue_on(const struct vtd *s, const uint64_t *queue, enum vtd_wait how)
{
	arch_dma_wmb();
	reg_write64(s->base, VTD_IQT, 0);
	reg_write64(s->base, VTD_IQA, arch_pa(queue).v);
	return vtd_command(s, GCMD_QIE, true, how);
}

int vtd_inv_start(struct vtd *s, unsigned id)
{
	s->queue = queue_mem[id];
	s->status = status_mem[id];
	s->tail = 0;
	s->room = QUEUE_SIZE - 2; /* a full queue looks empty; and the wait descriptor */
	s->serial = 0;
	s->error = 0;
	arch_hwmem_store(s->status, 0);
	if (s->qi) {
		reg_write32(s->base, VTD_IECTL, IECTL_IM);
		s->error = queue_on(s, s->queue, WAIT_LONG);
	}
	s->on = s->error == 0;
	s->usual = s->on && s->qi && s->psi && !s->rwbf;
	return s->error;
}

/* --- what is invalidated ---------------------------------------------------------------------- */

#define CONTEXT_GLOBAL (DESC_CONTEXT | (uint64_t)CIRG_GLOBAL << 4)
#define IOTLB_GLOBAL   ((uint64_t)IIRG_GLOBAL << 4) /* and iotlb_flags */

/* Translations are found through context entries: those first, and done. */
void vtd_inv_all(struct vtd *s)
{
	if (!s->qi) {
		register_context(s, FIELD(CCMD_CIRG, CIRG_GLOBAL));
		register_iotlb(s, IIRG_GLOBAL, 0, 0);
		return;
	}
	push(s, CONTEXT_GLOBAL, 0);
	if (vtd_inv_sync(s) == 0) {
		push(s, s->iotlb_flags | IOTLB_GLOBAL, 0);
	}
}

void vtd_inv_context(struct vtd *s, sid_t sid, uint16_t did)
{
	if (!s->qi) {
		register_context(s, FIELD(CCMD_CIRG, CIRG_DEVICE) | FIELD(CCMD_SID, sid) | FIELD(CCMD_DID, did));
		return;
	}
	push(s, DESC_CONTEXT | FIELD(CONTEXT0_G, CIRG_DEVICE) | FIELD(CONTEXT0_SID, sid) | FIELD(CONTEXT0_DID, did), 0);
}

void vtd_inv_domain(struct vtd *s, uint16_t did)
{
	if (!s->qi) {
		register_iotlb(s, IIRG_DOMAIN, did, 0);
		return;
	}
	push(s, s->iotlb_flags | FIELD(IOTLB0_G, IIRG_DOMAIN) | FIELD(IOTLB0_DID, did), 0);
}

/* Interrupt remapping exists only where the queue does. */
void vtd_inv_irte(struct vtd *s, uint32_t index)
{
	push(s, DESC_IEC | IEC0_G | FIELD(IEC0_IIDX, index), 0);
}

void vtd_inv_irte_all(struct vtd *s)
{
	push(s, DESC_IEC, 0);
}

void iommu_hw_inv_domain(struct iommu_unit *u, const struct iommu_domain *d)
{
	struct vtd *s = vtd_get(u);

	if (!u->failed && s->on) {
		vtd_inv_domain(s, d->id);
	}
}

/* address: the page, IH and AM, as the descriptor and IVA_REG have them. */
static inline void inv_pages(struct vtd *s, uint64_t did, uint64_t address)
{
	if (__builtin_expect(!s->qi, 0)) {
		register_iotlb(s, IIRG_PAGE, did, address);
		return;
	}
	push(s, s->iotlb_flags | (uint64_t)IIRG_PAGE << 4 | did << 16, address);
}

/* The address mask of the smallest naturally aligned block that holds both pages. */
static unsigned block_mask(uint64_t first, uint64_t last)
{
	return first == last ? 0 : 64 - (unsigned)__builtin_clzll(first ^ last);
}

/*
 * One naturally aligned block, unless a boundary in the middle of a small range would make it a large one: then one on
 * either side, each less than twice its part. Dropping more than was asked for costs table walks and harms nobody.
 */
static void inv_blocks(struct vtd *s, uint64_t did, const struct pt_change *c, uint64_t ih)
{
	uint64_t first = c->ia >> PAGE_SHIFT;
	uint64_t last = (c->ia + (c->size - 1)) >> PAGE_SHIFT;
	unsigned whole = block_mask(first, last);
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): more than one page, whole is not 0 */
	uint64_t middle = last & (~(uint64_t)0 << (whole - 1)); /* the highest boundary in the range */
	unsigned left = block_mask(first, middle - 1);
	unsigned right = block_mask(middle, last);

	if (left > s->mamv || right > s->mamv) {
		vtd_inv_domain(s, (uint16_t)did);
	} else if (whole <= s->mamv && last - first + 1 > BIT64(whole) / 4) {
		inv_pages(s, did, (first & (~(uint64_t)0 << whole)) << PAGE_SHIFT | ih | whole);
	} else {
		inv_pages(s, did, (first & (~(uint64_t)0 << left)) << PAGE_SHIFT | ih | left);
		inv_pages(s, did, (middle & (~(uint64_t)0 << right)) << PAGE_SHIFT | ih | right);
	}
}

static inline bool one_page(const struct pt_change *c)
{
	return ((c->ia ^ (c->ia + (c->size - 1))) & ~(uint64_t)PAGE_MASK) == 0;
}

/* Out of line: an unmap of one page need not save registers for it. */
static __attribute__((noinline)) void inv_other(struct iommu_unit *u, const struct iommu_domain *d,
						const struct pt_change *c)
{
	struct vtd *s = vtd_get(u);
	uint64_t ih = c->tables ? 0 : IOTLB1_IH;

	if (u->failed || !s->on || (!c->stale && !c->tables) || c->size == 0) {
		return;
	}
	if (!s->psi) {
		vtd_inv_domain(s, d->id);
	} else if (one_page(c)) {
		inv_pages(s, d->id, (c->ia & IOTLB1_ADDR) | ih);
	} else {
		inv_blocks(s, d->id, c, ih);
	}
}

void iommu_hw_inv_range(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_change *c)
{
	struct vtd *s = vtd_get(u);

	/* After a failure the unit is not a usual one any more. */
	if (s->usual && c->stale && one_page(c)) {
		push(s, s->iotlb_flags | (uint64_t)IIRG_PAGE << 4 | (uint64_t)d->id << 16,
		     (c->ia & IOTLB1_ADDR) | (c->tables ? 0 : IOTLB1_IH));
	} else {
		inv_other(u, d, c);
	}
}

int iommu_hw_sync(struct iommu_unit *u)
{
	struct vtd *s = vtd_get(u);

	if (s->usual) {
		return queue_sync(s);
	}
	return u->failed || !s->on ? -BH_EIO : sync_slow(s);
}

/* --- last resort ------------------------------------------------------------------------------ */

static bool register_last(const struct vtd *s)
{
	reg64_t iotlb_reg = { s->iva_reg.off + 8 };

	if (!s->registers || vtd_wait64(s, VTD_CCMD, CCMD_ICC, 0, WAIT_SHORT) != 0) {
		return false;
	}
	reg_write64(s->base, VTD_CCMD, CCMD_ICC | FIELD(CCMD_CIRG, CIRG_GLOBAL));
	if (vtd_wait64(s, VTD_CCMD, CCMD_ICC, 0, WAIT_SHORT) != 0 ||
	    (reg_read64(s->base, VTD_CCMD) & CCMD_CAIG) == 0 ||
	    vtd_wait64(s, iotlb_reg, IOTLB_IVT, 0, WAIT_SHORT) != 0) {
		return false;
	}
	reg_write64(s->base, iotlb_reg, IOTLB_IVT | FIELD(IOTLB_IIRG, IIRG_GLOBAL) | IOTLB_DR | IOTLB_DW);
	return vtd_wait64(s, iotlb_reg, IOTLB_IVT, 0, WAIT_SHORT) == 0 &&
	       (reg_read64(s->base, iotlb_reg) & IOTLB_IAIG) != 0;
}

static void last_fill(const struct vtd *s, uint64_t *queue, uint64_t status)
{
	const uint64_t w0[LAST_DESCS] = {
		CONTEXT_GLOBAL, s->iotlb_flags | IOTLB_GLOBAL, DESC_WAIT | WAIT0_SW | FIELD(WAIT0_DATA, 1),
	};
	size_t i;

	for (i = 0; i < LAST_DESCS; i++) {
		arch_hwmem_store(&queue[DESC_WORDS * i], w0[i]);
		arch_hwmem_store(&queue[DESC_WORDS * i + 1], i == LAST_DESCS - 1 ? status : 0);
	}
}

/*
 * A queue of its own: the other may be stuck, or another CPU may be writing in it. Whatever that one still stores into
 * IQT is an offset in this page, where only these descriptors are.
 */
static bool queue_last(const struct vtd *s, unsigned id)
{
	uint64_t *queue = last_mem[id];
	uint64_t *status = &status_mem[id][STATUS_LAST];
	unsigned i;

	arch_hwmem_store(status, 0);
	last_fill(s, queue, arch_pa(status).v);
	reg_ack32(s->base, VTD_FSTS, FSTS_IQE | FSTS_ICE | FSTS_ITE); /* with these a queue does not run */
	if (queue_on(s, queue, WAIT_SHORT) != 0) {
		return false;
	}
	reg_write64(s->base, VTD_IQT, (uint64_t)LAST_DESCS << DESC_SHIFT);
	for (i = 0; i < LAST_POLLS && arch_hwmem_load(status) == 0; i++) {
		(void)reg_read64(s->base, VTD_IQH); /* as slow as a device */
	}
	return arch_hwmem_load(status) != 0;
}

bool vtd_inv_last(struct vtd *s, unsigned id)
{
	(void)vtd_inv_fail(s, -BH_EIO);
	if (vtd_inv_stop(s, WAIT_SHORT) != 0) {
		return false; /* the registers do nothing while a queue is on */
	}
	return (s->qi && queue_last(s, id)) || (vtd_inv_stop(s, WAIT_SHORT) == 0 && register_last(s));
}
