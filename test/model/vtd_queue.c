/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invalidation queue and invalidation registers of the VT-d model [6.5]: which descriptors are legal, and when they
 * take effect: at the last moment, when the wait descriptor behind them writes its status. IQH has moved long before.
 */
#include "vtd_int.h"

#include "fake/fake.h"

enum { T_CC = 1, T_IOTLB, T_DEV, T_IEC, T_WAIT };

static uint32_t ring_bytes(const struct model *m)
{
	return 4096u << (m->iqa & 7);
}

void vtd_queue_start(struct model *m)
{
	m->iqh = 0;
	m->wait_delay = 0;
	m->pending_count = 0;
}

/* --- which descriptors are legal --- */

static bool wait_legal(struct pair d)
{
	if ((d.lo & 0x20) != 0 && (d.lo & 0x10) != 0) {
		fake_fail("wait descriptor with both SW and IF stops QEMU");
	}
	return (d.lo & 0x30) != 0 && bits_get(d.lo, 31, 7) == 0 && (d.hi & 3) == 0;
}

static bool legal(const struct model *m, struct pair d)
{
	unsigned gran = (unsigned)bits_get(d.lo, 5, 4);
	uint64_t did_bad = bits_get(d.lo, 31, 16) >> (4 + 2 * m->o.nd);

	switch (bits_get(d.lo, 11, 9) << 4 | bits_get(d.lo, 3, 0)) {
	case T_CC:
		return gran != 0 && did_bad == 0 && d.hi == 0 && bits_get(d.lo, 15, 6) == 0 &&
		       bits_get(d.lo, 63, 50) == 0;
	case T_IOTLB:
		return gran != 0 && did_bad == 0 && bits_get(d.lo, 15, 8) == 0 && bits_get(d.lo, 63, 32) == 0 &&
		       bits_get(d.hi, 11, 7) == 0 && (gran != 3 || (m->o.psi && (d.hi & 63) <= m->o.mamv));
	case T_IEC:
		return m->o.ir && d.hi == 0 && bits_get(d.lo, 26, 5) == 0 && bits_get(d.lo, 63, 48) == 0 &&
		       ((d.lo & 0x10) == 0 || bits_get(d.lo, 31, 27) <= m->o.mhmv);
	case T_WAIT:
		return wait_legal(d);
	default:
		return false; /* device-TLB, PASID, page request: nothing of this unit */
	}
}

/* --- what they do --- */

static void drain(struct model *m, bool reads, bool writes)
{
	if (reads || !m->o.drain) {
		m->in_flight[0] = 0;
	}
	if (writes || !m->o.drain) {
		m->in_flight[1] = 0;
	}
}

static void apply(struct model *m, struct pair d)
{
	unsigned gran = (unsigned)bits_get(d.lo, 5, 4);

	switch (d.lo & 15) {
	case T_CC:
		vtd_config_inv(m, gran, (uint16_t)(d.lo >> 16), (uint16_t)(d.lo >> 32),
			       (unsigned)bits_get(d.lo, 49, 48));
		break;
	case T_IOTLB:
		drain(m, (d.lo & 0x80) != 0, (d.lo & 0x40) != 0);
		vtd_tlb_inv(m, gran, (uint16_t)(d.lo >> 16), d.hi & ~0x40ull, (d.hi & 0x40) != 0);
		break;
	default:
		vtd_irte_inv(m, (d.lo & 0x10) == 0, (uint16_t)(d.lo >> 32), (unsigned)bits_get(d.lo, 31, 27));
		break;
	}
}

static void status_write(const struct model *m, struct pair d)
{
	uint64_t addr = d.hi & ~3ull;
	uint64_t word = fake_dev_load(addr & ~7ull, FAKE_VIEW_NEW);
	unsigned shift = (addr & 4) != 0 ? 32 : 0;

	(void)m;
	word = (word & ~(0xffffffffull << shift)) | (d.lo >> 32) << shift;
	fake_dev_store(addr & ~7ull, word, true);
}

static void wait_done(struct model *m, struct pair d)
{
	unsigned i;

	m->changes++;
	vtd_buffer_flush(m);
	for (i = 0; i < m->pending_count; i++) {
		apply(m, m->pending[i]);
	}
	m->pending_count = 0;
	if ((d.lo & 0x20) != 0) {
		status_write(m, d);
	} else {
		m->ics |= 1;
	}
}

/* True if the queue may go on. */
static bool fetched(struct model *m, struct pair d)
{
	if (m->inject.queue_error || !legal(m, d)) {
		m->inject.queue_error = false;
		vtd_fsts_raise(m, F_IQE);
		return false;
	}
	m->descs[d.lo & 15]++;
	m->descs[0]++;
	if ((d.lo & 15) == T_IOTLB) {
		m->iotlb_desc[m->iotlb_count++ % ARRAY_COUNT(m->iotlb_desc)] = d;
	}
	if ((d.lo & 15) != T_WAIT) {
		if (m->pending_count == PENDING_MAX) {
			fake_fail("too many descriptors without a wait descriptor");
		}
		m->pending[m->pending_count++] = d;
		return true;
	}
	m->wait_delay = DELAY;
	return true;
}

static void wait_fails(struct model *m)
{
	uint32_t bit = m->inject.ite ? F_ITE : F_ICE;

	m->inject.ite = m->inject.ice = false;
	m->wait_delay = 0;
	m->pending_count = 0; /* nobody knows whether they were done: the worse is assumed */
	vtd_fsts_raise(m, bit);
}

static struct pair desc_load(const struct model *m, uint32_t pos)
{
	uint64_t slot = (m->iqa & ~0xfffull) + pos;

	return (struct pair){ fake_dev_load(slot, FAKE_VIEW_NEW), fake_dev_load(slot + 8, FAKE_VIEW_NEW) };
}

/* Looks at the wait descriptor that is being worked on. True: done. */
static bool wait_look(struct model *m)
{
	uint32_t last = (m->iqh - 16) & (ring_bytes(m) - 1);

	if (m->inject.wait_never) {
		return false;
	}
	if (m->inject.ite || m->inject.ice) {
		wait_fails(m);
		return false;
	}
	if (--m->wait_delay == 0) {
		wait_done(m, desc_load(m, last));
		return true;
	}
	return false;
}

void vtd_queue_run(struct model *m, unsigned most)
{
	while (most-- > 0 && vtd_on(m, G_QIE) && (m->fsts & (F_IQE | F_ITE)) == 0) {
		if (m->wait_delay > 0) {
			(void)wait_look(m);
		} else if (m->iqh == m->iqt || !fetched(m, desc_load(m, m->iqh))) {
			return;
		} else {
			m->iqh = (m->iqh + 16) & (ring_bytes(m) - 1);
		}
	}
}

void vtd_queue_tail(struct model *m, uint64_t v)
{
	uint32_t mask = ring_bytes(m) - 1;
	uint32_t busy = (m->iqt - m->iqh) & mask;

	if (vtd_on(m, G_QIE) && fake_unordered_count() != 0) {
		fake_fail("IQT written before a barrier");
	}
	if ((v & ~0x7fff0ull) != 0 || v > mask) {
		vtd_fsts_raise(m, F_IQE); /* invalid tail */
		return;
	}
	if (vtd_on(m, G_QIE) && busy + (((uint32_t)v - m->iqt) & mask) >= ring_bytes(m)) {
		fake_fail("IQT overtakes IQH: a descriptor that has not been fetched is lost");
	}
	m->iqt = (uint32_t)v;
}

void vtd_model_run(unsigned n)
{
	vtd_queue_run(vtd_m(n), 1u << 20);
}

/* --- registers [11.4.5, 11.4.8.1]; only while the queue is off --- */

void vtd_ccmd_apply(struct model *m)
{
	unsigned gran = (unsigned)bits_get(m->ccmd, 62, 61);

	m->changes++;
	m->ccmd &= ~(1ull << 63 | 3ull << 59);
	if (gran == 0 || m->inject.refused) {
		return; /* CAIG = 0: dropped */
	}
	vtd_buffer_flush(m);
	vtd_config_inv(m, gran, (uint16_t)m->ccmd, (uint16_t)(m->ccmd >> 16), (unsigned)bits_get(m->ccmd, 33, 32));
	m->ccmd |= (uint64_t)gran << 59;
	m->reg_invs++;
}

void vtd_iotlb_apply(struct model *m)
{
	unsigned gran = (unsigned)bits_get(m->iotlb, 61, 60);

	m->changes++;
	m->iotlb &= ~(1ull << 63 | 3ull << 57);
	if (gran == 0 || m->inject.refused || (gran == 3 && (!m->o.psi || (m->iva & 63) > m->o.mamv))) {
		return; /* IAIG = 0: dropped */
	}
	vtd_buffer_flush(m);
	drain(m, ((m->iotlb >> 49) & 1) != 0, ((m->iotlb >> 48) & 1) != 0);
	vtd_tlb_inv(m, gran, (uint16_t)(m->iotlb >> 32), m->iva & ~0x40ull, (m->iva & 0x40) != 0);
	m->iotlb |= (uint64_t)gran << 57;
	m->reg_invs++;
}

unsigned vtd_model_reg_invs(unsigned n)
{
	return vtd_m(n)->reg_invs;
}

unsigned vtd_model_descs(unsigned n, uint8_t type)
{
	return vtd_m(n)->descs[type];
}

uint64_t vtd_model_iotlb_lo(unsigned n, unsigned back)
{
	const struct model *m = vtd_m(n);

	return m->iotlb_desc[(m->iotlb_count - 1 - back) % ARRAY_COUNT(m->iotlb_desc)].lo;
}

uint64_t vtd_model_iotlb_hi(unsigned n, unsigned back)
{
	const struct model *m = vtd_m(n);

	return m->iotlb_desc[(m->iotlb_count - 1 - back) % ARRAY_COUNT(m->iotlb_desc)].hi;
}
