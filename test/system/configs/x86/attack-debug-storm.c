/* SPDX-License-Identifier: Apache-2.0 */
/* Partition `test` is lost in debug exceptions on both vCPUs; `other` must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(2, ALL_RIGHTS, 11), OTHER_VM };

const struct hyp_config hyp_config = TEST_SYSTEM("attack-debug-storm", 4, vm);
