/* SPDX-License-Identifier: Apache-2.0 */
/* <bulkhead/hc.h> for x86-64: VMMCALL or VMCALL, as CPUID says. Nothing in here for other compilers. */
#pragma once

#include <stdbool.h>

#include <bulkhead/abi.h>
#include <bulkhead/hc_regs.h>

#if defined(__x86_64__)

struct bh_cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct bh_cpuid bh_cpuid(uint32_t leaf, uint32_t sub)
{
	struct bh_cpuid r;

	__asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(sub));
	return r;
}

/* Bulkhead is below us: the instruction of a call is undefined on a bare machine, so ask first. */
static inline bool bh_present(void)
{
	struct bh_cpuid r = bh_cpuid(BH_CPUID_VENDOR, 0);

	return r.eax >= BH_CPUID_VERSION && r.ebx == BH_CPUID_EBX && r.ecx == BH_CPUID_ECX && r.edx == BH_CPUID_EDX;
}

enum bh_insn { BH_INSN_UNKNOWN, BH_INSN_VMMCALL, BH_INSN_VMCALL };

extern enum bh_insn bh_insn;       /* hc.c */
enum bh_insn bh_insn_choose(void); /* asks CPUID and sets it */

/* Works at CPL 0 only: #UD elsewhere. Memory may change (argument page), so it is a barrier for C. */
static inline int64_t bh_call(struct bh_regs *r)
{
	/* First, because the registers below must not be in use during a call of C. */
	bool vmcall = (bh_insn != BH_INSN_UNKNOWN ? bh_insn : bh_insn_choose()) == BH_INSN_VMCALL;
	uint64_t x0 = r->x[0], x1 = r->x[1], x2 = r->x[2], x3 = r->x[3], x4 = r->x[4];
	register uint64_t x5 __asm__("r8") = r->x[5];
	register uint64_t x6 __asm__("r9") = r->x[6];
	register uint64_t x7 __asm__("r10") = r->x[7];

	if (vmcall) {
		__asm__ volatile("vmcall"
				 : "+a"(x0), "+D"(x1), "+S"(x2), "+d"(x3), "+c"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
				 :
				 : "memory");
	} else {
		__asm__ volatile("vmmcall"
				 : "+a"(x0), "+D"(x1), "+S"(x2), "+d"(x3), "+c"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
				 :
				 : "memory");
	}
	*r = (struct bh_regs){ { x0, x1, x2, x3, x4, x5, x6, x7 } };
	return (int64_t)x0;
}

/*
 * Which vCPU of the partition this is: its initial APIC id. True under any operating system, but CPUID is emulated and
 * costs more than a call: who needs it often keeps it (the runtime does, guest_vcpu()).
 */
static inline unsigned bh_vcpu_index(void)
{
	return bh_cpuid(1, 0).ebx >> 24;
}

#endif
