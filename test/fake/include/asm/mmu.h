/* SPDX-License-Identifier: Apache-2.0 */
/* Physical = virtual: the host's own addresses. */
#pragma once

enum { ARCH_S2_LEVELS = 3 }; /* 39 bits */

static inline void *arch_va(pa_t a)
{
	return (void *)(uintptr_t)a.v;
}

static inline pa_t arch_pa(const void *p)
{
	return pa((uint64_t)(uintptr_t)p);
}
