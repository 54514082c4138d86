/* SPDX-License-Identifier: Apache-2.0 */
/* Partition `test` sends IPIs from both vCPUs to both without end; `other` must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(2, ALL_RIGHTS, 7), OTHER_VM_PUNCTUAL };

const struct hyp_config hyp_config = TEST_SYSTEM("attack-ipi-storm", 4, vm);
