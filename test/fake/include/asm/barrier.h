/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

void fake_barrier(void);

static inline void arch_mb(void)
{
	fake_barrier();
}

static inline void arch_dma_wmb(void)
{
	fake_barrier();
}

static inline void arch_dma_rmb(void)
{
}
