/* SPDX-License-Identifier: Apache-2.0 */
/* What the three files of the virtual GIC share. Everything here wants vm->arch.vgic.lock held. */
#pragma once

#include <asm/vgic.h>
#include <hyp/vm.h>

/* struct vgic_irq.flags. A loaded interrupt's pending and active state is in the list register alone. */
enum {
	VIRQ_ENABLED = 0x0001,
	VIRQ_GROUP1 = 0x0002,
	VIRQ_EDGE = 0x0004,
	VIRQ_PENDING = 0x0008,   /* latched: an edge, a physical interrupt, or the guest's GICD_ISPENDR */
	VIRQ_LINE = 0x0010,      /* the line an emulated device drives is high */
	VIRQ_ACTIVE = 0x0020,
	VIRQ_HWACT = 0x0040,     /* the physical interrupt is active, and no list register will deactivate it */
	VIRQ_LOADED = 0x0080,    /* in a list register of vCPU `on` (SGIs and the timer: not always said) */
	VIRQ_LATCHED = 0x0100,   /* loaded: what is pending there came from the latch, not from the line */
	VIRQ_LR_ACTIVE = 0x0200, /* loaded: it was active then */
	VIRQ_ASKED = 0x0400,     /* loaded: another vCPU wants to know whether it is active … */
	VIRQ_EXACT = 0x4000,     /* … and VIRQ_LR_ACTIVE is the answer */
	VIRQ_DROP_PEND = 0x0800, /* loaded elsewhere: GICD_ICPENDR to be done by that CPU */
	VIRQ_DROP_ACT = 0x1000,  /* … GICD_ICACTIVER */
	VIRQ_HELD = 0x2000,      /* HWACT and could not be delivered: the line may have fallen since */
};

/* INTID below VGIC_INTIDS; owner: whose, if it is private. */
static inline struct vgic_irq *vgic_irq_get(struct vm *vm, struct vcpu *owner, uint32_t intid)
{
	return intid < VGIC_PRIVATE ? &owner->arch.vgic.irq[intid] : &vm->arch.vgic.spi[intid - VGIC_PRIVATE];
}

/* What ends when the interrupt leaves its list register. */
#define VIRQ_OF_LR                                                                                   \
	((unsigned)(VIRQ_LOADED | VIRQ_LATCHED | VIRQ_LR_ACTIVE | VIRQ_DROP_PEND | VIRQ_DROP_ACT | VIRQ_EXACT))

static inline bool vgic_is_pending(const struct vgic_irq *irq)
{
	return (irq->flags & VIRQ_PENDING) != 0 || (irq->flags & (VIRQ_LINE | VIRQ_EDGE)) == VIRQ_LINE;
}

/* The physical interrupt behind it, or 0. */
uint32_t vgic_hwirq(const struct vgic_irq *irq, uint32_t intid);

/* The vCPU that must see it now, or VGIC_NO_TARGET. */
unsigned vgic_home(const struct vm *vm, const struct vgic_irq *irq);

/* May be delivered if pending: enabled, and its group too. */
bool vgic_is_open(const struct vm *vm, const struct vgic_irq *irq);

/* True if the interrupt needs a list register, or something from the latch put into the one it has. */
bool vgic_wants_lr(const struct vm *vm, const struct vgic_irq *irq);

/* After any change of an interrupt: ready sets, fast words; the vCPU concerned is told. */
void vgic_update(struct vm *vm, struct vcpu *owner, uint32_t intid);

/* Ends the physical interrupt if nothing is left to be delivered; a PPI's only on its own CPU. */
void vgic_settle(struct vgic_irq *irq, uint32_t intid);

void vgic_kick(struct vcpu *vcpu);   /* vgic_flush() before it runs on */
void vgic_resync(struct vcpu *vcpu); /* … and its list registers are taken back first */

/* vgic_lr.c, on the vCPU's own CPU: empties the list registers that hold INTIDs [first, first + count). */
void vgic_lr_take(struct vcpu *vcpu, uint32_t first, uint32_t count);

/* Moves SGIs that were sent to the vCPU into its pending state. */
void vgic_inbox_fold(struct vcpu *vcpu);
