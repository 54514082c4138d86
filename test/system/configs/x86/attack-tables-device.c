/* SPDX-License-Identifier: Apache-2.0 */
/* Partition `test` puts its page tables into the local APIC's page; `other` must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(2, ALL_RIGHTS, 3), OTHER_VM_PUNCTUAL };

const struct hyp_config hyp_config = TEST_SYSTEM("attack-tables-device", 4, vm);
