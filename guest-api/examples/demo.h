/* SPDX-License-Identifier: Apache-2.0 */
/* What the three guests of the demonstration have agreed on; configs/demo.h must say the same. */
#pragma once

#include <bulkhead/board.h>

/* The bystander's memory that the driver aims at. */
#define DEMO_VICTIM_BASE BOARD_RAM(0x1c800000)
#define DEMO_VICTIM_SIZE 0x4000ul

/* What the bystander keeps there: every 64-bit word its own address, mixed with this. */
#define DEMO_VICTIM_PATTERN 0xb57a9de25afe0000ull

/* The bystander looks at its memory every tick, this long. */
enum { DEMO_TICK_US = 50000, DEMO_WATCH_US = 3000000 };

/* Partitions in the order of the configuration. */
static const char *const demo_partition[] = { "driver", "monitor", "bystander" };

enum { DEMO_PARTITIONS = sizeof(demo_partition) / sizeof(demo_partition[0]) };
