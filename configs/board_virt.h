/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's `-M virt,virtualization=on,gic-version=3,iommu=smmuv3 -smp 4 -m 1G`, from the device tree QEMU 10
 * generates. The board check compares every value with the tree of the machine that was really started.
 * Use: `.board = BOARD_VIRT(4, GIB(1))`.
 */
#pragma once

#include <hyp/config.h>

#define BOARD_VIRT(cpus, ram_size)                                                                     \
	{                                                                                              \
		.cpu_count = (cpus),                                                                   \
		.cpu_id = { 0, 1, 2, 3, 4, 5, 6, 7 },                                                  \
		.ram_count = 1,                                                                        \
		.ram = { { .base = 0x40000000, .size = (ram_size) } },                                 \
		.unit_count = 1,                                                                       \
		.unit = { {                                                                            \
			.base = 0x09050000,                                                            \
			.size = 0x20000,                                                               \
			.evtq_irq = 106, /* SPI 74; 107 is priq: no PRI in this unit */                \
			.sync_irq = 108,                                                               \
			.gerr_irq = 109,                                                               \
			.sid_bits = 16,  /* StreamID = requester id */                                 \
			.out_bits = 40,  /* enough for every window below */                           \
			.coherent = true,                                                              \
		} },                                                                                   \
		.pci = {                                                                               \
			.present = true,                                                               \
			.ecam = 0x4010000000,                                                          \
			.ecam_size = 0x10000000,                                                       \
			.bus_first = 0,                                                                \
			.bus_last = 255,                                                               \
			.window_count = 3,                                                             \
			.window = {                                                                    \
				{ PCI_WINDOW_IO, 0, 0x3eff0000, 0x10000 },                             \
				{ PCI_WINDOW_MEM32, 0x10000000, 0x10000000, 0x2eff0000 },              \
				{ PCI_WINDOW_MEM64, 0x8000000000, 0x8000000000, 0x8000000000 },        \
			},                                                                             \
			.intx = { 35, 36, 37, 38 },                                                    \
			.iommu_mapped = true,                                                          \
			.unit = 0,                                                                     \
			.rid_base = 0,                                                                 \
			.sid_base = 0,                                                                 \
			.rid_count = 0x10000,                                                          \
		},                                                                                     \
		.uart = 0x09000000,                                                                    \
		.uart_irq = 33,                                                                        \
		.gic_version = 3,                                                                      \
		.gicd = { .base = 0x08000000, .size = 0x10000 },                                       \
		.gicr = { .base = 0x080a0000, .size = 0xf60000 },                                      \
		.its = { .base = 0x08080000, .size = 0x20000 },                                        \
		.vtimer_irq = 27,                                                                      \
		.maint_irq = 25,                                                                       \
		.bypass_count = 2,                                                                     \
		.bypass = {                                                                            \
			{ .base = 0x09020000, .size = 0x1000 }, /* fw_cfg: its DMA reaches all memory */ \
			{ .base = 0x0a000000, .size = 0x4000 }, /* virtio-mmio, 32 slots */            \
		},                                                                                     \
	}
