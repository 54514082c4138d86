/* SPDX-License-Identifier: Apache-2.0 */
/* A partition that restarts itself, and is told where its memory ends; the other must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(2, ALL_RIGHTS, TEST_BASE + MIB(64)), OTHER_VM };

const struct hyp_config hyp_config = TEST_SYSTEM("t-scrub", 4, vm);
