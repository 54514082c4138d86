/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor finds a contradiction on one CPU; what runs on another would have something to say soon after. */
#include "test_pair.h"

enum { REPORTS_MS = 600 }; /* t_spin.c */

static const struct cfg_vm vm[] = { TEST_VM_ARG(1, ALL_RIGHTS, 3), OTHER_VM_ARG(REPORTS_MS) };

const struct hyp_config hyp_config = TEST_SYSTEM("dss-park", 4, vm);
