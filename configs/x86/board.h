/* SPDX-License-Identifier: Apache-2.0 */
/* The machine that a system for both architectures runs on here: QEMU q35 with 1 GiB of RAM. */
#pragma once

#include "board_q35.h"

#define MACHINE "q35"
#define BOARD(cpus) BOARD_Q35(cpus)

/* Where the RAM of the machine begins; systems count from there, and use nothing below 0x01000000 but HYP_RAM. */
#define RAM(offset) (0x00000000 + (offset))

#define HYP_RAM { .base = RAM(0x00200000), .size = 0x600000 }

/*
 * In the list of a partition with several virtual CPUs, after its memory: they start in real mode, in a page below
 * 1 MiB. Partition n takes it from page n of the MiB at 0x0f000000, which no system uses for anything else.
 */
#define LOW_REGION(n)                                                                                      \
	{ .name = "low", .ipa = 0x8000, .pa = RAM(0x0f000000 + (n) * 0x1000), .size = 0x1000,              \
	  .prot = PROT_READ | PROT_WRITE | PROT_EXEC },
