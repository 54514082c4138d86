/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VT-d model's surface: creation with what a previous owner left, what is stored to memory, and the two questions
 * "what can this device reach?" and, in vtd_irte.c, "what can this requester raise?".
 */
#include "vtd_model.h"

#include <string.h>

#include "fake/fake.h"
#include "vtd_int.h"

enum { FOREIGN_RING = 4096, FOREIGN_SID = 0x1234 };

#define PMR_BASE 0x7000000u

static struct model models[VTD_MODEL_MAX];
static uint64_t foreign_ring[FOREIGN_RING / 8] __attribute__((aligned(4096)));
static void (*each_store_fn)(void *ctx);
static void *each_store_ctx;
static bool in_hook;

struct model *vtd_m(unsigned n)
{
	if (n >= VTD_MODEL_MAX || !models[n].used) {
		fake_fail("no VT-d model %u", n);
	}
	return &models[n];
}

struct vtd_model_opts vtd_model_default(void)
{
	return (struct vtd_model_opts){
		.version = 0x10, .sagaw = 6, .mgaw = 48, .haw = 48, .sllps = 3, .nd = 6, .nfr = 1, .mamv = 18,
		.mhmv = 15, .fro = 0x22, .iro = 0xf, .psi = true, .drain = true, .qi = true, .ir = true, .pt = true,
	};
}

struct vtd_model_inject *vtd_model_inject(unsigned n)
{
	return &vtd_m(n)->inject;
}

/* --- memory as the unit sees it --- */

static struct buffered *buffer_slot(const struct model *m, uint64_t addr)
{
	unsigned i = (unsigned)((addr >> 3) * 0x9e3779b1u) % BUFFER_SLOTS;

	while (m->buffered[i].addr != 0 && m->buffered[i].addr != addr) {
		i = (i + 1) % BUFFER_SLOTS;
	}
	return (struct buffered *)(uintptr_t)&m->buffered[i];
}

bool vtd_view_has(const struct model *m, enum view v)
{
	return (v != VIEW_STALE || !m->o.coherent) && (v != VIEW_BUFFERED || m->o.rwbf);
}

uint64_t vtd_load(const struct model *m, uint64_t addr, enum view v)
{
	static const enum fake_view views[VIEW_COUNT] = {
		FAKE_VIEW_NEW, FAKE_VIEW_WEAK, FAKE_VIEW_STALE, FAKE_VIEW_NEW,
	};

	if (addr < 4096) {
		fake_fail("VT-d model %u: a table at address %lx", m->n, (unsigned long)addr);
	}
	if (v == VIEW_BUFFERED && buffer_slot(m, addr)->addr != 0) {
		return buffer_slot(m, addr)->old;
	}
	return fake_dev_load(addr, views[v]);
}

static void model_store(void *ctx, const uint64_t *p, uint64_t before, uint64_t after)
{
	struct model *m = ctx;
	uint64_t addr = (uint64_t)(uintptr_t)p;
	struct buffered *b;

	m->changes++;
	if (m->o.rwbf) {
		b = buffer_slot(m, addr);
		if (b->addr == 0) {
			if (++m->buffered_count > BUFFER_SLOTS / 2) {
				fake_fail("the chipset's write buffer is full");
			}
			*b = (struct buffered){ addr, before };
		}
	}
	vtd_config_store(m, addr, before, after);
	vtd_irte_store(m, addr, before, after);
	vtd_tlb_store(m, addr, before, after);
}

/* Old values went into the caches when they were stored over; whatever empties a cache comes after this. */
void vtd_buffer_flush(struct model *m)
{
	if (m->buffered_count != 0) {
		memset(m->buffered, 0, sizeof(m->buffered));
		m->buffered_count = 0;
	}
}

static void hook_store(void *ctx, const uint64_t *p, uint64_t before, uint64_t after)
{
	(void)ctx;
	(void)p;
	(void)before;
	(void)after;
	if (each_store_fn != NULL && !in_hook) {
		in_hook = true;
		each_store_fn(each_store_ctx);
		in_hook = false;
	}
}

void vtd_model_each_store(void (*fn)(void *ctx), void *ctx)
{
	each_store_fn = fn;
	each_store_ctx = ctx;
	in_hook = false;
	if (fn != NULL) {
		fake_store_hook_add(hook_store, NULL); /* after the models' own */
	}
}

void vtd_model_each_access(unsigned n, void (*fn)(void *ctx), void *ctx)
{
	struct model *m = vtd_m(n);

	m->access_fn = fn;
	m->access_ctx = ctx;
	m->in_access = false;
}

static void model_load(void *ctx)
{
	vtd_queue_run(ctx, 2);
}

/* --- creation --- */

static void foreign_queue(struct model *m)
{
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(foreign_ring); i++) {
		foreign_ring[i] = 0xabadcafe0000000full + 0x1000 * i;
	}
	m->gcmd |= G_QIE;
	m->iqa = (uint64_t)(uintptr_t)foreign_ring;
	m->iqh = 0x30;
	m->iqt = 0x80;
	if (m->o.left & VTD_LEFT_IQE) {
		m->fsts |= F_IQE;
	}
}

static void foreign_owner(struct model *m)
{
	unsigned left = m->o.left;

	if (left & VTD_LEFT_TE) {
		m->gcmd |= G_TE;
		m->gsts |= G_SRTP;
		m->rtaddr = 0x123000;
		m->root_foreign = true;
	}
	if ((left & VTD_LEFT_QI) && m->o.qi) {
		foreign_queue(m);
	}
	if ((left & VTD_LEFT_PMR) && (m->o.plmr || m->o.phmr)) {
		m->pmen = (1u << 31) | 1;
		m->plm[0] = m->plm[1] = PMR_BASE;
	}
	if (m->o.ir && (left & VTD_LEFT_IR)) {
		m->gcmd |= G_IRE;
		m->gsts |= G_SIRTP;
		m->irta = 0x456007;
		m->irt_foreign = true;
	}
	if (m->o.ir && (left & VTD_LEFT_CFI)) {
		m->gcmd |= G_CFI;
	}
	m->gsts |= m->gcmd;
	if (left & VTD_LEFT_FAULTS) {
		vtd_faults_foreign(m);
	}
}

void vtd_model_create(unsigned n, uintptr_t base, const struct vtd_model_opts *o)
{
	struct model *m = &models[n];

	memset(m, 0, sizeof(*m));
	m->used = true;
	m->n = n;
	m->o = *o;
	if (m->o.nfr < 1 || m->o.nfr > FRCD_MAX) {
		fake_fail("1 to %u fault records", FRCD_MAX);
	}
	m->foreign_ctx = m->foreign_tlb = m->foreign_iec = true; /* somebody may have used it before */
	vtd_regs_reset(m);
	foreign_owner(m);
	each_store_fn = NULL;
	fake_mmio_add(base, VTD_MODEL_SIZE, vtd_regs_read, vtd_regs_write, m);
	fake_store_hook_add(model_store, m);
	fake_load_hook_add(model_load, m);
}

/* --- accesses --- */

/* Protected memory regions block what would reach them, translated or not [11.4.13]. */
static void pmr_apply(const struct model *m, struct outcome *out, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		if ((m->pmen & 1) != 0 && out[i].kind != VTD_DMA_BLOCKED && out[i].pa >> 21 == PMR_BASE >> 21) {
			out[i] = (struct outcome){ VTD_DMA_BLOCKED, 0, 0, false };
		}
	}
}

static unsigned access_outcomes(struct model *m, sid_t sid, uint64_t iova, bool write, struct outcome *out)
{
	unsigned count = 0;

	if (iova >> 20 == 0xfee) {
		/* An interrupt request, or nothing at all: see vtd_model_msi(). */
		vtd_outcome_add(out, &count, (struct outcome){ VTD_DMA_BLOCKED, 0, 0, false });
		return count;
	}
	if (!vtd_on(m, G_TE)) {
		vtd_outcome_add(out, &count, (struct outcome){ VTD_DMA_BYPASS, iova, 0, false });
	} else {
		count = vtd_outcomes(m, sid, iova, write, out);
	}
	pmr_apply(m, out, count);
	return count;
}

/* The most permissive one; among equals the last, which is the newest view of the tables. */
static const struct outcome *worst(const struct outcome *out, unsigned count)
{
	const struct outcome *w = &out[0];
	unsigned i;

	for (i = 1; i < count; i++) {
		bool worse = w->kind == VTD_DMA_BLOCKED || out[i].kind == VTD_DMA_BYPASS;

		if ((worse && out[i].kind != w->kind) || (out[i].kind == w->kind && w->kind == VTD_DMA_BLOCKED)) {
			w = &out[i];
		}
	}
	return w;
}

enum vtd_model_result vtd_model_peek(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t *pa_out)
{
	static struct outcome out[OUTCOME_MAX];
	const struct outcome *w;

	w = worst(out, access_outcomes(vtd_m(n), sid, iova, write, out));
	if (pa_out != NULL) {
		*pa_out = w->pa;
	}
	return w->kind;
}

enum vtd_model_result vtd_model_dma(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t *pa_out)
{
	static struct outcome out[OUTCOME_MAX];
	struct model *m = vtd_m(n);
	const struct outcome *w = worst(out, access_outcomes(m, sid, iova, write, out));

	m->last_fault = w->reason;
	if (w->kind == VTD_DMA_BLOCKED && w->reason != 0 && w->record) {
		(void)vtd_fault_record(m, sid, w->reason, iova, !write);
	}
	if (pa_out != NULL) {
		*pa_out = w->pa;
	}
	return w->kind;
}

bool vtd_model_reaches(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t pa)
{
	static struct outcome out[OUTCOME_MAX];
	unsigned count = access_outcomes(vtd_m(n), sid, iova, write, out);
	unsigned i;

	for (i = 0; i < count; i++) {
		if (out[i].kind != VTD_DMA_BLOCKED && out[i].pa == pa) {
			return true;
		}
	}
	return false;
}

bool vtd_model_certain(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t pa)
{
	static struct outcome out[OUTCOME_MAX];
	unsigned count = access_outcomes(vtd_m(n), sid, iova, write, out);
	unsigned i;

	for (i = 0; i < count; i++) {
		if (out[i].kind != VTD_DMA_OK || out[i].pa != pa) {
			return false;
		}
	}
	return count > 0;
}

void vtd_model_posted(unsigned n, bool write)
{
	vtd_m(n)->in_flight[write]++;
}

unsigned vtd_model_in_flight(unsigned n)
{
	return vtd_m(n)->in_flight[0] + vtd_m(n)->in_flight[1];
}

uint64_t vtd_model_pmr(unsigned n)
{
	(void)vtd_m(n);
	return PMR_BASE;
}

unsigned vtd_model_changes(unsigned n)
{
	return vtd_m(n)->changes;
}

bool vtd_model_enabled(unsigned n)
{
	return vtd_on(vtd_m(n), G_TE);
}

bool vtd_model_remapping(unsigned n)
{
	return vtd_on(vtd_m(n), G_IRE);
}
