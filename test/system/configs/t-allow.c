/* SPDX-License-Identifier: Apache-2.0 */
/* edu0 is seen by `test`, but the hypervisor owns its mappings: one page to write, one to read (t_fixed.c). */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(1, ALL_RIGHTS, 1), OTHER_VM };

static const struct cfg_region set[] = {
	{ .name = "window", .ipa = 0x20000000, .pa = RAM(0x12010000), .size = 0x1000, .prot = PROT_READ | PROT_WRITE },
	{ .name = "read", .ipa = 0x20001000, .pa = RAM(0x12020000), .size = 0x1000, .prot = PROT_READ },
};

static const struct cfg_allow allow[] = {
	{ .name = "edu-set", .region_count = ARRAY_COUNT(set), .region = set },
};

static const struct cfg_device device[] = {
	{
		.name = "edu0",
		.kind = CFG_DEV_PCI,
		.bdf = 2 << 3,
		.unit = 0,
		.sid = 0x10,
		.owner = 0,
		.allow = 0,
	},
};

const struct hyp_config hyp_config = {
	.name = "t-allow",
	.board = BOARD(4),
	.hyp_ram = HYP_RAM,
	.sync_timeout_ms = 100,
	.hyp_pool_pages = HYP_POOL,
	.vm_count = ARRAY_COUNT(vm),
	.vm = vm,
	.device_count = ARRAY_COUNT(device),
	.device = device,
	.allow_count = ARRAY_COUNT(allow),
	.allow = allow,
};
