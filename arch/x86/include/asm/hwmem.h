/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <hyp/types.h>

static inline void arch_hwmem_store(uint64_t *p, uint64_t v)
{
	*(volatile uint64_t *)p = v;
}

static inline uint64_t arch_hwmem_load(const uint64_t *p)
{
	return *(const volatile uint64_t *)p;
}
