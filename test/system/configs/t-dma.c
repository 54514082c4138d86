/* SPDX-License-Identifier: Apache-2.0 */
/* Real DMA, allowed and refused, also at the memory of a second partition. */
#include "test_pair.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS), OTHER_VM };

const struct hyp_config hyp_config = TEST_SYSTEM("t-dma", 4, vm);
