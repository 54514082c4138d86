/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GICv3's state: what is enabled, pending, active and where it goes. Any CPU may change it under
 * the partition's lock; list registers are touched only by vgic_lr.c on the vCPU's own CPU, which is told with
 * GIC_SGI_VGIC. Invariants: an interrupt is in at most one list register of the partition; a physical interrupt
 * that was acknowledged is either in a list register with HW = 1 or marked HWACT, so it is neither lost nor
 * able to storm [I6]; a partition reaches only the physical interrupts assigned to it [I3].
 * Locks: vgic.lock, then the physical distributor's. No lock is held while an interrupt is waited for.
 */
#include "vgic_state.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <asm/gic.h>
#include <asm/gic_sysreg.h>
#include <asm/gicv3_regs.h>
#include <hyp/check.h>
#include <hyp/config.h>
#include <hyp/string.h>

/* ICC_SGI1R_EL1: all vCPUs have affinity 0.0.0.n with n < 16. */
#define SGI1R_ELSEWHERE (ICC_SGI1R_Aff1 | ICC_SGI1R_Aff2 | ICC_SGI1R_Aff3 | ICC_SGI1R_RS)

uint32_t vgic_hwirq(const struct vgic_irq *irq, uint32_t intid)
{
	return intid == VGIC_VTIMER ? hyp_config.board.vtimer_irq : irq->hwirq;
}

unsigned vgic_home(const struct vm *vm, const struct vgic_irq *irq)
{
	unsigned home = (irq->flags & (VIRQ_ACTIVE | VIRQ_LOADED)) != 0 ? irq->on : irq->target;

	return home < vm->vcpu_count ? home : VGIC_NO_TARGET;
}

bool vgic_is_open(const struct vm *vm, const struct vgic_irq *irq)
{
	uint32_t grp = (irq->flags & VIRQ_GROUP1) != 0 ? GICD_CTLR_EnableGrp1 : GICD_CTLR_EnableGrp0;

	return (irq->flags & VIRQ_ENABLED) != 0 && (vm->arch.vgic.ctlr & grp) != 0;
}

void vgic_kick(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->arch.vgic.dirty, 1, __ATOMIC_RELAXED);
	if (vcpu->cpu != arch_cpu_this()) {
		gic_sgi_send(vcpu->cpu, GIC_SGI_VGIC);
	}
}

void vgic_resync(struct vcpu *vcpu)
{
	vcpu->arch.vgic.resync = true;
	vgic_kick(vcpu);
}

void vgic_settle(struct vgic_irq *irq, uint32_t intid)
{
	if ((irq->flags & (VIRQ_HWACT | VIRQ_PENDING | VIRQ_ACTIVE)) == VIRQ_HWACT) {
		irq->flags &= (uint16_t)~(VIRQ_HWACT | VIRQ_HELD);
		arch_irq_eoi(vgic_hwirq(irq, intid));
	}
}

bool vgic_wants_lr(const struct vm *vm, const struct vgic_irq *irq)
{
	if ((irq->flags & VIRQ_LOADED) != 0) {
		return (irq->flags & VIRQ_PENDING) != 0 && vgic_is_open(vm, irq);
	}
	return (irq->flags & VIRQ_ACTIVE) != 0 || (vgic_is_pending(irq) && vgic_is_open(vm, irq));
}

/* What the fast paths put into a list register without looking at anything else; 0: they must not. */
static void fast_update(const struct vm *vm, struct vgic_cpu *vc, const struct vgic_irq *irq, uint32_t intid)
{
	uint64_t lr = ICH_LR_Pending | intid | (uint64_t)irq->priority << 48 |
		      ((irq->flags & VIRQ_GROUP1) != 0 ? ICH_LR_Group : 0);

	if (!vgic_is_open(vm, irq) || (irq->flags & (VIRQ_PENDING | VIRQ_ACTIVE | VIRQ_HWACT)) != 0) {
		lr = 0;
	}
	if (intid < GIC_SGI_COUNT) {
		__atomic_store_n(&vc->sgi_lr[intid], lr, __ATOMIC_RELAXED);
	} else if (intid == VGIC_VTIMER) {
		if (lr != 0) {
			lr |= ICH_LR_HW | (uint64_t)vgic_hwirq(irq, intid) << 32;
		}
		if ((irq->flags & VIRQ_LOADED) != 0) {
			lr = 0; /* list register 0 holds one that the guest made pending itself */
		}
		__atomic_store_n(&vc->vtimer_lr, lr, __ATOMIC_RELAXED);
	}
}

static void private_update(struct vm *vm, struct vcpu *owner, uint32_t intid)
{
	struct vgic_cpu *vc = &owner->arch.vgic;
	const struct vgic_irq *irq = &vc->irq[intid];

	fast_update(vm, vc, irq, intid);
	if (vgic_wants_lr(vm, irq)) {
		vc->ready |= BIT32(intid);
		vgic_kick(owner);
	} else {
		vc->ready &= ~BIT32(intid);
	}
}

static void spi_update(struct vm *vm, uint32_t intid)
{
	struct vgic *v = &vm->arch.vgic;
	uint32_t n = intid - VGIC_PRIVATE;
	const struct vgic_irq *irq = &v->spi[n];
	unsigned home = vgic_home(vm, irq);

	if (vgic_wants_lr(vm, irq)) {
		v->ready[n / 64] |= BIT64(n % 64);
		if (home != VGIC_NO_TARGET) {
			vgic_kick(&vm->vcpu[home]);
		}
	} else {
		v->ready[n / 64] &= ~BIT64(n % 64);
	}
	if (v->ready[n / 64] != 0) {
		v->ready_words |= (uint16_t)BIT32(n / 64);
	} else {
		v->ready_words &= (uint16_t)~BIT32(n / 64);
	}
}

void vgic_update(struct vm *vm, struct vcpu *owner, uint32_t intid)
{
	struct vgic_irq *irq = vgic_irq_get(vm, owner, intid);

	if ((irq->flags & (VIRQ_HWACT | VIRQ_PENDING)) == (VIRQ_HWACT | VIRQ_PENDING) && !vgic_is_open(vm, irq)) {
		irq->flags |= VIRQ_HELD;
	}
	if (intid < VGIC_PRIVATE) {
		private_update(vm, owner, intid);
	} else {
		spi_update(vm, intid);
	}
}

/* --- interrupts from outside -------------------------------------------------------------------------------- */

/* The vCPU a private interrupt without further address is for: the one on this CPU, else the first. */
static struct vcpu *private_owner(struct vm *vm)
{
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		if (vm->vcpu[i].cpu == arch_cpu_this()) {
			return &vm->vcpu[i];
		}
	}
	return &vm->vcpu[0];
}

static void pend(struct vm *vm, struct vcpu *owner, uint32_t intid, unsigned flags)
{
	spin_lock(&vm->arch.vgic.lock);
	vgic_irq_get(vm, owner, intid)->flags |= (uint16_t)flags;
	vgic_update(vm, owner, intid);
	spin_unlock(&vm->arch.vgic.lock);
}

void arch_vm_pend_virq(struct vm *vm, uint32_t virq)
{
	if (virq < VGIC_INTIDS) {
		pend(vm, private_owner(vm), virq, VIRQ_PENDING);
	}
}

void arch_vm_pend_hwirq(struct vm *vm, uint32_t virq, uint32_t irq)
{
	CHECK(virq >= VGIC_PRIVATE && virq < VGIC_INTIDS && vm->arch.vgic.spi[virq - VGIC_PRIVATE].hwirq == irq);
	pend(vm, NULL, virq, VIRQ_PENDING | VIRQ_HWACT);
}

void vgic_vtimer(struct vcpu *vcpu)
{
	pend(vcpu->vm, vcpu, VGIC_VTIMER, VIRQ_PENDING | VIRQ_HWACT);
}

void vgic_maintenance(struct vcpu *vcpu)
{
	vgic_kick(vcpu);
}

void vgic_set_level(struct vm *vm, uint32_t virq, bool level)
{
	struct vcpu *owner = private_owner(vm);
	struct vgic_irq *irq;

	if (virq >= VGIC_INTIDS) {
		return;
	}
	spin_lock(&vm->arch.vgic.lock);
	irq = vgic_irq_get(vm, owner, virq);
	if (level == ((irq->flags & VIRQ_LINE) != 0)) {
		spin_unlock(&vm->arch.vgic.lock);
		return;
	}
	if (level) {
		irq->flags |= VIRQ_LINE;
		if ((irq->flags & VIRQ_EDGE) != 0) {
			irq->flags |= VIRQ_PENDING;
		}
	} else {
		irq->flags &= (uint16_t)~VIRQ_LINE;
		if ((irq->flags & (VIRQ_LOADED | VIRQ_EDGE)) == VIRQ_LOADED) { /* it may not have been taken yet */
			vgic_resync(virq < VGIC_PRIVATE ? owner : &vm->vcpu[irq->on]);
		}
	}
	vgic_update(vm, owner, virq);
	spin_unlock(&vm->arch.vgic.lock);
}

void arch_vm_irq_assign(struct vm *vm, uint32_t virq, uint32_t irq, bool edge)
{
	struct vgic_irq *v;

	CHECK(virq >= VGIC_PRIVATE && virq < VGIC_INTIDS && irq >= GIC_PRIVATE && irq <= GIC_INTID_MAX);
	v = &vm->arch.vgic.spi[virq - VGIC_PRIVATE];
	v->hwirq = (uint16_t)irq;
	v->flags = (uint16_t)((v->flags & ~VIRQ_EDGE) | (edge ? VIRQ_EDGE : 0));
}

/* --- interrupts between vCPUs ------------------------------------------------------------------------------- */

static void sgi_send(struct vcpu *from, unsigned to_index, uint32_t sgi)
{
	ptrdiff_t away = (ptrdiff_t)to_index - (ptrdiff_t)from->index;
	struct vcpu *to = from + away; /* its neighbour in vm->vcpu[]: shorter than by way of the vm */

	if (__atomic_fetch_or(&to->arch.vgic.sgi_inbox, sgi, __ATOMIC_RELEASE) != 0) {
		return; /* not emptied yet: it has been told */
	}
	if (away == 0) {
		vgic_sgi_take(to);
	} else {
		gic_sgi_send(to->cpu, GIC_SGI_VGIC);
	}
}

static __attribute__((noinline)) void sgi_send_many(struct vcpu *from, uint64_t mask, uint32_t sgi)
{
	for (; mask != 0; mask &= mask - 1) {
		sgi_send(from, (unsigned)__builtin_ctzll(mask), sgi);
	}
}

/* One target is the usual case and is kept free of a loop and of what it would have to save. */
void vgic_sgi1r(struct vcpu *vcpu, uint64_t value)
{
	uint32_t sgi = BIT32((value >> 24) & 15);
	uint64_t all = BIT64(vcpu->vm->vcpu_count) - 1;
	uint64_t mask = value & all; /* ICC_SGI1R_TargetList: there is no vCPU beyond 15 */

	if ((value & (ICC_SGI1R_IRM | SGI1R_ELSEWHERE)) != 0) {
		/* To all but itself; or to an affinity that nobody has. */
		sgi_send_many(vcpu, (value & ICC_SGI1R_IRM) != 0 ? all & ~BIT64(vcpu->index) : 0, sgi);
	} else if ((mask & (mask - 1)) != 0 || mask == 0) {
		sgi_send_many(vcpu, mask, sgi);
	} else {
		sgi_send(vcpu, (unsigned)__builtin_ctzll(mask), sgi);
	}
}

void vgic_inbox_fold(struct vcpu *vcpu)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;
	uint32_t sgis = __atomic_exchange_n(&vc->sgi_inbox, 0, __ATOMIC_ACQUIRE);

	for (; sgis != 0; sgis &= sgis - 1) {
		uint32_t intid = (uint32_t)__builtin_ctz(sgis);

		vc->irq[intid].flags |= VIRQ_PENDING;
		vgic_update(vcpu->vm, vcpu, intid);
	}
}

/* --- beginning ---------------------------------------------------------------------------------------------- */

void vgic_vm_init(struct vm *vm)
{
	struct vgic *v = &vm->arch.vgic;

	v->ctlr = 0;
	v->ready_words = 0;
	memset(v->ready, 0, sizeof(v->ready));
	for (uint32_t n = 0; n < VGIC_SPIS; n++) {
		struct vgic_irq *irq = &v->spi[n];

		if ((irq->flags & VIRQ_ENABLED) != 0 && irq->hwirq != 0) {
			arch_irq_disable(irq->hwirq);
		}
		irq->flags &= (uint16_t)~(VIRQ_PENDING | VIRQ_ACTIVE);
		vgic_settle(irq, n + VGIC_PRIVATE);
		irq->flags = (uint16_t)((irq->hwirq != 0 ? irq->flags & VIRQ_EDGE : 0) | VIRQ_GROUP1);
		irq->priority = 0;
		irq->target = 0;
	}
}

void vgic_vcpu_init(struct vcpu *vcpu)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;

	memset(vc, 0, sizeof(*vc));
	vc->asleep = true;
	vc->lr_intid[0] = VGIC_VTIMER;
	for (uint32_t n = 0; n < VGIC_PRIVATE; n++) {
		vc->irq[n].flags = VIRQ_GROUP1 | (n < GIC_SGI_COUNT ? VIRQ_EDGE : 0);
		vc->irq[n].target = (uint8_t)vcpu->index;
		vc->irq[n].on = (uint8_t)vcpu->index;
	}
}

/* Shared interrupts it held go where they are routed; private state is as after a reset. */
void vgic_vcpu_off(struct vcpu *vcpu)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;
	struct vgic *v = &vcpu->vm->arch.vgic;
	struct vgic_irq *timer = &vc->irq[VGIC_VTIMER];

	spin_lock(&v->lock);
	vgic_lr_take(vcpu, 0, VGIC_INTIDS);
	timer->flags &= (uint16_t)~(VIRQ_PENDING | VIRQ_ACTIVE);
	vgic_settle(timer, VGIC_VTIMER);
	vgic_vcpu_init(vcpu);
	ich_hcr_write(0);
	spin_unlock(&v->lock);
}
