/* SPDX-License-Identifier: Apache-2.0 */
/* test_system.h with a second partition `other`, which has no device and no rights, on a CPU of its own. */
#pragma once

#include "test_system.h"

#define OTHER_BASE RAM(0x18000000)

extern const uint8_t image_other_start[], image_other_end[];

static const struct cfg_region other_region[] = {
	{ .name = "ram", .ipa = OTHER_BASE, .pa = OTHER_BASE, .size = MIB(16), .prot = RWX },
};

static const struct cfg_image other_image[] = {
	{ .name = "other", .start = image_other_start, .end = image_other_end, .ipa = OTHER_BASE },
};

#define OTHER_VM_ARG(argument)                             \
	{                                                  \
		.name = "other",                           \
		.cpu_count = 1,                            \
		.cpu = { 2 },                              \
		.pool_pages = OTHER_POOL,                  \
		.entry = OTHER_BASE,                       \
		.arg = (argument),                         \
		.region_count = ARRAY_COUNT(other_region), \
		.region = other_region,                    \
		.image_count = ARRAY_COUNT(other_image),   \
		.image = other_image,                      \
	}

#define OTHER_VM OTHER_VM_ARG(0)

/* For runs whose clock counts instructions: no tick of the other may come later than 100 us [t_spin.c]. */
#define OTHER_VM_PUNCTUAL OTHER_VM_ARG(100ull << 32)
