/* SPDX-License-Identifier: Apache-2.0 */
/* Message-signalled interrupts: `test` tries them and forges some with edu0, `other` with edu1 must not notice. */
#include "test_two.h"

static const struct cfg_vm vm[] = { TEST_VM(2, RIGHTS), TWO_OTHER_VM };

const struct hyp_config hyp_config = TWO_SYSTEM("t-msi", vm);
