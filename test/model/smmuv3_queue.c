/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queues of the SMMUv3 model: which commands are legal, and when they take effect (when the CMD_SYNC
 * behind them is consumed); event records, their interrupt on the first one only, and the two ways to overflow.
 */
#include "smmuv3_int.h"

#include "fake/fake.h"

/* --- event queue --- */

bool smmuv3_model_event(unsigned n, const uint64_t w[4])
{
	struct model *m = smmuv3_m(n);
	uint32_t size = 1u << (m->evtq_base & 31);
	uint32_t used = ((m->evt_prod & 0xfffff) - (m->evt_cons & 0xfffff)) & (2 * size - 1);
	uint64_t slot = (m->evtq_base & 0x000fffffffffffe0ull) + 32ull * (m->evt_prod & (size - 1));
	unsigned i;

	if ((m->cr0_eff & 4) == 0) {
		return false;
	}
	if (used >= size) {
		if (m->inject.abt_not_ovflg) {
			smmuv3_gerror_raise(m, 4);
		} else if (((m->evt_prod ^ m->evt_cons) >> 31) == 0) {
			m->evt_prod ^= 1u << 31;
		}
		return false;
	}
	for (i = 0; i < 4; i++) {
		fake_dev_store(slot + 8 * i, w[i], m->o.coherent && bits_get(m->cr1, 1, 0) != 0);
	}
	m->evt_prod = (m->evt_prod & (1u << 31)) | ((m->evt_prod + 1) & (2 * size - 1));
	if (used == 0 && (m->irq_eff & 4)) {
		m->irqs[0]++;
	}
	return true;
}

/* --- command queue --- */

static bool cmd_legal(const struct model *m, uint8_t op, uint64_t w0, uint64_t w1)
{
	uint64_t tg = bits_get(w1, 11, 10);
	uint64_t num_scale = bits_get(w0, 16, 12) | bits_get(w0, 24, 20);

	switch (op) {
	case 0x03: case 0x04: case 0x06: case 0x30: case 0x46:
		return true;
	case 0x11:
		return m->o.s1;
	case 0x20:
		return m->o.hyp;
	case 0x28:
		return m->o.s2;
	case 0x12: case 0x2a:
		if (op == 0x12 ? !m->o.s1 : !m->o.s2) {
			return false;
		}
		if (tg == 0) {
			return num_scale == 0 && bits_get(w1, 9, 8) == 0;
		}
		return m->o.ril && tg == 1 && (num_scale != 0 || bits_get(w1, 9, 8) != 0) && bits_get(w0, 24, 20) <= 39;
	default:
		return false;
	}
}

static void cmd_apply(struct model *m, const struct pending *p)
{
	switch (p->op) {
	case 0x03:
		smmuv3_config_forget(m, false, (sid_t)(p->w0 >> 32), (p->w1 & 1) == 0, true, false);
		break;
	case 0x04:
		smmuv3_config_forget(m, true, 0, true, true, true);
		break;
	case 0x06:
		smmuv3_config_forget(m, false, (sid_t)(p->w0 >> 32), false, false, true);
		break;
	default:
		smmuv3_tlb_inv(m, p);
		break;
	}
}

/* True if the command was consumed. */
static bool cmd_one(struct model *m, uint64_t w0, uint64_t w1)
{
	uint8_t op = (uint8_t)w0;
	unsigned i;

	if (m->inject.cmd_error || !cmd_legal(m, op, w0, w1)) {
		m->inject.cmd_error = false;
		m->cmd_stopped = true;
		m->cmd_cons = (m->cmd_cons & 0xfffff) | (1u << 24);
		smmuv3_gerror_raise(m, 1);
		return false;
	}
	if (op == 0x46 && m->inject.sync_never) {
		return false;
	}
	m->op_count[op]++;
	m->op_count[0]++;
	if (op != 0x46) {
		if (m->pending_count == PENDING_MAX) {
			fake_fail("too many commands without CMD_SYNC");
		}
		m->pending[m->pending_count++] = (struct pending){ op, w0, w1 };
		return true;
	}
	for (i = 0; i < m->pending_count; i++) {
		cmd_apply(m, &m->pending[i]);
	}
	m->pending_count = 0;
	return true;
}

void smmuv3_cmds_run(struct model *m, unsigned most)
{
	uint32_t size = 1u << (m->cmdq_base & 31);
	uint32_t mask = 2 * size - 1;
	bool snoops = m->o.coherent && bits_get(m->cr1, 1, 0) != 0;

	if (m->base == 0 || (m->cr0_eff & 8) == 0) {
		return;
	}
	if ((((m->cmd_prod - m->cmd_cons) & mask)) > size) {
		fake_fail("CMDQ_PROD %x overtakes CMDQ_CONS %x", m->cmd_prod, m->cmd_cons);
	}
	while (most-- > 0 && !m->cmd_stopped && (m->cmd_cons & mask) != (m->cmd_prod & mask)) {
		uint64_t slot = (m->cmdq_base & 0x000fffffffffffe0ull) + 16ull * (m->cmd_cons & (size - 1));
		enum fake_view view = snoops ? FAKE_VIEW_NEW : FAKE_VIEW_STALE;

		if (!cmd_one(m, fake_dev_load(slot, view), fake_dev_load(slot + 8, view))) {
			return;
		}
		m->cmd_cons = (m->cmd_cons + 1) & mask;
	}
}

void smmuv3_model_run(unsigned n)
{
	smmuv3_cmds_run(smmuv3_m(n), ~0u);
}
