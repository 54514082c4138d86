/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor makes mistake 5 of test/system/inject/dss.c. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(1, ALL_RIGHTS, 5), OTHER_VM_PUNCTUAL };

const struct hyp_config hyp_config = TEST_SYSTEM("dss-data", 4, vm);
