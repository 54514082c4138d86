/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

void fake_hwmem_store(uint64_t *p, uint64_t v);
uint64_t fake_hwmem_load(const uint64_t *p);

static inline void arch_hwmem_store(uint64_t *p, uint64_t v)
{
	fake_hwmem_store(p, v);
}

static inline uint64_t arch_hwmem_load(const uint64_t *p)
{
	return fake_hwmem_load(p);
}
