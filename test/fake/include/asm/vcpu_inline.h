/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* struct vcpu begins with its struct arch_vcpu (hyp/vm.h). */
static inline uint64_t arch_vcpu_hc_arg(const struct vcpu *vcpu, unsigned n)
{
	return ((const struct arch_vcpu *)(const void *)vcpu)->x[n + 1];
}

static inline void arch_vcpu_hc_ret(struct vcpu *vcpu, unsigned n, uint64_t v)
{
	((struct arch_vcpu *)(void *)vcpu)->x[n] = v;
}
