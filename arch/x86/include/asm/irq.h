/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt numbers of this architecture, physical and virtual, are counted as the GIC counts them: below 32 private to
 * a CPU, 32 + n is global system interrupt n (I/O APIC pin). From IRQ_MSI_FIRST on they are messages. Physical
 * interrupt n has vector n + 16 on every CPU.
 */
#pragma once

#include <hyp/types.h>

enum {
	IRQ_SHARED = 32,     /* first that is not private to a CPU */
	IRQ_GSI_COUNT = 32,  /* physical I/O APIC pins we use at most */
	IRQ_MSI_FIRST = 64,  /* devices' … */
	IRQ_UNIT_FIRST = 220, /* … and IOMMU units', whose vectors no storm of a device may outrank */
	IRQ_MAX = 224,
	VIRQ_MAX = 96,       /* virtual: 32 + pins of the virtual I/O APIC */
};

/* Vectors of our own, above every device's: highest priority first. */
enum irq_vector {
	IRQ_VECTOR_FIRST = 48,   /* of irq 32 */
	IRQ_VECTOR_TIMER = 0xf0, /* the CPU's LAPIC timer: the vCPU's deadline */
	IRQ_VECTOR_KICK = 0xf1,  /* hyp_ipi() runs */
	IRQ_VECTOR_VAPIC = 0xf2, /* something changed for the vCPU of that CPU: leaving the guest is all it takes */
	IRQ_VECTOR_SPURIOUS = 0xff,
};

static inline uint8_t irq_vector(uint32_t irq)
{
	return (uint8_t)(irq + 16);
}

struct board;
struct vcpu;

/* --- lapic.c: this CPU's local APIC, in xAPIC mode --- */
int lapic_init(const struct board *b) __must_check; /* boot CPU: maps the registers; again: nothing; -BH_ENODEV */
void lapic_init_cpu(void);                          /* each CPU: enabled, all masked but our vectors, NMI as NMI */
void lapic_eoi(void);
bool lapic_in_service(uint8_t vector); /* taken, and not ended */
uint32_t lapic_id(void);                            /* of this CPU; from CPUID, works before lapic_init() */
void lapic_ipi(unsigned cpu, uint8_t vector);       /* cpu: index into board.cpu_id[] */
void lapic_nmi_others(void);                        /* park */
void lapic_start_cpu(unsigned cpu, uint8_t page);   /* INIT, SIPI, SIPI at page << 12; waits as the MP spec says */
void lapic_timer_at(uint64_t tsc);                  /* IRQ_VECTOR_TIMER once the TSC has reached it; at once if past */
void lapic_timer_off(void);
bool lapic_timer_expired(void); /* on IRQ_VECTOR_TIMER: the time has come; false: off, or too early and set again */
void lapic_timer_run_free(void);     /* for time_init(): counts without interrupting … */
uint32_t lapic_timer_counted(void);  /* … so far */

/* --- ioapic.c: every pin masked, and remapped through the IOMMU unit's table when it is enabled --- */
int ioapic_init(const struct board *b) __must_check;
int ioapic_enable(uint32_t irq, unsigned cpu, bool edge) __must_check; /* -BH_EIO: the unit did not take the entry */
void ioapic_mask(uint32_t irq);
void ioapic_unmask(uint32_t irq);  /* nothing, if it is not enabled */
void ioapic_disable(uint32_t irq); /* masked, and blocked at the unit, until it is enabled again */

/* --- irq.c --- */

/* The interrupt stubs of idt.S, interrupts masked. Dispatches, ends what has to be ended at the LAPIC. */
void irq_entry(unsigned vector);
