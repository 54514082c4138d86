/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GIC's system registers, one inline function each; the unit tests have their own version of this file.
 * Encoded names, because assemblers know the others only with some -march options.
 */
#pragma once

#include <asm/barrier.h>
#include <asm/sysreg.h>
#include <hyp/types.h>

#define GIC_SYSREG_RO(fn, name)                     \
	static inline uint64_t fn##_read(void)      \
	{                                           \
		return sysreg_read(name);           \
	}
#define GIC_SYSREG_WO(fn, name)                     \
	static inline void fn##_write(uint64_t v)   \
	{                                           \
		sysreg_write(name, v);              \
	}
#define GIC_SYSREG_RW(fn, name) GIC_SYSREG_RO(fn, name) GIC_SYSREG_WO(fn, name)

GIC_SYSREG_WO(icc_pmr, S3_0_C4_C6_0)
GIC_SYSREG_WO(icc_dir, S3_0_C12_C11_1)
GIC_SYSREG_WO(icc_sgi1r, S3_0_C12_C11_5)
GIC_SYSREG_RO(icc_iar1, S3_0_C12_C12_0)
GIC_SYSREG_WO(icc_eoir1, S3_0_C12_C12_1)
GIC_SYSREG_WO(icc_bpr1, S3_0_C12_C12_3)
GIC_SYSREG_WO(icc_ctlr, S3_0_C12_C12_4)
GIC_SYSREG_WO(icc_sre_el1, S3_0_C12_C12_5)
GIC_SYSREG_WO(icc_igrpen1, S3_0_C12_C12_7)
GIC_SYSREG_RW(icc_sre_el2, S3_4_C12_C9_5)

GIC_SYSREG_WO(ich_ap0r0, S3_4_C12_C8_0)
GIC_SYSREG_WO(ich_ap0r1, S3_4_C12_C8_1)
GIC_SYSREG_WO(ich_ap0r2, S3_4_C12_C8_2)
GIC_SYSREG_WO(ich_ap0r3, S3_4_C12_C8_3)
GIC_SYSREG_WO(ich_ap1r0, S3_4_C12_C9_0)
GIC_SYSREG_WO(ich_ap1r1, S3_4_C12_C9_1)
GIC_SYSREG_WO(ich_ap1r2, S3_4_C12_C9_2)
GIC_SYSREG_WO(ich_ap1r3, S3_4_C12_C9_3)
GIC_SYSREG_WO(ich_hcr, S3_4_C12_C11_0)
GIC_SYSREG_RO(ich_vtr, S3_4_C12_C11_1)
GIC_SYSREG_RO(ich_eisr, S3_4_C12_C11_3)
GIC_SYSREG_RO(ich_elrsr, S3_4_C12_C11_5)
GIC_SYSREG_WO(ich_vmcr, S3_4_C12_C11_7)
GIC_SYSREG_RW(ich_lr0, S3_4_C12_C12_0)
GIC_SYSREG_RW(ich_lr1, S3_4_C12_C12_1)
GIC_SYSREG_RW(ich_lr2, S3_4_C12_C12_2)
GIC_SYSREG_RW(ich_lr3, S3_4_C12_C12_3)
GIC_SYSREG_RW(ich_lr4, S3_4_C12_C12_4)
GIC_SYSREG_RW(ich_lr5, S3_4_C12_C12_5)
GIC_SYSREG_RW(ich_lr6, S3_4_C12_C12_6)
GIC_SYSREG_RW(ich_lr7, S3_4_C12_C12_7)
GIC_SYSREG_RW(ich_lr8, S3_4_C12_C13_0)
GIC_SYSREG_RW(ich_lr9, S3_4_C12_C13_1)
GIC_SYSREG_RW(ich_lr10, S3_4_C12_C13_2)
GIC_SYSREG_RW(ich_lr11, S3_4_C12_C13_3)
GIC_SYSREG_RW(ich_lr12, S3_4_C12_C13_4)
GIC_SYSREG_RW(ich_lr13, S3_4_C12_C13_5)
GIC_SYSREG_RW(ich_lr14, S3_4_C12_C13_6)
GIC_SYSREG_RW(ich_lr15, S3_4_C12_C13_7)

/* What was written to ICH_* registers is what the others read from here on. */
static inline void gic_sysreg_sync(void)
{
	isb();
}
