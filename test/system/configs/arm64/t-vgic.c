/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual interrupt controller and the virtual timer. */
#include "test_system.h"

static const struct cfg_vm vm[] = { TEST_VM(2, ALL_RIGHTS) };

const struct hyp_config hyp_config = TEST_SYSTEM("t-vgic", 4, vm);
