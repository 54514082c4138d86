/* SPDX-License-Identifier: Apache-2.0 */
/* Partition `test` asks for a state that no processor has; `other` must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(2, ALL_RIGHTS, 13), OTHER_VM_PUNCTUAL };

const struct hyp_config hyp_config = TEST_SYSTEM("attack-impossible", 4, vm);
