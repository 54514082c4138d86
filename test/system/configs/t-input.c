/* SPDX-License-Identifier: Apache-2.0 */
/* Two partitions that read their consoles. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM(1, 0), OTHER_VM_ARG(1) };

const struct hyp_config hyp_config = TEST_SYSTEM("t-input", 4, vm);
