/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests have to do differently on each architecture: the addresses worth trying, ways to go wrong, the bare call
 * instruction. Both headers define the same names.
 */
#pragma once

#include <bulkhead/guest.h>

/* An address that is not the guest's, for the CPU and for its devices. */
struct foreign {
	uint64_t addr;
	const char *what;
	unsigned flags;
};

enum { NO_CPU = 1,    /* not for the CPU: emulated there */
       NO_DMA = 2,    /* not for devices: these accesses take another way */
       TOO_HIGH = 4 }; /* for what the unit translates; QEMU 10.0 refuses it without an event */

#if defined(__aarch64__)
#include "arch_arm64.h"
#define ARCH_TRAPS "traps_arm64.h"
#elif defined(__x86_64__)
#include "arch_x86.h"
#define ARCH_TRAPS "traps_x86.h"
#endif

static const struct foreign foreign[] = {
	{ BOARD_HYP_BASE, "the hypervisor's image", 0 }, /* the first of these are read by devices, too [t_dma.c] */
	{ BOARD_HYP_BASE + 0x100000, "the hypervisor's memory", 0 },
	{ BOARD_RAM(0), "the start of RAM", 0 },
	{ BOARD_RAM(0x18000000), "another partition's memory", 0 },
	{ BOARD_RAM(0x1c000000), "a third partition's memory", 0 },
	{ BOARD_RAM(0x14000000), "the byte behind own memory", 0 },
	{ BOARD_RAM(0x10000000) - 8, "the word before own memory", 0 },
	{ BOARD_RAM(0x40000000), "behind the end of RAM", 0 },
	{ BOARD_IOMMU_BASE, "the unit's registers", 0 },
	{ BOARD_ECAM_BASE, "PCI configuration space", NO_CPU },
	ARCH_FOREIGN,
};

enum { FOREIGN_COUNT = sizeof(foreign) / sizeof(foreign[0]), FOREIGN_READ = 5 };
