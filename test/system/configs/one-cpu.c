/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest machine: one CPU, one partition. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(1, ALL_RIGHTS) };

const struct hyp_config hyp_config = TEST_SYSTEM("one-cpu", 1, vm);
