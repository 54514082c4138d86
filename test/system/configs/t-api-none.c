/* SPDX-License-Identifier: Apache-2.0 */
/* The same calls from a partition without any right: it only ever hears that it has none. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(2, 0) };

const struct hyp_config hyp_config = TEST_SYSTEM("t-api-none", 4, vm);
