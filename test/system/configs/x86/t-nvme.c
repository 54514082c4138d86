/* SPDX-License-Identifier: Apache-2.0 */
/* An NVMe controller, which has queues in memory and a table of messages. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(1, ALL_RIGHTS) };

static const struct cfg_device device[] = {
	{
		.name = "nvme0",
		.kind = CFG_DEV_PCI,
		.bdf = 4 << 3,
		.unit = 0,
		.sid = 0x20,
		.owner = 0,
		.allow = CFG_ALLOW_NONE,
	},
};

const struct hyp_config hyp_config = {
	.name = "t-nvme",
	.board = BOARD(4),
	.hyp_ram = HYP_RAM,
	.sync_timeout_ms = 100,
	.hyp_pool_pages = HYP_POOL,
	.vm_count = ARRAY_COUNT(vm),
	.vm = vm,
	.device_count = ARRAY_COUNT(device),
	.device = device,
};
