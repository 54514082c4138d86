/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of the VT-d model [11.4] and the programmer's rules. Commands take a few looks to complete; switching
 * something on holds when it shows, switching it off when it is asked for. What the specification leaves undefined
 * fails the test.
 */
#include "vtd_int.h"

#include "fake/fake.h"

#define TOGGLES  (G_TE | G_EAFL | G_QIE | G_IRE | G_CFI)
#define ONE_SHOT (G_SRTP | G_SFL | G_WBF | G_SIRTP)

static void only_if(const struct model *m, bool ok, const char *what)
{
	if (!ok) {
		fake_fail("VT-d model %u: %s (commanded %x, GSTS %x)", m->n, what, m->gcmd, m->gsts);
	}
}

static uint64_t cap(const struct vtd_model_opts *o)
{
	uint64_t v = o->nd | (uint64_t)o->sagaw << 8 | (uint64_t)(o->mgaw - 1u) << 16 | (uint64_t)o->fro << 24 |
		     (uint64_t)o->sllps << 34 | (uint64_t)(o->nfr - 1u) << 40 | (uint64_t)o->mamv << 48;

	v |= (o->rwbf ? 1ull << 4 : 0) | (o->plmr ? 1ull << 5 : 0) | (o->phmr ? 1ull << 6 : 0) |
	     (o->cm ? 1ull << 7 : 0) | (1ull << 22) | (o->psi ? 1ull << 39 : 0) | (o->drain ? 3ull << 54 : 0) |
	     (o->esirtps ? 1ull << 62 : 0) | (o->esrtps ? 1ull << 63 : 0);
	return v ^ o->cap_xor;
}

static uint64_t ecap(const struct vtd_model_opts *o)
{
	uint64_t v = (uint64_t)o->iro << 8 | (uint64_t)o->mhmv << 20;

	v |= (o->coherent ? 1u : 0) | (o->qi ? 2u : 0) | (o->dt ? 4u : 0) | (o->ir ? 8u : 0) | (o->eim ? 16u : 0) |
	     (o->pt ? 64u : 0) | (o->sc ? 128u : 0);
	return v ^ o->ecap_xor;
}

/* --- commands --- */

static void root_latch(struct model *m)
{
	bool was_open = m->root_foreign && vtd_on(m, G_TE);

	only_if(m, bits_get(m->rtaddr, 11, 0) == 0 && m->rtaddr >> m->o.haw == 0 && m->rtaddr != 0, "RTADDR");
	vtd_buffer_flush(m);
	m->root = m->rtaddr;
	m->root_foreign = false;
	m->foreign_ctx = m->foreign_ctx || was_open; /* used until now, whatever was invalidated before */
	m->foreign_tlb = m->foreign_tlb || was_open;
	m->gsts |= G_SRTP;
	vtd_config_scan(m);
	if (m->o.esrtps) {
		vtd_config_inv(m, 1, 0, 0, 0);
		vtd_tlb_inv(m, 1, 0, 0, false);
	}
}

static void irt_latch(struct model *m)
{
	bool was_open = m->irt_foreign && vtd_on(m, G_IRE);
	unsigned count = 2u << (m->irta & 15);

	only_if(m, bits_get(m->irta, 10, 4) == 0 && m->irta >> m->o.haw == 0 && m->irta >> 12 != 0, "IRTA");
	only_if(m, (m->irta & (1 << 11)) == 0 || m->o.eim, "IRTA.EIME without ECAP.EIM");
	only_if(m, count <= IRTE_MAX, "more interrupt entries than the model follows");
	vtd_buffer_flush(m);
	m->irt = m->irta & ~0xfffull;
	m->irt_count = count;
	m->irt_eime = (m->irta & (1 << 11)) != 0;
	m->irt_foreign = false;
	m->foreign_iec = m->foreign_iec || was_open;
	m->gsts |= G_SIRTP;
	if (m->o.esirtps) {
		vtd_irte_inv(m, true, 0, 0);
	}
	if (vtd_on(m, G_IRE)) {
		vtd_irte_scan(m);
	}
}

static void command_complete(struct model *m)
{
	uint32_t bit = m->busy;

	m->changes++;
	m->busy = 0;
	if (bit == G_SRTP) {
		root_latch(m);
	} else if (bit == G_SIRTP) {
		irt_latch(m);
	} else if (bit == G_WBF) {
		m->gsts &= ~(uint32_t)G_WBF;
		vtd_buffer_flush(m);
	} else {
		m->gsts = (m->gsts & ~bit) | (m->gcmd & bit);
		if (bit == G_TE && vtd_on(m, G_TE) && !m->root_foreign) {
			vtd_config_scan(m);
		} else if (bit == G_QIE) {
			vtd_queue_start(m);
		} else if (bit == G_IRE && vtd_on(m, G_IRE)) {
			vtd_irte_scan(m);
		}
		if (!vtd_on(m, G_TE) && !vtd_on(m, G_IRE)) {
			m->fault_index = 0;
		}
	}
}

static void command_check(const struct model *m, uint32_t bit)
{
	bool on = (m->gcmd & bit) == 0; /* for the toggles: it is going to be on */

	switch (bit) {
	case G_TE:
		only_if(m, !on || (m->gsts & G_SRTP) != 0, "TE set without a root table");
		break;
	case G_IRE:
		only_if(m, m->o.ir && (!on || (m->gsts & G_SIRTP) != 0), "IRE set without a table");
		break;
	case G_QIE:
		only_if(m, m->o.qi, "QIE on a unit without queue");
		only_if(m, !on || m->iqt == 0, "QIE set while IQT is not 0");
		only_if(m, !on || (((m->ccmd | m->iotlb) >> 63) == 0 || m->inject.ccmd_never || m->inject.iotlb_never),
			"QIE set while an invalidation by register is under way");
		break;
	case G_WBF:
		only_if(m, m->o.rwbf, "WBF on a unit that does not need it");
		break;
	case G_SRTP:
		break;
	case G_SIRTP: case G_CFI:
		only_if(m, m->o.ir, "interrupt remapping command on a unit without it");
		break;
	default:
		only_if(m, false, "advanced fault logging is not there");
	}
	only_if(m, fake_unordered_count() == 0 || bit == G_WBF, "command before a barrier");
}

static void write_gcmd(struct model *m, uint32_t v)
{
	uint32_t bits = ((v ^ m->gcmd) & TOGGLES) | (v & ONE_SHOT);

	if (m->busy & m->inject.gsts_stuck) {
		m->busy = 0;
	}
	only_if(m, m->busy == 0, "GCMD written before the last command has shown in GSTS");
	if (bits == 0) {
		return;
	}
	only_if(m, (bits & (bits - 1)) == 0, "two commands in one write of GCMD, or a bit dropped that was on");
	command_check(m, bits);
	m->gcmd ^= bits & TOGGLES;
	m->gsts &= ~(bits & (G_SRTP | G_SIRTP)); /* cleared when set, set when done */
	m->gsts |= bits & G_WBF;
	m->busy = bits;
	m->busy_delay = DELAY;
}

/* --- time passes when somebody looks --- */

static void look(struct model *m, uint64_t off)
{
	if (off == 0x1c && m->busy != 0 && (m->busy & m->inject.gsts_stuck) == 0 && --m->busy_delay == 0) {
		command_complete(m);
	}
	if (off == 0x28 && m->ccmd_delay > 0 && !m->inject.ccmd_never && --m->ccmd_delay == 0) {
		vtd_ccmd_apply(m);
	}
	if (off == 16ull * m->o.iro + 8 && m->iotlb_delay > 0 && !m->inject.iotlb_never && --m->iotlb_delay == 0) {
		vtd_iotlb_apply(m);
	}
	if (off == 0x64 && m->pmr_delay > 0 && !m->inject.pmr_stuck && --m->pmr_delay == 0) {
		m->pmen = (m->pmen & (1u << 31)) | m->pmen >> 31;
		m->changes++;
	}
	vtd_queue_run(m, 2);
}

/* --- reads --- */

static bool frcd_index(const struct model *m, uint64_t off, unsigned *i)
{
	uint64_t base = 16ull * m->o.fro;

	*i = (unsigned)(off - base) / 16;
	return off >= base && off < base + 16ull * m->o.nfr;
}

uint32_t vtd_model_reg32(unsigned n, uint64_t off)
{
	struct model *m = vtd_m(n);
	unsigned i;

	if (frcd_index(m, off, &i)) {
		uint64_t w = (off & 8) != 0 ? m->frcd[i].hi : m->frcd[i].lo;

		return (uint32_t)((off & 4) != 0 ? w >> 32 : w);
	}
	switch (off) {
	case 0x00: return m->o.version;
	case 0x1c: return m->gsts;
	case 0x34: return vtd_fsts(m);
	case 0x38: return m->fectl;
	case 0x3c: return m->fedata;
	case 0x40: return m->feaddr;
	case 0x44: return m->feuaddr;
	case 0x64: return m->o.plmr || m->o.phmr ? m->pmen : 0;
	case 0x68: return m->plm[0];
	case 0x6c: return m->plm[1];
	case 0x9c: return m->ics;
	case 0xa0: return m->iectl;
	default: fake_fail("VT-d model %u: 32-bit read of register %lx", n, (unsigned long)off);
	}
}

uint64_t vtd_model_reg64(unsigned n, uint64_t off)
{
	struct model *m = vtd_m(n);
	unsigned i;

	if (frcd_index(m, off, &i)) {
		return (off & 8) != 0 ? m->frcd[i].hi : m->frcd[i].lo;
	}
	only_if(m, m->o.version < 0x60 || (off != 0x28 && off != 16ull * m->o.iro + 8), "no invalidation registers");
	if (off == 16ull * m->o.iro + 8) {
		return m->iotlb;
	}
	switch (off) {
	case 0x08: return cap(&m->o);
	case 0x10: return ecap(&m->o);
	case 0x20: return m->rtaddr;
	case 0x28: return m->ccmd;
	case 0x70: return m->phm[0];
	case 0x78: return m->phm[1];
	case 0x80: return m->iqh;
	case 0x88: return m->iqt;
	case 0x90: return m->iqa;
	case 0xb0: return 0;
	case 0xb8: return m->irta;
	default: fake_fail("VT-d model %u: 64-bit read of register %lx", n, (unsigned long)off);
	}
}

static void access(struct model *m)
{
	if (m->access_fn != NULL && !m->in_access) {
		m->in_access = true;
		m->access_fn(m->access_ctx);
		m->in_access = false;
	}
}

uint64_t vtd_regs_read(void *ctx, uint64_t off, unsigned width)
{
	struct model *m = ctx;

	access(m);
	look(m, off);
	if (width == 4) {
		return vtd_model_reg32(m->n, off);
	}
	if (width != 8) {
		fake_fail("VT-d model %u: %u-byte read of %lx", m->n, width, (unsigned long)off);
	}
	return vtd_model_reg64(m->n, off);
}

/* --- writes --- */

static void write32(struct model *m, uint64_t off, uint32_t v)
{
	unsigned i;

	if (frcd_index(m, off, &i)) {
		if ((off & 15) == 12 && (v >> 31) != 0) {
			vtd_frcd_clear(m, i);
		}
		return;
	}
	switch (off) {
	case 0x18: write_gcmd(m, v); return;
	case 0x34: vtd_fsts_write(m, v); return;
	case 0x38: vtd_fectl_write(m, v); return;
	case 0x3c: m->fedata = v; return;
	case 0x40: m->feaddr = v & ~3u; return;
	case 0x44: m->feuaddr = v; return;
	case 0x64:
		if ((m->o.plmr || m->o.phmr) && (v ^ m->pmen) >> 31 != 0) {
			m->pmen ^= 1u << 31;
			m->pmr_delay = DELAY;
		}
		return;
	case 0x68: case 0x6c:
		only_if(m, m->o.plmr && (m->pmen & 1) == 0, "PLMBASE, PLMLIMIT written while PRS is set");
		m->plm[off == 0x6c] = v;
		return;
	case 0x9c: m->ics &= ~(v & 1); return;
	case 0xa0: m->iectl = v & (1u << 31); return;
	default: fake_fail("VT-d model %u: 32-bit write of register %lx", m->n, (unsigned long)off);
	}
}

static void write_ccmd(struct model *m, uint64_t v)
{
	only_if(m, m->o.version < 0x60, "no CCMD");
	only_if(m, m->ccmd >> 63 == 0 || m->inject.ccmd_never || vtd_on(m, G_QIE), "CCMD written while ICC is set");
	only_if(m, fake_unordered_count() == 0, "CCMD written before a barrier");
	m->ccmd = v;
	m->ccmd_delay = v >> 63 != 0 && ((m->gcmd | m->gsts) & G_QIE) == 0 ? DELAY : 0;
}

static void write_iotlb(struct model *m, uint64_t v)
{
	only_if(m, m->o.version < 0x60, "no IOTLB_REG");
	only_if(m, m->iotlb >> 63 == 0 || m->inject.iotlb_never || vtd_on(m, G_QIE),
		"IOTLB_REG written while IVT is set");
	only_if(m, fake_unordered_count() == 0, "IOTLB_REG written before a barrier");
	m->iotlb = v;
	m->iotlb_delay = v >> 63 != 0 && ((m->gcmd | m->gsts) & G_QIE) == 0 ? DELAY : 0;
}

static void write64(struct model *m, uint64_t off, uint64_t v)
{
	unsigned i;

	if (frcd_index(m, off, &i)) {
		if ((off & 8) != 0 && v >> 63 != 0) {
			vtd_frcd_clear(m, i);
		}
		return;
	}
	if (off == 16ull * m->o.iro) {
		m->iva = v;
		return;
	}
	if (off == 16ull * m->o.iro + 8) {
		write_iotlb(m, v);
		return;
	}
	switch (off) {
	case 0x20: m->rtaddr = v; return;
	case 0x28: write_ccmd(m, v); return;
	case 0x70: case 0x78:
		only_if(m, m->o.phmr && (m->pmen & 1) == 0, "PHMBASE, PHMLIMIT written while PRS is set");
		m->phm[off == 0x78] = v;
		return;
	case 0x88: vtd_queue_tail(m, v); return;
	case 0x90:
		only_if(m, m->o.qi && ((m->gcmd | m->gsts) & G_QIE) == 0, "IQA written while QIES is set");
		only_if(m, bits_get(v, 11, 3) == 0 && v >> m->o.haw == 0, "IQA: reserved bits");
		only_if(m, (v & ~0xfffull & ((4096ull << (v & 7)) - 1)) == 0, "IQA is not aligned to the queue's size");
		m->iqa = v;
		return;
	case 0xb8:
		only_if(m, m->o.ir, "IRTA on a unit without interrupt remapping");
		m->irta = v;
		return;
	default: fake_fail("VT-d model %u: 64-bit write of register %lx", m->n, (unsigned long)off);
	}
}

void vtd_regs_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
	struct model *m = ctx;

	access(m);
	m->changes++;
	if (width == 4) {
		write32(m, off, (uint32_t)v);
	} else if (width == 8) {
		write64(m, off, v);
	} else {
		fake_fail("VT-d model %u: %u-byte write of %lx", m->n, width, (unsigned long)off);
	}
}

void vtd_regs_reset(struct model *m)
{
	m->fectl = 1u << 31;
	m->iectl = 1u << 31;
	m->feaddr = 0;
}
