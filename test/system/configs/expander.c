/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can be built, must not boot: the device it gives to a partition is behind an expander bridge, and a machine may
 * route that bridge's bus past the SMMU (-device pxb-pcie,bypass_iommu=on).
 */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(1, ALL_RIGHTS) };

static const struct cfg_device device[] = {
	{
		.name = "edu0",
		.kind = CFG_DEV_PCI,
		.bdf = 16 << 8,
		.unit = 0,
		.sid = 16 << 8,
		.owner = 0,
		.allow = CFG_ALLOW_NONE,
	},
};

const struct hyp_config hyp_config = {
	.name = "expander",
	.board = BOARD(4),
	.hyp_ram = HYP_RAM,
	.sync_timeout_ms = 100,
	.hyp_pool_pages = HYP_POOL,
	.vm_count = ARRAY_COUNT(vm),
	.vm = vm,
	.device_count = ARRAY_COUNT(device),
	.device = device,
};
