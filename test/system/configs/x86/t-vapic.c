/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual local APIC, I/O APIC and timer. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS) };

const struct hyp_config hyp_config = TEST_SYSTEM("t-vapic", 4, vm);
