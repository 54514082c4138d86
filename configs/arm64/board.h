/* SPDX-License-Identifier: Apache-2.0 */
/* The machine that a system for both architectures runs on here: QEMU virt with 1 GiB of RAM. */
#pragma once

#include "board_virt.h"

#define MACHINE "virt"
#define BOARD(cpus) BOARD_VIRT(cpus, GIB(1))

/* Where the RAM of the machine begins; systems count from there. */
#define RAM(offset) (0x40000000 + (offset))

#define HYP_RAM { .base = RAM(0x00200000), .size = 0x600000 }

/* Other virtual CPUs start wherever PSCI is told to. */
#define LOW_REGION(vm)
