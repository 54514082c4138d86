/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercall instruction. Numbers and registers: <bulkhead/abi.h>; every call with its errors: README.md. */
#pragma once

#include <stdint.h>

#include <bulkhead/abi.h>

struct bh_regs {
	uint64_t x[8]; /* in: x0 function id, x1..x7 arguments; out: x0 status, x1..x7 results */
};

#if defined(__aarch64__)

/* Works at EL1 only: HVC is undefined at EL0. Memory may change (argument page), so it is a barrier for C. */
static inline int64_t bh_hvc(struct bh_regs *r)
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

/* Which vCPU of the partition this is. */
static inline unsigned bh_vcpu_index(void)
{
	uint64_t mpidr;

	__asm__("mrs %0, mpidr_el1" : "=r"(mpidr));
	return (unsigned)(mpidr & 0xff);
}

#else
#error "no hypercall instruction for this architecture yet"
#endif

/* Call n with up to three arguments; only the status comes back. */
static inline int64_t bh_hc(enum bh_hc n, uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct bh_regs r = { { BH_HC(n), a1, a2, a3, 0, 0, 0, 0 } };

	return bh_hvc(&r);
}
