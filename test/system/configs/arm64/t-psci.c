/* SPDX-License-Identifier: Apache-2.0 */
/* Power control of virtual CPUs and of the partition. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS) };

const struct hyp_config hyp_config = TEST_SYSTEM("t-psci", 4, vm);
