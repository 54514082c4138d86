/* SPDX-License-Identifier: Apache-2.0 */
/* System registers, addresses and instructions that are not the guest's. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS) };

const struct hyp_config hyp_config = TEST_SYSTEM("t-traps", 4, vm);
