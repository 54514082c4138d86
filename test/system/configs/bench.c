/* SPDX-License-Identifier: Apache-2.0 */
/* What make bench measures: one small partition. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS) };

const struct hyp_config hyp_config = TEST_SYSTEM("bench", 4, vm);
