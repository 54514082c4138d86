/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault recording registers and the fault event of the VT-d model: primary fault logging [7.2.1] with its index that
 * nobody can read, folding of faults of one source, PFO, and the event message that is sent only when nothing was
 * pending before [7.3].
 */
#include "vtd_int.h"

#include "fake/fake.h"

enum { IM = 31, IP = 30 };

#define FRCD_F (1ull << 63)

static bool any_record(const struct model *m)
{
	unsigned i;

	for (i = 0; i < m->o.nfr; i++) {
		if (m->frcd[i].hi & FRCD_F) {
			return true;
		}
	}
	return false;
}

uint32_t vtd_fsts(const struct model *m)
{
	return m->fsts | (any_record(m) ? F_PPF | (m->fri << 8) : 0);
}

static void message_send(struct model *m)
{
	m->fectl &= ~(1u << IP);
	m->irqs++;
	m->msg_addr = m->feaddr | (uint64_t)m->feuaddr << 32;
	m->msg_data = m->fedata;
	if (m->msg_addr >> 20 != 0xfee) {
		fake_fail("VT-d model %u: fault event message to %lx", m->n, (unsigned long)m->msg_addr);
	}
}

/* A condition has appeared; was: some other was pending already. */
static void event(struct model *m, bool was)
{
	if (was) {
		return;
	}
	if (m->fectl & (1u << IM)) {
		m->fectl |= 1u << IP;
	} else {
		message_send(m);
	}
}

static bool conditions(const struct model *m)
{
	return m->fsts != 0 || any_record(m);
}

void vtd_fsts_raise(struct model *m, uint32_t bits)
{
	bool was = conditions(m);

	if ((bits & ~m->fsts) != 0) {
		m->fsts |= bits;
		event(m, was);
	}
}

bool vtd_fault_record(struct model *m, sid_t sid, uint8_t reason, uint64_t info, bool read)
{
	bool was = conditions(m);
	unsigned i;

	m->last_fault = reason;
	if (m->fsts & F_PFO) {
		return false;
	}
	for (i = 0; i < m->o.nfr && !m->o.no_compress; i++) {
		if ((m->frcd[i].hi & FRCD_F) && (m->frcd[i].hi & 0xffff) == (sid & 0xffff)) {
			return false;
		}
	}
	if (m->frcd[m->fault_index].hi & FRCD_F) {
		vtd_fsts_raise(m, F_PFO);
		return false;
	}
	if (!any_record(m)) {
		m->fri = m->fault_index;
	}
	m->frcd[m->fault_index].lo = info & ~0xfffull;
	m->frcd[m->fault_index].hi = FRCD_F | (read ? 1ull << 62 : 0) | (uint64_t)reason << 32 | (sid & 0xffff);
	m->fault_index = (m->fault_index + 1) % m->o.nfr;
	event(m, was);
	return true;
}

/* Everything has been serviced: a message that was held back is not needed any more. */
static void serviced(struct model *m)
{
	if (!conditions(m)) {
		m->fectl &= ~(1u << IP);
	}
}

void vtd_fsts_write(struct model *m, uint32_t v)
{
	m->fsts &= ~(v & (F_PFO | F_IQE | F_ICE | F_ITE));
	serviced(m);
}

/* The rest of the record stays as it was: it means nothing now. */
void vtd_frcd_clear(struct model *m, unsigned i)
{
	m->frcd[i].hi &= ~FRCD_F;
	serviced(m);
}

void vtd_fectl_write(struct model *m, uint32_t v)
{
	m->fectl = (m->fectl & (1u << IP)) | (v & (1u << IM));
	if ((m->fectl & (1u << IM)) == 0 && (m->fectl & (1u << IP)) != 0) {
		message_send(m);
	}
}

void vtd_faults_foreign(struct model *m)
{
	unsigned i;

	for (i = 0; i < m->o.nfr; i++) {
		m->frcd[i].lo = 0xdead0000 + 0x1000 * i;
		m->frcd[i].hi = FRCD_F | 6ull << 32 | (0x666 + i);
	}
	m->fsts |= F_PFO;
	m->fault_index = m->o.nfr / 2;
	m->fri = m->fault_index;
	m->fectl = 0;
	m->feaddr = 0xfee0f000;
	m->fedata = 0xee;
}

bool vtd_model_fault(unsigned n, sid_t sid, uint8_t reason, uint64_t info, bool read)
{
	return vtd_fault_record(vtd_m(n), sid, reason, info, read);
}

void vtd_model_error(unsigned n, uint32_t fsts)
{
	vtd_fsts_raise(vtd_m(n), fsts);
}

unsigned vtd_model_irqs(unsigned n)
{
	struct model *m = vtd_m(n);
	unsigned count = m->irqs;

	m->irqs = 0;
	return count;
}

uint64_t vtd_model_msg_addr(unsigned n)
{
	return vtd_m(n)->msg_addr;
}

uint32_t vtd_model_msg_data(unsigned n)
{
	return vtd_m(n)->msg_data;
}

unsigned vtd_model_last_fault(unsigned n)
{
	return vtd_m(n)->last_fault;
}
