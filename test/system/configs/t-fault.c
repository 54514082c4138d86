/* SPDX-License-Identifier: Apache-2.0 */
/* Fault records, the ring, the brake on a device that faults forever; a second partition must not notice. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS), OTHER_VM };

const struct hyp_config hyp_config = TEST_SYSTEM("t-fault", 4, vm);
