/* SPDX-License-Identifier: Apache-2.0 */
/* Every hypercall of the smmu_* API and every error it documents. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS) };

const struct hyp_config hyp_config = TEST_SYSTEM("t-api", 4, vm);
