/* SPDX-License-Identifier: Apache-2.0 */
/* Partition `test` starts its second vCPU where no memory is; `other` must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(2, ALL_RIGHTS, 4), OTHER_VM_PUNCTUAL };

const struct hyp_config hyp_config = TEST_SYSTEM("attack-sipi-nowhere", 4, vm);
