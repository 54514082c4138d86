/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt hardware of a PC: a local APIC per CPU, one I/O APIC, remapping tables, the legacy controllers' masks,
 * and the clocks (TSC, LAPIC timer, ACPI PM timer, PIT channel 2), which run a little with every access. An adversary:
 * it fails the test when an EOI has nothing to end or is missing, when a pin is unmasked that the table does not know
 * or changed while it is unmasked, when registers are touched that are not there, when a reserved bit is written.
 */
#pragma once

#include <drv/intremap.h>
#include <hyp/config.h>

#define APIC_MODEL_LAPIC  0xfee00000ull
#define APIC_MODEL_IOAPIC 0xfec00000ull

enum { APIC_MODEL_PM = 0x608, APIC_MODEL_PINS = 120, APIC_MODEL_SENT = 64 };

struct apic_model_lapic {
	uint64_t base;          /* IA32_APIC_BASE */
	uint32_t id;
	uint32_t reg[0x400 / 16];
	bool irr[256], isr[256], tmr[256];
	bool nmi;
	unsigned eois;
	uint64_t timer_start;   /* ps; 0: stopped */
};

struct apic_model_pin {
	uint32_t low, high;     /* low: as software wrote it */
	bool line;              /* asserted, whatever the polarity */
	bool remote_irr;
};

/* What was written to an ICR. */
struct apic_model_sent {
	uint32_t id, low;
	uint64_t us;
};

extern struct apic_model {
	struct apic_model_lapic cpu[CPU_MAX];
	struct apic_model_pin pin[APIC_MODEL_PINS];
	unsigned pins;
	unsigned pins_said;     /* in IOAPICVER */
	uint32_t select;
	struct intremap_entry irte[UNIT_MAX][INTREMAP_ENTRIES];
	bool irte_present[UNIT_MAX][INTREMAP_ENTRIES];
	bool remapping[UNIT_MAX];
	bool unit_fails;        /* intremap_set() */
	unsigned unit_calls;
	unsigned blocked;       /* messages the units did not let through */
	uint8_t pic[2];
	bool absent;            /* nobody answers: all ones */
	bool icr_stuck;
	unsigned sent_count;
	struct apic_model_sent sent[APIC_MODEL_SENT];
	bool x2apic_locked;
	unsigned cpuid_max;
	/* clocks */
	uint64_t ps;            /* time */
	uint64_t access_ps;     /* what an access takes */
	uint64_t tsc_khz, apic_khz;
	uint64_t stall_ps;      /* once … */
	unsigned stall_after;   /* … after so many reads of the reference clock */
	bool pm_stuck, pit_stuck;
	uint8_t gate;           /* port 0x61 */
	uint64_t pit_end;       /* ps */
	unsigned clock_reads;
} apic_model;

/* As firmware leaves it: LAPICs on, the boot CPU's with its timer and LINTs unmasked, pins unmasked, table off. */
void apic_model_reset(void);

/* A pin's source asserts or ends its interrupt. */
void apic_model_line(unsigned pin, bool asserted);

/* A device writes a message. */
void apic_model_message(unsigned unit, uint16_t sid, uint64_t addr, uint32_t data);

/* Something makes the vector pending at that CPU. */
void apic_model_raise(unsigned cpu, unsigned vector, bool level);

/* The CPU takes what it may, most urgent first, through irq_entry(); returns how many. Does not go on for ever. */
unsigned apic_model_run(unsigned cpu);
unsigned apic_model_in_service(unsigned cpu);
bool apic_model_pending(unsigned cpu, unsigned vector);
uint64_t apic_model_rte(unsigned pin);

/* Lets the clocks run, the LAPIC timers with them. */
void apic_model_pass_us(uint64_t us);
