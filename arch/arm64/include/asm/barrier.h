/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

static inline void arch_mb(void)
{
	__asm__ volatile("dsb ish" ::: "memory");
}

/* Outer shareable: the walker of an SMMU is not in our inner shareable domain. */
static inline void arch_dma_wmb(void)
{
	__asm__ volatile("dsb oshst" ::: "memory");
}

static inline void arch_dma_rmb(void)
{
	__asm__ volatile("dmb oshld" ::: "memory");
}

static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}
