/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypercall instruction: bh_call(), bh_present(), bh_vcpu_index(). Numbers and registers: <bulkhead/abi.h>; every
 * call with its errors: README.md.
 */
#pragma once

#include <bulkhead/abi.h>
#include <bulkhead/hc_regs.h>

#if defined(__aarch64__)
#include <bulkhead/arch/hc_arm64.h>
#elif defined(__x86_64__)
#include <bulkhead/arch/hc_x86.h>
#else
#error "no hypercall instruction for this architecture yet"
#endif

/* Call n with up to three arguments; only the status comes back. */
static inline int64_t bh_hc(enum bh_hc n, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct bh_regs r = { { BH_HC(n), a1, a2, a3, 0, 0, 0, 0 } };

	return bh_call(&r);
}
