/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GICv3 a partition sees: distributor, one redistributor per vCPU, list registers.
 * arch/arm64/vgic.c (state), vgic_lr.c (list registers), vgic_mmio.c (registers).
 */
#pragma once

#include <hyp/spinlock.h>
#include <hyp/types.h>

struct vm;
struct vcpu;
struct mmio;

enum {
	VGIC_PRIVATE = 32,   /* SGIs 0..15, PPIs 16..31 */
	VGIC_INTIDS = 992,   /* GICD_TYPER.ITLinesNumber 30: SPIs 32..991 */
	VGIC_SPIS = VGIC_INTIDS - VGIC_PRIVATE,
	VGIC_LR_MAX = 16,
	VGIC_VTIMER = 27,    /* the virtual timer's PPI; always in list register 0 */
	VGIC_NO_TARGET = 0xff,
};

#define VGIC_GICD_SIZE 0x10000u
#define VGIC_GICR_SIZE 0x20000u /* per vCPU: RD_base and SGI_base frame */

struct vgic_irq {
	uint16_t flags;   /* enum in vgic_state.h */
	uint16_t hwirq;   /* the physical SPI behind it, or 0 */
	uint8_t priority;
	uint8_t target;   /* vCPU an SPI is routed to; VGIC_NO_TARGET: an affinity nobody has */
	uint8_t on;       /* vCPU whose list register holds it, or where it is active */
	uint8_t unused;
};

/* Per partition. lock covers all of it and every vgic_cpu of the partition, except where noted. */
struct vgic {
	struct spinlock lock; /* a leaf, but for the physical distributor's */
	uint32_t ctlr;        /* GICD_CTLR.EnableGrp* */
	uint16_t ready_words; /* bit n: ready[n] is not 0 */
	uint64_t ready[VGIC_SPIS / 64]; /* SPIs that need a list register */
	struct vgic_irq spi[VGIC_SPIS];
};

/*
 * Per vCPU. The words of the fast paths are read without the lock: vtimer_lr and sgi_lr[] are the exact value
 * a list register gets, 0 where the slow path must decide; the lr_* fields belong to the vCPU's own CPU.
 * List register 0 holds nothing but the virtual timer, so delivering it needs no search.
 */
struct vgic_cpu {
	uint32_t dirty;      /* vgic_flush() must run before the guest does; first: vectors.S looks at it */
	bool resync;         /* … and must take back what the list registers hold */
	bool asleep;         /* GICR_WAKER.ProcessorSleep */
	uint8_t lr_count;
	uint64_t vtimer_lr;
	uint16_t lr_used;    /* bit n: list register n was filled and not yet taken back */
	uint16_t lr_slow;    /* bit n: … by vgic_flush(), which must see the end of it */
	uint32_t sgi_inbox;  /* atomic: SGIs sent and not yet seen by the vCPU's CPU */
	uint32_t ready;      /* SGIs and PPIs that need a list register */
	uint16_t lr_intid[VGIC_LR_MAX];
	uint64_t sgi_lr[16];
	struct vgic_irq irq[VGIC_PRIVATE];
};

/* True if vgic_flush() must run before the guest is entered. */
static inline bool vgic_dirty(const struct vgic_cpu *v)
{
	return __atomic_load_n(&v->dirty, __ATOMIC_RELAXED) != 0;
}

void vgic_init_cpu(void);               /* each CPU, from gic_init_cpu(): list registers empty */
void vgic_vm_init(struct vm *vm);       /* boot, and restart with all vCPUs off; keeps arch_vm_irq_assign() */
void vgic_vcpu_init(struct vcpu *vcpu); /* boot, and restart */
void vgic_vcpu_reset(struct vcpu *vcpu); /* on its own CPU, before it starts: private state, list registers */
void vgic_vcpu_off(struct vcpu *vcpu);  /* on its own CPU, when it stops: what it held goes to others */

/* On the vCPU's own CPU, before the guest is entered, if vgic_dirty(). */
void vgic_flush(struct vcpu *vcpu);

/* From gic_irq_entry(), on the vCPU's own CPU. */
void vgic_sgi_take(struct vcpu *vcpu);    /* GIC_SGI_VGIC came */
void vgic_vtimer(struct vcpu *vcpu);      /* the timer fired and vtimer_lr is 0 */
void vgic_maintenance(struct vcpu *vcpu); /* a list register needs attention */

/* Emulates an access to the distributor (VM_TRAP_GICD) or the redistributors (VM_TRAP_GICR). */
void vgic_mmio(struct vcpu *vcpu, unsigned kind, uint64_t off, struct mmio *m);

/* The guest wrote ICC_SGI1R_EL1. (ICC_ASGI1R_EL1 and ICC_SGI0R_EL1 are ignored by the caller.) */
void vgic_sgi1r(struct vcpu *vcpu, uint64_t value);

/* Drives the line of a level-sensitive interrupt that an emulated device owns; any CPU. */
void vgic_set_level(struct vm *vm, uint32_t virq, bool level);
