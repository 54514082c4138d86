/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partition's interrupt controllers: a local APIC per vCPU (xAPIC page and x2APIC registers), one I/O APIC,
 * messages. Any CPU may raise an interrupt; only the vCPU's own CPU moves it to the guest. arch/x86/vlapic*.c,
 * vioapic.c
 */
#pragma once

#include <hyp/spinlock.h>
#include <hyp/types.h>

enum { VIOAPIC_PINS = 64 }; /* virtual interrupt 32 + n is pin n */

#define VLAPIC_BASE  0xfee00000ull
#define VIOAPIC_BASE 0xfec00000ull

struct vm;
struct vcpu;
struct mmio;

enum { VLAPIC_LVT_COUNT = 6 }; /* timer, thermal, performance, LINT0, LINT1, error: in the order of the registers */

struct vlapic {
	/* any CPU, atomically: what was raised and not yet taken */
	uint64_t irr[4];
	uint64_t level[4];        /* TMR */
	uint32_t nmi_pending;
	uint32_t init_pending;    /* INIT came: its own CPU takes the vCPU off; cleared by the SIPI that starts it */
	uint32_t esr_next;        /* errors since the last write of ESR */
	/* written by the vCPU's own CPU only; base, svr, ldr, dfr and the error LVT are read by senders */
	uint32_t svr, ldr, dfr;
	uint64_t base;            /* IA32_APIC_BASE */
	uint64_t isr[4];
	uint8_t isr_top;          /* highest vector in isr[], 0: none */
	uint32_t id;              /* = index of the vCPU; survives a reset */
	uint32_t tpr, esr;
	uint32_t icr_hi, icr_lo;
	uint32_t lvt[VLAPIC_LVT_COUNT];
	uint32_t timer_init, timer_div; /* initial count; divide configuration as written */
	uint64_t timer_deadline;  /* TSC value at which it fires; 0: not running */
	int offered;              /* vector last given to the CPU to deliver, or -1; svm.c */
};

struct vioapic {
	struct spinlock lock;
	uint32_t select;
	uint32_t id;
	uint64_t rte[VIOAPIC_PINS]; /* without delivery status and remote IRR */
	uint64_t line;            /* bit n: the source of pin n asserts it */
	uint64_t held;            /* bit n: an edge that no local APIC has taken yet */
	uint64_t remote;          /* bit n: remote IRR */
	uint64_t hw;              /* bit n: a physical interrupt stands behind it … */
	uint64_t hw_on;           /* … which the guest has enabled since it was assigned */
	uint32_t hw_irq[VIOAPIC_PINS];
	bool hw_edge[VIOAPIC_PINS];
};

/* --- vlapic.c --- */

/*
 * As after power-on: xAPIC mode, software-disabled. On the vCPU's own CPU, or while it does not run. INIT pending
 * stays while the partition runs: it may have come after the SIPI that is being obeyed.
 */
void vlapic_reset(struct vcpu *v);

/* Any CPU; kicks the vCPU's CPU if it is another. False: not accepted (disabled, or a vector below 16). */
bool vlapic_raise(struct vcpu *v, uint8_t vector, bool level);
void vlapic_raise_nmi(struct vcpu *v);                   /* any CPU */

/* The most urgent vector that may be delivered now (above the priority in service and the task priority), or -1. */
int vlapic_pending(const struct vcpu *v);
void vlapic_accept(struct vcpu *v, uint8_t vector);      /* the CPU took it: IRR to ISR */
bool vlapic_wakes(const struct vcpu *v);                 /* something a HLT ends for: deliverable vector, NMI, INIT */

/* --- vlapic_regs.c --- */
bool vlapic_msr(struct vcpu *v, uint32_t msr, bool write, uint64_t *value); /* x2APIC, APIC_BASE; false: #GP */
void vlapic_mmio(struct vcpu *v, uint64_t off, struct mmio *m);

/* --- vlapic_timer.c --- */
void vlapic_timer_expire(struct vcpu *v); /* the host's timer came: raises the vector, starts again if periodic */

/* --- vlapic_ipi.c: ICR, destinations, messages (arch_vm_pend_msi) --- */
enum vlapic_mode { /* delivery modes [SDM 3A 10.6.1] */
	VLAPIC_FIXED = 0, VLAPIC_LOWEST = 1, VLAPIC_NMI = 4, VLAPIC_INIT = 5, VLAPIC_SIPI = 6
};
#define VLAPIC_DEST_ALL UINT32_MAX /* physical broadcast; 8-bit destinations say 0xff */

void vlapic_icr(struct vcpu *from, uint32_t dest, uint32_t lo);

/* Of an interrupt controller or a device. False: nobody accepted it. dest: 8 bits, 0xff is everybody if physical. */
bool vlapic_deliver(struct vm *vm, uint32_t dest, bool logical, unsigned mode, uint8_t vector, bool level);

/* --- vioapic.c; any CPU --- */
void vioapic_reset(struct vm *vm);                       /* everything masked; assignments stay; the vCPUs do not run */
void vioapic_mmio(struct vcpu *v, uint64_t off, struct mmio *m);
void vioapic_set_line(struct vm *vm, uint32_t virq, bool level); /* virq = 32 + pin */
void vioapic_pulse(struct vm *vm, uint32_t virq);        /* one edge; kept if the pin is masked */
void vioapic_eoi(struct vm *vm, uint8_t vector);         /* a level vector was ended at some LAPIC */
void vioapic_retry(struct vm *vm);                       /* a LAPIC may accept now what it did not before */
void vioapic_assign(struct vm *vm, uint32_t virq, uint32_t irq, bool edge); /* before the vCPUs run: irq is off */
void vioapic_hwirq(struct vm *vm, uint32_t virq, uint32_t irq); /* the physical interrupt came */

/* The virtual timer's undivided clock; CPUID 0x40000010 tells the guest. */
enum { VLAPIC_TIMER_KHZ = 100000 };
