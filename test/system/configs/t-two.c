/* SPDX-License-Identifier: Apache-2.0 */
/* Two partitions that run the same guest; edu0 belongs to one, edu1 to the other; neither is a monitor. */
#include "test_two.h"

static const struct cfg_vm vm[] = { TEST_VM(1, RIGHTS), TWO_OTHER_VM };

const struct hyp_config hyp_config = TWO_SYSTEM("t-two", vm);
