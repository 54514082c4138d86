/* SPDX-License-Identifier: Apache-2.0 */
/* `test` owns edu0 and maps; `other` owns nothing, is the monitor, and looks at what was mapped. */
#include "test_pair.h"

static const struct cfg_vm vm[] = {
	TEST_VM(1, CFG_VM_ATTACH | CFG_VM_TARGET),
	{
		.name = "other",
		.cpu_count = 1,
		.cpu = { 2 },
		.rights = CFG_VM_ATTACH | CFG_VM_MONITOR,
		.fault_virq = 65,
		.pool_pages = OTHER_POOL,
		.entry = OTHER_BASE,
		.arg = 1,
		.region_count = ARRAY_COUNT(other_region),
		.region = other_region,
		.image_count = ARRAY_COUNT(other_image),
		.image = other_image,
	},
};

const struct hyp_config hyp_config = TEST_SYSTEM("t-debug", 4, vm);
