/* SPDX-License-Identifier: Apache-2.0 */
/* CPU interfaces of the GICv3 model: physical, hypervisor control, and the guest's. */
#include "gic_model.h"

#include <asm/gic_sysreg.h>
#include <asm/gicv3_regs.h>

#include "fake/fake.h"

static struct gic_model_cpu *me(void)
{
	return &gic_model.cpu[fake_cpu];
}

static unsigned state_of(uint64_t lr)
{
	return (unsigned)(lr >> 62);
}

/* --- physical --- */

static bool maintenance(const struct gic_model_cpu *c)
{
	unsigned used = 0;

	for (unsigned n = 0; n < gic_model.lr_count; n++) {
		used += state_of(c->lr[n]) != 0;
	}
	return (c->hcr & ICH_HCR_En) != 0 && (c->eisr_lr != 0 || ((c->hcr & ICH_HCR_UIE) != 0 && used <= 1));
}

uint32_t gic_model_next(unsigned cpu)
{
	struct gic_model_cpu *c = &gic_model.cpu[cpu];
	uint32_t best = GIC_MODEL_NONE;
	unsigned prio = 256;

	gic_model_line(cpu, GIC_MODEL_MAINT, maintenance(c));
	if ((gic_model.ctlr & GICD_CTLR_EnableGrp1) == 0 || c->igrpen1 == 0 || !c->awake) {
		return GIC_MODEL_NONE;
	}
	for (uint32_t n = 0; n < GIC_MODEL_IRQS; n++) {
		const struct gic_model_irq *irq = gic_model_irq_of(cpu, n);

		if (irq->enabled && irq->group1 && !irq->active && gic_model_is_pending(irq) &&
		    irq->priority < prio && irq->priority < c->pmr && (n < 32 || irq->route == cpu)) {
			best = n;
			prio = irq->priority;
		}
	}
	return best;
}

uint64_t icc_iar1_read(void)
{
	uint32_t intid = gic_model_next(fake_cpu);

	if (intid != GIC_MODEL_NONE) {
		struct gic_model_irq *irq = gic_model_irq_of(fake_cpu, intid);

		if (me()->running != GIC_MODEL_NONE) {
			fake_fail("GIC model: %u acknowledged before the priority of %u was dropped", intid,
				  me()->running);
		}
		irq->active = true;
		irq->latch = false;
		me()->running = intid;
		gic_model.maint_count += intid == GIC_MODEL_MAINT;
	}
	return intid;
}

void icc_eoir1_write(uint64_t v)
{
	if (v != me()->running) {
		fake_fail("GIC model: priority drop for %lu, acknowledged was %u", (unsigned long)v, me()->running);
	}
	me()->running = GIC_MODEL_NONE;
}

static void deactivate(uint32_t intid)
{
	struct gic_model_irq *irq = gic_model_irq_of(fake_cpu, intid);

	if (!irq->active) {
		fake_fail("GIC model: interrupt %u is ended on CPU %u but not active", intid, fake_cpu);
	}
	irq->active = false;
}

void icc_dir_write(uint64_t v)
{
	if ((me()->ctlr & ICC_CTLR_EOImode) == 0) {
		fake_fail("GIC model: ICC_DIR_EL1 without EOImode");
	}
	if (v == me()->running) {
		fake_fail("GIC model: %lu is deactivated before its priority was dropped", (unsigned long)v);
	}
	for (unsigned n = 0; n < gic_model.lr_count; n++) {
		if ((me()->lr[n] & ICH_LR_HW) != 0 && state_of(me()->lr[n]) != 0 &&
		    FIELD_GET(ICH_LR_pINTID, me()->lr[n]) == v) {
			fake_fail("GIC model: %lu is ended here, but list register %u will do it", (unsigned long)v, n);
		}
	}
	deactivate((uint32_t)v);
}

void icc_sgi1r_write(uint64_t v)
{
	uint32_t sgi = (uint32_t)FIELD_GET(ICC_SGI1R_INTID, v);

	for (unsigned c = 0; c < GIC_MODEL_CPUS; c++) {
		bool to = (v & ICC_SGI1R_IRM) != 0 ? c != fake_cpu : (v & BIT64(c)) != 0;

		if (to) {
			gic_model.cpu[c].irq[sgi].latch = true;
		}
	}
	gic_model.sgi_count++;
}

void icc_pmr_write(uint64_t v) { me()->pmr = v; }
void icc_bpr1_write(uint64_t v) { (void)v; }
void icc_ctlr_write(uint64_t v) { me()->ctlr = v; }
void icc_sre_el1_write(uint64_t v) { (void)v; }
void icc_igrpen1_write(uint64_t v) { me()->igrpen1 = v; }
uint64_t icc_sre_el2_read(void) { return me()->sre; }
void icc_sre_el2_write(uint64_t v) { me()->sre = gic_model.no_sre ? 0 : v; }

/* --- hypervisor control --- */

void gic_sysreg_sync(void)
{
}

void gic_model_apr_write(unsigned n, uint64_t v)
{
	if (n != 0 || v != 0) {
		fake_fail("GIC model: with 5 preemption bits there is no active priority register %u", n);
	}
}

void ich_hcr_write(uint64_t v) { me()->hcr = v; }
void ich_vmcr_write(uint64_t v) { me()->vmcr = v; }

uint64_t ich_vtr_read(void)
{
	return FIELD(ICH_VTR_ListRegs, gic_model.lr_count - 1) | FIELD(ICH_VTR_PREbits, 4) | FIELD(ICH_VTR_PRIbits, 4);
}

uint64_t ich_eisr_read(void)
{
	return me()->eisr_lr;
}

uint64_t ich_elrsr_read(void)
{
	uint64_t v = 0;

	for (unsigned n = 0; n < gic_model.lr_count; n++) {
		uint64_t lr = me()->lr[n];

		if (state_of(lr) == 0 && ((lr & ICH_LR_HW) != 0 || (lr & ICH_LR_EOI) == 0)) {
			v |= BIT64(n);
		}
	}
	return v;
}

uint64_t gic_model_lr_read(unsigned n)
{
	if (n >= gic_model.lr_count) {
		fake_fail("GIC model: list register %u read", n);
	}
	return me()->lr[n];
}

static void lr_check_alone(unsigned n, uint64_t v)
{
	uint32_t intid = (uint32_t)v;

	for (unsigned c = 0; c < GIC_MODEL_CPUS; c++) {
		bool same_cpu = c == fake_cpu;

		if (!same_cpu && (intid < 32 || gic_model.vm_of_cpu[c] != gic_model.vm_of_cpu[fake_cpu])) {
			continue;
		}
		for (unsigned i = 0; i < gic_model.lr_count; i++) {
			uint64_t other = gic_model.cpu[c].lr[i];

			if (!(same_cpu && i == n) && state_of(other) != 0 && (uint32_t)other == intid) {
				fake_fail("GIC model: %u is in list register %u of CPU %u and %u of CPU %u", intid, i,
					  c, n, fake_cpu);
			}
		}
	}
}

void gic_model_lr_write(unsigned n, uint64_t v)
{
	if (n >= gic_model.lr_count) {
		fake_fail("GIC model: list register %u written", n);
	}
	if (state_of(v) != 0) {
		if (state_of(me()->lr[n]) != 0 && (uint32_t)me()->lr[n] != (uint32_t)v) {
			fake_fail("GIC model: list register %u overwritten while in use", n);
		}
		if ((me()->lr[n] & ~v & ICH_LR_Active) != 0) {
			fake_fail("GIC model: list register %u: the active state is lost", n);
		}
		if ((v & ICH_LR_HW) != 0 && state_of(v) == 3) {
			fake_fail("GIC model: HW = 1 with pending and active");
		}
		if ((v & ICH_LR_HW) != 0 && !gic_model_irq_of(fake_cpu, FIELD_GET(ICH_LR_pINTID, v) & 0x3ff)->active) {
			fake_fail("GIC model: HW = 1 but not active, list register %lx", (unsigned long)v);
		}
		if (n == 0 && (uint32_t)v != GIC_MODEL_VTIMER) {
			fake_fail("GIC model: list register 0 is the timer's");
		}
		lr_check_alone(n, v);
	}
	me()->lr[n] = v;
	me()->eisr_lr &= ~BIT64(n);
}

unsigned gic_model_lrs_used(unsigned cpu)
{
	unsigned used = 0;

	for (unsigned n = 0; n < gic_model.lr_count; n++) {
		used += state_of(gic_model.cpu[cpu].lr[n]) != 0;
	}
	return used;
}

/* --- the guest's interface --- */

uint32_t gic_model_guest_ack(unsigned cpu)
{
	struct gic_model_cpu *c = &gic_model.cpu[cpu];
	unsigned best = 16;
	uint64_t prio = 256;

	for (unsigned n = 0; n < gic_model.lr_count && (c->hcr & ICH_HCR_En) != 0; n++) {
		if ((c->lr[n] & ICH_LR_State) == ICH_LR_Pending && FIELD_GET(ICH_LR_Priority, c->lr[n]) < prio) {
			best = n;
			prio = FIELD_GET(ICH_LR_Priority, c->lr[n]);
		}
	}
	if (best == 16) {
		return GIC_MODEL_NONE;
	}
	c->lr[best] = (c->lr[best] & ~ICH_LR_State) | ICH_LR_Active;
	return (uint32_t)c->lr[best];
}

void gic_model_guest_eoi(unsigned cpu, uint32_t intid)
{
	struct gic_model_cpu *c = &gic_model.cpu[cpu];

	for (unsigned n = 0; n < gic_model.lr_count; n++) {
		if ((c->lr[n] & ICH_LR_Active) == 0 || (uint32_t)c->lr[n] != intid) {
			continue;
		}
		c->lr[n] &= ~ICH_LR_Active;
		if ((c->lr[n] & ICH_LR_HW) != 0) {
			unsigned was = fake_cpu;

			fake_cpu = cpu;
			deactivate((uint32_t)FIELD_GET(ICH_LR_pINTID, c->lr[n]));
			fake_cpu = was;
		} else if ((c->lr[n] & ICH_LR_EOI) != 0 && state_of(c->lr[n]) == 0) {
			c->eisr_lr |= BIT64(n);
		}
		return;
	}
}
