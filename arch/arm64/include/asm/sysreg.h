/* SPDX-License-Identifier: Apache-2.0 */
/* System registers of the exception model [Arm ARM D19]. GIC registers are in gic_sysreg.h. */
#pragma once

#include <hyp/types.h>

#define sysreg_read(name)                                                      \
	({                                                                     \
		uint64_t v_;                                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(v_)::"memory");       \
		v_;                                                            \
	})

#define sysreg_write(name, value)                                              \
	do {                                                                   \
		__asm__ volatile("msr " #name ", %0" ::"r"((uint64_t)(value)) : "memory"); \
	} while (0)

/* HCR_EL2 */
#define HCR_VM    (1ull << 0)
#define HCR_FMO   (1ull << 3)
#define HCR_IMO   (1ull << 4)
#define HCR_AMO   (1ull << 5)
#define HCR_TID3  (1ull << 18)
#define HCR_TSC   (1ull << 19)
#define HCR_TIDCP (1ull << 20)
#define HCR_TACR  (1ull << 21)
#define HCR_TSW   (1ull << 22)
#define HCR_RW    (1ull << 31)
#define HCR_TLOR  (1ull << 35)
#define HCR_TERR  (1ull << 36)
#define HCR_APK   (1ull << 40)
#define HCR_API   (1ull << 41)

/* ESR_ELx */
#define ESR_EC(esr)   (((esr) >> 26) & 0x3f)
#define ESR_IL        (1ull << 25)
#define EC_UNKNOWN    0x00u
#define EC_HVC64      0x16u
#define EC_SMC64      0x17u
#define EC_SYSREG     0x18u
#define EC_IABT_LOWER 0x20u
#define EC_IABT_SAME  0x21u
#define EC_DABT_LOWER 0x24u
#define EC_DABT_SAME  0x25u

/* ISS of a data abort */
#define ISS_ISV      (1u << 24)
#define ISS_SAS(iss) (((iss) >> 22) & 3)
#define ISS_SSE      (1u << 21)
#define ISS_SRT(iss) (((iss) >> 16) & 31)
#define ISS_SF       (1u << 15)
#define ISS_FNV      (1u << 10)
#define ISS_S1PTW    (1u << 7)
#define ISS_WNR      (1u << 6)
#define ISS_FSC(iss) ((iss) & 0x3f)
#define FSC_EXTERNAL 0x10u

/* SPSR_ELx / PSTATE */
#define PSR_MODE_EL1H 0x5u
#define PSR_DAIF      0x3c0u
#define PSR_SP        0x1u
#define PSR_EL_MASK   0xcu
#define PSR_EL1       0x4u
#define PSR_AARCH32   0x10u
