/* SPDX-License-Identifier: Apache-2.0 */
/* As t-dma, but the partition sees its memory at another address than the machine. */
#include "test_pair.h"

#define SEEN_AT 0x60000000
#define REALLY  RAM(0x10000000)

static const struct cfg_region moved_region[] = {
	{ .name = "ram", .ipa = SEEN_AT, .pa = REALLY, .size = MIB(64), .prot = RWX },
	LOW_REGION(0)
};

static const struct cfg_image moved_image[] = {
	{ .name = "test", .start = image_test_start, .end = image_test_end, .ipa = SEEN_AT },
};

static const struct cfg_vm vm[] = {
	{
		.name = "test",
		.cpu_count = 2,
		.cpu = { 0, 1 },
		.rights = ALL_RIGHTS,
		.fault_virq = 64,
		.pool_pages = TEST_POOL,
		.entry = SEEN_AT,
		.arg = REALLY,
		.region_count = ARRAY_COUNT(moved_region),
		.region = moved_region,
		.image_count = ARRAY_COUNT(moved_image),
		.image = moved_image,
	},
	OTHER_VM,
};

const struct hyp_config hyp_config = TEST_SYSTEM("t-moved", 4, vm);
