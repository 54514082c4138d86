/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot protocol handed over and what only x86 keeps of the firmware's tables. */
#pragma once

#include <hyp/types.h>

enum { ARCH_BOOT_TABLE_SIZE = 0 };

/* head.S stores these; they are in .data because .bss is cleared later. */
extern uint32_t boot_magic; /* EAX: 0x36d76289 from Multiboot2; PVH leaves it open, head.S stores 0 for its own entry */
extern uint32_t boot_info;  /* EBX: start info or Multiboot2 information */

/* Filled by arch_platform_read(), constant afterwards. */
struct acpi_info {
	uint16_t pm_timer;      /* I/O port, 0 none */
	uint16_t pm1a_control;  /* I/O port of PM1a_CNT, 0 none */
	uint16_t sleep_s5;      /* SLP_TYPa of S5, from \_S5 */
	uint16_t reset_port;    /* 0: none */
	uint8_t reset_value;
	uint8_t ioapic_id;
	uint32_t ioapic_gsi_base;
	uint16_t ioapic_sid;    /* requester id of the I/O APIC [VT-d 8.3.1.1] … */
	uint8_t ioapic_unit;    /* … and the unit that remaps it; 0xff none */
	bool intremap;          /* DMAR flags.INTR_REMAP */
	bool x2apic_opt_out;
	uint32_t isa_gsi[16];   /* where ISA interrupt n arrives */
	bool isa_level[16];
	bool isa_low[16];
};

extern struct acpi_info acpi_info;
