/* SPDX-License-Identifier: Apache-2.0 */
/* edu0 belongs to `test` with all its memory: for a guest that knows no hypercalls. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM(1, ALL_RIGHTS), OTHER_VM };

static const struct cfg_device device[] = {
	{
		.name = "edu0",
		.kind = CFG_DEV_PCI,
		.bdf = 2 << 3,
		.unit = 0,
		.sid = 0x10,
		.owner = 0,
		.allow = CFG_ALLOW_NONE,
		.dma_all = true,
	},
};

const struct hyp_config hyp_config = {
	.name = "t-dma-all",
	.board = BOARD(4),
	.hyp_ram = HYP_RAM,
	.sync_timeout_ms = 100,
	.hyp_pool_pages = HYP_POOL,
	.vm_count = ARRAY_COUNT(vm),
	.vm = vm,
	.device_count = ARRAY_COUNT(device),
	.device = device,
};
