/* SPDX-License-Identifier: Apache-2.0 */
/* struct vcpu is not complete here; its first member is struct arch_vcpu. */
#pragma once

#include <asm/vcpu.h>

static inline uint64_t arch_vcpu_hc_arg(const struct vcpu *vcpu, unsigned n)
{
	return ((const struct arch_vcpu *)(const void *)vcpu)->regs.x[n + 1];
}

static inline void arch_vcpu_hc_ret(struct vcpu *vcpu, unsigned n, uint64_t v)
{
	((struct arch_vcpu *)(void *)vcpu)->regs.x[n] = v;
}
