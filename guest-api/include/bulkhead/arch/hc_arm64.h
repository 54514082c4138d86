/* SPDX-License-Identifier: Apache-2.0 */
/* <bulkhead/hc.h> for arm64: HVC #0. Nothing in here for other compilers. */
#pragma once

#include <stdbool.h>

#include <bulkhead/abi.h>
#include <bulkhead/hc_regs.h>

#if defined(__aarch64__)

/* Works at EL1 only: HVC is undefined at EL0. Memory may change (argument page), so it is a barrier for C. */
static inline int64_t bh_call(struct bh_regs *r)
{
	register uint64_t x0 __asm__("x0") = r->x[0];
	register uint64_t x1 __asm__("x1") = r->x[1];
	register uint64_t x2 __asm__("x2") = r->x[2];
	register uint64_t x3 __asm__("x3") = r->x[3];
	register uint64_t x4 __asm__("x4") = r->x[4];
	register uint64_t x5 __asm__("x5") = r->x[5];
	register uint64_t x6 __asm__("x6") = r->x[6];
	register uint64_t x7 __asm__("x7") = r->x[7];

	__asm__ volatile("hvc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
			 :
			 : "memory");
	*r = (struct bh_regs){ { x0, x1, x2, x3, x4, x5, x6, x7 } };
	return (int64_t)x0;
}

/* Bulkhead is below us: everybody who answers HVC answers this one. */
static inline bool bh_present(void)
{
	struct bh_regs r = { { BH_SMCCC_CALL_UID, 0, 0, 0, 0, 0, 0, 0 } };

	bh_call(&r);
	return (uint32_t)r.x[0] == BH_UID0 && (uint32_t)r.x[1] == BH_UID1 && (uint32_t)r.x[2] == BH_UID2 &&
	       (uint32_t)r.x[3] == BH_UID3;
}

/* Which vCPU of the partition this is. */
static inline unsigned bh_vcpu_index(void)
{
	uint64_t mpidr;

	__asm__("mrs %0, mpidr_el1" : "=r"(mpidr));
	return (unsigned)(mpidr & 0xff);
}

#endif
