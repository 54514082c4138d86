/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's `-M q35,kernel-irqchip=split -cpu max,+svm -smp 4 -m 1G -device intel-iommu,intremap=on`. The board check
 * compares it with the ACPI tables of the machine that was really started. RAM is what SeaBIOS and OVMF both leave
 * free: not the first MiB, not what OVMF keeps from 8 MiB on, not the top where firmware puts its tables.
 * Use: `.board = BOARD_Q35(4)`.
 */
#pragma once

#include <hyp/config.h>

#define BOARD_Q35(cpus)                                                                                \
	{                                                                                              \
		.cpu_count = (cpus),                                                                   \
		.cpu_id = { 0, 1, 2, 3, 4, 5, 6, 7 }, /* APIC ids */                                   \
		.ram_count = 2,                                                                        \
		.ram = {                                                                               \
			{ .base = 0x00100000, .size = 0x00700000 },                                    \
			{ .base = 0x01000000, .size = 0x2f000000 },                                    \
		},                                                                                     \
		.unit_count = 1,                                                                       \
		.unit = { {                                                                            \
			.base = 0xfed90000,                                                            \
			.size = 0x1000,                                                                \
			.evtq_irq = 220,   /* IRQ_UNIT_FIRST */                                        \
			.sid_bits = 16,    /* source id = requester id */                              \
			.out_bits = 39,    /* enough for every window below; aw-bits=39 or 48 */       \
			.coherent = false,                                                             \
		} },                                                                                   \
		.pci = {                                                                               \
			.present = true,                                                               \
			.ecam = 0xb0000000,                                                            \
			.ecam_size = 0x10000000,                                                       \
			.bus_first = 0,                                                                \
			.bus_last = 255,                                                               \
			.window_count = 2,                                                             \
			.window = {                                                                    \
				{ PCI_WINDOW_MEM32, 0xc0000000, 0xc0000000, 0x20000000 },              \
				{ PCI_WINDOW_MEM64, 0x800000000, 0x800000000, 0x800000000 },           \
			},                                                                             \
			.intx = { 52, 53, 54, 55 }, /* GSI 20..23, PIRQ E..H */                        \
			.iommu_mapped = true,                                                          \
			.unit = 0,                                                                     \
			.rid_base = 0,                                                                 \
			.sid_base = 0,                                                                 \
			.rid_count = 0x10000,                                                          \
		},                                                                                     \
		.uart = 0x3f8,                                                                         \
		.uart_port = true,                                                                     \
		.uart_irq = 36, /* GSI 4 */                                                            \
		.lapic = { .base = 0xfee00000, .size = 0x1000 },                                       \
		.ioapic = { .base = 0xfec00000, .size = 0x1000 },                                      \
		.bypass_count = 1,                                                                     \
		.bypass = {                                                                            \
			{ .base = 0xfed00000, .size = 0x1000 }, /* HPET: it can write messages */      \
		},                                                                                     \
	}
