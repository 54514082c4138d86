/* SPDX-License-Identifier: Apache-2.0 */
/* The same calls from a partition that has only the right to attach. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(2, CFG_VM_ATTACH) };

const struct hyp_config hyp_config = TEST_SYSTEM("t-api-attach", 4, vm);
