/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC's registers, through its page (xAPIC mode) and through MSRs (x2APIC mode): one table of registers,
 * two ways of being wrong. Through the page reserved bits are dropped and reserved registers set a bit in ESR;
 * through MSRs both are #GP [Intel SDM 3A 10.12.1.3]. Runs on the vCPU's own CPU. Whatever is written is masked to
 * what the register has before it is kept [I6].
 */
#include "vlapic_regs.h"

/* 0x14: an integrated APIC; max LVT 5: no CMCI; bit 24 clear: EOI broadcasts cannot be suppressed. */
static const uint32_t version = 0x14u | (VLAPIC_LVT_COUNT - 1) << 16;

/* Bits a guest can set, by LVT register; and those it may write but not change. */
static const uint32_t lvt_bits[VLAPIC_LVT_COUNT] = {
	[LVT_TIMER] = LVT_Vector | LVT_Mask | LVT_Periodic,
	[LVT_THERMAL] = LVT_Vector | LVT_Mode | LVT_Mask,
	[LVT_PMC] = LVT_Vector | LVT_Mode | LVT_Mask,
	[LVT_LINT0] = LVT_Vector | LVT_Mode | LVT_Polarity | LVT_Trigger | LVT_Mask,
	[LVT_LINT1] = LVT_Vector | LVT_Mode | LVT_Polarity | LVT_Trigger | LVT_Mask,
	[LVT_ERROR] = LVT_Vector | LVT_Mask,
};

#define ICR_BITS (ICR_Vector | ICR_Mode | ICR_Logical | ICR_Assert | ICR_Level | ICR_Shorthand)

static bool is_lvt(unsigned reg)
{
	return reg >= APIC_LVT && reg < APIC_LVT + VLAPIC_LVT_COUNT;
}

static bool is_set(unsigned reg)
{
	return reg >= APIC_ISR && reg < APIC_IRR + 8;
}

/* --- reading -------------------------------------------------------------------------------------------------- */

static uint32_t set_word(const struct vlapic *a, unsigned reg)
{
	const uint64_t *set = reg >= APIC_IRR ? a->irr : reg >= APIC_TMR ? a->level : a->isr;
	unsigned n = reg % 8;

	return (uint32_t)(__atomic_load_n(&set[n / 2], __ATOMIC_RELAXED) >> 32 * (n % 2));
}

/* Registers that both modes have. False: there is none. */
static bool common_read(const struct vlapic *a, unsigned reg, uint32_t *out)
{
	if (is_set(reg)) {
		*out = set_word(a, reg);
		return true;
	}
	if (is_lvt(reg)) {
		*out = a->lvt[reg - APIC_LVT];
		return true;
	}
	switch (reg) {
	case APIC_VERSION: *out = version; return true;
	case APIC_TPR: *out = a->tpr; return true;
	case APIC_PPR: *out = vlapic_ppr(a); return true;
	case APIC_SVR: *out = a->svr; return true;
	case APIC_ESR: *out = a->esr; return true;
	case APIC_TIMER_INIT: *out = a->timer_init; return true;
	case APIC_TIMER_COUNT: *out = vlapic_timer_count(a); return true;
	case APIC_TIMER_DIV: *out = a->timer_div; return true;
	default: return false;
	}
}

static bool xapic_read(const struct vlapic *a, unsigned reg, uint32_t *out)
{
	switch (reg) {
	case APIC_ID: *out = a->id << 24; return true;
	case APIC_EOI: *out = 0; return true; /* write only */
	case APIC_LDR: *out = a->ldr; return true;
	case APIC_DFR: *out = a->dfr; return true;
	case APIC_ICR: *out = a->icr_lo; return true;
	case APIC_ICR_HI: *out = a->icr_hi; return true;
	default: return common_read(a, reg, out);
	}
}

static bool x2apic_read(const struct vlapic *a, unsigned reg, uint64_t *out)
{
	uint32_t v = 0;
	bool ok = true;

	switch (reg) {
	case APIC_ID: *out = a->id; return true;
	case APIC_LDR: *out = vlapic_x2_ldr(a); return true;
	case APIC_ICR: *out = (uint64_t)a->icr_hi << 32 | a->icr_lo; return true;
	default: ok = common_read(a, reg, &v); break;
	}
	if (ok) {
		*out = v;
	}
	return ok;
}

/* --- writing -------------------------------------------------------------------------------------------------- */

/*
 * The bits of a register that both modes can write. False: it is reserved, or only read. An LVT's delivery status and
 * remote IRR may be written back but are not in what it keeps.
 */
static bool writable(unsigned reg, uint32_t *bits)
{
	if (is_lvt(reg)) {
		*bits = lvt_bits[reg - APIC_LVT] | LVT_Status |
			(lvt_bits[reg - APIC_LVT] & LVT_Trigger ? LVT_RemoteIRR : 0);
		return true;
	}
	switch (reg) {
	case APIC_TPR: *bits = BITS32(7, 0); return true;
	case APIC_EOI:
	case APIC_ESR: *bits = 0; return true;
	case APIC_SVR: *bits = SVR_Vector | SVR_Enable | SVR_Focus; return true;
	case APIC_TIMER_INIT: *bits = UINT32_MAX; return true;
	case APIC_TIMER_DIV: *bits = DIV_Value; return true;
	default: return false;
	}
}

/* 10.4.7.2: software-disabled, every LVT is masked and stays so. What nobody accepted before may be accepted now. */
static void svr_write(struct vcpu *v, uint32_t value)
{
	struct vlapic *a = &v->arch.apic;
	bool opens = (value & ~a->svr & SVR_Enable) != 0;

	__atomic_store_n(&a->svr, value, __ATOMIC_SEQ_CST);
	if (!(value & SVR_Enable)) {
		for (unsigned i = 0; i < VLAPIC_LVT_COUNT; i++) {
			__atomic_store_n(&a->lvt[i], a->lvt[i] | LVT_Mask, __ATOMIC_RELAXED);
		}
	}
	if (opens) {
		vioapic_retry(v->vm);
	}
}

static void lvt_write(struct vlapic *a, unsigned n, uint32_t value)
{
	value &= lvt_bits[n];
	if (!(a->svr & SVR_Enable)) {
		value |= LVT_Mask;
	}
	__atomic_store_n(&a->lvt[n], value, __ATOMIC_RELAXED);
}

/* value has no bit that writable() does not allow. */
static void common_write(struct vcpu *v, unsigned reg, uint32_t value)
{
	struct vlapic *a = &v->arch.apic;

	switch (reg) {
	case APIC_TPR:
		a->tpr = value;
		break;
	case APIC_EOI:
		vlapic_eoi(v);
		break;
	case APIC_SVR:
		svr_write(v, value);
		break;
	case APIC_ESR: /* what was collected becomes visible [10.5.3] */
		a->esr = __atomic_exchange_n(&a->esr_next, 0, __ATOMIC_RELAXED);
		break;
	case APIC_TIMER_INIT:
		vlapic_timer_set(v, value);
		break;
	case APIC_TIMER_DIV:
		vlapic_timer_divide(v, value);
		break;
	default:
		lvt_write(a, reg - APIC_LVT, value);
		break;
	}
}

static void xapic_write(struct vcpu *v, unsigned reg, uint32_t value)
{
	struct vlapic *a = &v->arch.apic;
	uint32_t bits;

	switch (reg) {
	case APIC_LDR:
		__atomic_store_n(&a->ldr, value & LDR_Logical, __ATOMIC_RELAXED);
		vioapic_retry(v->vm);
		break;
	case APIC_DFR:
		__atomic_store_n(&a->dfr, value | ~DFR_Model, __ATOMIC_RELAXED);
		vioapic_retry(v->vm);
		break;
	case APIC_ICR:
		a->icr_lo = value & ICR_BITS;
		vlapic_icr(v, (uint32_t)FIELD_GET(ICR_HI_Dest, a->icr_hi), a->icr_lo);
		break;
	case APIC_ICR_HI:
		a->icr_hi = value & ICR_HI_Dest;
		break;
	default:
		if (writable(reg, &bits)) {
			common_write(v, reg, value & bits);
		}
		break; /* the others are read only */
	}
}

static bool x2apic_write(struct vcpu *v, unsigned reg, uint64_t value)
{
	struct vlapic *a = &v->arch.apic;
	uint32_t bits;

	if (reg == APIC_ICR) {
		if ((uint32_t)value & ~ICR_BITS) {
			return false;
		}
		a->icr_lo = (uint32_t)value;
		a->icr_hi = (uint32_t)(value >> 32);
		vlapic_icr(v, a->icr_hi, a->icr_lo);
		return true;
	}
	if (reg == APIC_SELF_IPI) {
		if (value > 0xff) {
			return false;
		}
		(void)vlapic_raise(v, (uint8_t)value, false);
		return true;
	}
	if (!writable(reg, &bits) || (value & ~(uint64_t)bits) != 0) {
		return false;
	}
	common_write(v, reg, (uint32_t)value);
	return true;
}

/* --- IA32_APIC_BASE ------------------------------------------------------------------------------------------- */

/*
 * 10.12.5: off to xAPIC, xAPIC to x2APIC, and both to off; anything else is #GP, and so is another base address: the
 * page stays where it is. BSP says which vCPU started first; writing it changes nothing.
 */
static bool base_write(struct vcpu *v, uint64_t value)
{
	struct vlapic *a = &v->arch.apic;
	enum vlapic_state from = vlapic_state(a);
	uint64_t state = value & (APIC_BASE_EN | APIC_BASE_EXTD);
	bool legal = state == 0 || (state == APIC_BASE_EN && from != APIC_X2APIC) ||
		     (state == (APIC_BASE_EN | APIC_BASE_EXTD) && from != APIC_OFF);

	if ((value & ~(APIC_BASE_EN | APIC_BASE_EXTD | APIC_BASE_BSP)) != VLAPIC_BASE || !legal) {
		return false;
	}
	if (state == 0) { /* 10.4.3: it comes back as after power-on */
		vlapic_clear(v);
	} else if (from == APIC_XAPIC && (state & APIC_BASE_EXTD) != 0) {
		a->icr_hi = 0;
	}
	__atomic_store_n(&a->base, VLAPIC_BASE | state | (a->base & APIC_BASE_BSP), __ATOMIC_SEQ_CST);
	if (state != 0) {
		vioapic_retry(v->vm);
	}
	return true;
}

/* --- from the outside ----------------------------------------------------------------------------------------- */

bool vlapic_msr(struct vcpu *v, uint32_t msr, bool write, uint64_t *value)
{
	struct vlapic *a = &v->arch.apic;
	uint32_t reg = msr - MSR_X2APIC_BASE;

	if (msr == MSR_IA32_APIC_BASE) {
		if (write) {
			return base_write(v, *value);
		}
		*value = a->base;
		return true;
	}
	if (vlapic_state(a) != APIC_X2APIC || reg >= APIC_REG_COUNT) {
		return false;
	}
	return write ? x2apic_write(v, reg, *value) : x2apic_read(a, reg, value);
}

/* Aligned 32-bit accesses; what others do is undefined [10.4.1], here nothing. */
void vlapic_mmio(struct vcpu *v, uint64_t off, struct mmio *m)
{
	unsigned reg = (unsigned)(off >> 4);
	uint32_t value = 0;

	if (vlapic_state(&v->arch.apic) != APIC_XAPIC) { /* there is no page */
		m->value = m->write ? m->value : UINT64_MAX;
		return;
	}
	if ((off & 0xf) == 0 && m->size == 4) {
		if (!xapic_read(&v->arch.apic, reg, &value)) {
			vlapic_error(v, ESR_IllegalReg);
		} else if (m->write) {
			xapic_write(v, reg, (uint32_t)m->value);
		}
	}
	if (!m->write) {
		m->value = value;
	}
}
