/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers and the programmer's rules of the SMMUv3 model. Updates take a few looks to complete,
 * commands are worked on only while somebody looks at CMDQ_CONS, invalidations count when the CMD_SYNC behind
 * them is consumed, and an access the specification leaves unpredictable fails the test.
 */
#include "smmuv3_model.h"

#include <string.h>

#include "fake/fake.h"
#include "smmuv3_int.h"

enum { DELAY = 3, CMDS_PER_LOOK = 5, FOREIGN_LOG2 = 8 };

struct model smmuv3_models[SMMUV3_MODEL_MAX];
static uint64_t foreign_strtab[8 << FOREIGN_LOG2] __attribute__((aligned(64 << FOREIGN_LOG2)));
static void (*each_store_fn)(void *ctx);
static void *each_store_ctx;
static bool in_hook;

struct model *smmuv3_m(unsigned n)
{
	if (n >= SMMUV3_MODEL_MAX || !smmuv3_models[n].used) {
		fake_fail("no SMMU model %u", n);
	}
	return &smmuv3_models[n];
}

struct smmuv3_model_opts smmuv3_model_default(void)
{
	return (struct smmuv3_model_opts){
		.s1 = true, .s2 = true, .two_level = true, .coherent = true, .ril = true, .wide_ids = true,
		.sid_bits = 16, .cmdq_log2 = 19, .evtq_log2 = 19, .oas = 5, .ttf = 2, .ttendian = 2, .gran4k = true,
		.bbml = 2, .reset = SMMUV3_RESET_BYPASS,
	};
}

/* --- interrupts and errors --- */

void smmuv3_gerror_raise(struct model *m, uint32_t bits)
{
	uint32_t fresh = bits & ~(m->gerror ^ m->gerrorn);

	m->gerror ^= fresh;
	if (fresh != 0 && (m->irq_eff & 1)) {
		m->irqs[1]++;
	}
}

void smmuv3_model_gerror(unsigned n, uint32_t bits)
{
	smmuv3_gerror_raise(smmuv3_m(n), bits);
}

unsigned smmuv3_model_irqs(unsigned n, unsigned which)
{
	struct model *m = smmuv3_m(n);
	unsigned count = m->irqs[which];

	m->irqs[which] = 0;
	return count;
}

/* --- registers --- */

static void cr0_complete(struct model *m)
{
	uint32_t was = m->cr0_eff;
	uint64_t size = 64ull << bits_get(m->strtab_cfg, 5, 0);

	m->cr0_eff = m->cr0;
	if ((m->cr0 & 1) == 0 || (was & 1) != 0) {
		return;
	}
	if (bits_get(m->strtab_cfg, 17, 16) == 1) {
		if (!m->o.two_level || bits_get(m->strtab_cfg, 10, 6) != 8) {
			fake_fail("STRTAB_BASE_CFG %x: not a format this unit has", m->strtab_cfg);
		}
		size = 8ull << (bits_get(m->strtab_cfg, 5, 0) - 8);
	}
	if (bits_get(m->strtab_base, 51, 6) << 6 & (size - 1)) {
		fake_fail("STRTAB_BASE %lx is not aligned to its size", (unsigned long)m->strtab_base);
	}
	if (fake_unordered_count() != 0) {
		fake_fail("SMMUEN set before a barrier");
	}
	smmuv3_config_scan(m);
}

static void delays_run(struct model *m, uint64_t off)
{
	if (off == 0x44 && m->gbpa_delay > 0 && !m->inject.gbpa_stuck && --m->gbpa_delay == 0) {
		m->gbpa = m->gbpa_new;
	}
	if (off == 0x24 && m->cr0_delay > 0 && !m->inject.cr0ack_stuck && --m->cr0_delay == 0) {
		cr0_complete(m);
	}
	if (off == 0x54 && m->irq_delay > 0 && !m->inject.irqack_stuck && --m->irq_delay == 0) {
		m->irq_eff = m->irq_ctrl;
	}
}

static uint32_t idr0(const struct smmuv3_model_opts *o)
{
	uint32_t v = (o->s2 ? 1u : 0) | (o->s1 ? 2u : 0) | ((uint32_t)o->ttf << 2) | (o->coherent ? 1u << 4 : 0) |
		     (o->hyp ? 1u << 9 : 0) | (o->wide_ids ? (1u << 12) | (1u << 18) : 0) | (o->msi ? 1u << 13 : 0) |
		     ((uint32_t)o->ttendian << 21) | (1u << 24) | (1u << 26) | (o->two_level ? 1u << 27 : 0);

	return v ^ o->idr0_xor;
}

uint32_t smmuv3_model_reg32(unsigned n, uint64_t off)
{
	struct model *m = smmuv3_m(n);
	const struct smmuv3_model_opts *o = &m->o;

	switch (off) {
	case 0x00: return idr0(o);
	case 0x04: return (o->sid_bits | ((uint32_t)o->evtq_log2 << 16) | ((uint32_t)o->cmdq_log2 << 21)) ^ o->idr1_xor;
	case 0x0c: return (o->ril ? 1u << 10 : 0) | ((uint32_t)o->bbml << 11);
	case 0x14: return o->oas | (o->gran4k ? 1u << 4 : 0);
	case 0x20: return m->cr0;
	case 0x24: return m->cr0_eff;
	case 0x44: return o->no_gbpa ? 0 : m->gbpa | (m->gbpa_delay > 0 ? 1u << 31 : 0);
	case 0x50: return m->irq_ctrl;
	case 0x54: return m->irq_eff;
	case 0x60: return m->gerror;
	case 0x64: return m->gerrorn;
	case 0x98: return m->cmd_prod;
	case 0x9c: return m->cmd_cons;
	case 0x100a8: return m->evt_prod;
	case 0x100ac: return m->evt_cons;
	default: fake_fail("SMMU model %u: 32-bit read of register %lx", n, (unsigned long)off);
	}
}

void smmuv3_model_poke32(unsigned n, uint64_t off, uint32_t v)
{
	struct model *m = smmuv3_m(n);

	switch (off) {
	case 0x9c: m->cmd_cons = v; break;
	case 0x100a8: m->evt_prod = v; break;
	default: fake_fail("SMMU model %u: poke of register %lx", n, (unsigned long)off);
	}
}

static uint64_t model_read(void *ctx, uint64_t off, unsigned width)
{
	struct model *m = ctx;

	if (width != 4) {
		fake_fail("SMMU model %u: %u-byte read of %lx", m->n, width, (unsigned long)off);
	}
	delays_run(m, off);
	if (off == 0x9c) {
		smmuv3_cmds_run(m, CMDS_PER_LOOK);
	}
	return smmuv3_model_reg32(m->n, off);
}

static void only_if(const struct model *m, bool ok, const char *what)
{
	if (!ok) {
		fake_fail("SMMU model %u: %s (CR0 %x, CR0ACK %x)", m->n, what, m->cr0, m->cr0_eff);
	}
}

static bool off_bit(const struct model *m, uint32_t bit)
{
	return ((m->cr0 | m->cr0_eff) & bit) == 0;
}

static void write_gbpa(struct model *m, uint32_t v)
{
	if (m->o.no_gbpa || (v & (1u << 31)) == 0) {
		return;
	}
	only_if(m, m->gbpa_delay == 0, "GBPA written while UPDATE is set");
	m->gbpa_new = v & ~(1u << 31);
	m->gbpa_delay = DELAY;
}

static void write32(struct model *m, uint64_t off, uint32_t v)
{
	switch (off) {
	case 0x20:
		m->cr0 = v & 0x1f;
		m->cr0_delay = DELAY;
		return;
	case 0x28:
		only_if(m, off_bit(m, 1), "CR1 written while SMMUEN is set");
		m->cr1 = v;
		return;
	case 0x2c:
		only_if(m, off_bit(m, 1), "CR2 written while SMMUEN is set");
		m->cr2 = v;
		return;
	case 0x44:
		write_gbpa(m, v);
		return;
	case 0x50:
		m->irq_ctrl = v & 7;
		m->irq_delay = DELAY;
		return;
	case 0x64:
		m->gerrorn = v;
		if (((m->gerror ^ v) & 1) == 0) {
			m->cmd_stopped = false;
			m->cmd_cons &= 0xfffff;
		}
		return;
	case 0x88:
		only_if(m, off_bit(m, 1), "STRTAB_BASE_CFG written while SMMUEN is set");
		m->strtab_cfg = v;
		return;
	case 0x98:
		only_if(m, fake_unordered_count() == 0, "CMDQ_PROD written before a barrier");
		m->cmd_prod = v;
		return;
	case 0x9c:
		only_if(m, off_bit(m, 8), "CMDQ_CONS written while CMDQEN is set");
		m->cmd_cons = v;
		m->pending_count = 0;
		return;
	case 0x100a8:
		only_if(m, off_bit(m, 4), "EVENTQ_PROD written while EVENTQEN is set");
		m->evt_prod = v;
		return;
	case 0x100ac:
		m->evt_cons = v;
		return;
	default:
		fake_fail("SMMU model %u: 32-bit write of register %lx", m->n, (unsigned long)off);
	}
}

static void write64(struct model *m, uint64_t off, uint64_t v)
{
	switch (off) {
	case 0x68: case 0xb0:
		only_if(m, m->o.msi, "message register of a unit without messages written");
		*(off == 0x68 ? &m->gerror_cfg0 : &m->evtq_cfg0) = v;
		return;
	case 0x80:
		only_if(m, off_bit(m, 1), "STRTAB_BASE written while SMMUEN is set");
		m->strtab_base = v;
		return;
	case 0x90:
		only_if(m, off_bit(m, 8), "CMDQ_BASE written while CMDQEN is set");
		only_if(m, (v & 31) <= m->o.cmdq_log2, "command queue too large");
		only_if(m, (v & 0x000fffffffffffe0ull & ((16ull << (v & 31)) - 1)) == 0, "CMDQ_BASE not aligned");
		m->cmdq_base = v;
		return;
	case 0xa0:
		only_if(m, off_bit(m, 4), "EVENTQ_BASE written while EVENTQEN is set");
		only_if(m, (v & 31) <= m->o.evtq_log2, "event queue too large");
		only_if(m, (v & 0x000fffffffffffe0ull & ((32ull << (v & 31)) - 1)) == 0, "EVENTQ_BASE not aligned");
		m->evtq_base = v;
		return;
	default:
		fake_fail("SMMU model %u: 64-bit write of register %lx", m->n, (unsigned long)off);
	}
}

static void model_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
	if (width == 4) {
		write32(ctx, off, (uint32_t)v);
	} else if (width == 8) {
		write64(ctx, off, v);
	} else {
		fake_fail("SMMU model: %u-byte write of %lx", width, (unsigned long)off);
	}
}

/* --- what is stored to memory --- */

static void model_store(void *ctx, const uint64_t *p, uint64_t before, uint64_t after)
{
	struct model *m = ctx;
	uint64_t addr = (uint64_t)(uintptr_t)p;

	smmuv3_config_store(m, addr, before, after);
	smmuv3_tlb_store(m, addr, before, after);
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

void smmuv3_model_each_store(void (*fn)(void *ctx), void *ctx)
{
	each_store_fn = fn;
	each_store_ctx = ctx;
	in_hook = false;
	if (fn != NULL) {
		fake_store_hook_add(hook_store, NULL); /* after the models' own */
	}
}

/* --- creation --- */

static void foreign_owner(struct model *m)
{
	unsigned i;

	memset(foreign_strtab, 0, sizeof(foreign_strtab));
	for (i = 0; i < (1u << FOREIGN_LOG2); i++) {
		foreign_strtab[8 * i] = 1 | (4 << 1); /* V, Config = bypass */
	}
	m->cr0 = m->cr0_eff = 0xd;
	m->irq_ctrl = m->irq_eff = 5;
	m->strtab_base = (uint64_t)(uintptr_t)foreign_strtab;
	m->strtab_cfg = FOREIGN_LOG2;
	m->cr1 = 0xd75;
	m->cr2 = 2;
	m->gerror = 4; /* an error nobody looked at */
	m->foreign_cfg = true;
	m->foreign_tlb = true;
	m->foreign_el2 = m->o.hyp;
}

void smmuv3_model_create(unsigned n, uintptr_t base, const struct smmuv3_model_opts *o)
{
	struct model *m = &smmuv3_models[n];

	memset(m, 0, sizeof(*m));
	m->used = true;
	m->n = n;
	m->base = base;
	m->o = *o;
	m->gbpa = 0x1000 | (o->reset == SMMUV3_RESET_ABORT ? 1u << 20 : 0);
	if (o->reset == SMMUV3_RESET_FOREIGN) {
		foreign_owner(m);
	}
	each_store_fn = NULL;
	fake_mmio_add(base, SMMUV3_MODEL_SIZE, model_read, model_write, m);
	fake_store_hook_add(model_store, m);
}

struct smmuv3_model_inject *smmuv3_model_inject(unsigned n)
{
	return &smmuv3_m(n)->inject;
}

/* --- accesses --- */

static unsigned access_outcomes(struct model *m, sid_t sid, uint64_t iova, bool write, struct outcome *out)
{
	unsigned count = 0;

	/* While an update of CR0 or GBPA is under way the old value holds: it is the worse one for us. */
	if ((m->cr0_eff & 1) == 0) {
		bool abort = !m->o.no_gbpa && ((m->gbpa >> 20) & 1) != 0;

		smmuv3_outcome_add(out, &count, (struct outcome){ abort ? SMMUV3_DMA_BLOCKED : SMMUV3_DMA_BYPASS,
								 abort ? 0 : iova, 0, false });
		return count;
	}
	return smmuv3_outcomes(m, sid, iova, write, out);
}

/* The most permissive one; among equals the last, which is the newest view of the tables. */
static const struct outcome *worst(const struct outcome *out, unsigned count)
{
	const struct outcome *w = &out[0];
	unsigned i;

	for (i = 1; i < count; i++) {
		bool worse = w->kind == SMMUV3_DMA_BLOCKED || out[i].kind == SMMUV3_DMA_BYPASS;

		if ((worse && out[i].kind != w->kind) || (out[i].kind == w->kind && w->kind == SMMUV3_DMA_BLOCKED)) {
			w = &out[i];
		}
	}
	return w;
}

enum smmuv3_model_result smmuv3_model_peek(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t *pa_out)
{
	static struct outcome out[OUTCOME_MAX];
	const struct outcome *w;

	w = worst(out, access_outcomes(smmuv3_m(n), sid, iova, write, out));
	if (pa_out != NULL) {
		*pa_out = w->pa;
	}
	return w->kind;
}

enum smmuv3_model_result smmuv3_model_dma(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t *pa_out)
{
	static struct outcome out[OUTCOME_MAX];
	struct model *m = smmuv3_m(n);
	const struct outcome *w = worst(out, access_outcomes(m, sid, iova, write, out));
	uint64_t rec[4] = { w->event | ((uint64_t)sid << 32) };

	m->last_event = w->event;
	if (w->kind == SMMUV3_DMA_BLOCKED && w->event != 0 && w->record) {
		if (w->event >= 0x10) {
			rec[1] = (write ? 0 : 1ull << 35) | (2ull << 40);
			rec[2] = iova;
		}
		(void)smmuv3_model_event(n, rec);
	}
	if (pa_out != NULL) {
		*pa_out = w->pa;
	}
	return w->kind;
}

bool smmuv3_model_reaches(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t pa)
{
	static struct outcome out[OUTCOME_MAX];
	unsigned count = access_outcomes(smmuv3_m(n), sid, iova, write, out);
	unsigned i;

	for (i = 0; i < count; i++) {
		if (out[i].kind != SMMUV3_DMA_BLOCKED && out[i].pa == pa) {
			return true;
		}
	}
	return false;
}

bool smmuv3_model_certain(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t pa)
{
	static struct outcome out[OUTCOME_MAX];
	unsigned count = access_outcomes(smmuv3_m(n), sid, iova, write, out);
	unsigned i;

	for (i = 0; i < count; i++) {
		if (out[i].kind != SMMUV3_DMA_OK || out[i].pa != pa) {
			return false;
		}
	}
	return count > 0;
}

unsigned smmuv3_model_commands(unsigned n, uint8_t opcode)
{
	return smmuv3_m(n)->op_count[opcode];
}

unsigned smmuv3_model_last_event(unsigned n)
{
	return smmuv3_m(n)->last_event;
}

bool smmuv3_model_enabled(unsigned n)
{
	return (smmuv3_m(n)->cr0_eff & 1) != 0;
}
