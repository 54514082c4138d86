/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition that restarts itself, and is told where its memory ends; the other must not notice. Little memory: a
 * restart must take less than the 100 ms of a transfer.
 */
#include "test_pair.h"

static const struct cfg_region small_region[] = {
	{ .name = "ram", .ipa = TEST_BASE, .pa = TEST_BASE, .size = MIB(16), .prot = RWX },
	LOW_REGION(0)
};

static const struct cfg_vm vm[] = {
	{
		.name = "test",
		.cpu_count = 2,
		.cpu = { 0, 1 },
		.rights = CFG_VM_ATTACH,
		.fault_virq = 64,
		.pool_pages = TEST_POOL,
		.entry = TEST_BASE,
		.arg = TEST_BASE + MIB(16),
		.region_count = ARRAY_COUNT(small_region),
		.region = small_region,
		.image_count = ARRAY_COUNT(test_image),
		.image = test_image,
	},
	OTHER_VM,
};

const struct hyp_config hyp_config = TEST_SYSTEM("t-scrub", 4, vm);
