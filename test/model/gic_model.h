/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A GICv3 as strict as the specification lets it be: distributor and redistributors (gic_dist_model.c), and per
 * CPU the physical interface, list registers and the guest's interface (gic_cpu_model.c). Whatever
 * the specification calls UNPREDICTABLE fails the test, and so does losing an interrupt: overwriting a list
 * register that is in use, ending what is not active, the same interrupt in two list registers.
 */
#pragma once

#include <hyp/types.h>

enum {
	GIC_MODEL_CPUS = 4,
	GIC_MODEL_IRQS = 288,
	GIC_MODEL_VTIMER = 27,
	GIC_MODEL_MAINT = 25,
	GIC_MODEL_NONE = 1023,
};

#define GIC_MODEL_GICD 0x08000000ull
#define GIC_MODEL_GICR 0x080a0000ull
#define GIC_MODEL_GICR_SIZE (GIC_MODEL_CPUS * 0x20000ull)

struct gic_model_irq {
	bool enabled, group1, edge, latch, line, active;
	uint8_t priority;
	uint64_t route; /* SPIs */
};

struct gic_model_cpu {
	struct gic_model_irq irq[32];
	uint64_t lr[16];
	uint64_t eisr_lr; /* list registers whose interrupt was ended with the EOI bit set */
	uint64_t hcr, vmcr, pmr, ctlr, igrpen1, sre;
	bool awake;
	uint32_t running; /* INTID acknowledged and not yet dropped, or GIC_MODEL_NONE */
};

/* What tests of failures bend. */
struct gic_model {
	struct gic_model_cpu cpu[GIC_MODEL_CPUS];
	struct gic_model_irq spi[GIC_MODEL_IRQS];
	uint32_t ctlr;
	unsigned lr_count;
	unsigned vm_of_cpu[GIC_MODEL_CPUS]; /* partitions, for "one interrupt, one list register" */
	uint32_t pidr2;
	bool rwp_stuck, never_awake, no_sre;
	unsigned sgi_count;       /* physical SGIs sent */
	unsigned maint_count;     /* maintenance interrupts acknowledged */
	unsigned frames;          /* redistributors there are */
};

extern struct gic_model gic_model;

void gic_model_reset(unsigned lr_count); /* after fake_reset() */

struct gic_model_irq *gic_model_irq_of(unsigned cpu, uint32_t intid);
bool gic_model_is_pending(const struct gic_model_irq *irq);
void gic_model_line(unsigned cpu, uint32_t intid, bool level); /* cpu: of a private interrupt */

/* What the CPU would take now, or GIC_MODEL_NONE. */
uint32_t gic_model_next(unsigned cpu);

/* The guest on that CPU: ICC_IAR1_EL1, then ICC_EOIR1_EL1 with EOImode 0. */
uint32_t gic_model_guest_ack(unsigned cpu);
void gic_model_guest_eoi(unsigned cpu, uint32_t intid);
unsigned gic_model_lrs_used(unsigned cpu);
