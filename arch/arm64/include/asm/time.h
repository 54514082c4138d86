/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <hyp/types.h>

static inline uint64_t arch_time_ticks(void)
{
	uint64_t v;

	__asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(v)::"memory");
	return v;
}
