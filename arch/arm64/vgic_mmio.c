/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The distributor and redistributors as a guest reads and writes them: one security state (GICD_CTLR.DS = 1),
 * affinity routing always on, no LPIs, no message-based SPIs. What is not there, or not accessed with the width
 * it has, reads as zero and ignores writes; nothing a guest writes can do more than change its own interrupts
 * [I3], and every loop is over the bits of one register [I6] (GICD_CTLR: over the partition's interrupts).
 * Interrupts in list registers of the calling vCPU are taken back before they are looked at; those of another
 * vCPU are changed by that vCPU's CPU, which is told; the guest may see the old state until then.
 */
#include "vgic_state.h"

#include <arch/irq.h>
#include <asm/gic.h>
#include <asm/gicv3_regs.h>
#include <hyp/bits.h>
#include <hyp/config.h>

#define VGIC_PIDR2 0x3bu        /* ArchRev 3, JEDEC */
#define VGIC_IIDR  0x4200043bu  /* ProductID 'B', Implementer Arm: no known erratum of any driver */
#define VGIC_PRIORITY_MASK 0xf8u /* 32 levels, what every implementation has at least */
#define REG_MASK   0x7fu        /* registers of one bit per interrupt come in blocks of 0x80 bytes */

/* One access to a group of interrupts with the same owner: SPIs (owner NULL) or those of one redistributor. */
struct access {
	struct vcpu *vcpu;  /* who accesses */
	struct vcpu *owner; /* whose private interrupts; NULL: SPIs */
	uint32_t reg;       /* first register of the block, by its GICD_* offset */
	uint32_t first;     /* first INTID the accessed register speaks about */
	struct mmio *m;
};

static struct vgic_irq *irq_of(const struct access *a, uint32_t intid)
{
	return vgic_irq_get(a->vcpu->vm, a->owner, intid);
}

/* True if list registers that may hold the interrupt belong to another CPU. */
static bool is_elsewhere(const struct access *a, const struct vgic_irq *irq)
{
	if (a->owner != NULL) {
		return a->owner != a->vcpu;
	}
	return (irq->flags & VIRQ_LOADED) != 0 && irq->on != a->vcpu->index;
}

/* Takes interrupts of our own list registers back, so that their flags say everything. */
static void look(const struct access *a, uint32_t count)
{
	if (a->owner == NULL || a->owner == a->vcpu) {
		vgic_inbox_fold(a->vcpu);
		vgic_lr_take(a->vcpu, a->first, count);
	}
}

/* After a change: here or there. */
static void changed(const struct access *a, struct vgic_irq *irq, uint32_t intid, unsigned drop)
{
	if (is_elsewhere(a, irq)) {
		irq->flags |= (uint16_t)drop;
		vgic_resync(a->owner != NULL ? a->owner : &a->vcpu->vm->vcpu[irq->on]);
	} else {
		vgic_settle(irq, intid);
	}
	vgic_update(a->vcpu->vm, a->owner, intid);
}

/* --- one bit per interrupt ---------------------------------------------------------------------------------- */

/* A physical level-sensitive interrupt is pending while its line is high; a PPI's is seen on its own CPU only. */
static bool is_pending(const struct access *a, const struct vgic_irq *irq, uint32_t intid)
{
	uint32_t hwirq = vgic_hwirq(irq, intid);

	if (hwirq == 0 || (irq->flags & VIRQ_EDGE) != 0 || (a->owner != NULL && a->owner != a->vcpu)) {
		return vgic_is_pending(irq);
	}
	return gic_irq_pending(hwirq) || (irq->flags & (VIRQ_PENDING | VIRQ_HWACT)) == VIRQ_PENDING;
}

/*
 * Active on another vCPU, or not: unknown until its CPU has looked, so the answer is yes for now. A guest that
 * waits for the end of a handler reads again and then gets the state.
 */
static bool active_elsewhere(const struct access *a, struct vgic_irq *irq)
{
	if ((irq->flags & VIRQ_EXACT) != 0) {
		irq->flags &= (uint16_t)~VIRQ_EXACT;
		return (irq->flags & VIRQ_LR_ACTIVE) != 0;
	}
	irq->flags |= VIRQ_ASKED;
	vgic_resync(&a->vcpu->vm->vcpu[irq->on]);
	return true;
}

static bool state_read(const struct access *a, struct vgic_irq *irq, uint32_t intid)
{
	bool loaded = a->owner == NULL && is_elsewhere(a, irq);

	if (a->reg <= GICD_ICPENDR) {
		return is_pending(a, irq, intid) || (loaded && (irq->flags & VIRQ_LR_ACTIVE) == 0);
	}
	return (irq->flags & VIRQ_ACTIVE) != 0 || (loaded && active_elsewhere(a, irq));
}

static uint32_t bits_read(const struct access *a)
{
	uint16_t flag = a->reg == GICD_IGROUPR ? VIRQ_GROUP1 : VIRQ_ENABLED;
	struct vgic_irq *irq = irq_of(a, a->first);
	uint32_t bits = 0;

	for (uint32_t i = 0; i < 32; i++) {
		bool bit = a->reg < GICD_ISPENDR ? (irq[i].flags & flag) != 0 : state_read(a, &irq[i], a->first + i);

		bits |= (uint32_t)bit << i;
	}
	return bits;
}

static void enable(const struct access *a, struct vgic_irq *irq, uint32_t intid)
{
	const struct vm *vm = a->vcpu->vm;
	unsigned to = irq->target < vm->vcpu_count ? irq->target : 0;

	if ((irq->flags & VIRQ_ENABLED) == 0) {
		irq->flags |= VIRQ_ENABLED;
		if (irq->hwirq != 0) {
			arch_irq_enable(irq->hwirq, vm->vcpu[to].cpu, (irq->flags & VIRQ_EDGE) != 0);
		}
		vgic_update(a->vcpu->vm, a->owner, intid);
	}
}

static void disable(const struct access *a, struct vgic_irq *irq, uint32_t intid)
{
	if ((irq->flags & VIRQ_ENABLED) != 0) {
		irq->flags &= (uint16_t)~VIRQ_ENABLED;
		if (irq->hwirq != 0) {
			arch_irq_disable(irq->hwirq);
		}
		changed(a, irq, intid, 0);
	}
}

static void set_group(const struct access *a, struct vgic_irq *irq, uint32_t intid, bool one)
{
	if (one != ((irq->flags & VIRQ_GROUP1) != 0)) {
		irq->flags ^= VIRQ_GROUP1;
		changed(a, irq, intid, 0);
	}
}

/* The active state belongs to the vCPU that would have got the interrupt. */
static void set_active(const struct access *a, struct vgic_irq *irq, uint32_t intid)
{
	unsigned home = vgic_home(a->vcpu->vm, irq);

	if (!is_elsewhere(a, irq) || a->owner != NULL) {
		irq->on = home == VGIC_NO_TARGET ? 0 : (uint8_t)home;
		irq->flags |= VIRQ_ACTIVE;
		changed(a, irq, intid, 0);
	}
}

static void bit_write(const struct access *a, struct vgic_irq *irq, uint32_t intid)
{
	switch (a->reg) {
	case GICD_ISENABLER:
		enable(a, irq, intid);
		break;
	case GICD_ICENABLER:
		disable(a, irq, intid);
		break;
	case GICD_ISPENDR:
		irq->flags |= VIRQ_PENDING;
		vgic_update(a->vcpu->vm, a->owner, intid);
		break;
	case GICD_ICPENDR:
		irq->flags &= (uint16_t)~VIRQ_PENDING;
		changed(a, irq, intid, VIRQ_DROP_PEND);
		break;
	case GICD_ISACTIVER:
		set_active(a, irq, intid);
		break;
	default: /* GICD_ICACTIVER */
		irq->flags &= (uint16_t)~VIRQ_ACTIVE;
		changed(a, irq, intid, VIRQ_DROP_ACT);
		break;
	}
}

static void bits_access(const struct access *a)
{
	uint32_t value = (uint32_t)a->m->value;

	if (a->reg >= GICD_ISPENDR || (a->m->write && a->reg != GICD_ISENABLER)) {
		look(a, 32);
	}
	if (!a->m->write) {
		a->m->value = bits_read(a);
		return;
	}
	if (a->reg == GICD_IGROUPR) {
		for (uint32_t i = 0; i < 32; i++) {
			set_group(a, irq_of(a, a->first + i), a->first + i, (value & BIT32(i)) != 0);
		}
		return;
	}
	for (; value != 0; value &= value - 1) {
		uint32_t intid = a->first + (uint32_t)__builtin_ctz(value);

		bit_write(a, irq_of(a, intid), intid);
	}
}

/* --- wider fields ------------------------------------------------------------------------------------------- */

static void priority_access(const struct access *a)
{
	uint64_t result = 0;

	if (a->m->write) {
		look(a, a->m->size);
	}
	for (uint32_t i = 0; i < a->m->size; i++) {
		struct vgic_irq *irq = irq_of(a, a->first + i);
		uint8_t value = (uint8_t)((a->m->value >> (8 * i)) & VGIC_PRIORITY_MASK);

		if (!a->m->write) {
			result |= (uint64_t)irq->priority << (8 * i);
		} else if (irq->priority != value) {
			irq->priority = value;
			changed(a, irq, a->first + i, 0);
		}
	}
	if (!a->m->write) {
		a->m->value = result;
	}
}

/* Two bits per interrupt, the upper one says edge. Only SPIs without a physical interrupt can be changed. */
static void config_access(const struct access *a)
{
	uint32_t value = (uint32_t)a->m->value;
	uint32_t result = 0;

	if (a->m->write) {
		look(a, 16);
	}
	for (uint32_t i = 0; i < 16; i++) {
		struct vgic_irq *irq = irq_of(a, a->first + i);
		bool edge = (value & BIT32(2 * i + 1)) != 0;

		if (!a->m->write) {
			result |= (irq->flags & VIRQ_EDGE) != 0 ? BIT32(2 * i + 1) : 0;
		} else if (a->owner == NULL && irq->hwirq == 0 && edge != ((irq->flags & VIRQ_EDGE) != 0)) {
			irq->flags ^= VIRQ_EDGE;
			changed(a, irq, a->first + i, 0);
		}
	}
	if (!a->m->write) {
		a->m->value = result;
	}
}

/* Affinities are 0.0.0.n for vCPU n. Interrupt_Routing_Mode 1 (any one) is the first vCPU. */
static uint8_t route_target(const struct vm *vm, uint64_t route)
{
	if ((route & GICD_IROUTER_IRM) != 0) {
		return 0;
	}
	route &= GICD_IROUTER_AFF;
	return route < vm->vcpu_count ? (uint8_t)route : VGIC_NO_TARGET;
}

/* An affinity that nobody has reads back as 0.0.0.255. */
static void route_access(const struct access *a, bool high)
{
	struct vm *vm = a->vcpu->vm;
	struct vgic_irq *irq = irq_of(a, a->first);
	uint64_t route = a->m->value;

	if (!a->m->write) {
		a->m->value = high ? 0 : irq->target;
		return;
	}
	if (high) { /* affinity 3 alone */
		route = (route & 0xff) != 0 ? GICD_IROUTER_AFF : irq->target;
	}
	look(a, 1);
	irq->target = route_target(vm, route);
	if (irq->hwirq != 0 && irq->target != VGIC_NO_TARGET) {
		gic_irq_route(irq->hwirq, vm->vcpu[irq->target].cpu);
	}
	changed(a, irq, a->first, 0);
}

/* --- decoding ----------------------------------------------------------------------------------------------- */

/* The blocks distributor and redistributor have in common. reg and first are filled in. */
static void bank_access(struct access *a, uint32_t off, uint32_t intids)
{
	unsigned size = a->m->size;
	struct spinlock *lock = &a->vcpu->vm->arch.vgic.lock;

	if (off >= GICD_IGROUPR && off < GICD_IPRIORITYR && size == 4) {
		a->reg = off & ~REG_MASK;
		a->first = (off & REG_MASK) * 8;
	} else if (off >= GICD_IPRIORITYR && off < GICD_ITARGETSR && (size == 4 || size == 1)) {
		a->reg = GICD_IPRIORITYR;
		a->first = off - GICD_IPRIORITYR;
	} else if (off >= GICD_ICFGR && off < GICD_IGRPMODR && size == 4) {
		a->reg = GICD_ICFGR;
		a->first = (off - GICD_ICFGR) * 4;
	} else {
		return;
	}
	/* The distributor has SPIs only, the redistributor private interrupts only. */
	if (a->first >= intids || (a->owner == NULL && a->first < VGIC_PRIVATE)) {
		return;
	}
	spin_lock(lock);
	if (a->reg == GICD_IPRIORITYR) {
		priority_access(a);
	} else if (a->reg == GICD_ICFGR) {
		config_access(a);
	} else {
		bits_access(a);
	}
	spin_unlock(lock);
}

/* Groups on or off: everything is judged anew. */
static void ctlr_write(struct vm *vm, uint32_t value)
{
	struct vgic *v = &vm->arch.vgic;

	value &= GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1;
	spin_lock(&v->lock);
	if (value != v->ctlr) {
		v->ctlr = value;
		for (uint32_t n = 0; n < VGIC_SPIS; n++) {
			if ((v->spi[n].flags & (VIRQ_PENDING | VIRQ_LINE)) != 0) {
				vgic_update(vm, NULL, n + VGIC_PRIVATE);
			}
		}
		for (unsigned i = 0; i < vm->vcpu_count; i++) {
			for (uint32_t intid = 0; intid < VGIC_PRIVATE; intid++) {
				vgic_update(vm, &vm->vcpu[i], intid);
			}
			vgic_resync(&vm->vcpu[i]);
		}
	}
	spin_unlock(&v->lock);
}

static inline uint32_t gicd_constant(const struct vm *vm, uint64_t off)
{
	switch (off) {
	case GICD_CTLR:
		return vm->arch.vgic.ctlr | GICD_CTLR_ARE | GICD_CTLR_DS;
	case GICD_TYPER: /* 10 bits of INTID */
		return (VGIC_INTIDS / 32 - 1) | (vm->vcpu_count - 1) << 5 | 9u << 19 | GICD_TYPER_No1N;
	case GICD_IIDR:
		return VGIC_IIDR;
	default:
		return 0;
	}
}

static __attribute__((noinline)) void gicd_access(struct vcpu *vcpu, uint32_t off, struct mmio *m)
{
	struct access a = { .vcpu = vcpu, .m = m };

	if (off == GICD_CTLR && m->write && m->size == 4) {
		ctlr_write(vcpu->vm, (uint32_t)m->value);
	} else if (off == GICD_PIDR2 && !m->write && m->size == 4) {
		m->value = VGIC_PIDR2;
	} else if (off >= GICD_IROUTER_SPI && off < GICD_IROUTER + 8 * VGIC_INTIDS && m->size >= 4) {
		a.first = (off - GICD_IROUTER) / 8;
		spin_lock(&vcpu->vm->arch.vgic.lock);
		route_access(&a, (off & 4) != 0);
		spin_unlock(&vcpu->vm->arch.vgic.lock);
	} else {
		bank_access(&a, off, VGIC_INTIDS);
	}
}

static uint64_t gicr_constant(const struct vcpu *owner, uint32_t off)
{
	uint64_t typer = (uint64_t)owner->index << 32 | FIELD(GICR_TYPER_Processor_Number, owner->index) |
			 (owner->index + 1 == owner->vm->vcpu_count ? GICR_TYPER_Last : 0);

	switch (off) {
	case GICR_TYPER:
		return typer;
	case GICR_TYPER + 4:
		return typer >> 32;
	case GICR_IIDR:
		return VGIC_IIDR;
	case GICR_PIDR2:
		return VGIC_PIDR2;
	case GICR_WAKER:
		return owner->arch.vgic.asleep ? GICR_WAKER_ProcessorSleep | GICR_WAKER_ChildrenAsleep : 0;
	default:
		return 0;
	}
}

static __attribute__((noinline)) void gicr_access(struct vcpu *vcpu, struct vcpu *owner, uint32_t off, struct mmio *m)
{
	struct access a = { .vcpu = vcpu, .owner = owner, .m = m };

	if (off < GICR_SGI_BASE) {
		if (m->write) {
			if (off == GICR_WAKER && m->size == 4) {
				owner->arch.vgic.asleep = (m->value & GICR_WAKER_ProcessorSleep) != 0;
			}
		} else if (m->size == 4) {
			m->value = (uint32_t)gicr_constant(owner, off);
		} else if (m->size == 8 && off == GICR_TYPER) {
			m->value = gicr_constant(owner, off);
		}
		return;
	}
	bank_access(&a, off - GICR_SGI_BASE, VGIC_PRIVATE);
}

/* What drivers read most, the first registers of the distributor, needs no lock and is answered at once. */
void vgic_mmio(struct vcpu *vcpu, unsigned kind, uint64_t off, struct mmio *m)
{
	uint64_t frame = off / VGIC_GICR_SIZE;

	if (!m->write) {
		m->value = 0;
	}
	if ((off & (m->size - 1u)) != 0) {
		return;
	}
	if (kind == VM_TRAP_GICD) {
		if (off < GICD_IGROUPR && m->size == 4 && !m->write) {
			m->value = gicd_constant(vcpu->vm, off);
		} else if (off < VGIC_GICD_SIZE) {
			gicd_access(vcpu, (uint32_t)off, m);
		}
	} else if (kind == VM_TRAP_GICR && frame < vcpu->vm->vcpu_count) {
		gicr_access(vcpu, &vcpu->vm->vcpu[frame], (uint32_t)(off % VGIC_GICR_SIZE), m);
	}
}
