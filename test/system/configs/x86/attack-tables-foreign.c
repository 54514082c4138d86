/* SPDX-License-Identifier: Apache-2.0 */
/* Partition `test` puts its page tables into the hypervisor's memory; `other` must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(2, ALL_RIGHTS, 2), OTHER_VM_PUNCTUAL };

const struct hyp_config hyp_config = TEST_SYSTEM("attack-tables-foreign", 4, vm);
