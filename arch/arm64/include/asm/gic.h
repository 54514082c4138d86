/* SPDX-License-Identifier: Apache-2.0 */
/* The physical GICv3: arch/arm64/gicv3.c. Interrupt numbers are INTIDs (SPI n = 32 + n). */
#pragma once

#include <hyp/types.h>

struct board;
struct vcpu;

/* Our own SGIs. */
enum gic_sgi {
	GIC_SGI_KICK = 0, /* hyp_ipi() runs */
	GIC_SGI_PARK = 1, /* the CPU parks: Design Safe State */
	GIC_SGI_VGIC = 2, /* something changed for the vCPU of that CPU */
};

/*
 * Boot CPU, once: maps the registers, leaves every SPI disabled, inactive, not pending and in group 1, finds
 * each CPU's redistributor. -BH_ENODEV: no usable GICv3 there, or a CPU without redistributor; -BH_EIO: a
 * register write did not complete in time; or the error of arch_hyp_map().
 */
int gic_init_dist(const struct board *b) __must_check;

/* Each CPU, after gic_init_dist(): redistributor awake, CPU interface and list registers ready, or the boot stops. */
void gic_init_cpu(void);

/* The EL2 interrupt vector: takes one interrupt. vcpu: the one pinned to this CPU, or NULL. */
void gic_irq_entry(struct vcpu *vcpu);

void gic_sgi_send(unsigned cpu, enum gic_sgi sgi);

/* Sends a shared interrupt to another CPU from now on. */
void gic_irq_route(uint32_t irq, unsigned cpu);

/* The pending state of an interrupt: the line itself where it is level-sensitive. Private ones: of this CPU. */
bool gic_irq_pending(uint32_t irq);
