/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual local APIC: what is requested, what is in service, and which comes next. IRR, TMR, NMI, INIT and the
 * collected errors may be changed by any CPU, one atomic operation each; everything else belongs to the vCPU's own
 * CPU, so there is no lock. No wake-up is lost: a raiser first sets the bit and then interrupts that CPU, which
 * looks at the bits with interrupts masked before it enters the guest or halts. A bit that was set already has been
 * announced by who set it. A partition reaches only its own vCPUs [I3]; nothing here loops over what a guest chose
 * [I6].
 */
#include "vlapic_regs.h"

#include <arch/cpu.h>
#include <asm/irq.h>

static bool bit_test(const uint64_t *set, uint8_t n)
{
	return (__atomic_load_n(&set[n / 64], __ATOMIC_RELAXED) & BIT64(n % 64)) != 0;
}

static inline int top(const uint64_t *set, int word)
{
	uint64_t w = __atomic_load_n(&set[word], __ATOMIC_RELAXED);

	return w != 0 ? 64 * word + 63 - __builtin_clzll(w) : -1;
}

/* The highest vector in a set, or -1. No loop: every way into the guest with something pending goes through here. */
static inline int highest(const uint64_t *set)
{
	int vector = top(set, 3);

	if (vector < 0) {
		vector = top(set, 2);
	}
	if (vector < 0) {
		vector = top(set, 1);
	}
	return vector >= 0 ? vector : top(set, 0);
}

/* --- from outside: any CPU ------------------------------------------------------------------------------------ */

void vlapic_kick(const struct vcpu *v)
{
	if (v->cpu != arch_cpu_this()) {
		lapic_ipi(v->cpu, IRQ_VECTOR_VAPIC);
	}
}

static bool accepts(const struct vlapic *a)
{
	return (__atomic_load_n(&a->svr, __ATOMIC_RELAXED) & SVR_Enable) != 0 && vlapic_state(a) != APIC_OFF;
}

static void tmr_set(struct vlapic *a, uint8_t vector, bool level)
{
	uint64_t bit = BIT64(vector % 64);

	if (bit_test(a->level, vector) == level) {
		return;
	}
	if (level) {
		__atomic_fetch_or(&a->level[vector / 64], bit, __ATOMIC_RELAXED);
	} else {
		__atomic_fetch_and(&a->level[vector / 64], ~bit, __ATOMIC_RELAXED);
	}
}

static void request(struct vcpu *v, uint8_t vector, bool level)
{
	struct vlapic *a = &v->arch.apic;
	uint64_t bit = BIT64(vector % 64);

	tmr_set(a, vector, level);
	if (!(__atomic_fetch_or(&a->irr[vector / 64], bit, __ATOMIC_SEQ_CST) & bit)) {
		vlapic_kick(v);
	}
}

/* An error interrupt with a vector that is none is not announced by another error. */
void vlapic_error(struct vcpu *v, uint32_t bit)
{
	struct vlapic *a = &v->arch.apic;
	uint32_t lvt = __atomic_load_n(&a->lvt[LVT_ERROR], __ATOMIC_RELAXED);
	uint8_t vector = (uint8_t)FIELD_GET(LVT_Vector, lvt);

	__atomic_fetch_or(&a->esr_next, bit, __ATOMIC_RELAXED);
	if (!(lvt & LVT_Mask) && vector >= VECTOR_FIRST && accepts(a)) {
		request(v, vector, false);
	}
}

bool vlapic_raise(struct vcpu *v, uint8_t vector, bool level)
{
	if (!accepts(&v->arch.apic)) {
		return false;
	}
	if (vector < VECTOR_FIRST) {
		vlapic_error(v, ESR_RecvIllegal);
		return false;
	}
	request(v, vector, level);
	return true;
}

void vlapic_raise_nmi(struct vcpu *v)
{
	__atomic_store_n(&v->arch.apic.nmi_pending, 1, __ATOMIC_SEQ_CST);
	vlapic_kick(v);
}

/* --- on its own CPU ------------------------------------------------------------------------------------------- */

/* 10.8.3.1: the vector in service counts with its class only */
uint8_t vlapic_ppr(const struct vlapic *a)
{
	uint8_t service = a->isr_top & 0xf0;

	return (a->tpr & 0xf0) >= service ? (uint8_t)a->tpr : service;
}

/* Its class has to be above the processor priority's. */
int vlapic_pending(const struct vcpu *v)
{
	const struct vlapic *a = &v->arch.apic;
	uint32_t busy = a->tpr > a->isr_top ? a->tpr : a->isr_top;
	int vector = highest(a->irr);

	return vector > (int)(busy | 0xf) ? vector : -1;
}

bool vlapic_wakes(const struct vcpu *v)
{
	const struct vlapic *a = &v->arch.apic;

	return vlapic_pending(v) >= 0 || __atomic_load_n(&a->nmi_pending, __ATOMIC_ACQUIRE) != 0 ||
	       __atomic_load_n(&a->init_pending, __ATOMIC_ACQUIRE) != 0;
}

void vlapic_accept(struct vcpu *v, uint8_t vector)
{
	struct vlapic *a = &v->arch.apic;

	__atomic_fetch_and(&a->irr[vector / 64], ~BIT64(vector % 64), __ATOMIC_SEQ_CST);
	a->isr[vector / 64] |= BIT64(vector % 64);
	if (vector > a->isr_top) {
		a->isr_top = vector;
	}
}

void vlapic_eoi(struct vcpu *v)
{
	struct vlapic *a = &v->arch.apic;
	uint8_t vector = a->isr_top;
	int next;

	if (vector == 0) {
		return;
	}
	a->isr[vector / 64] &= ~BIT64(vector % 64);
	next = highest(a->isr);
	a->isr_top = next > 0 ? (uint8_t)next : 0;
	if (bit_test(a->level, vector)) {
		vioapic_eoi(v->vm, vector);
	}
}

/* --- reset ---------------------------------------------------------------------------------------------------- */

/* The first store closes it: what is raised from then on is not accepted. */
void vlapic_clear(struct vcpu *v)
{
	struct vlapic *a = &v->arch.apic;

	__atomic_store_n(&a->svr, SVR_RESET, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < VLAPIC_LVT_COUNT; i++) {
		__atomic_store_n(&a->lvt[i], LVT_Mask, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&a->ldr, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&a->dfr, DFR_RESET, __ATOMIC_RELAXED);
	vlapic_timer_stop(v);
	a->timer_init = 0;
	a->timer_div = 0;
	for (unsigned i = 0; i < 4; i++) {
		__atomic_store_n(&a->irr[i], 0, __ATOMIC_SEQ_CST);
		__atomic_store_n(&a->level[i], 0, __ATOMIC_RELAXED);
		a->isr[i] = 0;
	}
	a->isr_top = 0;
	a->tpr = 0;
	a->esr = 0;
	__atomic_store_n(&a->esr_next, 0, __ATOMIC_RELAXED);
	a->icr_hi = 0;
	a->icr_lo = 0;
}

void vlapic_reset(struct vcpu *v)
{
	struct vlapic *a = &v->arch.apic;

	vlapic_clear(v);
	a->offered = -1; /* not when the guest switches it off: the CPU still has what it was offered */
	__atomic_store_n(&a->nmi_pending, 0, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&v->vm->state, __ATOMIC_ACQUIRE) != VM_RUNNING) {
		__atomic_store_n(&a->init_pending, 0, __ATOMIC_SEQ_CST);
	}
	__atomic_store_n(&a->base, VLAPIC_BASE | APIC_BASE_EN | (v->index == 0 ? APIC_BASE_BSP : 0), __ATOMIC_RELAXED);
}
