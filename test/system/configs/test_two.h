/* SPDX-License-Identifier: Apache-2.0 */
/* Two partitions with a device each, edu0 and edu1; neither is a monitor. TWO_SYSTEM(name, the first partition). */
#pragma once

#include "test_pair.h"

#define RIGHTS (CFG_VM_ATTACH | CFG_VM_TARGET)

#define TWO_OTHER_VM                                                   \
	{                                                              \
		.name = "other",                                       \
		.cpu_count = 1,                                        \
		.cpu = { 2 },                                          \
		.rights = RIGHTS,                                      \
		.fault_virq = 65,                                      \
		.pool_pages = OTHER_POOL,                              \
		.entry = OTHER_BASE,                                   \
		.arg = 1,                                              \
		.region_count = ARRAY_COUNT(other_region),             \
		.region = other_region,                                \
		.image_count = ARRAY_COUNT(other_image),               \
		.image = other_image,                                  \
	}

static const struct cfg_device two_device[] = {
	{
		.name = "edu0",
		.kind = CFG_DEV_PCI,
		.bdf = 2 << 3,
		.unit = 0,
		.sid = 0x10,
		.owner = 0,
		.allow = CFG_ALLOW_NONE,
	},
	{
		.name = "edu1",
		.kind = CFG_DEV_PCI,
		.bdf = 3 << 3,
		.unit = 0,
		.sid = 0x18,
		.owner = 1,
		.allow = CFG_ALLOW_NONE,
	},
};

#define TWO_SYSTEM(system, vms)                                        \
	{                                                              \
		.name = (system),                                      \
		.board = BOARD(4),                                     \
		.hyp_ram = HYP_RAM,                                    \
		.sync_timeout_ms = 100,                                \
		.hyp_pool_pages = HYP_POOL,                            \
		.vm_count = ARRAY_COUNT(vms),                          \
		.vm = (vms),                                           \
		.device_count = ARRAY_COUNT(two_device),               \
		.device = two_device,                                  \
	}
