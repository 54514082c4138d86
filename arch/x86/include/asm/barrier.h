/* SPDX-License-Identifier: Apache-2.0 */
/* Stores become visible in order, loads are not reordered with loads [Intel SDM 3A 9.2.2]; write-back memory only. */
#pragma once

static inline void arch_mb(void)
{
	__asm__ volatile("mfence" ::: "memory");
}

/* A full fence after clflush, which is ordered with nothing weaker [SDM 2A CLFLUSH]. */
static inline void arch_dma_wmb(void)
{
	__asm__ volatile("mfence" ::: "memory");
}

static inline void arch_dma_rmb(void)
{
	__asm__ volatile("lfence" ::: "memory");
}
