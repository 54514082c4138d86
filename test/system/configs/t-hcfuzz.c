/* SPDX-License-Identifier: Apache-2.0 */
/* Random hypercalls from one partition; the other must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS), OTHER_VM };

const struct hyp_config hyp_config = TEST_SYSTEM("t-hcfuzz", 4, vm);
