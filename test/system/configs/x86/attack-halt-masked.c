/* SPDX-License-Identifier: Apache-2.0 */
/* Partition `test` sleeps on both vCPUs and lets nothing wake it; `other` must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(2, ALL_RIGHTS, 9), OTHER_VM_PUNCTUAL };

const struct hyp_config hyp_config = TEST_SYSTEM("attack-halt-masked", 4, vm);
