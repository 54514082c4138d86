/* SPDX-License-Identifier: Apache-2.0 */
/* Wrong on purpose: two partitions own the same memory. The build must refuse it and say which. */
#include "test_system.h"

static const struct cfg_region thief_region[] = {
	{ .name = "ram", .ipa = RAM(0x13f00000), .pa = RAM(0x13f00000), .size = MIB(16), .prot = RWX },
};

static const struct cfg_vm vm[] = {
	TEST_VM(1, ALL_RIGHTS),
	{
		.name = "thief",
		.cpu_count = 1,
		.cpu = { 2 },
		.pool_pages = OTHER_POOL,
		.entry = RAM(0x13f00000),
		.region_count = ARRAY_COUNT(thief_region),
		.region = thief_region,
	},
};

const struct hyp_config hyp_config = TEST_SYSTEM("bad-overlap", 4, vm);
