/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and stopping virtual CPUs as a PC does: INIT, SIPI, reset. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS) };

const struct hyp_config hyp_config = TEST_SYSTEM("t-smp", 4, vm);
