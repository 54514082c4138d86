/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <asm/percpu.h>
#include <hyp/types.h>

static inline unsigned arch_cpu_this(void)
{
	return (unsigned)percpu_this()->id;
}

static inline void arch_cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}
