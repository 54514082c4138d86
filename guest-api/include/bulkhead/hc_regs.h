/* SPDX-License-Identifier: Apache-2.0 */
/* What travels with a hypercall; which registers these are: <bulkhead/abi.h>. */
#pragma once

#include <stdint.h>

struct bh_regs {
	uint64_t x[8]; /* in: x0 function id, x1..x7 arguments; out: x0 status, x1..x7 results */
};
