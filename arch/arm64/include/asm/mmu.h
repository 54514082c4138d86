/* SPDX-License-Identifier: Apache-2.0 */
/* Our map is an identity map. */
#pragma once

#include <hyp/types.h>

enum { ARCH_S2_LEVELS = 3 }; /* 39 bits */

static inline void *arch_va(pa_t a)
{
	return (void *)(uintptr_t)a.v;
}

static inline pa_t arch_pa(const void *p)
{
	return pa((uintptr_t)p);
}

void mmu_build(void);         /* boot CPU, translation still off */
void mmu_enable(void);        /* each CPU */
