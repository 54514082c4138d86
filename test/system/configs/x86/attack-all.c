/* SPDX-License-Identifier: Apache-2.0 */
/* Partition `test` does all that a PC lets it do wrong and that can be survived; `other` must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(2, ALL_RIGHTS, 0), OTHER_VM_PUNCTUAL };

const struct hyp_config hyp_config = TEST_SYSTEM("attack-all", 4, vm);
