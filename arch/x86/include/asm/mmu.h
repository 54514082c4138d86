/* SPDX-License-Identifier: Apache-2.0 */
/* Our map is an identity map. */
#pragma once

#include <hyp/types.h>

enum { ARCH_S2_LEVELS = 4 }; /* nested paging has the host's levels [APM 2, 15.25.5] */

static inline void *arch_va(pa_t a)
{
	return (void *)(uintptr_t)a.v;
}

static inline pa_t arch_pa(const void *p)
{
	return pa((uintptr_t)p);
}
