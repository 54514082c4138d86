/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two partitions with virtual APICs: `a` with three vCPUs on CPUs 0 to 2, `b` with one on CPU 3; and a physical I/O
 * APIC.
 */
#pragma once

#include <hyp/vm.h>

#include "arch/x86/vlapic_regs.h"

enum { CPUS = 4, NONE = -1 };

extern struct vm vms[VM_MAX];
extern uint64_t vapic_tsc, tsc_khz;
#define A (&vms[0])
#define B (&vms[1])
#define A0 (&vms[0].vcpu[0])
#define A1 (&vms[0].vcpu[1])
#define A2 (&vms[0].vcpu[2])
#define B0 (&vms[1].vcpu[0])

extern unsigned kicks[CPUS];       /* IRQ_VECTOR_VAPIC sent to that CPU */
extern uint64_t timer_at[CPUS];    /* what its physical timer is set to; 0: off */
extern unsigned timer_sets;
extern bool obeys_init;            /* a vCPU that is waited for sees its INIT */

/* One pin of the physical I/O APIC. */
struct phys {
	unsigned enables;
	bool enabled, masked, edge, line;
	unsigned fired, cpu;
};
extern struct phys phys[64];

int board_setup(void **state);     /* everybody on, software-enabled, xAPIC flat, logical id 1 << index */
void board_raw(void);              /* as after power-on */

/* The line changes; what fires reaches the partition's pin virq as long as it may. Fails if that never ends. */
void phys_line(struct vm *vm, uint32_t virq, uint32_t irq, bool high);
void phys_run(struct vm *vm, uint32_t virq, uint32_t irq);

/* One guest access, on the vCPU's own CPU. */
uint32_t apic_read(struct vcpu *v, unsigned reg);
void apic_write(struct vcpu *v, unsigned reg, uint32_t value);
bool x2_read(struct vcpu *v, unsigned reg, uint64_t *value);
bool x2_write(struct vcpu *v, unsigned reg, uint64_t value);
bool base_set(struct vcpu *v, uint64_t bits);           /* IA32_APIC_BASE without the address */
void x2_enable(struct vcpu *v);
uint32_t io_read(struct vcpu *v, uint32_t reg);
void io_write(struct vcpu *v, uint32_t reg, uint32_t value);
void rte_set(struct vcpu *v, unsigned pin, uint64_t rte);
uint64_t rte_get(struct vcpu *v, unsigned pin);

int take(struct vcpu *v);          /* the most urgent vector goes into service; NONE */
void eoi(struct vcpu *v);
int serve(struct vcpu *v);         /* taken and ended */
bool is_idle(const struct vcpu *v); /* nothing requested, nothing in service */
