/* SPDX-License-Identifier: Apache-2.0 */
/* The message of `test`'s edu0 names the entry of `other`'s edu1 (test/system/inject/msi_foreign.c). */
#include "test_two.h"

static const struct cfg_vm vm[] = { TEST_VM_ARG(1, RIGHTS, 2), TWO_OTHER_VM };

const struct hyp_config hyp_config = TWO_SYSTEM("t-msi-foreign", vm);
